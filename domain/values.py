"""The small values that commands and events are made of.

Limits on length are ours: generous for a person who types, small enough that one complaint stays one page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from annotated_types import Ge, Le, Len, Predicate

SLUG_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def is_not_blank(text: str) -> bool:
    """A text that only looks filled in is not filled in."""
    return not text.isspace()


def is_slug(text: str) -> bool:
    """Lower-case letters, digits, hyphen, underscore and dot: what codes are made of."""
    return SLUG_CHARACTERS.issuperset(text)


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

Line = Annotated[str, Len(1, 200), Predicate(is_not_blank)]
Text = Annotated[str, Len(1, 8000), Predicate(is_not_blank)]
Slug = Annotated[str, Len(1, 64), Predicate(is_slug)]
ActorId = Annotated[str, Len(1, 64), Predicate(is_not_blank)]
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
Status = Literal[
    "received", "classified", "dispatched", "disputed", "executing", "executed", "informed",
    "closed", "rejected", "withdrawn",
]  # fmt: skip

ENDED: Final[frozenset[str]] = frozenset({"closed", "rejected", "withdrawn"})


@dataclass(frozen=True)
class Complainant:
    """Who complains. Everything here is personal; an anonymous complainant gives none of it.

    `phone` is E.164 once it has been normalised ("+8613800000000").
    """

    name: Annotated[str, Len(1, 100)] | None = None
    phone: Annotated[str, Len(3, 32)] | None = None
    email: Annotated[str, Len(3, 254)] | None = None
    address: Annotated[str, Len(1, 300)] | None = None
    customer_no: Annotated[str, Len(1, 64)] | None = None
    anonymous: bool = False


@dataclass(frozen=True)
class Actor:
    """Who asks for something: the person or system behind a key, as it stands now.

    `unit` is the code of the responsible unit the person belongs to. `source` says by which door the
    request came: "api", "clock" or "policy".
    """

    id: str
    roles: frozenset[str]
    unit: str | None = None
    source: str = "api"
    name: str = ""

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles


@dataclass(frozen=True)
class By:
    """Who took a step, in which role, for which unit, and by which door: written into every event."""

    id: str
    role: str
    unit: str | None = None
    source: str = "api"


@dataclass(frozen=True)
class LiabilityShare:
    """责任比例: one unit's part of the liability, in whole per cent."""

    unit: Slug
    percent: Percent


@dataclass(frozen=True)
class Moment:
    """Something that starts or stops clocks, named as procedures name it.

    `name` is an event's name or one of the facts that follow from several events (`OpinionFinal`,
    `UnitAsked`). `unit` is set where the fact concerns one unit, `subject` where it concerns one clock or severity;
    `started_at` and `calendar_version` where a clock follows another version of its calendar from now on; `version` is
    that of the complaint with this event.
    """

    name: str
    at: datetime
    round: int
    unit: str | None = None
    subject: str | None = None
    until: datetime | None = None
    started_at: datetime | None = None
    calendar_version: str | None = None
    version: int | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """Which of two moments came first; those of one event are simultaneous, those of one instant need not be."""
        return self.at, self.version or 0


@dataclass
class UnitState:
    """Where one responsible unit stands: asked, accepted, confirmed, disputed, returned or executed."""

    unit: str
    state: str = "asked"


@dataclass
class Opinion:
    """处理意见: the handling opinion and how far it has come.

    `state` is drafted, asked, confirmed (some units did), disputed or final.
    """

    text: str
    revision: int = 1
    state: str = "drafted"


@dataclass
class Capa:
    """纠正/预防措施: one report ordered from one unit: requested, submitted, issued."""

    unit: str
    state: str = "requested"
    complete_by: date | None = None


@dataclass
class Owner:
    """Who answers for the complaint now."""

    actor: str | None = None
    unit: str | None = None


@dataclass
class Compensation:
    """补偿: one compensation: proposed, approved, refused or paid. `amount` in whole cents of `currency`.

    `of_charge` is which verified billing error it makes good (from 0), where it is one.
    """

    amount: Decimal
    currency: str
    basis: str
    method: str
    proposed_by: str
    state: str = "proposed"
    of_charge: int | None = None


@dataclass(frozen=True)
class VerifiedCharge:
    """查证: what was charged and what was due, and whether that was found wrong."""

    charged: Decimal
    due: Decimal
    wrong: bool
    item: str | None = None


@dataclass(frozen=True)
class Fault:
    """An agent's graded fault, 1 the slightest and 3 the gravest; only quality staff see it."""

    agent: str
    grade: int
    findings: str


@dataclass(frozen=True)
class HandOverOffer:
    """交接: a change of owner that waits to be accepted; until then the former owner stays the owner."""

    to: str
    since: datetime


@dataclass(frozen=True)
class Exclusion:
    """不纳入考核: what of a complaint is left out of the scoring, of one unit or all, of some indicators or all."""

    unit: str | None = None
    indicators: tuple[str, ...] = ()

    def covers(self, indicator: str, unit: str | None) -> bool:
        """Whether it leaves out this indicator of this unit (None: of the complaint as a whole)."""
        return self.unit in (None, unit) and (not self.indicators or indicator in self.indicators)


@dataclass(frozen=True)
class LinkedComplaint:
    """Another complaint that this one refers to, by its id and the number a person can quote."""

    id: UUID
    number: str


@dataclass
class RoundMemory:
    """What happened since the present round was opened; a new round starts with a fresh one."""

    opinion: Opinion | None = None
    solution_agreed: bool = False
    approvals: int = 0
    approved_units: set[str] = field(default_factory=set)
    approvers: set[str] = field(default_factory=set)  # those whose department was not named
    returns: int = 0
    returned_by: set[str] = field(default_factory=set)
    units: list[UnitState] = field(default_factory=list)
    overturned: int = 0
    ruled: str | None = None
    ruling_is_final: bool = False
    executed: bool = False
    executed_by: dict[str, str] = field(default_factory=dict)
    plans_refused: int = 0
    words: int = 0
    informed: bool = False
    effective: bool | None = None
    callbacks_reached: int = 0
    callbacks_attempted: int = 0
    interim_measures: int = 0
    extended: dict[str, tuple[int, int]] = field(default_factory=dict)  # interim measures and words there were then

    @property
    def executed_by_every_unit(self) -> bool:
        """Whether each unit that was asked and has not sent it back has executed, or somebody for the whole case."""
        waiting = [unit.unit for unit in self.units if unit.state != "returned" and unit.unit not in self.executed_by]
        return self.executed and ("" in self.executed_by or not waiting)

    @property
    def told(self) -> bool:
        return self.words > 0

    def hear_of_plan(self, agreed: bool) -> None:
        """An approval is of one plan, so a plan that the customer refuses takes it along."""
        self.solution_agreed = agreed
        if not agreed:
            self.approvals = 0
            self.approved_units.clear()
            self.approvers.clear()
            self.plans_refused += 1
