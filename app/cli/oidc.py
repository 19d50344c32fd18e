"""`redress oidc`: the rules that say what a token of the configured issuer makes of somebody."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.access.known import roles_known_to, units_named_by
from app.access.oidc.rules import TokenRulesWrong, read_rules
from app.access.oidc.tokens import TokenRefused, claims_of
from app.cli.language import said
from app.cli.publishing import end_with_mistakes, written_in
from procedures.library import Library
from wording import command_line as words

app = typer.Typer(help="Tokens of an OpenID Connect issuer.", no_args_is_help=True)
console = Console(highlight=False)
RulesFile = Annotated[Path, typer.Argument(help="The file of REDRESS_OIDC_RULES.", exists=True, dir_okay=False)]


@app.callback()
def main() -> None:
    """A group, though it has one command."""


@app.command()
def check(
    file: RulesFile,
    token: Annotated[
        str | None, typer.Option(help="Show what this token would give; - reads it from the input.")
    ] = None,
    unit: Annotated[list[str] | None, typer.Option(help="A unit of the deployment's own.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="A role of a procedure published there.")] = None,
) -> None:
    """Check a file of rules; a mistake is named with its line and field."""
    library = Library.ready()
    roles, units = {*roles_known_to(library), *(role or ())}, {*units_named_by(library), *(unit or ())}
    try:
        rules = read_rules(written_in(file), roles, units)
    except TokenRulesWrong as wrong:
        end_with_mistakes(file, wrong.mistakes)
    console.print(said(words.TOKEN_RULES_RIGHT, file=file), soft_wrap=True, markup=False)
    if token is None:
        return
    try:
        claims = claims_of((sys.stdin.read() if token == "-" else token).strip())
    except TokenRefused:
        console.print(said(words.TOKEN_MALFORMED))
        raise typer.Exit(1) from None
    given = rules.said(claims)
    console.print(said(words.TOKEN_NOT_CHECKED))
    table = Table(show_header=False)
    facts = {"id": given.id, **given.fields, "roles": ", ".join(given.roles or ()), "unit": given.unit}
    for name, value in facts.items():  # called as the file calls them
        table.add_row(name, value or "")
    console.print(table)
    if given.id is None or given.roles == ():
        console.print(said(words.TOKEN_NO_ID if given.id is None else words.TOKEN_NO_ROLE))
        raise typer.Exit(1)
