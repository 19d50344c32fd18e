"""审批: who approves of a plan before it is executed, and whose approvals count for the plan as it stands.

Where the file says who is the head of which unit, a head speaks for that unit alone, and for the plan that it has
on the table: another plan, one that the customer refused, and a new dispatch need new approvals. A unit with a plan of
its own waits for its own head; those who share one, for the heads of all of them.
"""

from collections.abc import Collection

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.naming import must_approve
from domain.complaint.plans import plan_of
from domain.complaint.state import Approval, Plan, RoundState
from domain.identity import levelled
from domain.procedure.procedure import OWN_UNIT
from domain.request import Request
from domain.titles import titles_of
from domain.values import ActedBy


def approve(complaint: Complaint, command: commands.Approve, by: ActedBy, request: Request) -> None:
    must_approve(complaint, command.by, "/by", request)
    if complaint.procedure.heads:
        unit = _unit_headed(complaint, command, request)
    else:
        unit = command.unit or (by.unit if by.unit in _units_of(complaint) else None)
    complaint.trigger(
        events.Approved, by, request.at, subject=command.subject, form=command.form, by=command.by, unit=unit
    )


def _unit_headed(complaint: Complaint, command: commands.Approve, request: Request) -> str | None:
    """The unit that whoever approves is the head of; None where nobody knows, and they name none."""
    heads, person = complaint.procedure.heads, request.people.person(command.by)
    roles = heads.keys() & (person.roles if person is not None else frozenset())
    if not roles:
        raise errors.RoleCannotTakeIt("/by", roles=titles_of(heads, complaint.procedure.roles))
    units = {person.unit if person and heads[role] == OWN_UNIT else heads[role] for role in roles} - {None}
    asked = _units_of(complaint)
    if command.unit is not None and (command.unit not in (units or asked)):
        raise errors.NotTheirHead("/unit")
    theirs = {command.unit} if command.unit is not None else units & asked or units
    if theirs and theirs.isdisjoint(asked):
        raise errors.UnitNotAsked
    return min(theirs, default=None, key=str)


def _units_of(complaint: Complaint) -> set[str]:
    return {unit.unit for unit in complaint.this_round.at_work}


def approved(complaint: Complaint, event: events.Approved) -> None:
    now = complaint.this_round
    number = now.plans_made if event.unit is None else plan_of(now, event.unit).number
    now.approvals.append(Approval(levelled(event.by), event.unit, levelled(event.subject), number))
    complaint.add_moment("Approved", event, unit=event.unit)


def approvals_lapse(now: RoundState, unit: str | None) -> None:
    """With the plan that the customer refuses, a unit's own or that of all, goes what was said of it."""
    now.approvals = [one for one in now.approvals if unit is not None and one.unit not in (unit, None)]


def plan_may_be_executed(complaint: Complaint, unit: str) -> type[errors.Refused] | None:
    """Why a unit does not execute its plan yet; None where nothing stands in the way."""
    procedure = complaint.procedure
    if procedure.solution_before_execution and not complaint.has_agreement(unit):
        return errors.SolutionNotAgreed
    severity = procedure.severities.get(complaint.severity or "")
    if severity is not None and severity.approval and not approvals_of(complaint, unit):
        return errors.ApprovalMissing
    waiting = any(awaits_approval(complaint, one) for one in _that_share(complaint, unit))
    return errors.ApprovalOfEachUnitMissing if waiting else None


def plan_comes_first(complaint: Complaint) -> bool:
    """Whether what is executed is the plan that is on the table, so that none takes its place afterwards."""
    severity = complaint.procedure.severities.get(complaint.severity or "")
    is_approved = severity is not None and severity.asks_approval
    return complaint.procedure.solution_before_execution or is_approved


def awaits_approval(complaint: Complaint, unit: str) -> bool:
    """Whether the plan of a unit, or its part in one of several, has still to be approved for this unit."""
    severity = complaint.procedure.severities.get(complaint.severity or "")
    if severity is None or not severity.asks_approval:
        return False
    approvals = approvals_of(complaint, unit)
    return unit in _without_head(complaint, unit, approvals) if severity.approval_of_each_unit else not approvals


def _without_head(complaint: Complaint, unit: str, approvals: Collection[Approval]) -> list[str]:
    """Heads whose department nobody knows count for one department each."""
    missing = sorted(_that_share(complaint, unit) - {approval.unit for approval in approvals})
    others = {approval.by for approval in approvals if approval.unit is None}
    return missing[len(others) :]


def every_plan_is_approved(complaint: Complaint) -> bool:
    return not any(awaits_approval(complaint, unit) for unit in _units_of(complaint))


def approvals_of(complaint: Complaint, unit: str) -> list[Approval]:
    """Those that count for the plan of a unit, as it stands."""
    now = complaint.this_round
    if not complaint.procedure.heads:
        return now.approvals
    plan, concerned = plan_of(now, unit), {None, *_that_share(complaint, unit)}
    return [one for one in now.approvals if one.unit in concerned and _is_of(plan, one)]


def plans_on_the_table(complaint: Complaint) -> list[tuple[str | None, str, list[str]]]:
    """Of each plan that the customer agreed to: the unit whose it is (None: that of all), its words, who approved."""
    now, found = complaint.this_round, list[tuple[str | None, str, list[str]]]()
    for whose, plan in now.plans.items():
        sharing = [one for one in _units_of(complaint) if plan_of(now, one) is plan]
        approvals = (approval for one in sharing for approval in approvals_of(complaint, one))
        if plan.text is not None:
            found.append((whose, plan.text, list(dict.fromkeys(approval.by for approval in approvals))))
    return found


def _that_share(complaint: Complaint, unit: str) -> set[str]:
    """The units whose plan it is too; where nobody says who heads which, all that have the case."""
    now = complaint.this_round
    if not complaint.procedure.heads:
        return _units_of(complaint)
    number = plan_of(now, unit).number
    return {one for one in _units_of(complaint) if plan_of(now, one).number == number}


def _is_of(plan: Plan, approval: Approval) -> bool:
    """Given while it was on the table; or just before, by its words."""
    return plan.number in (approval.plan, *approval.also)
