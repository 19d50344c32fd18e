"""受理: the checks that come before there is a complaint, the event that makes it one, and what completes it later."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast, get_args
from uuid import UUID

from domain import errors
from domain.clocks.moments import Moment
from domain.complaint import commands, events
from domain.complaint.complaint import SOMEBODY, Complaint
from domain.complaint.customers import as_kept
from domain.complaint.deadlines import judge_clocks
from domain.complaint.escalation import escalate_to_circle
from domain.complaint.issue_point import issue_point_named
from domain.complaint.records import take_accused
from domain.complaint.state import Owner
from domain.identity import is_among, levelled
from domain.limits.calendar import Calendar
from domain.people import MACHINES, People
from domain.procedure.access import accesses, step_of_others
from domain.procedure.forms import check_answers, check_required, district_in
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import ActedBy, Actor, Imported

# A letter may lie for months, a limitation period is three years; older than that is a slip of the pen.
YEAR: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(minutes=5)
NOBODY_KNOWN: Final = People()
OF_COMPLAINANT: Final = get_args(commands.OfTheComplainant)


RECEIVE: Final = "receive"


@dataclass(frozen=True)
class Identity:
    """What the storage gives a new complaint: its id, the number a person can quote, whose data key seals it.

    `query_code` is what the complainant alone is told, to ask how far it has come.
    """

    id: UUID
    number: str
    complainant_id: UUID
    query_code: str | None = None


def role_for_intake(procedure: Procedure, request: Request, accused: tuple[str, ...]) -> ActedBy:
    """The role this actor takes complaints down in. Raises `Recused` or `RoleForbids`."""
    actor = request.actor
    if is_among(actor.id, accused):
        raise errors.Recused
    seeing = frozenset(one.role for one in accesses(actor, procedure))
    role = procedure.may(RECEIVE, seeing)
    if role is None:
        raise step_of_others(RECEIVE, actor.roles, procedure)
    return actor.acting_as(role)


def check_intake(command: commands.ReceiveComplaint, procedure: Procedure, request: Request) -> ActedBy:
    """Everything that can be wrong with an intake. Raises the refusal; returns who takes it down."""
    by = role_for_intake(procedure, request, command.accused)
    if command.kind not in procedure.kinds:
        raise errors.UnknownKind("/kind", known=procedure.kinds)
    _check_complainant(command, procedure)
    issue_point_named(command.issue_point, procedure)
    occurred_at = command.occurred_at
    if occurred_at is not None:
        if occurred_at.tzinfo is None:
            raise errors.AbsurdTime("/occurred_at", without_offset=True)
        years = procedure.occurred_within_years
        if not request.at - years * YEAR <= occurred_at <= request.at + CLOCK_SKEW:
            raise errors.AbsurdTime("/occurred_at", years_back=years)
    check_answers(command.facts, procedure)
    check_required(command.facts, procedure)
    return by


def receive(
    command: commands.ReceiveComplaint,
    identity: Identity,
    by: ActedBy,
    procedure: Procedure,
    calendar: Calendar,
    *,
    at: datetime,
    people: People = NOBODY_KNOWN,
) -> Complaint:
    """Make the complaint of a checked intake. Clocks run from the time it occurred, at the latest from now.

    `people`: everybody known, among whom those accused are looked for.
    """
    complaint = begun(command, identity, by, procedure, calendar, at=at, people=people)
    escalate_to_circle(complaint, at)
    judge_clocks(complaint, at)
    return complaint


def begun(
    command: commands.ReceiveComplaint,
    identity: Identity,
    by: ActedBy,
    procedure: Procedure,
    calendar: Calendar,
    *,
    at: datetime,
    people: People = NOBODY_KNOWN,
    imported: Imported | None = None,
    old_number: str | None = None,
) -> Complaint:
    """A complaint of which no more is there than that it was received."""
    complaint = Complaint._create(
        events.Received,
        id=identity.id,
        timestamp=at,
        actor=by,
        number=identity.number,
        procedure=procedure.code,
        procedure_version=procedure.version,
        calendar=calendar.code,
        calendar_version=calendar.version,
        kind=command.kind,
        channel=command.channel,
        occurred_at=min(command.occurred_at or at, at).astimezone(UTC),
        complainant_id=identity.complainant_id,
        anonymous=command.complainant.anonymous,
        complainant=command.complainant,
        subject=command.subject,
        content=command.content,
        wants=command.wants,
        facts=command.facts,
        issue_point=issue_point_named(command.issue_point, procedure),
        accused=command.accused,
        call_id=command.call_id,
        query_code=identity.query_code,
        queue=_queue(by, procedure),
        district=_district(command.facts, procedure, command.kind),
        unmatched=tuple(people.unmatched(command.accused)),
        imported=imported,
        old_number=old_number,
    )
    return complaint.governed_by(procedure, calendar)


def _queue(by: ActedBy, procedure: Procedure) -> str | None:
    """Whose queue it waits in that a machine or nobody known took down: theirs who classify at first."""
    return procedure.queue_role if by.role in MACHINES or by.id == SOMEBODY else None


def _check_complainant(command: commands.ReceiveComplaint, procedure: Procedure) -> None:
    person = command.complainant
    given = (person.name, person.phone, person.email, person.address, person.customer_no)
    if person.anonymous and any(value is not None for value in given):
        raise errors.AnonymousWithData("/complainant")
    if person.anonymous and not procedure.anonymous_allowed:
        raise errors.AnonymousNotAllowed("/complainant/anonymous")


def received(complaint: Complaint, event: events.Received) -> None:
    complaint.number = event.number
    complaint.procedure_code, complaint.procedure_version = event.procedure, event.procedure_version
    complaint.calendar_code, complaint.calendar_version = event.calendar, event.calendar_version
    complaint.kind, complaint.channel = event.kind, event.channel
    complaint.occurred_at, complaint.received_at = event.occurred_at, event.timestamp
    complaint.received_by = event.actor
    complaint.complainant_id, complaint.anonymous = event.complainant_id, event.anonymous
    complaint.complainant, complaint.subject, complaint.content = event.complainant, event.subject, event.content
    complaint.old_number = event.old_number
    complaint.wants, complaint.facts, complaint.query_code = event.wants, event.facts, event.query_code
    complaint.issue_point, complaint.call_id, complaint.district = event.issue_point, event.call_id, event.district
    complaint.owner = Owner(role=event.queue) if event.queue else Owner(levelled(event.actor.id), event.actor.unit)
    version = event.originator_version
    whose = "anonymous" if event.anonymous else None
    complaint.take(Moment("Received", event.occurred_at, 1, subject=whose, version=version))
    complaint.take(Moment("Unclassified", event.occurred_at, 1, version=version))
    complaint.take(Moment("KindKnown", event.occurred_at, 1, subject=event.kind, version=version))
    take_accused(complaint, event)


def check_customer(complaint: Complaint, command: commands.CheckCustomer, by: ActedBy, request: Request) -> None:
    answer = request.customer_answer if command.matches is None else None
    matches = command.matches if answer is None else answer.matches
    if matches is None:
        raise errors.CheckNeedsResult("/matches")
    complaint.trigger(
        events.CustomerChecked, by, request.at,
        matches=matches, source="person" if answer is None else "lookup", findings=command.findings, answer=answer,
    )  # fmt: skip


def customer_checked(complaint: Complaint, event: events.CustomerChecked) -> None:
    complaint.customer_matches = event.matches
    complaint.add_moment("CustomerChecked", event)
    if event.answer is not None:  # what somebody finds by hand does not unsay it
        complaint.customer_unknown = event.answer.code == "no-such-customer"


def complete_form(complaint: Complaint, command: commands.CompleteForm, by: ActedBy, request: Request) -> None:
    check_answers(command.facts, complaint.procedure)
    new = {name: value for name, value in command.facts.items() if complaint.facts.get(name) != value}
    if new:
        district = _district(new, complaint.procedure, complaint.kind)
        complaint.trigger(events.FormCompleted, by, request.at, facts=new, district=district)


def form_completed(complaint: Complaint, event: events.FormCompleted) -> None:
    before = {name: complaint.facts[name] for name in event.facts if name in complaint.facts}
    if before:
        complaint.answered_before.append(before)
    complaint.facts = {**complaint.facts, **event.facts}
    complaint.district = event.district or complaint.district
    complaint.add_moment("FormCompleted", event, subject=" ".join(event.facts))


def is_known(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Whether there is anything to correct: of who stays anonymous nothing was taken down."""
    return not complaint.anonymous


def correct_complainant(
    complaint: Complaint, command: commands.CorrectComplainant, by: ActedBy, request: Request
) -> None:
    """Who stays anonymous has nothing to correct; who would become known is known in a complaint of their own."""
    if complaint.anonymous:
        raise errors.AnonymousStays
    given: dict[str, Any] = {name: value for name in OF_COMPLAINANT if (value := getattr(command, name)) is not None}
    twice = next((name for name in command.remove if name in given), None)
    if twice is not None:
        raise errors.GivenAndRemoved(f"/{twice}")
    known, removed = complaint.complainant, dict.fromkeys(map(str, command.remove), cast(Any, None))
    corrected = as_kept(replace(known, **given, **removed), "")
    changed = tuple(name for name in OF_COMPLAINANT if getattr(known, name) != getattr(corrected, name))
    if changed:
        complaint.trigger(
            events.ComplainantCorrected, by, request.at, complainant=corrected, changed=changed, reason=command.reason
        )  # fmt: skip


def complainant_corrected(complaint: Complaint, event: events.ComplainantCorrected) -> None:
    complaint.formerly.append(complaint.complainant)
    complaint.complainant = event.complainant
    complaint.add_moment("ComplainantCorrected", event, subject=" ".join(event.changed))


def correct_subject(complaint: Complaint, command: commands.CorrectSubject, by: ActedBy, request: Request) -> None:
    if command.subject != complaint.subject:
        complaint.trigger(
            events.SubjectCorrected, by, request.at, subject=command.subject, reason=command.reason
        )  # fmt: skip


def subject_corrected(complaint: Complaint, event: events.SubjectCorrected) -> None:
    complaint.subject = event.subject


def _district(facts: Mapping[str, Any], procedure: Procedure, kind: str) -> str | None:
    """Of a confidential matter not even that much is told."""
    return None if kind in procedure.confidential_to else district_in(facts, procedure)
