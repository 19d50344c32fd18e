"""The calendars that come with the product, against two libraries, and the errors of calendar files."""

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files

import chinese_calendar
import holidays
import pytest

from domain.limits.calendar import Window
from procedures.calendar_reader import CalendarError, read_calendar, ready_calendar

CN, OFFICE = ready_calendar("cn"), ready_calendar("cn-office")
YEARS = range(2018, 2027)

PARIS = """\
code: paris
version: "7"
zone: Europe/Paris
workdays: [mon, tue, wed, thu, fri]
"""


def every_day() -> Iterator[date]:
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        yield day
        day += timedelta(days=1)


def test_cn_agrees_with_chinesecalendar_on_every_day() -> None:
    assert [day for day in every_day() if CN.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_cn_agrees_with_holidays_on_every_day() -> None:
    other = holidays.country_holidays("CN", years=YEARS)
    assert [day for day in every_day() if CN.is_workday(day) != other.is_working_day(day)] == []


def test_cn_names_the_days_that_chinesecalendar_names() -> None:
    named = {day for day in chinese_calendar.constants.holidays if day.year in YEARS}
    assert {day for day in CN.holidays if day.year in YEARS} == named
    assert set(CN.make_ups) == {day for day in chinese_calendar.constants.workdays if day.year in YEARS}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 2, 14), "春节"),
        (date(2018, 12, 29), "元旦"),
        (date(2020, 2, 1), "春节"),
        (date(2020, 10, 1), "国庆节、中秋节"),
        (date(2023, 9, 29), "中秋节、国庆节"),
        (date(2026, 9, 20), "国庆节"),
        (date(2026, 3, 2), None),
    ],
)
def test_cn_gives_the_chinese_name(day: date, name: str | None) -> None:
    assert CN.day_name(day) == name


def test_cn_knows_its_years_and_calls_others_provisional() -> None:
    assert CN.known_years == frozenset(YEARS)
    assert CN.provisional(date(2027, 1, 1))
    assert CN.is_workday(date(2027, 10, 1))


def test_cn_office_has_the_days_of_cn_and_office_hours() -> None:
    assert [day for day in every_day() if CN.day_kind(day) != OFFICE.day_kind(day)] == []
    hours = (Window(540, 720), Window(810, 1080))
    assert OFFICE.windows(date(2026, 2, 14)) == OFFICE.windows(date(2026, 2, 13)) == hours
    assert OFFICE.windows(date(2026, 2, 16)) == ()
    assert OFFICE.version == f"1-cn-{CN.version}"


@pytest.mark.parametrize("code", ["nowhere", "../kf0001", "cn.yaml", ""])
def test_a_calendar_that_does_not_come_with_the_product_is_not_found(code: str) -> None:
    with pytest.raises(LookupError, match="There is no calendar"):
        ready_calendar(code)


def test_a_calendar_without_notices_has_own_closures_openings_and_hours_per_day() -> None:
    text = (
        PARIS
        + """\
extra:
  - {name: Inventaire, from: 2026-06-30, to: 2026-07-01, make-up: [2026-07-04]}
  - {name: Portes ouvertes, make-up: [2026-09-19]}
hours:
  mon: ["09:00-17:00"]
  tue: ["09:00-17:00"]
  wed: ["00:00-24:00"]
  thu: ["09:00-17:00"]
  fri: ["08:00-12:00", "22:00-06:00"]
  make-up: ["10:00-12:00"]
"""
    )
    calendar = read_calendar(text)
    assert (calendar.code, calendar.version, calendar.zone) == ("paris", "7", "Europe/Paris")
    assert calendar.holidays == {date(2026, 6, 30): "Inventaire", date(2026, 7, 1): "Inventaire"}
    assert calendar.make_ups == {date(2026, 7, 4): "Inventaire", date(2026, 9, 19): "Portes ouvertes"}
    assert calendar.known_years is None
    assert calendar.windows(date(2026, 7, 3)) == (Window(480, 720), Window(1320, 1800))
    assert calendar.windows(date(2026, 7, 4)) == (Window(600, 720),)
    assert calendar.windows(date(2026, 7, 8)) == (Window(0, 1440),)


def holiday(text: str) -> str:
    return f"{PARIS}years:\n  2026:\n    - {text}\n"


def hours(text: str) -> str:
    return f"{PARIS}hours: {text}\n"


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, "", "file is empty"),
        ("code: [", 1, "", "no YAML"),
        ("code: \x00", 1, "", "no YAML"),
        ("- cn", 1, "", "Write fields here"),
        ("code: cn", 1, "version", "missing"),
        ("code: CN\nversion: 1", 1, "code", "small letters"),
        ("code: cn\nversion: 1\nzone: Asia/Nowhere", 3, "zone", "no time zone"),
        ("code: cn\nversion: 1\nzone: ../../etc/passwd", 3, "zone", "no time zone"),
        ("code: cn\nversion: 1\nzone:", 3, "zone", "Write a text"),
        ("code: cn\nversion: 1\nzone: UTC", 1, "workdays", "missing"),
        ("code: cn\nversion: 1\nzone: UTC\nworkdays: [mon, Tue]", 4, "workdays[1]", "no weekday"),
        ("code: cn\nversion: 1\nzone: UTC\nworkdays: []", 4, "workdays", "at least one"),
        (PARIS + "holidays: []", 5, "holidays", "no such field"),
        (PARIS + "zone: UTC", 5, "zone", "second time"),
        (PARIS + "days: cn", 3, "zone", "from cn already"),
        ("code: x\nversion: 1\ndays: nowhere", 3, "days", "no calendar nowhere"),
        (PARIS + "years: {soon: []}", 5, "years.soon", "no year"),
        (PARIS + "years: {2026: 3}", 5, "years.2026", "Write a list"),
        (holiday("{from: 2026-01-01, to: 2026-01-03}"), 7, "years.2026[0].name", "missing"),
        (holiday("{name: 元旦}"), 7, "years.2026[0]", "from and to"),
        (holiday("{name: 元旦, from: 2026-01-01}"), 7, "years.2026[0].to", "missing"),
        (holiday("{name: 元旦, to: 2026-01-01}"), 7, "years.2026[0]", "from and to"),
        (holiday("{name: 元旦, from: 2026-02-30, to: 2026-03-01}"), 7, "years.2026[0].from", "no date"),
        (holiday("{name: 元旦, from: 1026-01-01, to: 2026-03-01}"), 7, "years.2026[0].from", "lie between"),
        (holiday("{name: 元旦, from: 2026-01-03, to: 2026-01-01}"), 7, "years.2026[0].to", "on or after"),
        (holiday("{name: 元旦, from: 2026-01-03, to: 2028-01-01}"), 7, "years.2026[0].to", "at most 366"),
        (holiday("{name: 元旦, from: 2025-11-30, to: 2025-12-01}"), 7, "years.2026[0].from", "notice of 2026"),
        (holiday("{name: 元旦, make-up: [2026-01-05]}"), 7, "years.2026[0].make-up[0]", "working day anyway"),
        (holiday("{name: 元旦, make-up: [2026-01-04, 2026-01-04]}"), 7, "years.2026[0].make-up[1]", "named already"),
        (
            holiday("{name: 甲, from: 2026-01-01, to: 2026-01-03}\n    - {name: 乙, make-up: [2026-01-03]}"),
            8,
            "years.2026[1].make-up[0]",
            "named already, for 甲",
        ),
        (hours("9-12"), 5, "hours", "Write fields"),
        (hours("[]"), 5, "hours", "at least one window"),
        (hours("[9-12]"), 5, "hours[0]", "no hours"),
        (hours('["09:00-24:30"]'), 5, "hours[0]", "ends at 24:00"),
        (hours('["09:00-12:00", "11:00-18:00"]'), 5, "hours[1]", "begins before"),
        (hours('["05:00-08:00", "22:00-06:00"]'), 5, "hours", "run into the next day"),
        (hours('{mon: ["09:00-12:00"]}'), 5, "hours.tue", "missing"),
        (hours('{noon: ["09:00-12:00"]}'), 5, "hours.noon", "no such field"),
    ],
)
def test_an_error_names_line_and_field(text: str, line: int, field: str, message: str) -> None:
    with pytest.raises(CalendarError, match=message) as caught:
        read_calendar(text, resolve={"cn": CN}.__getitem__)
    assert (caught.value.line, caught.value.field) == (line, field)
    assert str(caught.value).startswith(f"line {line}, {field or 'file'}: ")


def test_make_up_days_need_hours_where_weekdays_have_their_own() -> None:
    weekdays = ", ".join(f'{weekday}: ["09:00-17:00"]' for weekday in ("mon", "tue", "wed", "thu", "fri"))
    with pytest.raises(CalendarError, match="2018-02-11 is a make-up workday without hours") as caught:
        read_calendar(f"code: x\nversion: 1\ndays: cn\nhours: {{{weekdays}}}", resolve=ready_calendar)
    assert (caught.value.line, caught.value.field) == (4, "hours")


def test_a_calendar_that_shares_days_needs_somebody_to_find_them() -> None:
    text = files("procedures").joinpath("calendars/cn-office.yaml").read_text("utf-8")
    with pytest.raises(CalendarError, match="There is no calendar cn"):
        read_calendar(text)
