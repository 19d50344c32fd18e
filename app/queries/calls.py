"""Calls for every reader: one with all that was heard of it, and the list of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from app.access.trail import shown_in_clear
from app.queries.masking import masked_phone
from app.queries.paging import After, Listed, Rows, Source, counting
from app.queries.visibility import Visibility
from domain.call.call import Call, CallStatus, Direction, Leg, Recording, call_of
from domain.call.events import CallEventReceived, CallPresumedEnded, TelephonyEvent
from domain.call.posted import call_stream
from domain.errors import NotFound, RoleForbids
from domain.phone_numbers import number_or_none
from domain.procedure.procedure import Sight
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog, Recorded
from eventlog.row_seals import opened_column
from eventlog.sealing import MasterKey
from eventlog.streams import CALL, kind_of
from projections.calls_query import CallFilter, conditions_of, statement
from projections.calls_table import CALLER, SEALED

PRESUMED: str = "call.presumed_ended"


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
class CallRow:
    """One call of the list. Times are UTC; `caller` is masked for those who do not see complainants."""

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


@dataclass(frozen=True, slots=True)
class CallView:
    """One call: what follows from all that was heard of it, and each event in the order in which it arrived."""

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
    events: list[HeardEvent]


@dataclass(frozen=True)
class CallQueries:
    """Every question about calls. Who sees complaints of all units sees calls, and as much of the caller."""

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
        heard = await self._opened(recorded)
        events = [_heard(one, event) for one, event in zip(recorded, heard, strict=True)]
        view = _view(source, id, call_of(heard), events, sight)
        return view, recorded[-1].originator_version, recorded[-1].position

    def rows(self, actor: Actor, wanted: CallFilter) -> Rows[CallRow]:
        """The newest first. Raises `RoleForbids`, also for who asks by a number and does not see numbers."""
        sight = self.sight_of(actor)
        caller = None
        if wanted.caller is not None:
            if sight != "all":
                raise RoleForbids
            caller = self.master.lookup_hash(CALLER, number_or_none(wanted.caller) or wanted.caller)
        # No call belongs to a complaint yet: who asks for those of one is answered none, and never all.
        conditions = conditions_of(wanted, caller, [] if wanted.complaint else None)

        async def page(after: After | None, limit: int) -> Listed[CallRow]:
            place = None if after is None else (after.key, after.id)
            text, values = statement(conditions, place, limit + 1)
            rows = await fetch(self.pool, text, *values)
            shown = rows[:limit]
            keys = await self.complainants.keys({row["key_id"] for row in shown})
            items = [_row(row, opened_column(row["id"], SEALED, row["sealed"], keys.get(row["key_id"])), sight)
                     for row in shown]  # fmt: skip
            return Listed(items, After(shown[-1]["began_at"], shown[-1]["id"]) if len(rows) > limit else None)

        return Rows(CallRow, self.source, page, counted=counting(self.pool, "reading.calls", conditions))

    def sight_of(self, actor: Actor) -> Sight:
        """How much of calls the actor sees. Raises `RoleForbids`."""
        sight = self.visibility.calls_sight(actor)
        if sight is None:
            raise RoleForbids
        return sight

    async def _opened(self, recorded: Sequence[Recorded]) -> list[TelephonyEvent]:
        owners = [self.codec.complainant_of(one) for one in recorded]
        keys = await self.complainants.keys(set(owners))
        heard: list[Any] = [
            self.codec.any_event(one, keys.get(owner)) for one, owner in zip(recorded, owners, strict=True)
        ]
        return heard


def seen_number(number: str | None, sight: Sight) -> str | None:
    """A caller's telephone number; whole for those who may see it, which goes into the access log."""
    if sight == "all":
        if number is not None:
            shown_in_clear()
        return number
    return masked_phone(number)


def _heard(recorded: Recorded, event: TelephonyEvent) -> HeardEvent:
    if isinstance(event, CallEventReceived):
        return HeardEvent(
            event.event or None, event.type, event.happened_at, event.timestamp, event.recognised, event.sequence,
            event.skew_seconds, recorded.position,
        )  # fmt: skip
    assert isinstance(event, CallPresumedEnded)
    return HeardEvent(None, PRESUMED, event.timestamp, event.timestamp, True, None, None, recorded.position)


def _view(source: str, id: str, call: Call, events: list[HeardEvent], sight: Sight) -> CallView:
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
        recordings=list(call.recordings) if sight != "none" else [],
        score=call.score,
        complaints=[],
        events=events,
    )


def _row(row: Any, opened: Sequence[str | None] | None, sight: Sight) -> CallRow:
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
    )


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
