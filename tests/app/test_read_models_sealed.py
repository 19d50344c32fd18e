"""An upgrade from read models that held names in clear: they are filled again by themselves, and nothing is left."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from alembic import command

import migrations
from app.readmodels.rebuild import Rebuild
from eventlog.row_seals import opened_column
from projections.progress import READ_MODELS
from projections.tracking_table import SEALED
from tests.app.test_dumps_name_nobody import dump_of
from tests.eventlog.samples import named
from tests.facts import ASKED, accused
from tests.projections.reading_side import ReadingSide, reading_side

BEFORE: Final = "0013"
CLEAR: Final = "一个谁也不该看见的名字"
# The rows of the version before, of nobody's complaint: only what follows from the log may be there afterwards.
ROWS: Final = """
INSERT INTO reading.tracking (
    id, position, version, number, procedure, kind, status, channel, subject, customer, units, unit_states, accused,
    sent_to, round, occurred_at, received_at, last_event, last_event_at
) SELECT gen_random_uuid(), 1, 1, 'N' || n, 'kf0001', 'complaint', 'received', 'phone', $1, $1, '{}', '{}', ARRAY[$1],
    '{}', 1, now(), now(), 'Received', now() FROM generate_series(1, 50) AS s (n)
"""
SEARCHED: Final = """
INSERT INTO reading.tracking_search (id, position, text, grams) SELECT gen_random_uuid(), 1, $1, ARRAY[$1]
FROM generate_series(1, 50)
"""
FILES: Final = """
SELECT tablename, pg_relation_filepath(format('reading.%I', tablename)::regclass) FROM pg_tables
WHERE schemaname = 'reading'
"""


async def of_the_version_before(url: str) -> dict[str, str]:
    """The database as that version left it, with names in clear; the files of its read models."""
    migrations._in_thread(lambda config: command.upgrade(config, BEFORE), url)
    async with reading_side(url) as side:
        await side.record("case", *ASKED, accused(CLEAR))
        head = await side.log.head()
        for model in READ_MODELS:
            statement = "INSERT INTO follower_checkpoints (name, position) VALUES ($1, $2)"
            await side.pool.execute(statement, model.name, head)
    connection = await asyncpg.connect(url)
    await connection.execute(ROWS, CLEAR)
    await connection.execute(SEARCHED, CLEAR)
    await connection.execute("ANALYZE")
    files = dict(map(tuple, await connection.fetch(FILES)))
    await connection.close()
    return files


async def tracked(side: ReadingSide) -> list[tuple[Any, ...]]:
    found = []
    for row in await side.rows("tracking"):
        key = await side.complainants.key(row["key_id"])
        found.append((row["id"], row["status"], opened_column(row["id"], SEALED, row["sealed"], key), row["accused"]))
    return found


async def test_read_models_are_filled_again_and_nothing_in_clear_is_left_in_their_files(empty_database: str) -> None:
    files = await of_the_version_before(empty_database)
    assert CLEAR.encode() in b"".join((await dump_of(empty_database)).values())

    migrations.upgrade(empty_database)
    async with reading_side(empty_database) as side:
        await side.follow()
        tag = side.codec.tag_of(CLEAR)
        assert await tracked(side) == [(named("case"), "dispatched", ["入金三天未到账", "张三"], [tag])]
        assert (await Rebuild(side.pool, side.log, side.codec, side.complainants, side.library).run()).differences == ()

    connection = await asyncpg.connect(empty_database)
    now = dict(map(tuple, await connection.fetch(FILES)))
    await connection.close()
    assert set(files.values()).isdisjoint(now.values())
    clear = CLEAR.encode()
    dump = await dump_of(empty_database)
    assert [query for query, found in dump.items() if clear in found or clear.hex().encode() in found] == []


async def test_a_step_back_leaves_tables_that_the_version_before_can_fill(empty_database: str) -> None:
    migrations.upgrade(empty_database)
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute(ROWS, CLEAR)
    await connection.execute(SEARCHED, CLEAR)
    await connection.close()
    migrations.upgrade(empty_database)
    assert migrations.check(empty_database) == []
