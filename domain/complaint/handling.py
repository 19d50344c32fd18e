"""What a complaint remembers of its handling: units and their answers, the opinion, rulings, measures, reports."""

from domain.complaint import events
from domain.complaint.state import ComplaintState
from domain.values import (
    Capa,
    Compensation,
    Fault,
    Opinion,
    UnitState,
    VerifiedCharge,
)


class HandlingMemory(ComplaintState):
    """Remembers the steps between the classification and the close."""

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
                now.extended[event.clock] = (now.interim_measures, now.words)
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
                self._moment_when_all_are_done(event)
            case events.CustomerInformed():
                now.words += 1
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
        now = self.this_round
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
                now.effective = event.effective
                self._moment("EffectConfirmed", event)
            case events.Supervised():
                if event.card is not None:
                    self.cards_of[event.unit] = self.cards_of.get(event.unit, 0) + 1
            case events.Approved():
                now.approvals += 1
                if event.unit is not None:
                    now.approved_units.add(event.unit)
                else:
                    now.approvers.add(event.by)
            case events.SolutionAgreed():
                now.hear_of_plan(event.agreed)
                if event.agreed:
                    self._moment("SolutionAgreed", event)
            case events.ProgressReported():
                self._moment("ProgressReported", event)
            case events.Escalated():
                self.escalated_to.add(event.to_role)
                self._moment("Escalated", event, subject=event.to_role)
            case _:
                self._remember_finding(event)

    def _remember_finding(self, event: events.ComplaintEvent) -> None:
        match event:
            case events.AttachmentAdded():
                if event.evidence is not None:
                    self.evidence.add(event.evidence)
            case events.FormCompleted():
                self.facts = {**self.facts, **event.facts}
            case events.FaultGraded():
                self.faults.append(Fault(event.agent, event.grade, event.findings))
            case events.ApologyMade():
                self.apologised = True
            case events.NoticeIssued():
                self.noticed = True
            case events.CustomerChecked():
                self.customer_matches = event.matches
            case _:
                self._remember_compensation(event)

    def _remember_compensation(self, event: events.ComplaintEvent) -> None:
        match event:
            case events.ChargeVerified():
                self.charges.append(VerifiedCharge(event.charged, event.due, event.wrong, event.item))
            case events.CompensationProposed():
                self._end_compensation("proposed", "withdrawn")  # a new proposal takes the place of the former
                self.compensations.append(
                    Compensation(
                        event.amount, event.currency, event.basis, event.method, event.actor.id,
                        of_charge=event.of_charge,
                    )
                )  # fmt: skip
            case events.CompensationApproved():
                self._end_compensation("proposed", "approved")
            case events.CompensationRefused():
                self._end_compensation("proposed", "refused")
            case events.CompensationPaid():
                self._end_compensation("approved", "paid")

    def _end_compensation(self, state: str, next_state: str) -> None:
        compensation = self.compensation_in(state)
        if compensation is not None:
            compensation.state = next_state

    def _moment_when_all_are_done(self, event: events.ComplaintEvent) -> None:
        if self.this_round.executed_by_every_unit:
            self._moment("EveryUnitExecuted", event)

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
            self._moment_when_all_are_done(event)
            self.this_round.returns += 1
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
