"""`redress keys`: create, list and revoke API keys from the machine the service runs on."""

from typing import Annotated

import asyncpg
import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from app.access.keys import ApiKeys, CreatedKey, KeyView, NewKey
from app.access.roles import roles_known_to
from app.cli.database import DataFolder, settings_with, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import heading, said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.rules.published_rules import known_library
from domain.errors import Refused
from eventlog.sealing import MasterKey
from wording import command_line as words
from wording.refusals import refusal_text
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
    with refusals():
        try:
            new = TypeAdapter(NewKey).validate_python(
                {"id": actor_id, "name": name, "roles": tuple(role), "unit": unit, "staff_no": staff_no}
            )
        except ValidationError as error:
            wrong = ", ".join(str(mistake["loc"][0]) for mistake in error.errors())
            raise CannotStart(said(words.NOT_VALID, fields=wrong)) from None

        async def work(pool: asyncpg.Pool) -> CreatedKey:
            try:
                keys = ApiKeys(pool, master, roles_known_to(await known_library(pool)))
                created, _ = await keys.create(new, at=await database_time(pool))
            except Refused as refused:
                raise CannotStart(refusal_text(refused, spoken_language())) from None
            return created

        settings = settings_with(data)
        master = MasterKey.from_base64(master_key(settings))
        created = with_pool(settings, work)
    console.print(f"{created.id}  ({', '.join(created.roles)}{f', {created.unit}' if created.unit else ''})")
    console.print(f"[bold]{created.key}[/bold]", soft_wrap=True)


@app.command("list")
def list_keys(data: DataFolder = None) -> None:
    """List the keys; their secrets are not stored."""

    async def work(pool: asyncpg.Pool) -> list[KeyView]:
        return await ApiKeys(pool, master).all()

    with refusals():
        settings = settings_with(data)
        master = MasterKey.from_base64(master_key(settings))
        keys = with_pool(settings, work)
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
    """Revoke a key; no running service takes it any more when this is done."""

    async def work(pool: asyncpg.Pool) -> None:
        try:
            await ApiKeys(pool, master).revoke(id, at=await database_time(pool))
        except Refused as refused:
            raise CannotStart(refusal_text(refused, spoken_language())) from None

    with refusals():
        settings = settings_with(data)
        master = MasterKey.from_base64(master_key(settings))
        with_pool(settings, work)
    console.print(said(words.REVOKED, id=id))
