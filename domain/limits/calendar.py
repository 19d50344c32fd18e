"""Working calendars: which days and hours count, and how working time adds up.

Instants go in timezone-aware and come out in UTC. A wall-clock time that the zone skips means the moment the
clocks jump; one that the zone shows twice means its first showing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from domain.limits.wrong import WrongRule

DayKind = Literal["workday", "weekend", "holiday", "make-up"]

Found = TypeVar("Found")
MOST_KEPT: Final = 4096

DAY_MINUTES = 24 * 60
ONE_DAY = timedelta(days=1)
# Arithmetic stays clear of the ends of `datetime`, where every zone conversion may overflow.
FIRST_YEAR, LAST_YEAR = 1900, 2999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class OutsideCalendar(ValueError):
    """The time lies outside the years 1900 to 2999: give a time within them."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Opening hours of one working day, in minutes after its local midnight; past 1440 means the next morning."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY_MINUTES and self.opens < self.closes <= self.opens + DAY_MINUTES):
            raise ValueError(f"A window opens before 24:00 and closes within a day of opening, not {self}.")

    def __str__(self) -> str:
        closes = self.closes if self.closes <= DAY_MINUTES else self.closes - DAY_MINUTES
        return f"{self.opens // 60:02d}:{self.opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


WHOLE_DAY = (Window(0, DAY_MINUTES),)


class WorkingInterval(NamedTuple):
    """A stretch of working time, in UTC, and the local day whose hours it belongs to."""

    day: date
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class _Year:
    """One local year, in microseconds since the epoch; `worked[i]` is the working time up to `closes[i]`."""

    number: int
    workdays: list[int]
    days: list[int]
    opens: list[int]
    closes: list[int]
    worked: list[int]

    @property
    def total(self) -> int:
        return self.worked[-1] if self.worked else 0

    def worked_until(self, at: int) -> int:
        index = bisect_right(self.opens, at) - 1
        return self.worked[index] - max(0, self.closes[index] - at) if index >= 0 else 0


@dataclass(frozen=True)
class Calendar:
    """The days and hours that count for a limit; equal to another of the same code and version.

    `weekly` holds weekdays (Monday is 0). `holidays` are taken from it and `make_ups` (make-up workdays, 调休)
    added to it, each with its name. `hours` gives the windows of a weekday, `make_up_hours` those of a make-up
    day whose weekday has none; without `hours` a working day lasts from 00:00 to 24:00. `known_years` are the
    years whose notice is in the data; None says that no year waits for one.
    Raises ValueError where these contradict each other.
    """

    code: str
    version: str
    zone: str = field(compare=False)
    weekly: frozenset[int] = field(default=frozenset(range(5)), compare=False)
    holidays: Mapping[date, str] = field(default_factory=dict, compare=False, repr=False)
    make_ups: Mapping[date, str] = field(default_factory=dict, compare=False, repr=False)
    hours: Mapping[int, tuple[Window, ...]] = field(default_factory=dict, compare=False, repr=False)
    make_up_hours: tuple[Window, ...] = field(default=(), compare=False, repr=False)
    known_years: frozenset[int] | None = field(default=None, compare=False, repr=False)
    _tz: ZoneInfo = field(init=False, compare=False, repr=False)
    _years: dict[int, _Year] = field(init=False, compare=False, repr=False, default_factory=dict)
    _worked_out: dict[Hashable, Any] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tz", ZoneInfo(self.zone))
        if not self.weekly or not self.weekly <= set(range(7)):
            raise WrongRule("no-weekday-in-calendar")
        if both := self.holidays.keys() & self.make_ups.keys():
            raise WrongRule("holiday-and-make-up", day=min(both))
        if self.hours:
            self._check_hours()

    def _check_hours(self) -> None:
        if missing := [day for day in sorted(self.weekly) if not self.hours.get(day)]:
            raise WrongRule("weekday-without-hours", weekday=missing[0])
        if not self.make_up_hours and (bare := [day for day in self.make_ups if not self.hours.get(day.weekday())]):
            raise WrongRule("make-up-without-hours", day=min(bare))
        week = [self.hours.get(weekday) or self.make_up_hours for weekday in range(7)]
        for windows in week:
            for before, after in pairwise(windows):
                if after.opens < before.closes:
                    raise WrongRule("hours-overlap", before=before, after=after)
        for today, tomorrow in pairwise([*week, week[0]]):
            if today and tomorrow and today[-1].closes - DAY_MINUTES > tomorrow[0].opens:
                raise WrongRule("hours-into-next-day", today=today[-1], tomorrow=tomorrow[0])

    # Days

    def is_workday(self, day: date) -> bool:
        return day in self.make_ups or (day.weekday() in self.weekly and day not in self.holidays)

    def day_kind(self, day: date) -> DayKind:
        if day in self.make_ups:
            return "make-up"
        if day in self.holidays:
            return "holiday"
        return "workday" if day.weekday() in self.weekly else "weekend"

    def day_name(self, day: date) -> str | None:
        """The holiday that the day is part of or is worked for, None on an ordinary day."""
        return self.make_ups.get(day) or self.holidays.get(day)

    def provisional(self, day: date) -> bool:
        """Whether the notice for the day's year is still to come, so that the day may yet change its kind."""
        return self.known_years is not None and day.year not in self.known_years

    def windows(self, day: date) -> tuple[Window, ...]:
        """The hours of the day; the whole day where the calendar names none, nothing on a day off."""
        if not self.is_workday(day):
            return ()
        return (self.hours.get(day.weekday()) or self.make_up_hours) if self.hours else WHOLE_DAY

    def local_date(self, instant: datetime) -> date:
        return _aware(instant).astimezone(self._tz).date()

    def start_of_day(self, day: date) -> datetime:
        """The day's local midnight."""
        return self._instant(day, 0)

    def end_of_day(self, day: date) -> datetime:
        """24:00, or the close of business on a working day of a calendar that names hours."""
        windows = self.windows(day)
        return self._instant(day, windows[-1].closes if windows else DAY_MINUTES)

    def at_clock(self, day: date, clock: time) -> datetime:
        """The first instant of the day at which its clocks show this time, or more."""
        return self._instant(day, clock.hour * 60 + clock.minute)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is never counted; `count` is at least 1."""
        if count < 1:
            raise ValueError("Count at least one working day.")
        year = self._year(day.year)
        index = bisect_right(year.workdays, day.toordinal()) + count - 1
        while index >= len(year.workdays):
            index -= len(year.workdays)
            year = self._year(year.number + 1)
        return date.fromordinal(year.workdays[index])

    def next_workday(self, day: date) -> date:
        """The day itself when it is worked, else the first working day after it."""
        return day if self.is_workday(day) else self.add_working_days(day, 1)

    def kept(self, key: Hashable, work_out: Callable[[], Found]) -> Found:
        """What was worked out under this key with this calendar, which never changes: the same is asked of a complaint
        each time that anything happens to it.
        """
        if key not in self._worked_out:
            if len(self._worked_out) >= MOST_KEPT:
                self._worked_out.clear()
            self._worked_out[key] = work_out()
        found: Found = self._worked_out[key]
        return found

    # Working time

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; zero when `end` is not after `start`."""
        if end <= start:
            return timedelta(0)
        first, last = self._year_of(start), self._year_of(end)
        worked = last.worked_until(_micros(end)) - first.worked_until(_micros(start))
        worked += sum(self._year(number).total for number in range(first.number, last.number))
        return timedelta(microseconds=worked)

    def add_working_time(self, start: datetime, duration: timedelta) -> datetime:
        """The first instant by which `duration` of working time has passed since `start`."""
        return self._advance(start, duration, resume=False) if duration else _aware(start).astimezone(UTC)

    def resume_after(self, start: datetime, duration: timedelta) -> datetime:
        """The last such instant: always within working hours, so a time that falls on a close waits for the opening."""
        return self._advance(start, duration, resume=True)

    def working_intervals(self, start: datetime, end: datetime) -> Iterator[WorkingInterval]:
        """The working time between two instants, in order and cut to them."""
        if end <= start:
            return
        low, high = _micros(start), _micros(end)
        for number in range(self._year_of(start).number, self._year_of(end).number + 1):
            year = self._year(number)
            for index in range(bisect_right(year.closes, low), bisect_left(year.opens, high)):
                opens, closes = max(low, year.opens[index]), min(high, year.closes[index])
                yield WorkingInterval(date.fromordinal(year.days[index]), _utc(opens), _utc(closes))

    def _advance(self, start: datetime, duration: timedelta, *, resume: bool) -> datetime:
        if duration < timedelta(0):
            raise ValueError("Working time is added forward, so it cannot be negative.")
        year = self._year_of(start)
        target = year.worked_until(_micros(start)) + duration // _MICROSECOND
        while target > year.total or (resume and target == year.total):
            target -= year.total
            year = self._year(year.number + 1)
        index = bisect_right(year.worked, target) if resume else bisect_left(year.worked, target)
        return _utc(year.closes[index] - (year.worked[index] - target))

    def _year_of(self, instant: datetime) -> _Year:
        return self._year(self.local_date(instant).year)

    def _year(self, number: int) -> _Year:
        return self._years.get(number) or self._years.setdefault(number, self._build(number))

    def _build(self, number: int) -> _Year:
        if not FIRST_YEAR <= number <= LAST_YEAR:
            raise OutsideCalendar(OutsideCalendar.__doc__)
        year = _Year(number, [], [], [], [], [])
        begins = _micros(self.start_of_day(date(number, 1, 1)))
        ends = _micros(self.start_of_day(date(number + 1, 1, 1)))
        new_year = date(number, 1, 1).toordinal()
        worked = 0
        # The night shift of 31 December reaches into this year, so the walk begins one day early.
        for ordinal in range(new_year - 1, date(number, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if ordinal >= new_year and self.is_workday(day):
                year.workdays.append(ordinal)
            for window in self.windows(day):
                opens = max(begins, _micros(self._instant(day, window.opens)))
                closes = min(ends, _micros(self._instant(day, window.closes)))
                if opens < closes:
                    worked += closes - opens
                    for column, value in zip(_columns(year), (ordinal, opens, closes, worked), strict=True):
                        column.append(value)
        return year

    def _instant(self, day: date, minutes: int) -> datetime:
        """The first instant at which local clocks show `minutes` after the day's midnight, or more."""
        shown = datetime.combine(day, time.min) + timedelta(minutes=minutes)
        instant = shown.replace(tzinfo=self._tz).astimezone(UTC)
        if self._shown(instant) == shown:
            return instant
        before = shown.replace(tzinfo=self._tz, fold=1).astimezone(UTC)
        while instant - before > _MICROSECOND:
            middle = before + (instant - before) // 2
            before, instant = (before, middle) if self._shown(middle) >= shown else (middle, instant)
        return instant

    def _shown(self, instant: datetime) -> datetime:
        return instant.astimezone(self._tz).replace(tzinfo=None)


def _columns(year: _Year) -> tuple[list[int], list[int], list[int], list[int]]:
    return year.days, year.opens, year.closes, year.worked


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("Give the time with its zone or offset.")
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise OutsideCalendar(OutsideCalendar.__doc__)
    return instant


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _utc(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
