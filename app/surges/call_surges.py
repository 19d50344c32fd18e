"""Opens an incident when calls surge: once per surge, and none while another is open.

Complaints are counted by the hour from the log, with a checkpoint in the same transaction; calls are what telephone
systems reported. Which hours are a surge, and whether that opens an incident, is decided under one lock and kept before
anything is opened; the command's id follows from the incident's. So nothing is lost and nothing is opened twice,
whenever the process dies and whoever else looks at the same time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, cast
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from app.surges.call_counts import CallCounts
from domain.complaint.events import Received
from domain.incident.commands import OpenIncident
from domain.incident.events import IncidentClosed, Restored
from domain.procedure.call_surge import HOUR, CallSurge, hour_of, surge_in
from domain.procedure.incident_rules import CALL_SURGE
from domain.procedure.procedure import Procedure
from eventlog.codec import EventCodec
from eventlog.database import fetch
from eventlog.leader_lock import lock_key
from eventlog.log import EventLog
from procedures.rules import Rules

NAME: Final = "call surges"
COMMANDS: Final = UUID("b9c1d0a4-64a1-5c0e-8a53-1f5f0ce7a2d6")  # the name space of this policy's command ids
BATCH: Final = 500
WAIT: Final = 1.0  # seconds: reported calls are looked at by then
PAUSE: Final = 0.3  # seconds: what is recorded meanwhile is counted at once

START = "INSERT INTO policy_checkpoints (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING"
CHECKPOINT = "SELECT position FROM policy_checkpoints WHERE name = $1"
MOVE = "UPDATE policy_checkpoints SET position = $3 WHERE name = $1 AND position = $2"
COUNT = """
INSERT INTO complaint_volumes AS v (hour, complaints) SELECT * FROM unnest($1::timestamptz[], $2::integer[])
ON CONFLICT (hour) DO UPDATE SET complaints = v.complaints + excluded.complaints
"""
ONE_DECIDES = "SELECT pg_advisory_xact_lock($1)"
NEIGHBOURS = """
SELECT hour, incident_id FROM call_surges WHERE procedure = $1 AND source = $2 AND hour BETWEEN $3 AND $4
"""
STILL_OPEN = """
SELECT c.id FROM (
    (SELECT incident_id AS id FROM call_surges WHERE procedure = $1 AND opens ORDER BY hour DESC LIMIT 10)
    UNION
    (SELECT id FROM reading.incidents WHERE procedure = $1 AND kind = $2 AND state = 'open')
) c WHERE NOT EXISTS (SELECT FROM stored_events e WHERE e.originator_id = c.id AND e.topic = ANY($3::text[])) LIMIT 1
"""
KEEP = """
INSERT INTO call_surges (procedure, source, hour, incident_id, calls, usual, days, multiple, opens, opened)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false)
"""
TO_OPEN = """
SELECT procedure, incident_id, source, hour, calls, usual, days, multiple FROM call_surges
WHERE opens AND NOT opened ORDER BY hour, source
"""
OPENED = "UPDATE call_surges SET opened = true WHERE incident_id = $1"


class OpensForSurge(Protocol):
    """What is wanted of `app.commands.incidents.Incidents`."""

    async def open_for_surge(self, command: OpenIncident, surge: CallSurge, id: UUID, command_id: UUID) -> object:
        """Opens the incident of a surge, and does nothing the second time."""
        ...


class CallSurges:
    """`run` looks for ever and is started where the lock for incidents is held; `look` may be called anywhere."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        event_log: EventLog,
        codec: EventCodec,
        rules: Rules,
        incidents: OpensForSurge,
        now: Callable[[], datetime],
    ) -> None:
        self._pool, self._log, self._codec, self._rules = pool, event_log, codec, rules
        self._incidents, self._now, self._counts = incidents, now, CallCounts(pool)
        self._looking = asyncio.Lock()

    async def look(self) -> None:
        """Counts what has come in, and opens what has to be opened. Raises `StorageAway`."""
        async with self._looking:
            await self._count_complaints()
            for procedure in list(self._rules.procedures.values()):
                await self._decide(procedure)
            await self._open()

    async def run(self) -> None:
        head = 0
        while True:
            await self.look()
            await asyncio.sleep(PAUSE)
            head = await self._log.wait_beyond(head, WAIT)

    async def _count_complaints(self) -> None:
        await fetch(self._pool, START, NAME)
        position = int((await fetch(self._pool, CHECKPOINT, NAME))[0][0])
        head = await self._log.head()
        while position < head:
            found = await self._log.after(position, BATCH, topics=[Received.TOPIC], until=head)
            reached = found[-1].position if len(found) == BATCH else head
            received = (cast(Received, self._codec.event(one, None)) for one in found)
            hours = Counter(hour_of(one.occurred_at) for one in received)
            async with self._pool.acquire() as connection, connection.transaction():
                # What a crash takes back is found again in the log.
                await connection.execute("SET LOCAL synchronous_commit = off")
                if await connection.execute(MOVE, NAME, position, reached) != "UPDATE 1":
                    return  # another process counts
                if hours:
                    await connection.execute(COUNT, list(hours), list(hours.values()))
            position = reached

    async def _decide(self, procedure: Procedure) -> None:
        rule = None if procedure.incidents is None else procedure.incidents.surge
        if rule is None:
            return
        present = hour_of(self._now())
        hours = (present - HOUR, present)
        surges: list[CallSurge] = []
        for source, counted in (await self._counts.of(hours, rule.days)).items():
            found = (surge_in(source, hour, counted, rule) for hour in hours)
            surges += [surge for surge in found if surge is not None]
        if surges:
            await self._keep(procedure.code, sorted(surges, key=lambda surge: (surge.hour, surge.source)))

    async def _keep(self, procedure: str, surges: Sequence[CallSurge]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(ONE_DECIDES, lock_key("one decides on call surges"))
            for surge in surges:
                await self._keep_one(connection, procedure, surge)

    async def _keep_one(self, connection: Any, procedure: str, surge: CallSurge) -> None:
        around = (procedure, surge.source, surge.hour - HOUR, surge.hour + HOUR)
        neighbours = {row["hour"]: row["incident_id"] for row in await connection.fetch(NEIGHBOURS, *around)}
        if surge.hour in neighbours:
            return
        of = next(iter(neighbours.values()), None)
        if of is None:
            over = [Restored.TOPIC, IncidentClosed.TOPIC]
            of = await connection.fetchval(STILL_OPEN, procedure, CALL_SURGE, over)
        await connection.execute(
            KEEP, procedure, surge.source, surge.hour, of or uuid4(), surge.calls, surge.usual, surge.days,
            surge.multiple, of is None,
        )  # fmt: skip

    async def _open(self) -> None:
        for procedure, id, *facts in await fetch(self._pool, TO_OPEN):
            surge = CallSurge(*facts)
            command = self._command(procedure, surge)
            await self._incidents.open_for_surge(command, surge, id, uuid5(COMMANDS, str(id)))
            await fetch(self._pool, OPENED, id)

    def _command(self, procedure: str, surge: CallSurge) -> OpenIncident:
        calendar = self._rules.calendar(self._rules.procedure(procedure).calendar)
        since = surge.hour.astimezone(ZoneInfo(calendar.zone))
        text = (
            f"{surge.source}: {since:%Y-%m-%d %H:%M} 起的一小时内 {surge.calls} 个，平时 {surge.usual:g} 个"
            f"（前 {surge.days} 天同一小时的均值），超过 {surge.multiple:g} 倍。"
        )
        return OpenIncident(CALL_SURGE, "呼入量异常增长", text, procedure, occurred_at=surge.hour)
