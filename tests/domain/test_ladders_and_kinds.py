"""Who is told at a second miss, what happens when every unit is done, and whose time it is that a kind was granted."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Procedure
from tests.domain.test_procedures_without_opinions import RETURNED, about, clock, hotline
from tests.facts import (
    MONDAY_9AM,
    MUCH_LATER,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    executed,
    extended,
    happened,
    informed,
    on,
    received,
    reopened,
)
from tests.spec import given

SENT_TO_BOTH: Final = (
    received(), about("housing.repair"), happened(events.Dispatched, units=("settlement", "trading")),
)  # fmt: skip


def end_of(day: str) -> datetime:
    """24:00 of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T16:00+00:00")


# The ladder


def ladder(**more: Any) -> Procedure:
    accept = clock(
        "accept", "UnitAsked", "Accepted Returned", "1 WD",
        per_unit=True, tell_at_miss=("manager",), tell_at_second_miss=("general-manager", "manager"), **more,
    )  # fmt: skip
    above = {"tell_at_miss": ("manager",), "tell_at_second_miss": ("mayor",)}
    other = clock("handle", "Dispatched", "Executed", "1 WD", **above)
    return hotline(clocks=(accept, other), return_window=None)


def misses(*facts: Fact, at: datetime, procedure: Procedure | None = None) -> list[tuple[str, str | None, Any]]:
    judged = given(*facts, procedure=procedure or ladder()).judged(at).events
    return [(event.clock, event.unit, event.told) for event in judged if isinstance(event, events.DeadlineMissed)]


def test_the_second_miss_of_a_clock_in_one_complaint_tells_those_above_too() -> None:
    assert misses(*SENT_TO_BOTH, at=MUCH_LATER) == [
        ("accept", "settlement", ("manager",)),
        ("accept", "trading", ("manager", "general-manager")),
        ("handle", None, ("manager",)),  # a miss of another name is the first of its own
    ]


def test_a_third_miss_in_a_later_round_tells_them_as_well() -> None:
    first = [
        happened(
            events.DeadlineMissed, clock="accept", unit=unit, round=1, started_at=MONDAY_9AM,
            due_at=end_of("2026-03-03"),
        ).at(WEDNESDAY_9AM)
        for unit in ("settlement", "trading")
    ]  # fmt: skip
    again = (reopened().at(WEDNESDAY_9AM), happened(events.Dispatched, units=("trading",)).at(WEDNESDAY_9AM))
    done = happened(events.Executed, measure="已办", unit=None).at(TUESDAY_9AM)
    told = misses(*SENT_TO_BOTH, done, *first, *again, at=MUCH_LATER)
    assert ("accept", "trading", ("manager", "general-manager")) in told


def test_where_nobody_stands_above_the_second_miss_tells_the_same() -> None:
    plain = replace(ladder(), clocks=tuple(replace(rule, tell_at_second_miss=()) for rule in ladder().clocks))
    assert {told for _, _, told in misses(*SENT_TO_BOTH, at=MUCH_LATER, procedure=plain)} == {("manager",)}


# When every unit is done


def of_every_unit(**rules: Any) -> Procedure:
    clocks = (
        clock("handle", "Dispatched", "executed", "15 WD", once=True),
        clock("reply", "executed", "CustomerInformed", "1 WD"),
    )
    return hotline(clocks=clocks, return_window=None, **rules)


RETURNED_BY_TRADING: Final = happened(events.Returned, unit="trading", ground="不属本部门", legal_basis="条例第5条")
DONE_BY_ALL: Final = {
    "each of them executed": (executed("settlement").at(TUESDAY_9AM), executed("trading").at(WEDNESDAY_9AM)),
    "the other sent it back": (executed("settlement").at(TUESDAY_9AM), RETURNED_BY_TRADING.at(WEDNESDAY_9AM)),
    "the other had sent it back": (RETURNED_BY_TRADING.at(TUESDAY_9AM), executed("settlement").at(WEDNESDAY_9AM)),
    "somebody did for the whole case": (executed("settlement").at(TUESDAY_9AM), executed(None).at(WEDNESDAY_9AM)),
}


@pytest.mark.parametrize("facts", DONE_BY_ALL.values(), ids=DONE_BY_ALL.keys())
def test_a_clock_of_every_unit_stops_and_the_next_one_starts_when_the_last_is_done(facts: tuple[Fact, ...]) -> None:
    half = given(*SENT_TO_BOTH, facts[0], procedure=of_every_unit())
    assert half.clocks() == [("handle", "running")]
    history = given(*SENT_TO_BOTH, *facts, procedure=of_every_unit())
    assert history.clocks() == [("handle", "met"), ("reply", "running")]
    assert history.clock("handle").stopped_at == history.clock("reply").started_at == WEDNESDAY_9AM


def test_a_return_of_the_only_unit_leaves_the_clock_running() -> None:
    assert given(*RETURNED, procedure=of_every_unit()).clocks() == [("handle", "running")]


def test_closing_waits_for_every_unit_and_for_word_to_the_customer_after_the_first_of_them() -> None:
    procedure = of_every_unit(close_needs=("every-unit-executed", "customer-informed"))
    close = c.CloseComplaint("已办结", "完成")
    half = given(*SENT_TO_BOTH, informed(), executed("settlement"), procedure=procedure)
    refusal = half.when(close).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("every-unit-executed", "customer-informed")
    whole = given(*SENT_TO_BOTH, executed("settlement"), executed("trading"), informed(), procedure=procedure)
    assert isinstance(whole.when(close).events[-1], events.Closed)


# Kinds of matter


def test_time_granted_to_one_kind_of_matter_is_not_granted_to_the_kind_it_turns_out_to_be() -> None:
    sent = (received(kind="consultation"), about("housing.repair"), happened(events.Dispatched, units=("settlement",)))
    granted = extended("handle", on("2026-06-30"), before=end_of("2026-03-09")).at(TUESDAY_9AM)
    assert given(*sent, granted, procedure=hotline()).clock("handle").due_at == on("2026-06-30")
    complaint = about("housing.repair", kind="complaint").at(WEDNESDAY_9AM)
    became = given(*sent, granted, complaint, procedure=hotline()).complaint.clocks
    assert [(str(clock.rule.limit), clock.due_at, clock.state) for clock in became if clock.name == "handle"] == [
        ("15 WD", end_of("2026-03-23"), "running"),
        ("5 WD", on("2026-06-30"), "cancelled"),
    ]


def test_time_granted_to_a_kind_is_there_again_when_the_matter_is_of_that_kind_again() -> None:
    sent = (received(kind="consultation"), about("housing.repair"), happened(events.Dispatched, units=("settlement",)))
    granted = extended("handle", on("2026-06-30"), before=end_of("2026-03-09"))
    there_and_back = (about("housing", kind="complaint"), about("housing", kind="consultation"))
    history = given(*sent, granted, *(fact.at(TUESDAY_9AM) for fact in there_and_back), procedure=hotline())
    running = [clock for clock in history.complaint.clocks if clock.name == "handle" and clock.state == "running"]
    assert [(str(clock.rule.limit), clock.due_at) for clock in running] == [("5 WD", on("2026-06-30"))]
