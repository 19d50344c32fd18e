"""Who is told how, as an administrator sees it: never a webhook's secret."""

from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import TypeAdapter

from app.access.keys import require_role
from app.access.privileges import ADMINISTERS
from app.access.trail import shown_in_clear
from app.notifications.recipients import KINDS, Recipient, RecipientKind, Recipients, StoredRecipient
from domain.errors import NotFound
from domain.identity import levelled
from domain.obligation import OF
from domain.values import SLUG_CHARACTERS, Actor

LONGEST_CODE: Final = 64


class NoSuchRecipient(NotFound): ...


@dataclass(frozen=True)
class RecipientView(Recipient):
    """`signed`: a secret for the webhook is kept; nobody is shown it."""

    kind: RecipientKind = "role"
    code: str = ""
    signed: bool = False


@dataclass(frozen=True)
class RecipientList:
    items: list[RecipientView]


VIEW: Final[TypeAdapter[RecipientView]] = TypeAdapter(RecipientView)


@dataclass(frozen=True)
class RecipientQueries:
    """For administrators."""

    recipients: Recipients

    async def all(self, actor: Actor) -> dict[str, Any]:
        """A `RecipientList`. Raises `RoleNeeded`, `StorageAway`."""
        require_role(actor, *ADMINISTERS)
        return {"items": [recipient_view(stored) for stored in await self.recipients.all()]}

    async def one(self, kind: str, code: str, actor: Actor) -> dict[str, Any]:
        """A `RecipientView`. Raises `RoleNeeded`, `NoSuchRecipient`, `StorageAway`."""
        require_role(actor, *ADMINISTERS)
        stored = await self.recipients.one(*recipient_named(kind, code))
        if stored is None:
            raise NoSuchRecipient
        return recipient_view(stored)


def recipient_view(stored: StoredRecipient) -> dict[str, Any]:
    """A recipient as every answer shows it: a `RecipientView` in plain JSON."""
    shown_in_clear()
    view = RecipientView(
        **vars(stored.recipient), kind=cast(RecipientKind, stored.kind), code=stored.code,
        signed=stored.sealed_secret is not None,
    )  # fmt: skip
    shown: dict[str, Any] = VIEW.dump_python(view, mode="json", by_alias=True)
    return shown


def recipient_named(kind: str, code: str) -> tuple[RecipientKind, str]:
    """A role's or a unit's code, or an actor's id as the keys have it. Raises `NoSuchRecipient`."""
    if kind not in KINDS or not 1 <= len(code) <= LONGEST_CODE or not code.isprintable() or code.isspace():
        raise NoSuchRecipient
    # Of a role those of one unit may be told in a way of their own: `<role>/<unit>`.
    parts = code.split(OF, 1) if kind == "role" else [code]
    if kind != "actor" and not all(part and SLUG_CHARACTERS.issuperset(part) for part in parts):
        raise NoSuchRecipient
    return kind, levelled(code) if kind == "actor" else code
