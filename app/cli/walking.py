"""How a procedure is walked through at the command line: with a bar on a terminal, and in words."""

from pathlib import Path
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.language import said, spoken_language
from app.cli.publishing import written_in
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from procedures.walk.check import check
from procedures.walk.findings import Report, found_in
from wording import walks as words

console = Console(highlight=False)
errors: Final = Console(stderr=True, highlight=False)


# What was walked is then looked at, which takes half as long.
SHARE_OF_WALKING: Final = 2 / 3


def walked(procedure: Procedure, calendar: Calendar, seconds: int, turns: int) -> Report:
    """The report on it, after so many seconds at most, of ways with up to so many turns.

    Meanwhile a terminal shows how much of the time is over, and how many states were found.
    """
    bar = Progress(
        TextColumn(said(words.WALKING)), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=errors, transient=True, disable=not errors.is_terminal,
    )  # fmt: skip
    began, most_seconds = monotonic(), SHARE_OF_WALKING * seconds

    def seen(states: int) -> None:
        over = min(monotonic() - began, most_seconds)
        bar.update(task, completed=over, description=said(words.STATES, states=states))

    with bar:
        task = bar.add_task("", total=most_seconds)
        return check(procedure, calendar, most_turns=turns, most_seconds=most_seconds, seen=seen)


def say_warnings(file: Path, report: Report) -> None:
    """How far the walk came, and what is no mistake but worth knowing."""
    walked = report.walked
    in_part = words.WALKED_IN_PART if walked.turns >= 0 else words.WALKED_HARDLY
    how_far = words.WALKED_WHOLE if walked.is_whole else in_part
    console.print(said(how_far, states=walked.states, turns=walked.turns), soft_wrap=True, markup=False)
    text, language = written_in(file), spoken_language()
    for found in (found_in(text, finding) for finding in report.warnings):
        line = said(words.WARNING, file=file, line=found.line, field=found.field, message=found.in_words(language))
        console.print(line, soft_wrap=True, markup=False)
