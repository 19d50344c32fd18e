"""Whoever has to act next is told when it arises, and nobody is told twice for one fact."""

from decimal import Decimal
from typing import Final

import pytest

from domain.complaint import commands as c
from domain.complaint import events
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED_TWO,
    BOARD_OFFICE,
    DISPUTED,
    EXECUTING,
    MONDAY_9AM,
    OVERTURNED,
    SETTLEMENT,
    TUESDAY_9AM,
    Fact,
    capa_issued,
    capa_requested,
    capa_submitted,
    confirmed,
    dispatched,
    executed,
    fell_due,
    happened,
    person,
    received,
    reopened,
    ruled,
)
from tests.spec import given, told_by

UNIT: Final = SETTLEMENT
LATE: Final = TUESDAY_9AM
FOR_COMPLAINTS: Final = [code for code, one in Library.ready().procedures.items() if one.incidents is None]
TOLD: Final[dict[str, tuple[tuple[Fact, ...], set[str]]]] = {
    "after a dispute the board office": (DISPUTED, {"role/board-office"}),
    "after a dispatch the units and the board office": (
        ASKED_TWO, {"unit/settlement", "unit/trading", "role/board-office"},
    ),
    "after a ruling customer service and the units": (
        (*DISPUTED, ruled("overturned").by(BOARD_OFFICE)), {"actor/agent-1", "unit/settlement"},
    ),
    "after a revised opinion the units that are asked again": (
        (*OVERTURNED, happened(events.OpinionRevised, text="…", revision=2)), {"unit/settlement"},
    ),
    "after an execution the owner": ((*EXECUTING, executed().by(UNIT)), {"actor/agent-1", "role/manager"}),
    "after a progress report the owner": (
        (*EXECUTING, happened(events.ProgressReported, text="…").by(UNIT)), {"actor/agent-1"},
    ),
    "after an extension the owner": (
        (*EXECUTING, happened(
            events.Extended, clock="execute", unit="settlement", until=LATE, before=LATE, reason="…"
        ).by(UNIT)), {"actor/agent-1"},
    ),
    "after a CAPA report was submitted the board office": (
        (*EXECUTING, capa_requested(), capa_submitted().by(UNIT)), {"role/board-office"},
    ),
    "after an assignment whoever it was assigned to": (
        (*EXECUTING, happened(events.Assigned, to="agent-2").by(BOARD_OFFICE)), {"actor/agent-2"},
    ),
    "after the owner was named in it the role whose it is": (
        (*EXECUTING, executed().by(UNIT), happened(events.AccusedNamed, people=("agent-1",)).by(BOARD_OFFICE)),
        {"role/agent"},
    ),
    "after it was issued customer service": (
        (*EXECUTING, capa_requested(), capa_submitted(), capa_issued().by(BOARD_OFFICE)), {"actor/agent-1"},
    ),
}  # fmt: skip


def told(*facts: Fact, **more: object) -> list[str]:
    history = given(*facts, **more)  # type: ignore[arg-type]
    return [f"{one.to.kind}/{one.to.code}" for one in history.told]


@pytest.mark.parametrize(("facts", "expected"), TOLD.values(), ids=TOLD.keys())
def test_whoever_has_to_act_next_is_told(facts: tuple[Fact, ...], expected: set[str]) -> None:
    found = told(*facts)
    assert set(found) >= expected
    assert len(found) == len(set(found)), "nobody twice"


def warned_of(clock: str, *named_by_the_file: str) -> Fact:
    return fell_due(
        events.DeadlineWarned, clock=clock, round=1, started_at=MONDAY_9AM, due_at=TUESDAY_9AM, told=named_by_the_file
    )


@pytest.mark.parametrize("code", FOR_COMPLAINTS)
def test_whoever_owes_it_is_told_when_it_is_nearly_due_whether_or_not_the_file_names_anybody(code: str) -> None:
    procedure, first = Library.ready().procedures[code], "response" if code == "after-sales" else "classify"
    assert told(received(), warned_of(first), procedure=procedure) == ["actor/agent-1"]
    assert told(received(), warned_of(first, "manager"), procedure=procedure) == ["role/manager", "actor/agent-1"]


def test_of_a_limit_that_several_units_owe_those_are_warned_who_have_not_done_their_part() -> None:
    hotline = Library.ready().procedures["city-12319"]
    sent = happened(events.Dispatched, units=("water-company", "parks-bureau"))
    category = happened(events.Classified, severity=None, category="water", issue_point=None, kind=None)
    both = (received(), category, sent)
    assert set(told(*both, warned_of("handle"), procedure=hotline)) == {"unit/water-company", "unit/parks-bureau"}
    assert told(*both, executed("parks-bureau"), warned_of("handle"), procedure=hotline) == ["unit/water-company"]
    back = [happened(events.Returned, unit=unit, ground="…", legal_basis="…") for unit in sent.facts["units"]]
    assert told(*both, *back, warned_of("handle"), procedure=hotline) == ["actor/agent-1"], "who sends it on"


def test_a_missed_limit_tells_those_whom_the_file_names() -> None:
    missed = fell_due(
        events.DeadlineMissed, clock="classify", round=1, started_at=MONDAY_9AM, due_at=TUESDAY_9AM, told=("manager",)
    )
    assert told(received(), missed) == ["role/manager"]


def owed_by_shops(*later: Fact) -> list[str]:
    """Whom the last of these tells, once a payment that the leading one of two shops has to make was approved."""
    money = {"amount": Decimal(2000), "currency": "CNY", "basis": "…", "method": "cash"}
    dealers, leader = Library.ready().procedures["dealer-4s"], person("gao-lan", "general-manager")
    category = happened(events.Classified, severity="general", category="vehicle", issue_point=None, kind=None)
    shops = happened(events.Dispatched, units=("shop", "shop-b"), lead="shop")
    proposed = happened(events.CompensationProposed, **money).by(person("shi-jie", "unit", unit="shop"))
    approved = happened(events.CompensationApproved, amount=Decimal(2000), currency="CNY").by(leader)
    return told(received(), category, shops, proposed, approved, *later, procedure=dealers)


def test_what_falls_to_another_unit_or_role_as_a_unit_goes_is_news_to_them_once() -> None:
    assert owed_by_shops() == ["unit/shop"]
    back = [happened(events.Returned, unit=one, ground="…", legal_basis="…").by(AGENT) for one in ("shop", "shop-b")]
    assert owed_by_shops(back[0]) == ["unit/shop-b"], "which leads now"
    assert "role/general-manager" in owed_by_shops(*back), "who pays where no shop has it"
    assert owed_by_shops(back[1]) == [], "the leading one has known it all the time"
    recalled = happened(events.Recalled, unit="shop-b", reason="…").by(AGENT)
    assert set(owed_by_shops(back[0], recalled)) == {"unit/shop-b", "role/general-manager"}


def test_who_brought_it_about_is_not_told_of_it() -> None:
    assert "unit/settlement" not in told(*EXECUTING, happened(events.ProgressReported, text="…").by(UNIT))
    assert "actor/agent-1" not in told(*EXECUTING, happened(events.ProgressReported, text="…").by(AGENT))


def test_a_receipt_tells_the_market_manager_who_has_to_send_it_on() -> None:
    market = Library.ready().procedures["market-30min"]
    assert "role/manager" in told(received(), procedure=market)


def test_escalating_again_to_the_same_role_for_the_same_reason_tells_nobody_again() -> None:
    again = c.EscalateComplaint("manager", "客户要求")
    history = given(*EXECUTING, happened(events.Escalated, to_role="manager", reason="客户要求"))
    history.when(again).then_nothing()
    history.when(c.EscalateComplaint("manager", "媒体来电")).then(happened(events.Escalated, to_role="manager"))
    history.when(c.EscalateComplaint("board-office", "客户要求")).then(happened(events.Escalated))


def test_of_two_units_the_one_that_has_executed_owes_nothing_more() -> None:
    both = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"))
    assert set(told(*both)) >= {"unit/settlement"}
    assert not {"unit/settlement", "unit/trading"} & set(told(*both, executed("settlement").by(UNIT)))


@pytest.mark.parametrize("before", [(), ("not-agent",)])
def test_quality_hears_of_a_complaint_that_waits_for_its_grade(before: tuple[str, ...]) -> None:
    fault = Library.ready().procedures["agent-fault"]

    def as_of(category: str) -> Fact:
        return happened(events.Classified, severity=None, category=category, issue_point=None, kind=None)

    earlier = (received(), *map(as_of, before))
    assert "role/quality" in told(*earlier, as_of("manner"), procedure=fault)
    assert "role/quality" not in told(*earlier, as_of("not-agent"), procedure=fault)
    assert "role/quality" not in told(*earlier, as_of("manner"), as_of("conduct"), procedure=fault), "once"


def test_what_a_case_wants_from_its_beginning_is_no_news_to_those_who_handle_it() -> None:
    outbound = Library.ready().procedures["outbound"]
    severity = next(iter(outbound.severities))
    classified = happened(events.Classified, severity=severity, category="service", issue_point=None, kind=None)
    assert told(received(), classified.by(person("li-min", "agent")), procedure=outbound) == []


def test_who_decides_after_a_dissatisfied_customer_hears_it_once() -> None:
    """The market manager sends every round on, and decides after the second: one callback is one word to them."""
    procedure = Library.ready().procedures["market-30min"]
    agent, unit = person("agent-1", "agent"), person("east-1", "unit", unit="east")
    once: tuple[Fact, ...] = (
        dispatched("east"), happened(events.SolutionAgreed, text="换货", agreed=True, unit="east").by(unit),
        happened(events.Executed, measure="换货", unit="east").by(unit),
    )  # fmt: skip
    first = received(issue_point=None), happened(events.Classified, severity="general", category="product")
    again = happened(events.CallbackDone, reached=True, satisfied=False, means="phone"), reopened()
    dissatisfied = c.RecordCallback(True, "phone", False)
    for story, expected in (((*first, *once), ["Reopened"]), ((*first, *once, *again, *once), ["Escalated"])):
        history = given(*story, procedure=procedure)
        stream, heard = list(history.stream), list[str]()
        for event in history.when(dissatisfied, by=agent).events:
            stream.append(event)
            told = {notice.to.code for notice in told_by(stream, procedure)}
            heard += [type(event).__name__] if "manager" in told else []
        assert heard == expected
