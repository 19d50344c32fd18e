"""`redress backup` and `redress restore`: the whole database at one moment, and putting it back."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from app.backups.making import Progress as Stage
from app.backups.making import make_backup
from app.backups.manifest import BackupNotUsable, Manifest
from app.backups.restoring import checked_backup, restore
from app.cli.database import DataFolder, deployed, say_which, settings_with
from app.cli.first_start import MASTER_KEY_FILE, CannotStart, master_key, open_database
from app.cli.language import said
from app.cli.refusals import refusals
from app.embedded.files import write_secret
from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from eventlog.sealing import MasterKey
from wording import command_line as words

console = Console(highlight=False)


def backup(
    to: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put the master key into the backup, which then opens itself.")
    ] = False,
    data: DataFolder = None,
) -> None:
    """Back the database up while the service runs; the master key is not in it unless you say so."""
    with refusals(), _in_words():
        settings = deployed(data)
        key = master_key(settings)
        url, embedded = open_database(settings)
        say_which(settings, embedded)
        try:
            with _bar(said(words.BACKING_UP)) as show:
                fingerprint = MasterKey.from_base64(key).fingerprint
                kept = key if with_key else None
                manifest = asyncio.run(make_backup(url, to, fingerprint=fingerprint, key=kept, show=show))
        finally:
            if embedded is not None:
                embedded.stop()
    size = sum(file.size for file in manifest.files) / 2**20
    console.print(said(words.BACKED_UP, folder=to, position=manifest.position, megabytes=f"{size:.1f}"))
    key_said = words.KEY_IN_BACKUP if with_key else words.KEY_NOT_IN_BACKUP
    console.print(said(key_said, fingerprint=manifest.master_key_fingerprint), soft_wrap=True)


def restore_backup(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="The folder of a backup.")],
    key_file: Annotated[Path | None, typer.Option(help="A file with the master key, where it is not in the backup.")]
    = None,
    data: DataFolder = None,
) -> None:  # fmt: skip
    """Put a backup back into a new data folder, or into the empty database of REDRESS_DATABASE_URL."""
    with refusals(), _in_words():
        settings = settings_with(data)
        given = _given_key(settings, key_file)
        with _bar(said(words.CHECKING_BACKUP)) as show:
            manifest, key = checked_backup(source, given, show)
        if settings.database_url is not None:
            with _bar(said(words.RESTORING)) as show:
                asyncio.run(restore(source, manifest, settings.database_url, show))
            where = said(words.GIVEN_DATABASE)
        else:
            _into_data_folder(source, manifest, settings, key)
            where = str(settings.data)
    console.print(said(words.RESTORED, where=where, position=manifest.position, made_at=manifest.made_at))
    if manifest.sandbox:
        console.print(said(words.RESTORED_SANDBOX))


def _given_key(settings: Settings, key_file: Path | None) -> str | None:
    if key_file is None:
        return settings.master_key
    try:
        return key_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotStart(said(words.KEY_FILE_UNREADABLE, file=key_file)) from None


def _into_data_folder(source: Path, manifest: Manifest, settings: Settings, key: str) -> None:
    """A new one, with the master key in it unless the environment gives it; what was begun and failed is removed."""
    folder = settings.data.expanduser().resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupNotUsable("exists", folder=folder)
    was_there = folder.exists()
    embedded = EmbeddedPostgres.start(folder)
    try:
        with _bar(said(words.RESTORING)) as show:
            asyncio.run(restore(source, manifest, embedded.dsn, show))
        if settings.master_key is None:
            write_secret(folder / MASTER_KEY_FILE, key + "\n")
    except BaseException:
        embedded.stop()
        _remove(folder, embedded.where, keep=was_there)
        raise
    embedded.stop()


def _remove(folder: Path, cluster: Path, *, keep: bool) -> None:
    shutil.rmtree(cluster, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    if keep:
        folder.mkdir(exist_ok=True)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except BackupNotUsable as error:
        raise CannotStart(said(words.BACKUP_REFUSED[error.code], **error.facts)) from None


@contextmanager
def _bar(what: str) -> Iterator[Callable[[Stage], None]]:
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    with bar:
        task: TaskID = bar.add_task(what, total=None)
        yield lambda stage: bar.update(task, completed=stage.done, total=stage.total)
