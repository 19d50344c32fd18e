"""The race: writer processes that are killed at random, a follower that reads along, and what came of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import asyncpg

from eventlog.log import EventLog
from tests.eventlog.samples import open_log

ROOT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """What the follower saw, what the table holds at the end, and what the writers were told."""

    followed: list[int] = field(default_factory=list)
    table: list[asyncpg.Record] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    failed: list[int] = field(default_factory=list)

    @property
    def never_followed(self) -> set[int]:
        """Positions of the table that the follower passed without seeing them."""
        return {row["notification_id"] for row in self.table} - set(self.followed)

    @property
    def torn_appends(self) -> list[str]:
        """Commands of which not exactly all events are recorded, side by side, in order."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        sizes: dict[str, int] = {}
        for row in self.table:
            command, number, size = row["state"].decode().split()
            found[command].append((row["notification_id"], int(number)))
            sizes[command] = int(size)
        return [
            command
            for command, events in found.items()
            if events != [(events[0][0] + i, i + 1) for i in range(sizes[command])]
        ]

    @property
    def broken_promises(self) -> list[str]:
        """Acknowledged commands that are not recorded exactly once, at the position that was told."""
        recorded = Counter(
            (str(row["command_id"]), row["notification_id"]) for row in self.table if row["command_id"] is not None
        )
        return [command for command, position in self.acknowledged.items() if recorded[command, position] != 1]


@dataclass(frozen=True)
class Plan:
    """Until the log has `events` events; `kills` spread evenly; `contested` streams that all writers want."""

    seed: int
    events: int
    kills: int
    contested: int
    writers: int = 4


async def race(url: str, folder: Path, plan: Plan) -> Outcome:
    """Runs the writers as planned, with a follower beside them. `folder` takes the files of what was acknowledged."""
    outcome = Outcome()
    async with open_log(url) as opened:
        ended = asyncio.Event()
        follower = asyncio.create_task(_follow(opened.log, outcome, ended))
        await _run_writers(opened.log, outcome, url, folder, plan)
        ended.set()
        await follower
        outcome.table = await opened.pool.fetch(
            "SELECT notification_id, originator_id, originator_version, state, command_id FROM stored_events ORDER BY 1"
        )
    outcome.acknowledged = _read_acknowledged(folder)
    return outcome


def _read_acknowledged(folder: Path) -> dict[str, int]:
    lines = [line.split() for file in folder.glob("*.acknowledged") for line in file.read_text().splitlines()]
    return {command: int(position) for command, position in lines}


async def _follow(log: EventLog, outcome: Outcome, ended: asyncio.Event) -> None:
    last = 0
    while True:
        nothing_more_will_come = ended.is_set()
        rows = await log.after(last, 1000)
        outcome.followed += [row.position for row in rows]
        if rows:
            last = rows[-1].position
        elif nothing_more_will_come:
            return
        else:
            await log.wait_beyond(last, 0.2)


async def _run_writers(log: EventLog, outcome: Outcome, url: str, folder: Path, plan: Plan) -> None:
    random = Random(plan.seed)

    async def start() -> asyncio.subprocess.Process:
        number = random.getrandbits(32)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.eventlog.racer",
            *(str(number), str(plan.events), str(plan.contested), str(folder / f"{number}.acknowledged")),
            cwd=ROOT,
            env=os.environ | {"RACE_URL": url},
        )

    running = [await start() for _ in range(plan.writers)]
    for kill in range(1, plan.kills + 1):
        wanted = plan.events * kill // (plan.kills + 1)
        while await log.wait_beyond(wanted, 1) <= wanted and any(writer.returncode is None for writer in running):
            continue
        victim = running.pop(random.randrange(plan.writers))
        if victim.returncode is None:
            victim.kill()
        outcome.kills += await victim.wait() == -signal.SIGKILL
        running.append(await start())
    for writer in running:
        outcome.failed += [code] if (code := await writer.wait()) else []
