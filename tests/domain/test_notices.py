"""Whom an event tells and in which words: everybody who has to know, nobody else, and never who complains."""

from dataclasses import replace
from typing import Any

import pytest

from domain import errors
from domain.cause import Cause
from domain.complaint import commands as c
from domain.complaint import events
from domain.notices.notices import Addressee, Notice, may_be_notified, may_read_subject
from domain.procedure.procedure import Procedure, PublicStatusRule
from domain.titles import LANGUAGES, Language
from domain.values import Complainant
from procedures.library import Library
from tests.facts import (
    MANAGER,
    MONDAY_9AM,
    NEXT_MONDAY_9AM,
    TUESDAY_9AM,
    Fact,
    accused,
    classified,
    dispatched,
    drafted,
    executed,
    fell_due,
    followed,
    happened,
    received,
)
from tests.spec import given, kf0001
from wording.notices.complaints import HEADS, head_of, words_for_complainant, words_for_staff
from wording.notices.message import Words, words_of_digest

SENT_OUT = (received(), classified(), drafted(), dispatched("settlement", "trading"))
CLOCK: dict[str, Any] = {"clock": "unit-answers", "round": 1, "started_at": MONDAY_9AM, "due_at": TUESDAY_9AM}
TOLD: dict[str, tuple[Fact, list[str]]] = {
    "a warning of a unit's clock": (
        fell_due(events.DeadlineWarned, **CLOCK, unit="trading", told=("unit", "manager")),
        ["unit/trading", "role/manager"],
    ),
    "a miss of the whole case's clock": (
        fell_due(events.DeadlineMissed, **CLOCK, told=("unit",)), ["unit/settlement", "unit/trading"],
    ),
    "a clock that tells nobody": (fell_due(events.DeadlineMissed, **CLOCK), []),
    "an escalation": (happened(events.Escalated, to_role="manager", reason="…"), ["role/manager"]),
    "a CAPA order": (happened(events.CAPARequested, unit="settlement", reason="…"), ["unit/settlement"]),
    "a reminder": (
        happened(events.Reminded, text="…").by(MANAGER), ["actor/agent-1", "unit/settlement", "unit/trading"],
    ),
    "a card for one unit": (
        happened(events.Supervised, text="…", card="red", unit="trading"), ["unit/trading"],
    ),
    "a reminder of one unit": (
        happened(events.Reminded, text="…", unit="trading").by(MANAGER), ["actor/agent-1", "unit/trading"],
    ),
    "a reminder by the owner": (happened(events.Reminded, text="…", unit="trading"), ["unit/trading"]),
    "a supervisor's word": (happened(events.Supervised, text="…"), ["unit/settlement", "unit/trading"]),
    "a hand-over": (happened(events.HandedOver, to="agent-2", before="agent-1"), ["actor/agent-2"]),
    "a hand-over taken back": (happened(events.HandedOver, to="agent-1", before="agent-1"), []),
    "a message by sms": (happened(events.CustomerInformed, means="sms", text="…"), ["complainant/"]),
    "a message by mail": (happened(events.CustomerInformed, means="email", text="…"), ["complainant/"]),
    "a telephone call": (happened(events.CustomerInformed, means="phone", text="…"), []),
    "a note": (happened(events.NoteAdded, text="…"), []),
    "a moved deadline": (
        happened(
            events.DeadlineMoved, clock="execute", round=1, started_at=MONDAY_9AM, before=TUESDAY_9AM,
            after=TUESDAY_9AM, calendar_version="2", reason="…", approved_by="a", asked_by="b",
        ),
        [],
    ),
}  # fmt: skip


def told_by(*facts: Fact, procedure: Procedure | None = None) -> tuple[Notice, ...]:
    """Whom the last of these events tells."""
    history = given(*facts, procedure=procedure)
    return history.told


def names(notices: tuple[Notice, ...]) -> list[str]:
    return [f"{notice.to.kind}/{notice.to.code}" for notice in notices]


@pytest.mark.parametrize(("fact", "expected"), TOLD.values(), ids=TOLD.keys())
def test_an_event_tells_those_who_have_to_know(fact: Fact, expected: list[str]) -> None:
    assert names(told_by(*SENT_OUT, fact)) == expected


def test_a_dispatch_tells_each_unit_it_is_sent_to_and_whom_the_procedure_names() -> None:
    assert names(told_by(*SENT_OUT)) == ["unit/settlement", "unit/trading", "role/board-office"]


def test_a_unit_that_sent_the_matter_back_is_not_told_of_it_any_more() -> None:
    returned = happened(events.Returned, unit="settlement", ground="…", legal_basis="…")
    assert names(told_by(*SENT_OUT, returned, happened(events.Supervised, text="…"))) == ["unit/trading"]


@pytest.mark.parametrize("press", [c.Remind("请答复", "trading"), c.Supervise("请答复", "yellow", "trading")])
def test_cards_and_reminders_name_one_unit_that_has_it(press: c.Command) -> None:
    name = type(press).__name__
    recorded = {"Remind": events.Reminded, "Supervise": events.Supervised}[name]
    given(*SENT_OUT).when(press, by=MANAGER).then(happened(recorded, unit="trading"))
    given(*SENT_OUT[:3]).when(press, by=MANAGER).then_refused(errors.UnitNotAsked)
    returned = happened(events.Returned, unit="trading", ground="…", legal_basis="…")
    given(*SENT_OUT, returned).when(press, by=MANAGER).then_refused(errors.UnitNotAsked)


@pytest.mark.parametrize("press", [c.Remind("请答复"), c.Supervise("请答复", "yellow")])
def test_who_reminds_or_cards_names_the_unit_where_several_have_it(press: c.Command) -> None:
    recorded = {"Remind": events.Reminded, "Supervise": events.Supervised}[type(press).__name__]
    given(*SENT_OUT).when(press, by=MANAGER).then_refused(errors.UnitMustBeNamed)
    given(*SENT_OUT, executed("settlement")).when(press, by=MANAGER).then_refused(errors.UnitMustBeNamed)
    returned = happened(events.Returned, unit="trading", ground="…", legal_basis="…")
    given(*SENT_OUT, returned).when(press, by=MANAGER).then(happened(recorded, unit="settlement"))
    given(*SENT_OUT[:3]).when(press, by=MANAGER).then(happened(recorded, unit=None))


def test_a_card_is_the_unit_s_that_it_names() -> None:
    carded = given(*SENT_OUT, happened(events.Supervised, text="…", card="yellow", unit="trading"))
    assert carded.complaint.cards_of == {"trading": 1}


def test_only_a_missed_limit_is_urgent() -> None:
    miss = fell_due(events.DeadlineMissed, **CLOCK, told=("manager",))
    warning = fell_due(events.DeadlineWarned, **CLOCK, told=("manager",))
    assert [notice.urgent for fact in (miss, warning) for notice in told_by(*SENT_OUT, fact)] == [True, False]


def test_an_anonymous_complainant_is_told_nothing() -> None:
    assert told_by(received(anonymous=True)) == ()
    word = happened(events.CustomerInformed, means="sms", text="…")
    assert told_by(received(anonymous=True), word) == ()


CONFIDENTIAL = replace(kf0001(), confidential_to={"complaint": ("supervision", "unit")})


@pytest.mark.parametrize(
    ("to", "roles", "may"),
    [
        (Addressee("role", "manager"), (), False),
        (Addressee("role", "supervision"), (), True),
        (Addressee("unit", "settlement"), (), True),
        (Addressee("actor", "somebody"), ("agent", "admin"), False),
        (Addressee("actor", "somebody"), ("agent", "supervision"), True),
        (Addressee("complainant"), (), True),
    ],
)
def test_of_a_confidential_matter_only_its_circle_hears(to: Addressee, roles: tuple[str, ...], may: bool) -> None:
    assert may_be_notified(to, roles, given(*SENT_OUT, procedure=CONFIDENTIAL).complaint) is may
    assert may_be_notified(to, roles, given(*SENT_OUT).complaint)


def test_who_hears_that_something_confidential_came_hears_nothing_else_of_it() -> None:
    circle = {"complaint": ("supervision",)}
    secret = replace(kf0001(), confidential_to=circle, announced_to=("general-manager",))
    came = followed(events.Escalated, to_role="supervision", cause=Cause.of("confidential"))
    raised = followed(events.Escalated, to_role="supervision", cause=Cause.of("severity", subject="major"))
    missed = fell_due(events.DeadlineMissed, **CLOCK, told=("supervision", "general-manager"))
    for fact, roles in (
        (came, ["supervision", "general-manager"]), (raised, ["supervision"]), (missed, ["supervision"]),
    ):  # fmt: skip
        history = given(*SENT_OUT, fact, procedure=secret)
        told = history.told
        assert [notice.to.code for notice in told if notice.to.kind == "role"] == roles
    complaint = given(*SENT_OUT, procedure=secret).complaint
    assert not may_read_subject(Addressee("role", "general-manager"), (), complaint)


def test_nobody_hears_of_a_complaint_about_themselves() -> None:
    complaint = given(*SENT_OUT, accused("agent-9")).complaint
    assert not may_be_notified(Addressee("actor", "agent-9"), ("agent",), complaint)
    assert may_be_notified(Addressee("actor", "agent-1"), ("agent",), complaint)


def test_the_subject_is_for_those_who_may_read_the_texts() -> None:
    complaint = given(*SENT_OUT).complaint
    readers = [Addressee("role", "manager"), Addressee("unit", "settlement"), Addressee("unit", "risk-control"),
               Addressee("role", "partner"), Addressee("role", "nobody")]  # fmt: skip
    assert [may_read_subject(to, (), complaint) for to in readers] == [True, True, False, False, False]
    agent = Addressee("actor", "agent-2")
    assert [may_read_subject(agent, roles, complaint) for roles in (["agent"], ["unit"], [])] == [True, False, False]
    assert not may_read_subject(readers[0], (), given(*SENT_OUT, accused("agent-9")).complaint)


def test_no_message_names_the_subject_of_a_confidential_matter() -> None:
    complaint = given(*SENT_OUT, procedure=CONFIDENTIAL).complaint
    readers = [Addressee("role", "manager"), Addressee("unit", "settlement")]
    assert [may_read_subject(to, (), complaint) for to in readers] == [False, False]
    assert not may_read_subject(Addressee("actor", "agent-2"), ("agent",), complaint)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fact", [fact for fact, told in TOLD.values() if told and "complainant/" not in told])
def test_no_message_to_staff_says_who_complains_or_what_was_said(fact: Fact, language: Language) -> None:
    history = given(*SENT_OUT, fact)
    words = words_for_staff(history.stream[-1], history.complaint, language)
    assert words.title.startswith(head_of(history.stream[-1], language))
    assert "KF0001-20260302-000001" in words.text
    assert [word for word in ("张三", "13800000000", "入金", "…") if word in words.title + words.text] == []


def test_a_message_about_a_clock_names_it_with_its_due_time_and_unit() -> None:
    miss = fell_due(events.DeadlineMissed, **CLOCK, unit="settlement", told=("manager",))
    history = given(*SENT_OUT, miss)
    zh, en = (words_for_staff(history.stream[-1], history.complaint, language) for language in LANGUAGES)
    assert zh.title == "已超时：KF0001-20260302-000001 责任单位确认处理意见"
    assert zh.lines[2:4] == ("时限：责任单位确认处理意见", "到期时间：2026-03-03 09:00 (Asia/Shanghai)")
    assert en.title == "Overdue: KF0001-20260302-000001 Unit answers the opinion"
    assert en.lines[2:4] == ("Time limit: Unit answers the opinion", "Due: 2026-03-03 09:00 (Asia/Shanghai)")
    assert (zh.lines[4].partition("：")[0], en.lines[4].partition(":")[0]) == ("责任单位", "Responsible unit")


def test_a_soft_limit_that_is_reached_and_the_colour_of_a_card_are_said() -> None:
    reached = fell_due(events.DeadlineWarned, **CLOCK, due=True).event(5)
    cards = [happened(events.Supervised, text="…", card=card).event(5) for card in ("yellow", "red", None)]
    assert [head_of(event, "zh") for event in (reached, *cards)] == ["已到期", "督办（黄牌）", "督办（红牌）", "督办"]


def test_the_customer_reads_the_events_text_and_the_number() -> None:
    history = given(*SENT_OUT, happened(events.CustomerInformed, means="sms", text="款项今日入账"))
    words = words_for_complainant(history.stream[-1], history.complaint, "zh")
    assert words.lines == ("款项今日入账", "投诉编号：KF0001-20260302-000001")


def test_the_receipt_tells_the_query_code_and_what_to_give_beside_the_number() -> None:
    required = replace(kf0001(), public_status=PublicStatusRule(needs_query_code=True))
    confidential = replace(kf0001(), confidential_to={"complaint": ("board-office",)})
    by_mail = Complainant(name="孙", email="sun@example.com")

    def lines(procedure: Procedure, **facts: Any) -> tuple[str, ...]:
        history = given(received(query_code="7K3QA9XE", **facts), procedure=procedure)
        return words_for_complainant(history.stream[0], history.complaint, "zh").lines[2:]

    code = "查询码：7K3QA9XE"
    assert lines(kf0001()) == (code, "查询进度请提供投诉编号和所留电话的后四位。")
    assert lines(required) == (code, "查询进度请提供投诉编号、所留电话的后四位和查询码。")
    assert lines(required, complainant=by_mail) == (code, "查询进度请提供投诉编号和查询码。")
    assert lines(confidential) == ()


def test_messages_are_joined_under_their_number_and_a_single_one_stays_as_it_is() -> None:
    first, second = Words("a", ("1", "2")), Words("b", ("3",))
    assert words_of_digest([first], "en") is first
    joined = words_of_digest([first, second], "en")
    assert (joined.title, joined.lines) == ("2 messages", ("a", "  1", "  2", "", "b", "  3"))


def test_every_head_is_there_in_both_languages() -> None:
    assert all(title.zh and title.en for title in HEADS.values())


HOTLINE = Library.ready().procedures["hotline-12345"]
HALF_DONE = (
    received(kind="consultation"),
    happened(events.Classified, severity=None, category="transport", issue_point=None, kind=None),
    happened(events.Dispatched, units=("transport", "housing")),
    executed("transport"),
)
HANDLE: dict[str, Any] = {"clock": "handle", "round": 1, "started_at": MONDAY_9AM, "due_at": NEXT_MONDAY_9AM}


def test_a_unit_that_has_done_its_part_is_not_warned_of_the_limit_of_the_whole_case() -> None:
    warning = fell_due(events.DeadlineWarned, **HANDLE, told=("unit",))
    assert names(told_by(*HALF_DONE[:3], warning, procedure=HOTLINE)) == ["unit/transport", "unit/housing"]
    assert names(told_by(*HALF_DONE, warning, procedure=HOTLINE)) == ["unit/housing"]


def test_a_miss_of_the_whole_case_is_told_to_the_units_that_it_is_charged_to() -> None:
    miss = fell_due(events.DeadlineMissed, **HANDLE, told=("unit", "manager"), owed_by=("housing",))
    assert names(told_by(*HALF_DONE, miss, procedure=HOTLINE)) == ["unit/housing", "role/manager"]


def test_what_others_owe_warns_the_units_that_have_not_done_their_part_besides() -> None:
    clock = {**HANDLE, "clock": "whole-case"}
    warning = fell_due(events.DeadlineWarned, **clock, told=("unit",))
    assert names(told_by(*HALF_DONE, warning, procedure=HOTLINE)) == ["unit/housing", "actor/agent-1"]
