"""分类: what a complaint is about and how grave it is, and who hears of that at once."""

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import must_decide_the_way_out
from domain.complaint.ending import must_may_reclassify
from domain.complaint.escalation import escalate_on_severity, escalate_to, escalate_to_circle
from domain.complaint.issue_point import issue_point_named
from domain.procedure.issue_points import offered
from domain.procedure.procedure import Severity
from domain.request import Request
from domain.values import ActedBy


def classify(complaint: Complaint, command: commands.ClassifyComplaint, by: ActedBy, request: Request) -> None:
    procedure = complaint.procedure
    category = _checked_category(complaint, command.category or complaint.category)
    code = command.severity or complaint.severity or procedure.usual_severity
    severity = _checked_severity(complaint, code)
    if command.kind is not None and command.kind not in procedure.kinds:
        raise errors.UnknownKind("/kind", known=procedure.kinds)
    issue_point = _checked_issue_point(complaint, command.issue_point, code, category)
    kind = command.kind or complaint.kind
    must_may_reclassify(complaint, code, category, by, request.actor)
    before = (complaint.severity, complaint.category, complaint.issue_point, complaint.kind)
    if (code, category, issue_point, kind) == before:
        return
    must_decide_the_way_out(complaint, category, kind, by, request.actor)
    severity_before, category_before, _, kind_before = before
    complaint.trigger(
        events.Classified, by, request.at,
        severity=code, category=category, issue_point=issue_point, kind=command.kind,
    )  # fmt: skip
    secret = procedure.confidential_to
    opened = kind_before in secret and kind not in secret  # nobody outside the circle was told before
    if severity is not None and (severity.code != severity_before or opened):
        escalate_on_severity(complaint, severity, request.at)
    if (deciders := procedure.deciders_of(category)) != procedure.deciders_of(category_before) or opened:
        escalate_to(complaint, deciders, Cause.of("category"), request.at)
    if kind != kind_before:
        escalate_to_circle(complaint, request.at)


def _checked_category(complaint: Complaint, category: str | None) -> str:
    known = {code: category.title for code, category in complaint.procedure.categories.items()}
    if category is None:
        raise errors.CategoryMissing("/category", known=known)
    if not complaint.procedure.knows_category(category):
        raise errors.UnknownCategory("/category", known=known)
    return category


def _checked_severity(complaint: Complaint, code: str | None) -> Severity | None:
    """The severity meant; None in a procedure that has none."""
    severities = complaint.procedure.severities
    known = {code: severity.title for code, severity in severities.items()}
    if code is None and severities:
        raise errors.SeverityMissing("/severity", known=known)
    if code is None:
        return None
    severity = severities.get(code)
    if severity is None:
        raise errors.UnknownSeverity("/severity", known=known)
    if severity.front_line and complaint.this_round.units:
        raise errors.CaseAlreadyOpened
    return severity


def _checked_issue_point(complaint: Complaint, said: str | None, severity: str | None, category: str) -> str | None:
    """What went wrong, which is known at the latest when it is counted."""
    procedure = complaint.procedure
    issue_point = issue_point_named(said, procedure) or complaint.issue_point
    rule = procedure.recurrence
    is_counted = rule is not None and rule.counts_issue_points and rule.severity == severity
    if issue_point is None and is_counted and procedure.issue_points:
        raise errors.IssuePointMissing("/issue_point", known=offered(procedure.issue_points, category))
    return issue_point


def classified(complaint: Complaint, event: events.Classified) -> None:
    complaint.category = event.category
    complaint.issue_point = event.issue_point or complaint.issue_point
    if event.kind is not None and event.kind != complaint.kind:
        complaint.kind = event.kind
        complaint.add_moment("KindKnown", event, subject=event.kind)
    if complaint.status == "received":
        complaint.status = "classified"
    take_severity(complaint, event)


def take_severity(complaint: Complaint, event: events.Classified | events.SeverityRaised) -> None:
    """Its severity is known, which starts clocks; and the more so when it is another than before."""
    complaint.add_moment("Classified", event, subject=complaint.category)
    if event.severity is None:
        return
    if event.severity != complaint.severity:
        complaint.add_moment("SeverityChanged", event, subject=event.severity)
        complaint.escalations.clear()  # what was said of a slighter case is not said of a graver one
    complaint.severity = event.severity
    complaint.add_moment("SeverityKnown", event, subject=event.severity)
