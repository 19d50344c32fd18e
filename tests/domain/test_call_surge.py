"""When the calls of an hour are a surge: more than so many times what is usual, and enough of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.procedure.call_surge import CallSurge, SurgeRule, hour_of, same_hours_before, surge_in

TEN: Final = datetime(2026, 3, 16, 10, tzinfo=UTC)
TWICE: Final = SurgeRule(multiple=2, at_least=30, days=14)


def counted(today: int, *before: int) -> dict[datetime, int]:
    """Calls of this hour today, and on the days before, the nearest first."""
    return {TEN: today, **dict(zip(same_hours_before(TEN, len(before)), before, strict=True))}


def found(calls: dict[datetime, int], rule: SurgeRule = TWICE) -> CallSurge | None:
    return surge_in("acd-1", TEN, calls, rule)


def test_more_than_twice_the_usual_is_a_surge() -> None:
    assert found(counted(41, *[20] * 14)) == CallSurge("acd-1", TEN, 41, 20.0, 14, 2)


def test_just_twice_the_usual_is_none() -> None:
    assert found(counted(40, *[20] * 14)) is None


def test_a_few_calls_in_a_quiet_hour_are_none() -> None:
    assert found(counted(29, *[1] * 14)) is None
    assert found(counted(30, *[1] * 14)) is not None


def test_usual_is_the_mean_of_the_same_hour_and_of_no_other() -> None:
    busy_at_nine = {hour - timedelta(hours=1): 500 for hour in same_hours_before(TEN, 14)}
    assert found({**counted(50, *[20] * 14), **busy_at_nine}) is not None


def test_days_longer_ago_do_not_count() -> None:
    assert found(counted(41, *[20] * 14, *[500] * 7)) is not None


@pytest.mark.parametrize(("days", "is_one"), [(6, False), (7, True)])
def test_with_less_than_half_of_the_days_nothing_is_usual_yet(days: int, is_one: bool) -> None:
    assert (found(counted(500, *[20] * days)) is not None) is is_one


def test_days_that_were_not_counted_are_left_out_of_the_mean() -> None:
    calls = counted(41, *[20] * 14)
    for day in (2, 5, 9):
        del calls[TEN - timedelta(days=day)]
    surge = found(calls)
    assert surge is not None
    assert (surge.usual, surge.days) == (20.0, 11)


def test_an_hour_begins_at_its_full_hour() -> None:
    assert hour_of(datetime.fromisoformat("2026-03-16T18:59:59.9+08:00")) == TEN


@given(st.integers(0, 500), st.integers(0, 500), st.lists(st.integers(0, 200), max_size=14))
def test_more_calls_never_end_a_surge(fewer: int, more: int, before: list[int]) -> None:
    low, high = sorted((fewer, more))
    if found(counted(low, *before)) is not None:
        assert found(counted(high, *before)) is not None
