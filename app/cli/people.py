"""`redress people`: who works with the service, from the machine that it runs on."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.access.admission import Admission
from app.access.people import PersonAt, PersonRecord
from app.access.person_keys import NewPersonKey
from app.access.staffing import MACHINE, ChangePerson, NewPerson
from app.cli.access import at_time, given, with_access
from app.cli.database import DataFolder
from app.cli.language import heading, said, spoken_language
from wording import command_line as words
from wording.subjects import text

app = typer.Typer(help="Who works with the service: people and machines.", no_args_is_help=True)
console = Console(highlight=False)

Role = Annotated[list[str] | None, typer.Option(help="A role; give the option again for several.")]
Unit = Annotated[str | None, typer.Option(help="The responsible unit they belong to.")]
StaffNo = Annotated[str | None, typer.Option(help="The staff number, by which they may be named.")]
Email = Annotated[str | None, typer.Option(help="Their e-mail address.")]
Phone = Annotated[str | None, typer.Option(help="Their telephone number.")]


@app.command("list")
def list_people(
    everybody: Annotated[bool, typer.Option("--all", help="Also those who have left.")] = False,
    data: DataFolder = None,
) -> None:
    """List who works with the service."""

    async def work(access: Admission, at: datetime) -> list[tuple[PersonAt, int, bool]]:
        directory = access.directory
        people = [record.at(at) for record in directory.records.values()]
        return [
            (one, sum(key.is_usable(at) for key in directory.keys_of(one.id)), one.is_active(at)) for one in people
        ]

    found = with_access(data, work)
    table = Table(
        text("columns", "id", spoken_language()), *map(heading, ("name", "roles")),
        *(text("columns", name, spoken_language()) for name in ("unit", "staff_no", "active_to", "keys")),
    )  # fmt: skip
    for person, keys, is_active in found:
        if is_active or everybody:
            left = "" if person.active_to is None else f"{person.active_to:%Y-%m-%d %H:%M}"
            about = (person.unit or "", person.staff_no or "", left, str(keys))
            table.add_row(person.id, person.name, ", ".join(person.roles), *about)
    console.print(table)


@app.command()
def add(
    id: str,
    name: Annotated[str, typer.Option(help="The name people know them by.")],
    role: Annotated[list[str], typer.Option(help="A role; give the option again for several.")],
    unit: Unit = None,
    staff_no: StaffNo = None,
    email: Email = None,
    phone: Phone = None,
    key: Annotated[bool, typer.Option("--key", help="Give them a key, and print it, this once.")] = False,
    data: DataFolder = None,
) -> None:
    """Add a person, or a machine (roles integration and partner)."""
    new = given(
        NewPerson, id=id, name=name, roles=tuple(role), unit=unit, staff_no=staff_no, email=email, phone=phone
    )

    async def work(access: Admission, at: datetime) -> tuple[PersonRecord, str | None]:
        record, _ = await access.staffing.create(new, by=MACHINE, at=at)
        if not key:
            return record, None
        _, secret, _ = await access.person_keys.add(record.id, NewPersonKey(new.name), by=MACHINE, at=at)
        return record, secret

    record, secret = with_access(data, work)
    console.print(said(words.PERSON_ADDED, id=record.id))
    if secret is not None:
        console.print(f"[bold]{secret}[/bold]", soft_wrap=True)


@app.command()
def change(
    id: str,
    name: Annotated[str | None, typer.Option(help="Their name from now on.")] = None,
    role: Role = None,
    unit: Unit = None,
    no_unit: Annotated[bool, typer.Option("--no-unit", help="They belong to no unit.")] = False,
    staff_no: StaffNo = None,
    email: Email = None,
    phone: Phone = None,
    from_: Annotated[str | None, typer.Option("--from", help="From when roles and unit are so. [default: now]")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the auditor.")] = None,
    data: DataFolder = None,
) -> None:
    """Change what somebody is; they stay who they are."""
    values: dict[str, Any] = {
        "name": name, "roles": None if role is None else tuple(role), "unit": unit, "staff_no": staff_no,
        "email": email, "phone": phone, "from_": None if from_ is None else at_time(from_), "reason": reason,
    }  # fmt: skip
    changes = {field: value for field, value in values.items() if value is not None}
    _changed(id, changes | ({"unit": None} if no_unit else {}), data)


@app.command()
def leave(
    id: str,
    on: Annotated[str | None, typer.Option(help="The first moment at which they are gone. [default: now]")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the auditor.")] = None,
    data: DataFolder = None,
) -> None:
    """Say that somebody leaves: none of their keys is taken then, and their open cases are listed for their manager."""
    because = {} if reason is None else {"reason": reason}
    _changed(id, {"active_to": None if on is None else at_time(on), **because}, data, leaves_now=on is None)


def _changed(id: str, changes: dict[str, Any], data: DataFolder, *, leaves_now: bool = False) -> None:
    change = given(ChangePerson, **changes)

    async def work(access: Admission, at: datetime) -> PersonRecord:
        said = {field: getattr(change, field) for field in changes}
        if leaves_now:
            said["active_to"] = at
        return await access.staffing.change(id, said, by=MACHINE, at=at, based_on=lambda _: None)

    record = with_access(data, work)
    console.print(said(words.PERSON_CHANGED, id=record.id, version=record.version))
