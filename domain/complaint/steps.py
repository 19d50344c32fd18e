"""The one table of the canonical lifecycle: which step is which command, leads to which event, and may be taken when.

What is offered to somebody (`allowed_steps`) and what is accepted from them (`decide`) are both read off its rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Generic, Literal, TypeVar

from domain import errors
from domain.complaint import (
    approving,
    capa,
    classification,
    closing,
    compensation,
    deadlines,
    ending,
    escalation,
    findings,
    handling,
    in_calls,
    intake,
    opinion,
    overriding,
    ownership,
    pausing,
    records,
    redirecting,
    retraction,
    returning,
    scoring,
    units,
)
from domain.complaint import commands as c
from domain.complaint import events as e
from domain.complaint import guards as g
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.deciding import BY_WHAT_IT_SAYS, decided_further_up
from domain.complaint.ownership import may_follow_to_its_end, release_owner
from domain.complaint.requirements import as_told, missing_for
from domain.procedure.access import step_of_others
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.titles import titles_of
from domain.values import ADMIN, ActedBy, Actor

UnitsThatMay = Literal["having", "owing", "any"]
C = TypeVar("C", bound=c.Command)
E = TypeVar("E", bound=e.ComplaintEvent)


@dataclass(frozen=True)
class Step(Generic[C, E]):
    """One step: `POST /v1/complaints/{id}/<name>`.

    `decide` lets the event happen, or refuses; without it the event says what the command says. `fold` is what the
    event changes; without it nothing but when something last happened. The guards look at the complaint alone; beyond
    them `still_to_do` says whether something is left to do for somebody who takes the step so. `additive`: it adds
    something of its own, whatever others have done meanwhile, so nobody need read again before it. `of_first_contact`:
    the first contact sees it through, where that is the rule. `ends_early`: of a grave complaint not everybody may take
    it who may take it of others. `by_units` are those whose members take it: that have the case, or besides those that
    owe a CAPA report, or any that ever saw it. `waits_for_its_own`: not even in an emergency is it taken by others.
    """

    name: str
    command: type[C]
    event: type[E]
    decide: Callable[[Complaint, C, ActedBy, Request], None] | None = None
    fold: Callable[[Complaint, E], None] | None = None
    guards: tuple[g.Guard, ...] = (g.is_open,)
    still_to_do: Callable[[Complaint, ActedBy, Actor], bool] | None = None
    additive: bool = False
    of_first_contact: bool = False
    ends_early: bool = False
    by_units: UnitsThatMay = "having"
    waits_for_its_own: bool = False


_ROWS = (
    Step("classify", c.ClassifyComplaint, e.Classified, classification.classify, classification.classified),
    Step("reject", c.RejectComplaint, e.Rejected, closing.reject, closing.rejected, (g.is_open, g.is_not_dispatched),
         ending.may_judge, ends_early=True),
    Step("settle", c.SettleOnTheSpot, e.SettledOnTheSpot, closing.settle, closing.settled_on_the_spot,
         (g.is_open, g.is_not_dispatched, g.front_line_may_settle), ends_early=True),
    Step("draft-opinion", c.DraftOpinion, e.OpinionDrafted, opinion.draft_opinion, opinion.opinion_drafted,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched)),
    Step("dispatch", c.DispatchComplaint, e.Dispatched, units.dispatch, units.dispatched,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched, g.was_explained, g.has_opinion),
         ending.may_judge),
    Step("accept", c.AcceptWork, e.Accepted, units.accept, units.accepted,
         (g.is_open, g.is_dispatched), units.may_accept),
    Step("return", c.ReturnWork, e.Returned, returning.return_work, returning.returned,
         (g.is_open, g.is_dispatched), returning.may_return),
    Step("redirect", c.RedirectComplaint, e.Redirected, redirecting.redirect, redirecting.redirected,
         (g.is_open, g.is_dispatched)),
    Step("recall", c.RecallComplaint, e.Recalled, redirecting.recall, redirecting.recalled,
         (g.is_open, g.is_dispatched)),
    Step("add-unit", c.AddUnit, e.UnitAdded, redirecting.add_unit, redirecting.unit_added,
         (g.is_open, g.is_dispatched)),
    Step("confirm-opinion", c.ConfirmOpinion, e.OpinionConfirmed, opinion.confirm_opinion, opinion.opinion_confirmed,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer), opinion.may_answer_opinion),
    Step("dispute-opinion", c.DisputeOpinion, e.OpinionDisputed, opinion.dispute_opinion, opinion.opinion_disputed,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer), opinion.may_answer_opinion),
    Step("issue-ruling", c.IssueRuling, e.RulingIssued, opinion.issue_ruling, opinion.ruling_issued,
         (g.is_open, g.is_disputed), opinion.may_rule),
    Step("revise-opinion", c.ReviseOpinion, e.OpinionRevised, opinion.revise_opinion, opinion.opinion_revised,
         (g.is_open, g.was_overturned)),
    Step("report-progress", c.ReportProgress, e.ProgressReported, handling.report_progress, handling.progress_reported,
         (g.is_closed_or_open,), additive=True),  # the board office's bulletins go on after the close
    Step("report-interim-measure", c.ReportInterimMeasure, e.InterimMeasureReported,
         handling.report_interim_measure, handling.interim_measure_reported, additive=True, by_units="owing"),
    Step("extend", c.ExtendDeadline, e.Extended, deadlines.extend, deadlines.extended,
         (g.is_open, g.interim_measure_was_reported, g.customer_was_told), deadlines.may_extend, by_units="owing"),
    Step("pause", c.PauseClocks, e.ClocksPaused, pausing.pause, pausing.clocks_paused, still_to_do=pausing.may_pause,
         by_units="owing"),
    Step("resume", c.ResumeClocks, e.ClocksResumed, pausing.resume, pausing.clocks_resumed,
         still_to_do=pausing.may_resume, by_units="owing"),
    Step("retract-miss", c.RetractMiss, e.DeadlineMissRetracted, retraction.retract_miss,
         retraction.deadline_miss_retracted, (), retraction.may_retract_miss, waits_for_its_own=True),
    Step("hold-meeting", c.HoldMeeting, e.MeetingHeld, fold=handling.meeting_held, guards=(g.is_open, g.is_classified),
         additive=True),
    Step("send-investigators", c.SendInvestigators, e.InvestigatorsSent, handling.send_investigators,
         guards=(g.is_open, g.is_classified), additive=True),
    Step("agree-solution", c.AgreeSolution, e.SolutionAgreed, handling.agree_solution, handling.solution_agreed,
         still_to_do=handling.may_agree_solution),
    Step("approve", c.Approve, e.Approved, approving.approve, approving.approved, waits_for_its_own=True),
    Step("execute", c.ExecuteMeasure, e.Executed, handling.execute, handling.executed,
         (g.is_open, g.is_dispatched, g.opinion_is_final),
         handling.may_execute),
    Step("inform-customer", c.InformCustomer, e.CustomerInformed, handling.inform_customer, handling.customer_informed,
         additive=True, of_first_contact=True),
    Step("request-capa", c.RequestCAPA, e.CAPARequested, capa.request_capa, capa.capa_requested,
         (g.is_open, g.is_classified)),
    Step("submit-capa", c.SubmitCAPA, e.CAPASubmitted, capa.submit_capa, capa.capa_submitted,
         (g.is_closed_or_open, g.capa_is_requested), capa.may_submit_capa, by_units="any"),
    Step("issue-capa", c.IssueCAPA, e.CAPAIssued, capa.issue_capa, capa.capa_issued,
         (g.is_closed_or_open, g.capa_is_submitted)),
    Step("confirm-effect", c.ConfirmEffect, e.EffectConfirmed, fold=closing.effect_confirmed,
         guards=(g.is_open, g.is_executed)),
    Step("record-callback", c.RecordCallback, e.CallbackDone, closing.record_callback, closing.callback_done,
         (g.is_closed_or_open, g.may_be_called_back), of_first_contact=True),
    Step("close", c.CloseComplaint, e.Closed, closing.close, closing.closed, (g.is_closed_or_open,), closing.may_close,
         of_first_contact=True),
    Step("reopen", c.ReopenComplaint, e.Reopened, closing.reopen, closing.reopened, (g.may_reopen,)),
    Step("withdraw", c.WithdrawComplaint, e.Withdrawn, fold=closing.withdrawn, ends_early=True),
    Step("escalate", c.EscalateComplaint, e.Escalated, escalation.escalate, escalation.escalated),
    Step("remind", c.Remind, e.Reminded, escalation.remind, additive=True),
    Step("supervise", c.Supervise, e.Supervised, escalation.supervise, escalation.supervised, additive=True),
    Step("assign", c.Assign, e.Assigned, ownership.assign, ownership.assigned, still_to_do=ownership.may_assign),
    Step("hand-over", c.HandOver, e.HandedOver, ownership.hand_over, ownership.handed_over,
         still_to_do=ownership.may_hand_over, by_units="any"),
    Step("accept-hand-over", c.AcceptHandOver, e.HandoverAccepted,
         ownership.accept_hand_over, ownership.handover_accepted, still_to_do=ownership.may_accept_hand_over,
         by_units="any"),
    Step("check-customer", c.CheckCustomer, e.CustomerChecked, intake.check_customer, intake.customer_checked),
    Step("override", c.OverrideNeed, e.NeedOverridden, overriding.override_need, overriding.need_overridden,
         still_to_do=overriding.may_override_need, waits_for_its_own=True),
    Step("complete-form", c.CompleteForm, e.FormCompleted, intake.complete_form, intake.form_completed),
    Step("correct-complainant", c.CorrectComplainant, e.ComplainantCorrected,
         intake.correct_complainant, intake.complainant_corrected, (), intake.is_known, additive=True),
    Step("correct-subject", c.CorrectSubject, e.SubjectCorrected, intake.correct_subject, intake.subject_corrected, (),
         additive=True),
    Step("verify-charge", c.VerifyCharge, e.ChargeVerified, compensation.verify_charge, compensation.charge_verified,
         waits_for_its_own=True),
    Step("propose-compensation", c.ProposeCompensation, e.CompensationProposed,
         compensation.propose_compensation, compensation.compensation_proposed,
         still_to_do=compensation.may_propose_compensation, waits_for_its_own=True),
    Step("approve-compensation", c.ApproveCompensation, e.CompensationApproved,
         compensation.approve_compensation, compensation.compensation_approved,
         still_to_do=compensation.may_approve_compensation, waits_for_its_own=True),
    Step("pay-compensation", c.PayCompensation, e.CompensationPaid,
         compensation.pay_compensation, compensation.compensation_paid,
         (g.is_closed_or_open,), compensation.may_pay_compensation, waits_for_its_own=True),
    Step("grade-fault", c.GradeFault, e.FaultGraded, findings.grade_fault, findings.fault_graded, (),
         waits_for_its_own=True),
    Step("record-apology", c.RecordApology, e.ApologyMade, findings.record_apology, findings.apology_made,
         (g.is_closed_or_open,), additive=True),
    Step("issue-notice", c.IssueNotice, e.NoticeIssued, findings.issue_notice, findings.notice_issued,
         (g.is_closed_or_open,), additive=True),
    Step("name-accused", c.NameAccused, e.AccusedNamed, records.name_accused, records.accused_named, (), additive=True),
    Step("match-accused", c.MatchAccused, e.AccusedMatched, records.match_accused, records.accused_matched, (),
         records.may_match_accused, waits_for_its_own=True),
    Step("attach", c.Attach, e.AttachmentAdded, records.attach, records.attachment_added, (), additive=True,
         by_units="owing"),
    Step("add-note", c.AddNote, e.NoteAdded, guards=(), additive=True, by_units="any"),
    Step("link", c.LinkComplaints, e.ComplaintsLinked, records.link, records.complaints_linked, (), additive=True),
    Step("unlink", c.UnlinkComplaints, e.ComplaintsUnlinked, records.unlink, records.complaints_unlinked, (),
         records.may_unlink),
    Step("exclude-from-scoring", c.ExcludeFromScoring, e.ExcludedFromScoring,
         scoring.exclude_from_scoring, scoring.excluded_from_scoring, (), waits_for_its_own=True),
    Step("include-in-scoring", c.IncludeInScoring, e.IncludedInScoring,
         scoring.include_in_scoring, scoring.included_in_scoring, (), scoring.may_include_in_scoring,
         waits_for_its_own=True),
)  # fmt: skip
AnyStep = Step[Any, Any]
STEPS: Final[tuple[AnyStep, ...]] = _ROWS

STEP_NAMED: Final[dict[str, AnyStep]] = {step.name: step for step in STEPS}
STEP_OF: Final[dict[type[c.Command], AnyStep]] = {
    **{step.command: step for step in STEPS}, c.TakeInEmergency: STEP_NAMED["override"],
    c.TakeFromCall: STEP_NAMED[in_calls.LINK_ALONE],
}  # fmt: skip


def decide(complaint: Complaint, command: c.Command, request: Request) -> None:
    """Let the complaint decide: it triggers events, or raises the refusal and nothing has happened."""
    complaint.sight_for(request.actor)
    reaching = _in_reach(complaint, request.actor)
    asked = request if reaching is request.actor else replace(request, actor=reaching)
    if isinstance(command, c.TakeInEmergency):
        _take_in_emergency(complaint, command, asked)
    elif isinstance(command, c.TakeFromCall):
        _take_from_call(complaint, command, asked, reaching)
    else:
        step = STEP_OF[type(command)]
        _decide_on(step, complaint, command, _taken_by(complaint, step, request.actor, reaching), asked)


def _decide_on(step: AnyStep, complaint: Complaint, command: c.Command, by: ActedBy, request: Request) -> None:
    """Clocks that are due by then are judged first and, where the step starts clocks in the past, after it, so a miss
    is always in the history before the late step that ends it.
    """
    refusal = refusal_of(step, complaint, by, request.actor)
    if refusal is not None:
        raise refusal
    judge_clocks(complaint, request.at)
    take(step, complaint, command, by, request)
    release_owner(complaint, request)
    judge_clocks(complaint, request.at)


def take(step: AnyStep, complaint: Complaint, command: c.Command, by: ActedBy, request: Request) -> None:
    """Let what a step comes to happen, whose guards were asked. Raises the refusal."""
    if step.decide is None:
        complaint.trigger(step.event, by, request.at, **vars(command))
    else:
        step.decide(complaint, command, by, request)


def _take_in_emergency(complaint: Complaint, command: c.TakeInEmergency, request: Request) -> None:
    """紧急代办: whose step it is, is passed over; what it needs, money and recusal are not."""
    step, actor, procedure = STEP_OF[type(command.step)], request.actor, complaint.procedure
    if not actor.is_admin:
        raise errors.RoleForbids(roles=titles_of((ADMIN,), procedure.roles))
    roles = procedure.steps.get(step.name)
    if roles is None:
        raise errors.StepNotInProcedure(known=tuple(procedure.steps))
    if step.waits_for_its_own:
        raise errors.NotInAnEmergency(step=step.name)
    if step.name in allowed_steps(complaint, actor):
        raise errors.NothingInTheWay
    by = actor.acting_as(ADMIN)
    judge_clocks(complaint, request.at)
    before = complaint.version
    _decide_on(step, complaint, command.step, by, request)
    if complaint.version == before:
        raise errors.NothingInTheWay
    complaint.trigger(e.Overridden, by, request.at, step=step.name, in_place_of=roles, reason=command.reason)


def _take_from_call(complaint: Complaint, command: c.TakeFromCall, request: Request, reaching: Actor) -> None:
    """What a call comes to is the step that it is, by who talked, and the call is linked in the same commit."""
    step_command = in_calls.step_from(complaint, command.told)
    step = STEP_NAMED[in_calls.LINK_ALONE] if step_command is None else STEP_OF[type(step_command)]
    by = _taken_by(complaint, step, request.actor, reaching)
    if step_command is not None:
        complaint.in_call = command.call.stream
        _decide_on(step, complaint, step_command, by, request)
    in_calls.link_told(complaint, command, by, request.at)


def _taken_by(complaint: Complaint, step: AnyStep, actor: Actor, reaching: Actor) -> ActedBy:
    """In which role the actor takes the step, of those that reach it. Raises `RoleForbids`, `NotSentToYourUnit`."""
    procedure = complaint.procedure
    if step.name not in procedure.steps:
        raise errors.StepNotInProcedure(known=tuple(procedure.steps))
    roles = procedure.steps[step.name]
    # A member of a unit that this was not sent to may still take the step in another role of theirs.
    roles_for_it = _roles_for(step, procedure, reaching.roles)
    fitting = [actor.acting_as(role) for role in roles_for_it]
    if fitting:
        # The usual one, but where it may only be taken in another one of theirs.
        offered = (by for by in fitting if len(fitting) > 1 and _is_offered(step, complaint, by, reaching))
        return next(offered, fitting[0])
    if "unit" in actor.roles and "unit" in roles and actor.unit not in complaint.sent_to:
        raise errors.NotSentToYourUnit
    raise step_of_others(step.name, actor.roles, procedure)


def _in_reach(complaint: Complaint, actor: Actor) -> Actor:
    """The actor with those of their roles that reach the complaint: the others lend it nothing."""
    roles = frozenset(one.role for one in complaint.accesses_of(actor))
    return actor if roles == actor.roles else replace(actor, roles=roles)


def allowed_steps(complaint: Complaint, actor: Actor) -> list[str]:
    """The steps this actor may take now, in the order of the lifecycle; none for a person who is named in it."""
    try:
        complaint.sight_for(actor)
    except errors.Refused:
        return []
    actor = _in_reach(complaint, actor)
    speakers = {role: actor.acting_as(role) for role in actor.roles}
    return [
        step.name
        for step, roles in _offered(complaint.procedure, actor.roles)
        if any(_is_offered(step, complaint, speakers[role], actor) for role in roles)
    ]


def _is_offered(step: AnyStep, complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    if refusal_of(step, complaint, by, actor) is not None:
        return False
    return step.still_to_do is None or step.still_to_do(complaint, by, actor)


def _roles_for(step: AnyStep, procedure: Procedure, roles: frozenset[str]) -> tuple[str, ...]:
    """Those of the roles that a step may be taken in, the usual first."""
    return tuple(role for role in procedure.steps[step.name] if role in roles)


def steps_open_to(procedure: Procedure, roles: frozenset[str]) -> list[str]:
    """The steps that somebody with these roles may take in some case."""
    return [step.name for step, _ in _offered(procedure, roles)]


@lru_cache(maxsize=512)
def _offered(procedure: Procedure, roles: frozenset[str]) -> tuple[tuple[AnyStep, tuple[str, ...]], ...]:
    """The steps that these roles may take in a procedure, each with the roles it may be taken in."""
    offered = [(step, _roles_for(step, procedure, roles)) for step in STEPS if step.name in procedure.steps]
    return tuple((step, fitting) for step, fitting in offered if fitting)


def refusal_of(
    step: AnyStep, complaint: Complaint, by: ActedBy, actor: Actor
) -> errors.Refused | type[errors.Refused] | None:
    """Why nobody, or nobody who takes it so, may take the step now, whatever its fields say."""
    given_up = _without_the_case(step, complaint, by)
    refusals = (guard(complaint, complaint.procedure) for guard in step.guards)
    refusal = given_up if given_up is not errors.UnitNotAsked else None
    refusal = refusal or next(filter(None, refusals), given_up)
    if refusal is not None:
        return refusal
    if step.ends_early and not ending.may_end(complaint, by, actor):
        roles = ending.enders(complaint.procedure, complaint.severity)
        return errors.EndedByOthers(roles=titles_of(roles, complaint.procedure.roles))
    # A close and a settling say themselves what they need: some of that depends on what they say.
    if step.name in complaint.procedure.steps_with_needs and step.decide not in (closing.close, closing.settle):
        missing = missing_for(step.name, complaint, complaint.procedure)
        if missing:
            return errors.StepNeedsMore(as_told(missing, complaint, actor))
    if step.of_first_contact and not may_follow_to_its_end(complaint, by, actor):
        return errors.NotTheFirstContact
    return None if step.name == BY_WHAT_IT_SAYS else decided_further_up(step.name, complaint, by, actor)


def _without_the_case(step: AnyStep, complaint: Complaint, by: ActedBy) -> type[errors.Refused] | None:
    """A unit that sent it back, or that it was taken from, reads it and may add a note."""
    unit = by.unit_spoken_for
    if unit is None or step.by_units == "any" or (step.by_units == "owing" and capa.owes_report(complaint, unit)):
        return None
    return units.without_the_case(complaint, unit)
