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
    rows = await pool.fetch(SELECT)
    kept = {
        kind: [Published(row["code"], row["version"], row["content"]) for row in rows if row["kind"] == kind]
        for kind in ("procedure", "calendar")
    }
    library = ready.with_published(kept["procedure"], kept["calendar"])
    for kind, items in (("procedure", ready.published_procedures), ("calendar", ready.published_calendars)):
        known = {(published.code, published.version) for published in kept[kind]}
        for item in items:
            if (item.code, item.version) not in known:
                await pool.execute(INSERT, kind, item.code, item.version, item.text, now)
    return library
