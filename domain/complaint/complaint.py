"""The complaint: every rule of the procedures that one complaint can decide for itself.

A decision refuses or triggers events and never changes state; remembering is in memory.py. What units are sent and
answer is decided in opinion.py, the owner in ownership.py, money in compensation.py, faults, apologies and forms in
findings.py. The state a step needs is in guards.py, what must have happened before it in requirements.py, and which
step is which command in steps.py.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from eventsourcing.utils import register_topic

from domain import errors
from domain.complaint import commands, events
from domain.complaint.compensation import Compensating
from domain.complaint.deciding import SYSTEM, Request
from domain.complaint.findings import Finding
from domain.complaint.opinion import UnitsAndOpinion
from domain.complaint.ownership import Owning
from domain.complaint.requirements import CHECKS, missing_for
from domain.procedure.access import is_withheld_from, sight_of
from domain.procedure.procedure import Severity, Sight
from domain.values import Actor, By, LinkedComplaint

LONGEST_EXTENSION: Final = timedelta(days=366)
YESTERDAY_AT_THE_EARLIEST: Final = timedelta(days=1)
LONGEST_IMPROVEMENT: Final = timedelta(days=5 * 366)


class Complaint(UnitsAndOpinion, Owning, Compensating, Finding):
    """One complaint from the first call to the closing callback."""

    # No annotation in this body: the library would make a dataclass of it, with an __init__ of its own.
    TOPIC = ""

    # Who sees it

    def sight_for(self, actor: Actor) -> Sight:
        """How much of it the actor sees. Raises `Recused`, `Confidential`, `RoleForbids`, `NotSentToYourUnit`."""
        return sight_of(actor, self.procedure, accused=self.accused, sent_to=self.sent_to, kind=self.kind)

    def is_withheld_from(self, actor: Actor) -> bool:
        """举报保密: whether it is confidential, and the actor outside the circle of those who see what it says."""
        return is_withheld_from(actor, self.procedure, self.kind)

    # Intake and classification

    def classify(self, command: commands.ClassifyComplaint, by: By, request: Request) -> None:
        category = self._checked_category(command.category or self.category)
        code = command.severity or self.severity or self.procedure.usual_severity
        severity = self._checked_severity(code)
        if command.kind is not None and command.kind not in self.procedure.kinds:
            raise errors.UnknownKind("/kind", f"It takes {_listed(self.procedure.kinds)}.")
        issue_point = command.issue_point or self.issue_point
        kind = command.kind or self.kind
        if (code, category, issue_point, kind) == (self.severity, self.category, self.issue_point, self.kind):
            return
        before, kind_before, deciders_before = self.severity, self.kind, self.procedure.deciders_of(self.category)
        self._trigger(
            events.Classified, by, request.at,
            severity=code, category=category, issue_point=issue_point, kind=command.kind,
        )  # fmt: skip
        secret = self.procedure.confidential_to
        opened = kind_before in secret and kind not in secret  # nobody outside the circle was told before
        if severity is not None and (severity.code != before or opened):
            self._tell_at_once(severity.tell, severity.code, request.at)
        if (deciders := self.procedure.deciders_of(category)) != deciders_before or opened:
            self._send_up(deciders, "此类投诉由其负责处理", request.at)
        if kind != kind_before:
            self.tell_the_circle(request.at)

    def _checked_category(self, category: str | None) -> str:
        known = f"It knows {_listed(self.procedure.categories)}."
        if category is None:
            raise errors.CategoryMissing("/category", known)
        if not self.procedure.knows_category(category):
            raise errors.UnknownCategory("/category", known)
        return category

    def _checked_severity(self, code: str | None) -> Severity | None:
        """The severity meant; None in a procedure that has none."""
        known = f"It knows {_listed(self.procedure.severities)}."
        if code is None and self.procedure.severities:
            raise errors.SeverityMissing("/severity", known)
        if code is None:
            return None
        severity = self.procedure.severities.get(code)
        if severity is None:
            raise errors.UnknownSeverity("/severity", known)
        if severity.front_line and self.this_round.units:
            raise errors.CaseAlreadyOpened
        return severity

    def raise_severity(self, command: commands.RaiseSeverity, at: datetime) -> None:
        """重复投诉: the issue point stood in general complaints once too often within a month."""
        recurrence = self.procedure.recurrence
        if recurrence is None or self.has_ended or self.severity != recurrence.severity:
            return
        if command.issue_point != self.issue_point:
            return  # reclassified in the meantime
        before = self.severity
        self.judge_clocks(at)
        self._trigger(
            events.SeverityRaised, SYSTEM, at,
            severity=recurrence.raise_to, before=before, issue_point=command.issue_point, others=command.others,
        )  # fmt: skip
        self._tell_at_once(self.procedure.severities[recurrence.raise_to].tell, recurrence.raise_to, at)
        self.judge_clocks(at)

    def reject(self, command: commands.RejectComplaint, by: By, request: Request) -> None:
        self._trigger(events.Rejected, by, request.at, reason=command.reason)

    def settle(self, command: commands.SettleOnTheSpot, by: By, request: Request) -> None:
        self._trigger(
            events.SettledOnTheSpot, by, request.at, explanation=command.explanation, accepted=command.accepted
        )

    def withdraw(self, command: commands.WithdrawComplaint, by: By, request: Request) -> None:
        self._trigger(events.Withdrawn, by, request.at, reason=command.reason)

    # Handling

    def report_progress(self, command: commands.ReportProgress, by: By, request: Request) -> None:
        self._trigger(events.ProgressReported, by, request.at, text=command.text)

    def report_interim_measure(self, command: commands.ReportInterimMeasure, by: By, request: Request) -> None:
        self._trigger(events.InterimMeasureReported, by, request.at, text=command.text)

    def extend(self, command: commands.ExtendDeadline, by: By, request: Request) -> None:
        rule = self.procedure.clock_named(command.clock)
        if rule is None:
            names = dict.fromkeys(rule.name for rule in self.procedure.clocks)
            raise errors.UnknownClock("/clock", f"It has {_listed(names)}.")
        mine = self.procedure.extendable.get(by.role)
        if mine is not None and command.clock not in mine:
            raise errors.NotYourClock(f"They are {_listed(mine)}.")
        unit = self.unit_spoken_for(command.unit, by) if rule.per_unit else None
        moved = [
            clock for clock in self.clocks
            if clock.name == command.clock and clock.state == "running" and unit in (None, clock.unit)
        ]  # fmt: skip
        if not moved:
            is_paused = any(clock.state == "paused" for clock in self.clocks if clock.name == command.clock)
            raise errors.ClockIsPaused if is_paused else errors.ClockNotRunning
        before = max(clock.due_at for clock in moved)
        if command.until.tzinfo is None:
            raise errors.AbsurdTime("/until", "Give it with its offset from UTC.")
        if not before < command.until <= before + LONGEST_EXTENSION:
            raise errors.NotLater("/until")
        self._must_be_prepared(command.clock)
        self._trigger(
            events.Extended, by, request.at,
            clock=command.clock, unit=unit, until=command.until.astimezone(UTC), before=before, reason=command.reason,
        )  # fmt: skip

    def hold_meeting(self, command: commands.HoldMeeting, by: By, request: Request) -> None:
        self._trigger(events.MeetingHeld, by, request.at, attendees=command.attendees, decisions=command.decisions)

    def send_investigators(self, command: commands.SendInvestigators, by: By, request: Request) -> None:
        self._trigger(events.InvestigatorsSent, by, request.at, people=command.people, place=command.place)

    def agree_solution(self, command: commands.AgreeSolution, by: By, request: Request) -> None:
        for index, remedy in enumerate(command.remedies):
            if remedy not in self.procedure.remedies:
                raise errors.UnknownRemedy(f"/remedies/{index}", f"It knows {_listed(self.procedure.remedies)}.")
        self._trigger(events.SolutionAgreed, by, request.at, **vars(command))
        rule = self.procedure.disagreement
        if rule is not None and not command.agreed and self.this_round.plans_refused == rule.count:
            self._send_up(rule.tell, f"客户第{rule.count}次不同意处理方案", request.at)

    def approve(self, command: commands.Approve, by: By, request: Request) -> None:
        asked = {unit.unit for unit in self.this_round.units}
        unit = command.unit or (by.unit if by.unit in asked else None)
        self._trigger(
            events.Approved, by, request.at, subject=command.subject, form=command.form, by=command.by, unit=unit
        )

    def execute(self, command: commands.ExecuteMeasure, by: By, request: Request) -> None:
        unit = self.unit_spoken_for(command.unit, by)
        if unit is not None and self.unit_state(unit) is None:
            raise errors.UnitNotAsked
        if unit is not None and self._state_of(unit) == "returned":
            raise errors.ReturnedByThisUnit
        done = self.this_round.executed_by.get(unit or "")
        if done == command.measure:
            return
        if done is not None:
            raise errors.AlreadyExecuted
        self._trigger(events.Executed, by, request.at, measure=command.measure, unit=unit)

    def inform_customer(self, command: commands.InformCustomer, by: By, request: Request) -> None:
        if command.means not in self.procedure.informs_by:
            raise errors.MeansNotAllowed("/means", f"It uses {_listed(self.procedure.informs_by)}.")
        self._trigger(events.CustomerInformed, by, request.at, means=command.means, text=command.text)

    # 纠正/预防措施

    def request_capa(self, command: commands.RequestCAPA, by: By, request: Request) -> None:
        self._must_know_unit(command.unit, "/unit", request)
        capa = self.capa_of(command.unit)
        if capa is not None and capa.state != "issued":
            raise errors.CapaAlreadyRequested
        self._trigger(events.CAPARequested, by, request.at, unit=command.unit, reason=command.reason)

    def submit_capa(self, command: commands.SubmitCAPA, by: By, request: Request) -> None:
        unit = self._unit_of_capa("requested", command.unit, by)
        today = self.calendar.local_date(request.at)
        if not today - YESTERDAY_AT_THE_EARLIEST <= command.complete_by <= today + LONGEST_IMPROVEMENT:
            raise errors.AbsurdTime("/complete_by", "It lies before yesterday, or more than five years ahead.")
        self._trigger(
            events.CAPASubmitted, by, request.at,
            unit=unit, cause=command.cause, corrective=command.corrective, preventive=command.preventive,
            responsible=command.responsible, complete_by=command.complete_by,
        )  # fmt: skip

    def issue_capa(self, command: commands.IssueCAPA, by: By, request: Request) -> None:
        unit = self._unit_of_capa("submitted", command.unit, by)
        self._trigger(events.CAPAIssued, by, request.at, unit=unit)

    # Confirming, calling back, closing

    def confirm_effect(self, command: commands.ConfirmEffect, by: By, request: Request) -> None:
        self._trigger(events.EffectConfirmed, by, request.at, effective=command.effective, findings=command.findings)

    def record_callback(self, command: commands.RecordCallback, by: By, request: Request) -> None:
        if command.unit is not None and command.unit not in self.sent_to:
            raise errors.UnitNotAsked
        self._trigger(
            events.CallbackDone, by, request.at, reached=command.reached,
            satisfied=command.satisfied if command.reached else None,
            means=command.means, score=command.score if command.reached else None, remarks=command.remarks,
            unit=command.unit, rated_by=command.rated_by if command.reached else None,
        )  # fmt: skip
        if command.reached and command.satisfied is False:
            self._trigger(events.Reopened, SYSTEM, request.at, reason="回访时客户不满意", round=self.round + 1)
            rule = self.procedure.dissatisfaction
            if rule is not None and self.dissatisfactions >= rule.count:
                self._send_up(rule.tell, f"客户第{self.dissatisfactions}次不满意", request.at)

    def close(self, command: commands.CloseComplaint, by: By, request: Request) -> None:
        if self.status == "closed":
            if self.outcome not in (None, command.outcome):
                raise errors.AlreadyClosed
            return
        if self.category is None:
            raise errors.NotYetClassified
        missing = missing_for("close", self, self.procedure)
        if command.justified and not self.noticed and self._owes_notice:
            missing = (*missing, CHECKS["liability-notice"][0])
        if command.justified and self._owes_apology and CHECKS["apology"][0] not in missing:
            missing = (*missing, CHECKS["apology"][0])
        if missing:
            raise errors.NotReadyToClose(f"Still missing: {'; '.join(missing)}.", missing=missing)
        self._trigger(
            events.Closed, by, request.at,
            outcome=command.outcome, justified=command.justified, summary=command.summary, lessons=command.lessons,
        )  # fmt: skip

    @property
    def _owes_apology(self) -> bool:
        """员工过失: people are named in it, and neither they nor their leader have apologised."""
        at_fault = self.procedure.apology_when_at_fault and bool(self.accused)
        return at_fault and not self.apologised and not self.anonymous

    @property
    def _owes_notice(self) -> bool:
        """责任属实则通报: whether those liable for a justified complaint are noticed before it is closed."""
        again = self.procedure.dissatisfaction
        judged_again = again is not None and again.notice and self.dissatisfactions >= again.count
        return self.procedure.notice_when_justified or judged_again

    def reopen(self, command: commands.ReopenComplaint, by: By, request: Request) -> None:
        self._trigger(events.Reopened, by, request.at, reason=command.reason, round=self.round + 1)

    # Beside the procedure's path

    def escalate(self, command: commands.EscalateComplaint, by: By, request: Request) -> None:
        if command.to_role not in self.procedure.roles:
            raise errors.UnknownRole("/to_role", f"It knows {_listed(self.procedure.roles)}.")
        circle = self.procedure.confidential_to.get(self.kind)
        if circle is not None and command.to_role not in circle:
            raise errors.OutsideTheCircle(f"They are {_listed(circle)}.")
        self._must_be_next_rung(command.to_role)
        self._trigger(events.Escalated, by, request.at, to_role=command.to_role, reason=command.reason)

    def _must_be_next_rung(self, role: str) -> None:
        """逐级上报: a case that climbs a ladder leaves out no rung; it may fall back on one it reached before."""
        ladder = self.procedure.ladder
        if role not in ladder:
            return
        below = ladder[: ladder.index(role)]
        skipped = next((rung for rung in below if rung not in self.escalated_to), None)
        if skipped is not None:
            raise errors.EscalationSkipsRung(f"That is {skipped}.")

    def remind(self, command: commands.Remind, by: By, request: Request) -> None:
        self._trigger(events.Reminded, by, request.at, text=command.text)

    def supervise(self, command: commands.Supervise, by: By, request: Request) -> None:
        self._trigger(events.Supervised, by, request.at, text=command.text, card=command.card)

    def name_accused(self, command: commands.NameAccused, by: By, request: Request) -> None:
        people = tuple(person for person in command.people if person not in self.accused)
        if people:
            self._trigger(events.AccusedNamed, by, request.at, people=people)

    def attach(self, command: commands.Attach, by: By, request: Request) -> None:
        if command.evidence is not None and command.evidence not in self.procedure.evidence:
            raise errors.UnknownEvidence("/evidence", f"It knows {_listed(self.procedure.evidence)}.")
        named = [code for code, title in self.procedure.evidence.items() if title.zh in command.name]
        evidence = command.evidence or (named[0] if len(named) == 1 else None)  # it says itself what it is
        self._trigger(events.AttachmentAdded, by, request.at, **{**vars(command), "evidence": evidence})

    def add_note(self, command: commands.AddNote, by: By, request: Request) -> None:
        self._trigger(events.NoteAdded, by, request.at, text=command.text)

    def link(self, command: commands.LinkComplaints, by: By, request: Request) -> None:
        already = {other.id for other in self.linked}
        for index, other in enumerate(command.complaints):
            if other not in request.known_complaints or other == self.id:
                raise errors.UnknownComplaint(f"/complaints/{index}")
        new = tuple(
            LinkedComplaint(other, request.known_complaints[other])
            for other in command.complaints if other not in already
        )  # fmt: skip
        if new:
            self._trigger(events.ComplaintsLinked, by, request.at, complaints=new, relation=command.relation)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(codes)


# Set only now: given in the body, the library would ask for topics of events that it makes up itself.
Complaint.TOPIC = "complaint.Complaint"
register_topic(Complaint.TOPIC, Complaint)
