"""How a procedure is walked through at the command line: with a bar on a terminal, and in words."""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.language import said, spoken_language
from app.cli.publishing import written_in
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from procedures.walk.check import report_on
from procedures.walk.findings import Report, found_in
from procedures.walk.walk import MOST_STATES
from wording import walks as words

console = Console(highlight=False)
errors: Final = Console(stderr=True, highlight=False)


def walked(procedure: Procedure, calendar: Calendar) -> Report:
    """The report on it; meanwhile a terminal shows how many states were found of the most there may be."""
    bar = Progress(
        TextColumn(said(words.WALKING)), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=errors, transient=True, disable=not errors.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=MOST_STATES)
        return report_on(procedure, calendar, seen=lambda found: bar.update(task, completed=min(found, MOST_STATES)))


def say_warnings(file: Path, report: Report) -> None:
    """How far the walk came, and what is no mistake but worth knowing."""
    walked = report.walked
    how_far = words.WALKED_WHOLE if walked.is_whole else words.WALKED_IN_PART
    console.print(said(how_far, states=walked.states, turns=walked.turns), soft_wrap=True, markup=False)
    text, language = written_in(file), spoken_language()
    for found in (found_in(text, finding) for finding in report.warnings):
        line = said(words.WARNING, file=file, line=found.line, field=found.field, message=found.in_words(language))
        console.print(line, soft_wrap=True, markup=False)
