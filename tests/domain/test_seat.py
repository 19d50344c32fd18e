"""An agent's seat: which state it was in, and for how long, whatever was told first."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from domain.call.seat import SeatChange, intervals_of, occupancy, state_of

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: float, state: str, number: int = -1) -> SeatChange:
    return SeatChange(NINE + timedelta(minutes=minutes), state, number)


MORNING = (at(0, "ready"), at(10, "talking"), at(20, "after-call-work"), at(25, "away"), at(40, "ready"))


@pytest.mark.parametrize("order", list(permutations(MORNING)))
def test_each_state_holds_until_the_next_in_whatever_order_they_were_told(order: tuple[SeatChange, ...]) -> None:
    found = intervals_of(order, NINE, NINE + HOUR, NINE + HOUR)
    assert [(one.state, one.seconds / 60) for one in found] == [
        ("ready", 10), ("talking", 10), ("after-call-work", 5), ("away", 15), ("ready", 20)
    ]  # fmt: skip
    assert occupancy(found) == round(15 / 45, 4)


def test_a_span_cuts_what_began_before_it_and_goes_on_behind_it() -> None:
    found = intervals_of(MORNING, NINE + 0.25 * HOUR, NINE + 0.5 * HOUR, NINE + HOUR)
    assert [(one.state, one.seconds / 60) for one in found] == [
        ("talking", 5), ("after-call-work", 5), ("away", 5)
    ]  # fmt: skip


def test_what_still_holds_lasts_until_now() -> None:
    [one] = intervals_of([at(0, "ready")], NINE, NINE + 8 * HOUR, NINE + HOUR)
    assert (one.until, one.seconds) == (None, 3600)


def test_the_same_state_said_again_goes_on() -> None:
    found = intervals_of([at(0, "ready"), at(5, "ready"), at(9, "away")], NINE, NINE + HOUR, NINE + HOUR)
    assert [(one.state, one.seconds / 60) for one in found] == [("ready", 9), ("away", 51)]


def test_at_one_time_the_sources_own_count_decides() -> None:
    changes = [at(5, "talking", 8), at(5, "ringing", 7), at(0, "ready", 1)]
    found = intervals_of(changes, NINE, NINE + HOUR, NINE + HOUR)
    assert [one.state for one in found] == ["ready", "talking"]


@pytest.mark.parametrize(
    ("said", "state"),
    [("Ready", "ready"), ("AVAILABLE", "ready"), ("wrap_up", "after-call-work"), ("On Hold", "held"),
     ("lunch", "lunch"), ("", None), (None, None), (7, None)],
)  # fmt: skip
def test_what_others_call_a_state_is_known(said: object, state: str | None) -> None:
    assert state_of(said) == state


def test_nobody_is_busy_who_was_neither_ready_nor_at_a_call() -> None:
    assert occupancy(intervals_of([at(0, "away")], NINE, NINE + HOUR, NINE + HOUR)) is None
