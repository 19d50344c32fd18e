"""Rules of a procedure where they are plugged in: the warnings of its clocks, reopening, doors, callback."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.state import ENDED
from domain.procedure.access import Access, accesses, sight_of
from domain.procedure.procedure import Procedure
from domain.values import Actor
from tests.facts import (
    ADMIN,
    AGENT,
    ASKED,
    AUDITOR,
    BOARD_OFFICE,
    CLOSED,
    EXECUTING,
    FRIDAY_9AM,
    MANAGER,
    OPENED,
    SETTLEMENT,
    Fact,
    classified,
    executed,
    fell_due,
    happened,
    informed,
    on,
    person,
    received,
    rejected,
    withdrawn,
)
from tests.spec import given, kf0001

WEDNESDAY_AFTER = on("2026-03-11")


def since(moment: datetime, *facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact.at(moment) for fact in facts)


# Warnings of limits in working days: four fifths of the 39 hours of working days that such a limit has


@pytest.mark.parametrize(
    ("asked_at", "warned_at", "due_at"),
    [
        ("2026-03-02 09:00", "2026-03-03 16:12", "2026-03-04 00:00"),  # Monday to Tuesday: no day off between
        ("2026-03-06 09:00", "2026-03-09 16:12", "2026-03-10 00:00"),  # Friday: Saturday and Sunday are not shared out
        ("2026-02-13 09:00", "2026-02-14 16:12", "2026-02-15 00:00"),  # a make-up Saturday before Spring Festival
    ],
)
def test_a_limit_in_working_days_is_warned_of_by_working_time_across_days_off(
    asked_at: str, warned_at: str, due_at: str
) -> None:
    asked, warned, due = (on(*text.split()) for text in (asked_at, warned_at, due_at))
    history = given(*since(asked, *ASKED))
    clock = history.clock("unit-answers")
    assert (clock.started_at, clock.warn_at, clock.due_at) == (asked, warned, due)

    def warnings_by(now: datetime) -> list[datetime]:
        judged = history.judged(now).events
        return [event.due_at for event in judged if isinstance(event, events.DeadlineWarned) and event.unit]

    assert warnings_by(warned - timedelta(seconds=1)) == []
    assert warnings_by(warned) == [due]


# Which ends can be undone

ENDS = {"closed": CLOSED, "rejected": (*OPENED, rejected()), "withdrawn": (*OPENED, withdrawn())}


@pytest.mark.parametrize("only", sorted(ENDED))
def test_a_procedure_says_which_ends_can_be_undone(only: str) -> None:
    procedure = replace(kf0001(), reopens=frozenset({only}))
    for status, story in ENDS.items():
        history = given(*story, procedure=procedure)
        again = history.when(c.ReopenComplaint("再来"))
        if status == only:
            again.then(happened(events.Reopened, round=2))
        else:
            again.then_refused(errors.ReopenNotAllowed)
        assert ("reopen" in history.allowed(person("agent-1", "agent"))) is (status == only)


# A procedure without a callback


def test_without_a_callback_step_nobody_calls_back_and_nothing_waits_for_it() -> None:
    steps = {step: roles for step, roles in kf0001().steps.items() if step != "record-callback"}
    procedure = replace(kf0001(), steps=steps, close_needs=("executed", "customer-informed"))
    severities = {code: replace(severity, close_needs=()) for code, severity in procedure.severities.items()}
    history = given(*EXECUTING, executed(), informed(), procedure=replace(procedure, severities=severities))
    call = c.RecordCallback(reached=True, satisfied=True, means="phone")
    history.when(call).then_refused(errors.StepNotInProcedure)
    assert "record-callback" not in history.allowed(person("agent-1", "agent"))
    history.when(c.CloseComplaint("已解决", "补入账")).then(happened(events.Closed))


# Whom a procedure lets in


def test_without_sight_for_units_their_members_neither_see_nor_answer() -> None:
    procedure = replace(kf0001(), sees={role: sight for role, sight in kf0001().sees.items() if role != "unit"})
    assert accesses(SETTLEMENT, procedure) == ()
    history = given(*ASKED, procedure=procedure)
    assert history.allowed(SETTLEMENT) == []
    history.when(c.ConfirmOpinion(), by=SETTLEMENT).then_refused(errors.RoleForbids)
    both = person("zhou-qi", "unit", "agent", unit="settlement")
    assert accesses(both, procedure) == (Access("agent", "all", "all"),)


def test_a_manager_with_a_unit_is_a_manager_everywhere_and_a_member_of_no_unit() -> None:
    manager = person("zhao-jing", "manager", unit="trading")
    assert accesses(manager, kf0001()) == (Access("manager", "all", "all"),)
    assert sight_of(manager, kf0001(), accused=(), sent_to=("settlement",), kind="complaint") == "all"
    history = given(*ASKED)  # settlement was asked, not trading
    history.when(c.ConfirmOpinion(), by=manager).then_refused(errors.RoleForbids)
    history.when(c.AddNote("已阅"), by=manager).then(happened(events.NoteAdded))
    given(*EXECUTING).when(c.ExecuteMeasure("补入账", unit="settlement"), by=manager).then(
        happened(events.Executed, unit="settlement")
    )


def test_what_is_confidential_its_circle_sees_and_an_auditor_sees_that_there_is_something() -> None:
    procedure = replace(kf0001(), confidential_to={"report": ("board-office",)})

    def sight(actor: Actor, kind: str = "report", procedure: Procedure = procedure) -> str:
        return sight_of(actor, procedure, accused=(), sent_to=(), kind=kind)

    assert (sight(BOARD_OFFICE), sight(AUDITOR)) == ("all", "none")
    assert (sight(AGENT, "complaint"), sight(AUDITOR, "complaint")) == ("all", "all")
    for outside in (AGENT, MANAGER, ADMIN):
        with pytest.raises(errors.Confidential):
            sight(outside)
    blind = replace(procedure, sees={role: seen for role, seen in procedure.sees.items() if role != "auditor"})
    with pytest.raises(errors.Confidential):
        sight(AUDITOR, procedure=blind)


# What was found late


def test_what_fell_due_while_nobody_looked_is_signed_by_the_clock_when_it_is_found() -> None:
    story = given(*since(FRIDAY_9AM, received(), classified()))
    found = (
        fell_due(events.DeadlineWarned, clock="whole-case", due=False),
        fell_due(events.DeadlineWarned, clock="record-out", due=False),
        fell_due(events.DeadlineMissed, clock="record-out", due_at=on("2026-03-10", "00:00")),
        fell_due(events.DeadlineWarned, clock="whole-case", due=True),
    )
    story.judged(WEDNESDAY_AFTER).then(*since(WEDNESDAY_AFTER, *found))
