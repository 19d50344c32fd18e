"""Reads a calendar file: YAML text in, a validated `Calendar` out, or an error that names line and field.

code: cn                                the calendar's name, and its version as complaints pin it
version: "2026.1"
zone: Asia/Shanghai                     IANA name
workdays: [mon, tue, wed, thu, fri]
years:                                  the years whose notice is out; any other is provisional
  2026:
    - {name: 春节, from: 2026-02-15, to: 2026-02-23, make-up: [2026-02-14, 2026-02-28]}
extra:                                  closures and openings of one's own, in the same form
  - {name: 盘点, from: 2026-06-30, to: 2026-06-30}
hours: ["09:00-12:00", "22:00-06:00"]   or a mapping mon … sun and make-up; without it, the whole day
days: cn                                in place of zone, workdays and years: those of another calendar
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import yaml

from domain.limits.calendar import DAY_MINUTES, FIRST_YEAR, LAST_YEAR, ONE_DAY, Calendar, Window
from domain.limits.wrong import WrongRule
from procedures.yaml_entry import CODE, Entry, Mistake, compose

Resolve = Callable[[str], Calendar]
Hours = dict[int, tuple[Window, ...]]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAKE_UP = "make-up"
SHARED = ("zone", "workdays", "years")
LONGEST_HOLIDAY = 366
_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


class CalendarError(Mistake):
    """The calendar file is wrong at `line` (from 1), in `field` (a path such as `years.2026[1].to`)."""


@dataclass(slots=True)
class _Days:
    weekly: frozenset[int]
    holidays: dict[date, str] = field(default_factory=dict)
    make_ups: dict[date, str] = field(default_factory=dict)

    def add(self, holiday: Entry, year: int | None) -> None:
        fields = holiday.fields(("name", "from", "to", MAKE_UP))
        name = holiday.require(fields, "name").text()
        if not fields.keys() & {"from", MAKE_UP}:
            raise holiday.error("holiday-without-days")
        for day, entry in [*_days_off(holiday, fields), *_days_worked(fields)]:
            self._check(day, entry, year)
            if entry.path.startswith(f"{holiday.path}.{MAKE_UP}"):
                if day.weekday() in self.weekly:
                    raise entry.error("working-day-anyway", day=day)
                self.make_ups[day] = name
            else:
                self.holidays[day] = name

    def _check(self, day: date, entry: Entry, year: int | None) -> None:
        # A notice may begin with the last days of the year before: New Year 2019 began on 2018-12-30.
        if year is not None and day.year != year and (day.year, day.month) != (year - 1, 12):
            raise entry.error("of-another-notice", day=day, year=year)
        if taken := self.holidays.get(day) or self.make_ups.get(day):
            raise entry.error("day-taken", day=day, taken=taken)


def read_calendar(text: str, *, resolve: Resolve | None = None) -> Calendar:
    """The calendar that the YAML text describes. Raises CalendarError.

    `resolve` finds the calendar that `days:` names, raising LookupError where there is none; the version of such
    a calendar is its own followed by that of its days, since it changes with either.
    """
    top = compose(text, CalendarError)
    fields = top.fields(("code", "version", "days", "zone", "workdays", "years", "extra", "hours"))
    code, version = top.require(fields, "code").code(), top.require(fields, "version").text()
    if "days" in fields:
        source = _source(fields, resolve)
        version = f"{version}-{source.code}-{source.version}"
        zone, known = source.zone, source.known_years
        days = _Days(source.weekly, dict(source.holidays), dict(source.make_ups))
    else:
        zone = _zone(top.require(fields, "zone"))
        days = _Days(_weekly(top.require(fields, "workdays")))
        known = frozenset(_years(fields["years"], days)) if "years" in fields else None
    for entry in fields["extra"].items() if "extra" in fields else ():
        days.add(entry, None)
    hours, make_up_hours = _hours(fields["hours"], days) if "hours" in fields else ({}, ())
    try:
        return Calendar(code, version, zone, days.weekly, days.holidays, days.make_ups, hours, make_up_hours, known)
    except WrongRule as wrong:
        raise fields.get("hours", top).error(wrong.code, **wrong.facts) from None


@cache
def ready_calendar(code: str) -> Calendar:
    """One of the calendars that come with the product: `cn` or `cn-office`. Raises LookupError, CalendarError."""
    file = files("procedures") / "calendars" / f"{code}.yaml"
    if not CODE.fullmatch(code) or not file.is_file():
        raise LookupError(f"There is no calendar {code}.")
    return read_calendar(file.read_text("utf-8"), resolve=ready_calendar)


def _source(fields: dict[str, Entry], resolve: Resolve | None) -> Calendar:
    entry = fields["days"]
    if taken := [name for name in SHARED if name in fields]:
        raise fields[taken[0]].error("days-shared", field=taken[0], calendar=entry.text())
    try:
        if resolve is None:
            raise LookupError
        return resolve(entry.text())
    except LookupError:
        raise entry.error("no-calendar", calendar=entry.text()) from None


def _zone(entry: Entry) -> str:
    try:
        return ZoneInfo(entry.text()).key
    except (OSError, ValueError, LookupError):
        raise entry.error("no-zone", text=entry.text()) from None


def _weekly(entry: Entry) -> frozenset[int]:
    weekdays = frozenset(_weekday(item) for item in entry.items())
    if not weekdays:
        raise entry.error("no-weekday-worked")
    return weekdays


def _weekday(entry: Entry) -> int:
    if entry.text() not in WEEKDAYS:
        raise entry.error("no-weekday", text=entry.text(), known=WEEKDAYS)
    return WEEKDAYS.index(entry.text())


def _years(entry: Entry, days: _Days) -> Iterator[int]:
    for name, notice in entry.fields().items():
        if not (name.isascii() and name.isdigit() and FIRST_YEAR <= int(name) <= LAST_YEAR):
            raise notice.error("no-year", text=name, first=FIRST_YEAR, last=LAST_YEAR)
        for holiday in notice.items():
            days.add(holiday, int(name))
        yield int(name)


def _days_off(holiday: Entry, fields: dict[str, Entry]) -> Iterator[tuple[date, Entry]]:
    if not fields.keys() & {"from", "to"}:
        return
    first, last = holiday.require(fields, "from"), holiday.require(fields, "to")
    length = (last.day() - first.day()).days + 1
    if not 1 <= length <= LONGEST_HOLIDAY:
        raise last.error("days-off-backwards", most=LONGEST_HOLIDAY)
    for number in range(length):
        yield first.day() + number * ONE_DAY, first


def _days_worked(fields: dict[str, Entry]) -> Iterator[tuple[date, Entry]]:
    for entry in fields[MAKE_UP].items() if MAKE_UP in fields else ():
        yield entry.day(), entry


def _hours(entry: Entry, days: _Days) -> tuple[Hours, tuple[Window, ...]]:
    if isinstance(entry.node, yaml.SequenceNode):
        windows = _windows(entry)
        return dict.fromkeys(days.weekly, windows), windows
    fields = entry.fields((*WEEKDAYS, MAKE_UP))
    for weekday in sorted(days.weekly):
        entry.require(fields, WEEKDAYS[weekday])
    make_up_hours = _windows(fields[MAKE_UP]) if MAKE_UP in fields else ()
    return {WEEKDAYS.index(name): _windows(fields[name]) for name in WEEKDAYS if name in fields}, make_up_hours


def _windows(entry: Entry) -> tuple[Window, ...]:
    windows = [_window(item) for item in entry.items()]
    if not windows:
        raise entry.error("no-window")
    for (index, before), (_, after) in pairwise(enumerate(windows)):
        if after.opens < before.closes:
            raise entry.items()[index + 1].error("window-too-early", after=after, before=before)
    return tuple(windows)


def _window(entry: Entry) -> Window:
    found = _WINDOW.fullmatch(entry.text())
    if found is None:
        raise entry.error("no-hours", text=entry.text())
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if closes > DAY_MINUTES:
        raise entry.error("after-midnight")
    return Window(opens, closes if closes > opens else closes + DAY_MINUTES)
