"""Who looks after the embedded database of a data folder: whoever holds its lock, which ends with its process."""

import fcntl
import os
from pathlib import Path

from app.embedded.account import EmbeddedDatabaseError
from app.embedded.files import give_to_owner_of

LOCK = "postgres.lock"


class DataFolderNotUsable(EmbeddedDatabaseError):
    """The data folder, or the database in it, cannot be used by this user; the message says why."""


def try_lock(data: Path) -> int | None:
    """The lock of `data` as a file descriptor, to be closed by the owner; None while another process has it.

    Raises DataFolderNotUsable, OSError.
    """
    try:
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as problem:
        raise DataFolderNotUsable(
            f"{data} belongs to user {data.stat().st_uid}: start as that user, as root, or with another data folder."
        ) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    give_to_owner_of(data, descriptor)
    return descriptor


def has_owner(data: Path) -> bool:
    """Whether some process looks after the database: without one it will not come back when it ends, or has ended."""
    try:
        descriptor = os.open(data / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # Shared: two who ask at once must not take each other for an owner.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
