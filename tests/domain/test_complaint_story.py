"""The whole of P0 in one go: each step of the reference procedure in its order, and the status after it."""

from datetime import date, datetime, timedelta
from typing import Final

from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.steps import STEP_OF, allowed_steps, decide
from domain.request import Request
from domain.values import Actor, LiabilityShare
from tests.facts import AGENT, BOARD_OFFICE, MANAGER, MONDAY_9AM, SETTLEMENT, STAFF, TRADING, received
from tests.spec import rebuilt

SHARES: Final = (LiabilityShare("settlement", 70), LiabilityShare("trading", 30))
REPORT: Final = c.SubmitCAPA("人工录入", "补录", "自动对账", "李四", date(2026, 4, 1))

# Hours after the receipt on Monday at nine, who, what, and the status after it.
GENERAL: Final[list[tuple[int, Actor, c.Command, str]]] = [
    (0, AGENT, c.ClassifyComplaint("general", "process.deposit", "deposit-delay"), "classified"),
    (1, AGENT, c.DraftOpinion("补入账并致歉"), "classified"),
    (2, AGENT, c.DispatchComplaint(("settlement", "trading")), "dispatched"),
    (3, TRADING, c.ConfirmOpinion(), "dispatched"),
    (4, SETTLEMENT, c.DisputeOpinion("银行的责任", "转交银行"), "disputed"),
    (6, BOARD_OFFICE, c.IssueRuling("overturned", "请修改", SHARES), "disputed"),
    (7, AGENT, c.ReviseOpinion("两部门共同处理"), "dispatched"),
    (8, SETTLEMENT, c.ConfirmOpinion(), "dispatched"),
    (9, TRADING, c.ConfirmOpinion(), "executing"),
    (25, TRADING, c.ExecuteMeasure("已致歉"), "executing"),
    (26, SETTLEMENT, c.ExecuteMeasure("已补入账"), "executed"),
    (27, AGENT, c.InformCustomer("sms", "款项已入账"), "informed"),
    (28, BOARD_OFFICE, c.RequestCAPA("settlement", "重复发生"), "informed"),
    (29, SETTLEMENT, REPORT, "informed"),
    (30, BOARD_OFFICE, c.IssueCAPA(), "informed"),
    (31, MANAGER, c.ConfirmEffect(True, "已改善"), "informed"),
    (32, AGENT, c.RecordCallback(False, "phone"), "informed"),
    (33, AGENT, c.RecordCallback(True, "phone", True, 5), "informed"),
    (34, AGENT, c.CloseComplaint("已解决", "补入账, 客户满意", True), "closed"),
]
# What a severe complaint needs besides, and it is due by the end of Tuesday.
MEETING: Final[list[tuple[int, Actor, c.Command, str]]] = [
    (1, BOARD_OFFICE, c.HoldMeeting(("销售部", "结算部"), "专案处理"), "classified"),
    (1, BOARD_OFFICE, c.SendInvestigators(("王五",), "客户现场"), "classified"),
    (1, BOARD_OFFICE, c.ReportProgress("第一期通报"), "classified"),
]


def played(steps: list[tuple[int, Actor, c.Command, str]]) -> list[events.ComplaintEvent]:
    """Every step by whom it is offered to, each on a complaint folded anew; the events of the whole story."""
    stream: list[events.ComplaintEvent] = [received().event(1)]
    for hours, actor, command, status in steps:
        complaint = rebuilt(stream)
        assert STEP_OF[type(command)].name in allowed_steps(complaint, actor)
        at: datetime = MONDAY_9AM + timedelta(hours=hours)
        decide(complaint, command, Request(actor, at, people=STAFF))
        assert complaint.status == status, command
        stream += complaint.collect_events()  # type: ignore[arg-type]
    return stream


def test_a_general_complaint_is_played_from_receipt_to_closing_with_every_clock_met() -> None:
    stream = played(GENERAL)
    assert [type(event).__name__ for event in stream] == [
        "Received", "Classified", "OpinionDrafted", "Dispatched", "OpinionConfirmed", "OpinionDisputed", "RulingIssued",
        "OpinionRevised", "OpinionConfirmed", "OpinionConfirmed", "Executed", "Executed", "CustomerInformed",
        "CAPARequested", "CAPASubmitted", "CAPAIssued", "EffectConfirmed", "CallbackDone", "CallbackDone", "Closed",
    ]  # fmt: skip
    complaint = rebuilt(stream)
    assert {clock.state for clock in complaint.clocks} == {"met"}
    assert {clock.name for clock in complaint.clocks} == {
        "classify", "record-out", "unit-answers", "ruling", "revision", "execute", "answer-customer", "close-out",
        "whole-case", "capa-report", "capa-issue",
    }  # fmt: skip
    assert complaint.liability == SHARES


def test_a_severe_complaint_is_told_met_about_investigated_and_closed_within_a_working_day() -> None:
    severe = [(0, AGENT, c.ClassifyComplaint("severe", "process.deposit", "deposit-delay"), "classified")]
    stream = played([*severe, *MEETING, *GENERAL[1:]])
    kinds = [type(event).__name__ for event in stream]
    assert kinds[:8] == [
        "Received", "Classified", "Escalated", "Escalated", "Escalated",
        "MeetingHeld", "InvestigatorsSent", "ProgressReported",
    ]  # fmt: skip
    assert "DeadlineMissed" not in kinds
    assert kinds[-1] == "Closed"


def test_a_story_that_takes_twice_as_long_shows_what_was_late() -> None:
    late = [(hours * 4, actor, command, status) for hours, actor, command, status in GENERAL]
    missed = [event.clock for event in played(late) if isinstance(event, events.DeadlineMissed)]
    assert missed == ["execute", "execute"], "each unit's own"
