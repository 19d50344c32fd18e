"""Weeks and months, as reports are made of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.reporting.periods import KINDS, NoSuchPeriod, Period, PeriodKind, ended_between
from tests.facts import on
from tests.spec import CN

DAYS = st.dates(date(1970, 1, 2), date(2500, 1, 1))


@pytest.mark.parametrize(
    ("kind", "name", "first", "last"),
    [
        ("weekly", "2026-W10", date(2026, 3, 2), date(2026, 3, 8)),
        ("weekly", "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),  # ISO 8601: the week of the first Thursday
        ("weekly", "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("daily", "2026-03-02", date(2026, 3, 2), date(2026, 3, 2)),
        ("daily", "2028-02-29", date(2028, 2, 29), date(2028, 2, 29)),
        ("monthly", "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("monthly", "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("monthly", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(kind: PeriodKind, name: str, first: date, last: date) -> None:
    period = Period.read(kind, name)
    assert (period.first, period.last, period.name) == (first, last, name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("daily", "2026-02-29"), ("daily", "2026-3-2"), ("daily", "2026-W10"), ("daily", "2026-03"),
        ("weekly", "2025-W53"), ("weekly", "2026-W00"), ("weekly", "2026-10"), ("weekly", "2026-w10"),
        ("monthly", "2026-13"), ("monthly", "2026-00"), ("monthly", "2026-W10"), ("monthly", "0000-01"),
        ("monthly", "9999-12"), ("monthly", "２０２６-03"), ("monthly", ""),
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(kind: PeriodKind, name: str) -> None:
    with pytest.raises(NoSuchPeriod):
        Period.read(kind, name)


@for_all(DAYS, st.sampled_from(KINDS))
def test_every_day_lies_in_one_period_that_its_name_leads_back_to(day: date, kind: PeriodKind) -> None:
    period = Period.around(kind, day)
    assert period.first <= day <= period.last
    assert Period.read(kind, period.name) == period


@for_all(DAYS, st.sampled_from(KINDS))
def test_periods_follow_each_other_without_a_gap(day: date, kind: PeriodKind) -> None:
    period = Period.around(kind, day)
    assert (period.following.first - period.last).days == (period.first - period.before.last).days == 1
    assert period.following.before == period.before.following == period


def test_a_period_begins_and_ends_at_midnight_in_the_zone_of_the_calendar() -> None:
    week = Period.read("weekly", "2026-W10")
    assert (week.begins_at(CN), week.ends_at(CN)) == (on("2026-03-02", "00:00"), on("2026-03-09", "00:00"))


def test_only_periods_that_are_over_have_ended() -> None:
    def names(today: date) -> list[str]:
        return [period.name for period in ended_between("weekly", date(2026, 3, 4), today)]

    assert names(date(2026, 3, 8)) == []  # the Sunday is not over yet
    assert names(date(2026, 3, 9)) == ["2026-W10"]
    assert names(date(2026, 3, 25)) == ["2026-W10", "2026-W11", "2026-W12"]


def test_of_a_long_silence_the_days_of_the_last_month_are_told_of_and_every_week() -> None:
    today = date(2026, 6, 1)
    days = list(ended_between("daily", date(2026, 1, 1), today))
    assert (days[0].first, days[-1].first, len(days)) == (date(2026, 5, 1), date(2026, 5, 31), 31)
    assert len(list(ended_between("weekly", date(2026, 1, 1), today))) == 22
    assert [one.name for one in ended_between("daily", date(2026, 5, 30), today)] == ["2026-05-30", "2026-05-31"]
