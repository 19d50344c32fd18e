"""The write side of incidents on a test's database, and a process of it that is killed at the worst moment.

`python -m tests.app.incident_stories WHAT WHEN URL MOMENT`: WHAT is `clocks` or `surges`, and WHEN is `before` or
`after` what it appends for the second incident (or the first surge).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.clocks.incident_clocks import IncidentClocks
from app.commands.incidents import Incidents
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.surges.call_surges import CallSurges
from app.surges.counting import call_surges_follower
from domain.call.posted import Posted
from domain.complaint.events import type_of
from domain.incident.commands import OpenIncident
from domain.incident.incident import Incident
from domain.procedure.call_surge import CallSurge, same_hours_before
from domain.values import ActedBy, Actor
from eventlog.follower import Follower
from tests.app.service_stories import MONDAY_9AM, Office, open_office

AGENT: Final = Actor("agent-7", frozenset({"agent"}), name="王静")
COUNTED: Final = """
INSERT INTO call_volumes (source, began_at, ended_at, calls, reported_by, reported_at)
VALUES ($1, $2::timestamptz, $2::timestamptz + interval '1 hour', $3, 'acd', $2)
"""


@dataclass
class CallCentre:
    """An office in which incidents are opened, judged and found."""

    office: Office
    incidents: Incidents

    def clocks(self) -> IncidentClocks:
        return IncidentClocks(self.office.pool, self.incidents, self.office.now)

    def surges(self) -> CallSurges:
        return CallSurges(self.office.pool, self.office.library, self.incidents, self.office.now)

    def counting(self) -> Follower[Any]:
        """Counts complaints and calls, and looks for surges."""
        office = self.office
        return call_surges_follower(office.pool, office.log, office.codec, office.complainants, self.surges().look)

    async def opened(self, kind: str = "acd-failure") -> UUID:
        command = OpenIncident(kind, "ACD失灵", "所有座席不能登录。")
        return (await self.incidents.open(command, AGENT, CommandRequest.once())).aggregate.id

    async def counted(self, calls: int, source: str = "acd-1", usual: int = 20, days: int = 14) -> None:
        """The calls of the present hour, and of the same hour of the days before."""
        hour = self.office.now().replace(minute=0, second=0, microsecond=0)
        await self.office.pool.execute(COUNTED, source, hour, calls)
        for before in same_hours_before(hour, days):
            await self.office.pool.execute(COUNTED, source, before, usual)

    async def called(self, many: int, direction: str = "inbound", source: str = "site-a") -> None:
        """So many calls that its source tells of one by one, now."""
        now, softphone = self.office.now(), ActedBy("softphone", "integration")
        for number in range(many):
            id = f"{now:%Y%m%d%H} {direction} {number}"
            said = {"caller": f"138{number:08d}", "direction": direction}
            await self.office.calls.take(Posted(source, id, "call.offered", id, None, now, None, said), softphone)

    async def recorded(self) -> list[tuple[UUID, str]]:
        """Every event of an incident, in the order of the log: whose, and its type."""
        events = await self.office.log.after(0, 100_000)
        return [(one.originator_id, type_of(one.topic)) for one in events if one.topic.startswith("incident.")]


class DyingIncidents(Incidents):
    """The real write side, in a process whose end is near."""

    when: str

    async def judge(self, id: UUID, at: datetime, *, until: datetime) -> datetime | None:
        judged = [one for one in await self._log.after(0, 1000) if one.topic.startswith("incident.Deadline")]
        dies = len({one.originator_id for one in judged}) == 1 and id not in {one.originator_id for one in judged}
        self._die_if("before" if dies else "")
        following = await super().judge(id, at, until=until)
        self._die_if("after" if dies else "")
        return following

    async def open_for_surge(
        self, command: OpenIncident, surge: CallSurge, id: UUID, command_id: UUID
    ) -> CommandResult[Incident]:
        self._die_if("before")
        done = await super().open_for_surge(command, surge, id, command_id)
        self._die_if("after")
        return done

    def _die_if(self, when: str) -> None:
        if when == self.when:
            os.kill(os.getpid(), signal.SIGKILL)


@asynccontextmanager
async def open_centre(
    url: str, moment: datetime = MONDAY_9AM, *, incidents: type[Incidents] = Incidents
) -> AsyncIterator[CallCentre]:
    """A call centre on a pool of its own; `incidents` may be a class that dies on purpose."""
    async with open_office(url, moment) as office:
        written = incidents(office.log, office.codec, office.complainants, office.library, now=office.now)
        yield CallCentre(office, written)


async def killed(what: str, when: str, url: str, moment: datetime) -> None:
    """Runs such a process to its end."""
    arguments = [sys.executable, "-m", "tests.app.incident_stories", what, when, url, moment.isoformat()]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


async def run(what: str, when: str, url: str, moment: datetime) -> None:
    DyingIncidents.when = when
    async with AsyncExitStack() as stack:
        centre = await stack.enter_async_context(open_centre(url, moment, incidents=DyingIncidents))
        match what:
            case "clocks":
                await stack.enter_async_context(centre.clocks())
            case "surges":
                await stack.enter_async_context(centre.counting())
        await asyncio.sleep(timedelta(seconds=50).total_seconds())
    sys.exit("nothing killed it")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], sys.argv[3], datetime.fromisoformat(sys.argv[4])))
