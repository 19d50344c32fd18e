"""`redress access-log`: what the access log holds, and removing what is old enough."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import asyncpg
import typer
from rich.console import Console

from app.access.keeping import HeldAccesses, KeptTooShort, check_age, held, remove
from app.cli.database import MOMENT, DataFolder, deployed, with_database
from app.cli.first_start import CannotStart
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from wording import command_line as words
from wording.refusals import refusal_text

app = typer.Typer(help="Who looked at what: how much is kept, and for how long.", no_args_is_help=True)
console = Console(highlight=False)
BY: Final = "command-line"
DAYS: Final = 3 * 365


@app.command()
def show(
    older_than: Annotated[int, typer.Option("--older-than", help="Days: how many rows are older.", min=0)] = DAYS,
    data: DataFolder = None,
) -> None:
    """Say how many rows the access log has, from when to when, and how large it is."""

    async def work(pool: asyncpg.Pool, _: str) -> HeldAccesses:
        return await held(pool, await database_time(pool) - timedelta(days=older_than))

    with refusals():
        found = with_database(deployed(data), work)
    console.print(
        said(
            words.ACCESS_LOG_HOLDS, rows=found.rows, first=_moment(found.first), last=_moment(found.last),
            megabytes=f"{found.bytes / 2**20:.1f}", older=found.older, days=older_than,
        ),
        soft_wrap=True,
    )  # fmt: skip


@app.command()
def prune(
    older_than: Annotated[int, typer.Option("--older-than", help="Days: what is older is removed.", min=0)] = DAYS,
    yes: Annotated[bool, typer.Option("--yes", help="Really remove them.")] = False,
    by: Annotated[str, typer.Option(help="Who removes, as the log will show.")] = BY,
    data: DataFolder = None,
) -> None:
    """Remove rows that are older; that they were removed stays in the log. Without --yes only say how many."""

    async def work(pool: asyncpg.Pool, url: str) -> int:
        now = await database_time(pool)
        before = now - timedelta(days=older_than)
        try:
            check_age(before, now)
            if not yes:
                return (await held(pool, before)).older
            return await remove(url, before, by=by, now=now)
        except asyncpg.InsufficientPrivilegeError:
            raise CannotStart(said(words.OWNER_ONLY)) from None
        except KeptTooShort as error:
            raise CannotStart(refusal_text(error, spoken_language())) from None

    with refusals():
        rows = with_database(deployed(data), work)
    told = words.ACCESSES_REMOVED if yes else words.ACCESSES_TO_REMOVE
    console.print(said(told, rows=rows, days=older_than), soft_wrap=True)


def _moment(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment:{MOMENT}}"
