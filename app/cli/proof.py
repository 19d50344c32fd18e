"""`redress export`, `verify`, `checkpoint`, `signing-key`: proof for those who do not believe us."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from app.cli.database import DataFolder, deployed, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.sealing.exporting import Exporting, Selection
from app.sealing.sealing import Sealing
from app.settings import Settings
from app.time import WrongDeployment
from eventlog.codec import EventCodec
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from proof import verify as verifying
from wording import command_line as words

console = Console(highlight=False)
Answer = TypeVar("Answer")
# The log holds two connections for good; the lock, what seals and what is read one each.
CONNECTIONS: Final = 6
SEALED_WITHIN: Final = 600.0  # seconds: a log that was never sealed is sealed as a whole
FINGERPRINT: Final = "SELECT master_key_fingerprint FROM deployment"


def export(
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not be there yet.")],
    after: Annotated[int, typer.Option(help="Only events after this position.", min=0)] = 0,
    until: Annotated[int | None, typer.Option(help="Only events up to this position.", min=1)] = None,
    procedure: Annotated[str | None, typer.Option(help="Only the cases of this procedure.")] = None,
    data: DataFolder = None,
) -> None:
    """Write the history into a file that proves itself: one line for each event, personal data sealed, NDJSON."""
    with refusals():
        if to.exists():
            raise CannotStart(said(words.FILE_EXISTS, file=to))
        settings = deployed(data)
        wanted = Selection(after, until, procedure)
        key = _with_sealing(settings, lambda pool, sealing: _written(sealing, pool, to, wanted))
    console.print(said(words.EXPORTED, file=to), soft_wrap=True)
    console.print(said(words.VERIFY_WITH, file=to, key=key), soft_wrap=True, markup=False)


def verify(
    file: Annotated[Path, typer.Argument(help="An export.", exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option(help="The public key, or a file with it.")],
    checkpoint: Annotated[list[Path] | None, typer.Option(help="A file with a checkpoint that you hold.")] = None,
) -> None:
    """Check an export: exit 0 and the figures, or exit 1 and the first event that does not fit."""
    held = [part for one in checkpoint or () for part in ("--checkpoint", str(one))]
    raise typer.Exit(verifying.main([str(file), "--key", key, *held, "--language", spoken_language()]))


def checkpoint(data: DataFolder = None) -> None:
    """Sign what is recorded by now, and print the checkpoint: keep it outside."""
    with refusals():
        note = _with_sealing(deployed(data), lambda pool, sealing: _signed(sealing))
    print(note, end="")


def signing_key(
    rotate: Annotated[bool, typer.Option("--rotate", help="Sign with a new key from now on.")] = False,
    data: DataFolder = None,
) -> None:
    """Print the public key that checkpoints are signed with."""
    with refusals():
        keys = _with_sealing(deployed(data), lambda pool, sealing: _keys(sealing, pool, rotate=rotate))
    print(keys[0])
    if len(keys) > 1:
        console.print(said(words.KEYS_FOLLOWED, count=len(keys) - 1), soft_wrap=True)


def _with_sealing(settings: Settings, work: Callable[[asyncpg.Pool, Sealing], Awaitable[Answer]]) -> Answer:
    """All that is recorded is sealed first, by the service that runs or by this command."""
    master = MasterKey.from_base64(master_key(settings))

    async def run(pool: asyncpg.Pool) -> Answer:
        async with _sealing(pool, master) as sealing:
            return await work(pool, sealing)

    return with_pool(settings, run, size=CONNECTIONS)


@asynccontextmanager
async def _sealing(pool: asyncpg.Pool, master: MasterKey) -> AsyncIterator[Sealing]:
    if await pool.fetchval(FINGERPRINT) not in (None, master.fingerprint):
        raise WrongDeployment("another-master-key")
    now = await database_time(pool)
    async with EventLog(pool) as log, Sealing(pool, log, EventCodec(master), master, lambda: now) as sealing:
        if not await sealing.sealed(SEALED_WITHIN):
            raise CannotStart(said(words.NOT_SEALED))
        yield sealing


async def _written(sealing: Sealing, pool: asyncpg.Pool, to: Path, wanted: Selection) -> str:
    """Into a file of its own, which gets its name when it is whole. Returns the public key."""
    beside = to.with_name(to.name + ".part")
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    with bar, beside.open("wb") as file:
        task = bar.add_task(said(words.EXPORTING), total=None)
        lines = Exporting(pool, sealing.checkpoints, sealing.keys).lines(
            wanted, lambda done, of: bar.update(task, completed=done, total=of)
        )
        async for line in lines:
            file.write(line)
    beside.rename(to)
    return (await sealing.keys.public())[0][0]


async def _signed(sealing: Sealing) -> str:
    return (await sealing.checkpoints.make()).note


async def _keys(sealing: Sealing, pool: asyncpg.Pool, *, rotate: bool) -> list[str]:
    await sealing.checkpoints.make()  # by which there is a key
    if rotate:
        await sealing.keys.rotate(await database_time(pool))
    return [key for key, _ in await sealing.keys.public()]
