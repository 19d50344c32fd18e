"""Whoever folds a complaint without opening what was written in it comes to the same as those who read it.

The clock runner opens nothing, read models the beginning and the form's answers, and a commander everything. What only
words tell is therefore said in events beside them.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from app.readmodels.fold import is_opened
from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.complaint.obligations import obligations_of
from domain.complaint.steps import decide
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.log import Recorded
from eventlog.sealing import DataKey
from tests.domain.test_walks_at_random import SEEDS, played
from tests.facts import MONDAY_9AM
from tests.http.desk import MASTER
from tests.sayings import LIBRARY, PROCEDURES, Story, known, taken_down

CODEC: Final = EventCodec(MASTER)
KEY: Final = DataKey(UUID(int=2), bytes(range(32)))


def nothing_opened(_: Recorded) -> bool:
    return False


def folded(stream: Iterable[ComplaintEvent], procedure: Procedure, opens: Callable[[Recorded], bool]) -> Complaint:
    """As somebody folds it who opens only some of its events, from how they are stored."""
    complaint: Any = None
    for position, event in enumerate(stream, 1):
        stored = CODEC.stored(event, KEY)
        recorded = Recorded(
            position, event.originator_id, event.originator_version, stored.topic, stored.state, "", event.timestamp
        )
        complaint = CODEC.event(recorded, KEY if opens(recorded) else None).mutate(complaint)
    assert isinstance(complaint, Complaint)
    return complaint.governed_by(procedure, LIBRARY.calendar(procedure.calendar))


def clocks_of(complaint: Complaint) -> list[tuple[str, str | None, str, datetime, datetime | None]]:
    return [(one.name, one.unit, one.state, one.due_at, one.stopped_at) for one in complaint.clocks]


def must_be_the_same_for_all(told: Story) -> None:
    read, unread = told.complaint, folded(told.stream, told.procedure, nothing_opened)
    shown = folded(told.stream, told.procedure, is_opened)
    after = f"after {[type(event).__name__ for event in told.stream]}"
    assert clocks_of(unread) == clocks_of(shown) == clocks_of(read), after
    assert unread.status == shown.status == read.status, after
    assert obligations_of(shown) == obligations_of(read), after


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("code", PROCEDURES)
def test_limits_and_what_is_owed_are_the_same_for_whoever_opens_no_texts(code: str, seed: int) -> None:
    *_, (walk, _) = played(code, seed)
    must_be_the_same_for_all(walk.told)


def begun(code: str, *, severity: str, units: tuple[str, ...], first: c.Command | None = None) -> Story:
    procedure = LIBRARY.procedures[code]
    told = Story(procedure, ()).after(taken_down(procedure, "complaint", MONDAY_9AM, anonymous=False))
    told = said(told, "agent", c.ClassifyComplaint(severity, next(iter(procedure.categories))))
    told = told if first is None else said(told, "agent", first)
    return said(told, "manager", c.DispatchComplaint(units))


def said(told: Story, role: str, command: c.Command, unit: str | None = None) -> Story:
    actor, complaint = Actor(f"{unit or role}-9", frozenset({role}), unit), told.complaint
    decide(complaint, command, Request(actor, MONDAY_9AM, people=known(told.procedure)))
    return told.after(complaint)


CALLS: Final = ("话单一", "话单二")


def wrongly_charged() -> Story:
    told = begun("telecom-hall", severity="general", units=("billing",), first=c.SettleOnTheSpot("解释", False))
    for item in CALLS:
        told = said(told, "agent", c.VerifyCharge(Decimal(10), Decimal(0), True, "话单核实", item))
    told = said(told, "agent", c.ProposeCompensation("wrong-call-records", "credit", item=CALLS[0]))
    told = said(told, "shift-manager", c.ApproveCompensation(True, Decimal(20)))
    return said(told, "agent", c.PayCompensation())


def test_two_wrong_charges_of_one_amount_are_two_for_whoever_does_not_read_their_items() -> None:
    told = wrongly_charged()
    must_be_the_same_for_all(told)
    unread = folded(told.stream, told.procedure, nothing_opened)
    assert [clock.state for clock in unread.clocks if clock.name == "refund"] == ["running"]


def test_a_charge_that_is_verified_again_is_the_same_one_for_whoever_does_not_read_its_item() -> None:
    told = said(wrongly_charged(), "agent", c.VerifyCharge(Decimal(12), Decimal(12), False, "复核无误", CALLS[1]))
    must_be_the_same_for_all(told)
    unread = folded(told.stream, told.procedure, nothing_opened)
    assert [clock.state for clock in unread.clocks if clock.name == "refund"] == ["met"]


def planned(*texts: str, approved_first: str | None = None) -> Story:
    told = begun("market-30min", severity="major", units=("east", "manufacturing"))
    if approved_first is not None:
        told = said(told, "manufacturing-manager", approval(approved_first))
    for text in texts:
        told = said(told, "unit", c.AgreeSolution(text, True), "manufacturing")
    return told


def approval(text: str) -> c.Approve:
    return c.Approve(text, "written", "manufacturing-manager-1")


def approvals_owed(told: Story) -> list[str]:
    shown = folded(told.stream, told.procedure, is_opened)
    return [one.state for one in obligations_of(shown) if one.name == "plan-approved"]


def test_another_plan_is_another_one_for_whoever_does_not_read_its_words() -> None:
    told = said(planned("换货"), "manufacturing-manager", approval("换货"))
    assert approvals_owed(told) == ["met"]
    told = said(told, "unit", c.AgreeSolution("换货并赔偿", True), "manufacturing")
    must_be_the_same_for_all(told)
    assert approvals_owed(told) == ["open"]


@pytest.mark.parametrize(("approved_first", "owed"), [("换货", []), ("退款", ["open"])])
def test_what_was_approved_before_the_plan_counts_by_its_words_alone(approved_first: str, owed: list[str]) -> None:
    told = planned("换货", approved_first=approved_first)
    must_be_the_same_for_all(told)
    assert approvals_owed(told) == owed


def test_a_form_that_was_filled_in_is_complete_for_whoever_shows_what_is_owed() -> None:
    told = begun("telecom-hall", severity="major", units=("billing",))
    boxes: dict[str, Any] = {field.name: "已填" for field in told.procedure.form if field.name.startswith("major_")}
    told = said(told, "agent", c.CompleteForm(boxes))
    must_be_the_same_for_all(told)
    shown = folded(told.stream, told.procedure, is_opened)
    assert [one.state for one in obligations_of(shown) if one.name == "form-complete"] == ["met"]


def test_rows_of_before_are_compared_by_their_words() -> None:
    """Events of a release that did not say it yet mean to readers what they meant."""
    told = said(planned("换货", approved_first="换货"), "unit", c.AgreeSolution("换货", True), "manufacturing")
    for story in (told, wrongly_charged()):
        bare = replace(story, stream=tuple(without_what_words_tell(event) for event in story.stream))
        assert obligations_of(bare.complaint) == obligations_of(story.complaint)


def without_what_words_tell(event: ComplaintEvent) -> ComplaintEvent:
    bare = object.__new__(type(event))
    told = {name: None for name in ("anew", "approved_before", "charge") if hasattr(event, name)}
    bare.__dict__.update({**vars(event), **told})
    return bare
