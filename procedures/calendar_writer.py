"""Writes a calendar as a file that needs no other: what `days:` took from another calendar is written out."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from domain.limits.calendar import ONE_DAY, Calendar
from procedures.calendar_reader import LONGEST_HOLIDAY, MAKE_UP, WEEKDAYS


class _Plain(yaml.SafeDumper):
    """Writes equal values out each time: calendar files have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_calendar(calendar: Calendar) -> str:
    """YAML text from which `read_calendar` alone gives the same calendar, with the same version."""
    known = sorted(calendar.known_years or ())
    entries = [*_days_off(calendar.holidays), *_days_worked(calendar.make_ups)]
    fields: dict[str, Any] = {
        "code": calendar.code,
        "version": calendar.version,
        "zone": calendar.zone,
        "workdays": [WEEKDAYS[weekday] for weekday in sorted(calendar.weekly)],
    }
    if calendar.known_years is not None:
        fields["years"] = {year: [entry for of, entry in entries if of == year] for year in known}
    if extra := [entry for of, entry in entries if of not in known]:
        fields["extra"] = extra
    if calendar.hours:
        hours = {WEEKDAYS[weekday]: list(map(str, windows)) for weekday, windows in sorted(calendar.hours.items())}
        make_up = {MAKE_UP: list(map(str, calendar.make_up_hours))} if calendar.make_up_hours else {}
        fields["hours"] = {**hours, **make_up}
    return yaml.dump(fields, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)


def _days_off(holidays: Mapping[date, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each unbroken run of days with one name, within one year, and that year."""
    run: list[date] = []
    for day in sorted(holidays):
        if run and not _continues(run, day, holidays):
            yield run[0].year, {"name": holidays[run[0]], "from": run[0], "to": run[-1]}
            run = []
        run.append(day)
    if run:
        yield run[0].year, {"name": holidays[run[0]], "from": run[0], "to": run[-1]}


def _continues(run: list[date], day: date, holidays: Mapping[date, str]) -> bool:
    same = (day.year, holidays[day]) == (run[0].year, holidays[run[0]])
    return same and day - run[-1] == ONE_DAY and len(run) < LONGEST_HOLIDAY


def _days_worked(make_ups: Mapping[date, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for day in sorted(make_ups):
        yield day.year, {"name": make_ups[day], MAKE_UP: [day]}
