"""Judging many complaints' clocks together: loaded by one query, recorded by one append, in the order they fell due.

Clocks need no personal data, so the streams are folded without any key; only the text of a card is sealed. Whoever else
records something meanwhile stops the append there: what was not recorded is loaded again and decided anew, before
anything that fell due later is recorded.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Final, cast
from uuid import UUID, uuid4

from app.commands.pinned_rules import governed
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.events import ComplaintEvent
from domain.errors import NotFound
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import is_storage_away
from eventlog.log import Append, Appended, EventLog, Recorded, VersionConflict
from eventlog.sealing import DataKey
from eventlog.streams import COMPLAINT
from procedures.rules import Rules

ATTEMPTS: Final = 8
PAUSE_AFTER: Final = 32  # complaints, a few milliseconds: others want to use the loop too

Due = tuple[datetime, UUID]


@dataclass
class Judged:
    """What came of it: when each complaint is due next (None: never), and what was wrong with the others.

    `visits` counts a complaint once for each instant at which something of it was due.
    """

    following: dict[UUID, datetime | None] = field(default_factory=dict)
    failed: dict[UUID, Exception] = field(default_factory=dict)
    visits: int = 0


@dataclass
class Judgements:
    """Warnings and misses of one complaint with nothing of another in between; `due`: the first instant of them."""

    due: Due
    complaint: Complaint
    events: list[ComplaintEvent]
    visits: int = 1


Outcome = Appended | Exception | None


class Judging:
    """Loads, decides and appends in due order. Any number of processes may do so at once."""

    def __init__(self, log: EventLog, codec: EventCodec, complainants: Complainants, rules: Rules) -> None:
        self._log, self._codec, self._complainants, self._rules = log, codec, complainants, rules

    async def judge(self, due: Sequence[Due], at: datetime, *, until: datetime) -> Judged:
        """Records at `at` the warnings and misses of these complaints that were due by `until`, each once for all.

        `due` names each complaint once, with the first instant at which something of it may be due. One that cannot be
        judged is in `failed` and holds nobody up. Raises `StorageAway`; what was recorded by then stays.
        """
        work = _Work(until)
        await self._load(work, due)
        visited = 0
        while True:
            following = work.next_one()
            if following is None or work.would_overtake(following[1]):
                if not (waiting := work.take_waiting()):
                    return work.judged
                await self._record(work, waiting, at)
                continue
            work.visit(following, at)
            visited += 1
            if visited % PAUSE_AFTER == 0:
                await asyncio.sleep(0)

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        """Appends in this order up to the first complaint that has moved on; None for what waits behind it.

        What cannot be recorded for a reason of its own is left out, with that reason. Raises `StorageAway`.
        """
        keys = await self._keys({one.complaint.complainant_id for one in judged if self._is_sealed(one.events)})
        outcomes: list[Outcome] = [None] * len(judged)
        appends: dict[int, Append] = {}
        for number, one in enumerate(judged):
            try:
                stored = [self._codec.stored(event, keys.get(one.complaint.complainant_id)) for event in one.events]
            except Exception as error:
                outcomes[number] = error
                continue
            appends[number] = Append(uuid4(), None, stored, [event.actor.id for event in one.events], at)
        for number, outcome in zip(appends, await self._append(list(appends.values())), strict=True):
            outcomes[number] = outcome
        return outcomes

    async def _load(self, work: _Work, due: Sequence[Due]) -> None:
        streams = await self._log.streams([id for _, id in due])
        for number, one in enumerate(due, 1):
            try:
                work.put(one, await self._folded(streams[one[1]]))
            except Exception as error:
                if is_storage_away(error):
                    raise
                work.give_up(one[1], error)
            if number % PAUSE_AFTER == 0:
                await asyncio.sleep(0)

    async def _folded(self, stream: Sequence[Recorded]) -> Complaint:
        if not stream:
            raise NotFound
        return await governed(COMPLAINT.folded(self._codec.event(one, None) for one in stream), self._rules)

    async def _record(self, work: _Work, waiting: Sequence[Judgements], at: datetime) -> None:
        anew: list[Due] = []
        for one, outcome in zip(waiting, await self.record(waiting, at), strict=True):
            if isinstance(outcome, Appended):
                work.judged.visits += one.visits
            elif work.may_try_again(one, outcome):
                anew.append(one.due)
        if anew:
            await self._load(work, anew)

    async def _append(self, appends: Sequence[Append]) -> list[Outcome]:
        try:
            return list(await self._log.append_in_order(appends))
        except Exception as error:
            if is_storage_away(error):
                raise
            if len(appends) == 1:
                return [error]
        # One of them is at fault and is not to spoil the others.
        outcomes: list[Outcome] = []
        for append in appends:
            outcomes += await self._append([append])
            if isinstance(outcomes[-1], VersionConflict):
                break
        return outcomes + [None] * (len(appends) - len(outcomes))

    def _is_sealed(self, events: Sequence[ComplaintEvent]) -> bool:
        return any(self._codec.is_sealed(event) for event in events)

    async def _keys(self, complainants: Collection[UUID]) -> dict[UUID, DataKey]:
        """The keys that there are; one that does not open is left out."""
        try:
            return await self._complainants.keys(complainants)
        except Exception as error:
            if is_storage_away(error):
                raise
            if len(complainants) == 1:
                return {}
        found: dict[UUID, DataKey] = {}
        for id in complainants:
            found |= await self._keys([id])
        return found


class _Work:
    """What one call has to do: complaints in due order, and the judgements that wait to be recorded."""

    def __init__(self, until: datetime) -> None:
        self.judged = Judged()
        self._waiting: dict[UUID, Judgements] = {}
        self._until = until
        self._complaints: dict[UUID, Complaint] = {}
        self._next: dict[UUID, datetime] = {}
        self._order: list[Due] = []  # also holds what `_next` no longer says
        self._conflicts: Counter[UUID] = Counter()

    def put(self, due: Due, complaint: Complaint) -> None:
        """Has a complaint, as it was just loaded, visited at that instant."""
        self._complaints[complaint.id] = complaint
        self._visit_at(due)

    def next_one(self) -> Due | None:
        """The earliest visit; None when nothing is left."""
        while self._order and self._next.get(self._order[0][1]) != self._order[0][0]:
            heappop(self._order)
        return self._order[0] if self._order else None

    def would_overtake(self, id: UUID) -> bool:
        """Whether something of others stands between this complaint's waiting judgements and its next ones."""
        return id in self._waiting and id != next(reversed(self._waiting))

    def take_waiting(self) -> list[Judgements]:
        """The judgements that wait, in due order; they wait no longer."""
        waiting, self._waiting = list(self._waiting.values()), {}
        return waiting

    def visit(self, due: Due, at: datetime) -> None:
        """Lets a complaint judge what is due at that instant."""
        instant, id = due
        complaint = self._complaints[id]
        try:
            judge_clocks(complaint, at, until=instant)
            following = complaint.next_judgement_at
        except Exception as error:
            self.give_up(id, error)
            return
        events = cast(list[ComplaintEvent], list(complaint.collect_events()))
        self._wait(due, complaint, events)
        if following is not None and following <= instant:
            following = None  # it had its visit; asked again at once, it would answer the same for ever
        self._next.pop(id)
        self.judged.following[id] = following
        if following is not None and following <= self._until:
            self._visit_at((following, id))

    def give_up(self, id: UUID, error: Exception) -> None:
        self._next.pop(id, None)
        self.judged.following.pop(id, None)
        self.judged.failed[id] = error

    def may_try_again(self, judgements: Judgements, outcome: Exception | None) -> bool:
        """Whether judgements that were not recorded are to be decided anew, which is so when others came first."""
        id = judgements.due[1]
        self._conflicts[id] += outcome is not None
        if outcome is None or (isinstance(outcome, VersionConflict) and self._conflicts[id] < ATTEMPTS):
            return True
        self.give_up(id, outcome)
        return False

    def _wait(self, due: Due, complaint: Complaint, events: list[ComplaintEvent]) -> None:
        if not events:
            self.judged.visits += 1
        elif complaint.id in self._waiting:
            self._waiting[complaint.id].events += events
            self._waiting[complaint.id].visits += 1
        else:
            self._waiting[complaint.id] = Judgements(due, complaint, events)

    def _visit_at(self, due: Due) -> None:
        self._next[due[1]] = due[0]
        heappush(self._order, due)
