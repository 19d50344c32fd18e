"""`redress units`: the responsible units that procedures name, and the deployment's own."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.access.admission import Admission
from app.access.staffing import MACHINE
from app.access.units import NewUnit, Unit
from app.cli.access import given, with_access
from app.cli.database import DataFolder
from app.cli.language import heading, said, spoken_language
from wording import command_line as words
from wording.subjects import text

app = typer.Typer(help="The responsible units.", no_args_is_help=True)
console = Console(highlight=False)


@app.command("list")
def list_units(data: DataFolder = None) -> None:
    """List the units that procedures name, and the deployment's own."""

    async def work(access: Admission, _: datetime) -> list[Unit]:
        return access.units.all()

    units = with_access(data, work)
    table = Table(
        heading("code"), heading("name"),
        *(text("columns", name, spoken_language()) for name in ("parent_unit", "lead", "region")),
    )  # fmt: skip
    for unit in units:
        name = unit.code if unit.titles is None else unit.titles.in_(spoken_language())
        table.add_row(unit.code, name, unit.parent or "", unit.lead or "", unit.region or "")
    console.print(table)


@app.command()
def add(
    code: str,
    zh: Annotated[str, typer.Option(help="What it is called in Chinese.")],
    en: Annotated[str, typer.Option(help="What it is called in English.")],
    parent: Annotated[str | None, typer.Option(help="The code of the unit above it.")] = None,
    lead: Annotated[str | None, typer.Option(help="The id of who leads it.")] = None,
    region: Annotated[str | None, typer.Option(help="Its region.")] = None,
    data: DataFolder = None,
) -> None:
    """Make a unit: people can belong to it and complaints be sent to it from now on."""
    new = given(NewUnit, code=code, titles={"zh": zh, "en": en}, parent=parent, lead=lead, region=region)

    async def work(access: Admission, at: datetime) -> Unit:
        return (await access.units.create(new, by=MACHINE, at=at))[0]

    console.print(said(words.UNIT_ADDED, code=with_access(data, work).code))
