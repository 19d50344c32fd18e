"""What the commands of the command line share: the settings, and a connection to the database they mean."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import asyncpg
import typer

from app.cli.first_start import open_database
from app.settings import Settings
from app.storage.database import create_pool

Answer = TypeVar("Answer")
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database. [default: .redress]")]


def settings_with(data: Path | None) -> Settings:
    settings = Settings()
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
