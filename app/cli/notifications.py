"""`redress notifications`: what waits to be sent and what was given up, and sending a dead letter anew."""

from typing import Annotated, Final, Literal
from uuid import UUID

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from app.cli.database import DataFolder, deployed, with_pool
from app.cli.first_start import CannotStart, master_key
from app.cli.language import heading, said, spoken_language
from app.cli.refusals import refusals
from app.deployment_clock import database_time
from app.notifications.outbox import NotADeadLetter, Outbox, opened_code
from eventlog.database import fetch
from eventlog.sealing import MasterKey
from wording import command_line as words
from wording.refusals import refusal_text
from wording.subjects import text

app = typer.Typer(help="Who was told of what, and what could not be sent.", no_args_is_help=True)
console = Console(highlight=False)
State = Literal["waiting", "sending", "sent", "dead", "cancelled"]
LIST: Final = """
SELECT id, number, event, recipient_kind, recipient, channel, state, attempts, error, created_at
FROM notifications WHERE state = $1 ORDER BY position DESC, id DESC LIMIT $2
"""


@app.command("list")
def list_notifications(
    state: Annotated[State, typer.Option(help="Only those in this state.")] = "dead",
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=10_000)] = 50,
    data: DataFolder = None,
) -> None:
    """List notifications, the newest first; by default those that were given up."""

    async def work(pool: asyncpg.Pool) -> list[asyncpg.Record]:
        return await fetch(pool, LIST, state, limit)

    with refusals():
        settings = deployed(data)
        rows = with_pool(settings, work)
        opened = MasterKey.from_base64(master_key(settings)).opened_actor
    table = Table(
        *(text("columns", name, spoken_language()) for name in ("id", "number", "type")),
        *map(heading, ("recipient", "channel", "attempts", "error", "recorded")),
    )  # fmt: skip
    for row in rows:
        to = f"{row['recipient_kind']}/{opened_code(row, opened)}".rstrip("/")
        recorded = f"{row['created_at']:%Y-%m-%d %H:%M}"
        facts = (str(row["id"]), row["number"], row["event"], to, row["channel"], str(row["attempts"]))
        table.add_row(*facts, row["error"] or "", recorded)
    console.print(table)


@app.command()
def retry(id: UUID, data: DataFolder = None) -> None:
    """Let a running service send a dead letter anew, with all its attempts before it again."""

    with refusals():
        settings = deployed(data)
        master = MasterKey.from_base64(master_key(settings))

        async def work(pool: asyncpg.Pool) -> bool:
            now = await database_time(pool)
            return await Outbox(pool, master, lambda: now).retry(id, now)

        if not with_pool(settings, work):
            raise CannotStart(refusal_text(NotADeadLetter(), spoken_language()))
    console.print(said(words.WAITS, id=id))
