"""From what rows tell to the events that are recorded of them: pure, and nothing of it waits."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.imports.rows import PastComplaint, PastStep, Remark
from domain.complaint import evolve as _  # noqa: F401 (what each event changes)
from domain.complaint.complaint import IMPORT, SOMEBODY, Complaint
from domain.complaint.events import ComplaintEvent, TakenOver
from domain.complaint.intake import Identity
from domain.complaint.retraction import take_back_misses
from domain.complaint.steps import STEP_OF, STEPS
from domain.complaint.taking_over import let_go, receive_past, take_past_step
from domain.errors.families import slug_of
from domain.identity import levelled
from domain.limits.calendar import Calendar
from domain.people import People
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import ActedBy, Actor, Imported, as_one_line

StepTaken = tuple[str, datetime]
LONGEST_NAME: Final = 200
STEP_THAT_LED_TO: Final = {step.event: step.name for step in STEPS}
SAME: Final = ("subject", "content", "wants", "kind", "channel", "complainant", "facts")


@dataclass(frozen=True)
class Deciding:
    """The rules that an import is decided by, and who and what exists beside the cases."""

    procedure: Procedure
    calendar: Calendar
    people: People
    known_units: Collection[str]
    by: Actor
    id: UUID
    file: str

    def origin(self, row: int, digest: str) -> Imported:
        return Imported(self.id, levelled(self.by.id), self.file, row, digest)

    def begun(self, past: PastComplaint, identity: Identity, origin: Imported, now: datetime) -> Complaint:
        """A complaint with all that the row tells of it; what was refused is remarked."""
        actor, handler = self._who(past.handler, past.unit)
        roles = self.procedure.steps.get("receive", ("",))
        role = next((role for role in roles if role in actor.roles), roles[0])
        by, intake = ActedBy(actor.id, role, actor.unit, IMPORT), past.intake
        complaint = receive_past(
            replace(intake, accused=self.people.with_those_meant(intake.accused)), identity, by,
            self.procedure, self.calendar,
            at=past.received_at, people=self.people, origin=replace(origin, handler=handler),
            old_number=past.old_number or None,
        )  # fmt: skip
        complaint.origin = origin
        for step in past.steps:
            self._take(complaint, step, past)
        self._let_go(complaint, now)
        return complaint

    def went_on(
        self,
        complaint: Complaint,
        happened: Iterable[ComplaintEvent],
        past: PastComplaint,
        origin: Imported,
        now: datetime,
    ) -> bool:
        """Lets steps follow that the row tells and that have not happened; whether there were any.

        Steps that lie before the last one that it has are not put in between: the past is not rewritten. A miss that
        was judged before it was known that the clock had been stopped in time is taken back.
        """
        complaint.origin = origin
        steps = [event for event in happened if event.actor.role != "system" and not _lets_go(event)]
        known, last = _steps_taken(steps), max(event.timestamp for event in steps)
        new = [one for one in past.steps if (STEP_OF[type(one.command)].name, one.at) not in known]
        for step in new:
            if step.at < last:
                past.remarks.append(Remark("import-step-too-early", STEP_OF[type(step.command)].name))
            else:
                self._take(complaint, step, past)
        if complaint.pending_events:
            take_back_misses(complaint, self._importer(), max(now, complaint.modified_on))
            self._let_go(complaint, now)
        return bool(complaint.pending_events)

    def differences(self, complaint: Complaint, past: PastComplaint) -> list[Remark]:
        """The fields that say something else than when it was taken over."""
        before = vars(complaint)
        return [
            Remark("import-field-changed", name)
            for name in SAME
            if before[name] != vars(past.intake)[name]
        ]

    def _take(self, complaint: Complaint, step: PastStep, past: PastComplaint) -> None:
        actor, handler = self._who(step.by, None)
        request = Request(actor, step.at, self.known_units, people=self.people)
        refusal = take_past_step(complaint, step.command, actor, request, handler)
        if refusal is not None:
            name = STEP_OF[type(step.command)].name
            past.remarks.append(Remark("import-step-as-it-was", name, slug_of(type(refusal))))

    def _let_go(self, complaint: Complaint, now: datetime) -> None:
        let_go(complaint, self._importer(), max(now, complaint.modified_on))

    def _importer(self) -> ActedBy:
        return ActedBy(levelled(self.by.id), "admin", self.by.unit, IMPORT)

    def _who(self, said: str, unit: str | None) -> tuple[Actor, str | None]:
        """Who is meant, and who is written there where nobody known is."""
        said = as_one_line(said)[:LONGEST_NAME]
        if not said:
            return Actor(SOMEBODY, frozenset(), unit), None
        person = self.people.person(self.people.meant_by(said))
        if person is None:
            return Actor(SOMEBODY, frozenset(), unit), said
        return Actor(levelled(person.id), person.roles, unit or person.unit), None


def _steps_taken(happened: Iterable[ComplaintEvent]) -> frozenset[StepTaken]:
    """The steps that were brought in, each with when it was taken."""
    found = set()
    for event in happened:
        name = event.step if isinstance(event, TakenOver) else STEP_THAT_LED_TO.get(type(event))
        if event.imported is not None and name is not None:
            found.add((name, event.timestamp))
    return frozenset(found)


def _lets_go(event: ComplaintEvent) -> bool:
    """Whether it says no more than what was owed no longer when it was taken over."""
    return isinstance(event, TakenOver) and event.step is None
