"""What a complaint remembers of its events: it only assigns and never refuses, for old histories are replayed here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain import events
from domain.clocks import Judged, Key, KeyOfSeverity
from domain.values import (
    ENDED,
    By,
    Capa,
    Complainant,
    LiabilityShare,
    LinkedComplaint,
    Moment,
    Opinion,
    Owner,
    RoundMemory,
    UnitState,
)


class ComplaintMemory(Aggregate):
    """The state of a complaint, folded from its stream."""

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
        self.sent_to: set[str] = set()
        self.this_round = RoundMemory()
        self.liability: tuple[LiabilityShare, ...] = ()
        self.capas: list[Capa] = []
        self.linked: list[LinkedComplaint] = []
        self.meeting_held = False
        self.dissatisfactions = 0
        self.cards = 0
        self.raised_for_recurrence = False
        self.outcome: str | None = None
        self.justified: bool | None = None
        self.closed_at: datetime | None = None
        self.later_calendars: list[str] = []
        self.moments: list[Moment] = []
        self.warned: set[KeyOfSeverity] = set()
        self.due: set[KeyOfSeverity] = set()
        self.missed: set[KeyOfSeverity] = set()
        self.last_event = "Received"
        self.last_event_at: datetime | None = None

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

    def capa_of(self, unit: str) -> Capa | None:
        """The latest report ordered from this unit."""
        return next((capa for capa in reversed(self.capas) if capa.unit == unit), None)

    def when(self, event: events.ComplaintEvent) -> None:
        """Remember one event."""
        match event:
            case events.Received():
                self._remember_receipt(event)
            case events.Classified() | events.SeverityRaised():
                self._remember_severity(event)
            case events.SettledOnTheSpot():
                if event.accepted:
                    self._end("closed", event, "Settled")
            case events.Closed():
                self._end("closed", event, "Closed")
                self.outcome, self.justified = event.outcome, event.justified
            case events.Rejected():
                self._end("rejected", event, "Rejected")
            case events.Withdrawn():
                self._end("withdrawn", event, "Withdrawn")
            case events.Reopened():
                self._remember_new_round(event)
            case events.AccusedNamed():
                self._remember_accused(event.people)
            case events.Assigned():
                self.owner.actor = event.to
            case events.ComplaintsLinked():
                self._link(event.complaints)
            case events.DeadlineWarned() | events.DeadlineMissed():
                self._remember_judgement(event)
            case events.DeadlineMoved():
                self._remember_move(event)
            case _:
                self._remember_handling(event)
        self.last_event, self.last_event_at = type(event).__name__, event.timestamp

    def _remember_receipt(self, event: events.Received) -> None:
        self.number = event.number
        self.procedure_code, self.procedure_version = event.procedure, event.procedure_version
        self.calendar_code, self.calendar_version = event.calendar, event.calendar_version
        self.kind, self.channel = event.kind, event.channel
        self.occurred_at, self.received_at = event.occurred_at, event.timestamp
        self.received_by = event.actor
        self.complainant_id, self.anonymous = event.complainant_id, event.anonymous
        self.complainant, self.subject, self.content = event.complainant, event.subject, event.content
        self.wants, self.facts = event.wants, event.facts
        self.issue_point, self.call_id = event.issue_point, event.call_id
        self.owner = Owner(event.actor.id, event.actor.unit)
        self.moments.append(Moment("Received", event.occurred_at, 1))
        self.moments.append(Moment("KindKnown", event.occurred_at, 1, subject=event.kind))
        self._remember_accused(event.accused)

    def _remember_severity(self, event: events.Classified | events.SeverityRaised) -> None:
        if isinstance(event, events.SeverityRaised):
            self.raised_for_recurrence = True
            self._link(event.others)
        else:
            self.category = event.category
            self.issue_point = event.issue_point or self.issue_point
            if event.kind is not None and event.kind != self.kind:
                self.kind = event.kind
                self._moment("KindKnown", event, subject=event.kind)
            if self.status == "received":
                self.status = "classified"
        self._moment("Classified", event)
        if event.severity is not None:
            self.severity = event.severity
            self._moment("SeverityKnown", event, subject=event.severity)

    def _remember_handling(self, event: events.ComplaintEvent) -> None:
        now = self.this_round
        match event:
            case events.OpinionDrafted():
                now.opinion = Opinion(event.text)
            case events.Dispatched():
                self._remember_dispatch(event)
            case events.Accepted() | events.Returned():
                self._remember_taking(event)
            case events.OpinionConfirmed() | events.OpinionDisputed():
                self._remember_answer(event)
            case events.RulingIssued():
                self._remember_ruling(event)
            case events.OpinionRevised():
                self._remember_revision(event)
            case events.InterimMeasureReported():
                now.interim_measures += 1
            case events.Extended():
                now.extended[event.clock] = now.interim_measures
                self._moment("Extended", event, unit=event.unit, subject=event.clock, until=event.until)
            case events.MeetingHeld():
                self.meeting_held = True
                self._moment("MeetingHeld", event)
            case events.Executed():
                self.status = "executed" if self.status in {"dispatched", "executing"} else self.status
                now.executed = True
                now.executed_by[event.unit or ""] = event.measure
                self._answer(event.unit, "executed")
                self._moment("Executed", event)
            case events.CustomerInformed():
                now.told = True
                if now.executed:
                    self.status, now.informed = "informed", True
                self._moment("CustomerInformed", event)
            case events.CallbackDone():
                now.callbacks_attempted += 1
                now.callbacks_reached += event.reached
                self.dissatisfactions += event.satisfied is False
                self._moment("CallbackDone", event)
            case _:
                self._remember_improvement(event)

    def _remember_improvement(self, event: events.ComplaintEvent) -> None:
        match event:
            case events.CAPARequested():
                self.capas.append(Capa(event.unit))
                self.sent_to.add(event.unit)
                self._moment("CAPARequested", event, unit=event.unit)
            case events.CAPASubmitted():
                capa = self.capa_of(event.unit)
                if capa is not None:
                    capa.state, capa.complete_by = "submitted", event.complete_by
                self._moment("CAPASubmitted", event, unit=event.unit)
            case events.CAPAIssued():
                capa = self.capa_of(event.unit)
                if capa is not None:
                    capa.state = "issued"
                self._moment("CAPAIssued", event, unit=event.unit)
            case events.EffectConfirmed():
                self.this_round.effective = event.effective
                self._moment("EffectConfirmed", event)
            case events.Supervised():
                self.cards += event.card is not None
            case events.Approved():
                self.this_round.approvals += 1
            case events.SolutionAgreed():
                self.this_round.solution_agreed = event.agreed
                if event.agreed:
                    self._moment("SolutionAgreed", event)
            case events.ProgressReported() | events.Escalated():
                self._moment(type(event).__name__, event)

    def _remember_dispatch(self, event: events.Dispatched) -> None:
        self.status = "dispatched"
        self.owner.actor = event.owner or self.owner.actor
        if self.this_round.opinion is not None:
            self.this_round.opinion.state = "asked"
        self._moment("Dispatched", event)
        for unit in event.units:
            if self.unit_state(unit) is None:
                self.this_round.units.append(UnitState(unit))
            self._answer(unit, "asked")
            self.sent_to.add(unit)
            self._moment("UnitAsked", event, unit=unit)

    def _remember_taking(self, event: events.Accepted | events.Returned) -> None:
        accepted = isinstance(event, events.Accepted)
        self._answer(event.unit, "accepted" if accepted else "returned")
        self._moment(type(event).__name__, event, unit=event.unit)
        if not accepted:
            self.this_round.returned_by.add(event.unit)
        if self.this_round.opinion is None:
            self.status = "executing" if accepted else self.status
            if not self.is_with_units:
                self.status = "classified"

    def _remember_answer(self, event: events.OpinionConfirmed | events.OpinionDisputed) -> None:
        confirmed = isinstance(event, events.OpinionConfirmed)
        self._answer(event.unit, "confirmed" if confirmed else "disputed")
        self._moment("UnitAnswered", event, unit=event.unit)
        states = {unit.state for unit in self.this_round.units}
        opinion = self.this_round.opinion
        if states == {"confirmed"}:
            self._opinion_is_final(event)
        elif opinion is not None:
            opinion.state = "disputed" if "disputed" in states else "confirmed"
        if not confirmed:
            self.status = "disputed"

    def _remember_ruling(self, event: events.RulingIssued) -> None:
        now = self.this_round
        self.liability = event.liability
        now.ruled = event.outcome
        now.ruling_is_final = event.final
        for unit in now.units:  # nobody can answer this opinion any more, so nobody is late with an answer
            self._moment("UnitReleased", event, unit=unit.unit)
        if event.outcome == "upheld":
            self._opinion_is_final(event)
        else:
            now.overturned += 1

    def _remember_revision(self, event: events.OpinionRevised) -> None:
        now = self.this_round
        now.opinion = Opinion(event.text, event.revision, "asked")
        now.ruled = None
        if now.ruling_is_final:
            for unit in now.units:
                self._moment("UnitReleased", event, unit=unit.unit)
            self._opinion_is_final(event)
            return
        self.status = "dispatched"
        for unit in now.units:
            unit.state = "asked"
            self._moment("UnitAsked", event, unit=unit.unit)

    def _opinion_is_final(self, event: events.ComplaintEvent) -> None:
        if self.this_round.opinion is not None:
            self.this_round.opinion.state = "final"
        self.status = "executing"
        self._moment("OpinionFinal", event)

    def _remember_judgement(self, event: events.DeadlineWarned | events.DeadlineMissed) -> None:
        key: Key = (event.clock, event.unit, event.round, event.started_at, event.due_at)
        if isinstance(event, events.DeadlineMissed):
            self.missed.add((key, self.severity))
        else:
            (self.due if event.due else self.warned).add((key, self.severity))

    def _remember_move(self, event: events.DeadlineMoved) -> None:
        if event.calendar_version not in self.later_calendars[-1:]:
            self.later_calendars.append(event.calendar_version)
        self.moments.append(
            Moment(
                "DeadlineMoved", event.timestamp, event.round, event.unit, event.clock,
                started_at=event.started_at, calendar_version=event.calendar_version,
            )
        )  # fmt: skip

    def _remember_new_round(self, event: events.Reopened) -> None:
        self.round = event.round
        self.this_round = RoundMemory()
        self.status = "received" if self.severity is None else "classified"
        self.closed_at = self.outcome = self.justified = None
        self._moment("RoundOpened", event)

    def _remember_accused(self, people: tuple[str, ...]) -> None:
        self.accused.extend(person for person in people if person not in self.accused)
        if self.owner.actor in self.accused:
            self.owner.actor = None  # recusal: nobody owns a complaint about themselves

    def _end(self, status: str, event: events.ComplaintEvent, moment: str) -> None:
        self.status = status
        self.closed_at = event.timestamp
        self._moment(moment, event)

    def _link(self, others: tuple[LinkedComplaint, ...]) -> None:
        self.linked.extend(other for other in others if other not in self.linked)

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
        self.moments.append(Moment(name, event.timestamp, self.round, unit, subject, until))
