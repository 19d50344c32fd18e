"""A process that holds several locks until it is killed: `python -m tests.eventlog.holding_process URL NAME…`.

It says `held` on its standard output once all of them are its own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from eventlog.database import create_pool
from eventlog.leader_lock import LeaderLock


async def hold(url: str, names: Sequence[str]) -> None:
    pool = await create_pool(url, min_size=1, max_size=1)
    waiting = set(names)

    async def work(name: str) -> None:
        waiting.discard(name)
        if not waiting:
            sys.stdout.write("held\n")
            sys.stdout.flush()
        await asyncio.Event().wait()

    await asyncio.gather(*(LeaderLock(pool, name).run(lambda name=name: work(name)) for name in names))  # type: ignore[misc]


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], sys.argv[2:]))
