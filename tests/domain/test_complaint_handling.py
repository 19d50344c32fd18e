"""Interim measures and extensions, what major and severe complaints ask for, telling the customer, CAPA reports."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    BOARD_OFFICE,
    CLOSED,
    EXECUTED,
    EXECUTING,
    GENERAL_MANAGER,
    MANAGER,
    MONDAY_9AM,
    OPENED,
    READY_TO_CLOSE,
    SETTLEMENT,
    TRADING,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    confirmed,
    executed,
    extended,
    happened,
    interim_measure,
    meeting_held,
    on,
    received,
    reopened,
    withdrawn,
)
from tests.spec import given

END_OF_TUESDAY, END_OF_WEDNESDAY = on("2026-03-04", "00:00"), on("2026-03-05", "00:00")
REPORT = c.SubmitCAPA("人工录入", "补录", "自动对账", "李四", date(2026, 4, 1))


def later(clock: str, **fields: Any) -> c.ExtendDeadline:
    defaults: dict[str, Any] = {"until": on("2026-03-05", "18:00"), "reason": "等银行回复"}
    return c.ExtendDeadline(clock, **(defaults | fields))


def test_no_step_is_postponed_without_a_written_interim_measure() -> None:
    for actor in (SETTLEMENT, AGENT, BOARD_OFFICE):
        given(*ASKED).when(later("unit-answers"), by=actor).then_refused(errors.InterimMeasureMissing)


def test_after_an_interim_measure_the_unit_postpones_its_answer() -> None:
    given(*ASKED).when(c.ReportInterimMeasure("先行垫付"), by=SETTLEMENT).then(
        happened(events.InterimMeasureReported, text="先行垫付")
    )
    given(*ASKED, interim_measure()).when(later("unit-answers"), by=SETTLEMENT).then(
        happened(
            events.Extended,
            clock="unit-answers", unit="settlement", before=END_OF_TUESDAY, until=on("2026-03-05", "18:00"),
        )
    )  # fmt: skip


def test_an_extension_is_kept_in_utc() -> None:
    (event,) = given(*ASKED, interim_measure()).when(later("unit-answers"), by=SETTLEMENT).events
    assert isinstance(event, events.Extended)
    assert event.until.utcoffset() == timedelta(0)


def test_a_unit_that_postpones_the_execution_moves_its_own_clock() -> None:
    history = given(*EXECUTING, interim_measure())
    history.when(later("execute"), by=SETTLEMENT).then(happened(events.Extended, clock="execute", unit="settlement"))
    moved = (*EXECUTING, interim_measure(), extended("execute", on("2026-03-06"), before=END_OF_WEDNESDAY))
    assert given(*moved).clock("execute").due_at == on("2026-03-06")


def test_an_extension_that_names_the_unit_moves_the_clock_of_that_unit() -> None:
    named = extended("execute", on("2026-03-06"), before=END_OF_WEDNESDAY, unit="settlement")
    assert given(*EXECUTING, interim_measure(), named).clock("execute").due_at == on("2026-03-06")


def test_a_further_extension_of_a_clock_needs_a_new_interim_measure() -> None:
    once = (*ASKED, interim_measure(), extended("unit-answers", on("2026-03-05"), before=END_OF_TUESDAY))
    given(*once).when(later("unit-answers"), by=SETTLEMENT).then_refused(errors.InterimMeasureMissing)
    given(*once, interim_measure()).when(later("unit-answers"), by=SETTLEMENT).then(happened(events.Extended))


def test_an_interim_measure_of_a_former_round_postpones_nothing() -> None:
    again = (*READY_TO_CLOSE, interim_measure(), reopened())
    given(*again).when(later("record-out")).then_refused(errors.InterimMeasureMissing)


@pytest.mark.parametrize(
    "fields",
    [{"until": END_OF_TUESDAY}, {"until": MONDAY_9AM}, {"until": END_OF_TUESDAY + timedelta(days=366, seconds=1)}],
)
def test_an_extension_ends_later_than_before_and_within_a_year(fields: dict[str, Any]) -> None:
    given(*ASKED, interim_measure()).when(later("unit-answers", **fields)).then_refused(errors.NotLater)


def test_an_extension_says_its_offset() -> None:
    command = later("unit-answers", until=on("2026-03-06").replace(tzinfo=None))
    given(*ASKED, interim_measure()).when(command).then_refused(errors.AbsurdTime)


def test_only_a_clock_that_runs_is_moved() -> None:
    measure = interim_measure()
    given(*ASKED, measure).when(later("record-out")).then_refused(errors.ClockNotRunning)
    given(*ASKED, measure).when(later("execute")).then_refused(errors.ClockNotRunning)
    given(*EXECUTING, measure).when(later("unit-answers")).then_refused(errors.ClockNotRunning)
    given(*ASKED, measure).when(later("unit-answers", unit="trading")).then_refused(errors.ClockNotRunning)
    given(*ASKED, measure).when(later("tea-time")).then_refused(errors.UnknownClock)


def test_a_missed_clock_is_no_longer_moved() -> None:
    given(*ASKED, interim_measure()).when(later("unit-answers"), by=SETTLEMENT, at=WEDNESDAY_9AM).then_refused(
        errors.ClockNotRunning
    )


def test_a_unit_postpones_its_own_answer_only() -> None:
    history = given(*ASKED_TWO, interim_measure())
    history.when(later("unit-answers", unit="trading"), by=SETTLEMENT).then_refused(errors.NotForAnotherUnit)
    moved = extended("unit-answers", on("2026-03-06"), before=END_OF_TUESDAY, unit="settlement")
    after = given(*ASKED_TWO, interim_measure(), moved)
    assert after.clock("unit-answers", "settlement").due_at == on("2026-03-06")
    assert after.clock("unit-answers", "trading").due_at == END_OF_TUESDAY


def test_customer_service_postpones_the_answers_of_all_units_or_of_one() -> None:
    history = given(*ASKED_TWO, interim_measure())
    history.when(later("unit-answers")).then(happened(events.Extended, unit=None))
    history.when(later("unit-answers", unit="trading")).then(happened(events.Extended, unit="trading"))


@pytest.mark.parametrize("severity", ["major", "severe"])
def test_the_board_office_convenes_a_meeting_and_sends_investigators(severity: str) -> None:
    history = given(received(), classified(severity))
    history.when(c.HoldMeeting(("销售部", "结算部"), "专案处理"), by=BOARD_OFFICE).then(
        happened(events.MeetingHeld, attendees=("销售部", "结算部"), decisions="专案处理")
    )
    history.when(c.SendInvestigators(("王五",), "客户现场"), by=BOARD_OFFICE).then(
        happened(events.InvestigatorsSent, people=("王五",), place="客户现场")
    )


@pytest.mark.parametrize("command", [c.HoldMeeting(("销售部",), "专案"), c.SendInvestigators(("王五",), "现场")])
@pytest.mark.parametrize("actor", [AGENT, MANAGER, GENERAL_MANAGER], ids=lambda actor: actor.id)
def test_only_the_board_office_convenes_and_sends(command: c.Command, actor: Any) -> None:
    given(received(), classified("severe")).when(command, by=actor).then_refused(errors.RoleForbids)


def test_there_is_no_meeting_before_the_complaint_is_classified() -> None:
    given(received()).when(c.HoldMeeting(("销售部",), "专案"), by=BOARD_OFFICE).then_refused(errors.NotYetClassified)


def test_the_board_office_follows_the_improvement_with_bulletins() -> None:
    bulletin = happened(events.ProgressReported, text="第一期通报").by(BOARD_OFFICE)
    outcome = given(received(), classified("severe"), meeting_held(), bulletin).when(
        c.ReportProgress("第二期通报"), by=BOARD_OFFICE
    )
    outcome.then(happened(events.ProgressReported, text="第二期通报"))
    assert outcome.events[0].actor.role == "board-office"


def test_the_bulletins_go_on_after_the_close() -> None:
    bulletin = c.ReportProgress("改善情况通报")
    given(*CLOSED).when(bulletin, by=BOARD_OFFICE).then(happened(events.ProgressReported, text="改善情况通报"))
    given(received(), withdrawn()).when(bulletin, by=BOARD_OFFICE).then_refused(errors.ComplaintEnded)


def test_each_report_of_progress_is_a_fact_of_its_own() -> None:
    progress = happened(events.ProgressReported, text="处理中")
    given(*ASKED, progress).when(c.ReportProgress("处理中")).then(progress)


@pytest.mark.parametrize("means", ["sms", "phone"])
def test_the_customer_is_told_by_sms_or_phone(means: Any) -> None:
    outcome = given(*EXECUTED).when(c.InformCustomer(means, "已入账"))
    outcome.then(happened(events.CustomerInformed, means=means, text="已入账"))
    assert outcome.complaint.status == "informed"


@pytest.mark.parametrize("means", ["email", "letter", "in-person"])
def test_the_customer_is_told_by_no_other_means(means: Any) -> None:
    given(*EXECUTED).when(c.InformCustomer(means, "已入账")).then_refused(errors.MeansNotAllowed)


def test_word_before_the_execution_is_recorded_and_does_not_count_as_the_result() -> None:
    outcome = given(*ASKED).when(c.InformCustomer("sms", "正在处理"))
    outcome.then(happened(events.CustomerInformed))
    assert outcome.complaint.status == "dispatched"


def test_word_to_the_customer_from_before_the_last_unit_has_executed_is_not_the_result() -> None:
    both = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"), executed("settlement"))
    told = (*both, happened(events.CustomerInformed, means="sms", text="已入账"), executed("trading"))
    assert given(*told).complaint.status == "executed"
    assert given(*told, told[-2]).complaint.status == "informed"


def test_the_board_office_orders_a_capa_report_of_a_unit() -> None:
    for actor in (BOARD_OFFICE, GENERAL_MANAGER):
        given(*EXECUTED).when(c.RequestCAPA("settlement", "重复发生"), by=actor).then(
            happened(events.CAPARequested, unit="settlement")
        )
    given(*EXECUTED).when(c.RequestCAPA("kitchen", "重复发生"), by=BOARD_OFFICE).then_refused(errors.UnknownUnit)
    given(received()).when(c.RequestCAPA("settlement", "无"), by=BOARD_OFFICE).then_refused(errors.NotYetClassified)


def test_a_report_that_is_open_is_not_ordered_twice() -> None:
    for facts in ((capa_requested(),), (capa_requested(), capa_submitted())):
        given(*EXECUTED, *facts).when(c.RequestCAPA("settlement", "再次"), by=BOARD_OFFICE).then_refused(
            errors.CapaAlreadyRequested
        )
    finished = (*EXECUTED, capa_requested(), capa_submitted(), capa_issued())
    given(*finished).when(c.RequestCAPA("settlement", "再次"), by=BOARD_OFFICE).then(happened(events.CAPARequested))


def test_the_unit_submits_its_report_to_the_board_office() -> None:
    given(*EXECUTED, capa_requested()).when(REPORT, by=SETTLEMENT).then(
        happened(events.CAPASubmitted, unit="settlement", cause="人工录入", complete_by=date(2026, 4, 1))
    )


def test_a_unit_that_only_owes_a_report_submits_it_too() -> None:
    given(*EXECUTED, capa_requested("trading")).when(REPORT, by=TRADING).then(
        happened(events.CAPASubmitted, unit="trading")
    )


def test_a_report_nobody_ordered_is_refused() -> None:
    given(*EXECUTED).when(REPORT, by=SETTLEMENT).then_refused(errors.CapaNotRequested)
    given(*EXECUTED, capa_requested("trading")).when(REPORT, by=SETTLEMENT).then_refused(errors.CapaNotRequested)


def test_a_report_is_submitted_once() -> None:
    given(*EXECUTED, capa_requested(), capa_submitted()).when(REPORT, by=SETTLEMENT).then_refused(
        errors.CapaNotRequested
    )


def test_the_board_office_issues_what_was_submitted_and_only_that() -> None:
    submitted = (*EXECUTED, capa_requested(), capa_submitted())
    given(*submitted).when(c.IssueCAPA(), by=BOARD_OFFICE).then(happened(events.CAPAIssued, unit="settlement"))
    given(*EXECUTED, capa_requested()).when(c.IssueCAPA(), by=BOARD_OFFICE).then_refused(errors.CapaNotSubmitted)
    given(*submitted, capa_issued()).when(c.IssueCAPA(), by=BOARD_OFFICE).then_refused(errors.CapaNotSubmitted)


def test_of_several_reports_the_one_that_is_meant_is_named() -> None:
    both: tuple[Fact, ...] = (
        *EXECUTED, capa_requested("settlement"), capa_requested("trading"),
        capa_submitted("settlement"), capa_submitted("trading"),
    )  # fmt: skip
    given(*both).when(c.IssueCAPA(), by=BOARD_OFFICE).then_refused(errors.UnitMustBeNamed)
    given(*both).when(c.IssueCAPA("trading"), by=BOARD_OFFICE).then(happened(events.CAPAIssued, unit="trading"))


def test_remarks_stay_possible_after_the_end_and_steps_do_not() -> None:
    ended = given(*OPENED, withdrawn())
    ended.when(c.AddNote("客户又来电"), at=TUESDAY_9AM).then(happened(events.NoteAdded))
    ended.when(c.RequestCAPA("settlement", "无"), by=BOARD_OFFICE).then_refused(errors.ComplaintEnded)


def test_somebody_above_is_named_by_a_role_of_the_procedure() -> None:
    given(*ASKED).when(c.EscalateComplaint("board-office", "无人回复")).then(
        happened(events.Escalated, to_role="board-office")
    )
    given(*ASKED).when(c.EscalateComplaint("mayor", "无人回复")).then_refused(errors.UnknownRole)


def test_whoever_a_complaint_is_assigned_to_owns_it_and_assigning_it_again_changes_nothing() -> None:
    given(*ASKED).when(c.Assign("agent-2")).then(happened(events.Assigned, to="agent-2"))
    history = given(*ASKED, happened(events.Assigned, to="agent-2"))
    assert history.complaint.owner.actor == "agent-2"
    history.when(c.Assign("agent-2")).then_nothing()
