"""A miss that a machine judged by a wrong time is taken back, and a real one never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from domain import errors
from domain.cause import Cause
from domain.complaint import commands as c
from domain.complaint import events
from projections.indicator_facts import samples_of
from projections.ledger import Ledger
from tests.domain.test_complaint_judgements import END_OF_TUESDAY, SECOND
from tests.facts import (
    ASKED,
    BOARD_OFFICE,
    MONDAY_9AM,
    SETTLEMENT,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    confirmed,
    fell_due,
    happened,
    missed,
    warned,
)
from tests.spec import History, given, kf0001, told_by

RETRACT: Final = c.RetractMiss("unit-answers", "数据库所在机器的时钟快了八小时")
TOLD: Final = ("manager", "board-office")
EARLY: Final = MONDAY_9AM + timedelta(hours=1)


def judged_early(*, unit: str = "settlement") -> tuple[Fact, ...]:
    """What a clock that ran ahead left at ten on Monday: the unit has until the end of Tuesday."""
    facts: dict[str, Any] = {"started_at": MONDAY_9AM, "due_at": END_OF_TUESDAY, "unit": unit}
    early = (warned("unit-answers", **facts, told=("unit",)), missed("unit-answers", **facts, told=TOLD))
    return (*ASKED, *(fact.at(EARLY) for fact in early))


def retracted(at: datetime, *, warns_again: bool = True) -> Fact:
    return happened(
        events.DeadlineMissRetracted, clock="unit-answers", unit="settlement", round=1, started_at=MONDAY_9AM,
        due_at=END_OF_TUESDAY, reason=RETRACT.reason, told=TOLD, cards=(), warns_again=warns_again,
    ).at(at).by(BOARD_OFFICE)  # fmt: skip


def state_of(history: History) -> str:
    return history.clock("unit-answers").state


def test_a_miss_before_its_time_is_taken_back_and_the_clock_runs_on() -> None:
    history = given(*judged_early())
    assert state_of(history) == "missed"
    history.when(RETRACT, by=BOARD_OFFICE, at=TUESDAY_9AM).then(retracted(TUESDAY_9AM))

    after = given(*judged_early(), retracted(TUESDAY_9AM))
    assert state_of(after) == "running"
    after.judged(after.clock("unit-answers").warn_at - SECOND).then_nothing()


def test_what_really_passes_afterwards_is_warned_of_and_missed() -> None:
    outcome = given(*judged_early(), retracted(TUESDAY_9AM)).judged(END_OF_TUESDAY)
    assert [type(event).__name__ for event in outcome.events] == ["DeadlineWarned", "DeadlineMissed"]
    assert state_of(given(*judged_early(), retracted(TUESDAY_9AM))) == "running"


def test_a_miss_of_what_was_done_in_time_is_taken_back_later_too() -> None:
    facts = (*judged_early(), confirmed().at(TUESDAY_9AM))
    given(*facts).when(RETRACT, by=BOARD_OFFICE, at=WEDNESDAY_9AM).then(retracted(WEDNESDAY_9AM, warns_again=False))
    after = given(*facts, retracted(WEDNESDAY_9AM, warns_again=False))
    assert state_of(after) == "met"
    assert [e for e in after.judged(WEDNESDAY_9AM).events if getattr(e, "clock", "") == "unit-answers"] == []


def test_whoever_was_late_stays_late() -> None:
    still_open = given(*judged_early())
    still_open.when(RETRACT, by=BOARD_OFFICE, at=END_OF_TUESDAY).then_refused(errors.ReallyMissed)
    late = given(*judged_early(), confirmed().at(WEDNESDAY_9AM))
    late.when(RETRACT, by=BOARD_OFFICE, at=WEDNESDAY_9AM).then_refused(errors.ReallyMissed)


def test_a_second_retraction_does_nothing_and_one_of_nothing_is_refused() -> None:
    after = given(*judged_early(), retracted(TUESDAY_9AM))
    after.when(RETRACT, by=BOARD_OFFICE, at=TUESDAY_9AM).then_nothing()
    given(*ASKED).when(RETRACT, by=BOARD_OFFICE).then_refused(errors.NoSuchMiss)
    another = replace(RETRACT, unit="trading")
    given(*judged_early()).when(another, by=BOARD_OFFICE, at=TUESDAY_9AM).then_refused(errors.NoSuchMiss)
    unknown = replace(RETRACT, clock="no-such-clock")
    given(*judged_early()).when(unknown, by=BOARD_OFFICE).then_refused(errors.UnknownClock)


def test_it_is_offered_while_a_miss_stands_and_never_to_the_unit_that_missed() -> None:
    assert "retract-miss" not in given(*ASKED).allowed(BOARD_OFFICE)
    assert "retract-miss" in given(*judged_early()).allowed(BOARD_OFFICE)
    assert "retract-miss" not in given(*judged_early(), retracted(TUESDAY_9AM)).allowed(BOARD_OFFICE)
    given(*judged_early()).when(RETRACT, by=SETTLEMENT, at=TUESDAY_9AM).then_refused(errors.RoleForbids)


def test_the_card_that_followed_counts_no_more_and_the_next_one_is_the_first() -> None:
    card = fell_due(
        events.Supervised, card="yellow", unit="settlement", cause=Cause.of("missed", subject="unit-answers")
    )
    outcome = given(*judged_early(), card.at(EARLY)).when(RETRACT, by=BOARD_OFFICE, at=TUESDAY_9AM)
    (event,) = outcome.events
    assert isinstance(event, events.DeadlineMissRetracted)
    assert event.cards == ("settlement",)
    assert outcome.complaint.cards_of == {"settlement": 0}


def test_those_who_were_told_of_the_miss_are_told_that_it_was_none() -> None:
    story = given(*judged_early())
    outcome = story.when(RETRACT, by=BOARD_OFFICE, at=TUESDAY_9AM)
    told = told_by([*story.stream, outcome.events[0]])
    assert [(notice.to.kind, notice.to.code) for notice in told] == [("role", "manager"), ("role", "board-office")]


def test_nothing_counts_a_miss_that_was_taken_back() -> None:
    def counted(*facts: Fact) -> tuple[int, list[bool]]:
        ledger = Ledger()
        for position, event in enumerate(given(*facts).stream, 1):
            ledger.take(position, event)
        samples = samples_of(ledger, kf0001())
        answers = [one.fits for one in samples if one.indicator == "response-rate"]
        return sum(one.indicator == "breaches" for one in samples), answers

    answered = confirmed().at(TUESDAY_9AM)
    assert counted(*judged_early(), answered) == (1, [False])
    assert counted(*judged_early(), retracted(EARLY), answered) == (0, [True])
    assert counted(*judged_early(), answered, retracted(WEDNESDAY_9AM, warns_again=False)) == (0, [True])
