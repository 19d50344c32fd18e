"""Opens an incident when calls surge: once per surge, and none while another is open.

Complaints are counted from the log (app/surges/counting.py), calls are what telephone systems reported. Which hours are
a surge, and whether that opens an incident, is decided under one lock and kept before anything is opened; the command's
id follows from the incident's. So nothing is lost and nothing is opened twice, whenever the process dies and whoever
else looks at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID, uuid4, uuid5

import asyncpg

from app.surges.call_counts import CallCounts
from domain.incident.commands import OpenIncident
from domain.incident.events import IncidentClosed, Restored
from domain.procedure.call_surge import HOUR, CallSurge, hour_of, surge_in
from domain.procedure.incident_rules import CALL_SURGE
from domain.procedure.procedure import Procedure
from eventlog.database import fetch
from eventlog.leader_lock import lock_key
from procedures.rules import Rules

COMMANDS: Final = UUID("b9c1d0a4-64a1-5c0e-8a53-1f5f0ce7a2d6")  # the name space of this policy's command ids

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
    """`look` may be called anywhere, by many at once."""

    def __init__(
        self, pool: asyncpg.Pool, rules: Rules, incidents: OpensForSurge, now: Callable[[], datetime]
    ) -> None:
        self._pool, self._rules, self._incidents, self._now = pool, rules, incidents, now
        self._counts = CallCounts(pool)

    async def look(self) -> None:
        """Decides on what was counted, and opens what has to be opened. Raises `StorageAway`."""
        for procedure in list(self._rules.procedures.values()):
            await self._decide(procedure)
        await self._open()

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
            # Its words are made where it is shown: what was counted says all.
            command = OpenIncident(CALL_SURGE, "", "", procedure, occurred_at=surge.hour)
            await self._incidents.open_for_surge(command, surge, id, uuid5(COMMANDS, str(id)))
            await fetch(self._pool, OPENED, id)
