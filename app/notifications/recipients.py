"""Who is told how: the settings of roles, units and actors, kept in the database.

A role, a unit or an actor without settings is told in the console only.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import asyncpg
import httpx
from annotated_types import Len, Predicate
from pydantic import TypeAdapter

from app.notifications.networks import leads_into_the_house
from app.notifications.quiet_hours import Digest, QuietHours
from app.notifications.webhooks import key_of_secret
from domain.emails import as_email
from domain.errors import Invalid
from domain.identity import is_same
from domain.titles import Language
from domain.values import Line, Slug, TypedEmail, has_no_repeats
from eventlog.database import fetch
from eventlog.sealing import MasterKey

RecipientKind = Literal["role", "unit", "actor"]
KINDS: Final[tuple[RecipientKind, ...]] = ("role", "unit", "actor")

ALL = "SELECT kind, code, sealed, once_clear, webhook_secret, since FROM recipients ORDER BY kind, code"
ONE = "SELECT kind, code, sealed, once_clear, webhook_secret, since FROM recipients WHERE kind = $1 AND code = $2"
PUT = """
INSERT INTO recipients (kind, code, sealed, webhook_secret, since)
VALUES ($1, $2, $3, $4, (SELECT coalesce(max(notification_id), 0) FROM stored_events))
ON CONFLICT (kind, code) DO UPDATE
SET sealed = excluded.sealed, once_clear = NULL, webhook_secret = excluded.webhook_secret
"""
SEAL = """
UPDATE recipients SET sealed = $3, once_clear = NULL WHERE kind = $1 AND code = $2 AND once_clear IS NOT NULL
"""
DELETE = "DELETE FROM recipients WHERE kind = $1 AND code = $2 RETURNING code"


class WebhookSecretMissing(Invalid): ...


class WebhookIntoPrivateNetwork(Invalid): ...


def is_web_address(text: str) -> bool:
    """http or https with a host, and without a name and a password in it, which answers would show."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and port != 0
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and text.isprintable() and _is_url(text)


def _is_url(text: str) -> bool:
    try:
        return bool(httpx.URL(text).host)
    except httpx.InvalidURL:
        return False


def is_webhook_secret(text: str) -> bool:
    """`whsec_` and 24 to 64 bytes in base64, as the Standard Webhooks specification has it."""
    try:
        return text.startswith("whsec_") and 24 <= len(key_of_secret(text)) <= 64
    except ValueError:
        return False


WebAddress = Annotated[str, Len(8, 2000), Predicate(is_web_address)]
Secret = Annotated[str, Len(38, 94), Predicate(is_webhook_secret)]


@dataclass(frozen=True)
class Recipient:
    """How a role, a unit or an actor is told. `procedures`: of complaints of these only; empty: of all.

    `urgent_passes`: a hard limit that was missed is told at once, whatever quiet hours and digest say.
    """

    name: Line
    language: Language = "zh"
    email: TypedEmail | None = None
    webhook_url: WebAddress | None = None
    console: bool = True
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None
    urgent_passes: bool = False
    procedures: Annotated[tuple[Slug, ...], Len(0, 50), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class RecipientSettings(Recipient):
    """What is put: `webhook_secret` may be left out where the address stays the same; it is never shown again."""

    webhook_secret: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True)
class StoredRecipient:
    """A recipient as stored. Events up to position `since` were before its time."""

    kind: str
    code: str
    recipient: Recipient
    sealed_secret: bytes | None = field(repr=False)
    since: int


RECIPIENT: Final[TypeAdapter[Recipient]] = TypeAdapter(Recipient)


class Recipients:
    """The recipients of a deployment. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, *, private_networks: bool = False) -> None:
        """`private_networks`: whether webhooks may go there."""
        self._pool, self._master, self._private_networks = pool, master, private_networks

    async def all(self) -> list[StoredRecipient]:
        return await self._asked(ALL)

    async def one(self, kind: str, code: str) -> StoredRecipient | None:
        found = await self._asked(ONE, kind, code)
        if found or kind != "actor":
            return found[0] if found else None
        # From before ids were levelled: of the same person, spelled another way.
        return next((one for one in await self.all() if one.kind == kind and is_same(one.code, code)), None)

    async def put(self, kind: RecipientKind, code: str, settings: RecipientSettings) -> StoredRecipient:
        """Keeps the settings; a new recipient is told of what is recorded from now on.

        Raises `WebhookSecretMissing`, `WebhookIntoPrivateNetwork`, `NotAnEmail`.
        """
        url = settings.webhook_url
        if url is not None and not self._private_networks and leads_into_the_house(url):
            raise WebhookIntoPrivateNetwork("/webhook_url")
        before = await self.one(kind, code)
        secret = self._secret(kind, code, settings, before)
        facts = {name: value for name, value in vars(settings).items() if name != "webhook_secret"}
        facts["email"] = None if settings.email is None else as_email(settings.email, "/email")
        content = RECIPIENT.dump_json(Recipient(**facts), by_alias=True)
        await fetch(self._pool, PUT, kind, code, self._sealed(kind, code, "settings", content), secret)
        if before is not None and before.code != code:
            await fetch(self._pool, DELETE, kind, before.code)
        stored = await self.one(kind, code)
        if stored is None:
            raise AssertionError("what was put a moment ago is there")
        return stored

    async def remove(self, kind: str, code: str) -> bool:
        """False when there was none. Messages that wait for them are cancelled when their time comes."""
        stored = await self.one(kind, code)
        return stored is not None and bool(await fetch(self._pool, DELETE, kind, stored.code))

    def secret_of(self, stored: StoredRecipient) -> str:
        """The webhook's secret. Raises `CannotUnseal`."""
        bound_to = _bound_to(stored.kind, stored.code, "webhook_secret")
        return self._master.unseal_setting(stored.sealed_secret or b"", bound_to).decode()

    async def _asked(self, query: str, *values: str) -> list[StoredRecipient]:
        """What the query finds, once what older versions kept in clear is sealed. Raises `CannotUnseal`."""
        rows = await fetch(self._pool, query, *values)
        clear = [(row["kind"], row["code"], row["once_clear"]) for row in rows if row["once_clear"] is not None]
        for kind, code, said in clear:
            await fetch(self._pool, SEAL, kind, code, self._sealed(kind, code, "settings", said.encode()))
        return [self._stored(row) for row in (await fetch(self._pool, query, *values) if clear else rows)]

    def _stored(self, row: asyncpg.Record) -> StoredRecipient:
        kind, code = row["kind"], row["code"]
        settings = self._master.unseal_setting(row["sealed"], _bound_to(kind, code, "settings"))
        return StoredRecipient(kind, code, RECIPIENT.validate_json(settings), row["webhook_secret"], row["since"])

    def _sealed(self, kind: str, code: str, what: str, content: bytes) -> bytes:
        return self._master.seal_setting(content, _bound_to(kind, code, what))

    def _secret(
        self, kind: str, code: str, settings: RecipientSettings, before: StoredRecipient | None
    ) -> bytes | None:
        if settings.webhook_url is None:
            return None
        if settings.webhook_secret is not None:
            return self._sealed(kind, code, "webhook_secret", settings.webhook_secret.encode())
        if before is None or before.recipient.webhook_url != settings.webhook_url or before.sealed_secret is None:
            raise WebhookSecretMissing("/webhook_secret")
        if before.code == code:
            return before.sealed_secret
        return self._sealed(kind, code, "webhook_secret", self.secret_of(before).encode())


def _bound_to(kind: str, code: str, what: str) -> bytes:
    return f"recipient/{kind}/{code}/{what}".encode()
