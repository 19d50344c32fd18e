"""What `redress calendars publish` and `redress procedures publish` do: a file becomes the current version."""

from pathlib import Path
from typing import Final

import asyncpg
import typer
from rich.console import Console

from app.cli.database import with_pool
from app.cli.language import spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.rules.published_rules import KeptVersion
from app.rules.rules_in_force import RulesInForce, VersionIsPublished
from app.settings import Settings
from app.time import SandboxTime
from procedures.publishing import FileWrong, Kind, to_publish
from wording.refusals import refusal_text

BY: Final = "command line"
console = Console(highlight=False)


def written_in(file: Path) -> str:
    """The file's text; says so and exits where it is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        console.print(f"{file}: not valid UTF-8", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None


def publish_file(kind: Kind, file: Path, settings: Settings) -> None:
    """Every mistake is named with its line and field. A service that runs knows the version when this returns."""
    text = written_in(file)

    async def publish(pool: asyncpg.Pool) -> KeptVersion:
        now = (await SandboxTime.open(pool)).now() if await _is_sandbox(pool) else await database_time(pool)
        rules = await RulesInForce.load(pool, now)
        kept, _ = await rules.publish(kind, to_publish(kind, text, rules, by=BY), now)
        return kept

    try:
        with refusals():
            kept = with_pool(settings, publish).published
    except FileWrong as wrong:
        for mistake in wrong.mistakes:
            where = f"{file}:{mistake.line}: {mistake.field or 'file'}"
            console.print(f"{where}: {mistake.message}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
    except VersionIsPublished as refusal:
        console.print(f"{file}: {refusal_text(refusal, spoken_language())}", soft_wrap=True, markup=False)
        raise typer.Exit(1) from None
    console.print(f"{file}: {kept.code} {kept.version} is published.", soft_wrap=True, markup=False)


async def _is_sandbox(pool: asyncpg.Pool) -> bool:
    return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM deployment WHERE sandbox)"))
