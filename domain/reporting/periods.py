"""Days, weeks and months of a calendar's zone, as reports are made of them: `2026-03-02`, `2026-W10`, `2026-03`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from domain.errors import Invalid
from domain.limits.calendar import FIRST_YEAR, LAST_YEAR, Calendar

PeriodKind = Literal["daily", "weekly", "monthly"]
KINDS: Final[tuple[PeriodKind, ...]] = ("daily", "weekly", "monthly")
# What a day held is reported for a month at most; of a longer silence its weeks and months tell.
LONGEST_BACK: Final = timedelta(days=31)

_FORMS: Final[Mapping[PeriodKind, re.Pattern[str]]] = {
    "daily": re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII),
    "weekly": re.compile(r"(\d{4})-W(\d\d)", re.ASCII),
    "monthly": re.compile(r"(\d{4})-(\d\d)", re.ASCII),
}
_DAY: Final = timedelta(days=1)


class NoSuchPeriod(Invalid): ...


@dataclass(frozen=True, order=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: date
    last: date
    kind: PeriodKind

    @classmethod
    def around(cls, kind: PeriodKind, day: date) -> Period:
        """The period that the day is in."""
        if kind == "daily":
            return cls(day, day, kind)
        if kind == "weekly":
            first = day - timedelta(days=day.weekday())
            return cls(first, first + timedelta(days=6), kind)
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - _DAY, kind)

    @classmethod
    def read(cls, kind: PeriodKind, name: str) -> Period:
        """`2026-03-02` of days, `2026-W10` of weeks, `2026-03` of months. Raises `NoSuchPeriod`."""
        found = _FORMS[kind].fullmatch(name)
        year, number, *last = [int(part) for part in found.groups()] if found else [0, 0]
        try:
            if not FIRST_YEAR < year < LAST_YEAR:
                raise NoSuchPeriod("/period")
            day = date.fromisocalendar(year, number, 1) if kind == "weekly" else date(year, number, *last or [1])
        except ValueError:
            raise NoSuchPeriod("/period") from None
        return cls.around(kind, day)

    @property
    def name(self) -> str:
        if self.kind == "daily":
            return self.first.isoformat()
        if self.kind == "weekly":
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02d}"
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> Period:
        return Period.around(self.kind, self.first - _DAY)

    @property
    def following(self) -> Period:
        return Period.around(self.kind, self.last + _DAY)

    def begins_at(self, calendar: Calendar) -> datetime:
        """The first instant of its first day."""
        return calendar.start_of_day(self.first)

    def ends_at(self, calendar: Calendar) -> datetime:
        """The first instant after it."""
        return calendar.start_of_day(self.last + _DAY)


def earliest(kind: PeriodKind, first: date, today: date) -> date:
    """From which day on there are periods of this kind to tell of, where `first` is the day of the first complaint."""
    return max(first, today - LONGEST_BACK) if kind == "daily" else first


def ended_between(kind: PeriodKind, first: date, today: date) -> Iterator[Period]:
    """The periods that are over by `today`, from the one that `first` is in on; of days the last month's."""
    period = Period.around(kind, earliest(kind, first, today))
    while period.last < today:
        yield period
        period = period.following
