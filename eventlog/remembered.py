"""Commands that leave no event: remembered in the transaction of what they did, under the same ids as the others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from eventlog.database import fetch
from eventlog.entries import CommandIdReused
from eventlog.log import COMMAND, REMEMBER
from eventlog.request_hash import is_same_request


async def was_done(pool: asyncpg.Pool, command_id: UUID, request_hash: bytes | None) -> bool:
    """Whether the command is known. Raises `CommandIdReused` where it was another request, `StorageAway`."""
    return _is_known(await fetch(pool, COMMAND, command_id), command_id, request_hash)


async def remember(connection: Any, command_id: UUID, request_hash: bytes | None, at: datetime) -> bool:
    """Remembers it, and says whether it was known; last in a transaction, for it takes the lock of the appends.

    Raises `CommandIdReused` where it was another request.
    """
    seen = await connection.fetch(REMEMBER, command_id, request_hash, None, None, None, at)
    return _is_known(seen, command_id, request_hash)


def _is_known(seen: Sequence[asyncpg.Record], command_id: UUID, request_hash: bytes | None) -> bool:
    if seen and not is_same_request(seen[0]["request_hash"], request_hash):
        raise CommandIdReused(command_id)
    return bool(seen)
