"""A call is what follows from the set of what was heard of it, whatever arrived first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.call.call import Call, Leg, Recording, call_of
from domain.call.events import CallEventReceived, CallPresumedEnded, TelephonyEvent
from domain.values import ActedBy

NINE: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BY: Final = ActedBy("site-a", "integration")
STREAM: Final = UUID(int=1)


def heard(type: str, second: int, *, arrived: int | None = None, sequence: str | None = None, **data: Any) -> Any:
    """An event of a call that happened so many seconds after nine, and arrived when it happened or `arrived`."""
    facts: dict[str, Any] = {
        "actor": BY, "source": "site-a", "key_id": STREAM, "type": type, "event": f"{type} {second}", "call": "c-1",
        "caller": data.get("caller"), "callee": None, "happened_at": NINE + timedelta(seconds=second),
        "sequence": sequence, "content": {"data": data, "extensions": {}}, "recognised": True, "skew_seconds": 0.0,
    }  # fmt: skip
    at = NINE + timedelta(seconds=second if arrived is None else arrived)
    return CallEventReceived(originator_id=STREAM, originator_version=1, timestamp=at, **facts)


def presumed(second: int) -> Any:
    facts: dict[str, Any] = {"actor": BY, "source": "site-a", "key_id": STREAM, "after_seconds": 14400}
    at = NINE + timedelta(seconds=second)
    return CallPresumedEnded(originator_id=STREAM, originator_version=9, timestamp=at, **facts)


WHOLE: Final[list[TelephonyEvent]] = [
    heard("call.offered", 0, caller="+861088886666", queue="complaints"),
    heard("call.ringing", 2, agent="agent-7"),
    heard("call.answered", 10, agent="agent-7"),
    heard("call.held", 40, agent="agent-7"),
    heard("call.resumed", 60, agent="agent-7"),
    heard("call.transferred", 70, agent="li-min"),
    heard("call.ended", 100, cause="caller-hung-up"),
    heard("call.satisfaction_keyed", 105, score=4),
    heard("call.recording_available", 9000, recording={"uri": "rec://1", "sha256": "ab", "seconds": 90}),
]


def test_a_call_from_the_offer_to_the_recording() -> None:
    assert call_of(WHOLE) == Call(
        direction="inbound", state="ended", caller="+861088886666", callee=None, agent="li-min",
        legs=(Leg("agent-7", NINE + timedelta(seconds=10)), Leg("li-min", NINE + timedelta(seconds=70))),
        queue="complaints", offered_at=NINE, answered_at=NINE + timedelta(seconds=10),
        ended_at=NINE + timedelta(seconds=100), wait_seconds=10.0, talk_seconds=70.0, hold_seconds=20.0,
        cause="caller-hung-up", recordings=(Recording("rec://1", "ab", 90),), score=4, complaint=None,
    )  # fmt: skip


@given(st.permutations(WHOLE))
def test_the_state_of_a_call_is_the_same_for_every_order_of_arrival(events: list[TelephonyEvent]) -> None:
    assert call_of(events) == call_of(WHOLE)


@pytest.mark.parametrize("order", list(permutations(["call.answered", "call.ended", "call.offered"])))
def test_a_late_answered_never_reopens_an_ended_call_and_still_fills_the_talk_time(order: tuple[str, ...]) -> None:
    at = {"call.offered": 0, "call.answered": 10, "call.ended": 100}
    events = [heard(type, at[type], arrived=1000 + n) for n, type in enumerate(order)]
    call = call_of(events)
    assert (call.state, call.talk_seconds, call.wait_seconds) == ("ended", 90.0, 10.0)


def test_what_happened_at_one_instant_is_ordered_by_the_source_s_own_count() -> None:
    answered, held = heard("call.answered", 5, sequence="9"), heard("call.held", 5, sequence="10")
    assert call_of([held, answered]).state == call_of([answered, held]).state == "held"


@pytest.mark.parametrize(
    ("until", "state"),
    [(1, "offered"), (2, "ringing"), (3, "talking"), (4, "held"), (5, "talking"), (6, "talking"), (7, "ended")],
)
def test_a_call_that_goes_on_is_what_happened_last(until: int, state: str) -> None:
    call = call_of(WHOLE[:until])
    assert call.state == state
    assert call.is_over is (state == "ended")


def test_a_call_that_nobody_answered_is_missed_and_has_waited() -> None:
    call = call_of([heard("call.offered", 0), heard("call.missed", 25, cause="no-answer")])
    assert (call.state, call.wait_seconds, call.talk_seconds, call.cause) == ("missed", 25.0, None, "no-answer")


def test_a_call_without_an_end_is_presumed_ended_and_a_real_end_supersedes_that() -> None:
    talking = [heard("call.offered", 0), heard("call.answered", 10)]
    call = call_of([*talking, presumed(14410)])
    assert (call.state, call.ended_at, call.talk_seconds) == ("presumed-ended", NINE + timedelta(seconds=14410), None)
    real = heard("call.ended", 60, arrived=20000)
    for events in ([*talking, presumed(14410), real], [*talking, real, presumed(14410)]):
        call = call_of(events)
        assert (call.state, call.ended_at, call.talk_seconds) == ("ended", NINE + timedelta(seconds=60), 50.0)


def test_after_call_work_goes_on_until_its_outcome_is_there() -> None:
    ended = [heard("call.answered", 0, agent="agent-7"), heard("call.ended", 60)]
    assert call_of([*ended, heard("call.wrap_up", 61)]).state == "wrapping-up"
    assert call_of([*ended, heard("call.wrap_up", 61), heard("call.wrap_up", 90, form={})]).state == "ended"


def test_a_conference_is_one_call_with_several_agents() -> None:
    events = [
        heard("call.answered", 0, agent="agent-7"), heard("call.conference_joined", 5, agent="zhao-jing"),
        heard("call.conference_joined", 9, agent="agent-7"), heard("call.ended", 20),
    ]  # fmt: skip
    assert [leg.agent for leg in call_of(events).legs] == ["agent-7", "zhao-jing"]


def test_a_recording_that_is_told_twice_is_one() -> None:
    twice = [heard("call.recording_available", n, recording={"uri": "rec://1"}) for n in (1, 2)]
    assert call_of(twice).recordings == (Recording("rec://1", None, None),)


def test_an_end_before_the_beginning_by_a_clock_that_is_wrong_leaves_no_negative_time() -> None:
    call = call_of([heard("call.offered", 30), heard("call.answered", 40), heard("call.ended", 10)])
    assert (call.state, call.talk_seconds) == ("ended", 0.0)


def test_what_says_no_time_happened_when_it_arrived() -> None:
    untimed = heard("call.offered", 7)
    object.__setattr__(untimed, "happened_at", None)
    assert call_of([untimed]).offered_at == NINE + timedelta(seconds=7)
