"""The one table that connects a command about an incident with its name, the state it needs, and its decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.errors import Refused, RoleForbids, StepNotInProcedure
from domain.incident import commands as c
from domain.incident import errors as errors
from domain.incident.incident import Incident
from domain.incident.memory import IncidentStatus
from domain.procedure.procedure import Procedure
from domain.values import Actor, By

Decision = Callable[[Incident, Any, By, datetime], None]
OPEN: Final = "open"


@dataclass(frozen=True)
class IncidentStep:
    """One step: `POST /v1/incidents/{id}/<name>`, the event it leads to, and the states in which it may be taken.

    `additive`: it adds something of its own, whatever others have done meanwhile, so nobody need read again before it.
    """

    name: str
    command: type[c.IncidentCommand]
    event: str
    decide: Decision
    states: tuple[IncidentStatus, ...] = ("open", "restored")
    additive: bool = False


INCIDENT_STEPS: Final[tuple[IncidentStep, ...]] = (
    IncidentStep("inform", c.InformRole, "RoleInformed", Incident.inform, additive=True),
    IncidentStep("restore", c.RestoreIncident, "Restored", Incident.restore, ("open",)),
    IncidentStep("decide", c.DecideOnIncident, "Decided", Incident.decide, ("open",)),
    IncidentStep("note", c.NoteOnIncident, "IncidentNoted", Incident.note, ("open", "restored", "closed"),
                 additive=True),
    IncidentStep("close", c.CloseIncident, "IncidentClosed", Incident.close, ("restored", "closed")),
)

STEP_OF_COMMAND: Final[dict[type[c.IncidentCommand], IncidentStep]] = {step.command: step for step in INCIDENT_STEPS}
INCIDENT_STEP_NAMES: Final = (OPEN, *(step.name for step in INCIDENT_STEPS))


def decide_on_incident(incident: Incident, command: c.IncidentCommand, actor: Actor, at: datetime) -> None:
    """Let the incident decide: it triggers events, or raises the refusal and nothing has happened.

    Clocks that are due by then are judged first, so a miss is always in the history before the late step that ends it.
    """
    step = STEP_OF_COMMAND[type(command)]
    by = incident_step_taken_by(incident.procedure, step.name, actor)
    refusal = _refusal(step, incident)
    if refusal is not None:
        raise refusal
    incident.judge_clocks(at)
    step.decide(incident, command, by, at)
    incident.judge_clocks(at)


def incident_step_taken_by(procedure: Procedure, step: str, actor: Actor) -> By:
    """In which role the actor takes the step. Raises `RoleForbids`, `StepNotInProcedure`."""
    if step not in procedure.steps:
        raise StepNotInProcedure(f"The steps are {', '.join(procedure.steps)}.")
    role = procedure.may(step, actor.roles) or ("admin" if actor.is_admin else None)
    if role is None:
        raise RoleForbids(f"They are {', '.join(procedure.steps[step])}.")
    return By(actor.id, role, actor.unit, actor.source)


def allowed_incident_steps(incident: Incident, actor: Actor) -> list[str]:
    """The steps this actor may take now, in the order of the plan."""
    procedure = incident.procedure
    return [
        step.name
        for step in INCIDENT_STEPS
        if step.name in procedure.steps
        and (actor.is_admin or procedure.may(step.name, actor.roles) is not None)
        and _refusal(step, incident) is None
        and (step.name != "close" or _may_be_closed(incident))
    ]


def _may_be_closed(incident: Incident) -> bool:
    waiting = incident.still_to_be_told or incident.still_to_be_told_of_recovery
    return incident.state == "restored" and not waiting


def _refusal(step: IncidentStep, incident: Incident) -> Refused | None:
    if incident.state in step.states:
        return None
    if incident.state == "closed":
        return errors.IncidentIsClosed()
    return errors.NotYetRestored() if incident.state == "open" else errors.IncidentIsRestored()
