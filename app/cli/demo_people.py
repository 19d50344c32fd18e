"""`redress demo-people`: somebody of each role, so that a first try meets the real roles and not the administrator."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from app.access.admission import Admission
from app.access.keys import CreatedKey, NewKey
from app.cli.access import with_access
from app.cli.database import DataFolder
from app.cli.first_start import CannotStart
from app.cli.language import heading, said, spoken_language
from domain.procedure.procedure import OWN_UNIT, Procedure
from domain.titles import Title
from domain.values import ADMIN
from wording import command_line as words
from wording.people import ROLES
from wording.procedures import unit_title
from wording.subjects import text

REFERENCE: Final = "kf0001"
PREFIX: Final = "demo-"
WIDEST: Final = 400  # characters
UNITS: Final = 2  # of those that a case goes to: a second one makes a dispute and a shared liability possible
console = Console(highlight=False)


def demo_people(
    procedures: Annotated[list[str] | None, typer.Option("--procedure", help="Whose roles.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also where real people have keys.")] = False,
    data: DataFolder = None,
) -> None:
    """Make a demo person for each role of a procedure and print their keys, this once."""

    async def work(access: Admission, at: datetime) -> list[tuple[NewKey, CreatedKey | None]]:
        keys = await access.keys.all()
        real = [key.id for key in keys if not key.id.startswith(PREFIX) and ADMIN not in key.roles]
        if real and not yes:
            raise CannotStart(said(words.REAL_PEOPLE, count=len(real)))
        there = {key.id for key in keys}
        wanted = {new.id: new for one in _known(access, procedures or [REFERENCE]) for new in _people(one)}
        return [
            (new, None if new.id in there else (await access.keys.create(new, at=at))[0]) for new in wanted.values()
        ]

    made = with_access(data, work)
    id, unit = (text("columns", column, spoken_language()) for column in ("id", "unit"))
    table = Table(heading("name"), heading("roles"), unit, id, heading("key"))
    for new, created in made:
        key = f"[bold]{created.key}[/bold]" if created is not None else said(words.SHOWN_BEFORE)
        table.add_row(escape(new.name), ", ".join(new.roles), new.unit or "", new.id, key)
    # As wide as it is: a key that is folded in two cannot be copied.
    width = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    Console(highlight=False, width=max(console.width, width)).print(table)
    console.print(said(words.DEMO_PEOPLE_MADE), soft_wrap=True)


def _known(access: Admission, codes: Iterable[str]) -> Iterator[Procedure]:
    """Raises `CannotStart` for a code that is no procedure's."""
    for code in codes:
        procedure = access.rules.procedures.get(code)
        if procedure is None:
            raise CannotStart(said(words.NO_SUCH_PROCEDURE, name=code, known=tuple(access.rules.procedures)))
        yield procedure


def _people(procedure: Procedure) -> Iterator[NewKey]:
    """One for each role, of a unit's members one of each of the first units."""
    language = spoken_language()
    units = list(procedure.units)[:UNITS]
    for role in dict.fromkeys((*procedure.roles, *procedure.sees)):
        title = (procedure.roles.get(role) or ROLES.get(role) or Title(role, role)).in_(language)
        if role == "unit":
            for unit in units:
                name = said(words.DEMO_PERSON, role=unit_title(procedure, unit).in_(language))
                yield NewKey(f"{PREFIX}{unit}", name, (role,), unit)
            continue
        headed = procedure.heads.get(role)
        unit_of_head = next(iter(units), None) if headed == OWN_UNIT else headed
        yield NewKey(f"{PREFIX}{role}", said(words.DEMO_PERSON, role=title), (role,), unit_of_head)
