"""From references to a message: at sending time the events are read, opened with their key, and put into words.

A notification whose recipient, address, key or right to know is gone by then is cancelled, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from app.notifications.channels import Channels
from app.notifications.outbox import Claimed, ClaimedMessage
from app.notifications.recipients import Recipients, StoredRecipient
from app.notifications.subjects import OfComplaint, Subject, standing
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.notices.notices import RolesOf
from domain.titles import Language
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog
from eventlog.sealing import DataKey
from eventlog.streams import REPORT, AnyEvent, kind_of
from procedures.rules import Rules
from wording.notices.complaints import words_for_complainant
from wording.notices.message import Words, words_of_digest

# Asked of the database each time: a key that is open in memory may have been destroyed elsewhere.
HAS_KEY: Final = "SELECT 1 FROM complainants WHERE id = $1 AND wrapped_key IS NOT NULL"


class Cancelled(Exception):
    """This notification is not to be sent any more; the text says why."""


@dataclass(frozen=True)
class Message:
    """What leaves: `address` as the channel needs it, `content` for webhooks, `secret` to sign those with."""

    address: str = field(repr=False)
    words: Words = field(repr=False)
    content: dict[str, Any] = field(repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Rendered:
    """`message` is None when nothing is left to send; `cancelled` has the reasons by notification."""

    message: Message | None
    sent_with_it: tuple[UUID, ...]
    cancelled: dict[UUID, str]


@dataclass(frozen=True)
class _Part:
    words: Words
    content: dict[str, Any]


class Rendering:
    """Makes messages. Every method raises `StorageAway`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        recipients: Recipients,
        channels: Channels,
        roles_of: RolesOf,
    ) -> None:
        self._pool, self._log, self._codec, self._complainants, self._rules = pool, log, codec, complainants, rules
        self._recipients, self._channels, self._roles_of = recipients, channels, roles_of

    async def quiet_until(self, claimed: ClaimedMessage, now: datetime) -> datetime | None:
        """When the recipient's quiet hours end, where it is quiet now; None where the message may go."""
        stored = await self._recipients.one(claimed.to.kind, claimed.to.code)
        if stored is None or stored.recipient.quiet_hours is None:
            return None
        if stored.recipient.urgent_passes and any(part.urgent for part in claimed.parts):
            return None
        over = stored.recipient.quiet_hours.over_at(now)
        return over if over > now else None

    async def render(self, claimed: ClaimedMessage) -> Rendered:
        """The message for what was claimed."""
        stored = await self._recipients.one(claimed.to.kind, claimed.to.code)
        language: Language = self._channels.language if stored is None else stored.recipient.language
        parts: list[_Part] = []
        sent: list[UUID] = []
        cancelled: dict[UUID, str] = {}
        address = secret = ""
        content: dict[str, Any]
        for part in claimed.parts:
            try:
                subject, event = await self._standing(part)
                if isinstance(subject, OfComplaint) and claimed.to.kind == "complainant":
                    address = _address_of_complainant(claimed.channel, subject.complaint)
                    told = cast(events.ComplaintEvent, event)
                    words, content = words_for_complainant(told, subject.complaint, language), {}
                else:
                    address, secret = self._address_of_staff(claimed.channel, stored)
                    words, content = self._for_staff(part, event, subject, language)
            except Cancelled as reason:
                cancelled[part.id] = str(reason)
            except UnreadableEvent:
                continue  # its claim runs out; it is sent with the next message of a version that can read it
            else:
                parts.append(_Part(words, content))
                sent.append(part.id)
        if not parts:
            return Rendered(None, (), cancelled)
        words = words_of_digest([part.words for part in parts], language)
        return Rendered(Message(address, words, _content_of(parts), secret), tuple(sent), cancelled)

    async def _standing(self, part: Claimed) -> tuple[Subject, AnyEvent]:
        """What it is about as it stands now, and the event that is told. Personal fields are empty without a key."""
        stream = await self._log.stream(part.complaint_id)
        key = None if kind_of(stream[0]) is REPORT else await self._key(self._codec.complainant_of(stream[0]))
        if key is None and part.to.kind == "complainant":
            raise Cancelled("the complainant's data were erased")
        now = await standing(stream, key, self._codec, self._rules)
        positions = [recorded.position for recorded in stream]
        return now.subject, now.happened[positions.index(part.position)]

    async def _key(self, id: UUID) -> DataKey | None:
        return await self._complainants.key(id) if await fetch(self._pool, HAS_KEY, id) else None

    def _for_staff(
        self, part: Claimed, event: AnyEvent, subject: Subject, language: Language
    ) -> tuple[Words, dict[str, Any]]:
        to = part.to
        roles = self._roles_of(to.code) if to.kind == "actor" else frozenset[str]()
        if not subject.may_be_notified(to, roles):
            raise Cancelled("not theirs to know")
        words = subject.words_for(to, self._roles_of, event, language)
        due_at = getattr(event, "due_at", None)
        return words, {
            "type": event.TOPIC,
            "timestamp": _utc(event.timestamp),
            "data": {
                "id": str(part.complaint_id), "number": subject.number_of(event), "procedure": subject.procedure_code,
                "clock": getattr(event, "clock", None), "unit": getattr(event, "unit", None),
                "due_at": None if due_at is None else _utc(due_at), "title": words.title, "text": words.text,
            },
        }  # fmt: skip

    def _address_of_staff(self, channel: str, stored: StoredRecipient | None) -> tuple[str, str]:
        recipient = None if stored is None else stored.recipient
        if stored is None or recipient is None:
            raise Cancelled("the recipient was removed")
        address = recipient.email if channel == "email" else recipient.webhook_url
        if address is None:
            raise Cancelled("the recipient has no such address any more")
        return address, self._recipients.secret_of(stored) if channel == "webhook" else ""


def _address_of_complainant(channel: str, complaint: Complaint) -> str:
    person = complaint.complainant
    address = person.phone if channel == "sms" else person.email
    if address is None:
        raise Cancelled("the complainant left no such address")
    return address


def _content_of(parts: Sequence[_Part]) -> dict[str, Any]:
    if len(parts) == 1:
        return parts[0].content
    return {
        "type": "notifications.digest", "timestamp": parts[-1].content.get("timestamp"),
        "data": {"items": [part.content for part in parts]},
    }  # fmt: skip


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
