"""Who I am, and which steps of any procedure my roles let me take."""

from dataclasses import dataclass
from datetime import datetime

from app.access.admission import Admission
from app.access.key import Key
from app.access.people import Kind
from app.access.person_keys import PersonKeyView, key_view
from domain.complaint.intake import RECEIVE, role_for_intake
from domain.complaint.steps import steps_open_to
from domain.errors import Refused
from domain.incident.steps import INCIDENT_STEP_NAMES, incident_step_taken_by
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.titles import Language, Title
from domain.values import Actor
from procedures.rules import Rules


@dataclass(frozen=True)
class Operation:
    """Something of the API that a key may be used for; what depends on the case, `allowed` of a complaint says."""

    method: str
    path: str
    summary: str


@dataclass(frozen=True)
class Me:
    """Who calls. `scopes`: None where the key may do all that its person may; `key`: None for a token of an issuer.

    `via`: the system that acts for the person.
    """

    id: str
    kind: Kind
    name: str
    staff_no: str | None
    roles: list[str]
    unit: str | None
    unit_titles: Title | None
    email: str | None
    phone: str | None
    language: Language | None
    active_from: datetime | None
    active_to: datetime | None
    scopes: list[str] | None
    key: PersonKeyView | None
    via: str | None
    operations: list[Operation]


@dataclass(frozen=True)
class MeQueries:
    """For everybody with a key, about themselves."""

    access: Admission
    rules: Rules

    async def one(self, actor: Actor, key: Key | None, operations: list[Operation]) -> Me:
        """Raises `StorageAway`."""
        now = self.access.directory.now()
        person = self.access.staffing.one(actor.id).at(now)
        shown = None if key is None else key_view(key, now, (await self.access.last_use.of(key.person)).get(key.id))
        titles = None if actor.unit is None else self.access.units.titles().get(actor.unit)
        return Me(
            actor.id, person.kind, person.name, person.staff_no, sorted(actor.roles), actor.unit, titles,
            person.email, person.phone, person.language, person.active_from, person.active_to,
            None if shown is None else shown.scopes, shown, actor.via, operations,
        )  # fmt: skip

    def complaint_steps(self, actor: Actor) -> frozenset[str]:
        """Those that some procedure in force lets the actor take in some case, the intake among them."""
        ordinary = [one for one in self.rules.procedures.values() if one.incidents is None]
        steps = {step for procedure in ordinary for step in steps_open_to(procedure, actor.roles)}
        takes = any(_takes_down(procedure, actor, self.access.directory.now()) for procedure in ordinary)
        return frozenset({*steps, *((RECEIVE,) if takes else ())})

    def incident_steps(self, actor: Actor) -> frozenset[str]:
        """The same of incidents, their opening among them."""
        plans = [one for one in self.rules.procedures.values() if one.incidents is not None]
        return frozenset(step for step in INCIDENT_STEP_NAMES if any(_takes(plan, step, actor) for plan in plans))


def _takes_down(procedure: Procedure, actor: Actor, at: datetime) -> bool:
    try:
        role_for_intake(procedure, Request(actor, at), ())
    except Refused:
        return False
    return True


def _takes(procedure: Procedure, step: str, actor: Actor) -> bool:
    for kind in procedure.kinds:
        try:
            incident_step_taken_by(procedure, step, actor, kind)
        except Refused:
            continue
        return True
    return False
