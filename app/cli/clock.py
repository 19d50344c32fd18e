"""`redress clock`: whether the database's clock goes on steadily, and accepting it where it has leapt for good."""

from datetime import datetime

import asyncpg
import typer
from rich.console import Console

from app.cli.database import DataFolder, deployed, with_pool
from app.cli.language import spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import accept_clock, compared
from wording.clocks import ACCEPTED, AGREES, LEAPT, UNKNOWN

app = typer.Typer(help="The deployment's clock, which is the database's.", no_args_is_help=True)
console = Console(highlight=False)


@app.command()
def show(data: DataFolder = None) -> None:
    """Compare the database's clock with what this machine's services make of the time; fails where it has leapt."""
    with refusals():
        settings = deployed(data)
        now, expected = with_pool(settings, compared)
    language, leapt = spoken_language(), None if expected is None else (now - expected).total_seconds()
    if leapt is None:
        console.print(UNKNOWN.in_(language).format(now=_shown(now)), soft_wrap=True)
    elif abs(leapt) <= settings.clock_bound:
        console.print(AGREES.in_(language).format(now=_shown(now)), soft_wrap=True)
    else:
        said = LEAPT.in_(language).format(seconds=round(leapt), now=_shown(now), expected=_shown(expected))
        console.print(said, soft_wrap=True)
        raise typer.Exit(1)


@app.command()
def accept(data: DataFolder = None) -> None:
    """Believe the database's clock as it is now: what is due by it is judged at once."""

    async def work(pool: asyncpg.Pool) -> datetime:
        return await accept_clock(pool)

    with refusals():
        now = with_pool(deployed(data), work)
    console.print(ACCEPTED.in_(spoken_language()).format(now=_shown(now)), soft_wrap=True)


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S %Z}"
