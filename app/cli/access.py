"""What the commands about people, keys and units share: everybody there is, and how it is refused."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from pydantic import TypeAdapter, ValidationError

from app.access.admission import Admission
from app.cli.database import deployed, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.rules.published_rules import known_library
from domain.errors import Refused
from eventlog.sealing import MasterKey
from wording import command_line as words
from wording.refusals import refusal_text

Answer = TypeVar("Answer")
T = TypeVar("T")


def with_access(data: Path | None, work: Callable[[Admission, datetime], Awaitable[Answer]]) -> Answer:
    """Do something with everybody who may call. A refusal ends the command with its sentence."""
    with refusals():
        settings = deployed(data)
        master = MasterKey.from_base64(master_key(settings))

        async def with_everybody(pool: asyncpg.Pool) -> Answer:
            at = await database_time(pool)
            access = Admission(pool, master, await known_library(pool), lambda: at)
            await access.directory.refresh()
            try:
                return await work(access, at)
            except Refused as refused:
                raise CannotStart(refusal_text(refused, spoken_language())) from None

        return with_pool(settings, with_everybody)


def at_time(written: str) -> datetime:
    """A time as it is typed; without an offset, or as a day, by the clock of this machine. Ends the command else."""
    with refusals():
        try:
            return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError:
            raise CannotStart(said(words.NOT_A_TIME, written=written)) from None


def given(shape: type[T], **values: Any) -> T:
    """What was given, as its shape wants it. Ends the command where it does not fit."""
    with refusals():
        try:
            adapter: TypeAdapter[T] = TypeAdapter(shape)
            return adapter.validate_python(values)
        except ValidationError as error:
            wrong = ", ".join(str(mistake["loc"][0]).rstrip("_") for mistake in error.errors())
            raise CannotStart(said(words.NOT_VALID, fields=wrong)) from None
