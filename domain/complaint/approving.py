"""审批: who approves of a plan before it is executed, and whose approvals count for the plan as it stands.

Where the file says who is the head of which unit, a head speaks for that unit alone, and for the plan that is on the
table: another plan, one that the customer refused, and a new dispatch need new approvals.
"""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.naming import must_approve
from domain.complaint.state import Approval, RoundState
from domain.identity import levelled
from domain.procedure.procedure import OWN_UNIT, Procedure
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
    now.approvals.append(Approval(levelled(event.by), event.unit, levelled(event.subject), now.plan))


def plan_agreed_or_refused(now: RoundState, event: events.SolutionAgreed) -> None:
    """What the plan on the table is; one that the customer refuses takes its approvals along."""
    if now.plan_text != levelled(event.text):
        now.plan, now.plan_text = now.plan + 1, levelled(event.text)
    if not event.agreed:
        now.plan, now.plan_text = now.plan + 1, None
        now.approvals.clear()


def plan_lapses(now: RoundState) -> None:
    """Sent out anew, the plan is made anew."""
    now.plan, now.plan_text = now.plan + 1, None


def plan_is_approved(complaint: Complaint, procedure: Procedure) -> type[errors.Refused] | None:
    severity = procedure.severities.get(complaint.severity or "")
    if severity is None or not (severity.approval or severity.approval_of_each_unit):
        return None
    approvals = _that_count(complaint.this_round, procedure)
    if severity.approval and not approvals:
        return errors.ApprovalMissing
    if not severity.approval_of_each_unit:
        return None
    missing = _units_of(complaint) - {approval.unit for approval in approvals}
    # Heads whose department nobody knows count for one department each.
    others = {approval.by for approval in approvals if approval.unit is None}
    return errors.ApprovalOfEachUnitMissing if len(missing) > len(others) else None


def _that_count(now: RoundState, procedure: Procedure) -> list[Approval]:
    if not procedure.heads:
        return now.approvals
    return [approval for approval in now.approvals if _is_of_the_plan(approval, now)]


def _is_of_the_plan(approval: Approval, now: RoundState) -> bool:
    """Given while it was on the table; or just before, by its words."""
    return approval.plan == now.plan or (approval.plan == now.plan - 1 and approval.subject == now.plan_text)
