"""What the commands of the command line share: the settings, and a connection to the deployment's database.

Only `serve`, `migrate` and `restore` make a database; every other command uses one that is there, and says which.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import asyncpg
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict
from rich.console import Console

from app.cli.first_start import CannotStart, open_database
from app.cli.language import said, spoken_language
from app.embedded.cluster import location
from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from eventlog.database import create_pool
from wording import command_line as words
from wording.sentences import SEMICOLON

Answer = TypeVar("Answer")
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database. [default: .redress]")]
# The log holds two connections for good and the read models' runner one; everybody else takes turns.
SMALLEST_POOL: Final = 4
MOMENT: Final = "%Y-%m-%d %H:%M:%S UTC"
# Several hosts may be named: postgresql://user:password@one:5432,two:5432/database
DATABASE_URL: Final = re.compile(
    r"postgres(ql)?://([^@/]*@)?(([^:,/?\[\]]*|\[[^\]]*\])(:\d+)?)(,([^:,/?\[\]]*|\[[^\]]*\])(:\d+)?)*(/|\?|$)"
)


class _Environment(Settings):
    model_config = SettingsConfigDict(env_ignore_empty=True)


def settings_with(data: Path | None) -> Settings:
    """The settings of the environment; one that is set to nothing counts as not set. Raises `CannotStart`."""
    try:
        settings: Settings = _Environment()
    except ValidationError as error:
        wrong = ", ".join(f"REDRESS_{str(mistake['loc'][0]).upper()}" for mistake in error.errors())
        raise CannotStart(said(words.SETTING_INVALID, settings=wrong)) from None
    if settings.log_level.upper() not in logging.getLevelNamesMapping():
        raise CannotStart(said(words.LOG_LEVELS))
    if settings.pool_size < SMALLEST_POOL:
        raise CannotStart(said(words.POOL_TOO_SMALL, least=SMALLEST_POOL))
    if settings.database_url is not None and not DATABASE_URL.match(settings.database_url):
        raise CannotStart(said(words.NO_DATABASE_URL))
    return settings if data is None else settings.model_copy(update={"data": data})


def deployed(data: Path | None) -> Settings:
    """The settings of a deployment that is there. Raises `CannotStart`, also where there is none."""
    settings = settings_with(data)
    if not is_deployed(settings):
        raise CannotStart(said(words.NO_DEPLOYMENT, folder=_whole(settings.data)))
    return settings


def is_deployed(settings: Settings) -> bool:
    """Whether there is a database to ask; whether it answers shows when it is asked."""
    return settings.database_url is not None or location(_whole(settings.data)) is not None


def is_named(data: Path | None) -> bool:
    """Whether somebody said which deployment they mean."""
    return data is not None or bool(os.environ.get("REDRESS_DATA") or os.environ.get("REDRESS_DATABASE_URL"))


def with_pool(settings: Settings, work: Callable[[asyncpg.Pool], Awaitable[Answer]], *, size: int = 4) -> Answer:
    """Do something with the database of settings that are `deployed`, and say which one it is.

    The embedded one is started for it unless the service runs already.
    """
    return with_database(settings, lambda pool, _: work(pool), size=size)


def with_database(
    settings: Settings, work: Callable[[asyncpg.Pool, str], Awaitable[Answer]], *, size: int = 4
) -> Answer:
    """As `with_pool`, for work that needs the database's URL too."""
    url, embedded = open_database(settings)

    async def run() -> Answer:
        pool = await create_pool(url, min_size=1, max_size=size)
        try:
            say_which(settings, embedded, await _stands_at(pool))
            return await work(pool, url)
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    finally:
        if embedded is not None:
            embedded.stop()


def say_which(settings: Settings, embedded: EmbeddedPostgres | None, stands_at: datetime | None = None) -> None:
    """Which database a command uses, on standard error; of a sandbox also its time."""
    if embedded is None:
        facts = [said(words.GIVEN_AT, where=_without_password(settings.database_url or ""))]
    else:
        facts = [said(words.EMBEDDED_DATABASE, folder=_whole(settings.data))]
        facts.append(said(words.STARTED_FOR_THIS if embedded.owned else words.RUNS_ALREADY))
    if stands_at is not None:
        facts.append(said(words.SANDBOX_AT, now=f"{stands_at.astimezone(UTC):{MOMENT}}"))
    line = said(words.DATABASE, database=SEMICOLON.in_(spoken_language()).join(facts))
    Console(stderr=True, highlight=False).print(line, soft_wrap=True, markup=False)


async def _stands_at(pool: asyncpg.Pool) -> datetime | None:
    """A sandbox's time; None for a real deployment, and for a database in which nothing was served yet."""
    with suppress(asyncpg.UndefinedTableError):
        found: datetime | None = await pool.fetchval("SELECT sandbox_now FROM deployment WHERE sandbox")
        return found
    return None


def _whole(folder: Path) -> Path:
    return folder.expanduser().resolve()


def _without_password(url: str) -> str:
    """Where a database is: hosts and name."""
    return re.sub(r"^[^:]*://([^@/]*@)?", "", url).partition("?")[0]
