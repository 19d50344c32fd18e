"""One writer process of the race: `python -m tests.eventlog.racer SEED EVENTS CONTESTED ACKNOWLEDGED`.

It appends until the log has EVENTS events, from several callers at once, some of them to streams that every
process wants (CONTESTED of them), while one more caller runs the same function in transactions that are held
open for a moment and then committed or rolled back. Every acknowledged command goes to the file ACKNOWLEDGED
with its last position, in one write each, so that a kill loses none. RACE_URL names the database.
"""

from __future__ import annotations

import asyncio
import os
import sys
from random import Random
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from eventlog.batch import CALL, arguments, waiting
from eventlog.log import Append, EventLog, VersionConflict
from tests.eventlog.samples import MONDAY_9AM, OpenLog, named, open_log

CALLERS = 12


class Racer:
    """Draws what to append from one seeded source."""

    def __init__(self, seed: int, events: int, contested: int, acknowledged: int) -> None:
        self.random = Random(seed)
        self.events = events
        self.contested = [named(f"contested {number}") for number in range(contested)]
        self.versions: dict[UUID, int] = {}
        self.acknowledged = acknowledged

    async def run(self, opened: OpenLog) -> None:
        """Until the log has come beyond the wanted number of events."""
        await asyncio.gather(*(self._append(opened.log) for _ in range(CALLERS)), self._hold_transactions(opened))

    async def _append(self, log: EventLog) -> None:
        while await log.wait_beyond(self.events, 0) < self.events:
            append = self._draw()
            stream = append.events[0].originator_id
            assert isinstance(stream, UUID)
            try:
                done = await log.append(append)
            except VersionConflict as lost:
                self.versions[stream] = lost.current
            else:
                self.versions[stream] = done.version
                os.write(self.acknowledged, f"{append.command_id} {done.position}\n".encode())
            if self.random.random() < 0.2:
                await asyncio.sleep(self.random.random() / 200)

    async def _hold_transactions(self, opened: OpenLog) -> None:
        while await opened.log.wait_beyond(self.events, 0) < self.events:
            loop = asyncio.get_running_loop()
            values = arguments([waiting(self._draw(), loop.create_future())])
            async with opened.pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await connection.fetch(CALL, *values)
                await asyncio.sleep(self.random.random() / 200)
                await (transaction.rollback() if self.random.random() < 0.5 else transaction.commit())
            await asyncio.sleep(self.random.random() / 50)

    def _draw(self) -> Append:
        command = UUID(int=self.random.getrandbits(128), version=4)
        stream = command
        if self.contested and self.random.random() < 0.3:
            stream = self.random.choice(self.contested)
        version = self.versions.get(stream, 0)
        size = self.random.randint(1, 5)
        # Each event says of which append it is, so that half an append would be recognised in the table.
        events = [
            StoredEvent(stream, version + number, "race.Ran", f"{command} {number} {size}".encode())
            for number in range(1, size + 1)
        ]
        return Append(command, None, events, ["racer"] * len(events), MONDAY_9AM)


async def main(seed: int, events: int, contested: int, acknowledged: str) -> None:
    """Runs one racer."""
    file = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with open_log(os.environ["RACE_URL"]) as opened:
        await Racer(seed, events, contested, file).run(opened)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
