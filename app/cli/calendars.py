"""`redress calendars`: list, check and publish calendar files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli.database import DataFolder
from app.cli.language import heading, said, spoken_language
from app.cli.publishing import end_with_mistakes, publish_file, say_of, written_in
from app.cli.rules_shown import Packaged, rules_shown
from domain.limits.calendar import Calendar
from procedures.calendar_reader import CalendarError, read_calendar
from wording import command_line as words
from wording.subjects import text

app = typer.Typer(help="The calendars: which days and hours count as working time.", no_args_is_help=True)
console = Console(highlight=False)

CalendarFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@app.command("list")
def list_calendars(packaged: Packaged = None, data: DataFolder = None) -> None:
    """List the calendars in force, and the years whose notice of holidays is in them; any other year is provisional."""
    library = rules_shown(data, packaged=packaged)
    table = Table(
        heading("code"), text("columns", "version", spoken_language()), *map(heading, ("zone", "hours", "years"))
    )
    for calendar in library.calendars.values():
        hours = said(words.OWN_HOURS) if calendar.hours else "00:00-24:00"
        table.add_row(calendar.code, calendar.version, calendar.zone, hours, _years(calendar))
    console.print(table)


@app.command()
def check(file: CalendarFile, data: DataFolder = None) -> None:
    """Check a calendar file; a mistake is named with its line and field."""
    text = written_in(file)
    try:
        calendar = read_calendar(text, resolve=rules_shown(data).calendar)
    except CalendarError as mistake:
        end_with_mistakes(file, [mistake])
    say_of(words.RIGHT, file, calendar.code, calendar.version)


@app.command()
def publish(file: CalendarFile, data: DataFolder = None) -> None:
    """Publish a calendar file: new complaints are received under it; open ones move only when it is applied."""
    publish_file("calendar", file, data)


def _years(calendar: Calendar) -> str:
    if calendar.known_years is None:
        return said(words.EVERY_YEAR)
    known = sorted(calendar.known_years)
    whole = known and known == list(range(known[0], known[-1] + 1)) and len(known) > 1
    return f"{known[0]}-{known[-1]}" if whole else ", ".join(map(str, known))
