"""Every version of a procedure or calendar that complaints may be pinned to, kept in the database for good."""

from datetime import datetime

import asyncpg

from procedures.library import Library, Published

SELECT = "SELECT kind, code, version, content FROM published_rules ORDER BY published_at, code, version"
INSERT = """
INSERT INTO published_rules (kind, code, version, content, published_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""


async def published_library(pool: asyncpg.Pool, now: datetime) -> Library:
    """The ready files and all that was ever published here; what is new is published now.

    Raises `procedures.library.VersionChanged` when a file was edited without a new version.
    """
    ready = Library.ready()
    library, kept = await _with_kept(pool, ready)
    for kind, items in (("procedure", ready.published_procedures), ("calendar", ready.published_calendars)):
        known = {(published.code, published.version) for published in kept[kind]}
        for item in items:
            if (item.code, item.version) not in known:
                await pool.execute(INSERT, kind, item.code, item.version, item.text, now)
    return library


async def known_library(pool: asyncpg.Pool) -> Library:
    """The ready files and all that was ever published here, with nothing published now. Raises `VersionChanged`."""
    return (await _with_kept(pool, Library.ready()))[0]


async def _with_kept(pool: asyncpg.Pool, ready: Library) -> tuple[Library, dict[str, list[Published]]]:
    rows = await pool.fetch(SELECT)
    kept = {
        kind: [Published(row["code"], row["version"], row["content"]) for row in rows if row["kind"] == kind]
        for kind in ("procedure", "calendar")
    }
    return ready.with_published(kept["procedure"], kept["calendar"]), kept
