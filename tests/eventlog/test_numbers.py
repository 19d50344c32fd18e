"""Numbers of a day run on without a hole, and what wants none leaves no trace in them."""

from __future__ import annotations

import asyncio
from datetime import date

from alembic import command

import migrations
from domain.values import Complainant
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from tests.http.desk import MASTER

DAY = date(2026, 3, 2)
SOMEBODY = Complainant("张三", "+8613800138000")
DRAWN = "SELECT prefix, day, last FROM complaint_numbers"
RESERVED_BEFORE_0025 = """
SELECT number FROM reserve_intakes(
    '{courier}', ARRAY[$1::date], ARRAY[gen_random_uuid()], '{NULL}', '{key}', '{NULL}', '{NULL}', '{}', '{}', now()
)
"""


def migrated(url: str, to: str) -> None:
    """The database at another version, from below or from above."""
    step = command.upgrade if to in ("head", *migrations.pending(url)) else command.downgrade
    migrations._in_thread(lambda config: step(config, to), url)


async def test_of_many_at_once_those_without_a_day_draw_no_number(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    complainants = Complainants(pool, MASTER)
    days = [DAY, None, DAY, None, None, DAY]
    found = await asyncio.gather(*(complainants.reserve("courier", day, SOMEBODY) for day in days))
    assert [one.number for one in found] == [1, 0, 2, 0, 0, 3]
    assert len({one.key.id for one in found}) == 1  # one person, one key
    alone = await complainants.reserve("other", None, Complainant(anonymous=True))
    assert (alone.number, alone.held) == (0, None)
    assert [tuple(row) for row in await pool.fetch(DRAWN)] == [("courier", DAY, 3)]
    await pool.close()


async def test_numbers_go_on_over_an_upgrade_and_a_step_back(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=1)
    numbers = []
    for version in ("0016", "0017", "0016", "0024"):
        await pool.expire_connections()
        migrated(database, version)
        numbers.append(await pool.fetchval(RESERVED_BEFORE_0025, DAY))
    await pool.expire_connections()
    migrated(database, "head")
    numbers.append((await Complainants(pool, MASTER).reserve("courier", DAY, SOMEBODY)).number)
    assert numbers == [1, 2, 3, 4, 5]
    await pool.close()


async def test_a_key_and_a_number_are_on_disk_when_they_are_given_out(database: str) -> None:
    """What is recorded under them may be sent again after a crash, and would have lost them."""
    pool = await create_pool(database, min_size=1, max_size=2)
    complainants = Complainants(pool, MASTER)
    behind = 0
    for number in range(20):
        await complainants.reserve("courier", DAY, Complainant(f"客户{number}", f"+861380013{number:04d}"))
        behind += await pool.fetchval("SELECT pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn()")
    assert behind <= 2  # the server writes something by itself now and then
    await pool.close()
