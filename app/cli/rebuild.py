"""`redress rebuild`: make the read models anew from the log, with a progress bar and a comparison before the switch."""

from collections.abc import Sequence
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from app.calls.seats import Seats
from app.calls.sequences import CallSequences
from app.calls.tables import call_sequences, seat_changes
from app.cli.database import DataFolder, deployed, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import said
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.readmodels.rebuild import Progress as Stage
from app.readmodels.rebuild import Rebuild, RebuildIsRunning, Rebuilt, UnknownReadModel
from app.readmodels.rebuild_tables import Difference
from app.readmodels.remaking import Kept, Remade, names_of, remake
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
    names: Annotated[list[str] | None, typer.Argument(help="tracking, sla, seats; without a name, all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare only; switch nothing.")] = False,
    data: DataFolder = None,
) -> None:
    """Make read models anew from the log while the old ones serve; compare, then switch."""
    with refusals():
        settings = deployed(data)
        try:
            rebuilt = with_pool(settings, lambda pool: _made_anew(pool, settings, names or (), dry_run))
        except (UnknownReadModel, RebuildIsRunning) as error:
            raise CannotStart(str(error) or str(error.__doc__)) from None
    if rebuilt is None:
        return
    for name, failed in rebuilt.failed.items():
        if failed:
            some = ", ".join(map(str, failed[:5]))
            what = said(words.NOT_TAKEN_IN, name=name, count=len(failed), some=some)
            console.print(f"[red]{what}[/red]", soft_wrap=True)
    done = words.SWITCHED if rebuilt.switched else words.COMPARED_ONLY
    console.print(said(done, position=rebuilt.position))


async def _made_anew(
    pool: asyncpg.Pool, settings: Settings, names: Sequence[str], dry_run: bool
) -> Rebuilt | None:
    """Read models, and what followers keep beside them; None where no read model was asked for."""
    master = MasterKey.from_base64(master_key(settings))
    await _check(pool, master)
    complainants, codec = Complainants(pool, master), EventCodec(master)
    kept = [Kept(Seats(codec, complainants), (seat_changes,)), Kept(CallSequences(codec), (call_sequences,))]
    of_models = [name for name in names if name not in names_of(kept)]
    rebuilt = None
    async with EventLog(pool) as log:
        if of_models or not names:
            rebuilt = await _rebuilt(pool, log, codec, complainants, of_models, names_of(kept), dry_run)
        for one in kept:
            if not names or one.name in names:
                _remade(await remake(pool, log, one, dry_run=dry_run))
    return rebuilt


async def _rebuilt(
    pool: asyncpg.Pool, log: EventLog, codec: EventCodec, complainants: Complainants, names: Sequence[str],
    others: Sequence[str], dry_run: bool,
) -> Rebuilt:  # fmt: skip
    rules = await RulesInForce.load(pool, await database_time(pool))
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    with bar:
        task = bar.add_task("reading", total=None)

        def show(stage: Stage) -> None:
            bar.update(task, description=stage.stage, completed=stage.done, total=stage.total)

        work = Rebuild(
            pool, log, codec, complainants, rules, names=names, others=others, progress=show, compared=_compared
        )
        return await work.run(dry_run=dry_run)


async def _check(pool: asyncpg.Pool, master: MasterKey) -> None:
    fingerprint = await pool.fetchval("SELECT master_key_fingerprint FROM deployment")
    if fingerprint not in (None, master.fingerprint):
        raise WrongDeployment("another-master-key")


def _remade(differences: Sequence[Remade]) -> None:
    for found in differences:
        what = said(words.REMADE, table=found.table, gone=found.gone, new=found.new)
        console.print(f"[yellow]{what}[/yellow]", soft_wrap=True)


def _compared(differences: Sequence[Difference]) -> None:
    if not differences:
        console.print(said(words.EQUAL))
    for found in differences:
        examples = ", ".join(map(str, found.examples))
        what = said(words.DIFFERENCES[found.kind], table=found.table, count=found.complaints)
        console.print(f"[yellow]{what}[/yellow] ({examples})", soft_wrap=True)
