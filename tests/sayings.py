"""One complaint of any ready procedure, and everything that one person could say in it: for stories made by chance."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any, Final, cast, get_args
from uuid import UUID

from domain import errors
from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.state import UnitRole
from domain.complaint.steps import STEP_NAMED, decide
from domain.people import People, Person
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import Actor, Complainant, LiabilityShare
from procedures.library import Library
from tests.facts import OTHER_ID

LIBRARY: Final = Library.ready()
PROCEDURES: Final = sorted(code for code, one in LIBRARY.procedures.items() if one.incidents is None)
OTHERS: Final = {OTHER_ID: "KF0001-20260301-000009"}
ANSWERS: Final[dict[str, Any]] = {"text": "A-1", "number": 7, "boolean": True, "date": "2026-03-01"}
ELSEWHERE: Final = "elsewhere"  # a unit of the deployment's own
ROLES_OF_UNITS: Final = get_args(UnitRole)
AN_HOUR: Final = timedelta(hours=1)
CALLBACKS: Final = ((True, True), (False, None), (True, False))
# What ends or freezes a story; taken as seldom as everything else together, so that stories come far.
ENDINGS: Final = {"reject", "withdraw", "settle", "name-accused", "grade-fault"}


def people(procedure: Procedure) -> list[Actor]:
    """One person of each role, those of two units, one of two roles, and the administrator."""
    units = list(procedure.units)[:2]
    roles = [role for role in procedure.roles if role != "unit"]
    return [
        *(Actor(f"{role}-1", frozenset({role})) for role in roles),
        *(Actor(f"{unit}-clerk", frozenset({"unit"}), unit) for unit in units),
        Actor("both-1", frozenset({"unit", *roles[:1]}), units[0] if units else None),
        Actor("admin-1", frozenset({"admin"})),
    ]


@cache
def known(procedure: Procedure) -> People:
    return People.of(Person(one.id, one.name, one.roles, one.unit) for one in people(procedure))


def taken_down(procedure: Procedure, kind: str, at: datetime, anonymous: bool) -> Complaint:
    person = Complainant(anonymous=True) if anonymous else Complainant("王芳", "+8613800000000")
    taken_by = next(actor for actor in people(procedure) if procedure.may("receive", actor.roles))
    answers = {field.name: ANSWERS[field.kind] for field in procedure.form if field.required}
    command = c.ReceiveComplaint(procedure.code, "phone", "出金", "未到账", person, kind, facts=answers)
    by = check_intake(command, procedure, Request(taken_by, at))
    identity = Identity(UUID(int=1), "X-20260302-000001", UUID(int=2))
    return receive(command, identity, by, procedure, LIBRARY.calendar(procedure.calendar), at=at)


def newcomer(complaint: Complaint) -> str:
    """Another unit of the deployment's own, which has nothing of this yet."""
    return f"{ELSEWHERE}-{complaint.version}"


def bodies(step: str, complaint: Complaint, at: datetime) -> Iterator[c.Command]:
    """What could be said in a step, as far as it makes a difference to whether it is accepted."""
    procedure = complaint.procedure
    units, sent = [None, *list(procedure.units)[:3]], [None, *sorted(complaint.sent_to)]
    means: Any = procedure.informs_by[0]
    match step:
        case "classify":
            severities = [None, *procedure.severities]
            for severity, category in product(severities, [None, *list(procedure.categories)[:3]]):
                yield c.ClassifyComplaint(severity, category)
                if severity is not None and category is not None and severity == complaint.severity:
                    points = list(procedure.issue_points) or ["one-point", "another-point"]
                    yield c.ClassifyComplaint(severity, category, points[complaint.version % len(points)])
        case "dispatch":
            yield from (c.DispatchComplaint(() if unit is None else (unit,)) for unit in units)
        case "redirect":
            having = [unit.unit for unit in complaint.this_round.at_work]
            for one, other in product(having, [*list(procedure.units)[:3], ELSEWHERE, newcomer(complaint)]):
                yield c.RedirectComplaint(one, other, "派错了部门")
        case "recall":
            yield from (c.RecallComplaint(unit.unit, "派错了部门") for unit in complaint.this_round.units)
        case "add-unit":
            for unit, role in product([*list(procedure.units)[:3], ELSEWHERE, newcomer(complaint)], ROLES_OF_UNITS):
                yield c.AddUnit(unit, role)
        case "return":
            yield from (c.ReturnWork("非本部门", "章程", "材料", unit) for unit in sent)
        case "accept" | "confirm-opinion" | "issue-capa":
            yield from (STEP_NAMED[step].command(unit) for unit in sent)
        case "dispute-opinion":
            yield from (c.DisputeOpinion("异议", unit=unit) for unit in sent)
        case "issue-ruling":
            share = LiabilityShare(next(iter(procedure.units)), 100)
            yield from (c.IssueRuling(outcome, "评审", (share,)) for outcome in ("overturned", "upheld"))
        case "extend":
            for clock in complaint.clocks:
                yield c.ExtendDeadline(clock.name, clock.due_at + AN_HOUR, "等银行", clock.unit)
        case "pause":
            yield from (c.PauseClocks("等资料", at + AN_HOUR, clock.name, clock.unit) for clock in complaint.clocks)
        case "resume":
            yield from (c.ResumeClocks(clock.name, unit=clock.unit) for clock in complaint.clocks)
        case "retract-miss":
            yield from (c.RetractMiss(clock.name, "时钟有误", clock.unit) for clock in complaint.clocks)
        case "agree-solution":
            yield from (c.AgreeSolution("方案", agreed, unit=unit) for agreed in (True, False) for unit in sent)
        case "approve":
            yield from (c.Approve("方案", "written", one.id, unit) for one in people(procedure) for unit in sent)
        case "execute":
            yield from (c.ExecuteMeasure(f"执行{complaint.version}", unit) for unit in sent)
        case "inform-customer":
            yield c.InformCustomer(means, "告知")
        case "request-capa":
            yield from (c.RequestCAPA(unit, "重复") for unit in list(procedure.units)[:3])
        case "submit-capa":
            yield from (c.SubmitCAPA("人工", "补录", "对账", "李四", at.date() + timedelta(30), unit) for unit in sent)
        case "confirm-effect":
            yield from (c.ConfirmEffect(effective, "检查") for effective in (True, False))
        case "record-callback":
            yield from (c.RecordCallback(reached, means, satisfied) for reached, satisfied in CALLBACKS)
        case "close":
            yield from (c.CloseComplaint("已解决", "小结", justified) for justified in (False, True))
        case "settle":
            yield from (c.SettleOnTheSpot("解释", accepted) for accepted in (True, False))
        case "escalate":
            yield from (c.EscalateComplaint(role, "无人回复") for role in procedure.roles)
        case "assign" | "hand-over":
            yield from (STEP_NAMED[step].command(one.id) for one in people(procedure))
        case "accept-hand-over":
            yield c.AcceptHandOver()
        case "check-customer":
            yield c.CheckCustomer(True)
        case "complete-form":
            yield from (c.CompleteForm({field.name: ANSWERS[field.kind]}) for field in procedure.form)
            yield c.CompleteForm({"anything": complaint.version})
        case "verify-charge":
            yield c.VerifyCharge(Decimal(90 + complaint.version), Decimal(30), True, "查证")
        case "propose-compensation":
            rule = procedure.compensation
            for basis, amount in product([*rule.billing_errors, "安抚"], [None, Decimal(10)]):
                yield c.ProposeCompensation(basis, "credit", amount, rule.currency)
        case "approve-compensation":
            standing = complaint.compensation_in("proposed")
            amount = None if standing is None else standing.amount
            yield from (c.ApproveCompensation(approved, amount) for approved in (True, False))
        case "pay-compensation":
            yield c.PayCompensation()
        case "grade-fault":
            yield from (c.GradeFault("agent-9", grade, f"查实{complaint.version}") for grade in (1, 2, 3))
        case "record-apology":
            yield c.RecordApology(("agent-9",), "manager-2", means)
        case "issue-notice":
            yield c.IssueNotice("通报", "扣分", people=(people(procedure)[0].id,))
        case "exclude-from-scoring":
            yield from (c.ExcludeFromScoring("系统故障", "故障单", unit) for unit in sent)
        case "remind":
            yield from (c.Remind("请尽快答复", unit) for unit in sent)
        case "supervise":
            yield from (c.Supervise("请尽快办理", unit=unit) for unit in sent)
        case "name-accused":
            yield c.NameAccused((f"agent-{complaint.version}",))
        case "match-accused":
            yield from (c.MatchAccused(one, None, f"查无此人{complaint.version}") for one in complaint.named)
            yield from (c.MatchAccused(one, "manager-1", "工号对应") for one in complaint.named)
        case "attach":
            yield from (c.Attach("录音", "recording", "rec:1", evidence=code) for code in [None, *procedure.evidence])
        case "correct-complainant":
            yield c.CorrectComplainant("听错了", name=f"张{complaint.version}")
        case "correct-subject":
            yield c.CorrectSubject(f"主题{complaint.version}", "写错了")
        case "link":
            yield c.LinkComplaints((OTHER_ID,))
        case "unlink":
            yield c.UnlinkComplaints((OTHER_ID,), "关联有误")
        case "hold-meeting":
            yield c.HoldMeeting(("销售部",), "专案")
        case "send-investigators":
            yield c.SendInvestigators(("王五",), "现场")
        case _:
            yield STEP_NAMED[step].command(f"话{complaint.version}")


@dataclass(frozen=True)
class Story:
    """What has happened to one complaint."""

    procedure: Procedure
    stream: tuple[ComplaintEvent, ...]
    _kept: list[Complaint] = field(default_factory=list, compare=False)

    @property
    def complaint(self) -> Complaint:
        complaint: Any = None
        for event in self.stream:
            complaint = event.mutate(complaint)
        assert isinstance(complaint, Complaint)
        return complaint.governed_by(self.procedure, LIBRARY.calendar(self.procedure.calendar))

    def untouched(self) -> Complaint:
        """As `complaint`, and the same one again for as long as nothing happens to it."""
        if not self._kept or self._kept[0].version != len(self.stream):
            self._kept[:] = [self.complaint]
        return self._kept[0]

    def after(self, complaint: Complaint) -> "Story":
        return Story(self.procedure, (*self.stream, *cast(list[ComplaintEvent], complaint.collect_events())))

    def accepted(self, step: str, actor: Actor, at: datetime) -> Iterator[Complaint]:
        """The complaint after each body of the step that is accepted, with what happened pending."""
        for command in bodies(step, self.untouched(), at):
            complaint = self.untouched()
            with suppress(errors.Refused):
                units = {ELSEWHERE, newcomer(complaint)}
                request = Request(actor, at, units, OTHERS, people=known(complaint.procedure))
                decide(complaint, command, request)
                yield complaint

    def happens(self, step: str, actor: Actor, at: datetime) -> Iterator[Complaint]:
        """As `accepted`, where it changes something."""
        return (after for after in self.accepted(step, actor, at) if after.pending_events)
