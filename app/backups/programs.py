"""`pg_dump` and `pg_restore`: found where PostgreSQL's programs are; no password is on their command line."""

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final
from urllib.parse import unquote, urlsplit

from app.backups.manifest import BackupNotUsable
from app.embedded.binaries import candidates
from app.embedded.process import clean_environment

PASSWORD: Final = re.compile(r"^(postgres(?:ql)?://[^:/@]*):[^@/]*@")
VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")


def program(name: str, major: int) -> Path:
    """The program, of this version of PostgreSQL or a later one. Raises `BackupNotUsable`."""
    for folder in candidates():
        found = folder / name
        try:
            said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
        except (OSError, subprocess.SubprocessError):
            continue
        version = VERSION.search(said)
        if version is not None and int(version[1]) >= major:
            return found
    raise BackupNotUsable("no-program", program=name, major=major)


def run(command: Sequence[object], url: str, line: Callable[[str], None]) -> None:
    """A program at work on the database, which is named last; `line` is told what it says.

    Raises `BackupNotUsable`.
    """
    environment = clean_environment()
    if password := urlsplit(url).password:
        environment["PGPASSWORD"] = unquote(password)
    without_password = PASSWORD.sub(r"\1@", url)
    named = [*map(str, command), "--verbose", "--no-password", f"--dbname={without_password}"]
    last = ""
    with TemporaryFile() as nothing, subprocess.Popen(
        named, stdin=nothing, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=os.sep, text=True,
        errors="replace",
    ) as process:  # fmt: skip
        try:
            for said in process.stderr or ():
                line(said)
                last = said.strip() if "error" in said else last
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise BackupNotUsable("program-failed", program=Path(named[0]).name, said=last or process.returncode)
