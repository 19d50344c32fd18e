"""Which procedures and calendars a command shows: those in force in the deployment, else those of the release."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.database import deployed, is_deployed, is_named, settings_with, with_pool
from app.cli.language import said
from app.cli.refusals import refusals
from app.rules.published_rules import known_library
from domain.titles import Title
from procedures.library import Library
from wording import command_line as words

Packaged = Annotated[
    bool | None,
    typer.Option("--packaged/--published", show_default=False, help="Those of this release."),
]


def rules_shown(data: Path | None, *, packaged: bool | None = None) -> Library:
    """What is published in the deployment. Where there is none, and none was named, what comes with Redress.

    Says which on standard error. `packaged`: True for the release's at any rate, False for the deployment's alone.
    Ends the command where the deployment that was named is not there.
    """
    if packaged:
        _say(words.PACKAGED_RULES)
        return Library.ready()
    with refusals():
        settings = settings_with(data)
        if packaged is None and not is_named(data) and not is_deployed(settings):
            _say(words.RULES_OF_THE_RELEASE, folder=settings.data.expanduser().resolve())
            return Library.ready()
        return with_pool(deployed(data), known_library)


def _say(what: Title, **facts: object) -> None:
    Console(stderr=True, highlight=False).print(said(what, **facts), soft_wrap=True, markup=False)
