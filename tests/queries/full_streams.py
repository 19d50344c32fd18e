"""Two complaints and an incident to which everything has happened, with a mark of its own in every personal field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from app.service import Service
from domain.values import ActedBy, Complainant, Imported
from eventlog.codec import EventCodec, fields_of_the_deployment, personal_fields
from eventlog.log import Append, Recorded
from eventlog.sealing import DataKey
from eventlog.streams import COMPLAINT, INCIDENT, AnyEvent, StreamKind
from tests.http.desk import MASTER

OLD_ROWS: Final = Path(__file__).parents[1] / "app" / "old_rows.json"
AT: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BY: Final = ActedBy("agent-1", "agent", None)
ACCUSED: Final = "a-colleague-who-is-accused"
PERSONS: Final = {
    "open": Complainant("欧阳梦露", "+8613912345678", "menglu@example.com", "和平路甲5号", "C-778899"),
    "secret": Complainant("司马无名", "+8613787654321", "wuming@example.org", "解放街乙9号", "C-556677"),
}


def marks(stream: str, kind: StreamKind[Any, Any]) -> list[str]:
    """What is personal in the stream, and stands nowhere else."""
    found = [_mark(stream, event, name) for event in kind.events for name in sorted(personal_fields(event))]
    person = PERSONS.get(stream)
    if person is None:
        return found
    parts = (person.name, person.phone, person.email, person.address, person.customer_no)
    return [*found, *(part for part in parts if part is not None)]


async def record_complaint(
    service: Service,
    stream: str,
    procedure: str,
    kind: str,
    *,
    without: Iterable[str],
    number: str | None = None,
    accused: tuple[str, ...] = (ACCUSED,),
) -> UUID:
    """All that can happen to a complaint, `without` some events; its id."""
    reserved = await service.complainants.reserve(procedure, AT.date(), PERSONS[stream])
    begun = {"kind": kind, "complainant_id": reserved.key.id, "anonymous": False, "complainant": PERSONS[stream]}
    changes: dict[str, dict[str, Any]] = {
        "Received": {**begun, "accused": accused, **_pinned(service, stream, procedure)},
        "ComplainantCorrected": {"complainant": PERSONS[stream]},
        "Classified": {"severity": "general", "category": "process.deposit", "kind": None},
        "SeverityRaised": {"severity": "severe", "before": "general"},
        "AccusedNamed": {"people": accused},
        # To one unit, whatever asks units: the others are readers who see nothing of it.
        "Dispatched": {"units": ("settlement",)},
        "Redirected": {"from_unit": "settlement", "to_unit": "settlement"},
        "UnitAdded": {"unit": "settlement"},
        "RulingIssued": {"asked": ()},
    }
    if number is not None:
        changes["Received"]["number"] = number
    return await _record(service, stream, COMPLAINT, reserved.key, changes, without)


async def record_incident(service: Service, stream: str) -> UUID:
    """All that can happen to an incident; its id."""
    reserved = await service.complainants.reserve("emergency", AT.date(), Complainant(anonymous=True))
    begun = {"kind": "power-cut", "key_id": reserved.key.id, **_pinned(service, stream, "emergency")}
    return await _record(service, stream, INCIDENT, reserved.key, {"IncidentOpened": begun}, ())


def _pinned(service: Service, stream: str, procedure: str) -> dict[str, Any]:
    rules = service.library.procedure(procedure)
    calendar = service.library.calendar(rules.calendar)
    return {
        "number": f"{stream.upper()}-1", "procedure": procedure, "procedure_version": rules.version,
        "calendar": calendar.code, "calendar_version": calendar.version, "occurred_at": AT,
    }  # fmt: skip


async def _record(
    service: Service,
    stream: str,
    kind: StreamKind[Any, Any],
    key: DataKey,
    changes: dict[str, dict[str, Any]],
    without: Iterable[str],
) -> UUID:
    id, stored = uuid4(), []
    happened = [event for event in _one_of_each(kind) if type(event).__name__ not in without]
    for version, event in enumerate(happened, 1):
        name = type(event).__name__
        facts = {field.name: getattr(event, field.name) for field in fields(event)}
        for field in personal_fields(type(event)):
            facts[field] = _filled(facts[field], _mark(stream, type(event), field))
        for field in fields_of_the_deployment(type(event)):
            facts[field] = _filled(facts[field], person_named(stream, type(event), field))
        if "imported" in facts:
            mark = person_named(stream, type(event), "imported")
            facts["imported"] = Imported(UUID(int=1), mark, mark, 1, handler=mark)
        facts |= {"originator_id": id, "originator_version": version, "timestamp": AT, **changes.get(name, {})}
        if name == "DeadlineMoved":
            facts["calendar_version"] = changes["Received"]["calendar_version"]
        stored.append(service.codec.stored(type(event)(**facts), key))
    await service.log.append(Append(uuid4(), None, stored, [BY.id] * len(stored), AT))
    return id


def _one_of_each(kind: StreamKind[Any, Any]) -> list[AnyEvent]:
    """The event of every topic as it was stored last; the one that begins the stream comes first."""
    file, codec = json.loads(OLD_ROWS.read_text("utf-8")), EventCodec(MASTER)
    key, stream = DataKey(UUID(int=9), bytes.fromhex(file["key"])), UUID(file["stream"])
    found: dict[str, AnyEvent] = {}
    for row in file["rows"]:
        if row["topic"].startswith(f"{kind.name}."):
            recorded = Recorded(1, stream, 1, row["topic"], json.dumps(row["state"]).encode(), BY.id, AT)
            found[row["topic"]] = codec.any_event(recorded, key)
    return list(found.values())


def _mark(stream: str, event: type[AnyEvent], field: str) -> str:
    return f"⟪{stream} {event.__name__} {field}⟫"


def people_named(stream: str, kind: StreamKind[Any, Any]) -> list[str]:
    """Whom the events of the stream speak against."""
    named = [
        person_named(stream, event, field) for event in kind.events for field in sorted(fields_of_the_deployment(event))
    ]
    return [ACCUSED, *named]


def person_named(stream: str, event: type[AnyEvent], field: str) -> str:
    return f"{stream}-{event.__name__}-{field}-somebody"


def _filled(value: Any, mark: str) -> Any:
    """A value of the same shape with the mark in it; a number as it is."""
    if isinstance(value, int):
        return value
    return {"note": mark} if isinstance(value, dict) else (mark,) if isinstance(value, tuple) else mark
