"""Appends of several streams in one transaction whose order counts: what comes after a refused one is held back.

They do not go through the queue of the writer, so that a burst of them neither fills it nor waits behind it. Nothing is
sent twice: whoever loses the connection reads the streams again and sees what was recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg

from eventlog.batch import CALL_IN_ORDER, Waiting, arguments, judgement, waiting
from eventlog.database import CONNECT_TIMEOUT, StorageAway, is_storage_away
from eventlog.entries import Append, Appended, VersionConflict
from eventlog.writer import call

HELD: Final = "held"

Outcome = Appended | VersionConflict | None


async def append_in_order(pool: asyncpg.Pool[asyncpg.Record], appends: Sequence[Append]) -> list[Outcome]:
    """See `EventLog.append_in_order`."""
    loop = asyncio.get_running_loop()
    items = [waiting(append, loop.create_future()) for append in appends]
    if len({item.stream for item in items}) != len(items):
        raise ValueError("a stream occurs once among appends in order")
    if not items:
        return []
    try:
        async with pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            rows = await call(connection, CALL_IN_ORDER, arguments(items))
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway("the database went away meanwhile", outcome_unknown=True) from error
        raise
    return [_outcome(item, row) for item, row in zip(items, rows, strict=True)]


def _outcome(item: Waiting, row: asyncpg.Record) -> Outcome:
    if row["outcome"] == HELD:
        return None
    judged = judgement(item, row, replayed=False)
    if isinstance(judged, Appended | VersionConflict):
        return judged
    raise judged
