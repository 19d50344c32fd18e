"""派单、异议、裁定: what is sent to the responsible units, what they answer, and how a dispute is ended.

Where a procedure has handling opinions, units confirm or dispute them; elsewhere they accept what they are sent or send
it back with its legal ground.
"""

from datetime import datetime

from domain import errors
from domain.complaint import commands, events
from domain.complaint.deciding import SYSTEM, Deciding, Request
from domain.values import By


class UnitsAndOpinion(Deciding):
    """The decisions between customer service, the responsible units and those who rule."""

    # The handling opinion: drafted, sent, confirmed or disputed, ruled on, revised

    def draft_opinion(self, command: commands.DraftOpinion, by: By, request: Request) -> None:
        if self.this_round.opinion is None or self.this_round.opinion.text != command.text:
            self._trigger(events.OpinionDrafted, by, request.at, text=command.text)

    def dispatch(self, command: commands.DispatchComplaint, by: By, request: Request) -> None:
        if not self.may_send_out(by, request.actor):
            raise errors.DecidedFurtherUp(f"They are {', '.join(self.deciders)}.")
        units = command.units or self._routed()
        for index, unit in enumerate(command.units):
            self._must_know_unit(unit, f"/units/{index}", request)
        if command.owner in self.accused:
            raise errors.OwnerIsAccused
        # Where owners must accept, one who is named here is offered the case, and it keeps its owner until then.
        offered = self.procedure.owner_must_accept and self.owner.actor is not None
        owner = None if offered else command.owner
        self._trigger(events.Dispatched, by, request.at, units=units, owner=owner, note=command.note)
        if offered and command.owner not in (None, self.owner.actor):
            self._trigger(events.HandedOver, by, request.at, to=command.owner, before=self.owner.actor, note=None)

    def _routed(self) -> tuple[str, ...]:
        unit = self.procedure.route_of(self.category)
        if unit is None:
            raise errors.NoRouteKnown("/units")
        if unit in self.this_round.returned_by:
            raise errors.RouteWasReturned("/units")
        return (unit,)

    def accept(self, command: commands.AcceptWork, by: By, request: Request) -> None:
        unit = self._unit_that_answers(command.unit, by, waiting={"asked"})
        if self._state_of(unit) == "asked":
            self._trigger(events.Accepted, by, request.at, unit=unit)

    def return_work(self, command: commands.ReturnWork, by: By, request: Request) -> None:
        unit = self._unit_that_answers(command.unit, by, waiting={"asked", "accepted"})
        if self._state_of(unit) not in {"asked", "accepted"}:
            raise errors.UnitAlreadyAnswered
        if unit in self.this_round.returned_by:
            raise errors.ReturnedBefore
        if not self._may_still_return(unit, request.at):
            raise errors.ReturnWindowOver
        self._trigger(
            events.Returned, by, request.at,
            unit=unit, ground=command.ground, legal_basis=command.legal_basis, evidence=command.evidence,
        )  # fmt: skip
        rule = self.procedure.returns
        if rule is not None and self.this_round.returns >= rule.count:
            self._send_up(rule.tell, f"第{self.this_round.returns}次退单", request.at)
        if command.evidence is not None:
            self._send_up(self.procedure.evidence_examined_by, "申诉并附核实材料", request.at)

    def _may_still_return(self, unit: str, at: datetime) -> bool:
        window = self.procedure.return_window
        return window is None or any(
            clock.name == window and clock.unit in (None, unit) and clock.stopped_at is None and at < clock.due_at
            for clock in self.clocks
        )

    def confirm_opinion(self, command: commands.ConfirmOpinion, by: By, request: Request) -> None:
        unit = self._unit_that_answers(command.unit, by, waiting={"asked", "accepted"})
        state, revision = self._state_of(unit), self._revision
        if state == "confirmed":
            return
        if state not in {"asked", "accepted"}:
            raise errors.UnitAlreadyAnswered
        self._trigger(events.OpinionConfirmed, by, request.at, unit=unit, revision=revision)

    def dispute_opinion(self, command: commands.DisputeOpinion, by: By, request: Request) -> None:
        unit = self._unit_that_answers(command.unit, by, waiting={"asked", "accepted"})
        if self._state_of(unit) not in {"asked", "accepted"}:
            raise errors.UnitAlreadyAnswered
        self._trigger(
            events.OpinionDisputed, by, request.at,
            unit=unit, revision=self._revision, reason=command.reason, proposal=command.proposal,
        )  # fmt: skip

    def issue_ruling(self, command: commands.IssueRuling, by: By, request: Request) -> None:
        now, last = self.this_round, self.procedure.last_instance
        exhausted = self._rounds_are_exhausted
        if not self.may_rule(by, request.actor):
            raise errors.RulingIsTheLastInstances(f"That is the role {last}.")
        shares = command.liability
        if sum(share.percent for share in shares) != 100 or len({share.unit for share in shares}) != len(shares):
            raise errors.LiabilityMustSumTo100("/liability", f"They sum to {sum(share.percent for share in shares)}.")
        for index, share in enumerate(shares):
            self._must_know_unit(share.unit, f"/liability/{index}/unit", request)
        self._trigger(
            events.RulingIssued, by, request.at,
            outcome=command.outcome, text=command.text, liability=shares, final=exhausted,
        )  # fmt: skip
        if now.overturned == self.procedure.dispute_rounds and not exhausted:
            reason = f"{now.overturned} 轮异议后仍未达成一致，由最高管理者裁定"
            self._trigger(events.Escalated, SYSTEM, request.at, to_role=last, reason=reason)

    def revise_opinion(self, command: commands.ReviseOpinion, by: By, request: Request) -> None:
        self._trigger(events.OpinionRevised, by, request.at, text=command.text, revision=self._revision + 1)
