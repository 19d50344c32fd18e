"""Putting a backup back into a database that is empty; nothing is written before key and files were checked."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import asyncpg

from app.backups.making import Progress
from app.backups.manifest import DUMP, KEY, BackupNotUsable, Manifest, check_files, read_manifest
from app.backups.programs import program, run
from eventlog.sealing import MasterKey, MasterKeyInvalid
from migrations.grants import CREATE_ROLE, HAS_ROLE, OWN_READ_MODELS

IS_EMPTY: Final = """
SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))
"""
MAJOR: Final = "SELECT current_setting('server_version_num')::int / 10000"


def checked_backup(folder: Path, given_key: str | None, show: Callable[[Progress], None]) -> tuple[Manifest, str]:
    """The manifest of a backup that is whole, and the master key that opens it: the given one, or that in the backup.

    Raises `BackupNotUsable`.
    """
    manifest = read_manifest(folder)
    key = given_key
    if key is None and manifest.with_key:
        key = (folder / KEY).read_text("utf-8").strip() if (folder / KEY).is_file() else None
    if key is None:
        raise BackupNotUsable("no-key", fingerprint=manifest.master_key_fingerprint)
    try:
        fingerprint = MasterKey.from_base64(key).fingerprint
    except MasterKeyInvalid:
        raise BackupNotUsable("wrong-key", fingerprint=manifest.master_key_fingerprint) from None
    if manifest.master_key_fingerprint not in (None, fingerprint):
        raise BackupNotUsable("wrong-key", fingerprint=manifest.master_key_fingerprint)
    total, done = sum(file.size for file in manifest.files), 0

    def advanced(size: int) -> None:
        nonlocal done
        done += size
        show(Progress(done, total))

    check_files(folder, manifest, advanced)
    return manifest, key


async def must_be_empty(url: str) -> None:
    """Raises `BackupNotUsable` where the database holds any table."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        if not await connection.fetchval(IS_EMPTY):
            raise BackupNotUsable("not-empty")
    finally:
        await connection.close()


async def restore(folder: Path, manifest: Manifest, url: str, show: Callable[[Progress], None]) -> None:
    """All of it or nothing, in one transaction. Raises `BackupNotUsable`."""
    await must_be_empty(url)
    connection = await asyncpg.connect(url, timeout=10)
    try:
        major = await connection.fetchval(MAJOR)
        if major < manifest.postgres:
            raise BackupNotUsable("older-postgres", has=major, wants=manifest.postgres)
        await connection.execute(CREATE_ROLE)
        # Where there may be no role, the service works as its own login, which owns what it restores.
        has_role = await connection.fetchval(HAS_ROLE)
        await asyncio.to_thread(_restored, folder, manifest, url, major, show, has_role=has_role)
        if has_role:
            await connection.execute(OWN_READ_MODELS)
    finally:
        await connection.close()


def _restored(
    folder: Path, manifest: Manifest, url: str, major: int, show: Callable[[Progress], None], *, has_role: bool
) -> None:
    using = program("pg_restore", max(major, manifest.postgres))
    total = done = 0

    def counting(said: str) -> None:
        nonlocal done
        if "processing data for table" in said or said.startswith("pg_restore: creating"):
            done += 1
            show(Progress(min(done, total), total))

    total = _entries(using, folder / DUMP)
    show(Progress(0, total))
    options = ["--exit-on-error", "--single-transaction", "--no-owner", *([] if has_role else ["--no-acl"])]
    run((using, *options, (folder / DUMP).absolute()), url, counting)
    show(Progress(total, total))


def _entries(using: Path, dump: Path) -> int:
    """How many things there are to make and to fill."""
    listed = subprocess.run([using, "--list", dump], capture_output=True, text=True, check=False).stdout
    return sum(1 for line in listed.splitlines() if line and not line.startswith(";"))
