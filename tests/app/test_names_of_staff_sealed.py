"""An upgrade from tables that named the staff in clear: the first service seals what is there, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import pytest
from alembic import command

import migrations
from app.access.admission import Admission
from eventlog.database import create_pool
from procedures.library import Library
from tests.app.test_dumps_name_nobody import dump_of
from tests.http.desk import ADMIN_KEY, MASTER, done, open_desk

BEFORE: Final = "0027"
NAME: Final = "诸葛鉴疑"
STAFF_NO: Final = "GH-90817-Q"
SETTINGS: Final[dict[str, Any]] = {"name": NAME, "email": "jianyi@example.com", "language": "zh", "procedures": []}
KEY: Final = """
INSERT INTO api_keys (id, name, staff_no, roles, prefix, secret_hash, created_at)
SELECT 'zhuge-' || n, $1, $2, '{agent}'::text[], 'rk_', decode(lpad(n::text, 64, '0'), 'hex'), now()
FROM generate_series(1, 9) AS s (n)
UNION ALL SELECT 'admin', 'Administrator', NULL, '{admin}', 'rk_', sha256($3), now()
"""
RECIPIENT: Final = """
INSERT INTO recipients (kind, code, settings, since) SELECT 'actor', 'zhuge-' || n, $1::jsonb, 7
FROM generate_series(1, 9) AS s (n)
"""


async def _of_the_version_before(url: str) -> None:
    migrations.upgrade(url)
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), url)
    connection = await asyncpg.connect(url)
    await connection.execute(KEY, NAME, STAFF_NO, ADMIN_KEY.encode())
    await connection.execute(RECIPIENT, json.dumps(SETTINGS))
    await connection.execute("ANALYZE")
    await connection.close()


async def _named_in(url: str) -> set[str]:
    dump = await dump_of(url)
    said = (NAME, STAFF_NO, str(SETTINGS["email"]))
    escaped = [*(word.encode() for word in said), *(json.dumps(word)[1:-1].encode() for word in said)]
    return {query for query, found in dump.items() for word in escaped if word in found or word.hex().encode() in found}


async def test_the_first_service_seals_who_works_with_it_and_how_they_are_reached(empty_database: str) -> None:
    await _of_the_version_before(empty_database)
    assert {"SELECT * FROM public.api_keys", "SELECT * FROM public.recipients"} < await _named_in(empty_database)
    migrations.upgrade(empty_database)
    async with open_desk(empty_database, sandbox=True) as desk:
        keys = done(await desk.get("admin", "/v1/keys"))["items"]
        named = [(key["name"], key["staff_no"]) for key in keys if key["id"].startswith("zhuge")]
        assert named == [(NAME, STAFF_NO)] * 9
        told = done(await desk.get("admin", "/v1/recipients"))["items"]
        assert [(one["name"], one["email"]) for one in told] == [(NAME, SETTINGS["email"])] * 9
        assert desk.service.access.directory.people.meant_by(STAFF_NO) is not None
    assert await _named_in(empty_database) == set()


async def test_a_key_that_was_never_sealed_is_asked_for_by_several_at_once(empty_database: str) -> None:
    await _of_the_version_before(empty_database)
    migrations.upgrade(empty_database)
    pool = await create_pool(empty_database, min_size=1, max_size=2)
    at, rules = datetime.now(UTC), Library.ready()
    first, second = (Admission(pool, MASTER, rules, lambda: at).keys for _ in range(2))
    found = await asyncio.gather(first.all(), second.all())
    assert [[key.name for key in keys if key.id != "admin"] for keys in found] == [[NAME] * 9] * 2
    await pool.close()


@pytest.mark.parametrize("started", [False, True], ids=["before a service started", "after"])
async def test_a_step_back_calls_by_their_id_those_whose_names_are_sealed(empty_database: str, started: bool) -> None:
    await _of_the_version_before(empty_database)
    migrations.upgrade(empty_database)
    if started:
        async with open_desk(empty_database, sandbox=True) as desk:
            done(await desk.get("admin", "/v1/recipients"))
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), empty_database)
    connection = await asyncpg.connect(empty_database)
    names = {row[0] for row in await connection.fetch("SELECT name FROM api_keys WHERE id LIKE 'zhuge%'")}
    told = await connection.fetchval("SELECT count(*) FROM recipients")
    await connection.close()
    assert (names, told) == (({f"zhuge-{n}" for n in range(1, 10)}, 0) if started else ({NAME}, 9))
    migrations.upgrade(empty_database)
    assert migrations.check(empty_database) == []
