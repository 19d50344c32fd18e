"""How many complaints are found by a hash, before the rest of a question is asked by it."""

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from eventlog.database import fetch
from projections.lookups_query import estimate, ids_of

MOST_SORTED: Final = 10_000  # rows, a few milliseconds; of more the newest are found by going through the list


async def are_many(pool: asyncpg.Pool, by: Sequence[int]) -> bool:
    """Whether, as PostgreSQL guesses, more are found by all of these than should be sorted. Raises `StorageAway`."""
    [[plan]] = await fetch(pool, *estimate(by))
    rows: int = json.loads(plan)[0]["Plan"]["Plan Rows"]
    return rows > MOST_SORTED


async def ids_found_by(pool: asyncpg.Pool, by: Sequence[int], *, ever: bool = False) -> list[UUID] | None:
    """The complaints found by any of these hashes, `ever`: also by what was corrected since; None of too many.

    Raises `StorageAway`.
    """
    if len(by) == 1 and await are_many(pool, by):
        return None
    rows = await fetch(pool, *ids_of(by, MOST_SORTED + 1, ever=ever)) if by else []
    return None if len(rows) > MOST_SORTED else [row["complaint_id"] for row in rows]
