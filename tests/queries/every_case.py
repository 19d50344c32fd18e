"""A case of every procedure and every kind of matter, as it was taken down and as it stands after a unit had it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.service import Service
from domain.complaint.complaint import Complaint
from tests.queries.full_streams import record_complaint, record_incident

# Of everything that can happen, what tells readers apart: texts, a person, a grade, money, a unit, clocks.
HAPPENED: Final = frozenset(
    {
        "Received", "Classified", "Dispatched", "FaultGraded", "NoteAdded", "CAPARequested", "CAPASubmitted",
        "CompensationProposed", "Executed", "CallbackDone", "Reminded",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One complaint that stands in the log, and how it was made."""

    id: UUID
    procedure: str
    kind: str
    complaint: Complaint

    def __repr__(self) -> str:
        return f"{self.procedure}/{self.kind}/{'sent' if self.complaint.sent_to else 'received'}"


async def record_every_case(service: Service, events: frozenset[str]) -> tuple[list[Case], UUID]:
    """Every case, and an incident; `events` are the names of all events of complaints."""
    made: list[tuple[UUID, str, str]] = []
    for procedure in service.library.procedures.values():
        if procedure.incidents is not None:
            continue
        for kind in procedure.kinds:
            for state, happened in (("A", frozenset({"Received", "NoteAdded"})), ("B", HAPPENED)):
                number = f"{procedure.code}-{kind}-{state}".upper()
                id = await record_complaint(
                    service, "open", procedure.code, kind, without=events - happened, number=number, accused=()
                )
                made.append((id, procedure.code, kind))
    incident = await record_incident(service, "incident")
    head = await service.log.head()
    assert await service.follower.reached(head, 60)
    assert await service.notifying.follower.reached(head, 60)
    assert await service.follower.parked() == []
    cases = [
        Case(id, procedure, kind, (await service.complaints.load(id)).aggregate) for id, procedure, kind in made
    ]  # fmt: skip
    return cases, incident
