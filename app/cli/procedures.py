"""`redress procedures`: list, show, draw, check and publish procedures and procedure files."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.database import DataFolder, settings_with
from app.cli.first_start import CannotStart
from app.cli.publishing import publish_file
from app.cli.refusals import refusals
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import Language
from procedures.description.rules import rules_told
from procedures.drawing import flow_of, mermaid, svg
from procedures.library import Library
from procedures.reader import ProcedureErrors, read_procedure
from wording.rules import RULE
from wording.subjects import text as said

app = typer.Typer(
    help="The procedures: what the ready ones say, and whether your own file is right.", no_args_is_help=True
)
console = Console(highlight=False)
Form = Literal["mermaid", "svg"]


@app.command("list")
def list_procedures() -> None:
    """List the ready procedures."""
    table = _table("code", "version", said("columns", "title", "zh"), "title", "calendar")
    for procedure in Library.ready().procedures.values():
        title = procedure.title
        table.add_row(procedure.code, procedure.version, title.zh, title.en, procedure.calendar)
    console.print(table)


@app.command()
def show(
    procedure: Annotated[str, typer.Argument(metavar="CODE-or-FILE")],
    sources: Annotated[bool, typer.Option("--sources", help="With the sentence each clock comes from.")] = False,
) -> None:
    """Show a procedure's clocks, its rules, and who may take which step."""
    found = _procedure(procedure)
    console.print(f"[bold]{found.title.zh}[/bold]  {found.title.en}  ({found.code} {found.version})")
    console.print(_clocks(found))
    if sources:
        console.print(_sources(found))
    console.print(_rules(found))
    steps = _table("step", "roles", title="Who may take which step")
    for step, roles in found.steps.items():
        named = (f"{role} {found.roles[role].zh if role in found.roles else ''}".strip() for role in roles)
        steps.add_row(step, escape(", ".join(named)))
    console.print(steps)


def _table(*columns: str, title: str | None = None) -> Table:
    """A table that cuts nothing off: Chinese has no spaces to break at, nor have the names of moments, so they fold."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _clocks(procedure: Procedure) -> Table:
    clocks = _table("clock", said("columns", "clock", "zh"), "starts", "stops", "limit", "for", title="Clocks")
    for rule in procedure.clocks:
        strictness = " (soft)" if rule.soft else " (window)" if rule.window else ""
        row = (
            f"{rule.name}{' per unit' if rule.per_unit else ''}", rule.title.zh, ", ".join(sorted(rule.starts)),
            ", ".join(sorted(rule.stops)), f"{rule.limit}{strictness}", _concerned(rule),
        )  # fmt: skip
        clocks.add_row(*map(escape, row))
    return clocks


def _concerned(rule: ClockRule) -> str:
    """The severities and kinds of matter that a clock is for."""
    return ", ".join((*sorted(rule.severities or ()), *sorted(rule.kinds or ()))) or "all"


def _sources(procedure: Procedure) -> Table:
    sources = _table("clock", "for", "source", title="Where the clocks come from")
    for rule in procedure.clocks:
        sources.add_row(rule.name, _concerned(rule), escape(rule.source))
    return sources


def _rules(procedure: Procedure) -> Table:
    rules = _table(RULE.zh, RULE.en, title="Rules")
    for told in zip(rules_told(procedure, "zh"), rules_told(procedure, "en"), strict=True):
        rules.add_row(*(escape(f"{subject}: {sentence}") for subject, sentence in told))
    return rules


@app.command()
def draw(
    procedure: Annotated[str, typer.Argument(metavar="CODE-or-FILE")],
    form: Annotated[Form | None, typer.Option("--format", help="Without it, as --to ends; else mermaid.")] = None,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="The file to write; else standard output.")] = None,
    language: Annotated[Language, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Draw a procedure: states, steps with the roles that may take them, and clocks as spans between moments."""
    flow = flow_of(_procedure(procedure))
    wanted = form or ("svg" if to is not None and to.suffix.lower() == ".svg" else "mermaid")
    text = svg(flow, language) if wanted == "svg" else mermaid(flow, language)
    if to is None:
        typer.echo(text, nl=False)
        return
    with refusals():
        try:
            to.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CannotStart(f"{to} cannot be written: {error.strerror}.") from None
    console.print(f"{to}: {flow.procedure.code} {flow.procedure.version} as {wanted}.", soft_wrap=True, markup=False)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)], data: DataFolder = None
) -> None:
    """Publish a procedure file: new complaints are received under it, open ones keep their version."""
    publish_file("procedure", file, settings_with(data))


@app.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Check a procedure file; every mistake is named with its line and field."""
    procedure = _read(file)
    console.print(f"{file}: {procedure.code} {procedure.version} is right.", soft_wrap=True, markup=False)


def _procedure(code_or_file: str) -> Procedure:
    """The ready procedure of this code, or that of the file."""
    ready = Library.ready().procedures
    file = Path(code_or_file)
    if code_or_file in ready:
        return ready[code_or_file]
    with refusals():
        if not file.is_file():
            raise CannotStart(f"There is no procedure and no file {code_or_file}; there are {', '.join(ready)}.")
    return _read(file)


def _read(file: Path) -> Procedure:
    """The procedure of a file; its mistakes are printed, and end the command with exit code 1."""
    try:
        return read_procedure(file.read_text(encoding="utf-8"), calendars=Library.ready().calendars)
    except UnicodeDecodeError:
        console.print(f"{file}: not valid UTF-8", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
    except ProcedureErrors as errors:
        for mistake in errors.mistakes:
            console.print(f"{file}:{mistake.line}: {mistake.field}: {mistake.message}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
