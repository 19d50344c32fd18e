"""The one table that connects a command with its name, the state it needs, and the decision that answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from domain import errors
from domain.complaint import commands as c
from domain.complaint import guards as g
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import Request
from domain.complaint.pausing import may_be, pause, resume
from domain.complaint.requirements import missing_for
from domain.complaint.scoring import exclude_from_scoring, include_in_scoring
from domain.procedure.access import sight_of
from domain.procedure.procedure import Procedure
from domain.values import Actor, By

Decision = Callable[[Complaint, Any, By, Request], None]


@dataclass(frozen=True)
class Step:
    """One step of the canonical lifecycle: `POST /v1/complaints/{id}/<name>`, and the event it leads to.

    `additive`: it adds something of its own, whatever others have done meanwhile, so nobody need read again before it.
    """

    name: str
    command: type[c.Command]
    event: str
    decide: Decision
    guards: tuple[g.Guard, ...] = (g.is_open,)
    additive: bool = False


STEPS: Final[tuple[Step, ...]] = (
    Step("classify", c.ClassifyComplaint, "Classified", Complaint.classify),
    Step("reject", c.RejectComplaint, "Rejected", Complaint.reject, (g.is_open, g.is_not_dispatched)),
    Step("settle", c.SettleOnTheSpot, "SettledOnTheSpot", Complaint.settle,
         (g.is_open, g.is_not_dispatched, g.front_line_may_settle)),
    Step("draft-opinion", c.DraftOpinion, "OpinionDrafted", Complaint.draft_opinion,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched)),
    Step("dispatch", c.DispatchComplaint, "Dispatched", Complaint.dispatch,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched, g.was_explained,
          g.has_opinion)),
    Step("accept", c.AcceptWork, "Accepted", Complaint.accept, (g.is_open, g.is_dispatched)),
    Step("return", c.ReturnWork, "Returned", Complaint.return_work, (g.is_open, g.is_dispatched)),
    Step("confirm-opinion", c.ConfirmOpinion, "OpinionConfirmed", Complaint.confirm_opinion,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer)),
    Step("dispute-opinion", c.DisputeOpinion, "OpinionDisputed", Complaint.dispute_opinion,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer)),
    Step("issue-ruling", c.IssueRuling, "RulingIssued", Complaint.issue_ruling, (g.is_open, g.is_disputed)),
    Step("revise-opinion", c.ReviseOpinion, "OpinionRevised", Complaint.revise_opinion,
         (g.is_open, g.was_overturned)),
    Step("report-progress", c.ReportProgress, "ProgressReported", Complaint.report_progress,
         (g.is_closed_or_open,), additive=True),  # the board office's bulletins go on after the close
    Step("report-interim-measure", c.ReportInterimMeasure, "InterimMeasureReported",
         Complaint.report_interim_measure, additive=True),
    Step("extend", c.ExtendDeadline, "Extended", Complaint.extend,
         (g.is_open, g.interim_measure_was_reported, g.customer_was_told)),
    Step("pause", c.PauseClocks, "ClocksPaused", pause),
    Step("resume", c.ResumeClocks, "ClocksResumed", resume),
    Step("hold-meeting", c.HoldMeeting, "MeetingHeld", Complaint.hold_meeting, (g.is_open, g.is_classified),
         additive=True),
    Step("send-investigators", c.SendInvestigators, "InvestigatorsSent", Complaint.send_investigators,
         (g.is_open, g.is_classified), additive=True),
    Step("agree-solution", c.AgreeSolution, "SolutionAgreed", Complaint.agree_solution),
    Step("approve", c.Approve, "Approved", Complaint.approve),
    Step("execute", c.ExecuteMeasure, "Executed", Complaint.execute,
         (g.is_open, g.is_dispatched, g.opinion_is_final, g.solution_is_agreed, g.plan_is_approved)),
    Step("inform-customer", c.InformCustomer, "CustomerInformed", Complaint.inform_customer, additive=True),
    Step("request-capa", c.RequestCAPA, "CAPARequested", Complaint.request_capa, (g.is_open, g.is_classified)),
    Step("submit-capa", c.SubmitCAPA, "CAPASubmitted", Complaint.submit_capa, (g.is_open, g.capa_is_requested)),
    Step("issue-capa", c.IssueCAPA, "CAPAIssued", Complaint.issue_capa, (g.is_open, g.capa_is_submitted)),
    Step("confirm-effect", c.ConfirmEffect, "EffectConfirmed", Complaint.confirm_effect, (g.is_open, g.is_executed)),
    Step("record-callback", c.RecordCallback, "CallbackDone", Complaint.record_callback,
         (g.is_closed_or_open, g.may_be_called_back)),
    Step("close", c.CloseComplaint, "Closed", Complaint.close, (g.is_closed_or_open,)),
    Step("reopen", c.ReopenComplaint, "Reopened", Complaint.reopen, (g.may_reopen,)),
    Step("withdraw", c.WithdrawComplaint, "Withdrawn", Complaint.withdraw),
    Step("escalate", c.EscalateComplaint, "Escalated", Complaint.escalate),
    Step("remind", c.Remind, "Reminded", Complaint.remind, additive=True),
    Step("supervise", c.Supervise, "Supervised", Complaint.supervise, additive=True),
    Step("assign", c.Assign, "Assigned", Complaint.assign),
    Step("hand-over", c.HandOver, "HandedOver", Complaint.hand_over),
    Step("accept-hand-over", c.AcceptHandOver, "HandoverAccepted", Complaint.accept_hand_over),
    Step("check-customer", c.CheckCustomer, "CustomerChecked", Complaint.check_customer),
    Step("complete-form", c.CompleteForm, "FormCompleted", Complaint.complete_form),
    Step("verify-charge", c.VerifyCharge, "ChargeVerified", Complaint.verify_charge),
    Step("propose-compensation", c.ProposeCompensation, "CompensationProposed", Complaint.propose_compensation),
    Step("approve-compensation", c.ApproveCompensation, "CompensationApproved", Complaint.approve_compensation),
    Step("pay-compensation", c.PayCompensation, "CompensationPaid", Complaint.pay_compensation,
         (g.is_closed_or_open,)),
    Step("grade-fault", c.GradeFault, "FaultGraded", Complaint.grade_fault, ()),
    Step("record-apology", c.RecordApology, "ApologyMade", Complaint.record_apology, (g.is_closed_or_open,),
         additive=True),
    Step("issue-notice", c.IssueNotice, "NoticeIssued", Complaint.issue_notice, (g.is_closed_or_open,), additive=True),
    Step("name-accused", c.NameAccused, "AccusedNamed", Complaint.name_accused, (), additive=True),
    Step("attach", c.Attach, "AttachmentAdded", Complaint.attach, (), additive=True),
    Step("add-note", c.AddNote, "NoteAdded", Complaint.add_note, (), additive=True),
    Step("link", c.LinkComplaints, "ComplaintsLinked", Complaint.link, (), additive=True),
    Step("exclude-from-scoring", c.ExcludeFromScoring, "ExcludedFromScoring", exclude_from_scoring, ()),
    Step("include-in-scoring", c.IncludeInScoring, "IncludedInScoring", include_in_scoring, ()),
)  # fmt: skip

# What the first contact sees through, where first-contact ownership is the rule.
ENDS_OF_FIRST_CONTACT: Final = frozenset({"inform-customer", "record-callback", "close"})
STEP_NAMED: Final[dict[str, Step]] = {step.name: step for step in STEPS}
STEP_OF: Final[dict[type[c.Command], Step]] = {step.command: step for step in STEPS}


def decide(complaint: Complaint, command: c.Command, request: Request) -> None:
    """Let the complaint decide: it triggers events, or raises the refusal and nothing has happened.

    Clocks that are due by then are judged first and, where the step starts clocks in the past, after it, so a miss is
    always in the history before the late step that ends it.
    """
    step = STEP_OF[type(command)]
    by = taken_by(complaint, step, request.actor)
    refusal = _first_refusal(step, complaint, complaint.procedure)
    if refusal is not None:
        raise refusal
    if missing := _missing_before(step, complaint):
        raise errors.StepNeedsMore(f"Still missing: {'; '.join(missing)}.", missing=missing)
    complaint.judge_clocks(request.at)
    if step.name in ENDS_OF_FIRST_CONTACT and not complaint.may_follow_to_its_end(by, request.actor):
        raise errors.NotTheFirstContact
    step.decide(complaint, command, by, request)
    complaint.judge_clocks(request.at)


def taken_by(complaint: Complaint, step: Step, actor: Actor) -> By:
    """In which role the actor takes the step. Raises `Recused`, `RoleForbids`, `NotSentToYourUnit`."""
    procedure = complaint.procedure
    sight_of(actor, procedure, accused=complaint.accused, sent_to=complaint.sent_to, kind=complaint.kind)
    if step.name not in procedure.steps:
        raise errors.StepNotInProcedure(f"The steps are {', '.join(procedure.steps)}.")
    roles = [role for role in procedure.steps[step.name] if role in actor.roles]
    # A member of a unit that this was not sent to may still take the step in another role of theirs.
    fitting = [role for role in roles if role != "unit" or actor.unit in complaint.sent_to]
    if fitting:
        return By(actor.id, fitting[0], actor.unit, actor.source)
    if actor.is_admin:
        return By(actor.id, "admin", actor.unit, actor.source)
    if roles:
        raise errors.NotSentToYourUnit
    raise errors.RoleForbids(f"They are {', '.join(procedure.steps[step.name])}.")


def allowed_steps(complaint: Complaint, actor: Actor) -> list[str]:
    """The steps this actor may take now, in the order of the lifecycle; none for a person who is named in it."""
    procedure = complaint.procedure
    try:
        sight_of(actor, procedure, accused=complaint.accused, sent_to=complaint.sent_to, kind=complaint.kind)
    except errors.Refused:
        return []
    was_sent = actor.unit in complaint.sent_to
    speakers: dict[str, By] = {}
    allowed: list[str] = []
    for step, roles in _offered(procedure, actor.roles):
        role = next((role for role in roles if role != "unit" or was_sent), None)
        if role is None or _first_refusal(step, complaint, procedure) is not None:
            continue
        by = speakers.setdefault(role, By(actor.id, role, actor.unit, actor.source))
        if _is_still_to_do(complaint, step, by, actor):
            allowed.append(step.name)
    return allowed


@lru_cache(maxsize=512)
def _offered(procedure: Procedure, roles: frozenset[str]) -> tuple[tuple[Step, tuple[str, ...]], ...]:
    """The steps that these roles may take in a procedure, each with the roles it may be taken in, the usual first."""
    offered = [
        (step, (*(role for role in procedure.steps[step.name] if role in roles), *(roles & {"admin"})))
        for step in STEPS
        if step.name in procedure.steps
    ]
    return tuple((step, fitting) for step, fitting in offered if fitting)


def _first_refusal(step: Step, complaint: Complaint, procedure: Procedure) -> g.Refusal:
    for guard in step.guards:
        refusal = guard(complaint, procedure)
        if refusal is not None:
            return refusal
    return None


def _missing_before(step: Step, complaint: Complaint) -> tuple[str, ...]:
    """What has to happen before this step; a close says so itself, for a repeated close asks for nothing."""
    if step.name not in complaint.procedure.steps_with_needs or step.name == "close":
        return ()
    return missing_for(step.name, complaint, complaint.procedure)


def _is_still_to_do(complaint: Complaint, step: Step, by: By, actor: Actor) -> bool:
    """Beyond the guards: whether the step has something left to do for those this actor speaks for."""
    if _missing_before(step, complaint):
        return False
    if step.name in ENDS_OF_FIRST_CONTACT and not complaint.may_follow_to_its_end(by, actor):
        return False
    now = complaint.this_round
    mine = [unit for unit in now.units if by.role != "unit" or unit.unit == by.unit]
    match step.name:
        case "confirm-opinion" | "dispute-opinion":
            return any(unit.state in {"asked", "accepted"} for unit in mine)
        case "return":
            return any(unit.state in {"asked", "accepted"} and unit.unit not in now.returned_by for unit in mine)
        case "accept":
            return any(unit.state == "asked" for unit in mine)
        case "dispatch":
            return complaint.may_send_out(by, actor)
        case "issue-ruling":
            return complaint.may_rule(by, actor)
        case "extend":
            return any(complaint.may_move(clock, by) for clock in complaint.clocks)
        case "pause":
            return may_be("running", complaint, by)
        case "resume":
            return may_be("paused", complaint, by)
        case "execute":
            whole_case_open = by.role != "unit" and "" not in now.executed_by
            return whole_case_open or any(u.unit not in now.executed_by and u.state != "returned" for u in mine)
        case "submit-capa":
            return any(
                capa.state == "requested" and (by.role != "unit" or capa.unit == by.unit) for capa in complaint.capas
            )
        case "assign":
            return not complaint.procedure.owner_must_accept or complaint.owner.actor is None
        case "hand-over":
            return complaint.may_hand_over(by, actor)
        case "accept-hand-over":
            return complaint.offer is not None and complaint.offer.to == actor.id
        case "propose-compensation":
            return complaint.compensation_in("approved") is None
        case "approve-compensation":
            proposed = complaint.compensation_in("proposed")
            return proposed is not None and (by.role == "admin" or proposed.proposed_by != by.id)
        case "pay-compensation":
            return complaint.compensation_in("approved") is not None
        case "include-in-scoring":
            return bool(complaint.exclusions)
        case "close":
            ready = complaint.category is not None and not missing_for("close", complaint, complaint.procedure)
            return ready and not complaint.has_ended
    return True
