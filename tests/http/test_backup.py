"""Backing up while the service is used, and going on from the backup as if nothing had been lost after it."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.backups.making import make_backup
from app.backups.manifest import DUMP, BackupNotUsable, read_manifest
from app.backups.restoring import checked_backup, restore
from eventlog.sealing import MasterKey
from tests.cluster import Cluster, temporary_folder
from tests.http.desk import MASTER, MONDAY_9AM, Desk, done, make_sandbox, open_desk

KEY = "YSBtYXN0ZXIga2V5IGZvciB0aGUgdGVzdHMgb25seSE="  # MASTER in base64
ANOTHER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
POSITIONS = "SELECT count(*), min(notification_id), max(notification_id) FROM stored_events"


def unseen(_: object) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made


async def backed_up(url: str, to: Path, **options: Any) -> None:
    await make_backup(url, to, **{"fingerprint": MASTER.fingerprint, "key": None, "show": unseen, **options})


async def put_back(backup: Path, url: str) -> None:
    manifest, _ = checked_backup(backup, KEY, unseen)
    await restore(backup, manifest, url, unseen)


async def test_a_backup_under_load_goes_on_without_a_gap_or_a_repeat(
    desk: Desk, database: str, empty_database: str, folder: Path
) -> None:
    assert MasterKey.from_base64(KEY).fingerprint == MASTER.fingerprint
    await desk.receive()
    stopping = asyncio.Event()

    async def call() -> None:
        for number in count():
            if stopping.is_set():
                return
            await desk.receive(issue_point=None, subject=f"第{number}件")

    callers = [asyncio.create_task(call()) for _ in range(3)]
    await asyncio.sleep(0.3)
    await backed_up(database, folder / "backup")
    await asyncio.sleep(0.1)
    stopping.set()
    await asyncio.gather(*callers)
    manifest = read_manifest(folder / "backup")
    assert 0 < manifest.position < await desk.service.log.head()

    await put_back(folder / "backup", empty_database)
    async with open_desk(empty_database, sandbox=False) as again:
        again.keys.update(desk.keys)
        assert await again.service.log.head() == manifest.position
        numbers = {row["number"] for row in done(await again.get("admin", "/v1/tracking?limit=200"))["items"]}
        new = await again.receive(subject="恢复之后")
        assert new["position"] == manifest.position + 1
        assert new["number"] not in numbers
        assert done(await again.get("li-min", f"/v1/complaints/{new['id']}"))["complainant"]["name"] == "张三"
        assert tuple(await again.service.pool.fetchrow(POSITIONS)) == (new["position"], 1, new["position"])
        assert await again.service.follower.reached(new["position"], 20)
        with pytest.raises(asyncpg.PostgresError):
            await again.service.pool.execute("DELETE FROM stored_events")


async def test_a_sandbox_stays_one(cluster: Cluster, database: str, empty_database: str, folder: Path) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    await backed_up(database, folder / "backup")
    await put_back(folder / "backup", empty_database)
    async with open_desk(empty_database, sandbox=True) as again:
        assert done(await again.get("admin", "/v1/sandbox/clock"))["now"] == "2026-03-02T01:00:00Z"


async def test_nothing_is_overwritten(desk: Desk, database: str, folder: Path) -> None:
    (folder / "backup").mkdir()
    with pytest.raises(BackupNotUsable, match="exists"):
        await backed_up(database, folder / "backup")
    await backed_up(database, folder / "other")
    with pytest.raises(BackupNotUsable, match="not-empty"):
        await put_back(folder / "other", database)


async def test_a_wrong_or_missing_key_and_a_spoilt_file_are_refused_before_anything_is_written(
    desk: Desk, database: str, folder: Path
) -> None:
    with pytest.raises(BackupNotUsable, match="another-key"):
        await backed_up(database, folder / "backup", fingerprint=MasterKey.from_base64(ANOTHER).fingerprint)
    await backed_up(database, folder / "backup")
    assert KEY.encode() not in b"".join(file.read_bytes() for file in (folder / "backup").iterdir())
    for key, why in ((None, "no-key"), (ANOTHER, "wrong-key"), ("no key", "wrong-key")):
        with pytest.raises(BackupNotUsable, match=why):
            checked_backup(folder / "backup", key, unseen)
    with (folder / "backup" / DUMP).open("r+b") as dump:
        dump.seek(100)
        dump.write(b"?")
    with pytest.raises(BackupNotUsable, match="file-changed"):
        checked_backup(folder / "backup", KEY, unseen)


async def test_with_its_key_a_backup_opens_itself(desk: Desk, database: str, folder: Path) -> None:
    await backed_up(database, folder / "backup", key=KEY)
    assert checked_backup(folder / "backup", None, unseen)[1] == KEY
    assert (folder / "backup" / "master.key").stat().st_mode & 0o777 == 0o600
