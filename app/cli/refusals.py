"""On the command line, a refusal is one sentence on standard error and exit code 1, never a stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from app.cli.first_start import CannotStart
from app.embedded.account import EmbeddedDatabaseError
from app.runners.timekeeping import WrongDeployment
from app.storage.database import StorageAway, is_storage_away
from app.storage.sealing import MasterKeyInvalid
from procedures.library import VersionChanged


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (CannotStart, WrongDeployment, VersionChanged, MasterKeyInvalid, EmbeddedDatabaseError) as error:
        _say(str(error))
        raise typer.Exit(1) from None
    except (StorageAway, OSError) as error:
        if not is_storage_away(error):
            raise
        _say("The database cannot be reached; see REDRESS_DATABASE_URL, and whether the server runs.")
        raise typer.Exit(1) from None


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False).print(f"[red]redress:[/red] {sentence}", soft_wrap=True)
