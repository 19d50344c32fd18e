"""`redress softphone`: the bridge that posts what a softphone or exchange does, and what lies in its spool."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from rich.console import Console

from app.cli.first_start import CannotStart
from app.cli.language import said
from app.cli.refusals import refusals
from app.cli.softphone_demo import play
from softphone.asterisk import Asterisk
from softphone.baresip import Baresip
from softphone.bridge import Keeper, Listener, run_together
from softphone.freeswitch import FreeSwitch
from softphone.posting import NoSecret, Poster
from softphone.said import Adapter, Refused, Said
from softphone.spool import InUse, Spool
from softphone.webhooks import Webhooks, receiver
from wording import softphone as words

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, stderr=True)
SPOOL: Final = Path("redress-softphone.db")
WEBHOOKS: Final = "webhooks"
SEATS: Final = "agent."

SpoolFile = Annotated[Path, typer.Option(help="The spool: a file on this machine.", dir_okay=False)]
Source = Annotated[str, typer.Option(help="The source's name, as at /v1/call-sources.")]


@app.command()
def run(
    to: Annotated[str, typer.Option(help="The service's address.")],
    source: Source,
    baresip: Annotated[str | None, typer.Option(help="A running baresip's ctrl_tcp, HOST:PORT.")] = None,
    asterisk: Annotated[str | None, typer.Option(help="Asterisk's manager interface, HOST:PORT.")] = None,
    freeswitch: Annotated[str | None, typer.Option(help="FreeSWITCH's event socket, HOST:PORT.")] = None,
    webhooks: Annotated[str | None, typer.Option(help="Listen here for newCall, answer and hangup.")] = None,
    agent: Annotated[str | None, typer.Option(help="With --baresip: whose softphone it is.")] = None,
    user: Annotated[str, typer.Option(help="With --asterisk: the manager's user.")] = "redress",
    recordings: Annotated[str | None, typer.Option(help="With --freeswitch: where recordings are, https.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the source's secret.", exists=True, dir_okay=False)
    ] = None,
    secret: Annotated[str, typer.Option(envvar="REDRESS_CALL_SECRET", hidden=True)] = "",
    password: Annotated[str, typer.Option(envvar="REDRESS_PHONE_SECRET", hidden=True)] = "",
    spool: SpoolFile = SPOOL,
) -> None:
    """Post what a telephone system does, until stopped. Nothing is lost or doubled, whoever is killed."""
    with refusals():
        phone, place = _the_one({
            "baresip": baresip, "asterisk": asterisk, "freeswitch": freeswitch, WEBHOOKS: webhooks,
        })  # fmt: skip
        host, port = _address(place)
        if phone == WEBHOOKS and not ip_address(host).is_loopback:
            raise CannotStart(said(words.BEYOND_LOOPBACK))
        whole = secret if secret_file is None else secret_file.read_text("utf-8").strip()
        with _opened(spool) as kept, _alone(kept, spool):
            poster = _poster(kept, to, whole)
            keeper = Keeper(kept, source, poster, _report)
            if phone == WEBHOOKS:
                listening = _receiving(host, port, Webhooks(kept.open_calls()), keeper)
            else:
                adapter = _adapter(phone, kept, agent, user, password, recordings)
                listening = Listener(adapter, lambda: asyncio.open_connection(host, port), keeper, _report).run()
            console.print(said(words.RUNNING, phone=f"{phone} {place}", address=to, source=source, spool=spool))
            asyncio.run(_until_stopped(run_together(keeper.run(), poster.run(), listening)))


@app.command()
def say(
    type: Annotated[str, typer.Argument(help="Such as call.wrap_up.")],
    source: Source,
    call: Annotated[str | None, typer.Option(help="Which call, by the system's id.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="A file with the event's data, a JSON object.", exists=True, dir_okay=False)
    ] = None,
    spool: SpoolFile = SPOOL,
) -> None:
    """Put an event into the spool beside what the telephone says: a wrap-up with its form, a score."""
    with refusals():
        if call is None and not type.startswith(SEATS):
            raise CannotStart(said(words.NO_CALL, type=type))
        content = {} if data is None else _object_in(data)
        with _opened(spool) as kept:
            [number] = kept.keep([Said(type, call, content)], source, datetime.now(UTC))
            console.print(said(words.SPOOLED, id=kept.id_of(number)))


@app.command()
def status(spool: SpoolFile = SPOOL) -> None:
    """What waits to be posted, and what was refused and why."""
    with refusals(), _opened(spool, is_there=True) as kept:
        filling = kept.filling()
        if filling.oldest is None:
            console.print(said(words.NOTHING_WAITS, refused=filling.refused))
        else:
            oldest = filling.oldest.astimezone().isoformat(sep=" ", timespec="seconds")
            console.print(said(words.WAITING, waiting=filling.waiting, oldest=oldest, refused=filling.refused))
        for one in kept.refused():
            facts = {name: one.cloud_event.get(name) for name in ("id", "type", "time")}
            why = one.problem.get("detail") or one.problem.get("title") or one.problem.get("type")
            console.print(said(words.REFUSED_LINE, problem=why, **facts))


@app.command()
def retry(spool: SpoolFile = SPOOL) -> None:
    """Post again what was refused, once its cause is gone."""
    with refusals(), _opened(spool, is_there=True) as kept:
        console.print(said(words.AGAIN, events=kept.try_refused_again()))


@app.command()
def demo() -> None:
    """Let two softphones call each other on this machine, and see the complaint that comes of it."""
    with refusals():
        play(Console(highlight=False))


@contextmanager
def _opened(file: Path, *, is_there: bool = False) -> Iterator[Spool]:
    """Raises `CannotStart` for a file that is no spool, or where one has to be there and is not."""
    if is_there and not file.exists():
        raise CannotStart(said(words.NO_SPOOL, spool=file))
    try:
        spool = Spool(file)
    except (sqlite3.Error, OSError) as error:
        raise CannotStart(said(words.SPOOL_BROKEN, spool=file, error=str(error))) from None
    try:
        yield spool
    except sqlite3.Error as error:
        raise CannotStart(said(words.SPOOL_BROKEN, spool=file, error=str(error))) from None
    finally:
        spool.close()


@contextmanager
def _alone(spool: Spool, file: Path) -> Iterator[None]:
    try:
        with spool.alone():
            yield
    except InUse:
        raise CannotStart(said(words.SPOOL_IN_USE, spool=file)) from None
    except Refused as error:
        raise CannotStart(said(words.PHONE_REFUSED, message=str(error))) from None


def _poster(spool: Spool, to: str, secret: str) -> Poster:
    try:
        return Poster(spool, to, secret, _report)
    except NoSecret:
        raise CannotStart(said(words.NO_SECRET)) from None


def _adapter(
    phone: str, spool: Spool, agent: str | None, user: str, password: str, recordings: str | None
) -> Adapter:
    calls = spool.open_calls()
    if phone == "baresip":
        return Baresip(calls, agent=agent)
    if not password:
        raise CannotStart(said(words.NO_PASSWORD))
    if phone == "asterisk":
        return Asterisk(calls, user=user, secret=password)
    return FreeSwitch(calls, password=password, recordings=recordings)


async def _receiving(host: str, port: int, webhooks: Webhooks, keeper: Keeper) -> None:
    application = receiver(webhooks, lambda said: keeper.keep(said, webhooks))
    config = uvicorn.Config(application, host, port, log_level="warning", access_log=False, lifespan="off")
    await uvicorn.Server(config).serve()


async def _until_stopped(work: Awaitable[None]) -> None:
    """A stop is an end like any other: what waits is in the spool."""
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _the_one(named: Mapping[str, str | None]) -> tuple[str, str]:
    chosen = [(name, value) for name, value in named.items() if value is not None]
    if len(chosen) != 1:
        raise CannotStart(said(words.ONE_PHONE))
    return chosen[0]


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotStart(said(words.NOT_AN_ADDRESS, value=value))
    return host.strip("[]"), int(port)


def _object_in(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8-sig"))
    except ValueError as error:
        raise CannotStart(said(words.NOT_JSON, file=file, message=str(error))) from None
    if not isinstance(found, dict):
        raise CannotStart(said(words.NOT_JSON, file=file, message=type(found).__name__))
    return found


def _report(code: str, facts: Mapping[str, object]) -> None:
    at = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    console.print(f"{at} {said(words.REPORTS[code], **facts)}")
