"""处理意见: drafted, sent to one or several units, confirmed or disputed, executed."""

from dataclasses import replace

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from tests.facts import (
    ASKED,
    ASKED_TWO,
    DISPUTED,
    EXECUTING,
    MANAGER,
    OPENED,
    SETTLEMENT,
    TRADING,
    accepted,
    accused,
    classified,
    confirmed,
    dispatched,
    disputed,
    drafted,
    happened,
    member_of,
    received,
)
from tests.spec import given, kf0001


def test_customer_service_drafts_the_handling_opinion() -> None:
    given(received(), classified()).when(c.DraftOpinion("补入账")).then(happened(events.OpinionDrafted, text="补入账"))


def test_a_draft_may_be_written_anew_until_it_is_sent() -> None:
    given(*OPENED).when(c.DraftOpinion("补入账并赔偿")).then(happened(events.OpinionDrafted, text="补入账并赔偿"))
    given(*ASKED).when(c.DraftOpinion("补入账并赔偿")).then_refused(errors.AlreadyDispatched)


def test_the_same_draft_again_changes_nothing() -> None:
    given(received(), classified(), drafted("补入账")).when(c.DraftOpinion("补入账")).then_nothing()


def test_the_record_is_sent_only_with_an_opinion() -> None:
    given(received(), classified()).when(c.DispatchComplaint(("settlement",))).then_refused(errors.OpinionNotDrafted)


def test_the_record_is_sent_to_several_units_at_once() -> None:
    outcome = given(*OPENED).when(c.DispatchComplaint(("settlement", "trading"), owner="agent-2"))
    outcome.then(happened(events.Dispatched, units=("settlement", "trading"), owner="agent-2"))
    assert outcome.complaint.status == "dispatched"
    assert [unit.state for unit in outcome.complaint.this_round.units] == ["asked", "asked"]
    assert outcome.complaint.owner.actor == "agent-2"


def test_the_record_is_sent_once() -> None:
    given(*ASKED).when(c.DispatchComplaint(("settlement",))).then_refused(errors.AlreadyDispatched)


def test_an_unknown_unit_is_named() -> None:
    refusal = given(*OPENED).when(c.DispatchComplaint(("settlement", "kitchen"))).then_refused(errors.UnknownUnit)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/units/1"


def test_a_unit_that_somebody_belongs_to_is_known() -> None:
    given(*OPENED).when(c.DispatchComplaint(("kitchen",)), known_units={"kitchen"}).then(happened(events.Dispatched))


def test_a_person_named_in_the_complaint_cannot_own_it() -> None:
    history = given(*OPENED, accused("agent-7"))
    history.when(c.DispatchComplaint(("settlement",), owner="agent-7")).then_refused(errors.OwnerIsAccused)
    history.when(c.Assign("agent-7")).then_refused(errors.OwnerIsAccused)


def test_a_unit_confirms_in_writing_and_the_opinion_is_final() -> None:
    outcome = given(*ASKED).when(c.ConfirmOpinion(), by=SETTLEMENT)
    outcome.then(happened(events.OpinionConfirmed, unit="settlement", revision=1))
    assert outcome.complaint.status == "executing"


def test_a_unit_accepts_before_it_answers_and_only_once() -> None:
    given(*ASKED).when(c.AcceptWork(), by=SETTLEMENT).then(happened(events.Accepted, unit="settlement"))
    given(*ASKED, accepted()).when(c.AcceptWork(), by=SETTLEMENT).then_nothing()
    given(*ASKED, accepted()).when(c.ConfirmOpinion(), by=SETTLEMENT).then(happened(events.OpinionConfirmed))


def test_the_opinion_is_final_only_when_every_unit_has_confirmed() -> None:
    one = given(*ASKED_TWO, confirmed("settlement"))
    assert one.complaint.status == "dispatched"
    one.when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then_refused(errors.OpinionNotYetConfirmed)
    assert given(*ASKED_TWO, confirmed("trading"), confirmed("settlement")).complaint.status == "executing"


def test_confirming_twice_changes_nothing_while_others_still_think() -> None:
    given(*ASKED_TWO, confirmed("settlement")).when(c.ConfirmOpinion(), by=SETTLEMENT).then_nothing()


def test_a_unit_answers_once() -> None:
    given(*ASKED_TWO, confirmed("settlement")).when(c.DisputeOpinion("有异议"), by=SETTLEMENT).then_refused(
        errors.UnitAlreadyAnswered
    )
    given(*ASKED_TWO, disputed("settlement")).when(c.ConfirmOpinion(), by=SETTLEMENT).then_refused(
        errors.UnitAlreadyAnswered
    )
    given(*DISPUTED).when(c.DisputeOpinion("有异议"), by=SETTLEMENT).then_refused(errors.UnitAlreadyAnswered)


def test_a_final_opinion_waits_for_no_answer() -> None:
    for command in (c.ConfirmOpinion(), c.DisputeOpinion("迟来的异议")):
        given(*EXECUTING).when(command, by=SETTLEMENT).then_refused(errors.OpinionNotAsked)


def test_a_unit_answers_for_itself_only() -> None:
    for command in (c.ConfirmOpinion("trading"), c.DisputeOpinion("有异议", unit="trading"), c.AcceptWork("trading")):
        given(*ASKED_TWO).when(command, by=SETTLEMENT).then_refused(errors.NotForAnotherUnit)


def test_who_is_of_no_unit_names_the_unit_that_is_meant() -> None:
    answering = replace(kf0001(), steps={**kf0001().steps, "confirm-opinion": ("unit", "manager")})
    both = given(*ASKED_TWO, procedure=answering)
    both.when(c.ConfirmOpinion(), by=MANAGER).then_refused(errors.UnitMustBeNamed)
    given(*ASKED_TWO, confirmed("trading"), procedure=answering).when(c.ConfirmOpinion(), by=MANAGER).then(
        happened(events.OpinionConfirmed, unit="settlement")
    )
    both.when(c.ConfirmOpinion("risk-control"), by=MANAGER).then_refused(errors.UnitNotAsked)


def test_a_unit_disputes_with_its_reason_and_proposal() -> None:
    outcome = given(*ASKED).when(c.DisputeOpinion("银行的责任", proposal="转交银行"), by=SETTLEMENT)
    outcome.then(happened(events.OpinionDisputed, unit="settlement", revision=1, reason="银行的责任"))
    assert outcome.complaint.status == "disputed"


def test_a_confirmation_by_another_unit_does_not_settle_a_dispute() -> None:
    for answers in ((disputed("settlement"), confirmed("trading")), (confirmed("trading"), disputed("settlement"))):
        history = given(*ASKED_TWO, *answers)
        assert history.complaint.status == "disputed"
        history.when(c.ExecuteMeasure("补入账"), by=TRADING).then_refused(errors.OpinionStillDisputed)


def test_a_unit_that_disputed_cannot_execute_before_the_ruling() -> None:
    given(*DISPUTED).when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then_refused(errors.OpinionStillDisputed)


def test_each_unit_reports_its_own_execution() -> None:
    both = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"))
    done = happened(events.Executed, measure="已补入账", unit="settlement")
    history = given(*both, done)
    assert history.complaint.status == "executing"  # the other has not
    history.when(c.ExecuteMeasure("已补入账"), by=SETTLEMENT).then_nothing()
    history.when(c.ExecuteMeasure("别的"), by=SETTLEMENT).then_refused(errors.AlreadyExecuted)
    history.when(c.ExecuteMeasure("已改系统"), by=TRADING).then(happened(events.Executed, unit="trading"))


def test_a_unit_does_not_report_the_execution_of_another() -> None:
    both = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"))
    given(*both).when(c.ExecuteMeasure("补入账", unit="trading"), by=SETTLEMENT).then_refused(errors.NotForAnotherUnit)


def test_customer_service_reports_an_execution_for_a_unit_that_was_asked() -> None:
    given(*EXECUTING).when(c.ExecuteMeasure("补入账", unit="settlement")).then(happened(events.Executed))
    given(*EXECUTING).when(c.ExecuteMeasure("补入账")).then(happened(events.Executed, unit="settlement"))
    given(*EXECUTING).when(c.ExecuteMeasure("补入账", unit="trading")).then_refused(errors.UnitNotAsked)


def test_nothing_is_executed_before_it_is_sent() -> None:
    given(*OPENED).when(c.ExecuteMeasure("补入账")).then_refused(errors.NotYetDispatched)


def test_a_unit_of_the_deployment_answers_like_the_ready_ones() -> None:
    asked = (*OPENED, dispatched("kitchen"))
    given(*asked).when(c.ConfirmOpinion(), by=member_of("kitchen")).then(
        happened(events.OpinionConfirmed, unit="kitchen")
    )
