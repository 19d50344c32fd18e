"""回访与结案: whether it worked and the customer is content, what ends a complaint, and what opens it again."""

from typing import Final, Literal

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.compensation import all_made_good
from domain.complaint.complaint import Complaint
from domain.complaint.ending import may_judge, must_may_find
from domain.complaint.escalation import escalate_to, told_of_dissatisfaction
from domain.complaint.ownership import wait_to_be_accepted
from domain.complaint.records import wait_to_be_matched_anew
from domain.complaint.requirements import as_told, missing_for, missing_of
from domain.complaint.state import RoundState
from domain.procedure.moments import MomentName
from domain.request import SYSTEM, Request
from domain.values import ActedBy, Actor

# Points, by whether the customer is satisfied.
UNTHINKABLE: Final[dict[bool | None, tuple[int, ...]]] = {True: (1, 2), False: (4, 5)}


def settle(complaint: Complaint, command: commands.SettleOnTheSpot, by: ActedBy, request: Request) -> None:
    """What a settling needs, one that the customer accepts needs: an explanation they do not accept ends nothing."""
    missing = missing_for("settle", complaint, complaint.procedure) if command.accepted else None
    if missing:
        raise errors.StepNeedsMore(as_told(missing, complaint, request.actor))
    complaint.trigger(events.SettledOnTheSpot, by, request.at, **vars(command))


def settled_on_the_spot(complaint: Complaint, event: events.SettledOnTheSpot) -> None:
    complaint.explained = True
    if event.accepted:
        end(complaint, "closed", event, "Settled")


def reject(complaint: Complaint, command: commands.RejectComplaint, by: ActedBy, request: Request) -> None:
    if not may_judge(complaint, by, request.actor):
        raise errors.NothingAppealed
    complaint.trigger(events.Rejected, by, request.at, reason=command.reason)


def rejected(complaint: Complaint, event: events.Rejected) -> None:
    end(complaint, "rejected", event, "Rejected")


def withdrawn(complaint: Complaint, event: events.Withdrawn) -> None:
    end(complaint, "withdrawn", event, "Withdrawn")


def effect_confirmed(complaint: Complaint, event: events.EffectConfirmed) -> None:
    findings = "effective" if event.effective else "not effective"
    complaint.add_moment("EffectConfirmed", event, unit=event.actor.unit_spoken_for, subject=findings)


def record_callback(complaint: Complaint, command: commands.RecordCallback, by: ActedBy, request: Request) -> None:
    if command.unit is not None and command.unit not in complaint.sent_to:
        raise errors.UnitNotAsked
    _must_agree_with_itself(command)
    counts = complaint.standing.hears_of_result
    complaint.trigger(events.CallbackDone, by, request.at, **vars(command), call=complaint.in_call)
    if counts and command.satisfied is False:
        cause = Cause.of("dissatisfied", count=complaint.dissatisfactions)
        complaint.trigger(events.Reopened, SYSTEM, request.at, cause=cause, round=complaint.round + 1)
        escalate_to(complaint, told_of_dissatisfaction(complaint, cause), cause, request.at)


def _must_agree_with_itself(command: commands.RecordCallback) -> None:
    if not command.reached:
        for name in ("satisfied", "score", "rated_by"):
            if getattr(command, name) is not None:
                raise errors.ContradictoryCallback(f"/{name}")
    if command.score is not None and command.score in UNTHINKABLE.get(command.satisfied, ()):
        raise errors.ContradictoryCallback("/score")


def callback_done(complaint: Complaint, event: events.CallbackDone) -> None:
    complaint.dissatisfactions += event.satisfied is False and complaint.standing.hears_of_result
    heard = "tried" if not event.reached else "reached" if event.satisfied is None else "answered"
    complaint.add_moment("CallbackDone", event, subject=heard)


def close(complaint: Complaint, command: commands.CloseComplaint, by: ActedBy, request: Request) -> None:
    if complaint.status == "closed":
        if complaint.outcome not in (None, command.outcome):
            raise errors.AlreadyClosed
        return
    if complaint.category is None:
        raise errors.NotYetClassified
    if command.justified:
        must_may_find(complaint, complaint.category, by, request.actor)
    missing = _missing(complaint, justified=command.justified)
    if missing:
        raise errors.NotReadyToClose(as_told(missing, complaint, request.actor))
    complaint.trigger(
        events.Closed, by, request.at,
        outcome=command.outcome, justified=command.justified, summary=command.summary, lessons=command.lessons,
    )  # fmt: skip


def may_close(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return complaint.category is not None and not complaint.has_ended and not _missing(complaint, justified=False)


def _missing(complaint: Complaint, *, justified: bool | None) -> errors.Missing:
    """What still has to happen before it is closed so."""
    missing = missing_for("close", complaint, complaint.procedure)
    if justified is None and _owes_verdict(complaint):
        missing |= {"verdict": None}
    if justified and not complaint.noticed and _owes_notice(complaint):
        missing |= {"liability-notice": None}
    if justified:
        missing |= missing_of(_needs_when_justified(complaint), complaint, complaint.procedure)
    return missing


def _owes_verdict(complaint: Complaint) -> bool:
    """经查实、再次判定: whether something depends on its being justified, so that the close has to say it.

    So it is with what some alone find: whoever says nothing would find it too.
    """
    again = complaint.procedure.dissatisfaction
    judged_again = again is not None and again.verdict and complaint.dissatisfactions >= again.count
    needs = complaint.procedure.justified_needs_of(complaint.category)
    is_found = bool(complaint.procedure.finders_of(complaint.category))
    return judged_again or is_found or (bool(needs) and not complaint.is_confidential)


def _needs_when_justified(complaint: Complaint) -> tuple[str, ...]:
    """Nothing in what is confidential: an apology would tell those who are accused who reported them."""
    if complaint.is_confidential:
        return ()
    apology = ("apology",) if _owes_apology(complaint) else ()
    return (*complaint.procedure.justified_needs_of(complaint.category), *apology)


def _owes_apology(complaint: Complaint) -> bool:
    """员工过失: whether people are named in it, who apologise with their leader."""
    return complaint.procedure.apology_when_at_fault and bool(complaint.accused)


def _owes_notice(complaint: Complaint) -> bool:
    """责任属实则通报: whether those liable for a justified complaint are noticed before it is closed."""
    again = complaint.procedure.dissatisfaction
    judged_again = again is not None and again.notice and complaint.dissatisfactions >= again.count
    return complaint.procedure.notice_when_justified or judged_again


def closed(complaint: Complaint, event: events.Closed) -> None:
    end(complaint, "closed", event, "Closed")
    complaint.outcome, complaint.justified = event.outcome, event.justified


def reopen(complaint: Complaint, command: commands.ReopenComplaint, by: ActedBy, request: Request) -> None:
    complaint.trigger(events.Reopened, by, request.at, reason=command.reason, round=complaint.round + 1)


def reopened(complaint: Complaint, event: events.Reopened) -> None:
    owes_refund = complaint.has_ended and not all_made_good(complaint)
    complaint.round = event.round
    if event.cause is not None and event.cause.code == "dissatisfied":  # once it counted before the last result too
        complaint.dissatisfactions = max(complaint.dissatisfactions, event.cause.count or 0)
    complaint.this_round = RoundState()
    complaint.escalations.clear()
    complaint.status = "received" if complaint.category is None else "classified"
    complaint.closed_at = complaint.outcome = complaint.justified = None
    complaint.add_moment("RoundOpened", event)
    if owes_refund:  # its clock ended with the case; of a round that never ended it runs on
        complaint.add_moment("ChargeFoundWrong", event)
    wait_to_be_accepted(complaint, event)
    wait_to_be_matched_anew(complaint, event)
    if complaint.category is None:
        complaint.add_moment("Unclassified", event)


def end(
    complaint: Complaint,
    status: Literal["closed", "rejected", "withdrawn"],
    event: events.ComplaintEvent,
    moment: MomentName,
) -> None:
    """Remember that it ended so with this event."""
    complaint.status = status
    complaint.closed_at = event.timestamp
    complaint.add_moment(moment, event)
