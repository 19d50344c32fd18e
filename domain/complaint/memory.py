"""What a complaint remembers of its events: it only assigns and never refuses, for old histories are replayed here.

The state itself is in state.py, the handling between classification and close in handling.py.
"""

from domain.clocks.clock import Key
from domain.complaint import events
from domain.complaint.handling import HandlingMemory
from domain.values import (
    Exclusion,
    HandOverOffer,
    LinkedComplaint,
    Moment,
    Owner,
    RoundMemory,
)


class ComplaintMemory(HandlingMemory):
    """A complaint folded from its stream."""

    def when(self, event: events.ComplaintEvent) -> None:
        """Remember one event."""
        match event:
            case events.Received():
                self._remember_receipt(event)
            case events.Classified() | events.SeverityRaised():
                self._remember_severity(event)
            case events.SettledOnTheSpot():
                self.explained = True
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
                self.owner.actor, self.offer = event.to, None
            case events.HandedOver():
                taken_back = event.to == self.owner.actor
                self.offer = None if taken_back else HandOverOffer(event.to, event.timestamp)
            case events.HandoverAccepted():
                self.owner, self.offer = Owner(event.to, event.unit or self.owner.unit), None
            case events.ComplaintsLinked():
                self._link(event.complaints)
            case events.ExcludedFromScoring():
                self.exclusions.append(Exclusion(event.unit, event.indicators))
            case events.IncludedInScoring():
                self.exclusions.clear()
            case events.DeadlineWarned() | events.DeadlineMissed():
                self._remember_judgement(event)
            case events.DeadlineMoved():
                self._remember_move(event)
            case events.ClocksPaused() | events.ClocksResumed():
                self._remember_standstill(event)
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
        version = event.originator_version
        self.moments.append(Moment("Received", event.occurred_at, 1, version=version))
        self.moments.append(Moment("KindKnown", event.occurred_at, 1, subject=event.kind, version=version))
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
            if event.severity != self.severity:
                self._moment("SeverityChanged", event, subject=event.severity)
            self.severity = event.severity
            self._moment("SeverityKnown", event, subject=event.severity)

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

    def _remember_standstill(self, event: events.ClocksPaused | events.ClocksResumed) -> None:
        version = event.originator_version
        if isinstance(event, events.ClocksPaused):
            self.pause_reasons[version] = event.reason
        self.moments.append(
            Moment(
                type(event).__name__, event.timestamp, self.round, event.unit, event.clock, event.until, version=version
            )
        )

    def _remember_new_round(self, event: events.Reopened) -> None:
        self.round = event.round
        self.this_round = RoundMemory()
        self.status = "received" if self.category is None else "classified"
        self.closed_at = self.outcome = self.justified = None
        self._moment("RoundOpened", event)

    def _remember_accused(self, people: tuple[str, ...]) -> None:
        self.accused.extend(person for person in people if person not in self.accused)
        if self.owner.actor in self.accused:
            self.owner.actor = None  # recusal: nobody owns a complaint about themselves
        if self.offer is not None and self.offer.to in self.accused:
            self.offer = None

    def _end(self, status: str, event: events.ComplaintEvent, moment: str) -> None:
        self.status = status
        self.closed_at = event.timestamp
        self._moment(moment, event)

    def _link(self, others: tuple[LinkedComplaint, ...]) -> None:
        self.linked.extend(other for other in others if other not in self.linked)
