"""Who may see a complaint and take which step: roles, units, recusal (当事人回避), and the steps that are offered."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.steps import STEP_NAMED, STEPS
from domain.procedure.access import Access, accesses, sight_of
from domain.values import Actor, LiabilityShare, LinkedComplaint
from tests.domain.test_retracted_misses import RETRACT, judged_early
from tests.facts import (
    ADMIN,
    AGENT,
    ASKED,
    AUDITOR,
    BOARD_OFFICE,
    CLOSED,
    DISPUTED,
    EXECUTED,
    EXECUTING,
    GENERAL_MANAGER,
    INTEGRATION,
    MANAGER,
    OPENED,
    OTHER_ID,
    OVERTURNED,
    PARTNER,
    QUALITY,
    READY_TO_CLOSE,
    SETTLEMENT,
    TRADING,
    Fact,
    accused,
    capa_requested,
    capa_submitted,
    classified,
    confirmed,
    dispatched,
    disputed,
    happened,
    interim_measure,
    on,
    person,
    received,
    reopened,
    revised,
    ruled,
)
from tests.spec import given, kf0001

EVERYBODY = (
    AGENT, MANAGER, SETTLEMENT, TRADING, BOARD_OFFICE, GENERAL_MANAGER,
    ADMIN, AUDITOR, QUALITY, PARTNER, INTEGRATION,
)  # fmt: skip
CUSTOMER_SERVICE = {"agent", "manager"}
BEFORE = (received(), classified())
LINKED = happened(events.ComplaintsLinked, complaints=(LinkedComplaint(OTHER_ID, "KF0001-20260301-000009"),))
WHOLE = (LiabilityShare("settlement", 100),)
IN_THE_CASE = {"unit", "board-office", *CUSTOMER_SERVICE}

# Each step: a complaint that is ready for it, the command, and the roles that P0 gives it to.
READY: dict[str, tuple[tuple[Fact, ...], c.Command, set[str]]] = {
    "classify": ((received(),), c.ClassifyComplaint("general", "other"), CUSTOMER_SERVICE),
    "reject": ((received(),), c.RejectComplaint("不受理"), CUSTOMER_SERVICE),
    "settle": ((received(),), c.SettleOnTheSpot("解释", True), CUSTOMER_SERVICE),
    "draft-opinion": (BEFORE, c.DraftOpinion("意见"), CUSTOMER_SERVICE),
    "dispatch": (OPENED, c.DispatchComplaint(("settlement",)), CUSTOMER_SERVICE),
    "accept": (ASKED, c.AcceptWork(), {"unit"}),
    "redirect": (ASKED, c.RedirectComplaint("settlement", "risk-control", "派错了部门"), CUSTOMER_SERVICE),
    "recall": (ASKED, c.RecallComplaint("settlement", "派错了部门"), CUSTOMER_SERVICE),
    "add-unit": (ASKED, c.AddUnit("risk-control"), CUSTOMER_SERVICE),
    "confirm-opinion": (ASKED, c.ConfirmOpinion(), {"unit"}),
    "dispute-opinion": (ASKED, c.DisputeOpinion("异议"), {"unit"}),
    "issue-ruling": (DISPUTED, c.IssueRuling("upheld", "维持", WHOLE), {"board-office", "general-manager"}),
    "revise-opinion": (OVERTURNED, c.ReviseOpinion("修改"), CUSTOMER_SERVICE),
    "report-progress": (ASKED, c.ReportProgress("进展"), IN_THE_CASE),
    "report-interim-measure": (ASKED, c.ReportInterimMeasure("垫付"), {"unit", *CUSTOMER_SERVICE}),
    "extend": (
        (*ASKED, interim_measure()),
        c.ExtendDeadline("unit-answers", on("2026-03-05"), "等银行"),
        IN_THE_CASE,
    ),
    "hold-meeting": (BEFORE, c.HoldMeeting(("销售部",), "专案"), {"board-office"}),
    "send-investigators": (BEFORE, c.SendInvestigators(("王五",), "现场"), {"board-office"}),
    "approve": (ASKED, c.Approve("赔偿", "written", "gm-1"), {"manager", "board-office", "general-manager"}),
    "execute": (EXECUTING, c.ExecuteMeasure("补入账"), {"unit", *CUSTOMER_SERVICE}),
    "inform-customer": (EXECUTED, c.InformCustomer("sms", "已入账"), CUSTOMER_SERVICE),
    "request-capa": (EXECUTED, c.RequestCAPA("trading", "重复"), {"board-office", "general-manager"}),
    "submit-capa": (
        (*EXECUTED, capa_requested()),
        c.SubmitCAPA("人工", "补录", "对账", "李四", date(2026, 4, 1)),
        {"unit"},
    ),
    "issue-capa": ((*EXECUTED, capa_requested(), capa_submitted()), c.IssueCAPA(), {"board-office"}),
    "confirm-effect": (EXECUTED, c.ConfirmEffect(True, "已改善"), {"manager"}),
    "record-callback": (EXECUTED, c.RecordCallback(True, "phone", True), CUSTOMER_SERVICE),
    "close": (READY_TO_CLOSE, c.CloseComplaint("已解决", "小结"), CUSTOMER_SERVICE),
    "reopen": (CLOSED, c.ReopenComplaint("再次"), CUSTOMER_SERVICE),
    "withdraw": (ASKED, c.WithdrawComplaint("撤回"), CUSTOMER_SERVICE),
    "escalate": (
        ASKED,
        c.EscalateComplaint("board-office", "无人回复"),
        IN_THE_CASE,
    ),
    "remind": (ASKED, c.Remind("催办"), {"board-office", "general-manager", *CUSTOMER_SERVICE}),
    "supervise": (ASKED, c.Supervise("督办", "red"), {"manager", "board-office", "general-manager"}),
    "assign": (ASKED, c.Assign("agent-2"), CUSTOMER_SERVICE),
    "hand-over": (ASKED, c.HandOver("agent-2"), CUSTOMER_SERVICE),
    "name-accused": (ASKED, c.NameAccused(("li",)), {"board-office", "general-manager", *CUSTOMER_SERVICE}),
    "correct-complainant": (ASKED, c.CorrectComplainant("听错了", name="张三丰"), CUSTOMER_SERVICE),
    "correct-subject": (ASKED, c.CorrectSubject("出金未到账", "写错了"), CUSTOMER_SERVICE),
    "match-accused": (
        (*ASKED, accused("li")),
        c.MatchAccused("li", "agent-7", "工号对应"),
        {"manager", "board-office", "general-manager"},
    ),
    "attach": (
        ASKED,
        c.Attach("录音", "recording", "rec:1"),
        {"integration", *IN_THE_CASE},
    ),
    "add-note": (ASKED, c.AddNote("备注"), {"general-manager", *IN_THE_CASE}),
    "link": (ASKED, c.LinkComplaints((OTHER_ID,)), {"board-office", *CUSTOMER_SERVICE}),
    "unlink": (
        (*ASKED, LINKED),
        c.UnlinkComplaints((OTHER_ID,), "关联有误"),
        {"board-office", *CUSTOMER_SERVICE},
    ),
    "retract-miss": (judged_early(), RETRACT, {"board-office", "general-manager"}),
}
STEPS_OF_KF0001 = list(READY)
OTHERS = {OTHER_ID: "KF0001-20260301-000009"}


def test_every_step_of_the_procedure_is_in_the_table_of_this_test() -> None:
    of_one_person = {"accept-hand-over"}  # tests/domain/test_ownership.py
    assert set(READY) == set(kf0001().steps) - {"receive"} - of_one_person


@pytest.mark.parametrize("step", STEPS_OF_KF0001)
@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.id)
def test_a_step_is_taken_by_its_roles_and_by_nobody_else(step: str, actor: Actor) -> None:
    facts, command, roles = READY[step]
    (role,) = actor.roles
    history = given(*facts)
    outcome = history.when(command, by=actor, known_complaints=OTHERS)
    if actor is TRADING:
        outcome.then_refused(errors.NotSentToYourUnit)
        assert step not in history.allowed(actor)
    elif role in roles:
        assert type(outcome.events[0]) is STEP_NAMED[step].event
        assert (outcome.events[0].actor.id, outcome.events[0].actor.role) == (actor.id, role)
        assert step in history.allowed(actor)
    else:
        not_sent_yet = actor is SETTLEMENT and not history.complaint.sent_to
        refusal = outcome.then_refused(errors.NotSentToYourUnit if not_sent_yet else errors.RoleForbids)
        assert refusal.facts.get("administrator") is (True if actor is ADMIN else None)
        assert step not in history.allowed(actor)


@pytest.mark.parametrize("actor", [ADMIN, AUDITOR, QUALITY, PARTNER], ids=lambda actor: actor.id)
def test_those_who_only_read_and_the_administrator_are_offered_nothing_at_any_stage(actor: Actor) -> None:
    for facts, _, _ in READY.values():
        assert given(*facts).allowed(actor) == []


@pytest.mark.parametrize("step", STEPS_OF_KF0001)
@pytest.mark.parametrize("roles", ["agent", "manager", "board-office", "general-manager", "admin", "auditor"])
def test_a_person_named_in_the_complaint_takes_no_step_in_any_role(step: str, roles: str) -> None:
    facts, command, _ = READY[step]
    history = given(*facts, accused("li"))
    li = person("li", roles)
    history.when(command, by=li, known_complaints=OTHERS).then_refused(errors.Recused)
    assert history.allowed(li) == []


def test_a_member_of_the_unit_who_is_named_is_recused_and_a_colleague_answers() -> None:
    history = given(*ASKED, accused(SETTLEMENT.id))
    history.when(c.ConfirmOpinion(), by=SETTLEMENT).then_refused(errors.Recused)
    colleague = person("settlement-2", "unit", unit="settlement")
    assert history.when(c.ConfirmOpinion(), by=colleague).refusal is None


def test_recusal_holds_from_the_intake_on_and_through_every_round() -> None:
    for facts in ((received(accused=("agent-1",)),), (*CLOSED, accused("agent-1"), reopened())):
        given(*facts).when(c.AddNote("备注")).then_refused(errors.Recused)


def test_whoever_is_named_no_longer_owns_the_complaint() -> None:
    assert given(received()).complaint.owner.actor == "agent-1"
    assert given(received(), accused("agent-1")).complaint.owner.actor is None


def test_naming_the_same_person_again_changes_nothing() -> None:
    given(*ASKED, accused("li")).when(c.NameAccused(("li",))).then_nothing()


def test_a_person_named_in_it_does_not_see_a_complaint() -> None:
    for actor in (AGENT, ADMIN, AUDITOR):
        with pytest.raises(errors.Recused):
            sight_of(actor, kf0001(), accused={actor.id}, sent_to=set(), kind="complaint")


@pytest.mark.parametrize(
    ("actor", "sight"),
    [
        (AGENT, "all"), (MANAGER, "all"), (BOARD_OFFICE, "all"), (GENERAL_MANAGER, "all"), (AUDITOR, "all"),
        (ADMIN, "texts"), (SETTLEMENT, "texts"), (QUALITY, "texts"), (PARTNER, "none"), (INTEGRATION, "none"),
    ],
    ids=lambda value: getattr(value, "id", value),
)  # fmt: skip
def test_each_role_sees_as_much_as_the_procedure_grants(actor: Actor, sight: str) -> None:
    assert sight_of(actor, kf0001(), accused=(), sent_to={"settlement"}, kind="complaint") == sight


def test_a_unit_sees_only_what_was_sent_to_it() -> None:
    assert accesses(TRADING, kf0001()) == (Access("unit", "unit", "texts"),)
    with pytest.raises(errors.NotSentToYourUnit):
        sight_of(TRADING, kf0001(), accused=(), sent_to={"settlement"}, kind="complaint")
    with pytest.raises(errors.RoleForbids):
        sight_of(person("x", "unit"), kf0001(), accused=(), sent_to={"settlement"}, kind="complaint")


def test_what_one_role_reaches_is_not_seen_with_the_eyes_of_another() -> None:
    both = person("x", "partner", "unit", unit="trading")
    assert sight_of(both, kf0001(), accused=(), sent_to={"settlement"}, kind="complaint") == "none"
    assert sight_of(both, kf0001(), accused=(), sent_to={"trading"}, kind="complaint") == "texts"
    circle = replace(kf0001(), confidential_to={"report": ("unit",)})
    with pytest.raises(errors.NotSentToYourUnit):
        sight_of(both, circle, accused=(), sent_to={"settlement"}, kind="report")


def test_a_step_is_taken_only_in_a_role_that_reaches_the_complaint() -> None:
    blind = replace(kf0001(), sees={role: sight for role, sight in kf0001().sees.items() if role != "manager"})
    history = given(*EXECUTING, procedure=blind)
    both = person("x", "partner", "manager")
    assert "execute" not in history.allowed(both)
    history.when(c.ExecuteMeasure("补入账", unit="settlement"), by=both).then_refused(errors.RoleForbids)


def test_a_role_that_the_procedure_does_not_know_sees_nothing() -> None:
    assert accesses(person("x", "board"), kf0001()) == ()
    with pytest.raises(errors.RoleForbids):
        sight_of(person("x", "board"), kf0001(), accused=(), sent_to=(), kind="complaint")


def test_a_unit_of_a_former_round_still_sees_and_no_longer_answers() -> None:
    again = (*CLOSED, reopened(), OPENED[2], dispatched("trading"))
    history = given(*again)
    history.when(c.AddNote("备注"), by=SETTLEMENT).then(Fact(events.NoteAdded))
    history.when(c.ConfirmOpinion(), by=SETTLEMENT).then_refused(errors.UnitNotAsked)
    assert "confirm-opinion" not in history.allowed(SETTLEMENT)


def test_somebody_with_two_roles_acts_in_the_one_that_fits() -> None:
    both = person("li", "agent", "unit", unit="trading")
    (note,) = given(*ASKED).when(c.ReportProgress("进展"), by=both).events
    assert note.actor.role == "agent"
    given(*ASKED).when(c.ConfirmOpinion(), by=both).then_refused(errors.NotSentToYourUnit)
    (answer,) = given(*OPENED, dispatched("trading")).when(c.ConfirmOpinion(), by=both).events
    assert (answer.actor.role, answer.actor.unit) == ("unit", "trading")


def test_a_step_that_the_procedure_does_not_have_is_refused() -> None:
    for command in (c.ReturnWork("非本部门", "章程"), c.AgreeSolution("方案", True)):
        given(*ASKED).when(command, by=ADMIN).then_refused(errors.StepNotInProcedure)


def test_complaints_are_linked_once_and_only_to_others_that_exist() -> None:
    history = given(*ASKED)
    history.when(c.LinkComplaints((UUID(int=5),)), known_complaints=OTHERS).then_refused(errors.UnknownComplaint)
    own = {history.complaint.id: "KF0001-20260302-000001"}
    history.when(c.LinkComplaints((history.complaint.id,)), known_complaints=own).then_refused(errors.LinkedToItself)
    (link,) = history.when(c.LinkComplaints((OTHER_ID,)), known_complaints=OTHERS).events
    linked = given(*ASKED, Fact(events.ComplaintsLinked, {"complaints": vars(link)["complaints"]}))
    linked.when(c.LinkComplaints((OTHER_ID,)), known_complaints=OTHERS).then_nothing()


def test_a_wrong_link_is_taken_back_once_with_its_reason_by_whoever_may_link() -> None:
    wrong = c.UnlinkComplaints((OTHER_ID,), "不是同一客户")
    taken_back = happened(events.ComplaintsUnlinked, complaints=LINKED.facts["complaints"], reason="不是同一客户")
    linked = given(*ASKED, LINKED)
    linked.when(wrong, known_complaints=OTHERS).then(taken_back)
    linked.when(wrong).then_refused(errors.UnknownComplaint)  # whoever may not see the other one learns nothing of it
    unlinked = given(*ASKED, LINKED, taken_back)
    assert unlinked.complaint.linked == []
    unlinked.when(wrong, known_complaints=OTHERS).then_nothing()
    given(*ASKED).when(wrong, known_complaints=OTHERS).then_refused(errors.NotLinked)
    assert ("unlink" in linked.allowed(AGENT), "unlink" in unlinked.allowed(AGENT)) == (True, False)
    unlinked.when(c.LinkComplaints((OTHER_ID,)), known_complaints=OTHERS).then(happened(events.ComplaintsLinked))


STAGES = {
    "received": (received(),),
    "minor": (received(), classified("minor")),
    "opened": OPENED,
    "asked": ASKED,
    "one of two answered": (*OPENED, dispatched("settlement", "trading"), confirmed("settlement")),
    "disputed": DISPUTED,
    "overturned": OVERTURNED,
    "revised": (*OVERTURNED, revised()),
    "bound reached": (
        *ASKED,
        *(fact for n in range(1, 6) for fact in (disputed(revision=n), ruled("overturned"), revised(n + 1))),
        disputed(revision=6),
    ),
    "executing": EXECUTING,
    "executed": EXECUTED,
    "report ordered": (*EXECUTED, capa_requested(), interim_measure()),
    "ready": READY_TO_CLOSE,
    "closed": CLOSED,
    "second round": (*CLOSED, reopened()),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("actor", EVERYBODY, ids=lambda actor: actor.id)
def test_what_is_offered_is_not_refused_for_its_state_and_what_is_not_offered_does_nothing(
    stage: str, actor: Actor
) -> None:
    history = given(*STAGES[stage])
    allowed = history.allowed(actor)
    assert allowed == [step.name for step in STEPS if step.name in allowed]
    for step, (_, command, _) in READY.items():
        outcome = history.when(command, by=actor, known_complaints=OTHERS)
        if step not in allowed:
            assert outcome.events == ()
        elif step == "extend":
            assert outcome.refusal is None or type(outcome.refusal) is errors.ClockNotRunning  # another may run
        elif outcome.refusal is not None:
            assert type(outcome.refusal) is errors.UnitMustBeNamed
