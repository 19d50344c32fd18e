"""Whom the recurrence policy still has to raise: kept with its checkpoint, and forgotten when it was done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

import asyncpg
import structlog

from domain.complaint.commands import RaiseSeverity
from domain.errors import Refused
from domain.values import LinkedComplaint
from eventlog.database import is_storage_away
from eventlog.log import QueueFull, VersionConflict

log = structlog.get_logger()

COMMANDS: Final = UUID("6f0d5c1e-2d0b-5d7e-9a36-5b1f0f7c7a11")  # the name space of this policy's command ids
BATCH: Final = 200
AT_ONCE: Final = 16
PAUSE_WHEN_BUSY: Final = 0.05  # seconds
TRY_AGAIN: Final = timedelta(minutes=1)

TO_RAISE = """
INSERT INTO recurrence_raises (position, complaint_id, issue_point, other_ids, other_numbers)
VALUES ($1, $2, $3, $4, $5)
"""
WAITING = """
SELECT position, complaint_id, issue_point, other_ids, other_numbers FROM recurrence_raises
WHERE position > $3 AND (failed_at IS NULL OR failed_at < now() - $1::interval) ORDER BY position LIMIT $2
"""
RAISED = "DELETE FROM recurrence_raises WHERE position = ANY($1::bigint[])"
FAILED = "UPDATE recurrence_raises SET failed_at = now() WHERE position = ANY($1::bigint[])"


def command_id_of_raise(complaint_id: UUID, position: int) -> UUID:
    """The command id under which a complaint is raised for its event at this position, at most once."""
    return uuid5(COMMANDS, f"{complaint_id}/{position}")


class Raises(Protocol):
    """What is wanted of `app.commands.complaints.Complaints`."""

    async def raise_severity(self, id: UUID, command: RaiseSeverity, command_id: UUID) -> None:
        """Raises one complaint, and does nothing the second time."""
        ...


class RecurrenceRaises:
    """The raises that were decided and are to be done."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], complaints: Raises) -> None:
        self._pool, self._complaints = pool, complaints
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def keep(self, connection: Any, position: int, id: UUID, command: RaiseSeverity) -> None:
        """Remembers one in the transaction of `connection`; `position` is that of the event it follows from."""
        ids = [other.id for other in command.others]
        numbers = [other.number for other in command.others]
        await connection.execute(TO_RAISE, position, id, command.issue_point, ids, numbers)

    async def do(self) -> None:
        """Does all that wait. One that fails is logged and tried again after a minute, and holds nobody up.

        Raises what the storage raises while it is away; nothing is lost then.
        """
        last = 0
        while rows := await self._pool.fetch(WAITING, TRY_AGAIN, BATCH, last):
            outcomes = await asyncio.gather(*(self._raise(row) for row in rows), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
            await self._forget(RAISED, [row["position"] for row, done in zip(rows, outcomes, strict=True) if done])
            await self._forget(FAILED, [row["position"] for row, done in zip(rows, outcomes, strict=True) if not done])
            last = rows[-1]["position"]

    async def _forget(self, statement: str, positions: Sequence[int]) -> None:
        if positions:
            await self._pool.execute(statement, positions)

    async def _raise(self, row: asyncpg.Record) -> bool:
        others = tuple(map(LinkedComplaint, row["other_ids"], row["other_numbers"]))
        command = RaiseSeverity(row["issue_point"], others)
        command_id = command_id_of_raise(row["complaint_id"], row["position"])
        async with self._slots:
            try:
                await self._raise_when_there_is_room(row["complaint_id"], command, command_id)
            except Refused as refusal:
                log.warning("recurrence_refused", complaint=str(row["complaint_id"]), error=type(refusal).__name__)
            except Exception as error:
                if is_storage_away(error):
                    raise
                log.error("recurrence_not_raised", complaint=str(row["complaint_id"]), error=type(error).__name__)
                return False
        return True

    async def _raise_when_there_is_room(self, id: UUID, command: RaiseSeverity, command_id: UUID) -> None:
        while True:
            try:
                return await self._complaints.raise_severity(id, command, command_id)
            except (QueueFull, VersionConflict):
                await asyncio.sleep(PAUSE_WHEN_BUSY)
