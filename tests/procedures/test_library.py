"""The library: packaged files as the current versions, and beside them the versions that a deployment has kept."""

from datetime import UTC, datetime

import pytest

from domain.limits.calendar import Calendar
from domain.limits.limits import WorkingDays, deadline
from procedures.calendar_reader import CalendarError, read_calendar, ready_calendar
from procedures.calendar_writer import write_calendar
from procedures.library import Library, Published, VersionChanged
from procedures.reader import ProcedureErrors, read_procedure

NIGHT_SHOP = """\
code: night-shop
version: "7"
zone: Europe/Berlin
workdays: [mon, tue, sat]
years:
  2026:
    - {name: New Year, from: 2025-12-31, to: 2026-01-02, make-up: [2026-01-04]}
    - {name: "no: 1", from: 2026-05-01, to: 2026-05-01}
extra:
  - {name: stocktaking, from: 2027-02-27, to: 2027-03-01}
hours: {mon: ["09:00-12:00", "22:00-06:00"], tue: ["13:00-24:00"], sat: ["08:00-08:00"], make-up: ["10:00-11:00"]}
"""


def ready_file(code: str) -> Published:
    library = Library.ready()
    [published] = [it for it in (*library.published_procedures, *library.published_calendars) if it.code == code]
    return published


def meaning(calendar: Calendar) -> dict[str, object]:
    return {name: getattr(calendar, name) for name in calendar.__match_args__ if not name.startswith("_")}


def test_the_packaged_files_are_the_current_versions() -> None:
    library = Library.ready()
    assert set(library.procedures) >= {"kf0001"}
    assert set(library.calendars) >= {"cn", "cn-office"}
    assert library.procedure("kf0001") is library.procedure_at("kf0001", "A/1.3")
    assert library.calendar("cn") is library.calendar_at("cn", library.calendar("cn").version)


def test_every_ready_procedure_names_a_calendar_of_the_library() -> None:
    library = Library.ready()
    assert all(library.calendar(procedure.calendar) for procedure in library.procedures.values())


def test_a_beat_that_was_missed_goes_on_beating_in_every_ready_procedure() -> None:
    rules = [(code, rule) for code, one in Library.ready().procedures.items() for rule in one.clocks]
    beats = {(code, rule.name): rule.beats_on for code, rule in rules if rule.starts & rule.stops}
    assert beats == {("market-30min", "progress"): True, ("power-95598", "follow-up"): True}


@pytest.mark.parametrize("code", ["nothing", "", "../kf0001", "KF0001"])
def test_what_is_not_in_the_library_is_a_key_error(code: str) -> None:
    library = Library.ready()
    with pytest.raises(KeyError):
        library.procedure(code)
    with pytest.raises(KeyError):
        library.calendar(code)
    with pytest.raises(KeyError):
        library.procedure_at("kf0001", code)
    with pytest.raises(KeyError):
        library.calendar_at("cn", code)


def test_what_a_library_publishes_it_takes_back_unchanged() -> None:
    library = Library.ready()
    again = library.with_published(library.published_procedures, library.published_calendars)
    assert again.published_procedures == library.published_procedures
    assert again.published_calendars == library.published_calendars


def test_the_kept_text_of_a_calendar_needs_no_other_calendar() -> None:
    for published in Library.ready().published_calendars:
        calendar = read_calendar(published.text)
        assert (calendar.code, calendar.version) == (published.code, published.version)
        assert meaning(calendar) == meaning(ready_calendar(published.code))


def test_the_version_of_a_calendar_with_the_days_of_another_names_both() -> None:
    library = Library.ready()
    assert library.calendar("cn-office").version.endswith(f"-cn-{library.calendar('cn').version}")


def test_a_calendar_written_out_says_what_the_calendar_said() -> None:
    calendar = read_calendar(NIGHT_SHOP)
    assert meaning(read_calendar(write_calendar(calendar))) == meaning(calendar)
    assert calendar.known_years == frozenset({2026})


def test_a_calendar_whose_years_never_wait_for_a_notice_stays_so_when_written_out() -> None:
    calendar = read_calendar('code: plain\nversion: "1"\nzone: UTC\nworkdays: [mon]\n')
    assert meaning(read_calendar(write_calendar(calendar))) == meaning(calendar)
    assert calendar.known_years is None


def test_an_older_version_stays_beside_the_current_one() -> None:
    older = ready_file("kf0001").text.replace("version: A/1.3", "version: A/0.9").replace("limit: 5 WD", "limit: 7 WD")
    library = Library.ready().with_published([Published("kf0001", "A/0.9", older)], [])
    [then] = [rule.limit for rule in library.procedure_at("kf0001", "A/0.9").clocks if rule.name == "capa-report"]
    [now] = [rule.limit for rule in library.procedure("kf0001").clocks if rule.name == "capa-report"]
    assert (then, now) == (WorkingDays(7), WorkingDays(5))
    assert library.procedure("kf0001").version == "A/1.3"
    assert Published("kf0001", "A/0.9", older) in library.published_procedures


def test_an_older_calendar_still_judges_by_the_days_it_knew() -> None:
    text = ready_file("cn").text.replace('version: "2026.1"', 'version: "2026.0"').replace("2026-02-14, ", "")
    library = Library.ready().with_published([], [Published("cn", "2026.0", text)])
    friday = datetime(2026, 2, 13, 8, tzinfo=UTC)
    assert deadline(WorkingDays(1), friday, library.calendar("cn")) == datetime(2026, 2, 14, 16, tzinfo=UTC)
    assert deadline(WorkingDays(1), friday, library.calendar_at("cn", "2026.0")) == datetime(
        2026, 2, 24, 16, tzinfo=UTC
    )


def test_a_procedure_that_is_packaged_no_more_is_there_for_those_pinned_to_it_and_no_others() -> None:
    gone = (
        ready_file("kf0001")
        .text.replace("code: kf0001", "code: kf0002")
        .replace("calendar: cn", "calendar: night-shop")
    )
    library = Library.ready().with_published(
        [Published("kf0002", "A/1.3", gone)], [Published("night-shop", "7", NIGHT_SHOP)]
    )
    assert library.procedure_at("kf0002", "A/1.3").calendar == "night-shop"
    assert library.calendar_at("night-shop", "7").zone == "Europe/Berlin"
    with pytest.raises(KeyError):
        library.procedure("kf0002")


def test_comments_spacing_and_the_order_of_fields_change_nothing() -> None:
    kept = ready_file("kf0001")
    head, form, tail = kept.text.partition("\nform:")
    text = f"form:{tail.partition('records:')[0]}\n# kept\n{head}\n\n\nrecords:{tail.partition('records:')[2]}"
    text = text.replace("limit: 1 WD", "limit:   '1 WD'")
    assert form
    assert text != kept.text
    again = Library.ready().with_published([Published(kept.code, kept.version, text)], [])
    assert again.procedure("kf0001") == Library.ready().procedure("kf0001")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("limit: 5 WD", "limit: 6 WD"),
        ("confirm-effect: [manager]", "confirm-effect: [agent]"),
        ("en: Finance", "en: Money"),
    ],
)
def test_a_procedure_that_changed_without_a_new_version_is_refused(old: str, new: str) -> None:
    kept = ready_file("kf0001")
    assert kept.text.count(old) == 1
    with pytest.raises(VersionChanged, match=r"kf0001 A/1\.3 says something else .* new version"):
        Library.ready().with_published([Published(kept.code, kept.version, kept.text.replace(old, new))], [])


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("cn", "make-up: [2026-02-14, 2026-02-28]", "make-up: [2026-02-28]"),
        ("cn", "zone: Asia/Shanghai", "zone: Asia/Tokyo"),
        ("cn", "workdays: [mon, ", "workdays: ["),
        ("cn-office", "mon: ['09:00-12:00'", "mon: ['08:00-12:00'"),
    ],
)
def test_a_calendar_that_changed_without_a_new_version_is_refused(code: str, old: str, new: str) -> None:
    kept = ready_file(code)
    assert kept.text.count(old) == 1
    with pytest.raises(VersionChanged, match=f"^{code} .* new version"):
        Library.ready().with_published([], [Published(kept.code, kept.version, kept.text.replace(old, new))])


def test_a_text_kept_under_another_name_or_version_is_refused() -> None:
    kept = ready_file("kf0001")
    for code, version in (("kf0002", kept.version), (kept.code, "B/1.0")):
        with pytest.raises(VersionChanged, match=r"says kf0001 A/1\.3"):
            Library.ready().with_published([Published(code, version, kept.text)], [])


def test_a_kept_procedure_is_read_also_where_nobody_may_publish_one_of_its_size_any_more() -> None:
    units = "".join(f"  u{number}: {{zh: 单位, en: Unit}}\n" for number in range(2500))
    text = ready_file("kf0001").text.replace("version: A/1.3", "version: A/0.9")
    text = text.replace("\nunits:\n", f"\nunits:\n{units}")
    kept = Library.ready().with_published([Published("kf0001", "A/0.9", text, "admin")], [])
    assert len(kept.procedure("kf0001").units) > 2500


def test_a_kept_procedure_gives_the_administrator_no_step_though_its_file_once_did() -> None:
    text = ready_file("kf0001").text.replace("version: A/1.3", "version: A/0.9")
    text = text.replace("  approve: [", "  approve: [admin, ")
    kept = Library.ready().with_published([Published("kf0001", "A/0.9", text, "admin")], [])
    assert kept.procedure("kf0001").steps == Library.ready().procedure("kf0001").steps


def test_a_kept_procedure_lets_the_administrator_into_no_circle_though_its_file_once_did() -> None:
    text = ready_file("hotline-12345").text.replace('version: "1.3"', 'version: "0.9"')
    text = text.replace("    confidential_to: [agent, ", "    confidential_to: [admin, agent, ")
    kept = Library.ready().with_published([Published("hotline-12345", "0.9", text, "admin")], [])
    assert kept.procedure("hotline-12345").confidential_to == Library.ready().procedure("hotline-12345").confidential_to
    with pytest.raises(ProcedureErrors, match="administrator"):
        read_procedure(text, calendars=("cn",))


def test_a_kept_text_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(ProcedureErrors, match="line 1, file: The file is empty"):
        Library.ready().with_published([Published("kf0001", "0", "")], [])
    with pytest.raises(CalendarError, match="line 3, days: There is no calendar cn"):
        Library.ready().with_published([], [Published("shop", "1", 'code: shop\nversion: "1"\ndays: cn\n')])
