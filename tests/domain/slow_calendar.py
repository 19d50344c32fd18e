"""The same answers as the calendar and the limits, found by walking: minute by minute, or day by day.

It shares no code with what it checks. It keeps the highest reading that the local clock has shown so far, so
that an hour shown twice is not lived twice and an hour that is skipped is passed at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST_FOLD = 120


@dataclass(frozen=True)
class SlowCalendar:
    """`hours` gives minutes after midnight per weekday, `make_up_hours` those of weekdays it lacks."""

    zone: ZoneInfo
    is_workday: Callable[[date], bool]
    hours: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    make_up_hours: tuple[tuple[int, int], ...] = ()

    def windows(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_workday(day):
            return []
        midnight = datetime.combine(day, time.min)
        minutes = (self.hours.get(day.weekday()) or self.make_up_hours) if self.hours else ((0, 1440),)
        return [(midnight + opens * MINUTE, midnight + closes * MINUTE) for opens, closes in minutes]

    def minutes(self, start: datetime) -> Iterator[tuple[datetime, bool]]:
        """Every minute from `start` on, and whether it is worked."""
        shown = max(self._reading(start - back * MINUTE) for back in range(LONGEST_FOLD))
        today, windows = date.min, list[tuple[datetime, datetime]]()
        while True:
            shown = max(shown, self._reading(start))
            if shown.date() != today:
                today = shown.date()
                windows = self.windows(today - DAY) + self.windows(today)
            yield start, any(opens <= shown < closes for opens, closes in windows)
            start += MINUTE

    def working_minutes(self, start: datetime, end: datetime) -> int:
        worked = 0
        for instant, works in self.minutes(start):
            if instant >= end:
                return worked
            worked += works
        raise AssertionError

    def after_working_minutes(self, start: datetime, count: int) -> datetime:
        for instant, works in self.minutes(start):
            if count == 0:
                return instant
            count -= works
        raise AssertionError

    def first_shown(self, reading: datetime) -> datetime:
        """The first minute at which the local clock shows `reading` or more."""
        instant = reading.replace(tzinfo=UTC) - 15 * 60 * MINUTE
        # Up to two hours before, nothing has to be walked: no clock here is put forward by more than one.
        instant += max(reading - self._reading(instant) - 2 * 60 * MINUTE, 0 * MINUTE)
        while self._reading(instant) < reading:
            instant += MINUTE
        return instant

    def end_of_day(self, day: date) -> datetime:
        windows = self.windows(day)
        return self.first_shown(windows[-1][1] if windows else datetime.combine(day + DAY, time.min))

    def nth_workday_after(self, day: date, count: int) -> date:
        while count:
            day += DAY
            count -= self.is_workday(day)
        return day

    def workday_from(self, day: date) -> date:
        while not self.is_workday(day):
            day += DAY
        return day

    def local_date(self, instant: datetime) -> date:
        return self._reading(instant).date()

    def _reading(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)
