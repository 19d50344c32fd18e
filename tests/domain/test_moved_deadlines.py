"""Deadlines move only as events: the notice of 27 January 2020, seen by complaints that were open that day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, cast

import pytest

from domain.clocks.clock import Clock
from domain.clocks.moves import days_that_differ
from domain.complaint import events
from domain.complaint.commands import MoveDeadlines
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks, move_deadlines
from domain.limits.calendar import Calendar, Window
from domain.limits.explanation import explain
from domain.limits.limits import parse_limit
from procedures.calendar_reader import read_calendar, ready_calendar
from tests.facts import (
    ASKED,
    BY_CALENDAR,
    EXECUTING,
    OPENED,
    Fact,
    capa_requested,
    classified,
    confirmed,
    dispatched,
    drafted,
    executed,
    extended,
    interim_measure,
    missed,
    on,
    received,
    reopened,
    warned,
)
from tests.notices import ANNOUNCED, ANNOUNCED_TEXT, PROLONGED, REASON
from tests.spec import given, kf0001, memory_of

THE_EVE = on("2020-01-23", "16:00")  # the last working day before the holiday, under both versions
THE_NOTICE = on("2020-01-27", "12:00")
MOVE = MoveDeadlines(REASON, approved_by="gm-1", asked_by="admin-1")
LATER = MappingProxyType({PROLONGED.version: PROLONGED, "2020.3": replace(PROLONGED, version="2020.3")})


def end_of(day: str) -> datetime:
    """24:00 of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T16:00+00:00")


def at(time: datetime, *facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact.at(time) for fact in facts)


def complaint(*facts: Fact, calendar: Calendar = ANNOUNCED) -> Complaint:
    return given(*facts).complaint.governed_by(kf0001(), calendar, LATER)


def moved_by(it: Complaint, *, to: Calendar = PROLONGED, when: datetime = THE_NOTICE) -> list[Any]:
    """The events of one move."""
    move_deadlines(it, MOVE, to, when)
    return list(it.collect_events())


def clock(it: Complaint, name: str) -> Clock:
    return next(clock for clock in reversed(it.clocks) if clock.name == name)


def moved(name: str, before: str, after: str, *, started_at: datetime = THE_EVE, **facts: Any) -> Fact:
    facts = {"round": 1, "calendar_version": PROLONGED.version} | facts
    return Fact(
        events.DeadlineMoved,
        {
            "clock": name, "started_at": started_at.astimezone(UTC), "before": end_of(before), "after": end_of(after),
            "reason": REASON, "approved_by": "gm-1", "asked_by": "admin-1", **facts,
        },
        BY_CALENDAR,
        THE_NOTICE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "name", "before", "after"),
    [
        ((received(), classified()), "record-out", "2020-01-31", "2020-02-03"),  # 1 WD
        ((received(), classified("severe")), "whole-case", "2020-01-31", "2020-02-03"),  # 1 WD
        (EXECUTING, "execute", "2020-02-01", "2020-02-04"),  # 2 WD, and the Saturday is worked no more
        ((*EXECUTING, executed(), capa_requested()), "capa-report", "2020-02-05", "2020-02-07"),  # 5 WD
    ],
)
def test_the_notice_moves_what_is_counted_in_working_days(
    facts: tuple[Fact, ...], name: str, before: str, after: str
) -> None:
    it = complaint(*at(THE_EVE, *facts))
    assert clock(it, name).due_at == end_of(before)

    [event] = [event for event in moved_by(it) if event.clock == name]

    assert (event.before, event.after) == (end_of(before), end_of(after))
    assert (event.started_at, event.round, event.calendar_version) == (THE_EVE, 1, "2020.2")
    assert (event.reason, event.approved_by, event.asked_by) == (REASON, "gm-1", "admin-1")
    assert (event.actor.id, event.actor.source) == ("system", "calendar")
    assert clock(it, name).due_at == end_of(after)
    assert clock(it, name).state == "running"


def test_what_is_counted_by_the_clock_or_ends_before_the_days_that_changed_does_not_move() -> None:
    minor = at(on("2020-01-27", "09:00"), received(), classified("minor"))  # same day
    early = at(on("2020-01-22", "09:00"), received(), classified("severe"))  # due on the 23rd
    for facts, now in ((minor, THE_NOTICE), (early, on("2020-01-23", "12:00"))):
        assert moved_by(complaint(*facts), when=now) == []


def test_a_replay_gives_the_clocks_that_were_live() -> None:
    it = complaint(*at(THE_EVE, *EXECUTING))
    live = moved_by(it)
    replayed = complaint(*at(THE_EVE, *EXECUTING))
    for event in live:
        replayed = cast(Complaint, event.mutate(replayed))
    replayed.governed_by(kf0001(), ANNOUNCED, LATER)

    assert memory_of(replayed) == memory_of(it)
    assert replayed.clocks == it.clocks
    assert replayed.present_calendar_version == "2020.2"


def test_moving_a_second_time_moves_nothing() -> None:
    it = complaint(*at(THE_EVE, received(), classified()))
    assert moved_by(it)
    assert moved_by(it) == []
    assert moved_by(it, to=ANNOUNCED) != []  # and the way back is a move like any other


def test_what_was_missed_before_the_move_stays_missed_against_its_old_due_time() -> None:
    facts = at(on("2020-01-22", "16:00"), received(), classified())
    miss = missed("record-out", started_at=on("2020-01-22", "16:00"), due_at=end_of("2020-01-23")).at(THE_EVE)
    one_day_less = replace(ANNOUNCED, version="2020.0", holidays={**ANNOUNCED.holidays, date(2020, 1, 23): "closure"})
    it = complaint(*facts, miss)

    assert [event.clock for event in moved_by(complaint(*facts), to=one_day_less, when=on("2020-01-23"))] == [
        "record-out"
    ]
    assert moved_by(it, to=one_day_less) == []

    assert (clock(it, "record-out").state, clock(it, "record-out").due_at) == ("missed", end_of("2020-01-23"))


def test_what_fell_due_before_the_move_and_was_not_judged_yet_is_judged_by_the_old_due_time_first() -> None:
    it = complaint(*at(THE_EVE, received(), classified("severe")))
    after_both = on("2020-02-05")

    happened = moved_by(it, when=after_both)

    assert [type(event).__name__ for event in happened] == ["DeadlineWarned", "DeadlineMissed"]
    assert {event.due_at for event in happened} == {end_of("2020-01-31")}
    assert clock(it, "whole-case").due_at == end_of("2020-01-31")


def test_what_was_stopped_before_the_move_keeps_its_due_time() -> None:
    it = complaint(*at(THE_EVE, *OPENED, dispatched("settlement")))
    assert {event.clock for event in moved_by(it)} == {"unit-answers", "whole-case"}
    assert (clock(it, "record-out").state, clock(it, "record-out").due_at) == ("met", end_of("2020-01-31"))


def test_a_clock_that_was_warned_is_warned_anew_before_its_new_due_time() -> None:
    warning = warned("record-out", started_at=THE_EVE, due_at=end_of("2020-01-31")).at(on("2020-01-31", "19:12"))
    it = complaint(*at(THE_EVE, received(), classified()), warning)
    moved_by(it, when=on("2020-01-31", "20:00"))
    judge_clocks(it, end_of("2020-02-03"))
    judged: list[Any] = list(it.collect_events())
    assert [(type(event).__name__, event.due_at) for event in judged if event.clock == "record-out"] == [
        ("DeadlineWarned", end_of("2020-02-03")),
        ("DeadlineMissed", end_of("2020-02-03")),
    ]


def test_an_earlier_deadline_that_has_passed_already_is_missed_with_the_move() -> None:
    it = complaint(*at(THE_EVE, received(), classified("severe")), calendar=PROLONGED)
    [move] = it.moves_under(ANNOUNCED)
    now = on("2020-02-01", "00:00")
    assert move.makes_overdue(now)
    assert not move.makes_overdue(on("2020-01-31", "23:59"))

    happened = moved_by(it, to=ANNOUNCED, when=now)

    assert [type(event).__name__ for event in happened] == ["DeadlineMoved", "DeadlineWarned", "DeadlineMissed"]
    assert happened[-1].due_at == end_of("2020-01-31")


def test_a_clock_that_starts_after_the_move_follows_the_new_version() -> None:
    facts = (*at(THE_EVE, *OPENED), moved("record-out", "2020-01-31", "2020-02-03"))
    it = complaint(*facts, *at(on("2020-01-30"), dispatched("settlement")))
    assert clock(it, "unit-answers").due_at == end_of("2020-02-03")
    assert clock(it, "unit-answers").calendar == PROLONGED
    assert clock(it, "record-out").due_at == end_of("2020-02-03")


def test_a_clock_that_the_move_did_not_name_follows_the_version_it_started_under() -> None:
    it = complaint(*at(THE_EVE, *OPENED), moved("record-out", "2020-01-31", "2020-02-03"))
    assert (clock(it, "whole-case").calendar, clock(it, "record-out").calendar) == (ANNOUNCED, PROLONGED)


def test_a_severity_that_becomes_known_after_the_move_counts_from_receipt_under_the_new_version() -> None:
    facts = (*at(THE_EVE, received(), classified()), moved("record-out", "2020-01-31", "2020-02-03"))
    it = complaint(*facts, classified("severe").at(on("2020-01-28")))
    assert clock(it, "whole-case").rule.severities == frozenset({"major", "severe"})
    assert clock(it, "whole-case").due_at == end_of("2020-02-03")


def test_of_two_units_each_has_its_own_clock_moved() -> None:
    it = complaint(*at(THE_EVE, *OPENED, dispatched("settlement", "trading"), confirmed("trading")))
    moves = [(event.clock, event.unit) for event in moved_by(it) if event.clock == "unit-answers"]
    assert moves == [("unit-answers", "settlement")]


def test_a_date_that_was_named_does_not_move_though_its_day_ends_later_now() -> None:
    rules = tuple(replace(rule, limit=parse_limit("by 2020-01-31")) for rule in kf0001().clocks)
    named = replace(kf0001(), clocks=tuple(rule for rule in rules if rule.name == "execute"))
    hours = {weekday: (Window(9 * 60, 18 * 60),) for weekday in range(5)}
    before, after = (replace(calendar, hours=hours, make_up_hours=hours[0]) for calendar in (ANNOUNCED, PROLONGED))
    it = given(*at(THE_EVE, *EXECUTING), procedure=named).complaint.governed_by(named, before, LATER)
    assert clock(it, "execute").due_at == on("2020-01-31", "18:00")
    assert it.moves_under(after) == []


def test_a_time_that_people_agreed_on_does_not_move() -> None:
    until = on("2020-01-31", "18:00")
    agreed = extended("execute", until, before=end_of("2020-02-01"))
    it = complaint(*at(THE_EVE, *EXECUTING, interim_measure()), agreed.at(THE_EVE))
    assert "execute" not in [event.clock for event in moved_by(it)]
    assert clock(it, "execute").due_at == until


def test_a_moved_deadline_can_be_extended_from_where_it_stands() -> None:
    facts = (*at(THE_EVE, *EXECUTING), moved("execute", "2020-02-01", "2020-02-04", unit="settlement"))
    until = on("2020-02-06", "18:00")
    it = complaint(*facts, extended("execute", until, before=end_of("2020-02-04")).at(on("2020-01-31")))
    assert clock(it, "execute").due_at == until


def test_a_new_round_after_the_move_runs_by_the_new_version() -> None:
    facts = (*at(THE_EVE, *OPENED), moved("record-out", "2020-01-31", "2020-02-03"))
    again = at(on("2020-01-30"), reopened(), classified(), drafted())
    it = complaint(*facts, *again)
    assert (clock(it, "record-out").round, clock(it, "record-out").due_at) == (2, end_of("2020-02-03"))


def test_the_calendar_of_others_moves_nothing() -> None:
    it = complaint(*at(THE_EVE, *ASKED))
    assert moved_by(it, to=replace(PROLONGED, code="de")) == []


def test_a_provisional_due_time_is_confirmed_by_the_version_that_knows_its_year() -> None:
    december = on("2019-12-31", "10:00")
    unknown = read_calendar('code: cn\nversion: "2019.1"\nzone: Asia/Shanghai\nworkdays: [mon, tue, wed, thu, fri]\n'
                            "years:\n  2019: []\n")  # fmt: skip
    known = read_calendar(f"{ANNOUNCED_TEXT}  2019: []\n")
    it = complaint(*at(december, *EXECUTING), calendar=unknown)
    assert clock(it, "execute").provisional

    happened = {event.clock: event for event in moved_by(it, to=known, when=on("2019-12-31", "11:00"))}

    assert not clock(it, "execute").provisional
    assert (happened["execute"].before, happened["execute"].after) == (end_of("2020-01-02"), end_of("2020-01-03"))
    assert happened["whole-case"].before == happened["whole-case"].after == end_of("2020-01-03")


def test_a_moved_clock_is_explained_by_the_days_it_follows_and_the_sums_add_up() -> None:
    it = complaint(*at(THE_EVE, *EXECUTING), moved("execute", "2020-02-01", "2020-02-04", unit="settlement"))
    found = clock(it, "execute")
    told = explain(found.rule.limit, found.started_at, found.due_at, found.calendar)
    assert told.calendar_version == "2020.2"
    assert told.counted_total == told.limit_total
    assert [part.until for part in told.intervals][-1] == end_of("2020-02-04")


def test_the_days_on_which_two_versions_differ_bound_what_can_move() -> None:
    assert days_that_differ(ANNOUNCED, PROLONGED) == (date(2020, 1, 30), date(2020, 2, 2))
    assert days_that_differ(PROLONGED, PROLONGED) is None
    assert days_that_differ(ANNOUNCED, replace(ANNOUNCED, version="2", zone="Asia/Tokyo")) == (
        date(1900, 1, 1), date(2999, 12, 31),
    )  # fmt: skip
    more = read_calendar(f"{ANNOUNCED_TEXT}  2021: []\n")
    assert days_that_differ(ANNOUNCED, more) == (date(2020, 12, 31), date(2022, 1, 1))
    assert days_that_differ(ready_calendar("cn"), ready_calendar("cn-office")) == (
        date(1900, 1, 1), date(2999, 12, 31),
    )  # fmt: skip
