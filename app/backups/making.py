"""A backup: `pg_dump` of one snapshot, beside a manifest. It is whole, or it is not there."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Final

import asyncpg

from app.backups.manifest import DUMP, FORMAT, KEY, BackupNotUsable, Manifest, described
from app.backups.programs import program, run
from app.embedded.files import write_secret

AS_IT_STANDS: Final = """
SELECT pg_export_snapshot() AS snapshot, now() AS made_at,
    current_setting('server_version_num')::int / 10000 AS postgres,
    (SELECT version_num FROM alembic_version) AS schema,
    (SELECT coalesce(max(notification_id), 0) FROM stored_events) AS position,
    (SELECT sandbox FROM deployment) AS sandbox, (SELECT master_key_fingerprint FROM deployment) AS fingerprint
"""
SIZES: Final = """
SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name,
    pg_table_size((quote_ident(schemaname) || '.' || quote_ident(tablename))::regclass) AS size
FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


@dataclass(frozen=True)
class Progress:
    """How much of the tables' bytes is in the backup."""

    done: int
    total: int


async def make_backup(
    url: str, to: Path, *, fingerprint: str, key: str | None, show: Callable[[Progress], None]
) -> Manifest:
    """Backs the database up while it is in use. `key`: the master key, where it is to be in the backup.

    Raises `BackupNotUsable`: `to` exists, it is no database of Redress, or of another master key (`fingerprint`).
    """
    await asyncio.to_thread(_must_be_new, to)
    connection = await asyncpg.connect(url, timeout=10)
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            try:
                now = await connection.fetchrow(AS_IT_STANDS)
            except asyncpg.UndefinedTableError:
                raise BackupNotUsable("no-database") from None
            if now["fingerprint"] not in (None, fingerprint):
                raise BackupNotUsable("another-key")
            sizes = {row["name"]: row["size"] for row in await connection.fetch(SIZES)}
            manifest = Manifest(
                FORMAT, now["made_at"].astimezone(UTC), version("redress"), now["schema"], now["postgres"],
                now["position"], bool(now["sandbox"]), now["fingerprint"], key is not None, (),
            )  # fmt: skip
            await asyncio.to_thread(_dump, url, unfinished, now["snapshot"], now["postgres"], sizes, show)
        return await asyncio.to_thread(_finished, unfinished, to, manifest, key)
    finally:
        await connection.close()
        shutil.rmtree(unfinished, ignore_errors=True)


def _must_be_new(folder: Path) -> None:
    if folder.exists():
        raise BackupNotUsable("exists", folder=folder)


def _dump(
    url: str, folder: Path, snapshot: str, major: int, sizes: dict[str, int], show: Callable[[Progress], None]
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    total, seen = sum(sizes.values()), 0
    begun: int | None = None

    def line(said: str) -> None:
        nonlocal seen, begun
        if "dumping contents of table" in said:
            seen += begun or 0
            name = said.rpartition('table "')[2].strip().strip('"')
            begun = sizes.get(name, 0)
            show(Progress(seen, total))

    show(Progress(0, total))
    command = (program("pg_dump", major), "--format=custom", "--no-owner", f"--snapshot={snapshot}")
    run((*command, f"--file={(folder / DUMP).absolute()}"), url, line)
    show(Progress(total, total))


def _finished(unfinished: Path, to: Path, manifest: Manifest, key: str | None) -> Manifest:
    if key is not None:
        write_secret(unfinished / KEY, key + "\n")
    files = [described(unfinished / DUMP), *([] if key is None else [described(unfinished / KEY)])]
    manifest = replace(manifest, files=tuple(files))
    manifest.written_to(unfinished)
    unfinished.rename(to)
    return manifest
