"""The small values that commands and events are made of.

Limits on length are ours: generous for a person who types, small enough that one complaint stays one page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from annotated_types import Ge, Le, Len, Predicate

from domain.identity import is_filled_in

SLUG_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
LONGEST_SLUG: Final = 64


# What ends a line, and what turns around the order in which the characters beside it are read.
_NOT_IN_A_LINE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_NOT_IN_A_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def is_one_line(text: str) -> bool:
    """Whether it stays in its line wherever it is put: a subject that breaks would forge what follows it."""
    return _NOT_IN_A_LINE.search(text) is None


def as_one_line(text: str) -> str:
    """What older events hold, and procedures' files, in one line."""
    return _NOT_IN_A_LINE.sub(" ", text).strip()


def is_plain_text(text: str) -> bool:
    """Whether a text breaks its lines and moves to tabs, and commands nothing else."""
    return _NOT_IN_A_TEXT.search(text) is None


def is_file_name(text: str) -> bool:
    """Whether it names a file and no place: nothing in it leads elsewhere."""
    return is_one_line(text) and not {"/", "\\"} & set(text) and text.strip(". ") != ""


def is_safe_address(text: str) -> bool:
    """Whether it is an https address that names no user: whoever opens it meets no script and no file of their own."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    is_plain = text.isprintable() and not any(one.isspace() for one in text)
    return is_plain and parts.scheme == "https" and bool(host) and parts.username is None


def is_slug(text: str) -> bool:
    """Lower-case letters, digits, hyphen, underscore and dot: what codes are made of."""
    return SLUG_CHARACTERS.issuperset(text)


def is_code(text: str) -> bool:
    """Whether a text that may be anything is a slug of a code's length."""
    return is_slug(text) and 1 <= len(text) <= LONGEST_SLUG


def is_hex(text: str) -> bool:
    return set(text) <= set("0123456789abcdef")


def is_in_cents(amount: Decimal) -> bool:
    """Money is written in whole cents (分): two places at most."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -2


def has_no_repeats(items: Sequence[object]) -> bool:
    return len(items) == len({repr(item) for item in items})


class _PersonalData:
    """Marks a field of an event that is sealed before it reaches the log."""

    def __repr__(self) -> str:
        return "PERSONAL"


PERSONAL: Final = _PersonalData()


class _OnceClear:
    """Beside `PERSONAL`: older rows hold the field as it is, and load for ever."""

    def __repr__(self) -> str:
        return "ONCE_CLEAR"


ONCE_CLEAR: Final = _OnceClear()


class _AgainstPeople:
    """Marks a field of an event that says against whom of the staff something is said, or how they were judged.

    It is sealed under the deployment's own key, not the complainant's: who is accused takes no part in the matter, also
    after the complainant was erased. Older rows hold it as it is.
    """

    def __repr__(self) -> str:
        return "AGAINST_PEOPLE"


AGAINST_PEOPLE: Final = _AgainstPeople()


class _Places:
    """Marks a field of an event that says where something happened: in a village that may be who it happened to.

    It is sealed as `AGAINST_PEOPLE` is, for reports count by it, also after the complainant was erased.
    """

    def __repr__(self) -> str:
        return "PLACES"


PLACES: Final = _Places()


class _Person:
    """Marks the id of a person or system in a command: it is levelled as the command is made."""

    def __repr__(self) -> str:
        return "PERSON"


PERSON: Final = _Person()

CustomerAnswerCode = Literal["no-such-customer", "agrees", "differs"]


@dataclass(frozen=True)
class CustomerAnswer:
    """What a customer system said of somebody: a code, never prose. The words are in wording/records.py.

    `code` is one of `CustomerAnswerCode`, or one that a newer version knows; `fields` are the names of those that agree
    or differ, never what stands in them.
    """

    code: str
    fields: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: CustomerAnswerCode, *fields: str) -> Self:
        return cls(code, fields)

    @property
    def matches(self) -> bool:
        return self.code == "agrees"


Filled = Predicate(is_filled_in)
OneLine = Predicate(is_one_line)
Line = Annotated[str, Len(1, 200), Filled, OneLine]
# As they are typed. What is valid, and how it is kept, domain/phone_numbers.py and domain/emails.py say.
TypedNumber = Annotated[str, Len(3, 64), Filled]
TypedEmail = Annotated[str, Len(3, 254), Filled, OneLine]
Text = Annotated[str, Len(1, 8000), Filled, Predicate(is_plain_text)]
LongText = Annotated[str, Len(1, 100_000), Filled, Predicate(is_plain_text)]  # a letter, a note of a long talk
Slug = Annotated[str, Len(1, LONGEST_SLUG), Predicate(is_slug)]
ActorId = Annotated[str, Len(1, 64), Filled, PERSON]
Percent = Annotated[int, Ge(0), Le(100)]
Score = Annotated[int, Ge(1), Le(5)]
Money = Annotated[Decimal, Ge(Decimal(0)), Le(Decimal(1_000_000_000)), Predicate(is_in_cents)]
Channel = Literal[
    "phone", "voicemail", "walk-in", "letter", "email", "web", "sms", "chat",
    "social-media", "partner", "fax", "regulator",
]  # fmt: skip
Means = Literal["sms", "phone", "email", "letter", "in-person"]
RatedBy = Literal["instant", "questionnaire", "web", "phone"]
Card = Literal["yellow", "red"]


# Administers people, keys, units, rules and settings; no file gives it a step of a procedure.
ADMIN: Final = "admin"


@dataclass(frozen=True)
class Complainant:
    """Who complains. Everything here is personal; an anonymous complainant gives none of it.

    Whatever was typed, `phone` is kept as E.164 ("+8613800000000"), with an extension as RFC 3966 has it
    ("+861088886666;ext=8001"), a short number as its digits ("12345"); `email` is one valid address.
    """

    name: Annotated[str, Len(1, 100), Filled, OneLine] | None = None
    phone: TypedNumber | None = None
    email: TypedEmail | None = None
    address: Annotated[str, Len(1, 300), Filled, OneLine] | None = None
    customer_no: Annotated[str, Len(1, 64), Filled, OneLine] | None = None
    anonymous: bool = False


@dataclass(frozen=True)
class Actor:
    """Who asks for something: the person or system behind a key, as it stands now.

    `unit` is the code of the responsible unit the person belongs to. `source` says by which door the
    request came: "api", "clock" or "policy". `via`: the system that asks on the person's behalf.
    """

    id: str
    roles: frozenset[str]
    unit: str | None = None
    source: str = "api"
    name: str = ""
    via: str | None = None

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles

    def acting_as(self, role: str) -> "ActedBy":
        """Who takes a step in one of their roles."""
        return ActedBy(self.id, role, self.unit, self.source, self.via)


@dataclass(frozen=True)
class ActedBy:
    """Who took a step, in which role, for which unit, and by which door: written into every event.

    `via`: the system that took it for them.
    """

    id: str
    role: str
    unit: str | None = None
    source: str = "api"
    via: str | None = None

    @property
    def in_emergency(self) -> bool:
        """紧急代办: an administrator in somebody's place; they take no step otherwise."""
        return self.role == ADMIN

    @property
    def unit_spoken_for(self) -> str | None:
        """The unit that they acted as a member of."""
        return self.unit if self.role == "unit" else None


@dataclass(frozen=True)
class Imported:
    """Where an event of an import stood: which import (`id`), who had it made, which file and row (the first is 1).

    `handler` is who did it, as the file has it, where nobody known is meant. `digest` is a keyed hash of what the row
    said, by which a later import sees whether it has changed.
    """

    id: UUID
    by: str
    file: str
    row: int
    digest: str = ""
    handler: str | None = None


@dataclass(frozen=True)
class LiabilityShare:
    """责任比例: one unit's part of the liability, in whole per cent."""

    unit: Slug
    percent: Percent


@dataclass(frozen=True)
class CallNamed:
    """A call: its stream, and what its telephone system (`source`) calls it."""

    stream: UUID
    source: str
    id: str


@dataclass(frozen=True)
class LinkedComplaint:
    """Another complaint that this one refers to, by its id and the number a person can quote."""

    id: UUID
    number: str
