"""What a complaint's state is made of: units and their answers, the opinion, reports, money, the present round."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

Status = Literal[
    "received", "classified", "dispatched", "disputed", "executing", "executed", "informed",
    "closed", "rejected", "withdrawn",
]  # fmt: skip
UnitStatus = Literal["asked", "accepted", "confirmed", "disputed", "returned", "executed", "recalled"]
UnitRole = Literal["lead", "support"]
OpinionStatus = Literal["drafted", "asked", "confirmed", "disputed", "final"]
CapaStatus = Literal["requested", "submitted", "issued"]
CompensationStatus = Literal["proposed", "approved", "refused", "withdrawn", "paid"]
Ruling = Literal["upheld", "overturned"]

ENDED: Final[frozenset[Status]] = frozenset({"closed", "rejected", "withdrawn"})
UNANSWERED: Final[frozenset[UnitStatus]] = frozenset({"asked", "accepted"})
WITHOUT_IT: Final[frozenset[UnitStatus]] = frozenset({"returned", "recalled"})


@dataclass
class UnitState:
    """Where one responsible unit stands."""

    unit: str
    state: UnitStatus = "asked"

    @property
    def has_it(self) -> bool:
        """Whether the case is with it: it has not sent it back, and nobody took it away."""
        return self.state not in WITHOUT_IT


@dataclass(frozen=True)
class Measure:
    """What was done, and by which unit; None: for the whole case."""

    unit: str | None
    measure: str
    at: datetime
    round: int


@dataclass
class Opinion:
    """处理意见: the handling opinion and how far it has come; confirmed: by some units, final: by all or a ruling."""

    text: str
    revision: int = 1
    state: OpinionStatus = "drafted"


@dataclass
class Capa:
    """纠正/预防措施: one report ordered from one unit."""

    unit: str
    state: CapaStatus = "requested"
    complete_by: date | None = None


@dataclass
class Owner:
    """Who answers for the complaint now; `role`: it waits in this role's queue for one of them, and is nobody's yet."""

    actor: str | None = None
    unit: str | None = None
    role: str | None = None


@dataclass
class Compensation:
    """补偿: one compensation. `amount` in whole cents of `currency`.

    `of_charge` is which verified billing error it makes good (from 0), where it is one, and `times` how many times over
    that is made good; None: recorded when any payment stood for the whole.
    """

    amount: Decimal
    currency: str
    basis: str
    method: str
    proposed_by: str
    state: CompensationStatus = "proposed"
    of_charge: int | None = None
    times: int | None = None


@dataclass(frozen=True)
class VerifiedCharge:
    """查证: what was charged and what was due, and whether that was found wrong.

    `again`: which verification (from 0) was the first of the same charge, where this is not it.
    """

    charged: Decimal
    due: Decimal
    wrong: bool
    item: str | None = None
    again: int | None = None


@dataclass(frozen=True)
class Fault:
    """An agent's graded fault, 1 the slightest and 3 the gravest; only quality staff see it."""

    agent: str
    grade: int
    findings: str


@dataclass
class Miss:
    """What followed from a miss: the roles that were told, and card by card the units (None: none) that got one.

    `owed_by`: the units it is charged to; None where that was not noted.
    """

    told: tuple[str, ...]
    owed_by: tuple[str, ...] | None = None
    cards: list[str | None] = field(default_factory=list)


@dataclass(frozen=True)
class CallShown:
    """话务: a call, by its stream and by what its telephone system calls it, and what came of it.

    `led_to` is complaint, reminder, callback, survey or recording; `score` what the customer keyed in.
    """

    call: UUID
    source: str
    id: str
    led_to: str
    at: datetime
    score: int | None = None


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
class Plan:
    """处理方法: what is to be done, as the customer agreed to it; `text` is None where nothing is on the table.

    `number` counts the plans of a round, whosever they are.
    """

    number: int = 0
    text: str | None = None


@dataclass(frozen=True)
class Approval:
    """Whose approval it is, for which unit (None: nobody named one), in what words, and the number of its plan.

    `also`: plans that were put on the table afterwards, in its words.
    """

    by: str
    unit: str | None
    subject: str
    plan: int
    also: tuple[int, ...] = ()


@dataclass
class RoundState:
    """What happened since the present round was opened; a new round starts with a fresh one.

    `lead` is the unit that was named to lead the others; None where nobody was, as in older histories.
    """

    opinion: Opinion | None = None
    approvals: list[Approval] = field(default_factory=list)
    plans: dict[str | None, Plan] = field(default_factory=dict)  # of each unit; None: of all who have no own
    plans_made: int = 0
    returns: int = 0
    returned_by: set[str] = field(default_factory=set)
    appealed: bool = False  # by a return with evidence, and sent to nobody since
    units: list[UnitState] = field(default_factory=list)
    lead: str | None = None
    overturned: int = 0
    ruled: Ruling | None = None
    ruling_is_final: bool = False
    executed_by: dict[str, str] = field(default_factory=dict)
    plans_refused: int = 0
    # Whose each of them was; None: the whole case's.
    customer_updates: list[str | None] = field(default_factory=list)
    interim_measures: list[str | None] = field(default_factory=list)
    # How many there were for each unit (None: for the case) when a clock was moved last.
    measures_before: dict[tuple[str, str | None], int] = field(default_factory=dict)
    updates_before: dict[tuple[str, str | None], int] = field(default_factory=dict)

    @property
    def opinion_binds(self) -> bool:
        """Whether the opinion is final by a ruling, so that nobody answers it any more."""
        is_final = self.opinion is not None and self.opinion.state == "final"
        return is_final and (self.ruled == "upheld" or self.ruling_is_final)

    @property
    def at_work(self) -> list[UnitState]:
        """The units that have the case now."""
        return [unit for unit in self.units if unit.has_it]

    def interim_measures_of(self, unit: str | None) -> int:
        return _counting_for(unit, self.interim_measures)

    def customer_updates_of(self, unit: str | None) -> int:
        return _counting_for(unit, self.customer_updates)

    @property
    def leading(self) -> str | None:
        """主办: the unit that answers for the others; the next in order where the one that led has it no more."""
        having = [unit.unit for unit in self.at_work]
        if self.lead is None or self.lead in having:
            return self.lead
        return next(iter(having), None)

    def role_of(self, unit: str) -> UnitRole | None:
        """主办或协办; None for a unit that does not have the case, and where nobody leads."""
        leading = self.leading
        if leading is None or all(state.unit != unit for state in self.at_work):
            return None
        return "lead" if unit == leading else "support"

    @property
    def customer_updated(self) -> bool:
        return bool(self.customer_updates)


def _counting_for(unit: str | None, reports: Iterable[str | None]) -> int:
    """How many count for a unit: its own and those of the whole case; for the whole case all of them."""
    return sum(unit is None or whose in (None, unit) for whose in reports)
