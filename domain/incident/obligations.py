"""待办: what is owed of an incident: what its clocks ask for, who has to be told, its end, and the record of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from domain.clocks.clock import is_waiting
from domain.incident.incident import TOLD, TOLD_OF_END, Incident
from domain.obligation import Obligation, ObligationState, OwedBy, with_limit
from domain.procedure.duties import owing_role, role_for, step_of
from domain.procedure.moments import informed

RESTORED: Final = "restored"
RECORDED: Final = "recorded"


def obligations_of(incident: Incident) -> list[Obligation]:
    """Everything that is or was owed of it, by whom, and when it was done."""
    return [*_with_limits(incident), *_telling(incident), *_ending(incident)]


def _with_limits(incident: Incident) -> Iterator[Obligation]:
    for clock in incident.clocks:
        owed_by = OwedBy("role", owing_role(clock.rule, incident.procedure))
        yield with_limit(clock, owed_by, step_of(clock.rule, incident.procedure), clock.stopped_at)


def _telling(incident: Incident) -> Iterator[Obligation]:
    """Whom the plan names for its kind, but where a clock sees to it; and those who heard of it, of its end."""
    waiting = incident.still_to_be_told
    asked = {stop for clock in incident.clocks if is_waiting(clock) for stop in clock.rule.stops}
    informs = incident.procedure.steps.get("inform", ())
    for role in incident.rules.must_be_told.get(incident.kind, ()):
        told_at = next((one.at for one in incident.informed if one.role == role and not one.recovery), None)
        is_waiting_alone = role in waiting and informed(role) not in asked
        if is_waiting_alone or (told_at is not None and not _has_clock(incident, role)):
            by = next((one for one in informs if one != role), "admin")
            yield _owed(incident, TOLD + role, by, "inform", incident.opened_at, told_at)
    if incident.restored_at is not None:
        by = role_for("close", incident.procedure)  # whoever records it in the log of the centre
        for role, at in incident.told_of_recovery.items():
            yield _owed(incident, TOLD_OF_END + role, by, "inform", incident.restored_at, at)


def _has_clock(incident: Incident, role: str) -> bool:
    return any(informed(role) in clock.rule.stops for clock in incident.clocks)


def _ending(incident: Incident) -> Iterator[Obligation]:
    """Its end and the record of it, but where a clock sees to that alone."""
    seen_to = {stop for clock in incident.clocks for stop in clock.rule.stops if len(clock.rule.stops) == 1}
    if "Restored" not in seen_to:
        by = role_for("restore", incident.procedure)
        yield _owed(incident, RESTORED, by, "restore", incident.opened_at, incident.restored_at)
    if incident.restored_at is not None and "Closed" not in seen_to:
        by = role_for("close", incident.procedure)
        yield _owed(incident, RECORDED, by, "close", incident.restored_at, incident.closed_at)


def _owed(
    incident: Incident, name: str, role: str, step: str, since: datetime, done_at: datetime | None
) -> Obligation:
    state: ObligationState = "met" if done_at is not None else "waived" if incident.state == "closed" else "open"
    return Obligation(name, OwedBy("role", role), step, 1, since, None, state, met_at=done_at)
