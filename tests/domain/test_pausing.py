"""暂停计时: what a pause does to the clocks of a complaint, who ends it, and what is refused meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from domain import errors
from domain.clocks.clock import next_due_at
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.commands import MoveDeadlines
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import move_deadlines
from domain.limits.calendar import Calendar
from domain.limits.explanation import explain
from domain.limits.limits import parse_limit
from domain.procedure.procedure import Procedure
from domain.values import Actor
from tests.domain.test_procedures_without_opinions import clock, hotline
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    FRIDAY_9AM,
    MANAGER,
    MONDAY_9AM,
    NEXT_MONDAY_9AM,
    SETTLEMENT,
    THURSDAY_9AM,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    classified,
    confirmed,
    extended,
    fell_due,
    happened,
    interim_measure,
    missed,
    on,
    received,
    warned,
    withdrawn,
)
from tests.spec import CN, History, given, kf0001
from wording.refusals import refusal_text

HOUR: Final = timedelta(hours=1)
WHY: Final = "等客户补交资料"


def pausable(**rules: Any) -> Procedure:
    """kf0001 as a deployment may have it that lets its managers and units stop the clocks."""
    steps = {**kf0001().steps, "pause": ("manager", "unit"), "resume": ("agent", "manager", "unit")}
    return replace(replace(kf0001(), steps=steps), **rules)


def told(*facts: Fact, **rules: Any) -> History:
    return given(*facts, procedure=pausable(**rules))


def paused(until: datetime, clock: str | None = None, unit: str | None = None, at: datetime = MONDAY_9AM) -> Fact:
    names = (clock,) if clock else ("unit-answers", "whole-case")
    return happened(
        events.ClocksPaused, until=until.astimezone(UTC), reason=WHY, clocks=names, clock=clock, unit=unit
    ).at(at)  # fmt: skip


def resumed(at: datetime, clock: str | None = None, **facts: Any) -> Fact:
    return happened(events.ClocksResumed, clocks=("unit-answers",), clock=clock, **facts).at(at)


def end_of(day: str) -> datetime:
    """24:00 of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T16:00+00:00")


def test_a_pause_stops_every_clock_that_runs_and_says_which_and_until_when() -> None:
    told(*ASKED).when(c.PauseClocks(WHY, THURSDAY_9AM), by=MANAGER).then(
        happened(
            events.ClocksPaused,
            clocks=("unit-answers", "whole-case"), clock=None, unit=None, until=THURSDAY_9AM, reason=WHY,
        )
    )  # fmt: skip
    history = told(*ASKED, paused(THURSDAY_9AM))
    assert history.clocks() == [
        ("record-out", "met"), ("unit-answers", "paused"), ("whole-case", "paused"), ("classify", "met"),
    ]  # fmt: skip


def test_a_pause_of_one_clock_leaves_the_others_running() -> None:
    command = c.PauseClocks(WHY, THURSDAY_9AM, clock="unit-answers")
    told(*ASKED).when(command, by=MANAGER).then(happened(events.ClocksPaused, clocks=("unit-answers",)))
    history = told(*ASKED, paused(THURSDAY_9AM, "unit-answers"))
    assert (history.clock("unit-answers").state, history.clock("whole-case").state) == ("paused", "running")


def test_a_pause_of_one_unit_leaves_the_other_unit_on_the_clock() -> None:
    by_unit = told(*ASKED_TWO).when(c.PauseClocks(WHY, THURSDAY_9AM, "unit-answers"), by=SETTLEMENT)
    by_unit.then(happened(events.ClocksPaused, unit="settlement"))
    history = told(*ASKED_TWO, paused(THURSDAY_9AM, "unit-answers", "settlement"))
    assert history.clock("unit-answers", "settlement").state == "paused"
    assert history.clock("unit-answers", "trading").state == "running"
    told(*ASKED_TWO).when(c.PauseClocks(WHY, THURSDAY_9AM, "unit-answers", "trading"), by=SETTLEMENT).then_refused(
        errors.NotForAnotherUnit
    )


def test_the_day_whose_end_was_paused_is_not_used_up() -> None:
    history = told(*ASKED, paused(WEDNESDAY_9AM))
    assert history.clock("unit-answers").due_at == end_of("2026-03-04")  # Tuesday's end was paused: Wednesday instead
    assert told(*ASKED, paused(on("2026-03-03", "18:00"))).clock("unit-answers").due_at == end_of("2026-03-03")


def test_a_clock_that_is_resumed_early_is_due_earlier_than_its_pause_allowed() -> None:
    history = told(*ASKED, paused(FRIDAY_9AM), resumed(WEDNESDAY_9AM))
    found = history.clock("unit-answers")
    assert (found.state, found.due_at) == ("running", end_of("2026-03-04"))
    assert [(pause.from_, pause.until, pause.event) for pause in found.pauses] == [(MONDAY_9AM, WEDNESDAY_9AM, 5)]


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        ("30 h", on("2026-03-06", "15:00")),
        ("1 WD", end_of("2026-03-05")),
        ("2 days", end_of("2026-03-06")),
        ("same day", end_of("2026-03-05")),
        ("20 working h", on("2026-03-06", "05:00")),  # the calendar without hours works round the clock on working days
        ("by 2026-03-03", on("2026-03-07", "00:00")),
        ("by 2026-03-03 18:00", on("2026-03-06", "18:00")),
    ],
)
def test_a_pause_moves_the_end_of_every_kind_of_limit(limit: str, due: datetime) -> None:
    """Paused on Monday from 9:00 for exactly three days."""
    rule = clock("handle", "Dispatched", "Executed", limit)
    procedure = hotline(clocks=(rule,), return_window=None)
    sent = (received(), happened(events.Classified, severity=None, category="other"),
            happened(events.Dispatched, units=("settlement",)))  # fmt: skip
    history = given(*sent, paused(THURSDAY_9AM, "handle"), procedure=procedure)
    assert history.clock("handle").due_at == due


def test_nothing_is_warned_of_or_missed_in_a_pause() -> None:
    history = told(*ASKED, paused(NEXT_MONDAY_9AM))
    history.judged(NEXT_MONDAY_9AM - timedelta(seconds=1)).then_nothing()
    assert history.complaint.next_judgement_at == NEXT_MONDAY_9AM
    assert next_due_at(history.complaint.clocks) == end_of("2026-03-09")


def test_at_its_bound_a_pause_ends_by_itself_once() -> None:
    history = told(*ASKED, paused(WEDNESDAY_9AM))
    outcome = history.judged(WEDNESDAY_9AM)
    outcome.then(
        fell_due(events.ClocksResumed, clocks=("unit-answers", "whole-case"), until=WEDNESDAY_9AM, reason=None)
    )
    (event,) = outcome.events
    assert (event.actor.id, event.actor.source) == ("system", "clock")
    assert [name for name, state in outcome_clocks(outcome.complaint) if state == "paused"] == []
    after = told(*ASKED, paused(WEDNESDAY_9AM), resumed(WEDNESDAY_9AM, until=WEDNESDAY_9AM.astimezone(UTC)))
    after.judged(WEDNESDAY_9AM).then_nothing()


def outcome_clocks(complaint: Complaint) -> list[tuple[str, str]]:
    return [(clock.name, clock.state) for clock in complaint.clocks]


def test_a_pause_whose_end_was_slept_through_ended_at_its_bound_and_what_fell_due_since_comes_after_it() -> None:
    outcome = told(*ASKED, paused(WEDNESDAY_9AM)).judged(THURSDAY_9AM)
    outcome.then(
        fell_due(events.ClocksResumed, until=WEDNESDAY_9AM),
        warned("unit-answers", started_at=MONDAY_9AM, due_at=end_of("2026-03-04"), unit="settlement"),
        missed("unit-answers", started_at=MONDAY_9AM, due_at=end_of("2026-03-04"), unit="settlement"),
    )
    assert outcome.complaint.clocks[1].pauses[0].until == WEDNESDAY_9AM


def test_what_another_clock_missed_after_the_bound_does_not_come_before_what_the_paused_one_missed_sooner() -> None:
    apart = (*ASKED_TWO, paused(TUESDAY_9AM, "unit-answers", "trading"),
             paused(WEDNESDAY_9AM, "whole-case", at=MONDAY_9AM))  # fmt: skip
    judged = [
        (type(event).__name__, getattr(event, "clock", None), getattr(event, "unit", None))
        for event in told(*apart).judged(WEDNESDAY_9AM).events
    ]
    assert judged == [
        ("ClocksResumed", None, None),  # trading's, on Tuesday at nine
        ("DeadlineWarned", "unit-answers", "settlement"),
        ("DeadlineWarned", "unit-answers", "trading"),
        ("DeadlineMissed", "unit-answers", "settlement"),
        ("DeadlineMissed", "unit-answers", "trading"),
        ("ClocksResumed", None, None),  # the whole case, on Wednesday
    ]


def test_a_warning_that_was_given_before_a_pause_is_not_given_again_after_it() -> None:
    late = on("2026-03-03", "20:00")
    given_then = warned("unit-answers", started_at=MONDAY_9AM, due_at=end_of("2026-03-03"), unit="settlement").at(late)
    history = told(*ASKED, given_then, paused(late + HOUR, "unit-answers", at=late), resumed(late + HOUR))
    assert history.clock("unit-answers").due_at == end_of("2026-03-03")
    elapsed = hotline(clocks=(clock("handle", "Dispatched", "Executed", "10 h"),), return_window=None)
    sent = (received(), happened(events.Classified, severity=None, category="other"),
            happened(events.Dispatched, units=("settlement",)))  # fmt: skip
    nine_hours_in = MONDAY_9AM + 9 * HOUR
    warning = warned("handle", started_at=MONDAY_9AM, due_at=MONDAY_9AM + 10 * HOUR).at(MONDAY_9AM + 8 * HOUR)
    again = given(*sent, warning, paused(nine_hours_in + HOUR, "handle", at=nine_hours_in),
                  resumed(nine_hours_in + HOUR), procedure=elapsed)  # fmt: skip
    again.judged(nine_hours_in + HOUR).then_nothing()
    again.judged(MONDAY_9AM + 11 * HOUR).then(fell_due(events.DeadlineMissed, due_at=MONDAY_9AM + 11 * HOUR))


def test_a_clock_that_was_not_warned_of_is_warned_of_after_the_pause_at_its_share_of_the_counted_time() -> None:
    elapsed = hotline(clocks=(clock("handle", "Dispatched", "Executed", "10 h"),), return_window=None)
    sent = (received(), happened(events.Classified, severity=None, category="other"),
            happened(events.Dispatched, units=("settlement",)))  # fmt: skip
    history = given(*sent, paused(MONDAY_9AM + 7 * HOUR, "handle", at=MONDAY_9AM + 6 * HOUR), procedure=elapsed)
    assert history.clock("handle").warn_at == MONDAY_9AM + 9 * HOUR
    assert history.clock("handle").due_at == MONDAY_9AM + 11 * HOUR


def test_resuming_ends_what_was_named_and_leaves_the_rest_paused() -> None:
    story = (*ASKED, paused(THURSDAY_9AM))
    told(*story).when(c.ResumeClocks("unit-answers", "资料已到"), by=AGENT, at=TUESDAY_9AM).then(
        happened(events.ClocksResumed, clocks=("unit-answers",), clock="unit-answers", reason="资料已到", until=None)
    )
    history = told(*story, resumed(TUESDAY_9AM, "unit-answers"))
    assert (history.clock("unit-answers").state, history.clock("whole-case").state) == ("running", "paused")
    told(*story).when(c.ResumeClocks(), by=MANAGER, at=TUESDAY_9AM).then(
        happened(events.ClocksResumed, clocks=("unit-answers", "whole-case"), reason=None)
    )


def test_what_is_paused_is_not_paused_again_and_what_runs_is_not_resumed() -> None:
    story = told(*ASKED, paused(THURSDAY_9AM))
    story.when(c.PauseClocks(WHY, FRIDAY_9AM), by=MANAGER, at=TUESDAY_9AM).then_refused(errors.ClockIsPaused)
    story.when(c.PauseClocks(WHY, FRIDAY_9AM, "whole-case"), by=MANAGER).then_refused(errors.ClockIsPaused)
    told(*ASKED).when(c.ResumeClocks(), by=MANAGER).then_refused(errors.ClockNotPaused)
    told(*ASKED).when(c.ResumeClocks("record-out"), by=MANAGER).then_refused(errors.ClockNotPaused)
    after = told(*ASKED, paused(TUESDAY_9AM))
    after.when(c.ResumeClocks(), by=MANAGER, at=WEDNESDAY_9AM).then_refused(errors.ClockNotPaused)


def test_what_was_missed_or_met_already_is_not_paused() -> None:
    late = told(*ASKED).when(c.PauseClocks(WHY, FRIDAY_9AM, "unit-answers"), by=MANAGER, at=WEDNESDAY_9AM)
    late.then_refused(errors.ClockNotRunning)
    told(*ASKED).when(c.PauseClocks(WHY, FRIDAY_9AM, "record-out"), by=MANAGER).then_refused(errors.ClockNotRunning)
    idle = told(received(), clocks=()).when(c.PauseClocks(WHY, FRIDAY_9AM), by=MANAGER)
    idle.then_refused(errors.ClockNotRunning)
    told(*ASKED).when(c.PauseClocks(WHY, FRIDAY_9AM, "tea"), by=MANAGER).then_refused(errors.UnknownClock)


def test_a_soft_clock_that_is_past_its_time_has_nothing_left_to_pause() -> None:
    history = told(received(), classified())
    history.when(c.PauseClocks(WHY, FRIDAY_9AM + 2 * HOUR, "whole-case"), by=MANAGER, at=FRIDAY_9AM).then_refused(
        errors.ClockNotRunning
    )


@pytest.mark.parametrize("until", [MONDAY_9AM, MONDAY_9AM - HOUR])
def test_a_pause_ends_later_than_it_begins(until: datetime) -> None:
    told(*ASKED).when(c.PauseClocks(WHY, until), by=MANAGER).then_refused(errors.PauseEndsInThePast)
    naive = c.PauseClocks(WHY, THURSDAY_9AM.replace(tzinfo=None))
    told(*ASKED).when(naive, by=MANAGER).then_refused(errors.AbsurdTime)


@pytest.mark.parametrize(("longest", "latest"), [("10 WD", "2026-03-16"), ("3 days", "2026-03-05")])
def test_a_pause_lasts_as_long_as_the_procedure_allows_and_not_longer(longest: str, latest: str) -> None:
    story = told(*ASKED, longest_pause=parse_limit(longest))
    last = end_of(latest)
    story.when(c.PauseClocks(WHY, last), by=MANAGER).then(happened(events.ClocksPaused, until=last))
    refusal = story.when(c.PauseClocks(WHY, last + timedelta(seconds=1)), by=MANAGER).then_refused(errors.PauseTooLong)
    assert f"{longest} from now end {latest}T16:00:00Z." in refusal_text(refusal, "en")


def test_only_those_whom_the_procedure_names_pause_and_only_where_it_has_the_step() -> None:
    told(*ASKED).when(c.PauseClocks(WHY, FRIDAY_9AM), by=AGENT).then_refused(errors.RoleForbids)
    given(*ASKED).when(c.PauseClocks(WHY, FRIDAY_9AM), by=MANAGER).then_refused(errors.StepNotInProcedure)
    told(*ASKED, withdrawn()).when(c.PauseClocks(WHY, FRIDAY_9AM), by=MANAGER).then_refused(errors.ComplaintEnded)


@pytest.mark.parametrize(
    ("facts", "actor", "offered"),
    [
        (ASKED, MANAGER, {"pause"}),
        (ASKED, AGENT, set()),
        ((*ASKED, paused(THURSDAY_9AM)), MANAGER, {"resume"}),
        ((*ASKED, paused(THURSDAY_9AM, "whole-case")), MANAGER, {"pause", "resume"}),
        ((*ASKED, paused(THURSDAY_9AM, "whole-case")), AGENT, {"resume"}),
        ((received(), withdrawn()), MANAGER, set()),
    ],
)
def test_pause_and_resume_are_offered_where_there_is_something_to_pause_or_resume(
    facts: Sequence[Fact], actor: Actor, offered: set[str]
) -> None:
    assert {"pause", "resume"} & set(told(*facts).allowed(actor)) == offered


def test_a_paused_clock_is_resumed_before_it_is_extended() -> None:
    extend = c.ExtendDeadline("unit-answers", THURSDAY_9AM, WHY)
    story = (*ASKED, interim_measure(), paused(WEDNESDAY_9AM))
    told(*story).when(extend, by=SETTLEMENT).then_refused(errors.ClockIsPaused)
    told(*story, resumed(TUESDAY_9AM)).when(extend, by=SETTLEMENT, at=TUESDAY_9AM).then(happened(events.Extended))


def test_a_time_that_people_agreed_on_moves_by_the_pauses_after_it_and_not_by_those_before() -> None:
    moved = extended("unit-answers", THURSDAY_9AM, before=end_of("2026-03-04"), unit="settlement").at(TUESDAY_9AM)
    before = (*ASKED, interim_measure(), paused(TUESDAY_9AM), resumed(TUESDAY_9AM), moved)
    assert told(*before).clock("unit-answers").due_at == THURSDAY_9AM
    after = (*before, paused(WEDNESDAY_9AM + 5 * HOUR, "unit-answers", at=WEDNESDAY_9AM))
    assert told(*after).clock("unit-answers").due_at == THURSDAY_9AM + 5 * HOUR


def test_a_step_that_is_taken_in_a_pause_meets_its_clock() -> None:
    done = (*ASKED, paused(FRIDAY_9AM), confirmed().at(THURSDAY_9AM))
    assert told(*done).clock("unit-answers").state == "met"
    assert told(*done).clock("execute").state == "running"  # what starts in a pause runs
    assert told(*ASKED, paused(FRIDAY_9AM), withdrawn().at(THURSDAY_9AM)).clock("whole-case").state == "cancelled"


def test_time_paused_for_every_clock_is_paused_for_the_clock_of_the_severity_it_gets_later() -> None:
    story = (received(), classified(), paused(WEDNESDAY_9AM), resumed(WEDNESDAY_9AM))
    severe = told(*story, classified("severe").at(WEDNESDAY_9AM)).clock("whole-case")
    assert (severe.rule.soft, severe.due_at) == (False, end_of("2026-03-04"))
    named = (received(), classified(), paused(WEDNESDAY_9AM, "whole-case"), resumed(WEDNESDAY_9AM))
    not_for_it = told(*named, classified("severe").at(WEDNESDAY_9AM)).clock("whole-case")
    assert not_for_it.due_at == end_of("2026-03-03")


def test_a_paused_clock_moves_with_its_calendar_and_stays_paused() -> None:
    closed: Calendar = replace(CN, version="next", holidays={**CN.holidays, TUESDAY_9AM.date(): "停电"})
    it = told(*ASKED, paused(on("2026-03-02", "20:00"))).complaint
    move_deadlines(it, MoveDeadlines("停电", "gm-1", "admin-1"), closed, MONDAY_9AM + HOUR)
    happened_then: list[Any] = list(it.collect_events())
    assert {event.clock: event.after for event in happened_then}["unit-answers"] == end_of("2026-03-04")
    assert [clock.state for clock in it.clocks if clock.name == "unit-answers"] == ["paused"]


def test_an_explanation_shows_the_pause_and_its_sums_add_up() -> None:
    found = told(*ASKED, paused(WEDNESDAY_9AM)).clock("unit-answers")
    told_why = explain(found.rule.limit, found.started_at, found.due_at, found.calendar, found.pauses)
    assert [(part.kind, part.event) for part in told_why.intervals] == [
        ("paused", 5), ("paused", 5), ("paused", 5), ("counted", None),
    ]  # fmt: skip
    assert told_why.counted_total == told_why.limit_total == timedelta(days=1)
