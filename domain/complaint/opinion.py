"""处理意见、异议、裁定: the units confirm or dispute the handling opinion, and a dispute is ruled on."""

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.state import Opinion
from domain.complaint.units import UNANSWERED, must_know_unit, state_of, unit_that_answers, units_spoken_for
from domain.request import SYSTEM, Request
from domain.titles import titles_of
from domain.values import ActedBy, Actor


def draft_opinion(complaint: Complaint, command: commands.DraftOpinion, by: ActedBy, request: Request) -> None:
    opinion = complaint.this_round.opinion
    if opinion is None or opinion.text != command.text:
        complaint.trigger(events.OpinionDrafted, by, request.at, text=command.text)


def opinion_drafted(complaint: Complaint, event: events.OpinionDrafted) -> None:
    complaint.this_round.opinion = Opinion(event.text)


def confirm_opinion(complaint: Complaint, command: commands.ConfirmOpinion, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting=UNANSWERED)
    state, revision = state_of(complaint, unit), _revision(complaint)
    if state == "confirmed":
        return
    if state not in UNANSWERED:
        raise errors.UnitAlreadyAnswered
    complaint.trigger(events.OpinionConfirmed, by, request.at, unit=unit, revision=revision)


def dispute_opinion(complaint: Complaint, command: commands.DisputeOpinion, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting=UNANSWERED)
    if state_of(complaint, unit) not in UNANSWERED:
        raise errors.UnitAlreadyAnswered
    complaint.trigger(
        events.OpinionDisputed, by, request.at,
        unit=unit, revision=_revision(complaint), reason=command.reason, proposal=command.proposal,
    )  # fmt: skip


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
    states = {unit.state for unit in complaint.this_round.units}
    opinion = complaint.this_round.opinion
    if states == {"confirmed"}:
        _end_disputes(complaint, event)
    elif opinion is not None:
        opinion.state = "disputed" if "disputed" in states else "confirmed"


def issue_ruling(complaint: Complaint, command: commands.IssueRuling, by: ActedBy, request: Request) -> None:
    procedure, last = complaint.procedure, complaint.procedure.last_instance
    exhausted = _rounds_are_exhausted(complaint)
    if not may_rule(complaint, by, request.actor):
        raise errors.RulingIsTheLastInstances(role=titles_of((last,), procedure.roles))
    shares = command.liability
    if sum(share.percent for share in shares) != 100 or len({share.unit for share in shares}) != len(shares):
        raise errors.LiabilityMustSumTo100("/liability", sum=sum(share.percent for share in shares))
    for index, share in enumerate(shares):
        must_know_unit(complaint, share.unit, f"/liability/{index}/unit", request)
    complaint.trigger(
        events.RulingIssued, by, request.at,
        outcome=command.outcome, text=command.text, liability=shares, final=exhausted,
    )  # fmt: skip
    overturned = complaint.this_round.overturned
    if overturned == procedure.dispute_rounds and not exhausted:
        cause = Cause.of("disputed", count=overturned)
        complaint.trigger(events.Escalated, SYSTEM, request.at, to_role=last, cause=cause)


def may_rule(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Once the bound of dispute rounds is reached, only the last instance rules."""
    last = complaint.procedure.last_instance
    return not _rounds_are_exhausted(complaint) or by.role == "admin" or last in actor.roles


def _rounds_are_exhausted(complaint: Complaint) -> bool:
    return complaint.this_round.overturned >= complaint.procedure.dispute_rounds


def ruling_issued(complaint: Complaint, event: events.RulingIssued) -> None:
    now = complaint.this_round
    complaint.liability = event.liability
    now.ruled = "upheld" if event.outcome == "upheld" else "overturned"
    now.ruling_is_final = event.final
    complaint.add_moment("RulingIssued", event)
    for unit in now.units:  # nobody can answer this opinion any more, so nobody is late with an answer
        complaint.add_moment("UnitReleased", event, unit=unit.unit)
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
    complaint.add_moment("OpinionRevised", event)
    if now.ruling_is_final:
        for unit in now.units:
            complaint.add_moment("UnitReleased", event, unit=unit.unit)
        _end_disputes(complaint, event)
        return
    complaint.status = "dispatched"
    for unit in now.units:
        unit.state = "asked"
        complaint.add_moment("UnitAsked", event, unit=unit.unit)


def _end_disputes(complaint: Complaint, event: events.ComplaintEvent) -> None:
    if complaint.this_round.opinion is not None:
        complaint.this_round.opinion.state = "final"
    complaint.status = "executing"
    complaint.add_moment("OpinionFinal", event)


def _revision(complaint: Complaint) -> int:
    return 0 if complaint.this_round.opinion is None else complaint.this_round.opinion.revision
