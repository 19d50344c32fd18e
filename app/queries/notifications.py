"""What people see of the notifications: their own in the console, and for administrators all, dead letters too."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID

import asyncpg

from app.notifications.outbox import opened_code
from app.notifications.subjects import About, OfComplaint, Subject, standing
from app.queries.paging import WAIT_SECONDS, After, Behind, Listed, Looked, Rows, full_page
from domain.complaint.events import ComplaintEvent
from domain.errors import NotFound
from domain.identity import is_same, levelled
from domain.notices.notices import Addressee, kinds_kept_from
from domain.obligation import OF
from domain.reporting.reports import PeriodReported
from domain.titles import Language
from domain.values import Actor
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.database import fetch
from eventlog.log import EventLog
from eventlog.streams import AnyEvent
from procedures.rules import Rules, every_procedure
from projections.scope import Conditions
from wording.notices.complaints import head_of

PAGE: Final = """
SELECT n.*, r.read_at FROM notifications n
LEFT JOIN notification_reads r ON r.notification_id = n.id AND r.actor = ANY({actor}::text[])
WHERE {where} ORDER BY n.position DESC, n.id DESC LIMIT {limit}
"""
# What the console shows a reader: as themselves, in each of their roles, in their unit.
TOLD: Final = (
    "{0}.channel = 'console' AND ({0}.recipient_kind = 'actor' AND {0}.recipient = ANY({{}}::text[])"
    " OR {0}.recipient_kind = 'role' AND {0}.recipient = ANY({{}}::text[])"
    " OR {0}.recipient_kind = 'unit' AND {0}.recipient = ANY({{}}::text[]))"
)
# One fact is told once, in the first of these; who asks for one of the recipients, or by its id, finds each.
NOT_TOLD_BEFORE: Final = (
    "NOT EXISTS (SELECT FROM notifications o WHERE o.position = n.position"
    f" AND (o.recipient_kind, o.id) < (n.recipient_kind, n.id) AND {TOLD.format('o')})"
)
SEES_ALL: Final = frozenset({"admin", "auditor"})


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
class NotificationLine:
    """The same as a line of a file; `recipient` as in role/manager."""

    created_at: datetime
    number: str
    title: str
    recipient: str
    channel: str
    urgent: bool
    state: str
    attempts: int
    error: str | None
    due_at: datetime | None
    send_at: datetime | None
    ended_at: datetime | None
    read_at: datetime | None
    id: UUID


@dataclass(frozen=True)
class NotificationFilter:
    """What is asked for; of several values any.

    `mine`: only what the console shows this reader; those who do not see all get this anyway.
    """

    mine: bool = False
    state: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()  # as in role/manager
    unread: bool = False
    id: UUID | None = None


class NoSuchNotification(NotFound): ...


class NotificationsBehind(Behind): ...


class Follows(Protocol):
    """What is wanted of `eventlog.follower.Follower`."""

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Whether the outbox holds what follows from everything up to `position`."""
        ...

    async def come_so_far(self) -> int:
        """How far the log has been told."""
        ...


@dataclass(frozen=True)
class NotificationQueries:
    """The notifications for every reader, and itself the source of their list."""

    pool: asyncpg.Pool
    log: EventLog
    codec: EventCodec
    rules: Rules
    follower: Follows

    def rows(self, actor: Actor, wanted: NotificationFilter) -> Rows[Notification]:
        """The newest first. What the reader may not know of (any more) is left out, and the page filled with others."""

        async def look(after: After | None, limit: int) -> Looked[Notification]:
            conditions = self._conditions(actor, wanted)
            if after is not None:
                conditions.add("(n.position, n.id) < ({}, {})", after.ordinal, after.id)
            where, reader = conditions.where, conditions.placed("{}", self._stored(actor.id))
            statement = PAGE.format(where=where, actor=reader, limit=limit)
            rows = await fetch(self.pool, statement, *conditions.values)
            seen = [(After(None, one.id, one.position), one) for one in await self._shown(rows, actor)]
            return Looked(seen, After(None, rows[-1]["id"], rows[-1]["position"]) if len(rows) == limit else None)

        async def page(after: After | None, limit: int) -> Listed[Notification]:
            return await full_page(look, after, limit)

        return Rows(Notification, self, page)

    def lines(self, actor: Actor, wanted: NotificationFilter, language: Language) -> Rows[NotificationLine]:
        """The same rows as they stand in a file."""
        rows = self.rows(actor, wanted)

        async def page(after: After | None, limit: int) -> Listed[NotificationLine]:
            found = await rows.page(after, limit)
            return Listed([_line(one, language) for one in found.items], found.after)

        return Rows(NotificationLine, self, page)

    async def one(self, actor: Actor, id: str, *, mine: bool) -> Notification:
        """Raises `NoSuchNotification` where there is none for this reader, and `StorageAway`."""
        try:
            wanted = NotificationFilter(mine=mine, id=UUID(id))
        except ValueError:
            raise NoSuchNotification from None
        for notification in (await self.rows(actor, wanted).page(None, 1)).items:
            return notification
        raise NoSuchNotification

    async def must_reach(self, position: int) -> None:
        """Raises `NotificationsBehind`."""
        if not await self.follower.reached(position, WAIT_SECONDS):
            raise NotificationsBehind

    async def position(self) -> int:
        """How far the log has been told."""
        return await self.follower.come_so_far()

    async def _shown(self, rows: Sequence[Any], actor: Actor) -> list[Notification]:
        streams = await self.log.streams({row["complaint_id"] for row in rows})
        now = {}
        for id, stream in streams.items():
            with suppress(UnreadableEvent):  # what is about it is left out
                now[id] = await standing(stream, None, self.codec, self.rules)
        positions = {id: [recorded.position for recorded in stream] for id, stream in streams.items()}
        found = []
        for row in rows:
            id = row["complaint_id"]
            if id not in now:
                continue
            subject, event = now[id].subject, now[id].happened[positions[id].index(row["position"])]
            to = Addressee(row["recipient_kind"], opened_code(row, self.codec.opened_actor))
            if any(subject.may_be_notified(Addressee("actor", actor.id), roles) for roles in _told_as(to, actor)):
                found.append(_notification(row, to, subject, event))
        return found

    def _stored(self, actor: str) -> list[str]:
        """How rows name an actor: sealed, or in clear where they are older."""
        return [self.codec.sealed_actor(actor), levelled(actor), actor]

    def _conditions(self, actor: Actor, wanted: NotificationFilter) -> Conditions:
        conditions = Conditions()
        if wanted.mine or actor.roles.isdisjoint(SEES_ALL):
            units = [actor.unit] if "unit" in actor.roles and actor.unit is not None else []
            told_as = (self._stored(actor.id), sorted(_as_roles(actor)), units)
            conditions.add(TOLD.format("n"), *told_as)
            if not wanted.recipient and wanted.id is None:
                conditions.add(NOT_TOLD_BEFORE, *told_as)
        conditions.among("n.state", wanted.state)
        if wanted.recipient:
            places = "n.recipient_kind = {} AND n.recipient = ANY({}::text[])"
            conditions.add(" OR ".join(places for _ in wanted.recipient), *self._recipients(wanted.recipient))
        if wanted.unread:
            conditions.add("r.read_at IS NULL")
        if wanted.id is not None:
            conditions.add("n.id = {}", wanted.id)
        self._narrow(conditions, actor)
        return conditions

    def _recipients(self, wanted: Sequence[str]) -> Iterator[str | list[str]]:
        """The kind of each and how it may be stored, one after the other."""
        for one in wanted:
            kind, _, code = one.partition("/")
            yield from (kind, self._stored(code) if kind == "actor" else [code])

    def _narrow(self, conditions: Conditions, actor: Actor) -> None:
        """Leaves out what the reader may not know of, as far as the read models tell; the log has the last word."""
        named = "SELECT FROM reading.tracking t WHERE t.id = n.complaint_id AND t.accused @> {}::text[]"
        conditions.add(f"NOT EXISTS ({named})", [self.codec.tag_of(actor.id)])
        for procedure, kinds in kinds_kept_from(actor.roles, every_procedure(self.rules)).items():
            for table in ("tracking", "incidents"):
                kept = f"SELECT FROM reading.{table} t WHERE t.id = n.complaint_id AND t.kind = ANY({{}}::text[])"
                conditions.add(f"n.procedure <> {{}} OR NOT EXISTS ({kept})", procedure, kinds)


def _told_as(to: Addressee, actor: Actor) -> Iterator[frozenset[str]]:
    """By which of their roles the reader comes to see one: each by itself, for none lends another its eyes."""
    yield from (frozenset({role}) for role in actor.roles & SEES_ALL)
    match to.kind:
        case "actor" if is_same(to.code, actor.id):
            yield actor.roles
        case "role" if to.code in _as_roles(actor):
            yield frozenset({to.role})
        case "unit" if to.code == actor.unit and "unit" in actor.roles:
            yield frozenset({"unit"})


def _as_roles(actor: Actor) -> frozenset[str]:
    """The roles in which they are told: their own, and as they hold them in their unit."""
    in_unit = () if actor.unit is None else (f"{role}{OF}{actor.unit}" for role in actor.roles)
    return actor.roles.union(in_unit)


def _notification(row: Any, to: Addressee, subject: Subject, event: AnyEvent) -> Notification:
    return Notification(
        id=row["id"],
        position=row["position"],
        about=subject.about,
        complaint_id=row["complaint_id"] if subject.about == "complaint" else None,
        incident_id=row["complaint_id"] if subject.about == "incident" else None,
        report=f"{event.procedure}/{event.kind}/{event.period}" if isinstance(event, PeriodReported) else None,
        number=row["number"],
        procedure=row["procedure"],
        event=row["event"],
        title=Titles(_title(to, subject, event, "zh"), _title(to, subject, event, "en")),
        clock=getattr(event, "clock", None),
        unit=getattr(event, "unit", None),
        due_at=_utc(getattr(event, "due_at", None)),
        recipient=Recipient(to.kind, to.code),
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


def _line(one: Notification, language: Language) -> NotificationLine:
    recipient = f"{one.recipient.kind}/{one.recipient.code}".rstrip("/")
    title: str = getattr(one.title, language)
    return NotificationLine(
        one.created_at, one.number, title, recipient, one.channel, one.urgent, one.state, one.attempts, one.error,
        one.due_at, one.send_at, one.ended_at, one.read_at, one.id,
    )  # fmt: skip


def _title(to: Addressee, subject: Subject, event: AnyEvent, language: Language) -> str:
    if isinstance(subject, OfComplaint) and to.kind == "complainant":
        return f"{head_of(cast(ComplaintEvent, event), language)} {subject.complaint.number}"
    return subject.words_for(to, lambda _: (), event, language).title


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
