"""What may be asked of a complaint while its procedure is walked: each step's command, in every way that matters.

`turn` names what leaves the straight way (a dispute, a return, a second unit): walks with fewer turns come first.
`supplies`: it only adds a fact, so it is asked where something waits for it. A step that is in no row here is asked
with what the fields of its command are made of, so that no step goes unwalked.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.steps import STEP_NAMED
from domain.procedure.procedure import Category, Procedure
from domain.values import Actor, CustomerAnswer, LiabilityShare
from procedures.walk.people import SOMEBODY, SOMEBODY_ELSE, SOMEBODY_UNKNOWN, People

TEXT: Final = "…"
ANOTHER_ID: Final = UUID(int=1)
A_DAY: Final = timedelta(days=1)
A_MINUTE: Final = timedelta(minutes=1)
CHARGED: Final = Decimal(70)
DUE: Final = Decimal(50)
# What the customer system says where it is asked; what people find by hand they say themselves.
NO_SUCH_CUSTOMER: Final = CustomerAnswer.of("no-such-customer")


@dataclass(frozen=True)
class Ask:
    """One way to take a step. `later`: how long after the step before it; `actor`: who alone is asked, if anybody."""

    step: str
    command: c.Command
    turn: str | None = None
    supplies: bool = False
    later: timedelta = A_MINUTE
    actor: Actor | None = None


@dataclass(frozen=True)
class Asking:
    """What the asks of one moment are made from."""

    complaint: Complaint
    procedure: Procedure
    people: People
    categories: tuple[str, ...]
    at: datetime

    @property
    def asked(self) -> tuple[str, ...]:
        """The units that have it."""
        return tuple(unit.unit for unit in self.complaint.this_round.at_work)

    @property
    def one_asked(self) -> str | None:
        """One of them, where any has it."""
        return next(iter(self.asked), None)

    @property
    def is_early(self) -> bool:
        """Classified, and nobody was asked."""
        return self.complaint.category is not None and not self.complaint.sent_to

    @property
    def is_late(self) -> bool:
        """Executed, or with nobody to execute it."""
        return self.complaint.standing.has_result or self.complaint.status == "closed"


Asks = Callable[[Asking], Iterator[Ask]]


def asks_of(asking: Asking) -> Iterator[Ask]:
    """Every ask that may be worth while now; what the rules refuse is found out by asking."""
    for step in asking.procedure.steps:
        if step != "receive":
            yield from (ROWS.get(step) or _made_up(step))(asking)


def _one(step: str, command: c.Command, turn: str | None = None, *, supplies: bool = False) -> Asks:
    ask = Ask(step, command, turn, supplies)
    return lambda _: iter((ask,))


def _made_up(step: str) -> Asks:
    def asks(asking: Asking) -> Iterator[Ask]:
        yield Ask(step, _filled_in(STEP_NAMED[step].command, asking), turn=step)

    return asks


def _filled_in(command: type[c.Command], asking: Asking) -> c.Command:
    """A command of this type with whatever its fields ask for."""
    people = asking.people
    known: dict[str, Any] = {
        "unit": people.right, "units": (people.other,), "person": SOMEBODY, "people": (SOMEBODY,),
        "until": asking.at + A_DAY,
    }  # fmt: skip
    needed = [field.name for field in fields(command) if field.default is MISSING and field.default_factory is MISSING]
    return command(**{name: known.get(name, TEXT) for name in needed})


# Classification


def _classify(asking: Asking) -> Iterator[Ask]:
    """First of all in every way that makes a difference; later to another severity or category."""
    complaint, procedure = asking.complaint, asking.procedure
    first = complaint.category is None
    for severity in tuple(procedure.severities) or (None,):
        for category in asking.categories:
            if first:
                turn = None if category == asking.categories[0] else "another-category"
                yield Ask("classify", c.ClassifyComplaint(severity, category, issue_point(procedure)), turn)
            elif (severity, category) != (complaint.severity, complaint.category) and (
                severity == complaint.severity or category == complaint.category
            ):
                yield Ask("classify", c.ClassifyComplaint(severity, category), "reclassified")


def issue_point(procedure: Procedure) -> str:
    """The first that the file lists, where it lists any."""
    return next(iter(getattr(procedure, "issue_points", ())), "issue")


def categories_that_differ(procedure: Procedure) -> tuple[str, ...]:
    """One of the categories that are handled alike."""
    found: dict[object, str] = {}
    for code, category in procedure.categories.items():
        found.setdefault(_handled_as(procedure, category), code)
    return tuple(found.values())


def _handled_as(procedure: Procedure, category: Category) -> object:
    needs = tuple(procedure.needs_of(step, None, category.code) for step in ("close", *sorted(procedure.steps)))
    return needs, procedure.deciders_of(category.code)


def _settle(asking: Asking) -> Iterator[Ask]:
    severity = asking.procedure.severities.get(asking.complaint.severity or "")
    comes_first = severity is not None and severity.explain_first
    yield Ask("settle", c.SettleOnTheSpot(TEXT, accepted=True))
    yield Ask("settle", c.SettleOnTheSpot(TEXT, accepted=False), None if comes_first else "not-accepted")


# The units


def _dispatch(asking: Asking) -> Iterator[Ask]:
    people, back = asking.people, asking.complaint.this_round.returned_by
    yield Ask("dispatch", c.DispatchComplaint((people.right,)))
    if people.right in back:
        yield Ask("dispatch", c.DispatchComplaint((people.other,)))
    else:
        yield Ask("dispatch", c.DispatchComplaint((people.right, people.other)), "several-units")


def _redirect(asking: Asking) -> Iterator[Ask]:
    people = asking.people
    for unit, to in ((people.right, people.other), (people.other, people.right)):
        if asking.asked == (unit,):
            yield Ask("redirect", c.RedirectComplaint(unit, to, TEXT), "redirected")


def _recall(asking: Asking) -> Iterator[Ask]:
    for unit in asking.asked[:1]:
        yield Ask("recall", c.RecallComplaint(unit, TEXT), "recalled")


def _add_unit(asking: Asking) -> Iterator[Ask]:
    if asking.asked == (asking.people.right,):
        yield Ask("add-unit", c.AddUnit(asking.people.other), "several-units")


def _of_each_unit(step: str, command: Callable[[str | None], c.Command], turn: str | None = None) -> Asks:
    def asks(asking: Asking) -> Iterator[Ask]:
        for unit in asking.asked:
            yield Ask(step, command(unit), turn)

    return asks


def _execute(asking: Asking) -> Iterator[Ask]:
    yield from (Ask("execute", c.ExecuteMeasure(TEXT, unit)) for unit in asking.asked)
    yield Ask("execute", c.ExecuteMeasure(TEXT), "executed-for-all")


def _ruling(asking: Asking) -> Iterator[Ask]:
    shares = (LiabilityShare((*asking.asked, asking.people.right)[0], 100),)
    yield Ask("issue-ruling", c.IssueRuling("upheld", TEXT, shares))
    yield Ask("issue-ruling", c.IssueRuling("overturned", TEXT, shares))


# The customer


def _inform(asking: Asking) -> Iterator[Ask]:
    means: Any = (*asking.procedure.informs_by, "phone")[0]
    yield Ask("inform-customer", c.InformCustomer(means, TEXT))


def _callback(asking: Asking) -> Iterator[Ask]:
    later = asking.procedure.callback_apart + A_MINUTE
    yield Ask("record-callback", c.RecordCallback(reached=True, means="phone", satisfied=True))
    yield Ask("record-callback", c.RecordCallback(reached=True, means="phone", satisfied=False), "dissatisfied")
    yield Ask("record-callback", c.RecordCallback(reached=False, means="phone"), "not-reached", later=later)


def _close(asking: Asking) -> Iterator[Ask]:
    for justified in (False, True):
        yield Ask("close", c.CloseComplaint(TEXT, TEXT, justified))


def _agree(asking: Asking) -> Iterator[Ask]:
    yield Ask("agree-solution", c.AgreeSolution(TEXT, agreed=True))
    yield Ask("agree-solution", c.AgreeSolution(TEXT, agreed=False), "not-agreed")


def _approve(asking: Asking) -> Iterator[Ask]:
    for actor in asking.people.who_may(asking.procedure, "approve"):
        for unit in (*asking.asked, None):
            yield Ask("approve", c.Approve(TEXT, "oral", actor.id, unit), actor=actor, supplies=True)


# Money


def _verify(asking: Asking) -> Iterator[Ask]:
    if asking.is_early or asking.is_late:
        yield Ask("verify-charge", c.VerifyCharge(CHARGED, DUE, True, TEXT), "money")


def _propose(asking: Asking) -> Iterator[Ask]:
    if not (asking.is_early or asking.is_late or asking.complaint.charges):
        return
    rule = asking.procedure.compensation
    basis = next(iter(rule.billing_errors), TEXT)
    whole = rule.times * (CHARGED - DUE)
    yield Ask("propose-compensation", c.ProposeCompensation(basis, "credit", whole, rule.currency), "money")


def _approve_money(asking: Asking) -> Iterator[Ask]:
    proposed = asking.complaint.compensation_in("proposed")
    amount = None if proposed is None else proposed.amount
    yield Ask("approve-compensation", c.ApproveCompensation(True, amount))
    yield Ask("approve-compensation", c.ApproveCompensation(False), "money-refused")


# Facts


def _escalate(asking: Asking) -> Iterator[Ask]:
    for role in asking.procedure.roles:
        yield Ask("escalate", c.EscalateComplaint(role, TEXT), supplies=True)


def _check_customer(asking: Asking) -> Iterator[Ask]:
    """By hand; and by the customer system, which may say what stands in the way of the rest."""
    for matches in (True, False):
        yield Ask("check-customer", c.CheckCustomer(matches, TEXT), supplies=True)
    yield Ask("check-customer", c.CheckCustomer(None, TEXT), "unknown-customer")


def _name_accused(asking: Asking) -> Iterator[Ask]:
    for person in (SOMEBODY, SOMEBODY_UNKNOWN):
        yield Ask("name-accused", c.NameAccused((person,)), supplies=True)


def _match(asking: Asking) -> Iterator[Ask]:
    for person in asking.complaint.named:
        yield Ask("match-accused", c.MatchAccused(person, SOMEBODY_ELSE, TEXT), supplies=True)


def _attach(asking: Asking) -> Iterator[Ask]:
    for code in (*asking.procedure.evidence, None):
        yield Ask("attach", c.Attach(TEXT, "recording", TEXT, evidence=code), supplies=True)


def _form(asking: Asking) -> Iterator[Ask]:
    facts = answers(asking.procedure)
    if facts:
        yield Ask("complete-form", c.CompleteForm(facts), supplies=True)


def _nothing(asking: Asking) -> Iterator[Ask]:
    """On no walk anything is taken down wrong."""
    return iter(())


def answers(procedure: Procedure) -> dict[str, Any]:
    """An answer to every question of the form."""
    kinds: dict[str, Any] = {"text": TEXT, "number": 1, "boolean": True, "date": "2026-03-02"}
    return {field.name: kinds[field.kind] for field in procedure.form}


def _extend(asking: Asking) -> Iterator[Ask]:
    for clock in asking.complaint.clocks:
        if clock.state == "running":
            yield Ask("extend", c.ExtendDeadline(clock.name, clock.due_at + A_DAY, TEXT, clock.unit), supplies=True)


def _request_capa(asking: Asking) -> Iterator[Ask]:
    """Beside the rest, so it is asked where that is nearly over."""
    if asking.is_late:
        yield Ask("request-capa", c.RequestCAPA(asking.people.right, TEXT), "capa")


def _capa(asking: Asking) -> Iterator[Ask]:
    day = (asking.at + 20 * A_DAY).date()
    yield Ask("submit-capa", c.SubmitCAPA(TEXT, TEXT, TEXT, TEXT, day, asking.people.right))


def _pause(asking: Asking) -> Iterator[Ask]:
    yield Ask("pause", c.PauseClocks(TEXT, asking.at + A_DAY), supplies=True)


def _notice(asking: Asking) -> Iterator[Ask]:
    yield Ask("issue-notice", c.IssueNotice(TEXT, TEXT, asking.people.right), supplies=True)


def _hand_over(asking: Asking) -> Iterator[Ask]:
    for actor in asking.people.who_may(asking.procedure, "accept-hand-over"):
        yield Ask("hand-over", c.HandOver(actor.id), supplies=True)


def _assign(asking: Asking) -> Iterator[Ask]:
    for actor in asking.people.who_may(asking.procedure, "receive"):
        yield Ask("assign", c.Assign(actor.id), supplies=True)


ROWS: Final[dict[str, Asks]] = {
    "classify": _classify,
    "reject": _one("reject", c.RejectComplaint(TEXT)),
    "settle": _settle,
    "draft-opinion": _one("draft-opinion", c.DraftOpinion(TEXT)),
    "dispatch": _dispatch,
    "redirect": _redirect,
    "recall": _recall,
    "add-unit": _add_unit,
    "accept": _of_each_unit("accept", c.AcceptWork),
    "return": _of_each_unit("return", lambda unit: c.ReturnWork(TEXT, TEXT, unit=unit), "returned"),
    "confirm-opinion": _of_each_unit("confirm-opinion", lambda unit: c.ConfirmOpinion(unit=unit)),
    "dispute-opinion": _of_each_unit("dispute-opinion", lambda unit: c.DisputeOpinion(TEXT, unit=unit), "disputed"),
    "issue-ruling": _ruling,
    "revise-opinion": _one("revise-opinion", c.ReviseOpinion(TEXT)),
    "report-progress": _one("report-progress", c.ReportProgress(TEXT), supplies=True),
    "report-interim-measure": _one("report-interim-measure", c.ReportInterimMeasure(TEXT), supplies=True),
    "extend": _extend,
    "pause": _pause,
    "resume": _one("resume", c.ResumeClocks(), supplies=True),
    "hold-meeting": _one("hold-meeting", c.HoldMeeting((TEXT,), TEXT), supplies=True),
    "send-investigators": _one("send-investigators", c.SendInvestigators((TEXT,), TEXT), supplies=True),
    "agree-solution": _agree,
    "approve": _approve,
    "execute": _execute,
    "inform-customer": _inform,
    "request-capa": _request_capa,
    "submit-capa": _capa,
    "issue-capa": lambda it: iter((Ask("issue-capa", c.IssueCAPA(it.people.right)),)),
    "confirm-effect": lambda _: iter((
        Ask("confirm-effect", c.ConfirmEffect(True, TEXT)),
        Ask("confirm-effect", c.ConfirmEffect(False, TEXT), "no-effect"),
    )),
    "record-callback": _callback,
    "close": _close,
    "reopen": _one("reopen", c.ReopenComplaint(TEXT), "reopened"),
    "withdraw": _one("withdraw", c.WithdrawComplaint(TEXT)),
    "escalate": _escalate,
    "remind": lambda it: iter((Ask("remind", c.Remind(TEXT, it.one_asked), supplies=True),)),
    "supervise": lambda it: iter((Ask("supervise", c.Supervise(TEXT, unit=it.one_asked), supplies=True),)),
    "assign": _assign,
    "hand-over": _hand_over,
    "accept-hand-over": _one("accept-hand-over", c.AcceptHandOver(), supplies=True),
    "check-customer": _check_customer,
    "override": _one("override", c.OverrideNeed(TEXT), supplies=True),
    "match-accused": _match,
    "complete-form": _form,
    "correct-complainant": _nothing,
    "correct-subject": _nothing,
    "verify-charge": _verify,
    "propose-compensation": _propose,
    "approve-compensation": _approve_money,
    "pay-compensation": _one("pay-compensation", c.PayCompensation()),
    "grade-fault": _one("grade-fault", c.GradeFault(SOMEBODY, 1, TEXT), supplies=True),
    "record-apology": _one("record-apology", c.RecordApology((SOMEBODY,), SOMEBODY_ELSE, "phone"), supplies=True),
    "issue-notice": _notice,
    "retract-miss": _one("retract-miss", c.RetractMiss("", TEXT), supplies=True),
    "exclude-from-scoring": _one("exclude-from-scoring", c.ExcludeFromScoring(TEXT, TEXT), supplies=True),
    "include-in-scoring": _one("include-in-scoring", c.IncludeInScoring(TEXT), supplies=True),
    "name-accused": _name_accused,
    "attach": _attach,
    "add-note": _one("add-note", c.AddNote(TEXT), supplies=True),
    "link": _one("link", c.LinkComplaints((ANOTHER_ID,)), supplies=True),
    "unlink": _one("unlink", c.UnlinkComplaints((ANOTHER_ID,), TEXT), supplies=True),
}  # fmt: skip
