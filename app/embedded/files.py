"""Small files of the data folder: whole, durable, and never readable by others when they are secret."""

import os
from pathlib import Path


def read(path: Path) -> str:
    """The text of a file without surrounding white space; empty when there is no such file."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def write_secret(path: Path, content: str) -> None:
    """Write a file that only the owner of its folder (and root) can read."""
    write(path, content, 0o600)


def write(path: Path, content: str, mode: int) -> None:
    """Write a file whole or not at all, with this mode from its first byte on."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        give_to_owner_of(path.parent, descriptor)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make renames in `folder` durable: a power cut must not take a database that has acknowledged."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def give_to_owner_of(folder: Path, descriptor: int, *, close: bool = False) -> None:
    """When this process is root: leave no file in somebody's data folder that its owner cannot use later."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    if close:
        os.close(descriptor)
