"""What a complaint remembers: its state, the round it is in, and the moments that its clocks go by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.clocks.clock import Judged, KeyOfSeverity
from domain.complaint import events
from domain.values import (
    ENDED,
    By,
    Capa,
    Compensation,
    Complainant,
    Exclusion,
    Fault,
    HandOverOffer,
    LiabilityShare,
    LinkedComplaint,
    Moment,
    Owner,
    RoundMemory,
    UnitState,
    VerifiedCharge,
)


class ComplaintState(Aggregate):
    """The state of a complaint; memory.py says how events change it."""

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
        self.received_by: By
        self.complainant_id: UUID
        self.anonymous: bool
        self.complainant: Complainant
        self.subject: str
        self.content: str
        self.wants: str | None
        self.facts: dict[str, Any]
        self.call_id: str | None
        self.status = "received"
        self.round = 1
        self.severity: str | None = None
        self.category: str | None = None
        self.issue_point: str | None = None
        self.accused: list[str] = []
        self.owner = Owner()
        self.offer: HandOverOffer | None = None
        self.sent_to: set[str] = set()
        self.this_round = RoundMemory()
        self.liability: tuple[LiabilityShare, ...] = ()
        self.capas: list[Capa] = []
        self.charges: list[VerifiedCharge] = []
        self.compensations: list[Compensation] = []
        self.faults: list[Fault] = []
        self.evidence: set[str] = set()
        self.apologised = False
        self.noticed = False
        self.customer_matches: bool | None = None
        self.escalated_to: set[str] = set()
        self.linked: list[LinkedComplaint] = []
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
        self.warned: set[KeyOfSeverity] = set()
        self.due: set[KeyOfSeverity] = set()
        self.missed: set[KeyOfSeverity] = set()
        self.last_event = "Received"
        self.last_event_at: datetime | None = None
        # Not remembered but told by the deployment: whether there is a customer system to check complainants against.
        self.has_customer_system = True

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def present_calendar_version(self) -> str:
        """The version of the calendar that a clock which starts now follows."""
        return self.later_calendars[-1] if self.later_calendars else self.calendar_version

    @property
    def judged(self) -> Judged:
        return Judged(frozenset(self.warned), frozenset(self.due), frozenset(self.missed))

    @property
    def is_with_units(self) -> bool:
        """Whether a unit has it: one was sent it in this round and has not sent it back."""
        return any(unit.state != "returned" for unit in self.this_round.units)

    def unit_state(self, unit: str | None) -> UnitState | None:
        return next((state for state in self.this_round.units if state.unit == unit), None)

    @property
    def first_contact(self) -> str | None:
        """首问责任人: whoever took the complaint down; nobody, where it is about them."""
        return None if self.received_by.id in self.accused else self.received_by.id

    def compensation_in(self, state: str) -> Compensation | None:
        """The latest compensation in this state: proposed, approved, refused or paid."""
        return next((one for one in reversed(self.compensations) if one.state == state), None)

    def capa_of(self, unit: str) -> Capa | None:
        """The latest report ordered from this unit."""
        return next((capa for capa in reversed(self.capas) if capa.unit == unit), None)

    def _answer(self, unit: str | None, state: str) -> None:
        known = self.unit_state(unit)
        if known is not None:
            known.state = state

    def _moment(
        self,
        name: str,
        event: events.ComplaintEvent,
        *,
        unit: str | None = None,
        subject: str | None = None,
        until: datetime | None = None,
    ) -> None:
        self.moments.append(
            Moment(name, event.timestamp, self.round, unit, subject, until, version=event.originator_version)
        )
