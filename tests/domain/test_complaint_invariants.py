"""What holds after any commands by anybody at any time, and for any order of old events that memory may meet."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from random import Random
from typing import Final, cast, get_args

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain import errors
from domain.clocks.clock import next_due_at, next_judgement_at
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.recurrence import raise_severity
from domain.complaint.state import ENDED, Status
from domain.complaint.steps import STEPS, allowed_steps, decide
from domain.procedure.duties import SPELLED_BEFORE
from domain.procedure.moments import MOMENTS, Condition
from domain.request import Request
from domain.values import Actor, LiabilityShare
from tests.facts import (
    ADMIN,
    AGENT,
    ASKED,
    AUDITOR,
    BOARD_OFFICE,
    CLOSED,
    FRIDAY_9AM,
    GENERAL_MANAGER,
    MANAGER,
    MONDAY_9AM,
    OTHER_ID,
    OVERTURNED,
    SETTLEMENT,
    STAFF,
    TRADING,
    Fact,
    accepted,
    accused,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    closed,
    disputed,
    extended,
    interim_measure,
    meeting_held,
    missed,
    raised,
    recalled,
    received,
    redirected,
    rejected,
    reopened,
    revised,
    ruled,
    settled,
    unit_added,
    warned,
    withdrawn,
)
from tests.spec import given, kf0001, memory_of, rebuilt

ACTORS: Final = (AGENT, MANAGER, SETTLEMENT, TRADING, BOARD_OFFICE, GENERAL_MANAGER, ADMIN, AUDITOR)
OTHERS: Final = {OTHER_ID: "KF0001-20260301-000009"}
SHARES: Final = (LiabilityShare("settlement", 70), LiabilityShare("trading", 30))
UNITS: Final = (None, "settlement", "trading")
ASKED_UNITS: Final = tuple(permutations(("settlement", "trading", "risk-control")))
SEVERITIES: Final = ("general", "general", "general", "severe", "general", "major", "general", "minor")

# One command per step; `n` varies what it says, `at` is now.
MAKERS: Final[dict[str, Callable[[int, datetime], c.Command]]] = {
    "classify": lambda n, at: c.ClassifyComplaint(SEVERITIES[n % 8], "other"),
    "reject": lambda n, at: c.RejectComplaint("不受理"),
    "override": lambda n, at: c.OverrideNeed("放行"),
    "settle": lambda n, at: c.SettleOnTheSpot("解释", n % 2 == 0),
    "draft-opinion": lambda n, at: c.DraftOpinion(f"意见{n}"),
    "dispatch": lambda n, at: c.DispatchComplaint((("settlement",), ("settlement", "trading"))[n % 2]),
    "accept": lambda n, at: c.AcceptWork(UNITS[n % 3]),
    "redirect": lambda n, at: c.RedirectComplaint(ASKED_UNITS[n % 6][0], ASKED_UNITS[n % 6][1], "派错了部门"),
    "recall": lambda n, at: c.RecallComplaint(ASKED_UNITS[n % 6][0], "派错了部门"),
    "add-unit": lambda n, at: c.AddUnit(ASKED_UNITS[n % 6][0], ("support", "lead")[n % 2]),
    "return": lambda n, at: c.ReturnWork("非本部门", "章程"),
    "confirm-opinion": lambda n, at: c.ConfirmOpinion(UNITS[n % 3]),
    "dispute-opinion": lambda n, at: c.DisputeOpinion("异议", unit=UNITS[n % 3]),
    "issue-ruling": lambda n, at: c.IssueRuling(("overturned", "upheld")[n % 2 and n % 3 and 1], "评审", SHARES),
    "revise-opinion": lambda n, at: c.ReviseOpinion(f"修改{n}"),
    "report-progress": lambda n, at: c.ReportProgress("进展"),
    "report-interim-measure": lambda n, at: c.ReportInterimMeasure("垫付"),
    "extend": lambda n, at: c.ExtendDeadline(
        ("unit-answers", "execute", "whole-case", "record-out", "capa-report")[n % 5],
        at + timedelta(days=n % 9 + 1), "等银行", UNITS[n % 3],
    ),
    "pause": lambda n, at: c.PauseClocks(
        "等客户资料", at + timedelta(days=n % 9 + 1), (None, "execute", "whole-case")[n % 3], UNITS[n % 3]
    ),
    "resume": lambda n, at: c.ResumeClocks((None, "execute")[n % 2]),
    "hold-meeting": lambda n, at: c.HoldMeeting(("销售部",), "专案"),
    "send-investigators": lambda n, at: c.SendInvestigators(("王五",), "现场"),
    "agree-solution": lambda n, at: c.AgreeSolution("方案", True),
    "approve": lambda n, at: c.Approve("赔偿", "oral", "gm-1"),
    "execute": lambda n, at: c.ExecuteMeasure(f"执行{n % 2}", UNITS[n % 3]),
    "inform-customer": lambda n, at: c.InformCustomer("sms", "告知"),
    "request-capa": lambda n, at: c.RequestCAPA(("settlement", "trading")[n % 2], "重复"),
    "submit-capa": lambda n, at: c.SubmitCAPA("人工", "补录", "对账", "李四", date(2026, 4, 1), UNITS[n % 3]),
    "issue-capa": lambda n, at: c.IssueCAPA(UNITS[n % 3]),
    "confirm-effect": lambda n, at: c.ConfirmEffect(n % 4 > 0, "检查"),
    "record-callback": lambda n, at: c.RecordCallback(n % 4 > 0, "phone", n % 5 > 0 if n % 4 > 0 else None),
    "close": lambda n, at: c.CloseComplaint("已解决", "小结"),
    "reopen": lambda n, at: c.ReopenComplaint("再次"),
    "withdraw": lambda n, at: c.WithdrawComplaint("撤回"),
    "escalate": lambda n, at: c.EscalateComplaint("manager", "无人回复"),
    "remind": lambda n, at: c.Remind("催办"),
    "supervise": lambda n, at: c.Supervise("督办"),
    "assign": lambda n, at: c.Assign(f"agent-{n % 3}"),
    "hand-over": lambda n, at: c.HandOver(ACTORS[n % 2].id),
    "accept-hand-over": lambda n, at: c.AcceptHandOver(),
    "check-customer": lambda n, at: c.CheckCustomer(n % 2 == 0),
    "complete-form": lambda n, at: c.CompleteForm({"order_no": f"A-{n % 2}"}),
    "correct-complainant": lambda n, at: c.CorrectComplainant("听错了", name=f"张{n % 3}"),
    "correct-subject": lambda n, at: c.CorrectSubject(f"主题 {n % 2}", "写错了"),
    "verify-charge": lambda n, at: c.VerifyCharge(Decimal(50 + n % 3), Decimal(30), n % 4 > 0, "查证"),
    "propose-compensation": lambda n, at: c.ProposeCompensation("错收", "credit", Decimal(n % 50 + 1)),
    "approve-compensation": lambda n, at: c.ApproveCompensation(n % 3 > 0, Decimal(n % 50 + 1)),
    "pay-compensation": lambda n, at: c.PayCompensation(),
    "grade-fault": lambda n, at: c.GradeFault(f"agent-{n % 5 + 5}", n % 3 + 1, "查实"),
    "record-apology": lambda n, at: c.RecordApology(("agent-9",), "manager-2", "phone"),
    "issue-notice": lambda n, at: c.IssueNotice("通报", "扣分", "settlement"),
    "retract-miss": lambda n, at: c.RetractMiss("record-out", "机器时钟有误"),
    "exclude-from-scoring": lambda n, at: c.ExcludeFromScoring("系统故障", "故障单 17"),
    "include-in-scoring": lambda n, at: c.IncludeInScoring("误报"),
    "match-accused": lambda n, at: c.MatchAccused(f"agent-{n % 50}", f"agent-{n % 3}" if n % 2 else None, "查实"),
    "name-accused": lambda n, at: c.NameAccused((f"agent-{n % 50}",)),
    "attach": lambda n, at: c.Attach("录音", "recording", "rec:1"),
    "add-note": lambda n, at: c.AddNote("备注"),
    "link": lambda n, at: c.LinkComplaints((OTHER_ID,)),
    "unlink": lambda n, at: c.UnlinkComplaints((OTHER_ID,), "关联有误"),
}  # fmt: skip
# What is recorded anew each time it is said: talks, remarks, attempts.
TOLD_AGAIN: Final = {
    "report-progress", "report-interim-measure", "hold-meeting", "send-investigators", "approve", "inform-customer",
    "confirm-effect", "record-callback", "escalate", "remind", "supervise", "attach", "add-note",
}  # fmt: skip
NEEDED: Final = {"report-interim-measure", "hold-meeting", "inform-customer", "confirm-effect", "record-callback"}
# What would end the story early, or send everybody home, if it were chosen as often as the rest.
ASIDE: Final = {"name-accused", "match-accused", "assign", "link", "unlink", "redirect", "recall", "add-unit"}
ENDINGS: Final = ("reject", "settle", "withdraw")


@dataclass
class Story:
    """A complaint that is handled as the service does it: folded, asked, and its events kept or thrown away."""

    stream: list[events.ComplaintEvent] = field(default_factory=lambda: [received().event(1)])
    now: datetime = MONDAY_9AM

    def ask(self, actor: Actor, step: str, number: int) -> errors.Refused | None:
        complaint = rebuilt(self.stream)
        command = MAKERS[step](number, self.now)
        try:
            decide(complaint, command, Request(actor, self.now, frozenset(), OTHERS, people=STAFF))
        except errors.Refused as refusal:
            return refusal
        self.keep(complaint)
        assert memory_of(complaint) == memory_of(rebuilt(self.stream))
        return None

    def raise_severity(self) -> None:
        complaint = rebuilt(self.stream)
        raise_severity(complaint, c.RaiseSeverity("deposit-delay", ()), self.now)
        self.keep(complaint)

    def keep(self, complaint: Complaint) -> None:
        self.stream += cast(list[events.ComplaintEvent], complaint.collect_events())

    def offers(self) -> list[tuple[Actor, str]]:
        complaint = rebuilt(self.stream)
        return [(actor, step) for actor in ACTORS for step in allowed_steps(complaint, actor) if step not in ENDINGS]


def check(story: Story) -> None:
    complaint = rebuilt(story.stream)
    assert complaint.status in get_args(Status)
    assert sum(share.percent for share in complaint.liability) in {0, 100}
    assert complaint.version == len(story.stream)
    judge_clocks(complaint, story.now)
    story.keep(complaint)
    judge_clocks(complaint, story.now)
    assert complaint.collect_events() == []
    assert complaint.clocks == rebuilt(story.stream).clocks
    for clock in complaint.clocks:
        assert clock.started_at <= clock.warn_at <= clock.due_at
        assert not (clock.soft and clock.state == "missed")
        assert not (clock.state == "running" and not clock.soft and clock.due_at <= story.now)
        assert not (clock.state == "running" and complaint.status in ENDED)
    following = next_judgement_at(complaint.clocks, complaint.judged)
    assert following is None or following > story.now
    assert complaint.owner.actor is None or complaint.owner.actor not in complaint.accused


def judgement_keys(story: Story) -> Counter[tuple[object, ...]]:
    severity: str | None = None
    keys: Counter[tuple[object, ...]] = Counter()
    for event in story.stream:
        if isinstance(event, events.Classified | events.SeverityRaised):
            severity = event.severity
        if isinstance(event, events.DeadlineWarned | events.DeadlineMissed):
            whole_case = severity if event.clock == "whole-case" and severity == "general" else None
            due = isinstance(event, events.DeadlineWarned) and event.due
            keys[
                type(event), due, event.clock, event.unit, event.round, event.started_at, event.due_at, whole_case
            ] += 1
    return keys


# A seed that hypothesis chooses, the same in every run; what it plays goes far deeper than lists of small numbers do.
CHANCES: Final = st.randoms(use_true_random=True)


def moves(story: Story, chance: Random, count: int) -> Iterator[tuple[Actor, str, int]]:
    """Who does what next: mostly what brings the case on, sometimes a remark, sometimes what nobody was offered."""
    for _ in range(count):
        story.now += timedelta(hours=chance.choice((0, 0, 0, 1, 5, 20, 72)))
        number = chance.randrange(1000)
        offers = story.offers()
        forward = [(actor, step) for actor, step in offers if step not in TOLD_AGAIN | ASIDE or step in NEEDED]
        kind = chance.random()
        if kind < 0.75 and forward:
            yield *chance.choice(forward), number
        elif kind < 0.85 and offers:
            yield *chance.choice(offers), number
        else:
            yield chance.choice(ACTORS), chance.choice(STEPS).name, number


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@drawn(CHANCES)
def test_no_sequence_of_commands_breaks_what_must_hold(chance: Random) -> None:
    story = Story()
    for actor, step, number in moves(story, chance, 60):
        if number % 40 == 0:
            story.raise_severity()
        story.ask(actor, step, number)
        check(story)
    assert max(judgement_keys(story).values(), default=1) == 1


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@drawn(CHANCES)
def test_a_step_that_is_not_offered_leaves_no_trace(chance: Random) -> None:
    story = Story()
    for actor, step, number in moves(story, chance, 50):
        check(story)
        before = len(story.stream)
        for other in (chance.choice(STEPS).name, chance.choice(STEPS).name):
            if other not in allowed_steps(rebuilt(story.stream), actor):
                story.ask(actor, other, number)
                assert len(story.stream) == before
        story.ask(actor, step, number)


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@drawn(CHANCES)
def test_the_same_command_again_changes_nothing(chance: Random) -> None:
    story = Story()
    for actor, step, number in moves(story, chance, 50):
        if story.ask(actor, step, number) is None:
            before = len(story.stream)
            story.ask(actor, step, number)
            assert step in TOLD_AGAIN or len(story.stream) == before


OLD_FACTS: Final = (
    *CLOSED[1:], *OVERTURNED[4:], *ASKED[3:], accepted(), accepted("trading"), disputed("trading"), revised(),
    ruled("upheld"), ruled("overturned", final=True), settled(), rejected(), withdrawn(), reopened(),
    classified("severe"), raised(), interim_measure(), extended("execute", FRIDAY_9AM, before=MONDAY_9AM),
    meeting_held(), closed(),
    extended("unit-answers", MONDAY_9AM - timedelta(days=30), before=MONDAY_9AM, unit="trading"),
    capa_issued(), capa_submitted("trading"), capa_requested(), called_back(reached=False), accused("agent-1"),
    redirected(), recalled("trading"), unit_added(), unit_added("risk-control", "lead"),
    warned("execute", started_at=MONDAY_9AM, due_at=FRIDAY_9AM),
    missed("tea", started_at=MONDAY_9AM, due_at=FRIDAY_9AM),
    Fact(events.Returned, {"unit": "nobody", "ground": "无", "legal_basis": "无"}),
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@drawn(st.permutations(OLD_FACTS), st.integers(0, len(OLD_FACTS)), st.integers(0, 300))
def test_memory_never_refuses_any_order_of_old_events(facts: list[Fact], length: int, hours: int) -> None:
    moved = [fact.at(MONDAY_9AM + index * timedelta(hours=hours)) for index, fact in enumerate(facts[:length])]
    complaint = given(received(), *moved).complaint
    assert complaint.version == length + 1
    assert next_due_at(complaint.clocks) in {None, *(clock.due_at for clock in complaint.clocks)}
    for actor in ACTORS:
        assert set(allowed_steps(complaint, actor)) <= set(kf0001().steps)
    judge_clocks(complaint, MONDAY_9AM + timedelta(days=400))
    complaint.collect_events()
    judge_clocks(complaint, MONDAY_9AM + timedelta(days=400))
    assert complaint.collect_events() == []


def test_every_moment_that_a_procedure_may_name_comes_from_an_event() -> None:
    others = (
        Fact(events.ProgressReported, {"text": "进展"}), Fact(events.SolutionAgreed, {"text": "方案", "agreed": True}),
        Fact(events.Escalated, {"to_role": "manager", "reason": "无人回复"}),
        Fact(events.AccusedNamed, {"people": ("前台",), "unmatched": ("前台",)}),
        Fact(events.HandedOver, {"to": "agent-2"}), Fact(events.HandoverAccepted, {"to": "agent-2"}),
        *(Fact(events.ChargeVerified, {
            "charged": Decimal(70), "due": due, "wrong": due < 70, "findings": "查证", "item": None,
        }) for due in (Decimal(30), Decimal(70))),
    )  # fmt: skip
    sent_back = Fact(events.Returned, {"unit": "settlement", "ground": "无", "legal_basis": "无"})
    appealed = Fact(events.Returned, {**sent_back.facts, "evidence": "录音"})
    complaint = given(*ASKED, sent_back, *ASKED[-1:], appealed, *OLD_FACTS, *others).complaint
    brought = {moment.name for moment in complaint.moments}
    assert brought >= MOMENTS - set(get_args(Condition)) - SPELLED_BEFORE.keys()
