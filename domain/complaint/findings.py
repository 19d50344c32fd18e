"""查明: what was found out and made good besides the measure: faults, apologies, notices, the customer, the form."""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.deciding import SYSTEM, Deciding, Request
from domain.procedure.forms import check_answers
from domain.values import By, Fault


class Finding(Deciding):
    """The decisions about findings."""

    def grade_fault(self, command: commands.GradeFault, by: By, request: Request) -> None:
        grades = self.procedure.fault_grades
        if grades and str(command.grade) not in grades:
            raise errors.UnknownGrade("/grade", f"It knows {', '.join(grades)}.")
        graded = [fault for fault in self.faults if fault.agent == command.agent]
        if graded and graded[-1] == Fault(command.agent, command.grade, command.findings):
            return
        if command.agent not in self.accused:
            # Whoever is at fault takes no part from now on: 当事人回避.
            self._trigger(events.AccusedNamed, SYSTEM, request.at, people=(command.agent,))
        self._trigger(events.FaultGraded, by, request.at, **vars(command))

    def record_apology(self, command: commands.RecordApology, by: By, request: Request) -> None:
        self._trigger(events.ApologyMade, by, request.at, **vars(command))

    def issue_notice(self, command: commands.IssueNotice, by: By, request: Request) -> None:
        if command.unit is None and not command.people:
            raise errors.NobodyNoticed("/people")
        if command.unit is not None:
            self._must_know_unit(command.unit, "/unit", request)
        self._trigger(events.NoticeIssued, by, request.at, **vars(command))

    def check_customer(self, command: commands.CheckCustomer, by: By, request: Request) -> None:
        looked_up = request.customer_matches
        matches = command.matches if command.matches is not None else looked_up
        if matches is None:
            raise errors.CheckNeedsResult("/matches")
        source = "lookup" if command.matches is None else "person"
        self._trigger(events.CustomerChecked, by, request.at, matches=matches, source=source, findings=command.findings)

    def complete_form(self, command: commands.CompleteForm, by: By, request: Request) -> None:
        check_answers(command.facts, self.procedure)
        new = {name: value for name, value in command.facts.items() if self.facts.get(name) != value}
        if new:
            self._trigger(events.FormCompleted, by, request.at, facts=new)
