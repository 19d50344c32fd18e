"""On the command line, a refusal is one sentence on standard error and exit code 1, never a stack trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from asyncpg import exceptions as pg
from rich.console import Console

from app.access.oidc.rules import TokenRulesWrong
from app.cli.first_start import CannotStart, EndedByItself
from app.cli.language import said, spoken_language
from app.embedded.account import EmbeddedDatabaseError
from app.time import WrongDeployment
from domain.titles import Title
from eventlog.database import is_storage_away
from eventlog.sealing import MasterKeyInvalid
from procedures.library import VersionChanged
from procedures.yaml_entry import Mistake
from wording import command_line as words
from wording.files import FILE, LINE_OF_FILE

IN_WORDS: Final = (CannotStart, EndedByItself, EmbeddedDatabaseError)
# What a database says that waiting does not mend. The first class that fits counts.
DATABASE_SAYS: Final[tuple[tuple[type[Exception], Title], ...]] = (
    (pg.InvalidAuthorizationSpecificationError, words.LOGIN_REFUSED),
    (pg.InvalidCatalogNameError, words.NO_SUCH_DATABASE),
    (pg.UndefinedTableError, words.SCHEMA_MISSING),
    (pg.UndefinedColumnError, words.SCHEMA_OLD),
    (pg.InsufficientPrivilegeError, words.TOO_FEW_RIGHTS),
    (pg.ClientConfigurationError, words.URL_INVALID),
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
    match error:
        case WrongDeployment(reason=reason):
            return said(words.WRONG_DEPLOYMENT[reason])
        case VersionChanged():
            return error.in_words(spoken_language())
        case TokenRulesWrong():
            lines = (words_of_mistake(one) for one in error.mistakes)
            return said(words.TOKEN_RULES_WRONG, mistakes=" ".join(lines))
        case MasterKeyInvalid():
            return said(words.MASTER_KEY_INVALID)
        case _ if isinstance(error, IN_WORDS):
            return str(error)
    return said(words.DATABASE_AWAY) if is_storage_away(error) else _database_says(error)


def words_of_mistake(mistake: Mistake) -> str:
    field, message = mistake.field or FILE, mistake.in_words(spoken_language())
    return said(LINE_OF_FILE, line=mistake.line, field=field, message=message)


def _database_says(error: BaseException | None) -> str | None:
    """The sentence for what asyncpg raised, also where SQLAlchemy wrapped it; None for any other error."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        for kind, sentence in DATABASE_SAYS:
            if isinstance(error, kind):
                return said(sentence)
        original: Any = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
    return None


def _say(sentence: str) -> None:
    Console(stderr=True, highlight=False).print("[red]redress:[/red]", end=" ")
    Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False)
