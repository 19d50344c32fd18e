"""Calls for every reader: one with all that was heard of it, and the list of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.access.trail import shown_in_clear
from app.commands.calls import opened
from app.queries.masking import masked_phone
from app.queries.paging import After, Listed, Rows, Source, counting
from app.queries.visibility import Visibility
from domain.call.call import Call, CallStatus, Direction, Leg, Recording, call_of
from domain.call.events import CallEventReceived, CallLedNowhere, CallLedTo, CallPresumedEnded
from domain.call.posted import call_stream
from domain.call.sequences import Gap, Stretch, gaps_between
from domain.errors import NotFound, RoleForbids
from domain.phone_numbers import number_or_none
from domain.procedure.access import least_of
from domain.procedure.procedure import Sight
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog, Recorded
from eventlog.row_seals import opened_column, shortened
from eventlog.sealing import MasterKey
from eventlog.streams import CALL, kind_of
from projections.calls_query import CallFilter, conditions_of, statement
from projections.calls_table import CALLER, SEALED
from projections.scope import Conditions

PRESUMED: Final = "call.presumed_ended"
LAST_OF_CALLER: Final = 5
STRETCHES: Final = "SELECT first, last, first_at FROM call_sequences WHERE source = $1 ORDER BY first"


class NoSuchCall(NotFound): ...


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """Something that was heard of a call: `time` as its source says, `received_at` when it arrived; both UTC.

    The service's own `call.presumed_ended` has no id. `skew_seconds`: arrival minus `time`.
    """

    id: str | None
    type: str
    time: datetime | None
    received_at: datetime
    recognised: bool
    sequence: str | None
    skew_seconds: float | None
    position: int


@dataclass(frozen=True, slots=True)
class CameOfIt:
    """What came of a call in a complaint: it was taken down (`complaint`), or a reminder, callback, survey, recording.

    Where it was refused `problem` says why, as in the answer of a refused request, and `places` point to what is wrong
    in the form.
    """

    led_to: str
    complaint: UUID | None
    at: datetime
    position: int
    problem: str | None = None
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call of the list. Times are UTC; `caller` is masked for those who do not see complainants.

    `refused` are codes of why something that should have come of it did not.
    """

    id: str
    source: str
    direction: Direction
    state: CallStatus
    caller: str | None
    callee: str | None
    agent: str | None
    agents: list[str]
    queue: str | None
    began_at: datetime
    offered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: float | None
    talk_seconds: float | None
    cause: str | None
    score: int | None
    complaints: list[UUID]
    refused: list[str]


@dataclass(frozen=True, slots=True)
class CallView:
    """One call: what follows from all that was heard of it, and each event in the order in which it arrived.

    `complaints` are those that something of it came to, and `came_of_it` what that was; complaints that the reader may
    not see are in neither.
    """

    id: str
    source: str
    direction: Direction
    state: CallStatus
    caller: str | None
    callee: str | None
    agent: str | None
    legs: list[Leg]
    queue: str | None
    offered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: float | None
    talk_seconds: float | None
    hold_seconds: float | None
    cause: str | None
    recordings: list[Recording]
    score: int | None
    complaints: list[UUID]
    came_of_it: list[CameOfIt]
    events: list[HeardEvent]


@dataclass(frozen=True)
class CallQueries:
    """Every question about calls. Who sees complaints of all units sees calls, and as much of the caller.

    Never more of the caller than of each complaint that the call led to: whose call it was is whose complaint it is.
    """

    pool: asyncpg.Pool
    log: EventLog
    codec: EventCodec
    complainants: Complainants
    master: MasterKey
    visibility: Visibility
    source: Source

    async def one(self, source: str, id: str, actor: Actor) -> tuple[CallView, int, int]:
        """A call, its version and the position of its last event.

        Raises `RoleForbids`, `NoSuchCall`, `UnreadableEvent`, `StorageAway`.
        """
        sight = self.sight_of(actor)
        recorded = await self.log.stream(call_stream(source, id))
        if not recorded or kind_of(recorded[0]) is not CALL:
            raise NoSuchCall
        heard = await opened(self.codec, self.complainants, recorded)
        told = list(zip(recorded, heard, strict=True))
        events = [_heard(one, event) for one, event in told if isinstance(event, CallEventReceived | CallPresumedEnded)]
        came = [_came_of_it(one, event) for one, event in told if isinstance(event, CallLedTo | CallLedNowhere)]
        led_to = {one.complaint for one in came if one.complaint is not None}
        sights = await self.visibility.sights(actor, led_to)
        came = [one for one in came if one.complaint is None or one.complaint in sights]
        call = call_of(heard)
        number = None if call.caller is None else shortened(self.master.lookup_hash(CALLER, call.caller))
        is_kept = await self._is_of_accuser(actor, {self.codec.complainant_of(one) for one in recorded}, number)
        seen = None if is_kept else least_of((sight, *map(sights.get, led_to)))
        view = _view(source, id, call, events, came, seen)
        return view, recorded[-1].originator_version, recorded[-1].position

    async def rows(self, actor: Actor, wanted: CallFilter) -> Rows[CallRow]:
        """The newest first; of a complaint or incident that the actor may not see, none.

        Raises `RoleForbids`, also for who asks by a number and does not see numbers.
        """
        sight = self.sight_of(actor)
        caller = None
        if wanted.caller is not None:
            if sight != "all":
                raise RoleForbids
            caller = self.master.lookup_hash(CALLER, number_or_none(wanted.caller) or wanted.caller)
        of = await self.visibility.visible(actor, wanted.complaint) if wanted.complaint else None
        during = await self.visibility.visible(actor, wanted.incident) if wanted.incident else None
        conditions = conditions_of(
            wanted, caller, None if of is None else sorted(of), None if during is None else sorted(during)
        )
        if caller is not None:
            self.visibility.only_calls_of_named(conditions, actor)
            if await self.visibility.accusing(actor, [shortened(caller)]):
                conditions.add("false")

        async def page(after: After | None, limit: int) -> Listed[CallRow]:
            place = None if after is None else (after.key, after.id)
            text, values = statement(conditions, place, limit + 1)
            rows = await fetch(self.pool, text, *values)
            shown = rows[:limit]
            items = await self._shown(shown, actor, sight)
            return Listed(items, After(shown[-1]["began_at"], shown[-1]["id"]) if len(rows) > limit else None)

        return Rows(CallRow, self.source, page, counted=counting(self.pool, "reading.calls", conditions))

    async def last_of(self, caller: bytes, actor: Actor) -> list[CallRow]:
        """The last calls of a number, by its keyed hash. Raises `RoleForbids`, `StorageAway`."""
        return await self._last(conditions_of(CallFilter(), caller), actor, LAST_OF_CALLER)

    async def of_customer(
        self, callers: Sequence[bytes], complaints: Sequence[UUID], actor: Actor, limit: int
    ) -> list[CallRow]:
        """The last calls from their telephones, and of those of which something came in a complaint of theirs.

        None of a customer who complained of the actor. Raises `RoleForbids`, `StorageAway`.
        """
        if await self.visibility.accusing(actor, [shortened(caller) for caller in callers]):
            callers = []
        conditions = Conditions()
        conditions.add("caller = ANY({}::bytea[]) OR complaints && {}::uuid[]", list(callers), list(complaints))
        return await self._last(conditions, actor, limit)

    async def _last(self, conditions: Conditions, actor: Actor, limit: int) -> list[CallRow]:
        sight = self.sight_of(actor)
        self.visibility.only_calls_of_named(conditions, actor)
        text, values = statement(conditions, None, limit)
        return await self._shown(await fetch(self.pool, text, *values), actor, sight)

    async def _shown(self, rows: Sequence[Any], actor: Actor, sight: Sight) -> list[CallRow]:
        keys = await self.complainants.keys({row["key_id"] for row in rows})
        named = {complaint for row in rows for complaint in row["complaints"]}
        sights = await self.visibility.sights(actor, named)
        kept = await self.visibility.accusers(actor, {row["key_id"] for row in rows})
        numbers = {row["id"]: shortened(row["caller"]) for row in rows if row["caller"] is not None}
        accusing = await self.visibility.accusing(actor, set(numbers.values()))
        return [
            _row(
                row, opened_column(row["id"], SEALED, row["sealed"], keys.get(row["key_id"])),
                None if row["key_id"] in kept or numbers.get(row["id"]) in accusing
                else least_of((sight, *map(sights.get, row["complaints"]))), sights,
            )
            for row in rows
        ]  # fmt: skip

    async def _is_of_accuser(self, actor: Actor, owners: Collection[UUID], number: int | None) -> bool:
        """当事人回避: whether whoever called complained of the actor."""
        if await self.visibility.accusers(actor, owners):
            return True
        return number is not None and bool(await self.visibility.accusing(actor, [number]))

    async def gaps(self, source: str) -> list[Gap] | None:
        """Numbers of its events that a source never told of, the lowest first; None where it told of none.

        Raises `StorageAway`.
        """
        heard = [Stretch(*row) for row in await fetch(self.pool, STRETCHES, source)]
        return gaps_between(heard) if heard else None

    def sight_of(self, actor: Actor) -> Sight:
        """How much of calls the actor sees. Raises `RoleForbids`."""
        sight = self.visibility.calls_sight(actor)
        if sight is None:
            raise RoleForbids
        return sight


def seen_number(number: str | None, sight: Sight | None) -> str | None:
    """A caller's telephone number; whole for those who may see it, which goes into the access log.

    Nothing of it for who is kept out of the matter, whose `sight` is None.
    """
    if sight == "all":
        if number is not None:
            shown_in_clear()
        return number
    return None if sight is None else masked_phone(number)


def _heard(recorded: Recorded, event: CallEventReceived | CallPresumedEnded) -> HeardEvent:
    if isinstance(event, CallEventReceived):
        return HeardEvent(
            event.event or None, event.type, event.happened_at, event.timestamp, event.recognised, event.sequence,
            event.skew_seconds, recorded.position,
        )  # fmt: skip
    return HeardEvent(None, PRESUMED, event.timestamp, event.timestamp, True, None, None, recorded.position)


def _came_of_it(recorded: Recorded, event: CallLedTo | CallLedNowhere) -> CameOfIt:
    if isinstance(event, CallLedTo):
        return CameOfIt(event.led_to, event.complaint, event.timestamp, recorded.position)
    return CameOfIt(
        event.led_to, event.complaint, event.timestamp, recorded.position, event.problem, list(event.places)
    )


def _view(
    source: str, id: str, call: Call, events: list[HeardEvent], came: list[CameOfIt], sight: Sight | None
) -> CallView:
    return CallView(
        id=id,
        source=source,
        direction=call.direction,
        state=call.state,
        caller=seen_number(call.caller, sight),
        callee=seen_number(call.callee, sight),
        agent=call.agent,
        legs=list(call.legs),
        queue=call.queue,
        offered_at=call.offered_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        wait_seconds=call.wait_seconds,
        talk_seconds=call.talk_seconds,
        hold_seconds=call.hold_seconds,
        cause=call.cause,
        recordings=list(call.recordings) if sight in ("all", "texts") else [],
        score=call.score,
        complaints=list(dict.fromkeys(one.complaint for one in came if one.complaint and one.problem is None)),
        came_of_it=came,
        events=events,
    )


def _row(row: Any, opened: Sequence[str | None] | None, sight: Sight | None, visible: Collection[UUID]) -> CallRow:
    id, caller, callee, cause = opened or ("", None, None, None)
    return CallRow(
        id=id or "",
        source=row["source"],
        direction=row["direction"],
        state=row["state"],
        caller=seen_number(caller, sight),
        callee=seen_number(callee, sight),
        agent=row["agents"][-1] if row["agents"] else None,
        agents=list(row["agents"]),
        queue=row["queue"],
        began_at=row["began_at"],
        offered_at=row["offered_at"],
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        wait_seconds=_seconds(row["wait_ms"]),
        talk_seconds=_seconds(row["talk_ms"]),
        cause=cause,
        score=row["score"],
        complaints=[complaint for complaint in row["complaints"] if complaint in visible],
        refused=list(row["refused"]),
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
