"""The cluster, PostgreSQL's own folder: where it is, and making it whole or not at all."""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.embedded.account import Account, EmbeddedDatabaseError, make_reachable
from app.embedded.binaries import Binaries
from app.embedded.files import read, sync, write, write_secret
from app.embedded.ownership import DataFolderNotUsable
from app.embedded.process import clean_environment

USER = "redress"


class DataFolderIncomplete(EmbeddedDatabaseError):
    """The data folder lacks a part that cannot be made again; the message names it."""


class ClusterNotMade(EmbeddedDatabaseError):
    """`initdb` failed; the message is what it said."""


def location(data: Path) -> Path | None:
    """Where the cluster of `data` is, None before the first start."""
    if written := read(data / "cluster"):
        cluster = Path(written)
        if not cluster.is_dir():
            raise DataFolderIncomplete(f"{data / 'cluster'} says that the database is in {cluster}, which is gone.")
        return cluster
    return data / "postgres" if (data / "postgres").is_dir() else None


def create_cluster(data: Path, elsewhere: Path, binaries: Binaries, account: Account | None) -> Path:
    """Make an empty cluster and its password; returns its folder, in `data` or, out of `account`'s reach, elsewhere.

    Killed at any moment, it leaves no cluster or a whole one. Raises ClusterNotMade.
    """
    home = data
    if account is not None and not account.can_write_in(data):
        home = _home_elsewhere(data, elsewhere)
    for remains in home.glob(".new-*"):
        shutil.rmtree(remains)
    password = secrets.token_urlsafe(32)
    write_secret(data / "postgres.password", password)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        (made / "password").write_text(password)
        if account is not None:
            for path in (made, made / "password"):
                os.chown(path, account.user, account.group)
        _initdb(binaries, made / "cluster", made / "password", account)
        cluster = home / "postgres"
        (made / "cluster").rename(cluster)
        sync(home)
        if home != data:
            write(data / "cluster", str(cluster), 0o644)
    finally:
        shutil.rmtree(made)
    return cluster


def _home_elsewhere(data: Path, elsewhere: Path) -> Path:
    readable = re.sub(r"[^\w.-]+", "-", f"{data.parent.name}-{data.name}").strip("-.") or "data"
    name = f"{readable}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:10]}"
    taken = 1
    home = elsewhere / name
    while (home / "postgres").exists():
        # Of a data folder that was deleted: its password is gone, and it is not ours to delete.
        taken += 1
        home = elsewhere / f"{name}-{taken}"
    make_reachable(home)
    return home


def _initdb(binaries: Binaries, cluster: Path, password_file: Path, account: Account | None) -> None:
    locale = ["--locale=C.UTF-8"] if _has_c_utf8() else ["--no-locale"]
    if binaries.major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(binaries.folder / "initdb"), "-D", str(cluster), "--encoding=UTF8", *locale]
    command += [f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums"]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=clean_environment(),
        cwd="/",
        check=False,
        **Account.options(account),
    )
    if done.returncode != 0:
        raise ClusterNotMade(f"The database could not be created in {cluster.parent}:\n{done.stdout.strip()}")


def _has_c_utf8() -> bool:
    try:
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, errors="replace", check=False).stdout
    except OSError:
        return False
    return "c.utf8" in known.lower().replace("-", "").split()


def major_of(cluster: Path) -> int:
    """The version of PostgreSQL that wrote the cluster. Raises DataFolderNotUsable, DataFolderIncomplete."""
    try:
        return int((cluster / "PG_VERSION").read_text())
    except PermissionError as problem:
        raise DataFolderNotUsable(
            f"The database in {cluster} belongs to user {cluster.stat().st_uid}: start as that user or as root."
        ) from problem
    except (FileNotFoundError, ValueError) as problem:
        raise DataFolderIncomplete(f"{cluster} is not a PostgreSQL data folder: PG_VERSION is missing.") from problem
