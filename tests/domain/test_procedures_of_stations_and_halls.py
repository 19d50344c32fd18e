"""What stations and halls ask of a procedure: a closed circle, who decides a category, apologies, forms, evidence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.intake import Identity, check_intake, receive
from domain.procedure.procedure import Category, Dissatisfaction, FormField, Procedure
from domain.request import Request
from domain.titles import Title
from domain.values import Actor, Complainant
from tests.domain.test_procedures_without_opinions import about, clock, hotline
from tests.facts import (
    ADMIN,
    AGENT,
    COMPLAINT_ID,
    MANAGER,
    MONDAY_9AM,
    MUCH_LATER,
    OTHER_ID,
    Fact,
    accused,
    called_back,
    closed,
    executed,
    followed,
    happened,
    person,
    received,
    reopened,
)
from tests.spec import CN, given
from wording.refusals import refusal_text

TITLE: Final = Title("", "")
LEADER: Final = person("leader-1", "board-office")
SENT: Final = (received(), about("housing"), happened(events.Dispatched, units=("settlement",)))
DONE: Final = (*SENT, executed())


def station(**rules: Any) -> Procedure:
    secret = {"kinds": {"complaint": TITLE, "report": TITLE}, "confidential_to": {"report": ("board-office",)}}
    steps = {**hotline().steps, "complete-form": ("agent",), "record-apology": ("agent",)}
    steps["classify"] = ("agent", "board-office")
    plain = hotline(**secret, steps=steps, clocks=(), return_window=None, close_needs=())
    return replace(plain, **rules)


def case(*facts: Fact, **rules: Any) -> Any:
    return given(*facts, procedure=station(**rules))


# 举报保密


def taken_down(kind: str) -> Complaint:
    asked = c.ReceiveComplaint(procedure="hotline", channel="letter", subject="举报", content="内容", kind=kind)
    by = check_intake(asked, station(), Request(AGENT, MONDAY_9AM))
    return receive(asked, Identity(COMPLAINT_ID, "HOTLINE-1", OTHER_ID), by, station(), CN, at=MONDAY_9AM)


def test_those_who_alone_see_a_confidential_matter_hear_of_it_at_once() -> None:
    told = [event for event in taken_down("report").collect_events() if isinstance(event, events.Escalated)]
    assert [event.to_role for event in told] == ["board-office"]
    assert [type(event) for event in taken_down("complaint").collect_events()] == [events.Received]


@pytest.mark.parametrize("told", [(), ("general-manager",)])
def test_of_a_wide_circle_those_alone_are_told_whom_the_kind_names(told: tuple[str, ...]) -> None:
    wide = {"confidential_to": {"report": ("agent", "general-manager")}, "confidential_tell": {"report": told}}
    sorted_out = case(received(), about("housing"), **wide).when(c.ClassifyComplaint(kind="report"))
    sorted_out.then(happened(events.Classified), *(followed(events.Escalated, to_role=role) for role in told))


def test_a_matter_that_proves_to_be_confidential_is_told_to_its_circle_once() -> None:
    sorted_out = case(received(), about("housing")).when(c.ClassifyComplaint(kind="report"))
    sorted_out.then(happened(events.Classified), followed(events.Escalated, to_role="board-office"))
    known = case(received(kind="report"), about("housing"))
    known.when(c.ClassifyComplaint(category="other"), by=LEADER).then(happened(events.Classified))


# Who decides a category

DECIDED: Final = {
    "housing": Category("housing", TITLE, open=True, decided_by=("manager",)),
    "other": Category("other", TITLE),
}
SEND: Final = c.DispatchComplaint(("settlement",))


def test_what_others_decide_goes_up_to_them_when_it_is_classified_and_once() -> None:
    first = case(received(), categories=DECIDED).when(c.ClassifyComplaint(category="housing.repair"))
    first.then(happened(events.Classified), followed(events.Escalated, to_role="manager"))
    again = case(received(), about("housing"), categories=DECIDED).when(c.ClassifyComplaint(category="housing.roof"))
    again.then(happened(events.Classified))


@pytest.mark.parametrize(("who", "sends"), [(AGENT, False), (MANAGER, True)])
def test_only_they_send_it_out(who: Actor, sends: bool) -> None:
    history = case(received(), about("housing.repair"), categories=DECIDED)
    assert ("dispatch" in history.allowed(who)) is sends
    outcome = history.when(SEND, by=who)
    if sends:
        outcome.then(happened(events.Dispatched))
    else:
        outcome.then_refused(errors.DecidedFurtherUp)
    case(received(), about("other"), categories=DECIDED).when(SEND).then(happened(events.Dispatched))


def test_after_too_many_dissatisfied_callbacks_those_decide_who_decide_then() -> None:
    last = Dissatisfaction(1, ("board-office",), ("board-office",))
    steps = {**station().steps, "dispatch": ("agent", "manager", "board-office")}
    story = (*SENT, executed(), called_back(satisfied=False), reopened(2))
    history = case(*story, categories=DECIDED, dissatisfaction=last, steps=steps)
    history.when(SEND, by=MANAGER).then_refused(errors.DecidedFurtherUp)
    history.when(SEND, by=LEADER).then(happened(events.Dispatched))


THEIRS: Final = {
    "housing": replace(DECIDED["housing"], decided=("classify", "settle", "reject", "withdraw", "close")),
    "other": DECIDED["other"],
}


@pytest.mark.parametrize(
    "command",
    [
        c.ClassifyComplaint(category="other"), c.SettleOnTheSpot("已说明", accepted=True),
        c.RejectComplaint("不属实"), c.WithdrawComplaint("客户撤回"), c.CloseComplaint("已解决", "小结"),
    ],
    ids=lambda command: type(command).__name__,
)  # fmt: skip
def test_nobody_else_ends_it_or_sorts_it_away_from_them(command: c.Command) -> None:
    everybody = {step: ("agent", "manager") for step in ("classify", "settle", "reject", "withdraw", "close")}
    history = case(received(), about("housing.repair"), categories=THEIRS, steps={**station().steps, **everybody})
    history.when(command, by=AGENT).then_refused(errors.DecidedFurtherUp)
    assert history.when(command, by=MANAGER).refusal is None
    assert {"settle", "reject", "withdraw", "close"}.isdisjoint(history.allowed(AGENT))


def test_within_what_they_decide_and_into_it_anybody_sorts() -> None:
    into = case(received(), about("other"), categories=THEIRS).when(c.ClassifyComplaint(category="housing"))
    into.then(happened(events.Classified), followed(events.Escalated, to_role="manager"))
    within = case(received(), about("housing"), categories=THEIRS).when(c.ClassifyComplaint(category="housing.roof"))
    within.then(happened(events.Classified))


def test_after_too_many_dissatisfied_callbacks_nobody_else_explains_it_away() -> None:
    last = Dissatisfaction(1, ("manager",), ("manager",), decided=("settle",))
    steps = {**station().steps, "settle": ("agent", "manager")}
    once = (*SENT, executed(), called_back(satisfied=False), reopened(2))
    history = case(*once, dissatisfaction=last, steps=steps)
    settle = c.SettleOnTheSpot("已说明", accepted=True)
    history.when(settle, by=AGENT).then_refused(errors.DecidedFurtherUp)
    history.when(settle, by=MANAGER).then(happened(events.SettledOnTheSpot))


def test_what_is_confidential_its_circle_decides_and_nobody_else_is_told_of_it() -> None:
    last = Dissatisfaction(1, ("manager",), ("manager",))
    steps = {**station().steps, "dispatch": ("agent", "manager", "board-office")}
    rules: dict[str, Any] = {"categories": DECIDED, "steps": steps, "dissatisfaction": last}
    sorted_out = case(received(kind="report"), **rules).when(c.ClassifyComplaint(category="housing"), by=LEADER)
    sorted_out.then(happened(events.Classified))
    secret = (received(kind="report"), about("housing"))
    case(*secret, **rules).when(SEND, by=LEADER).then(happened(events.Dispatched))
    again = (*secret, happened(events.Dispatched, units=("settlement",)), executed(), called_back(satisfied=False))
    case(*again, reopened(2), **rules).when(SEND, by=LEADER).then(happened(events.Dispatched))


def test_what_proves_not_to_be_confidential_is_told_to_whom_it_was_kept_from() -> None:
    secret = case(received(kind="report"), about("housing"), categories=DECIDED)
    outcome = secret.when(c.ClassifyComplaint(kind="complaint"), by=LEADER)
    outcome.then(happened(events.Classified), followed(events.Escalated, to_role="manager"))


# 道歉


def close(justified: bool | None) -> c.CloseComplaint:
    return c.CloseComplaint("已解决", "小结", justified)


def test_people_who_are_at_fault_apologise_before_the_close() -> None:
    named = (*DONE, accused("agent-7"))
    refusal = case(*named, apology_when_at_fault=True).when(close(True)).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("apology",)
    apology = happened(events.ApologyMade, by=("agent-7",), leader="leader-1", means="phone", text=None)
    for facts, rules, justified in (
        ((*named, apology), {"apology_when_at_fault": True}, True),
        (named, {"apology_when_at_fault": True}, False),
        (named, {"apology_when_at_fault": True}, None),
        (DONE, {"apology_when_at_fault": True}, True),  # nobody is named
        (named, {}, True),
        ((received(anonymous=True), *named[1:]), {"apology_when_at_fault": True}, True),  # to whom?
    ):
        case(*facts, **rules).when(close(justified)).then(happened(events.Closed))


SERVICE: Final = {"housing": Category("housing", TITLE, open=True, justified_needs=("accused-named", "apology"))}


def test_a_justified_complaint_of_such_a_category_names_who_is_at_fault_and_has_their_apology() -> None:
    named, apology = accused("agent-7"), happened(events.ApologyMade, by=("agent-7",), leader="leader-1", means="phone")
    for facts, missing in (
        ((), ("accused-named", "apology")), ((named,), ("apology",)), ((apology,), ("accused-named",)),
        ((apology, accused("agent-8")), ("apology",)),
    ):  # fmt: skip
        refusal = case(*DONE, *facts, categories=SERVICE).when(close(True)).then_refused(errors.NotReadyToClose)
        assert tuple(refusal.missing) == missing
    case(*DONE, apology, named, categories=SERVICE).when(close(True)).then(happened(events.Closed))
    case(*DONE, categories=SERVICE).when(close(False)).then(happened(events.Closed))


def test_what_depends_on_a_verdict_is_not_closed_without_one() -> None:
    refusal = case(*DONE, categories=SERVICE).when(close(None)).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("verdict",)
    secret = (received(kind="report"), *DONE[1:])
    case(*secret, categories=SERVICE).when(close(None), by=ADMIN).then_refused(errors.Confidential)
    again = Dissatisfaction(1, ("board-office",), verdict=True)
    judged = (*SENT, executed(), called_back(satisfied=False), reopened(2), *SENT[2:], executed())
    refusal = case(*judged, dissatisfaction=again).when(close(None)).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("verdict",)
    case(*judged, dissatisfaction=again).when(close(False)).then(happened(events.Closed))
    case(*DONE, dissatisfaction=again).when(close(None)).then(happened(events.Closed))


def test_the_person_and_the_leader_are_two_people() -> None:
    alone = c.RecordApology(("leader-1",), "LEADER-1", "phone")
    case(*DONE).when(alone).then_refused(errors.LeaderApologisesToo)
    both = c.RecordApology(("agent-7",), "leader-1", "phone")
    case(*DONE).when(both).then(happened(events.ApologyMade, by=("agent-7",), leader="leader-1"))


def test_an_apology_that_is_asked_for_twice_is_missing_once() -> None:
    history = case(*DONE, accused("agent-7"), apology_when_at_fault=True, close_needs=("apology",))
    refusal = history.when(close(True)).then_refused(errors.NotReadyToClose)
    assert refusal_text(refusal, "zh").count("道歉") == 1


# 投诉处理单

FORM: Final = (
    FormField("name", Title("姓名", "Name"), to_close=True, filled_from="complainant-name"),
    FormField("contact", Title("联系方式", "Contact"), to_close=True, filled_from="complainant-contact"),
    FormField("waybill", Title("运单号", "Waybill"), to_close=True),
)


@pytest.mark.parametrize(
    ("complainant", "missing"),
    [
        (Complainant(name="张三", phone="+8613800138000"), {"运单号"}),
        (Complainant(name="张三", email="zhang@example.com"), {"运单号"}),
        (Complainant(name="张三", address="城东路 1 号"), {"运单号"}),
        (Complainant(name="张三"), {"联系方式", "运单号"}),
        (Complainant(customer_no="C-1"), {"姓名", "联系方式", "运单号"}),
        (Complainant(anonymous=True), {"运单号"}),
    ],
)
def test_a_box_that_the_complaint_fills_itself_is_not_asked_for(complainant: Complainant, missing: set[str]) -> None:
    first = received(complainant=complainant, anonymous=complainant.anonymous)
    history = case(first, *DONE[1:], form=FORM, close_needs=("form-complete",))
    refusal = history.when(close(None)).then_refused(errors.NotReadyToClose)
    assert {field.title.zh for field in FORM if field.title.zh in refusal_text(refusal, "zh")} == missing


# Evidence, and what begins at the close

EVIDENCE: Final = {"report": Title("申报表", "Report form"), "photo": Title("照片", "Photo")}


@pytest.mark.parametrize(
    ("name", "said", "known"),
    [
        ("重大投诉申报表.pdf", None, "report"),
        ("1.pdf", "photo", "photo"),
        ("申报表.pdf", "photo", "photo"),
        ("申报表和照片.zip", None, None),
        ("2.pdf", None, None),
    ],
)
def test_an_attachment_is_the_evidence_that_it_is_said_to_be_or_that_its_name_says(
    name: str, said: str | None, known: str | None
) -> None:
    attach = c.Attach(name, "form", "file://1", evidence=said)
    case(*SENT, evidence=EVIDENCE).when(attach).then(happened(events.AttachmentAdded, evidence=known))


def test_a_clock_that_starts_at_the_close_is_warned_of_missed_and_met_like_any_other() -> None:
    callback = clock("callback", "Closed", "CallbackDone", "3 WD", tell_at_miss=("manager",))
    history = case(*DONE, closed(), clocks=(callback,))
    assert history.clocks() == [("callback", "running")]
    judged = history.judged(MUCH_LATER)
    assert [type(event) for event in judged.events] == [events.DeadlineWarned, events.DeadlineMissed]
    answered = case(*DONE, closed(), called_back(), clocks=(callback,))
    assert answered.clocks() == [("callback", "met")]


def test_a_new_round_cancels_what_the_close_of_the_former_had_begun() -> None:
    callback = clock("callback", "Closed", "CallbackDone", "3 WD")
    history = case(*DONE, closed(), reopened(2), clocks=(callback,))
    assert history.clocks() == [("callback", "cancelled")]
    assert history.judged(MONDAY_9AM + timedelta(days=90)).events == ()
