"""How many calls a telephone system counted, interval by interval: each is taken once, and never twice in part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import asyncpg
from annotated_types import Ge, Le
from pydantic import Field

from app.commands.request_identity import CommandRequest
from domain.errors import AbsurdTime, Invalid, Refused
from domain.procedure.call_surge import COMPLAINTS, HOUR, hour_of
from domain.values import Actor, Slug
from eventlog.database import StorageAway, is_storage_away
from eventlog.leader_lock import lock_key
from eventlog.remembered import remember

OLDEST: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(minutes=5)

OVERLAPPING: Final = """
SELECT began_at, ended_at, calls FROM call_volumes
WHERE source = $1 AND began_at > $2::timestamptz - interval '1 hour' AND began_at < $3 AND ended_at > $2
"""
INSERT: Final = """
INSERT INTO call_volumes (source, began_at, ended_at, calls, reported_by, reported_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
ONE_OF_A_SOURCE: Final = "SELECT pg_advisory_xact_lock($1)"


class SourceIsReserved(Invalid): ...


class NotWithinOneHour(Invalid): ...


class IntervalCountedAlready(Refused): ...


@dataclass(frozen=True)
class ReportCallVolume:
    """`calls` came in at the telephone system `source` between `from` (included) and `to` (not included)."""

    source: Slug
    from_: Annotated[datetime, Field(alias="from")]
    to: datetime
    calls: Annotated[int, Ge(0), Le(1_000_000)]


class CallVolumes:
    """Takes what telephone systems report."""

    def __init__(self, pool: asyncpg.Pool, now: Callable[[], datetime]) -> None:
        self._pool, self._now = pool, now

    async def report(self, command: ReportCallVolume, actor: Actor, request: CommandRequest) -> bool:
        """Keeps the number of an interval; False where just this was reported before.

        Raises the refusal, `CommandIdReused` or `StorageAway`.
        """
        at = self._now()
        _check(command, at)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(ONE_OF_A_SOURCE, lock_key(f"call volume {command.source}"))
                is_new = await self._keep(connection, command, actor, at)
                if request.request_hash is not None:
                    await remember(connection, request.command_id, request.request_hash, at)
                return is_new
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise

    async def _keep(self, connection: Any, command: ReportCallVolume, actor: Actor, at: datetime) -> bool:
        began_at, ended_at = command.from_.astimezone(UTC), command.to.astimezone(UTC)
        known = await connection.fetch(OVERLAPPING, command.source, began_at, ended_at)
        if [tuple(row) for row in known] == [(began_at, ended_at, command.calls)]:
            return False
        if known:
            raise IntervalCountedAlready
        await connection.execute(INSERT, command.source, began_at, ended_at, command.calls, actor.id, at)
        return True


def _check(command: ReportCallVolume, at: datetime) -> None:
    if command.source == COMPLAINTS:
        raise SourceIsReserved("/source")
    for pointer, moment in (("/from", command.from_), ("/to", command.to)):
        if moment.tzinfo is None:
            raise AbsurdTime(pointer, without_offset=True)
    if not at - OLDEST <= command.from_ or command.to > at + CLOCK_SKEW:
        raise AbsurdTime("/from", interval_over_a_year_back=True)
    if not command.from_ < command.to <= hour_of(command.from_) + HOUR:
        raise NotWithinOneHour("/to")
