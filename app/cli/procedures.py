"""`redress procedures`: list, show and check procedure files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli.first_start import CannotStart
from app.cli.refusals import refusals
from procedures.library import Library
from procedures.reader import ProcedureErrors, read_procedure

app = typer.Typer(
    help="The procedures: what the ready ones say, and whether your own file is right.", no_args_is_help=True
)
console = Console(highlight=False)


@app.command("list")
def list_procedures() -> None:
    """List the ready procedures."""
    table = Table("code", "version", "标题", "title", "calendar")
    for procedure in Library.ready().procedures.values():
        title = procedure.title
        table.add_row(procedure.code, procedure.version, title.zh, title.en, procedure.calendar)
    console.print(table)


@app.command()
def show(code: str) -> None:
    """Show a procedure's severities, clocks and who may take which step."""
    procedure = Library.ready().procedures.get(code)
    with refusals():
        if procedure is None:
            raise CannotStart(f"There is no procedure {code}; there are {', '.join(Library.ready().procedures)}.")
    console.print(f"[bold]{procedure.title.zh}[/bold]  {procedure.title.en}  ({procedure.code} {procedure.version})")
    clocks = Table("clock", "时限", "starts", "stops", "limit", "severities", title="Clocks")
    for rule in procedure.clocks:
        limit = f"{rule.limit}{' (soft)' if rule.soft else ''}"
        severities = ", ".join(sorted(rule.severities)) if rule.severities else "all"
        name = f"{rule.name}{' per unit' if rule.per_unit else ''}"
        starts, stops = ", ".join(sorted(rule.starts)), ", ".join(sorted(rule.stops))
        clocks.add_row(name, rule.title.zh, starts, stops, limit, severities)
    console.print(clocks)
    steps = Table("step", "roles", title="Who may take which step")
    for step, roles in procedure.steps.items():
        steps.add_row(
            step,
            ", ".join(
                f"{role} {procedure.roles[role].zh if role in procedure.roles else ''}".strip() for role in roles
            ),
        )
    console.print(steps)


@app.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Check a procedure file; every mistake is named with its line and field."""
    try:
        procedure = read_procedure(file.read_text(encoding="utf-8"), calendars=Library.ready().calendars)
    except UnicodeDecodeError:
        console.print(f"{file}: not valid UTF-8")
        raise typer.Exit(1) from None
    except ProcedureErrors as errors:
        for mistake in errors.mistakes:
            console.print(f"{file}:{mistake.line}: {mistake.field}: {mistake.message}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
    console.print(f"{file}: {procedure.code} {procedure.version} is right.")
