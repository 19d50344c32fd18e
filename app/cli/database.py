"""What the commands of the command line share: the settings, and a connection to the database they mean."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import asyncpg
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from app.cli.first_start import CannotStart, open_database
from app.cli.language import said
from app.settings import Settings
from eventlog.database import create_pool
from wording import command_line as words

Answer = TypeVar("Answer")
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database. [default: .redress]")]
# The log holds two connections for good and the read models' runner one; everybody else takes turns.
SMALLEST_POOL: Final = 4
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


def with_pool(settings: Settings, work: Callable[[asyncpg.Pool], Awaitable[Answer]], *, size: int = 4) -> Answer:
    """Do something with the database; the embedded one is started for it unless the service runs already."""
    url, embedded = open_database(settings)

    async def run() -> Answer:
        pool = await create_pool(url, min_size=1, max_size=size)
        try:
            return await work(pool)
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    finally:
        if embedded is not None:
            embedded.stop()
