"""`redress rebuild`: make the read models anew from the log, with a progress bar and a comparison before the switch."""

from collections.abc import Sequence
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from app.cli.database import DataFolder, deployed, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import said
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.readmodels.rebuild import Progress as Stage
from app.readmodels.rebuild import Rebuild, RebuildIsRunning, Rebuilt, UnknownReadModel
from app.readmodels.rebuild_tables import Difference
from app.rules.rules_in_force import RulesInForce
from app.settings import Settings
from app.time import WrongDeployment
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from wording import command_line as words

console = Console(highlight=False)


def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="tracking, sla; without a name, all of them.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare only; switch nothing.")] = False,
    data: DataFolder = None,
) -> None:
    """Make read models anew from the log while the old ones serve; compare, then switch."""
    with refusals():
        settings = deployed(data)
        try:
            rebuilt = with_pool(settings, lambda pool: _rebuilt(pool, settings, names or (), dry_run))
        except (UnknownReadModel, RebuildIsRunning) as error:
            raise CannotStart(str(error) or str(error.__doc__)) from None
    for name, failed in rebuilt.failed.items():
        if failed:
            some = ", ".join(map(str, failed[:5]))
            what = said(words.NOT_TAKEN_IN, name=name, count=len(failed), some=some)
            console.print(f"[red]{what}[/red]", soft_wrap=True)
    done = words.SWITCHED if rebuilt.switched else words.COMPARED_ONLY
    console.print(said(done, position=rebuilt.position))


async def _rebuilt(pool: asyncpg.Pool, settings: Settings, names: Sequence[str], dry_run: bool) -> Rebuilt:
    master = MasterKey.from_base64(master_key(settings))
    await _check(pool, master)
    complainants = Complainants(pool, master)
    rules = await RulesInForce.load(pool, await database_time(pool))
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    async with EventLog(pool) as log:
        with bar:
            task = bar.add_task("reading", total=None)

            def show(stage: Stage) -> None:
                bar.update(task, description=stage.stage, completed=stage.done, total=stage.total)

            codec = EventCodec(master)
            work = Rebuild(pool, log, codec, complainants, rules, names=names, progress=show, compared=_compared)
            return await work.run(dry_run=dry_run)


async def _check(pool: asyncpg.Pool, master: MasterKey) -> None:
    fingerprint = await pool.fetchval("SELECT master_key_fingerprint FROM deployment")
    if fingerprint not in (None, master.fingerprint):
        raise WrongDeployment("another-master-key")


def _compared(differences: Sequence[Difference]) -> None:
    if not differences:
        console.print(said(words.EQUAL))
    for found in differences:
        examples = ", ".join(map(str, found.examples))
        what = said(words.DIFFERENCES[found.kind], table=found.table, count=found.complaints)
        console.print(f"[yellow]{what}[/yellow] ({examples})", soft_wrap=True)
