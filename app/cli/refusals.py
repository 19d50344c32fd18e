"""On the command line, a refusal is one sentence on standard error and exit code 1, never a stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from asyncpg import exceptions as pg
from rich.console import Console

from app.cli.first_start import CannotStart, EndedByItself
from app.embedded.account import EmbeddedDatabaseError
from app.time import WrongDeployment
from eventlog.database import is_storage_away
from eventlog.sealing import MasterKeyInvalid
from procedures.library import VersionChanged

OURS: Final = (CannotStart, EndedByItself, WrongDeployment, VersionChanged, MasterKeyInvalid, EmbeddedDatabaseError)
AWAY: Final = "The database cannot be reached; see REDRESS_DATABASE_URL, and whether the server runs."
# What a database says that waiting does not mend. The first class that fits counts.
DATABASE_SAYS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (
        pg.InvalidAuthorizationSpecificationError,
        "The database refused the login: see the user and the password in REDRESS_DATABASE_URL.",
    ),
    (
        pg.InvalidCatalogNameError,
        "The server has no database of this name: create it, or correct REDRESS_DATABASE_URL.",
    ),
    (pg.UndefinedTableError, "The database's schema is missing or not up to date: run `redress migrate` first."),
    (pg.UndefinedColumnError, "The database's schema is not up to date: run `redress migrate` first."),
    (
        pg.InsufficientPrivilegeError,
        "The database's login has too few rights: let the login that owns the database run `redress migrate`, and "
        "serve with that one or with a member of redress_app.",
    ),
    (pg.ClientConfigurationError, "REDRESS_DATABASE_URL is not valid: see its parameters."),
)


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        _say(sentence)
        raise typer.Exit(1) from None


def sentence_for(error: Exception) -> str | None:
    """What a person is told about an error that waiting or a setting mends; None for a defect."""
    if isinstance(error, OURS):
        return str(error)
    return AWAY if is_storage_away(error) else _database_says(error)


def _database_says(error: BaseException | None) -> str | None:
    """The sentence for what asyncpg raised, also where SQLAlchemy wrapped it; None for any other error."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for kind, sentence in DATABASE_SAYS:
            if isinstance(error, kind):
                return sentence
        original: Any = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
    return None


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False).print("[red]redress:[/red]", end=" ")
    Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False)
