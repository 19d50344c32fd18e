"""What `redress calendars publish` and `redress procedures publish` do: a file becomes the current version."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

import asyncpg
import typer
from rich.console import Console

from app.cli.database import deployed, with_pool
from app.cli.language import said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.rules.published_rules import KeptVersion
from app.rules.rules_in_force import RulesInForce, VersionIsPublished
from app.time import SandboxTime
from domain.titles import Title
from procedures.publishing import FileWrong, Kind, to_publish
from procedures.yaml_entry import Mistake
from wording import command_line as words
from wording.files import FILE
from wording.refusals import refusal_text

BY: Final = "command line"
console = Console(highlight=False)


def written_in(file: Path) -> str:
    """The file's text; says so and exits where it is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        console.print(said(words.NO_UTF8, file=file), soft_wrap=True, markup=False)
        raise typer.Exit(1) from None


def say_of(what: Title, file: Path, code: str, version: str) -> None:
    console.print(said(what, file=file, code=code, version=version), soft_wrap=True, markup=False)


def end_with_mistakes(file: Path, mistakes: Iterable[Mistake]) -> NoReturn:
    """Prints each with its line and field, and ends the command with exit code 1."""
    for mistake in mistakes:
        field, message = mistake.field or FILE, mistake.in_words(spoken_language())
        line = said(words.FILE_LINE, file=file, line=mistake.line, field=field, message=message)
        console.print(line, soft_wrap=True, markup=False)
    raise typer.Exit(1) from None


def publish_file(kind: Kind, file: Path, data: Path | None) -> None:
    """Every mistake is named with its line and field. A service that runs knows the version when this returns."""
    text = written_in(file)

    async def publish(pool: asyncpg.Pool) -> KeptVersion:
        now = (await SandboxTime.open(pool)).now() if await _is_sandbox(pool) else await database_time(pool)
        rules = await RulesInForce.load(pool, now)
        kept, _ = await rules.publish(kind, to_publish(kind, text, rules, by=BY), now)
        return kept

    try:
        with refusals():
            kept = with_pool(deployed(data), publish).published
    except FileWrong as wrong:
        end_with_mistakes(file, wrong.mistakes)
    except VersionIsPublished as refusal:
        why = refusal_text(refusal, spoken_language())
        console.print(said(words.NOT_PUBLISHED, file=file, why=why), soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
    say_of(words.PUBLISHED, file, kept.code, kept.version)


async def _is_sandbox(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM deployment WHERE sandbox)"))
