"""处理意见、异议、裁定: the units confirm or dispute the handling opinion, and a dispute is ruled on."""

from typing import Final

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import rulings_are_exhausted
from domain.complaint.plans import own_plan_lapses
from domain.complaint.state import UNANSWERED, Opinion, UnitStatus
from domain.complaint.units import (
    accept_by_answering,
    ask_unit,
    must_know_unit,
    standing_of,
    state_of,
    unit_that_answers,
    units_spoken_for,
)
from domain.request import SYSTEM, Request
from domain.titles import titles_of
from domain.values import ActedBy, Actor

AGREED: Final[frozenset[UnitStatus]] = frozenset({"confirmed", "executed"})


def draft_opinion(complaint: Complaint, command: commands.DraftOpinion, by: ActedBy, request: Request) -> None:
    opinion = complaint.this_round.opinion
    if opinion is None or opinion.text != command.text:
        complaint.trigger(events.OpinionDrafted, by, request.at, text=command.text)


def opinion_drafted(complaint: Complaint, event: events.OpinionDrafted) -> None:
    now = complaint.this_round
    former = now.opinion
    again = former is not None and former.state != "drafted"  # asked once, and taken back from everybody
    now.opinion = Opinion(event.text, former.revision + again if former is not None else 1)
    if now.ruled == "overturned":  # the case was taken from everybody meanwhile: another opinion is what was waited for
        complaint.add_moment("OpinionRevised", event)
    now.ruled = None


def confirm_opinion(complaint: Complaint, command: commands.ConfirmOpinion, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting=UNANSWERED)
    state, revision = state_of(complaint, unit), _present_revision(complaint, command.revision)
    if state == "confirmed":
        return
    if state not in UNANSWERED:
        raise errors.UnitAlreadyAnswered
    accept_by_answering(complaint, unit, by, request.at)
    complaint.trigger(events.OpinionConfirmed, by, request.at, unit=unit, revision=revision)


def dispute_opinion(complaint: Complaint, command: commands.DisputeOpinion, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting=UNANSWERED)
    state, revision = state_of(complaint, unit), _present_revision(complaint, command.revision)
    if state not in UNANSWERED:
        raise errors.UnitAlreadyAnswered
    accept_by_answering(complaint, unit, by, request.at)
    complaint.trigger(
        events.OpinionDisputed, by, request.at,
        unit=unit, revision=revision, reason=command.reason, proposal=command.proposal,
    )  # fmt: skip


def _present_revision(complaint: Complaint, named: int | None) -> int:
    """Nobody answers a revision that was replaced while they read it."""
    present = _revision(complaint)
    if named not in (None, present):
        raise errors.NotThePresentRevision(present=present)
    return present


def may_answer_opinion(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return any(unit.state in UNANSWERED for unit in units_spoken_for(complaint, by))


def opinion_confirmed(complaint: Complaint, event: events.OpinionConfirmed) -> None:
    complaint.set_unit_state(event.unit, "confirmed")
    _take_answer(complaint, event)


def opinion_disputed(complaint: Complaint, event: events.OpinionDisputed) -> None:
    complaint.set_unit_state(event.unit, "disputed")
    _take_answer(complaint, event)
    if complaint.status != "disputed":  # a second unit's dispute waits for the same ruling
        complaint.add_moment("OpinionDisputed", event)
    complaint.status = "disputed"


def _take_answer(complaint: Complaint, event: events.OpinionConfirmed | events.OpinionDisputed) -> None:
    complaint.add_moment("UnitAnswered", event, unit=event.unit)
    settle_opinion(complaint, event)


def settle_opinion(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """Say how far the opinion has come, by the answers of the units that have the case now."""
    now = complaint.this_round
    states = {unit.state for unit in now.at_work}
    if now.opinion is None or now.ruled == "overturned":
        return
    if not states:
        now.opinion.state, now.ruled, now.ruling_is_final = "asked", None, False
    elif now.opinion_binds:
        return
    elif states <= AGREED:
        if now.opinion.state != "final":
            _end_disputes(complaint, event)
    elif now.opinion.state != "final" or "disputed" in states or states.isdisjoint(AGREED):
        answered = states - UNANSWERED
        now.opinion.state = "disputed" if "disputed" in states else "confirmed" if answered else "asked"


def issue_ruling(complaint: Complaint, command: commands.IssueRuling, by: ActedBy, request: Request) -> None:
    procedure, last = complaint.procedure, complaint.procedure.last_instance
    exhausted = rulings_are_exhausted(complaint)
    if not may_rule(complaint, by, request.actor):
        raise errors.RulingIsTheLastInstances(role=titles_of((last,), procedure.roles))
    shares = command.liability
    if sum(share.percent for share in shares) != 100 or len({share.unit for share in shares}) != len(shares):
        raise errors.LiabilityMustSumTo100("/liability", sum=sum(share.percent for share in shares))
    for index, share in enumerate(shares):
        must_know_unit(complaint, share.unit, f"/liability/{index}/unit", request)
    having = {unit.unit for unit in complaint.this_round.at_work}
    asked = tuple(share.unit for share in shares if share.percent and share.unit not in having)
    complaint.trigger(
        events.RulingIssued, by, request.at,
        outcome=command.outcome, text=command.text, liability=shares, final=exhausted, asked=asked,
    )  # fmt: skip
    overturned = complaint.this_round.overturned
    if overturned == procedure.dispute_rounds and not exhausted:
        cause = Cause.of("disputed", count=overturned)
        complaint.trigger(events.Escalated, SYSTEM, request.at, to_role=last, cause=cause)


def may_rule(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Once the bound of dispute rounds is reached, only the last instance rules."""
    last = complaint.procedure.last_instance
    return not rulings_are_exhausted(complaint) or by.in_emergency or last in actor.roles


def ruling_issued(complaint: Complaint, event: events.RulingIssued) -> None:
    now = complaint.this_round
    complaint.liability = event.liability
    now.ruled = "upheld" if event.outcome == "upheld" else "overturned"
    now.ruling_is_final = event.final
    complaint.add_moment("RulingIssued", event)
    for unit in now.at_work:  # nobody can answer this opinion any more, so nobody is late with an answer
        complaint.add_moment("UnitReleased", event, unit=unit.unit)
    for liable in event.asked:
        ask_unit(complaint, liable, event)
    if now.ruled == "upheld":
        _end_disputes(complaint, event)
    else:
        now.overturned += 1
        complaint.add_moment("RulingOverturned", event)


def revise_opinion(complaint: Complaint, command: commands.ReviseOpinion, by: ActedBy, request: Request) -> None:
    revision = _revision(complaint) + 1
    complaint.trigger(events.OpinionRevised, by, request.at, text=command.text, revision=revision)


def opinion_revised(complaint: Complaint, event: events.OpinionRevised) -> None:
    now = complaint.this_round
    now.opinion = Opinion(event.text, event.revision, "asked")
    now.ruled = None
    now.executed_by.clear()  # what was done under the former opinion does not carry out this one
    complaint.add_moment("OpinionRevised", event)
    if now.ruling_is_final and now.at_work:
        for unit in now.at_work:
            complaint.add_moment("UnitReleased", event, unit=unit.unit)
        _end_disputes(complaint, event)
        return
    for unit in now.at_work:
        unit.state = "asked"
        own_plan_lapses(now, unit.unit)
        complaint.add_moment("UnitAsked", event, unit=unit.unit)
    complaint.status = standing_of(complaint)


def _end_disputes(complaint: Complaint, event: events.ComplaintEvent) -> None:
    if complaint.this_round.opinion is not None:
        complaint.this_round.opinion.state = "final"
    complaint.status = "executing"
    complaint.add_moment("OpinionFinal", event)


def _revision(complaint: Complaint) -> int:
    return 0 if complaint.this_round.opinion is None else complaint.this_round.opinion.revision
