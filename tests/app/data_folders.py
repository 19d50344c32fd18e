"""Data folders of the embedded database, and other processes that own one."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

# Starts the database of a data folder, says what it got, and stays until its standard input closes.
OWNER = """
import sys
from pathlib import Path
from app.embedded.postgres import EmbeddedPostgres
with EmbeddedPostgres.start(Path(sys.argv[1])) as server:
    sys.stdout.write(f"{server.owned} {server.dsn}\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@contextmanager
def another_process(data: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.communicate(timeout=60)


def answer_of(process: "subprocess.Popen[str]") -> tuple[bool, str]:
    assert process.stdout is not None
    owned, dsn = process.stdout.readline().split()
    return owned == "True", dsn


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def run(dsn: str, statement: str) -> list[int]:
    async with connected(dsn) as connection:
        return [row[0] for row in await connection.fetch(statement)]
