"""Weeks and months of a calendar's zone, as reports are made of them: `2026-W10` (ISO 8601) and `2026-03`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from domain.errors import Invalid
from domain.limits.calendar import FIRST_YEAR, LAST_YEAR, Calendar

PeriodKind = Literal["weekly", "monthly"]
KINDS: Final[tuple[PeriodKind, ...]] = ("weekly", "monthly")

_WEEK: Final = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
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
        if kind == "weekly":
            first = day - timedelta(days=day.weekday())
            return cls(first, first + timedelta(days=6), kind)
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - _DAY, kind)

    @classmethod
    def read(cls, kind: PeriodKind, name: str) -> Period:
        """`2026-W10` of weeks, `2026-03` of months. Raises `NoSuchPeriod`."""
        found = (_WEEK if kind == "weekly" else _MONTH).fullmatch(name)
        year, number = (int(found[1]), int(found[2])) if found else (0, 0)
        try:
            if not FIRST_YEAR < year < LAST_YEAR:
                raise NoSuchPeriod("/period")
            day = date.fromisocalendar(year, number, 1) if kind == "weekly" else date(year, number, 1)
        except ValueError:
            raise NoSuchPeriod("/period") from None
        return cls.around(kind, day)

    @property
    def name(self) -> str:
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


def ended_between(kind: PeriodKind, first: date, today: date) -> Iterator[Period]:
    """The periods that are over by `today`, from the one that `first` is in on."""
    period = Period.around(kind, first)
    while period.last < today:
        yield period
        period = period.following
