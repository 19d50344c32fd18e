"""Whose rights the embedded database runs with: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class EmbeddedDatabaseError(RuntimeError):
    """The embedded database cannot be used; the message says why and what to do."""


class NoUnprivilegedUser(EmbeddedDatabaseError):
    """PostgreSQL does not run as root, and there is no user `postgres` or `nobody`: start as an ordinary user."""


class _SubprocessOptions(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user and group of this machine, by number."""

    user: int
    group: int

    @staticmethod
    def options(account: "Account | None") -> _SubprocessOptions:
        """What subprocess needs to run a program with these rights; nothing for None (this process's own)."""
        if account is None:
            return {}
        return {"user": account.user, "group": account.group, "extra_groups": []}

    def can_write_in(self, folder: Path) -> bool:
        """Whether this account can get to `folder` and work in a folder of its own there. Tried, not computed."""
        try:
            probe = tempfile.mkdtemp(prefix=".reachable-", dir=folder)
        except OSError:
            return False
        try:
            os.chown(probe, self.user, self.group)
            attempt = ["/bin/sh", "-c", 'cd "$1" && : > probe && rm probe', "sh", probe]
            done = subprocess.run(attempt, capture_output=True, cwd="/", check=False, **Account.options(self))
        finally:
            shutil.rmtree(probe)
        return done.returncode == 0


def account_for(cluster: Path) -> Account | None:
    """Who runs the cluster when this process is root: its owner, else `postgres`, else `nobody`; otherwise None."""
    if os.geteuid() != 0:
        return None
    if cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoUnprivilegedUser(NoUnprivilegedUser.__doc__)


def make_reachable(folder: Path) -> None:
    """Create a folder and its missing parents with mode 0755, whatever the umask; existing ones keep theirs."""
    if folder.is_dir():
        return
    make_reachable(folder.parent)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
