"""来电弹屏: what is known of whoever calls, for the agent who takes the call up; and the calls that are just offered.

What belongs to a number are the complaints of whoever has it, as corrected last, and the calls that it made.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from app.commands.calls import opened
from app.queries.calls import CallQueries, CallRow
from app.queries.masking import seen_customer, seen_text
from app.queries.owner_view import OwnerShown, owner_view
from app.queries.visibility import Visibility
from domain.call.call import Call, call_of
from domain.call.events import CallEventReceived, TelephonyEvent
from domain.complaint.events import Reminded
from domain.complaint.state import Owner, Status
from domain.errors import Forbidden, RoleForbids
from domain.identity import levelled
from domain.people import People
from domain.phone_numbers import as_phone_number
from domain.procedure.procedure import Sight
from domain.values import Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import StorageAway, fetch
from eventlog.log import EventLog, Recorded
from eventlog.row_seals import opened_column, shortened
from projections.calls_table import CALLER
from projections.scope import Conditions
from projections.tracking_table import SEALED

MOST_OPEN: Final = 20
RECENT: Final = 5
COLUMNS: Final = """
t.id, t.number, t.status, t.key_id, t.sealed, t.due_at, t.received_at, t.closed_at, t.owner_actor, t.owner_unit,
t.owner_role
"""
COMPLAINTS: Final = f"""
WITH t AS MATERIALIZED (
    SELECT {COLUMNS} FROM reading.lookups l JOIN reading.tracking t ON t.id = l.complaint_id WHERE {{where}}
)
(SELECT t.*, true AS is_open FROM t WHERE t.closed_at IS NULL ORDER BY t.received_at DESC LIMIT {MOST_OPEN})
UNION ALL
(SELECT t.*, false FROM t ORDER BY t.received_at DESC LIMIT {RECENT})
"""
REMINDERS: Final = "SELECT count(*) FROM stored_events WHERE originator_id = ANY($1::uuid[]) AND topic = $2"
# What is told of a call before somebody takes it up.
OFFERS: Final = frozenset({"call.offered", "call.ringing"})
AT_ONCE: Final = 500
MOST_WAITING: Final = 100
KNOWN: Final = 5000  # calls that were told of already
WAIT: Final = 1.0  # seconds
GATHERED: Final = 0.01  # seconds in which what is told meanwhile is read together


class OfOtherDesks(Forbidden):
    """Whose desk it is hears of it, and those who lead them."""


@dataclass(frozen=True, slots=True)
class CallersComplaint:
    """One complaint of whoever calls; `due_at` is its next hard due time."""

    id: UUID
    number: str
    status: Status
    subject: str | None
    due_at: datetime | None
    owner: OwnerShown


@dataclass(frozen=True, slots=True)
class CallersName:
    name: str | None


@dataclass(frozen=True, slots=True)
class CallerSummary:
    """What is known of a number: its open complaints, its last five, how often it reminded of the open ones, its calls.

    `customer` is null where nobody with this number ever complained.
    """

    phone: str
    customer: CallersName | None
    open: list[CallersComplaint]
    recent: list[CallersComplaint]
    reminders: int
    calls: list[CallRow]


@dataclass(frozen=True, slots=True)
class Offered:
    """A call that is offered to an agent, and what is known of whoever calls; null where they withhold their number."""

    source: str
    call: str
    agent: str
    queue: str | None
    caller: str | None
    summary: CallerSummary | None


@dataclass(frozen=True)
class CallerQueries:
    """For those alone who see whole numbers."""

    pool: asyncpg.Pool
    complainants: Complainants
    calls: CallQueries
    visibility: Visibility
    people: Callable[[], People]

    async def summary(self, phone: str, actor: Actor) -> CallerSummary:
        """What is known of a number, in any writing; not whom the actor must not know of.

        Raises `RoleForbids`, `NotAPhoneNumber`, `StorageAway`.
        """
        found = await self._summary(phone, actor)
        return found[0]

    async def summary_unless_kept(self, phone: str, actor: Actor) -> CallerSummary | None:
        """As `summary`; None where whoever calls complained of the actor."""
        summary, is_kept = await self._summary(phone, actor)
        return None if is_kept else summary

    async def _summary(self, phone: str, actor: Actor) -> tuple[CallerSummary, bool]:
        if self.calls.sight_of(actor) != "all":
            raise RoleForbids
        number = as_phone_number(phone, "")
        lookup = self.complainants.hashed(Complainant(phone=number))[CALLER]
        is_kept = bool(await self.visibility.accusing(actor, [shortened(lookup)]))
        rows, calls = await asyncio.gather(
            self._complaints(shortened(lookup), actor),
            _none() if is_kept else self.calls.last_of(lookup, actor),
        )
        sights = await self.visibility.sights(actor, {row["id"] for row in rows})
        seen = [row for row in rows if sights.get(row["id"]) == "all"]
        open, recent = [[row for row in seen if row["is_open"] is is_open] for is_open in (True, False)]
        reminders = 0
        if open:
            counted = await fetch(self.pool, REMINDERS, [row["id"] for row in open], Reminded.TOPIC)
            reminders = int(counted[0][0])
        texts = await self._texts(seen, sights)
        name = next((CallersName(texts[row["id"]][1]) for row in recent), None)
        return CallerSummary(
            number, name, self._shown(open, texts), self._shown(recent, texts), reminders, calls
        ), is_kept  # fmt: skip

    async def _complaints(self, number: int, actor: Actor) -> list[Any]:
        """Those alone whose complainant the actor sees: that they are of this number says who complained."""
        conditions = Conditions()
        conditions.add("l.found_by @> ARRAY[{}::bigint]", number)
        self.visibility.only_named(conditions, actor)
        return await fetch(self.pool, COMPLAINTS.format(where=conditions.where), *conditions.values)

    async def _texts(self, rows: Sequence[Any], sights: Mapping[UUID, Sight]) -> dict[UUID, tuple[Any, Any]]:
        """By complaint its subject and the name of whoever complained, as far as the reader sees them."""
        keys = await self.complainants.keys({row["key_id"] for row in rows})
        found: dict[UUID, tuple[Any, Any]] = {}
        for row in rows:
            id, sight = row["id"], sights[row["id"]]
            subject, customer = opened_column(id, SEALED, row["sealed"], keys.get(row["key_id"])) or (None, None)
            found[id] = (seen_text(subject, sight), seen_customer(customer, sight, id))
        return found

    def _shown(self, rows: Sequence[Any], texts: Mapping[UUID, tuple[Any, Any]]) -> list[CallersComplaint]:
        people = self.people()
        return [
            CallersComplaint(
                row["id"], row["number"], row["status"], texts[row["id"]][0], row["due_at"],
                owner_view(Owner(row["owner_actor"], row["owner_unit"], row["owner_role"]), people),
            )
            for row in rows
        ]  # fmt: skip

    def check_desk(self, agent: str, actor: Actor) -> None:
        """Raises `RoleForbids`, `OfOtherDesks`."""
        if self.calls.sight_of(actor) != "all":
            raise RoleForbids
        if levelled(agent) != levelled(actor.id) and "manager" not in actor.roles:
            raise OfOtherDesks


async def _none() -> list[Any]:
    return []


class OfferedCalls:
    """The calls that are offered to agents, as soon as anybody tells of them. Followed only while somebody listens."""

    def __init__(self, log: EventLog, codec: EventCodec, keys: Complainants) -> None:
        self._log, self._codec, self._keys = log, codec, keys
        self._desks: dict[str, set[asyncio.Queue[tuple[int, str, Call, str]]]] = {}
        self._told: OrderedDict[tuple[UUID, str], None] = OrderedDict()
        self._following: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, agent: str) -> AsyncIterator[asyncio.Queue[tuple[int, str, Call, str]]]:
        """A queue of what is offered to the agent from now on: position, source, the call and its id."""
        desk: asyncio.Queue[tuple[int, str, Call, str]] = asyncio.Queue(MOST_WAITING)
        self._desks.setdefault(levelled(agent), set()).add(desk)
        if self._following is None or self._following.done():
            since = await self._log.head()
            self._following = asyncio.create_task(self._follow(since), name="offered calls")
        try:
            yield desk
        finally:
            desks = self._desks[levelled(agent)]
            desks.discard(desk)
            if not desks:
                del self._desks[levelled(agent)]
            if not self._desks and self._following is not None:
                self._following.cancel()
                self._following = None

    async def _follow(self, position: int) -> None:
        while True:
            with suppress(StorageAway):  # it goes on from where it was
                if await self._log.wait_beyond(position, WAIT) > position:
                    await asyncio.sleep(GATHERED)
                head = await self._log.wait_beyond(position, 0)
                while position < head:
                    position = await self._tell(position, head)
                continue
            await asyncio.sleep(WAIT)

    async def _tell(self, position: int, head: int) -> int:
        found = await self._log.after(position, AT_ONCE, topics=[CallEventReceived.TOPIC], until=head)
        offers = [recorded for recorded in found if self._is_offer(recorded)]
        if offers:
            await self._offer(offers)
        return found[-1].position if len(found) == AT_ONCE else head

    def _is_offer(self, recorded: Recorded) -> bool:
        event = self._codec.event_or_none(recorded, None)
        return isinstance(event, CallEventReceived) and event.type in OFFERS

    async def _offer(self, offers: Sequence[Recorded]) -> None:
        """Each to the agent whom it names, once; with all that was heard of the call by now. All are read at once."""
        told = [
            _Ringing(recorded.position, recorded.originator_id, cast(CallEventReceived, event))
            for recorded, event in zip(offers, await opened(self._codec, self._keys, offers), strict=True)
        ]
        news = [one for one in told if self._is_news(one)]
        heard = await self._heard([one.stream for one in news if one.needs_all])
        for one in news:
            call = call_of(heard.get(one.stream) or [one.event])
            for desk in self._desks.get(one.agent or "", ()):
                with suppress(asyncio.QueueFull):  # nobody reads there any more
                    desk.put_nowait((one.position, one.event.source, call, one.event.call or ""))

    def _is_news(self, one: _Ringing) -> bool:
        """Whether it rings at a desk where somebody listens, who was not told of this call."""
        if one.agent not in self._desks or not one.event.call or (one.stream, one.agent) in self._told:
            return False
        self._told[one.stream, one.agent] = None
        if len(self._told) > KNOWN:
            self._told.popitem(last=False)
        return True

    async def _heard(self, streams: Sequence[UUID]) -> dict[UUID, list[TelephonyEvent]]:
        """All that was heard of these calls."""
        if not streams:
            return {}
        found = await self._log.streams(set(streams))
        rows = [one for stream in found.values() for one in stream if one.topic == CallEventReceived.TOPIC]
        heard: dict[UUID, list[TelephonyEvent]] = {}
        for recorded, event in zip(rows, await opened(self._codec, self._keys, rows), strict=True):
            heard.setdefault(recorded.originator_id, []).append(event)
        return heard


@dataclass(frozen=True, slots=True)
class _Ringing:
    """What was told of a call before somebody takes it up."""

    position: int
    stream: UUID
    event: CallEventReceived

    @property
    def agent(self) -> str | None:
        """At whose desk it rings."""
        said = (self.event.content.get("data") or {}).get("agent")
        return levelled(said) if isinstance(said, str) else None

    @property
    def needs_all(self) -> bool:
        """Whether who calls, or where, was said before, when it was not known yet whose phone would ring."""
        call = call_of([self.event])
        return call.caller is None or call.queue is None
