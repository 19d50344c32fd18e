"""Every version of a procedure or calendar that complaints may be pinned to, kept in the database for good.

They are numbered in the order of publication, under one lock, so that nobody who reads on from a number skips one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from eventlog.leader_lock import lock_key
from procedures.library import Library, Published
from procedures.publishing import Kind

COLUMNS = "ordinal, kind, code, version, content, published_at, published_by"
AFTER = f"SELECT {COLUMNS} FROM published_rules WHERE ordinal > $1 ORDER BY ordinal"
ONE = f"SELECT {COLUMNS} FROM published_rules WHERE (kind, code, version) = ($1, $2, $3)"
OF_CODE = f"SELECT {COLUMNS} FROM published_rules WHERE kind = $1 AND code = $2 ORDER BY ordinal DESC"
LOCK = f"SELECT pg_advisory_xact_lock({lock_key('published rules')})"
INSERT = f"""
INSERT INTO published_rules ({COLUMNS})
SELECT coalesce(max(ordinal), 0) + 1, $1, $2, $3, $4, $5, $6 FROM published_rules
ON CONFLICT (kind, code, version) DO NOTHING RETURNING {COLUMNS}
"""


@dataclass(frozen=True)
class KeptVersion:
    """One published version. `published_by` is None for a file that came with a release of the product."""

    ordinal: int
    kind: Kind
    published: Published
    published_at: datetime

    @classmethod
    def of(cls, row: asyncpg.Record) -> "KeptVersion":
        published = Published(row["code"], row["version"], row["content"], row["published_by"])
        return cls(row["ordinal"], row["kind"], published, row["published_at"].astimezone(UTC))


async def keep_packaged(pool: asyncpg.Pool, now: datetime) -> None:
    """Publishes the packaged files that are new here.

    Raises `procedures.library.VersionChanged` when a file was edited without a new version; nothing is published then.
    """
    ready, kept = Library.ready(), await kept_after(pool, 0)
    with_kept(ready, kept)
    there = {(version.kind, version.published.code, version.published.version) for version in kept}
    packaged: list[tuple[Kind, Published]] = [("calendar", published) for published in ready.published_calendars]
    packaged += [("procedure", published) for published in ready.published_procedures]
    new = [(kind, it) for kind, it in packaged if (kind, it.code, it.version) not in there]
    if not new:
        return
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(LOCK)
        # Another process may have published them meanwhile, which changes nothing.
        await connection.executemany(INSERT, [(kind, it.code, it.version, it.text, now, it.by) for kind, it in new])


async def known_library(pool: asyncpg.Pool) -> Library:
    """The ready files and all that was ever published here, with nothing published now. Raises `VersionChanged`."""
    return with_kept(Library.ready(), await kept_after(pool, 0))


def with_kept(library: Library, kept: list[KeptVersion]) -> Library:
    """A library that knows these versions too. Raises what `Library.with_published` raises."""
    of_kind = {kind: [one.published for one in kept if one.kind == kind] for kind in ("procedure", "calendar")}
    return library.with_published(of_kind["procedure"], of_kind["calendar"])


async def kept_after(pool: asyncpg.Pool, ordinal: int) -> list[KeptVersion]:
    """What was published after the version of this number, in order."""
    return [KeptVersion.of(row) for row in await pool.fetch(AFTER, ordinal)]


async def keep(connection: Any, kind: Kind, published: Published, at: datetime) -> KeptVersion | None:
    """Keeps a version under the lock, in the transaction of `connection`; None where there is such a version."""
    row = await connection.fetchrow(INSERT, kind, published.code, published.version, published.text, at, published.by)
    return None if row is None else KeptVersion.of(row)
