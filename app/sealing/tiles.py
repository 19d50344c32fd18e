"""The tree of the log as it lies in the database: appended to, and asked for the roots of its whole parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

import asyncpg

from eventlog.checkpoints import Connection
from eventlog.database import fetch
from proof.leaf import event_leaf, missing_leaf
from proof.tree import Place
from proof.verify import EMPTY_ROOT, HASH, Tree, whole_trees

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
FULL: Final = WIDTH * HASH

EVENT: Final = "notification_id, recorded_at, originator_id, originator_version, topic, actor, state"
ROWS: Final = f"SELECT {EVENT} FROM stored_events WHERE notification_id = ANY($1::bigint[])"
GROWING: Final = 'SELECT DISTINCT ON (level) level, "index", hashes FROM log_tiles ORDER BY level, "index" DESC'
KEEP: Final = """
INSERT INTO log_tiles (level, "index", hashes)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
ON CONFLICT (level, "index") DO UPDATE SET hashes = excluded.hashes
"""
TILES: Final = """
SELECT level, "index", hashes FROM log_tiles
JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (l, i) ON level = l AND "index" = i
"""
SIZE: Final = f"""
SELECT "index" * {WIDTH} + length(hashes) / {HASH} FROM log_tiles WHERE level = 0 ORDER BY "index" DESC LIMIT 1
"""
LEAVES: Final = f"""
SELECT "index", hashes FROM log_tiles
WHERE level = 0 AND "index" BETWEEN ($1 - 1) / {WIDTH} AND ($2 - 1) / {WIDTH} ORDER BY "index"
"""


async def sealed_size(pool: asyncpg.Pool) -> int:
    """How many events have their leaf."""
    rows = await fetch(pool, SIZE)
    return int(rows[0][0]) if rows else 0


async def append_leaves(connection: Connection, leaves: Mapping[int, bytes]) -> None:
    """Leaves by position, in the caller's transaction; those that are there already are left as they are.

    An event between them that was not given is read; where it is gone, that stands in its place for ever.
    """
    growing = {row["level"]: (row["index"], row["hashes"]) for row in await connection.fetch(GROWING)}
    wanted = range(_size(growing) + 1, max(leaves, default=0) + 1)
    between = [position for position in wanted if position not in leaves]
    read = {row[0]: event_leaf(*row) for row in await connection.fetch(ROWS, between)} if between else {}
    changed: dict[Place, bytes] = {}
    for position in wanted:
        leaf = leaves.get(position) or read.get(position) or missing_leaf(position)
        _append(growing, changed, 0, leaf)
    if changed:
        levels, indexes = zip(*changed, strict=True)
        await connection.execute(KEEP, levels, indexes, list(changed.values()))


def _size(growing: dict[int, tuple[int, bytes]]) -> int:
    index, hashes = growing.get(0, (0, b""))
    return index * WIDTH + len(hashes) // HASH


def _append(growing: dict[int, tuple[int, bytes]], changed: dict[Place, bytes], level: int, hash: bytes) -> None:
    index, hashes = growing.get(level, (0, b""))
    if len(hashes) == FULL:
        index, hashes = index + 1, b""
    hashes += hash
    growing[level] = index, hashes
    changed[level, index] = hashes
    if len(hashes) == FULL:
        _append(growing, changed, level + 1, _root(hashes))


async def roots(pool: asyncpg.Pool, places: Collection[Place]) -> dict[Place, bytes]:
    """Those of whole trees. Raises KeyError where one is not sealed yet."""
    within: dict[Place, list[tuple[Place, int, int]]] = defaultdict(list)
    for level, index in places:
        tile_level, height = divmod(level, HEIGHT)
        first = index << height
        within[tile_level, first // WIDTH].append(((level, index), first % WIDTH, 1 << height))
    levels, indexes = [level for level, _ in within], [index for _, index in within]
    found: dict[Place, bytes] = {}
    for row in await fetch(pool, TILES, levels, indexes):
        for place, at, count in within[row["level"], row["index"]]:
            hashes = row["hashes"][at * HASH : (at + count) * HASH]
            if len(hashes) == count * HASH:
                found[place] = _root(hashes)
    for place in places:
        if place not in found:
            raise KeyError(place)
    return found


async def root_at(pool: asyncpg.Pool, size: int) -> bytes:
    """The root over the first `size` events. Raises KeyError where they are not all sealed yet."""
    places = list(whole_trees(0, size))
    found = await roots(pool, places)
    return Tree(0, [found[place] for place in places]).root() if places else EMPTY_ROOT


async def leaves(pool: asyncpg.Pool, first: int, last: int) -> list[bytes]:
    """Of the positions from `first` to `last`, as far as they are sealed."""
    found: list[bytes] = []
    for row in await fetch(pool, LEAVES, first, last):
        start = row["index"] * WIDTH + 1
        hashes = row["hashes"]
        for at in range(max(first - start, 0), min(last - start + 1, len(hashes) // HASH)):
            found.append(hashes[at * HASH : (at + 1) * HASH])
    return found


def _root(hashes: bytes) -> bytes:
    tree = Tree()
    for at in range(0, len(hashes), HASH):
        tree.append(hashes[at : at + HASH])
    return tree.root()
