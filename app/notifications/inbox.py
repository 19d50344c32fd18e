"""What people see of the notifications: their own in the console, and for administrators all, dead letters too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from app.notifications.subjects import About, Matter, OfComplaint, standing
from domain.complaint.events import ComplaintEvent
from domain.errors import Refused
from domain.notices.notices import Addressee
from domain.procedure.titles import Language
from domain.reporting.reports import PeriodReported
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.database import fetch
from eventlog.log import EventLog
from eventlog.streams import AnyEvent
from procedures.rules import Rules
from projections.scope import Conditions
from wording.notices.complaints import head_of

PAGE: Final = """
SELECT n.*, r.read_at FROM notifications n
LEFT JOIN notification_reads r ON r.notification_id = n.id AND r.actor = {actor}
WHERE {where} ORDER BY n.position DESC, n.id DESC LIMIT {limit}
"""
READ: Final = """
INSERT INTO notification_reads (notification_id, actor, read_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""


class NotADeadLetter(Refused):
    """Only a dead letter can be sent anew; this notification was sent or cancelled, or still waits for its time."""


@dataclass(frozen=True)
class Recipient:
    """Of which kind (role, unit, actor, complainant) and which; the complainant has no code."""

    kind: str
    code: str


@dataclass(frozen=True)
class Titles:
    zh: str
    en: str


@dataclass(frozen=True)
class Notification:
    """One fact for one recipient through one channel, about a complaint, an incident or a report.

    `report` is where that one is read below `/v1/reports/`. `state`: waiting, sending, sent, dead or cancelled.

    `due_at` is the clock's, where the event is about one; `send_at` is when it is tried next. `error` says in a few
    words why the last attempt failed, or why it was cancelled. `read_at` is when the reader marked it as read.
    """

    id: UUID
    position: int
    about: About
    complaint_id: UUID | None
    incident_id: UUID | None
    report: str | None
    number: str
    procedure: str
    event: str
    title: Titles
    clock: str | None
    unit: str | None
    due_at: datetime | None
    recipient: Recipient
    channel: str
    urgent: bool
    state: str
    attempts: int
    error: str | None
    created_at: datetime
    send_at: datetime | None
    ended_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `mine`: what the console shows this reader; `before`: position and id of the last one seen."""

    mine: bool = True
    state: str | None = None
    recipient: Addressee | None = None
    unread: bool = False
    id: UUID | None = None
    before: tuple[int, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True)
class InboxPage:
    items: list[Notification]
    next: tuple[int, UUID] | None


class Inbox:
    """Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, log: EventLog, codec: EventCodec, rules: Rules) -> None:
        self._pool, self._log, self._codec, self._rules = pool, log, codec, rules

    async def page(self, actor: Actor, wanted: Wanted) -> InboxPage:
        """The newest first. What the reader may not know of (any more) is left out, so a page may be short."""
        conditions = _conditions(actor, wanted)
        where = conditions.where
        reader = conditions.placed("{}", actor.id)
        statement = PAGE.format(where=where, actor=reader, limit=wanted.limit + 1)
        rows = await fetch(self._pool, statement, *conditions.values)
        shown = rows[: wanted.limit]
        more = len(rows) > wanted.limit
        items = await self._told(shown, actor)
        return InboxPage(items, (shown[-1]["position"], shown[-1]["id"]) if more else None)

    async def one(self, actor: Actor, id: UUID, *, mine: bool) -> Notification | None:
        """None where there is no such notification for this reader."""
        return next(iter((await self.page(actor, Wanted(mine=mine, id=id, limit=1))).items), None)

    async def mark_read(self, actor: Actor, id: UUID, at: datetime) -> None:
        """Read by this reader; the others of the role or unit still have it before them."""
        await fetch(self._pool, READ, id, actor.id, at)

    async def _told(self, rows: Sequence[Any], actor: Actor) -> list[Notification]:
        streams = await self._log.streams({row["complaint_id"] for row in rows})
        now = {id: await standing(stream, None, self._codec, self._rules) for id, stream in streams.items()}
        positions = {id: [recorded.position for recorded in stream] for id, stream in streams.items()}
        found = []
        for row in rows:
            id = row["complaint_id"]
            matter, event = now[id].matter, now[id].happened[positions[id].index(row["position"])]
            if matter.may_be_told(Addressee("actor", actor.id), actor.roles):
                found.append(_notification(row, matter, event))
        return found


def _conditions(actor: Actor, wanted: Wanted) -> Conditions:
    conditions = Conditions()
    if wanted.mine:
        conditions.add(
            "n.channel = 'console' AND (n.recipient_kind = 'actor' AND n.recipient = {}"
            " OR n.recipient_kind = 'role' AND n.recipient = ANY({}::text[])"
            " OR n.recipient_kind = 'unit' AND n.recipient = ANY({}::text[]))",
            actor.id, sorted(actor.roles), [actor.unit] if "unit" in actor.roles and actor.unit is not None else [],
        )  # fmt: skip
    if wanted.state is not None:
        conditions.add("n.state = {}", wanted.state)
    if wanted.recipient is not None:
        conditions.add("n.recipient_kind = {} AND n.recipient = {}", wanted.recipient.kind, wanted.recipient.code)
    if wanted.unread:
        conditions.add("r.read_at IS NULL")
    if wanted.id is not None:
        conditions.add("n.id = {}", wanted.id)
    if wanted.before is not None:
        conditions.add("(n.position, n.id) < ({}, {})", *wanted.before)
    return conditions


def _notification(row: Any, matter: Matter, event: AnyEvent) -> Notification:
    return Notification(
        id=row["id"],
        position=row["position"],
        about=matter.about,
        complaint_id=row["complaint_id"] if matter.about == "complaint" else None,
        incident_id=row["complaint_id"] if matter.about == "incident" else None,
        report=f"{event.procedure}/{event.kind}/{event.period}" if isinstance(event, PeriodReported) else None,
        number=row["number"],
        procedure=row["procedure"],
        event=row["event"],
        title=Titles(_title(row, matter, event, "zh"), _title(row, matter, event, "en")),
        clock=getattr(event, "clock", None),
        unit=getattr(event, "unit", None),
        due_at=_utc(getattr(event, "due_at", None)),
        recipient=Recipient(row["recipient_kind"], row["recipient"]),
        channel=row["channel"],
        urgent=row["urgent"],
        state=row["state"],
        attempts=row["attempts"],
        error=row["error"],
        created_at=row["created_at"].astimezone(UTC),
        send_at=_utc(row["due_at"]) if row["state"] == "waiting" else None,
        ended_at=_utc(row["ended_at"]),
        read_at=_utc(row["read_at"]),
    )


def _title(row: Any, matter: Matter, event: AnyEvent, language: Language) -> str:
    to = Addressee(row["recipient_kind"], row["recipient"])
    if isinstance(matter, OfComplaint) and to.kind == "complainant":
        return f"{head_of(cast(ComplaintEvent, event), language)} {matter.complaint.number}"
    return matter.words_for(to, (), event, language).title


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
