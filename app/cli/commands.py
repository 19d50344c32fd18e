"""The command line: `redress serve`, `demo`, `keys`, `procedures`, `notifications`, `migrate` and the rest."""

import shlex
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

import migrations
from app import logs
from app.cli import access_log as cli_access_log
from app.cli import backup as cli_backup
from app.cli import calendars as cli_calendars
from app.cli import clock as cli_clock
from app.cli import demo_people as cli_demo_people
from app.cli import imports as cli_imports
from app.cli import keys as cli_keys
from app.cli import notifications as cli_notifications
from app.cli import oidc as cli_oidc
from app.cli import people as cli_people
from app.cli import procedures as cli_procedures
from app.cli import proof as cli_proof
from app.cli import rebuild as cli_rebuild
from app.cli import softphone as cli_softphone
from app.cli import units as cli_units
from app.cli.database import MOMENT, DataFolder, say_which, settings_with
from app.cli.first_start import Prepared, open_database
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.cli.spoken_help import SpokenProgram
from app.settings import Settings
from wording import command_line as words

app = typer.Typer(
    cls=SpokenProgram,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_people.app, name="people")
app.add_typer(cli_units.app, name="units")
app.add_typer(cli_procedures.app, name="procedures")
app.add_typer(cli_calendars.app, name="calendars")
app.add_typer(cli_notifications.app, name="notifications")
app.add_typer(cli_clock.app, name="clock")
app.add_typer(cli_access_log.app, name="access-log")
app.add_typer(cli_oidc.app, name="oidc")
app.add_typer(cli_softphone.app, name="softphone")
app.command("rebuild")(cli_rebuild.rebuild)
app.command("demo-people")(cli_demo_people.demo_people)
app.command("import")(cli_imports.import_file)
app.command("backup")(cli_backup.backup)
app.command("restore")(cli_backup.restore_backup)
app.command("export")(cli_proof.export)
app.command("verify")(cli_proof.verify)
app.command("checkpoint")(cli_proof.checkpoint)
app.command("signing-key")(cli_proof.signing_key)
console = Console(highlight=False)


def _say_version(*, wanted: bool) -> None:
    if wanted:
        console.print(f"redress {version('redress')}")
        raise typer.Exit


@app.callback()
def main(
    wanted: Annotated[
        bool, typer.Option("--version", help="Which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    logs.configure("warning")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8000,
    data: DataFolder = None,
    workers: Annotated[int, typer.Option(help="Processes that answer requests.", min=1, max=64)] = 1,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Time stands still until PUT /v1/sandbox/clock.")] = False,
) -> None:
    """Start the service; without REDRESS_DATABASE_URL on an embedded PostgreSQL."""
    from app.cli.serving import serve as serve_service

    with refusals():
        settings = settings_with(data)
        if sandbox:
            settings = settings.model_copy(update={"sandbox": True})
        serve_service(settings, host=host, port=port, workers=workers, announce=_announce)


@app.command()
def demo(
    lines: Annotated[bool, typer.Option("--plain", help="No colours and no boxes.")] = False,
) -> None:
    """Play the whole reference procedure on a sandbox of its own, through the REST API, and print the timeline."""
    from app.cli.demo import play

    with refusals():
        play(spoken_language(), plain=lines)


@app.command()
def migrate(
    data: DataFolder = None,
) -> None:
    """Bring the database's schema up to date."""
    with refusals():
        settings = settings_with(data)
        url, embedded = open_database(settings)
        say_which(settings, embedded)
        try:
            pending = migrations.pending(url)
            migrations.upgrade(url)
        finally:
            if embedded is not None:
                embedded.stop()
    console.print(said(words.MIGRATED, revisions=pending) if pending else said(words.UP_TO_DATE))


def _announce(prepared: Prepared, address: str) -> None:
    name, address = "[bold]Redress[/bold]", f"[bold]{address}[/bold]"
    console.print("\n" + said(words.ANSWERS_AT, name=name, address=address), soft_wrap=True)
    console.print("  " + said(words.DATABASE, database=prepared.database), soft_wrap=True)
    if prepared.embedded is not None and prepared.embedded.notice:
        console.print(f"  {prepared.embedded.notice}", soft_wrap=True)
    if prepared.stands_at is not None:
        console.print("  " + said(words.SANDBOX_SERVED, now=f"{prepared.stands_at:{MOMENT}}"), soft_wrap=True)
    if prepared.made_master_key is not None:
        console.print("  " + said(words.MASTER_KEY_MADE, path=prepared.made_master_key), soft_wrap=True)
    if prepared.made_admin_key is not None:
        key = f"[bold]{prepared.made_admin_key}[/bold]"
        console.print("  " + said(words.ADMIN_KEY_MADE, key=key), soft_wrap=True)
        console.print("  " + said(words.FIRST_STEPS, data=_named(prepared)), soft_wrap=True)


def _named(prepared: Prepared) -> str:
    """What names the deployment to another command that is run from here."""
    data = None if prepared.embedded is None else prepared.embedded.data
    if data is None or data == Settings.model_fields["data"].default.resolve():
        return ""
    return f" --data {shlex.quote(str(data))}"


if __name__ == "__main__":
    app()
