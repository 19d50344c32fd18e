"""The complaint: what it remembers, the rules that govern it, and what follows from both.

What may be done with it is decided in the modules of the themes (intake.py, units.py …), each with what its events
change; evolve.py says which event changes what, and steps.py which step is which command.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.cause import Cause
from domain.clocks.clock import Clock, ClocksSoFar, Judged, Key, KeyOfSeverity, clocks_of, next_judgement_at
from domain.clocks.conditions import Standing
from domain.clocks.moments import Moment
from domain.clocks.moves import Move, moves_under
from domain.complaint import events
from domain.complaint.state import (
    ENDED,
    CallShown,
    Capa,
    Compensation,
    CompensationStatus,
    Exclusion,
    Fault,
    HandOverOffer,
    Measure,
    Miss,
    Owner,
    RoundState,
    Status,
    UnitState,
    UnitStatus,
    VerifiedCharge,
)
from domain.identity import levelled
from domain.limits.calendar import Calendar
from domain.people import MACHINES
from domain.procedure.access import Access, accesses_to, sight_of
from domain.procedure.moments import Condition, MomentName
from domain.procedure.procedure import Procedure, Sight
from domain.titles import Title
from domain.values import ActedBy, Actor, Complainant, Imported, LiabilityShare, LinkedComplaint

IMPORT: Final = "import"  # the source of what was taken over
SOMEBODY: Final = "import"  # who is written down for a step of it where the file names nobody who is known
JUDGEMENTS: Final = frozenset({events.DeadlineWarned, events.DeadlineMissed, events.ClocksResumed})
Fold = Callable[["Complaint", Any], None]
# What each event changes. The complaint knows nothing of its themes, which know the complaint: evolve.py fills it.
FOLDS: Final[dict[type[events.ComplaintEvent], Fold]] = {}


class Complaint(Aggregate):
    """One complaint from the first call to the closing callback."""

    # No annotation in this body: the library would make a dataclass of it, with an __init__ of its own.
    TOPIC = ""

    def __init__(self) -> None:
        # Set by Received and never after
        self.number: str
        self.procedure_code: str
        self.procedure_version: str
        self.calendar_code: str
        self.calendar_version: str
        self.kind: str
        self.channel: str
        self.occurred_at: datetime
        self.received_at: datetime
        self.received_by: ActedBy
        self.complainant_id: UUID
        self.anonymous: bool
        self.complainant: Complainant  # as known by now
        self.subject: str  # as it is called by now
        self.content: str
        self.wants: str | None
        self.facts: dict[str, Any]
        self.call_id: str | None
        self.old_number: str | None
        self.query_code: str | None
        self.formerly: list[Complainant] = []  # what was taken down wrong of the complainant
        self.answered_before: list[dict[str, Any]] = []  # answers to the form that others stand in place of since
        self.status: Status = "received"
        self.round = 1
        self.severity: str | None = None
        self.category: str | None = None
        self.issue_point: str | None = None
        self.district: str | None = None
        self.named: list[str] = []  # as accused
        self.named_by_grading: set[str] = set()  # those of them whom nobody else has named
        self.matched: dict[str, str | None] = {}  # whom somebody decided to be meant by that; None: nobody of ours
        self.owner = Owner()
        self.offer: HandOverOffer | None = None
        self.sent_to: set[str] = set()
        self.this_round = RoundState()
        self.measures: list[Measure] = []
        self.liability: tuple[LiabilityShare, ...] = ()
        self.capas: list[Capa] = []
        self.charges: list[VerifiedCharge] = []
        self.compensations: list[Compensation] = []
        self.faults: list[Fault] = []
        self.evidence: set[str] = set()
        self.apologised_by: set[str] = set()
        self.noticed = False
        self.customer_matches: bool | None = None
        self.customer_unknown = False
        self.overridden: set[str] = set()
        self.escalated_to: set[str] = set()
        self.escalations: set[tuple[str, Cause | str]] = set()  # of this round and severity: to whom, and why
        self.linked: list[LinkedComplaint] = []
        self.unlinked: set[UUID] = set()  # whatever was said of them since
        self.calls: list[CallShown] = []
        self.explained = False
        self.meeting_held = False
        self.dissatisfactions = 0
        self.cards_of: dict[str | None, int] = {}  # by unit; None: that name none
        self.exclusions: list[Exclusion] = []
        self.raised_for_recurrence = False
        self.outcome: str | None = None
        self.justified: bool | None = None
        self.closed_at: datetime | None = None
        self.later_calendars: list[str] = []
        self.pause_reasons: dict[int, str] = {}
        self.moments: list[Moment] = []
        self.standing = Standing()
        self.warned: set[KeyOfSeverity] = set()
        self.due: set[KeyOfSeverity] = set()
        self.missed: set[KeyOfSeverity] = set()
        self.retracted: set[Key] = set()
        self.misses: dict[Key, Miss] = {}  # what followed from those that count
        self.last_event = "Received"
        self.last_event_at: datetime | None = None
        # Not remembered but told by the deployment: whether there is a customer system to check complainants against.
        self.has_customer_system = True
        # Nor where it comes from while it is taken over from another system: what happens meanwhile happened there.
        self.origin: Imported | None = None
        # Nor the call that a step is being taken from.
        self.in_call: UUID | None = None
        # Nor when it is looked at: what is offered may end with the time alone.
        self.seen_at: datetime | None = None
        self._clocks_as_of: tuple[int, tuple[int, int], ClocksSoFar] | None = None  # moments, misses

    def governed_by(
        self, procedure: Procedure, calendar: Calendar, later: Mapping[str, Calendar] = MappingProxyType({})
    ) -> Self:
        """Attach the pinned versions that `Received` named; decisions and clocks need them, folding does not.

        `later` holds, by version, the calendars that `DeadlineMoved` named.
        """
        self.procedure, self.calendar, self.moved_to = procedure, calendar, later
        self._clocks_as_of = None
        return self

    def trigger(self, event: type[events.ComplaintEvent], by: ActedBy, at: datetime, /, **facts: Any) -> None:
        """Let an event happen: what a decision comes to.

        Of what is taken over from another system nothing follows by itself (escalations, cards, new rounds): it did not
        happen there. That its limits passed is so, whoever counted.
        """
        if self.origin is None:
            self.trigger_event(event, actor=by, timestamp=at, **facts)
        elif by.role != "system" or event in JUDGEMENTS:
            by = by if by.source == IMPORT else replace(by, source=IMPORT)
            self.trigger_event(event, actor=by, timestamp=at, imported=self.origin, **facts)

    # Folding: it only assigns and never refuses, for old histories are folded here.

    def evolve(self, event: events.ComplaintEvent) -> None:
        """Change as this event says."""
        kind = type(event)
        FOLDS[kind](self, event)
        # A link says no more than where what stands beside it came from.
        if not events.is_known_to_few(event) and kind is not events.CallLinked:
            self.last_event, self.last_event_at = kind.__name__, event.timestamp

    def add_moment(
        self,
        name: MomentName,
        event: events.ComplaintEvent,
        *,
        unit: str | None = None,
        subject: str | None = None,
        until: datetime | None = None,
    ) -> None:
        """Note something that starts or stops clocks."""
        self.take(Moment(name, event.timestamp, self.round, unit, subject, until, version=event.originator_version))

    def take(self, moment: Moment) -> None:
        """Remember a moment, and what it changes of where the complaint stands."""
        self.moments.append(moment)
        self.standing.take(moment)

    def set_unit_state(self, unit: str | None, state: UnitStatus) -> None:
        """Say where a unit stands, if it was asked in this round."""
        known = self.unit_state(unit)
        if known is not None:
            known.state = state

    # Clocks

    @property
    def judged(self) -> Judged:
        return Judged(frozenset(self.warned), frozenset(self.due), frozenset(self.missed), frozenset(self.retracted))

    @property
    def clocks(self) -> tuple[Clock, ...]:
        # All that they go by only grows, but for misses that are taken back: most events leave them as they were.
        moments, misses = len(self.moments), (len(self.missed), len(self.retracted))
        known = self._clocks_as_of
        if known is None or known[:2] != (moments, misses):
            before = known[2] if known is not None and known[1] == misses else None
            clocks = clocks_of(self.moments, self.judged, self.procedure, self.calendar, self.moved_to, before)
            known = self._clocks_as_of = (moments, misses, clocks)
        return known[2].clocks

    @property
    def clock_titles(self) -> dict[str, Title]:
        """What its clocks are called, also those that have not started."""
        return self.procedure.clock_titles(self.severity, self.kind)

    @property
    def next_judgement_at(self) -> datetime | None:
        """When a warning or miss falls due next, if nothing else happens."""
        return next_judgement_at(self.clocks, self.judged)

    @property
    def present_calendar_version(self) -> str:
        """The version of the calendar that a clock which starts now follows."""
        return self.later_calendars[-1] if self.later_calendars else self.calendar_version

    def moves_under(self, calendar: Calendar) -> list[Move]:
        """Which clocks another version of this complaint's calendar would move, and to when."""
        return moves_under(self.clocks, self.judged, calendar) if calendar.code == self.calendar_code else []

    # Who sees it

    def sight_for(self, actor: Actor) -> Sight:
        """How much of it the actor sees. Raises `Recused`, `Confidential`, `RoleForbids`, `NotSentToYourUnit`."""
        return sight_of(actor, self.procedure, accused=self.accused, sent_to=self.sent_to, kind=self.kind)

    def accesses_of(self, actor: Actor) -> tuple[Access, ...]:
        """What those of the actor's roles give that reach it, whoever may be named in it."""
        return accesses_to(actor, self.procedure, sent_to=self.sent_to, kind=self.kind)

    @property
    def is_confidential(self) -> bool:
        """举报保密: whether it is of a kind that only a circle of roles sees."""
        return self.kind in self.procedure.confidential_to

    @property
    def circle(self) -> tuple[str, ...] | None:
        """举报保密: the roles that alone see it; None where it is open to all who see the procedure's complaints."""
        return self.procedure.confidential_to.get(self.kind)

    @property
    def has_status_page(self) -> bool:
        """Whether the complainant may ask for it without a key: of what is confidential there is no page."""
        return not self.is_confidential

    def is_withheld_from(self, actor: Actor) -> bool:
        """Whether it is confidential, and the actor outside the circle of those who see what it says."""
        return self.is_confidential and not self.accesses_of(actor)

    # Small questions

    def has_agreement(self, unit: str | None = None) -> bool:
        """Whether the customer agrees to what is to be done; of one whom nobody knows, whether they did not refuse."""
        return self.holds("solution-agreed", unit) or (self.anonymous and not self.standing.objects)

    def holds(self, condition: Condition, unit: str | None = None) -> bool:
        """Whether a condition of the procedure holds, for a unit or for the whole case."""
        return self.standing.holds(condition, self.procedure, unit)

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def is_with_units(self) -> bool:
        """Whether a unit has it: one was sent it in this round, has not sent it back, and keeps it."""
        return bool(self.this_round.at_work)

    def unit_state(self, unit: str | None) -> UnitState | None:
        return next((state for state in self.this_round.units if state.unit == unit), None)

    @property
    def accused(self) -> list[str]:
        """当事人回避: who is kept out, as they were named or as was decided that they are meant."""
        if not self.matched:
            return self.named
        meant = [person for person in self.matched.values() if person is not None]
        return list(dict.fromkeys([*(one for one in self.named if one not in self.matched), *meant]))

    @property
    def first_contact(self) -> str | None:
        """首问责任人: whoever took the complaint down; nobody, where it is about them, or a machine did."""
        first = levelled(self.received_by.id)
        is_nobodys = first in self.accused or first == SOMEBODY or self.received_by.role in MACHINES
        return None if is_nobodys else first

    def compensation_in(self, state: CompensationStatus) -> Compensation | None:
        """The latest compensation in this state."""
        for one in reversed(self.compensations):
            if one.state == state:
                return one
        return None

    def capa_of(self, unit: str) -> Capa | None:
        """The latest report ordered from this unit."""
        return next((capa for capa in reversed(self.capas) if capa.unit == unit), None)


# Set only now: given in the body, the library would ask for topics of events that it makes up itself.
Complaint.TOPIC = "complaint.Complaint"
register_topic(Complaint.TOPIC, Complaint)
