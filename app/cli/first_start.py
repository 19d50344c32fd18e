"""Before the service is served: database, schema, master key, and the first administrator's key."""

import asyncio
import os
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import migrations
from app.access.admission import Admission
from app.access.keys import NewKey
from app.cli.language import said
from app.deployment_clock import database_time
from app.embedded.files import write_secret
from app.embedded.postgres import EmbeddedPostgres
from app.rules.published_rules import known_library
from app.settings import Settings
from app.time import SandboxTime, check_deployment
from eventlog.database import create_pool
from eventlog.sealing import MasterKey, MasterKeyInvalid
from wording import command_line as words

MASTER_KEY_FILE: Final = "master.key"
SHORTEST_ADMIN_KEY: Final = 16
FIT_FOR_A_HEADER: Final = re.compile(rf"[!-~]{{{SHORTEST_ADMIN_KEY},}}")


class CannotStart(Exception):
    """Something has to be set or done before the service can start; the message says what."""


class EndedByItself(Exception):
    """The service ended though nobody told it to; the message says why and what to do."""


@dataclass(frozen=True)
class Prepared:
    """What `serve` needs and what it tells the person who started it. `stands_at`: the time of a sandbox."""

    database_url: str
    master_key: str
    database: str
    made_master_key: Path | None
    made_admin_key: str | None
    stands_at: datetime | None
    embedded: EmbeddedPostgres | None


def prepare(settings: Settings) -> Prepared:
    """Start the embedded database where none is given, bring the schema up to date, make the first keys.

    Raises `CannotStart` with a sentence for a person; whatever was started is stopped again.
    """
    embedded = None if settings.database_url is not None else EmbeddedPostgres.start(settings.data)
    try:
        return _prepared(settings, embedded)
    except BaseException:
        if embedded is not None:
            embedded.stop()
        raise


def open_database(settings: Settings) -> tuple[str, EmbeddedPostgres | None]:
    """The URL of the database that the settings mean, with the embedded one started if it is meant."""
    if settings.database_url is not None:
        return settings.database_url, None
    embedded = EmbeddedPostgres.start(settings.data)
    return embedded.dsn, embedded


def master_key(settings: Settings) -> str:
    """The master key in base64, of the setting or of the data folder. Raises `CannotStart`."""
    if settings.master_key is not None:
        MasterKey.from_base64(settings.master_key)
        return settings.master_key
    if settings.database_url is not None:
        raise CannotStart(said(words.SET_MASTER_KEY))
    path = settings.data / MASTER_KEY_FILE
    try:
        text = path.read_text().strip()
        MasterKey.from_base64(text)
    except FileNotFoundError:
        raise CannotStart(said(words.MASTER_KEY_MISSING, path=path)) from None
    except MasterKeyInvalid:
        raise CannotStart(said(words.MASTER_KEY_SPOILT, path=path)) from None
    return text


def _make_master_key(data: Path) -> Path:
    path = data / MASTER_KEY_FILE
    write_secret(path, b64encode(os.urandom(32)).decode() + "\n")
    return path


def _prepared(settings: Settings, embedded: EmbeddedPostgres | None) -> Prepared:
    url = embedded.dsn if embedded is not None else settings.database_url or ""
    if embedded is not None:
        migrations.upgrade(url)
    elif pending := migrations.pending(url):
        raise CannotStart(said(words.SCHEMA_PENDING, revisions=pending))
    made = None
    if embedded is not None and settings.master_key is None and not (settings.data / MASTER_KEY_FILE).exists():
        # Only for a new database: beside one that was sealed with a lost key, a new key would hide the loss.
        made = None if asyncio.run(_has_started_before(url)) else _make_master_key(settings.data)
    key = master_key(settings)
    admin_key, stands_at = asyncio.run(_first_administrator(url, settings, MasterKey.from_base64(key)))
    given = said(words.GIVEN_DATABASE)
    database = given if embedded is None else said(words.EMBEDDED_DATABASE, folder=settings.data)
    return Prepared(url, key, database, made, admin_key, stands_at, embedded)


async def _has_started_before(url: str) -> bool:
    pool = await create_pool(url, min_size=1, max_size=1)
    try:
        return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM deployment)"))
    finally:
        await pool.close()


async def _first_administrator(
    url: str, settings: Settings, master: MasterKey
) -> tuple[str | None, datetime | None]:
    """The administrator's key when this is the first start and it was made here, else None; and a sandbox's time."""
    if settings.admin_key is not None and not FIT_FOR_A_HEADER.fullmatch(settings.admin_key):
        raise CannotStart(said(words.ADMIN_KEY_WEAK, least=SHORTEST_ADMIN_KEY))
    pool = await create_pool(url, min_size=1, max_size=2)
    try:
        await check_deployment(pool, sandbox=settings.sandbox, fingerprint=master.fingerprint)
        # Refuses rules that were edited without a new version, before anybody is served.
        at, rules = await database_time(pool), await known_library(pool)
        keys = Admission(pool, master, rules, lambda: at).keys
        stands_at = (await SandboxTime.open(pool)).now() if settings.sandbox else None
        if await keys.all():
            return None, stands_at
        new = NewKey(id="admin", name="Administrator", roles=("admin",))
        created, _ = await keys.create(new, at=at, secret=settings.admin_key)
        # A key that was given is known to who gave it, and does not belong into what the start prints.
        return (created.key if settings.admin_key is None else None), stands_at
    finally:
        await pool.close()
