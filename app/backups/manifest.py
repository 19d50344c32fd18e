"""What a backup says of itself: of which moment it is, which master key opens it, and what its files must be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from app.embedded.account import EmbeddedDatabaseError

MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
KEY: Final = "master.key"
FORMAT: Final = 1
READ_AT_ONCE: Final = 1 << 20


class BackupNotUsable(EmbeddedDatabaseError):
    """`code` is one of wording/command_line.py's BACKUP_REFUSED; `facts` are its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class BackupFile:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`position` is that of the last event in it; `schema` the migration it is at; `postgres` the server's major."""

    format: int
    made_at: datetime
    redress: str
    schema: str
    postgres: int
    position: int
    sandbox: bool
    master_key_fingerprint: str | None
    with_key: bool
    files: tuple[BackupFile, ...]

    def written_to(self, folder: Path) -> None:
        text = msgspec.json.format(msgspec.json.encode(self), indent=2)
        (folder / MANIFEST).write_bytes(text + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Raises `BackupNotUsable`."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise BackupNotUsable("no-backup", folder=folder) from None
    if manifest.format != FORMAT:
        raise BackupNotUsable("newer-format", folder=folder)
    return manifest


def described(path: Path, advanced: Callable[[int], None] = lambda _: None) -> BackupFile:
    """A file's size and checksum; `advanced` is told of each part that was read."""
    hashed, size = sha256(), 0
    with path.open("rb") as file:
        while part := file.read(READ_AT_ONCE):
            hashed.update(part)
            size += len(part)
            advanced(len(part))
    return BackupFile(path.name, size, hashed.hexdigest())


def check_files(folder: Path, manifest: Manifest, advanced: Callable[[int], None]) -> None:
    """Raises `BackupNotUsable` for a file that is missing or is not what it was."""
    for file in manifest.files:
        if not (folder / file.name).is_file():
            raise BackupNotUsable("file-missing", file=folder / file.name)
        if described(folder / file.name, advanced) != file:
            raise BackupNotUsable("file-changed", file=folder / file.name)
