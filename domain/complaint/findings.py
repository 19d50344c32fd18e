"""查明: whose fault it was, who apologised, and who was named in a notice."""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.naming import must_hear_of_it
from domain.complaint.state import Fault
from domain.complaint.units import must_know_unit
from domain.identity import is_among, levelled
from domain.request import SYSTEM, Request
from domain.values import ActedBy


def grade_fault(complaint: Complaint, command: commands.GradeFault, by: ActedBy, request: Request) -> None:
    grades = complaint.procedure.fault_grades
    if grades and str(command.grade) not in grades:
        raise errors.UnknownGrade("/grade", known=grades)
    graded = [fault for fault in complaint.faults if fault.agent == command.agent]
    if graded and graded[-1] == Fault(command.agent, command.grade, command.findings):
        return
    if command.agent not in complaint.accused:
        # Whoever is at fault takes no part from now on: 当事人回避.
        complaint.trigger(events.AccusedNamed, SYSTEM, request.at, people=(command.agent,))
    complaint.trigger(events.FaultGraded, by, request.at, **vars(command))


def fault_graded(complaint: Complaint, event: events.FaultGraded) -> None:
    complaint.faults.append(Fault(levelled(event.agent), event.grade, event.findings))
    complaint.add_moment("FaultGraded", event)


def record_apology(complaint: Complaint, command: commands.RecordApology, by: ActedBy, request: Request) -> None:
    if is_among(command.leader, command.by):
        raise errors.LeaderApologisesToo("/leader")
    complaint.trigger(events.ApologyMade, by, request.at, **vars(command))


def apology_made(complaint: Complaint, event: events.ApologyMade) -> None:
    complaint.apologised_by |= {levelled(person) for person in event.by}
    complaint.add_moment("ApologyMade", event)


def issue_notice(complaint: Complaint, command: commands.IssueNotice, by: ActedBy, request: Request) -> None:
    if command.unit is None and not command.people:
        raise errors.NobodyNoticed("/people")
    if command.unit is not None:
        must_know_unit(complaint, command.unit, "/unit", request)
    must_hear_of_it(command.people, "/people", request)
    complaint.trigger(events.NoticeIssued, by, request.at, **vars(command))


def notice_issued(complaint: Complaint, event: events.NoticeIssued) -> None:
    complaint.noticed = True
    complaint.add_moment("NoticeIssued", event)
