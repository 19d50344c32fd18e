"""`python -m drill [NAME…]`: kills, stops, full disks and wrong clocks under load, judged by a checker of its own.

Ends with 1 when anything was lost, doubled, out of order, stale, or answered as nobody may be answered.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Final, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from drill.checker import KINDS
from drill.deployment import NotReady
from drill.scenarios import SCENARIOS, Outcome, Skipped

SHOWN: Final = 3  # findings of each kind that are said in full
FIGURES: Final[dict[str, Callable[[Outcome], str]]] = {
    "faults": lambda it: f"{it.faults:,}",
    "minutes": lambda it: f"{it.seconds / 60:.1f}",
    "requests": lambda it: f"{it.history.requests:,}",
    "  told to come back (503, 409)": lambda it: f"{it.history.refused_for_now:,}",
    "  cut off": lambda it: f"{it.history.unanswered:,}",
    "  longest": lambda it: f"{it.history.longest:.1f} s",
    "commands acknowledged": lambda it: f"{it.acknowledged:,}",
    "  of unknown outcome": lambda it: f"{it.unknown:,}",
}


def main(
    names: Annotated[list[str] | None, typer.Argument(help=f"of: {', '.join(SCENARIOS)}; default: all")] = None,
    share: Annotated[float, typer.Option(help="of the faults of a whole drill, 1 is all of them", min=0.01)] = 1.0,
    seed: Annotated[int, typer.Option(help="which faults come in which order")] = 1,
) -> None:
    """Takes about a quarter of an hour as a whole; ends with 1 where anything was found that must not be."""
    if unknown := sorted(set(names or []) - set(SCENARIOS)):
        raise typer.BadParameter(f"{', '.join(unknown)}: there is {', '.join(SCENARIOS)}")
    played = [_played(name, share, seed) for name in names or SCENARIOS]
    outcomes = [one for one in played if isinstance(one, Outcome)]
    console = Console(width=140)
    console.print(_table(outcomes))
    for outcome in outcomes:
        for kind in KINDS:
            for finding in [one for one in outcome.findings if one.kind == kind][:SHOWN]:
                console.print(f"{outcome.name}: {kind}: {finding.what}", style="red", markup=False)
    raise typer.Exit(int("failed" in played or any(outcome.findings for outcome in outcomes)))


def _played(name: str, share: float, seed: int) -> Outcome | Literal["skipped", "failed"]:
    scenario, faults = SCENARIOS[name]
    count = max(1, round(faults * share))
    columns = (TextColumn("{task.description:14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=count)
        try:
            return asyncio.run(scenario(count, seed, lambda: progress.advance(task)))
        except Skipped as why:
            progress.console.print(f"{name}: skipped, {why}", style="yellow")
            return "skipped"
        except NotReady as why:
            progress.console.print(f"{name}: {why}", style="red", markup=False)
            return "failed"


def _table(outcomes: list[Outcome]) -> Table:
    """A column for each scenario: what was done, what came back, and how often what must not be."""
    table = Table("", *(outcome.name for outcome in outcomes))
    for name, figure in FIGURES.items():
        table.add_row(name, *(figure(outcome) for outcome in outcomes))
    table.add_section()
    found = [Counter(finding.kind for finding in outcome.findings) for outcome in outcomes]
    for kind in KINDS:
        table.add_row(kind, *(str(counts[kind]) for counts in found))
    return table


if __name__ == "__main__":
    typer.run(main)
