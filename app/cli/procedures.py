"""`redress procedures`: list, show, draw, check and publish procedures and procedure files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.database import DataFolder
from app.cli.first_start import CannotStart
from app.cli.language import spoken_language
from app.cli.publishing import end_with_mistakes, publish_file, say_of, written_in
from app.cli.refusals import refusals
from app.cli.rules_shown import Packaged, rules_shown
from app.cli.walking import say_warnings, walked
from domain.procedure.duties import owing_role
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import Language, Title
from procedures.description.rules import rules_told
from procedures.drawing import flow_of, mermaid, svg
from procedures.library import Library
from procedures.reader import ProcedureErrors, read_procedure
from procedures.walk.check import TURNS_TO_CHECK
from procedures.walk.findings import found_in
from procedures.walk.walk import MOST_TURNS
from wording import command_line as words
from wording.columns import COLUMNS
from wording.limits import spoken_limit
from wording.procedures import conditions_of, moment_title, role_titles
from wording.rules import RULE
from wording.sentences import COLON, SEMICOLON, listed, sentence
from wording.subjects import text as said

app = typer.Typer(
    help="The procedures: what the ready ones say, and whether your own file is right.", no_args_is_help=True
)
console = Console(highlight=False)
Form = Literal["mermaid", "svg"]
Spoken = Annotated[Language | None, typer.Option("--language", help="zh or en. [default: that of the command line]")]


@app.command("list")
def list_procedures(packaged: Packaged = None, language: Spoken = None, data: DataFolder = None) -> None:
    """List the procedures in force."""
    spoken, library = language or spoken_language(), rules_shown(data, packaged=packaged)
    by = {(one.code, one.version): one.by for one in library.published_procedures}
    table = _table("code", "version", "title", "calendar", "published_by", language=spoken)
    for procedure in library.procedures.values():
        publisher = by[procedure.code, procedure.version] or words.COMES_WITH_IT.in_(spoken)
        title = procedure.title.in_(spoken)
        table.add_row(procedure.code, procedure.version, *map(escape, (title, procedure.calendar, publisher)))
    console.print(table)


@app.command()
def show(
    procedure: Annotated[str, typer.Argument(metavar="CODE-or-FILE")],
    sources: Annotated[bool, typer.Option("--sources", help="With the sentence each clock comes from.")] = False,
    packaged: Packaged = None,
    language: Spoken = None,
    data: DataFolder = None,
) -> None:
    """Show a procedure's clocks, its rules, and who may take which step."""
    found, spoken = _procedure(procedure, rules_shown(data, packaged=packaged)), language or spoken_language()
    console.print(f"[bold]{escape(found.title.in_(spoken))}[/bold]  ({found.code} {found.version})")
    console.print(_clocks(found, spoken))
    if sources:
        console.print(_sources(found, spoken))
    console.print(_rules(found, spoken))
    steps = _table("step", "name", "roles", language=spoken, title=words.WHO_MAY)
    for step, roles in found.steps.items():
        named = listed(role_titles(found, roles), spoken)
        steps.add_row(step, escape(said("steps", step, spoken)), escape(named))
    console.print(steps)


def _table(*columns: str, language: Language, title: Title | None = None) -> Table:
    """A table that cuts nothing off: Chinese has no spaces to break at, nor have the names of moments, so they fold."""
    table = Table(title=None if title is None else title.in_(language))
    for column in columns:
        heading = words.HEADINGS.get(column) or COLUMNS[column]
        table.add_column(heading.in_(language), overflow="fold")
    return table


def _clocks(procedure: Procedure, language: Language) -> Table:
    columns = ("code", "clock", "starts", "stops", "limit", "owes", "concerned")
    clocks = _table(*columns, language=language, title=words.CLOCKS)
    for rule in procedure.clocks:
        row = (
            rule.name, rule.title.in_(language), _moments(procedure, rule.starts, language),
            _moments(procedure, rule.stops, language), spoken_limit(rule.limit, language),
            role_titles(procedure, [owing_role(rule, procedure)])[0].in_(language),
            _concerned(procedure, rule, language),
        )  # fmt: skip
        clocks.add_row(*map(escape, row))
    return clocks


def _moments(procedure: Procedure, moments: Iterable[str], language: Language) -> str:
    return listed((moment_title(procedure, moment) for moment in sorted(moments)), language)


def _concerned(procedure: Procedure, rule: ClockRule, language: Language) -> str:
    """For which cases a clock is, and how strict."""
    conditions = conditions_of(procedure, rule, language)
    return SEMICOLON.in_(language).join(conditions) or words.EVERY_CASE.in_(language)


def _sources(procedure: Procedure, language: Language) -> Table:
    sources = _table("code", "concerned", "source", language=language, title=words.SOURCES)
    for rule in procedure.clocks:
        sources.add_row(rule.name, escape(_concerned(procedure, rule, language)), escape(rule.source))
    return sources


def _rules(procedure: Procedure, language: Language) -> Table:
    rules = Table(RULE.in_(language), title=words.RULES.in_(language))
    for subject, told in rules_told(procedure, language):
        rules.add_row(escape(f"{subject}{COLON.in_(language)}{told}"))
    return rules


@app.command()
def draw(
    procedure: Annotated[str, typer.Argument(metavar="CODE-or-FILE")],
    form: Annotated[Form | None, typer.Option("--format", help="Without it, as --to ends; else mermaid.")] = None,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="The file to write; else standard output.")] = None,
    packaged: Packaged = None,
    language: Spoken = None,
    data: DataFolder = None,
) -> None:
    """Draw a procedure: states, steps with the roles that may take them, and clocks as spans between moments."""
    flow = flow_of(_procedure(procedure, rules_shown(data, packaged=packaged)))
    wanted = form or ("svg" if to is not None and to.suffix.lower() == ".svg" else "mermaid")
    spoken = language or spoken_language()
    text = svg(flow, spoken) if wanted == "svg" else mermaid(flow, spoken)
    if to is None:
        typer.echo(text, nl=False)
        return
    with refusals():
        try:
            to.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CannotStart(sentence(words.CANNOT_WRITE, spoken, file=to, message=error.strerror)) from None
    drawn = flow.procedure
    done = sentence(words.DRAWN, spoken, file=to, code=drawn.code, version=drawn.version, form=wanted)
    console.print(done, soft_wrap=True, markup=False)


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)], data: DataFolder = None
) -> None:
    """Publish a procedure file: new complaints are received under it, open ones keep their version."""
    publish_file("procedure", file, data)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="How long it may walk and look")] = 60,
    turns: Annotated[int, typer.Option(min=0, max=MOST_TURNS, help="Ways with up to so many")] = TURNS_TO_CHECK,
    data: DataFolder = None,
) -> None:
    """Check a procedure file: how it is written, and what comes of it when it is walked through.

    Ways with one turn (a dispute, a return, a second unit …) are walked first, then those with two. Every mistake is
    named with its line and field, dead ends and the like with an example. Warnings are no mistakes.
    """
    library = rules_shown(data)
    procedure = _read(file, library)
    report = walked(procedure, library.calendar(procedure.calendar), seconds, turns)
    say_warnings(file, report)
    if report.errors:
        end_with_mistakes(file, (found_in(written_in(file), finding) for finding in report.errors))
    say_of(words.RIGHT, file, procedure.code, procedure.version)


def _procedure(code_or_file: str, library: Library) -> Procedure:
    """The procedure of this code, or that of the file."""
    known, file = library.procedures, Path(code_or_file)
    if code_or_file in known:
        return known[code_or_file]
    with refusals():
        if not file.is_file():
            raise CannotStart(sentence(words.NO_PROCEDURE, spoken_language(), name=code_or_file, known=tuple(known)))
    return _read(file, library)


def _read(file: Path, library: Library) -> Procedure:
    """The procedure of a file; its mistakes are printed, and end the command with exit code 1."""
    try:
        return read_procedure(written_in(file), calendars=library.calendars)
    except ProcedureErrors as errors:
        end_with_mistakes(file, errors.mistakes)
