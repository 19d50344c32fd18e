"""The one table that connects a command with its name, the state it needs, and the decision that answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain import commands as c
from domain import errors
from domain import guards as g
from domain.access import sight_of
from domain.complaint import Complaint
from domain.deciding import Request
from domain.values import Actor, By

Decision = Callable[[Complaint, Any, By, Request], None]


@dataclass(frozen=True)
class Step:
    """One step of the canonical lifecycle: `POST /v1/complaints/{id}/<name>`, and the event it leads to."""

    name: str
    command: type[c.Command]
    event: str
    decide: Decision
    guards: tuple[g.Guard, ...] = (g.is_open,)


STEPS: Final[tuple[Step, ...]] = (
    Step("classify", c.ClassifyComplaint, "Classified", Complaint.classify),
    Step("reject", c.RejectComplaint, "Rejected", Complaint.reject, (g.is_open, g.is_not_dispatched)),
    Step("settle", c.SettleOnTheSpot, "SettledOnTheSpot", Complaint.settle,
         (g.is_open, g.is_not_dispatched, g.front_line_may_settle)),
    Step("draft-opinion", c.DraftOpinion, "OpinionDrafted", Complaint.draft_opinion,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched)),
    Step("dispatch", c.DispatchComplaint, "Dispatched", Complaint.dispatch,
         (g.is_open, g.is_classified, g.needs_a_case, g.is_not_dispatched, g.has_opinion)),
    Step("accept", c.AcceptWork, "Accepted", Complaint.accept, (g.is_open, g.is_dispatched)),
    Step("return", c.ReturnWork, "Returned", Complaint.return_work, (g.is_open, g.is_dispatched)),
    Step("confirm-opinion", c.ConfirmOpinion, "OpinionConfirmed", Complaint.confirm_opinion,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer)),
    Step("dispute-opinion", c.DisputeOpinion, "OpinionDisputed", Complaint.dispute_opinion,
         (g.is_open, g.is_dispatched, g.waits_for_an_answer)),
    Step("issue-ruling", c.IssueRuling, "RulingIssued", Complaint.issue_ruling, (g.is_open, g.is_disputed)),
    Step("revise-opinion", c.ReviseOpinion, "OpinionRevised", Complaint.revise_opinion,
         (g.is_open, g.was_overturned)),
    Step("report-progress", c.ReportProgress, "ProgressReported", Complaint.report_progress),
    Step("report-interim-measure", c.ReportInterimMeasure, "InterimMeasureReported",
         Complaint.report_interim_measure),
    Step("extend", c.ExtendDeadline, "Extended", Complaint.extend, (g.is_open, g.interim_measure_was_reported)),
    Step("hold-meeting", c.HoldMeeting, "MeetingHeld", Complaint.hold_meeting, (g.is_open, g.is_classified)),
    Step("send-investigators", c.SendInvestigators, "InvestigatorsSent", Complaint.send_investigators,
         (g.is_open, g.is_classified)),
    Step("agree-solution", c.AgreeSolution, "SolutionAgreed", Complaint.agree_solution),
    Step("approve", c.Approve, "Approved", Complaint.approve),
    Step("execute", c.ExecuteMeasure, "Executed", Complaint.execute,
         (g.is_open, g.is_dispatched, g.opinion_is_final)),
    Step("inform-customer", c.InformCustomer, "CustomerInformed", Complaint.inform_customer),
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
    Step("remind", c.Remind, "Reminded", Complaint.remind),
    Step("supervise", c.Supervise, "Supervised", Complaint.supervise),
    Step("assign", c.Assign, "Assigned", Complaint.assign),
    Step("name-accused", c.NameAccused, "AccusedNamed", Complaint.name_accused, ()),
    Step("attach", c.Attach, "AttachmentAdded", Complaint.attach, ()),
    Step("add-note", c.AddNote, "NoteAdded", Complaint.add_note, ()),
    Step("link", c.LinkComplaints, "ComplaintsLinked", Complaint.link, ()),
)  # fmt: skip

STEP_NAMED: Final[dict[str, Step]] = {step.name: step for step in STEPS}
STEP_OF: Final[dict[type[c.Command], Step]] = {step.command: step for step in STEPS}


def decide(complaint: Complaint, command: c.Command, request: Request) -> None:
    """Let the complaint decide: it triggers events, or raises the refusal and nothing has happened.

    Clocks that are due by then are judged first and, where the step starts clocks in the past, after it, so a miss is
    always in the history before the late step that ends it.
    """
    step = STEP_OF[type(command)]
    by = taken_by(complaint, step, request.actor)
    for guard in step.guards:
        refusal = guard(complaint, complaint.procedure)
        if refusal is not None:
            raise refusal
    complaint.judge_clocks(request.at)
    step.decide(complaint, command, by, request)
    complaint.judge_clocks(request.at)


def taken_by(complaint: Complaint, step: Step, actor: Actor) -> By:
    """In which role the actor takes the step. Raises `Recused`, `RoleForbids`, `NotSentToYourUnit`."""
    procedure = complaint.procedure
    sight_of(actor, procedure, accused=complaint.accused, sent_to=complaint.sent_to)
    if step.name not in procedure.steps:
        raise errors.StepNotInProcedure(f"The steps are {', '.join(procedure.steps)}.")
    role = procedure.may(step.name, actor.roles) or ("admin" if actor.is_admin else None)
    if role is None:
        raise errors.RoleForbids(f"They are {', '.join(procedure.steps[step.name])}.")
    if role == "unit" and actor.unit not in complaint.sent_to:
        raise errors.NotSentToYourUnit
    return By(actor.id, role, actor.unit, actor.source)


def allowed_steps(complaint: Complaint, actor: Actor) -> list[str]:
    """The steps this actor may take now, in the order of the lifecycle."""
    procedure = complaint.procedure
    return [
        step.name
        for step in STEPS
        if step.name in procedure.steps
        and (actor.is_admin or procedure.may(step.name, actor.roles) is not None)
        and all(guard(complaint, procedure) is None for guard in step.guards)
        and _is_still_to_do(complaint, step, actor)
    ]


def _is_still_to_do(complaint: Complaint, step: Step, actor: Actor) -> bool:
    """A member of a unit is offered only what their own unit still has to answer."""
    if procedure_role(complaint, step, actor) != "unit":
        return not (step.name == "close" and complaint.status == "closed")
    if actor.unit not in complaint.sent_to:
        return False
    state = complaint.unit_state(actor.unit)
    capa = complaint.capa_of(actor.unit or "")
    match step.name:
        case "confirm-opinion" | "dispute-opinion" | "return":
            return state is not None and state.state in {"asked", "accepted"}
        case "accept":
            return state is not None and state.state == "asked"
        case "execute":
            return state is not None and actor.unit not in complaint.this_round.executed_by
        case "submit-capa":
            return capa is not None and capa.state == "requested"
    return True


def procedure_role(complaint: Complaint, step: Step, actor: Actor) -> str | None:
    return complaint.procedure.may(step.name, actor.roles)
