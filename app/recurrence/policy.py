"""The recurrence policy: follows the log and raises a complaint whose issue point stands there once too often.

Whom to raise is decided in the order of the log, in the transaction that moves the checkpoint, and kept until it was
done; the command's id follows from the complaint and the position. So nothing is lost and nothing is done twice,
whenever the process dies, and it makes no difference how many complaints arrive at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Self, cast

import asyncpg

from app.commands.pinned_rules import pinned_by
from app.recurrence.issue_occurrences import DECIDING, TOLD_BY, IssueStanding, around, standing_of, those_of_one_window
from app.recurrence.raises import Raises, RecurrenceRaises
from domain.complaint.events import Received
from domain.complaint.recurrence import Occurrence, raise_severity_when_issue_recurs
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Recurrence
from eventlog.codec import EventCodec
from eventlog.database import StorageAway, is_storage_away
from eventlog.leader_lock import LeaderLock
from eventlog.log import EventLog, Recorded
from procedures.rules import Rules

NAME: Final = "recurrence"
BATCH: Final = 200
# A text that quotes thousands of numbers helps nobody, and such events would grow with the square of the complaints.
NAMED_AT_MOST: Final = 200
WAIT: Final = 1.0  # seconds
PAUSE: Final = 0.005  # seconds: what is recorded meanwhile is read at once
SAVE_AFTER: Final = 1000  # positions without anything for this policy
POLL: Final = 0.02  # seconds

START = "INSERT INTO policy_checkpoints (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING"
CHECKPOINT = "SELECT position FROM policy_checkpoints WHERE name = $1"
MOVE = "UPDATE policy_checkpoints SET position = $3 WHERE name = $1 AND position = $2"
DONE = """
SELECT least(position, (SELECT min(r.position) - 1 FROM recurrence_raises r WHERE r.failed_at IS NULL))
FROM policy_checkpoints WHERE name = $1
"""
OCCURS = """
WITH put AS (
    INSERT INTO issue_occurrences (complaint_id, number, procedure, issue_point, occurred_at, position)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (complaint_id) DO UPDATE SET issue_point = excluded.issue_point, position = excluded.position
)
SELECT complaint_id, number, occurred_at FROM issue_occurrences
WHERE procedure = $3 AND issue_point = $4 AND position < $6 AND complaint_id <> $1
    AND occurred_at BETWEEN $7 AND $8
ORDER BY position DESC LIMIT $9
"""
LEAVES = "DELETE FROM issue_occurrences WHERE complaint_id = $1"


class OvertakenByAnother(Exception):
    """Another process has moved the checkpoint: it took over while this one was cut off."""


class RecurrencePolicy:
    """Runs in one process of all; use it as an async context manager."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        event_log: EventLog,
        codec: EventCodec,
        rules: Rules,
        complaints: Raises,
    ) -> None:
        self.lock = LeaderLock(pool, NAME)
        self._pool, self._log, self._codec, self._rules = pool, event_log, codec, rules
        self._raises = RecurrenceRaises(pool, complaints)
        self._position = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.lock.run(self._follow), name=NAME)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Waits until everything up to `position` has been looked at and whoever had to be raised was.

        False when `timeout` seconds were not enough. Raises `StorageAway`.
        """
        try:
            async with asyncio.timeout(timeout):
                while self._position < position:
                    moved = self._moved
                    try:
                        async with asyncio.timeout(POLL):
                            await moved.wait()
                    except TimeoutError:
                        await self._look()
        except TimeoutError:
            return self._position >= position
        return True

    async def _look(self) -> None:
        """Another process may be the active one."""
        if self.lock.is_leader:
            return
        try:
            self._come_to(await self._pool.fetchval(DONE, NAME) or 0)
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise

    def _come_to(self, position: int) -> None:
        if position > self._position:
            self._position = position
            self._moved.set()
            self._moved = asyncio.Event()

    async def _follow(self) -> None:
        await self._pool.execute(START, NAME)
        saved = position = int(await self._pool.fetchval(CHECKPOINT, NAME))
        await self._raises.do()
        self._come_to(position)
        while True:
            head = await self._log.wait_beyond(position, WAIT)
            idle = head <= position
            found = [] if idle else await self._log.after(position, BATCH, topics=DECIDING, until=head)
            position = found[-1].position if len(found) == BATCH else max(position, head)
            if found or position - saved >= SAVE_AFTER or (idle and saved < position):
                await self._record(saved, position, found)
                saved = position
            if found or idle:
                await self._raises.do()
            self._come_to(position)
            if not found:
                await asyncio.sleep(PAUSE)

    async def _record(self, before: int, position: int, found: Sequence[Recorded]) -> None:
        histories = await self._histories(found, position)
        for history in histories.values():
            # Now, for what nobody knows yet is read by a connection of its own, and this one may be the last.
            await pinned_by(cast(Received, self._codec.event(history[0], None)), self._rules)
        async with self._pool.acquire() as connection, connection.transaction():
            # What a crash takes back is found again in the log.
            await connection.execute("SET LOCAL synchronous_commit = off")
            if await connection.execute(MOVE, NAME, before, position) != "UPDATE 1":
                raise OvertakenByAnother
            for event in found:
                history = [past for past in histories[event.originator_id] if past.position <= event.position]
                await self._consider(connection, event.position, history)

    async def _histories(self, found: Sequence[Recorded], until: int) -> dict[Any, list[Recorded]]:
        streams = await self._log.streams({event.originator_id for event in found}, until_position=until)
        return {id: [event for event in stream if event.topic in TOLD_BY] for id, stream in streams.items()}

    async def _consider(self, connection: Any, position: int, history: list[Recorded]) -> None:
        events = [self._codec.event(recorded, None) for recorded in history]
        before, now = standing_of(events[:-1]), standing_of(events)
        received = now.received
        procedure, calendar = await pinned_by(received, self._rules)
        recurrence = procedure.recurrence
        if recurrence is None:
            return
        issue_point = now.occurs_at(recurrence)
        if issue_point == before.occurs_at(recurrence):
            return
        if issue_point is None:
            await connection.execute(LEAVES, received.originator_id)
            return
        await self._occurs(connection, position, now, issue_point, recurrence, calendar)

    async def _occurs(
        self,
        connection: Any,
        position: int,
        standing: IssueStanding,
        issue_point: str,
        recurrence: Recurrence,
        calendar: Calendar,
    ) -> None:
        this = standing.occurrence
        earliest, latest = around(this.occurred_at, recurrence.months, calendar)
        rows = await connection.fetch(
            OCCURS, this.complaint_id, this.number, standing.received.procedure, issue_point, this.occurred_at,
            position, earliest, latest, NAMED_AT_MOST,
        )  # fmt: skip
        others = [Occurrence(*row) for row in reversed(rows)]
        together = those_of_one_window(this, others, recurrence.months, calendar)
        command = raise_severity_when_issue_recurs(issue_point, this, together, recurrence)
        if command is not None:
            await self._raises.keep(connection, position, this.complaint_id, command)
