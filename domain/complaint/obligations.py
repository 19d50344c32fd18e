"""义务、待办: what is owed of a complaint, by whom, until when, and whether it is done.

Every clock is an obligation with a limit; what the close needs and no clock asks for is one without. Both are done when
the same condition holds, so nothing can be done for the clock and missing for the close.
"""

from collections.abc import Iterator
from datetime import datetime

from domain.clocks.clock import Clock
from domain.complaint.close_waits_for import duties_without_limit
from domain.complaint.complaint import Complaint
from domain.complaint.owers import is_without_unit, owers_of, step_ending, units_at_work, was_nobodys
from domain.obligation import Obligation, OwedBy, with_limit
from domain.procedure.duties import owing_role


def obligations_of(complaint: Complaint) -> list[Obligation]:
    """Everything that was ever owed in its clocks, and what the close of the present round waits for besides."""
    return [*_with_limits(complaint), *duties_without_limit(complaint)]


def _with_limits(complaint: Complaint) -> Iterator[Obligation]:
    for clock in complaint.clocks:
        if not clock.rule.window:
            for owed_by in owers_of(complaint, clock):
                met_at = clock.stopped_at or _done_by(complaint, clock, owed_by)
                yield with_limit(clock, owed_by, _step_for(complaint, clock, owed_by), met_at)


def _done_by(complaint: Complaint, clock: Clock, owed_by: OwedBy) -> datetime | None:
    """When a unit did its part of what several owe together and others have still to do."""
    if owed_by.kind != "unit" or clock.unit is not None or clock.round != complaint.round:
        return None
    if owed_by.code in units_at_work(complaint):
        return None
    done = [one.at for one in complaint.moments if one.name == "Executed" and one.unit == owed_by.code]
    return done[-1] if done else None


def _step_for(complaint: Complaint, clock: Clock, owed_by: OwedBy) -> str:
    """What its ower does about it: what units owe while no unit has it has to be sent to one first."""
    procedure = complaint.procedure
    is_without = is_without_unit(clock.rule, owed_by, complaint) and clock.stopped_at is None
    was_theirs_to_send = was_nobodys(clock) and owing_role(clock.rule, procedure) == "unit"
    if (is_without or was_theirs_to_send) and "dispatch" in procedure.steps:
        return "dispatch"
    return step_ending(clock, complaint)
