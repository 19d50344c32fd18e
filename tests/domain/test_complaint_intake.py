"""Taking a complaint down, classifying it, and the ends that need no case: explained, settled, rejected, withdrawn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.intake import Identity, check_intake, receive
from domain.request import Request
from domain.values import Actor, Complainant
from tests.facts import (
    AGENT,
    ASKED,
    AUDITOR,
    BOARD_OFFICE,
    CLOSED,
    COMPLAINT_ID,
    INTEGRATION,
    MONDAY_9AM,
    OPENED,
    OTHER_ID,
    PARTNER,
    SETTLEMENT,
    TUESDAY_9AM,
    Fact,
    capa_requested,
    classified,
    drafted,
    followed,
    happened,
    meeting_held,
    on,
    person,
    received,
    rejected,
    settled,
    withdrawn,
)
from tests.spec import CN, given, kf0001

FORM = c.ReceiveComplaint("kf0001", "phone", "入金未到账", "三天未到账", Complainant(name="张三"))


def taken_down(command: c.ReceiveComplaint, *, by: Actor = AGENT, at: datetime = MONDAY_9AM) -> Complaint:
    role = check_intake(command, kf0001(), Request(by, at))
    identity = Identity(COMPLAINT_ID, "KF0001-20260302-000001", OTHER_ID)
    return receive(command, identity, role, kf0001(), CN, at=at)


def test_a_complaint_is_taken_down_with_the_versions_that_govern_it() -> None:
    complaint = taken_down(FORM)
    (event,) = complaint.collect_events()
    assert isinstance(event, events.Received)
    assert (event.procedure, event.procedure_version) == ("kf0001", "A/1.3")
    assert (event.calendar, event.calendar_version) == ("cn", CN.version)
    assert (event.actor.id, event.actor.role, event.actor.source) == ("agent-1", "agent", "api")
    assert (complaint.status, complaint.round, complaint.owner.actor) == ("received", 1, "agent-1")


def test_a_late_intake_carries_both_times_and_its_clocks_run_from_the_first() -> None:
    complaint = taken_down(
        c.ReceiveComplaint("kf0001", "letter", "入金未到账", "三天未到账", occurred_at=on("2026-02-13", "16:00"))
    )
    assert complaint.occurred_at == on("2026-02-13", "16:00")
    assert complaint.occurred_at.tzinfo is UTC
    assert complaint.received_at == MONDAY_9AM


def test_an_occurrence_a_little_ahead_of_our_clock_counts_as_now() -> None:
    complaint = taken_down(
        c.ReceiveComplaint("kf0001", "web", "题", "文", occurred_at=MONDAY_9AM + timedelta(minutes=4))
    )
    assert complaint.occurred_at == MONDAY_9AM


@pytest.mark.parametrize("occurred_at", [TUESDAY_9AM, on("2016-02-20"), MONDAY_9AM.replace(tzinfo=None)])
def test_an_absurd_time_of_occurrence_is_refused(occurred_at: datetime) -> None:
    with pytest.raises(errors.AbsurdTime) as refusal:
        taken_down(c.ReceiveComplaint("kf0001", "web", "题", "文", occurred_at=occurred_at))
    assert refusal.value.pointer == "/occurred_at"


def test_an_anonymous_complaint_is_taken_down() -> None:
    assert taken_down(c.ReceiveComplaint("kf0001", "letter", "题", "文", Complainant(anonymous=True))).anonymous


def test_an_anonymous_complainant_gives_no_name() -> None:
    with pytest.raises(errors.AnonymousWithData):
        taken_down(c.ReceiveComplaint("kf0001", "phone", "题", "文", Complainant(name="张三", anonymous=True)))


def test_a_kind_that_the_procedure_does_not_take_is_refused() -> None:
    with pytest.raises(errors.UnknownKind):
        taken_down(c.ReceiveComplaint("kf0001", "phone", "题", "文", kind="praise"))


@pytest.mark.parametrize("answers", [{"amount": "much"}, {"amount": True}, {"order_no": 7}])
def test_an_answer_that_does_not_fit_the_form_is_refused(answers: dict[str, Any]) -> None:
    with pytest.raises(errors.FactOfWrongKind):
        taken_down(c.ReceiveComplaint("kf0001", "phone", "题", "文", facts=answers))


def test_an_open_form_takes_further_answers() -> None:
    complaint = taken_down(c.ReceiveComplaint("kf0001", "phone", "题", "文", facts={"amount": 12.5, "branch": "北京"}))
    assert complaint.facts == {"amount": 12.5, "branch": "北京"}


def test_integrations_take_complaints_down() -> None:
    assert taken_down(FORM, by=INTEGRATION).received_by.role == "integration"


@pytest.mark.parametrize("actor", [SETTLEMENT, BOARD_OFFICE, AUDITOR, PARTNER], ids=lambda actor: actor.id)
def test_others_take_no_complaints_down(actor: Actor) -> None:
    with pytest.raises(errors.RoleForbids):
        taken_down(FORM, by=actor)


@pytest.mark.parametrize("roles", [("agent",), ("admin",)])
def test_nobody_takes_down_a_complaint_about_themselves(roles: tuple[str, ...]) -> None:
    with pytest.raises(errors.Recused):
        taken_down(c.ReceiveComplaint("kf0001", "phone", "题", "文", accused=("li",)), by=person("li", *roles))


def test_classification_names_severity_category_and_issue_point() -> None:
    given(received()).when(c.ClassifyComplaint("general", "process.deposit", "deposit-delay")).then(
        happened(
            events.Classified, severity="general", category="process.deposit", issue_point="deposit-delay", kind=None
        )
    )


def test_classifying_without_an_issue_point_keeps_the_one_of_the_intake() -> None:
    given(received(issue_point="deposit-delay")).when(c.ClassifyComplaint("general", "other")).then(
        happened(events.Classified, issue_point="deposit-delay")
    )


def test_an_open_category_takes_sub_categories() -> None:
    given(received()).when(c.ClassifyComplaint("general", "service.rudeness")).then(happened(events.Classified))


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (c.ClassifyComplaint("grave", "other"), errors.UnknownSeverity),
        (c.ClassifyComplaint("general", "weather"), errors.UnknownCategory),
        (c.ClassifyComplaint("general", "process.deposit.late"), errors.UnknownCategory),
        (c.ClassifyComplaint("general", "other", kind="praise"), errors.UnknownKind),
    ],
)
def test_a_classification_in_unknown_words_is_refused(command: c.Command, error: type[errors.Refused]) -> None:
    given(received()).when(command).then_refused(error)


def test_the_same_classification_again_changes_nothing() -> None:
    given(received(), classified()).when(c.ClassifyComplaint("general", "process.deposit")).then_nothing()


@pytest.mark.parametrize("severity", ["major", "severe"])
def test_manager_general_manager_and_board_office_are_told_of_a_grave_complaint_at_once(
    severity: str,
) -> None:
    outcome = given(received()).when(c.ClassifyComplaint(severity, "other"))
    outcome.then(
        happened(events.Classified, severity=severity),
        followed(events.Escalated, to_role="manager"),
        followed(events.Escalated, to_role="general-manager"),
        followed(events.Escalated, to_role="board-office"),
    )
    assert {event.timestamp for event in outcome.events} == {MONDAY_9AM}
    assert {event.actor.source for event in outcome.events[1:]} == {"policy"}


def test_nobody_above_is_told_of_a_general_complaint() -> None:
    given(received()).when(c.ClassifyComplaint("general", "other")).then(happened(events.Classified))


def test_a_new_category_alone_tells_nobody_again() -> None:
    given(received(), classified("major")).when(c.ClassifyComplaint("major", "other")).then(happened(events.Classified))


def test_a_major_complaint_that_turns_severe_is_told_again() -> None:
    outcome = given(received(), classified("major")).when(c.ClassifyComplaint("severe", "process.deposit"))
    assert [type(event) for event in outcome.events] == [events.Classified, *[events.Escalated] * 3]


def test_a_case_at_the_units_can_no_longer_become_minor() -> None:
    given(*ASKED).when(c.ClassifyComplaint("minor", "other")).then_refused(errors.CaseAlreadyOpened)


def test_a_complaint_is_classified_again_while_the_units_work() -> None:
    given(*ASKED).when(c.ClassifyComplaint("major", "process.deposit")).then(
        happened(events.Classified, severity="major"), *[followed(events.Escalated)] * 3
    )
    assert given(*ASKED, classified("major")).complaint.status == "dispatched"


def test_a_misunderstanding_is_explained_recorded_and_closed_without_a_case() -> None:
    outcome = given(received()).when(c.SettleOnTheSpot("出金须先完成银行验证", accepted=True))
    outcome.then(happened(events.SettledOnTheSpot, explanation="出金须先完成银行验证", accepted=True))
    assert outcome.complaint.status == "closed"
    assert outcome.complaint.severity is None
    assert [(clock.name, clock.state) for clock in outcome.complaint.clocks] == [("classify", "met")]


def test_an_explanation_that_the_customer_does_not_accept_leaves_the_complaint_open() -> None:
    outcome = given(received()).when(c.SettleOnTheSpot("软件如此设置", accepted=False))
    outcome.then(happened(events.SettledOnTheSpot, accepted=False))
    assert outcome.complaint.status == "received"


def test_the_front_line_settles_a_minor_complaint_directly() -> None:
    history = given(received(), classified("minor"))
    outcome = history.when(c.SettleOnTheSpot("已致歉", accepted=True))
    outcome.then(happened(events.SettledOnTheSpot))
    assert outcome.complaint.status == "closed"


def test_a_minor_complaint_can_be_closed_without_anything_else() -> None:
    given(received(), classified("minor")).when(c.CloseComplaint("已答复", "当场答复")).then(happened(events.Closed))


def test_the_front_line_settles_only_minor_complaints() -> None:
    for severity in ("general", "major", "severe"):
        given(received(), classified(severity)).when(c.SettleOnTheSpot("解释", True)).then_refused(
            errors.NotForFrontLine
        )


@pytest.mark.parametrize("command", [c.DraftOpinion("意见"), c.DispatchComplaint(("settlement",))])
def test_a_minor_complaint_goes_to_no_unit(command: c.Command) -> None:
    given(received(), classified("minor")).when(command).then_refused(errors.FrontLineSettles)


@pytest.mark.parametrize(
    "command", [c.DraftOpinion("意见"), c.DispatchComplaint(("settlement",)), c.CloseComplaint("无", "无")]
)
def test_nothing_is_drafted_sent_or_closed_before_classification(command: c.Command) -> None:
    given(received()).when(command).then_refused(errors.NotYetClassified)


def test_a_matter_that_does_not_qualify_is_rejected() -> None:
    outcome = given(received()).when(c.RejectComplaint("不属于本公司业务"))
    outcome.then(happened(events.Rejected, reason="不属于本公司业务"))
    assert outcome.complaint.status == "rejected"


def test_a_complaint_at_the_units_is_no_longer_rejected() -> None:
    given(*ASKED).when(c.RejectComplaint("太晚")).then_refused(errors.AlreadyDispatched)


@pytest.mark.parametrize("facts", [(received(),), OPENED, ASKED], ids=["received", "opened", "asked"])
def test_the_customer_may_withdraw_as_long_as_the_complaint_is_open(facts: tuple[Fact, ...]) -> None:
    outcome = given(*facts).when(c.WithdrawComplaint("已到账"))
    outcome.then(happened(events.Withdrawn, reason="已到账"))
    assert outcome.complaint.status == "withdrawn"


BARE = (received(),)


@pytest.mark.parametrize("facts", [CLOSED, (*BARE, settled()), (*BARE, rejected()), (*BARE, withdrawn())])
@pytest.mark.parametrize(
    "command",
    [
        c.ClassifyComplaint("severe", "other"),
        c.RejectComplaint("无"),
        c.SettleOnTheSpot("解释", True),
        c.DraftOpinion("意见"),
        c.DispatchComplaint(("trading",)),
        c.ExecuteMeasure("执行"),
        c.InformCustomer("sms", "告知"),
        c.WithdrawComplaint("撤回"),
        c.Remind("催办"),
        c.Assign("agent-2"),
    ],
)
def test_nothing_is_done_to_a_complaint_that_has_ended(facts: tuple[Fact, ...], command: c.Command) -> None:
    given(*facts).when(command).then_refused(errors.ComplaintEnded)


def test_a_misread_severity_is_put_right_before_a_unit_is_asked() -> None:
    given(received(), classified("minor"), classified("general"), drafted()).when(
        c.DispatchComplaint(("settlement",))
    ).then(happened(events.Dispatched, units=("settlement",)))


def test_a_meeting_and_a_report_do_not_move_the_status() -> None:
    assert given(received(), classified("major"), meeting_held(), capa_requested()).complaint.status == "classified"
