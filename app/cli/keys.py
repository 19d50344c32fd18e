"""`redress keys`: create, list and revoke API keys from the machine the service runs on."""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.access.admission import Admission
from app.access.keys import CreatedKey, KeyView, NewKey
from app.cli.access import given, with_access
from app.cli.database import DataFolder
from app.cli.language import heading, said, spoken_language
from wording import command_line as words
from wording.subjects import text

app = typer.Typer(help="Who may call: API keys.", no_args_is_help=True)
console = Console(highlight=False)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="The name people know the actor by.")],
    role: Annotated[list[str], typer.Option(help="A role; give the option again for several.")],
    id: Annotated[str | None, typer.Option(help="The id the history will show. [default: from the name]")] = None,
    unit: Annotated[str | None, typer.Option(help="The responsible unit the actor belongs to.")] = None,
    staff_no: Annotated[str | None, typer.Option(help="The staff number, by which they may be named.")] = None,
    data: DataFolder = None,
) -> None:
    """Create a key and print it, this once."""
    actor_id = id or "-".join(name.lower().split())
    new = given(NewKey, id=actor_id, name=name, roles=tuple(role), unit=unit, staff_no=staff_no)

    async def work(access: Admission, at: datetime) -> CreatedKey:
        return (await access.keys.create(new, at=at))[0]

    created = with_access(data, work)
    console.print(f"{created.id}  ({', '.join(created.roles)}{f', {created.unit}' if created.unit else ''})")
    console.print(f"[bold]{created.key}[/bold]", soft_wrap=True)


@app.command("list")
def list_keys(data: DataFolder = None) -> None:
    """List the keys; their secrets are not stored."""

    async def work(access: Admission, _: datetime) -> list[KeyView]:
        return await access.keys.all()

    keys = with_access(data, work)
    table = Table(
        text("columns", "id", spoken_language()), *map(heading, ("name", "roles")),
        text("columns", "unit", spoken_language()), *map(heading, ("begins", "created", "revoked")),
    )  # fmt: skip
    for key in keys:
        revoked = "" if key.revoked_at is None else f"{key.revoked_at:%Y-%m-%d %H:%M}"
        created = f"{key.created_at:%Y-%m-%d %H:%M}"
        table.add_row(key.id, key.name, ", ".join(key.roles), key.unit or "", key.prefix, created, revoked)
    console.print(table)


@app.command()
def revoke(id: str, data: DataFolder = None) -> None:
    """Revoke every key of somebody, who leaves by that; no running service takes one any more when this is done."""

    async def work(access: Admission, at: datetime) -> None:
        await access.keys.revoke(id, at=at)

    with_access(data, work)
    console.print(said(words.REVOKED, id=id))
