"""处理: what is done about it and who approves of that, and what the customer agrees to and hears."""

from collections.abc import Collection

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.approving import approvals_lapse, plan_comes_first, plan_may_be_executed
from domain.complaint.complaint import Complaint
from domain.complaint.escalation import escalate_to
from domain.complaint.plans import plan_agreed_or_refused, said_by_words, says_what_is_planned
from domain.complaint.state import UNANSWERED, Measure
from domain.complaint.units import accept_by_answering, standing_of, state_of, unit_spoken_for, units_spoken_for
from domain.identity import is_among
from domain.request import Request
from domain.values import ActedBy, Actor


def report_progress(complaint: Complaint, command: commands.ReportProgress, by: ActedBy, request: Request) -> None:
    accept_by_answering(complaint, by.unit_spoken_for, by, request.at)
    complaint.trigger(events.ProgressReported, by, request.at, text=command.text)


def progress_reported(complaint: Complaint, event: events.ProgressReported) -> None:
    complaint.add_moment("ProgressReported", event, unit=event.actor.unit_spoken_for)


def report_interim_measure(
    complaint: Complaint, command: commands.ReportInterimMeasure, by: ActedBy, request: Request
) -> None:
    unit = unit_spoken_for(command.unit, by)
    if unit is not None and by.role != "unit":
        state_of(complaint, unit)
    complaint.trigger(events.InterimMeasureReported, by, request.at, text=command.text, unit=unit)


def interim_measure_reported(complaint: Complaint, event: events.InterimMeasureReported) -> None:
    complaint.this_round.interim_measures.append(event.unit)


def meeting_held(complaint: Complaint, event: events.MeetingHeld) -> None:
    complaint.meeting_held = True
    complaint.add_moment("MeetingHeld", event)


def send_investigators(
    complaint: Complaint, command: commands.SendInvestigators, by: ActedBy, request: Request
) -> None:
    """当事人回避: nobody looks into what they are accused of, however they are written."""
    said_of_them = [said for said, meant in complaint.matched.items() if meant is not None]
    accused = (*complaint.accused, *said_of_them)
    for index, person in enumerate(command.people):
        if any(is_among(meant, accused) for meant in request.people.with_those_meant((person,))):
            raise errors.InvestigatorIsAccused(f"/people/{index}")
    complaint.trigger(events.InvestigatorsSent, by, request.at, people=command.people, place=command.place)


def agree_solution(complaint: Complaint, command: commands.AgreeSolution, by: ActedBy, request: Request) -> None:
    known = complaint.procedure.remedies
    for index, remedy in enumerate(command.remedies):
        if remedy not in known:
            raise errors.UnknownRemedy(f"/remedies/{index}", known=known)
    unit = unit_spoken_for(command.unit, by)
    if unit is not None:
        state_of(complaint, unit)
    concerned = [one.unit for one in complaint.this_round.at_work if unit in (None, one.unit)]
    if _was_carried_out(complaint, concerned):
        now = complaint.this_round
        if command.agreed and all(says_what_is_planned(now, one, command.text) for one in concerned):
            return
        raise errors.PlanAlreadyExecuted
    facts = {**vars(command), "unit": unit, **said_by_words(complaint.this_round, unit, command.text)._asdict()}
    complaint.trigger(events.SolutionAgreed, by, request.at, **facts)
    rule = complaint.procedure.disagreement
    if rule is not None and not command.agreed and complaint.this_round.plans_refused == rule.count:
        escalate_to(complaint, rule.tell, Cause.of("plan-refused", count=rule.count), request.at)


def may_agree_solution(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Unless each unit that they speak for has executed what was agreed on."""
    units = [one.unit for one in units_spoken_for(complaint, by)]
    return not units or any(not _was_carried_out(complaint, (unit,)) for unit in units)


def _was_carried_out(complaint: Complaint, units: Collection[str]) -> bool:
    """Whether a plan that one of these units had to execute as it was agreed on was executed."""
    return plan_comes_first(complaint) and not complaint.this_round.executed_by.keys().isdisjoint(units)


def solution_agreed(complaint: Complaint, event: events.SolutionAgreed) -> None:
    plan_agreed_or_refused(complaint.this_round, event)
    if not event.agreed:
        approvals_lapse(complaint.this_round, event.unit)
    complaint.add_moment("SolutionAgreed" if event.agreed else "SolutionRefused", event, unit=event.unit)
    complaint.this_round.plans_refused += not event.agreed
    _stand(complaint)


def execute(complaint: Complaint, command: commands.ExecuteMeasure, by: ActedBy, request: Request) -> None:
    unit = _unit_that_executes(complaint, command.unit, by)
    done = complaint.this_round.executed_by.get(unit)
    if done == command.measure:
        return
    if done is not None:
        raise errors.AlreadyExecuted
    refusal = plan_may_be_executed(complaint, unit)
    if refusal is not None:
        raise refusal
    accept_by_answering(complaint, unit, by, request.at)
    complaint.trigger(events.Executed, by, request.at, measure=command.measure, unit=unit)


def _unit_that_executes(complaint: Complaint, named: str | None, by: ActedBy) -> str:
    """Whose part it is: of several units it must be said."""
    unit = unit_spoken_for(named, by)
    having = [one.unit for one in complaint.this_round.at_work]
    if unit is None and len(having) != 1:
        raise errors.UnitMustBeNamed("/unit")
    unit = unit or having[0]
    state_of(complaint, unit)
    return unit


def may_execute(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    executed_by = complaint.this_round.executed_by
    still_to_do = (one.unit for one in units_spoken_for(complaint, by) if one.unit not in executed_by)
    return any(plan_may_be_executed(complaint, unit) is None for unit in still_to_do)


def executed(complaint: Complaint, event: events.Executed) -> None:
    now = complaint.this_round
    now.executed_by[event.unit or ""] = event.measure
    complaint.measures.append(Measure(event.unit, event.measure, event.timestamp, complaint.round))
    known = complaint.unit_state(event.unit)
    if known is not None and known.state in UNANSWERED and now.opinion is not None:
        complaint.add_moment("UnitAnswered", event, unit=event.unit)  # who does it agrees with it
    complaint.set_unit_state(event.unit, "executed")
    complaint.add_moment("Executed", event, unit=event.unit)
    _stand(complaint)


def _stand(complaint: Complaint) -> None:
    """Being executed from the first unit that took it, agreed on a plan or did its part; executed by the last."""
    if complaint.status in {"dispatched", "executing"}:
        complaint.status = standing_of(complaint)


def inform_customer(complaint: Complaint, command: commands.InformCustomer, by: ActedBy, request: Request) -> None:
    known = complaint.procedure.informs_by
    if command.means not in known:
        raise errors.MeansNotAllowed("/means", known=known)
    accept_by_answering(complaint, by.unit_spoken_for, by, request.at)
    complaint.trigger(events.CustomerInformed, by, request.at, means=command.means, text=command.text)


def customer_informed(complaint: Complaint, event: events.CustomerInformed) -> None:
    """主办答复: what a supporting unit tells the customer is word, and not the answer."""
    now, unit = complaint.this_round, event.actor.unit_spoken_for
    supports = unit is not None and now.role_of(unit) == "support"
    now.customer_updates.append(unit)
    complaint.add_moment("CustomerInformed", event, unit=unit, subject="support" if supports else None)
    if complaint.standing.is_executed and not supports:
        complaint.status = "informed"
