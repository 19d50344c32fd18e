"""The one table that connects a command about an incident with its name, the state it needs, and its decision."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from domain.errors import Refused, StepNotInProcedure
from domain.incident import commands as c
from domain.incident import deadlines, errors, handling
from domain.incident import events as e
from domain.incident.deadlines import judge_clocks
from domain.incident.incident import Incident, IncidentStatus
from domain.procedure.access import accesses_to, step_of_others
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import ActedBy, Actor

OPEN: Final = "open"
C = TypeVar("C", bound=c.IncidentCommand)
E = TypeVar("E", bound=e.IncidentEvent)


@dataclass(frozen=True)
class IncidentStep(Generic[C, E]):
    """One step: `POST /v1/incidents/{id}/<name>`, the event it leads to, and the states in which it may be taken.

    Without `decide` the event says what the command says; without `fold` it changes nothing. `additive`: it adds
    something of its own, whatever others have done meanwhile, so nobody need read again before it.
    """

    name: str
    command: type[C]
    event: type[E]
    decide: Callable[[Incident, C, ActedBy, Request], None] | None = None
    fold: Callable[[Incident, E], None] | None = None
    states: tuple[IncidentStatus, ...] = ("open", "restored")
    still_to_do: Callable[[Incident], bool] | None = None
    additive: bool = False


_ROWS = (
    IncidentStep("inform", c.InformRole, e.RoleInformed, handling.inform, handling.role_informed, additive=True),
    IncidentStep("restore", c.RestoreIncident, e.Restored, handling.restore, handling.restored, ("open",)),
    IncidentStep("decide", c.DecideOnIncident, e.Decided, fold=handling.decided, states=("open",)),
    IncidentStep("note", c.NoteOnIncident, e.IncidentNoted, states=("open", "restored", "closed"), additive=True),
    IncidentStep("retract-miss", c.RetractIncidentMiss, e.DeadlineMissRetracted, deadlines.retract_miss,
                 deadlines.deadline_miss_retracted, ("open", "restored", "closed"), deadlines.may_retract_miss),
    IncidentStep("close", c.CloseIncident, e.IncidentClosed, handling.close, handling.incident_closed,
                 ("restored", "closed"), handling.may_close),
)  # fmt: skip
AnyIncidentStep = IncidentStep[Any, Any]
INCIDENT_STEPS: Final[tuple[AnyIncidentStep, ...]] = _ROWS

STEP_OF_COMMAND: Final[dict[type[c.IncidentCommand], AnyIncidentStep]] = {step.command: step for step in INCIDENT_STEPS}
INCIDENT_STEP_NAMES: Final = (OPEN, *(step.name for step in INCIDENT_STEPS))


def decide_on_incident(incident: Incident, command: c.IncidentCommand, request: Request) -> None:
    """Let the incident decide: it triggers events, or raises the refusal and nothing has happened.

    Clocks that are due by then are judged first, so a miss is always in the history before the late step that ends it.
    """
    step = STEP_OF_COMMAND[type(command)]
    by = incident_step_taken_by(incident.procedure, step.name, request.actor, incident.kind)
    refusal = _refusal(step, incident)
    if refusal is not None:
        raise refusal
    judge_clocks(incident, request.at)
    if step.decide is None:
        incident.trigger(step.event, by, request.at, **vars(command))
    else:
        step.decide(incident, command, by, request)
    judge_clocks(incident, request.at)


def incident_step_taken_by(procedure: Procedure, step: str, actor: Actor, kind: str) -> ActedBy:
    """In which of their roles that reach incidents of the kind the actor takes the step.

    Raises `RoleForbids`, `StepNotInProcedure`.
    """
    if step not in procedure.steps:
        raise StepNotInProcedure(known=tuple(procedure.steps))
    reaching = frozenset(one.role for one in accesses_to(actor, procedure, sent_to=(), kind=kind))
    role = procedure.may(step, reaching)
    if role is None:
        raise step_of_others(step, actor.roles, procedure)
    return actor.acting_as(role)


def allowed_incident_steps(incident: Incident, actor: Actor) -> list[str]:
    """The steps this actor may take now, in the order of the plan."""
    procedure = incident.procedure
    reaching = frozenset(one.role for one in incident.accesses_of(actor))
    return [
        step.name
        for step in INCIDENT_STEPS
        if step.name in procedure.steps
        and procedure.may(step.name, reaching) is not None
        and _refusal(step, incident) is None
        and (step.still_to_do is None or step.still_to_do(incident))
    ]


def _refusal(step: AnyIncidentStep, incident: Incident) -> Refused | None:
    if incident.state in step.states:
        return None
    if incident.state == "closed":
        return errors.IncidentIsClosed()
    return errors.NotYetRestored() if incident.state == "open" else errors.IncidentIsRestored()
