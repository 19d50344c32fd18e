"""What stops a clock is what the close asks for, each unit for itself: the sentences of the sources, file by file."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.requirements import missing_for
from domain.procedure.procedure import Procedure
from procedures.library import Library
from tests.facts import (
    AGENT,
    MONDAY_9AM,
    SETTLEMENT,
    TRADING,
    Fact,
    called_back,
    executed,
    happened,
    informed,
    received,
)
from tests.spec import History, given

LIBRARY: Final = Library.ready()
ONE, OTHER = "settlement", "trading"
SENT: Final = happened(events.Dispatched, units=(ONE, OTHER))
AGREED: Final = happened(events.SolutionAgreed, text="换货", agreed=True)
TAKEN_BACK: Final = happened(events.SolutionAgreed, text="换货", agreed=False)
PROGRESS: Final = happened(events.ProgressReported, text="已联系")


def after(minutes: float) -> datetime:
    return MONDAY_9AM + timedelta(minutes=minutes)


def ready(code: str) -> Procedure:
    return LIBRARY.procedures[code]


def history(code: str, *facts: Fact, severity: str | None = "general", kind: str = "complaint") -> History:
    kinds = {} if severity is None else {"severity": severity}
    first = (received(kind=kind), happened(events.Classified, category="service", issue_point=None, kind=None, **{
        "severity": None, **kinds
    }))
    return given(*first, *facts, procedure=ready(code))


def states(found: History, name: str) -> dict[str | None, str]:
    return {clock.unit: clock.state for clock in found.complaint.clocks if clock.name == name}


@pytest.mark.parametrize(("code", "clock"), [("market-30min", "contact"), ("courier", "contact")])
def test_each_department_contacts_the_customer_itself(code: str, clock: str) -> None:
    assert states(history(code, SENT, informed().by(SETTLEMENT)), clock) == {ONE: "met", OTHER: "running"}


@pytest.mark.parametrize("code", ["market-30min", "courier"])
def test_the_agents_word_does_not_stop_the_department_contacts_the_customer(code: str) -> None:
    assert states(history(code, SENT, informed().by(AGENT)), "contact") == {ONE: "running", OTHER: "running"}


def test_the_beat_of_a_region_is_its_own() -> None:
    found = history("market-30min", SENT, PROGRESS.by(SETTLEMENT).at(after(10)))
    due = {(clock.unit, clock.state): clock.due_at for clock in found.complaint.clocks if clock.name == "progress"}
    assert due[ONE, "running"] == after(40)
    assert due[OTHER, "running"] == after(30)
    somebody = history("market-30min", SENT, PROGRESS.by(AGENT).at(after(10)))
    assert set(states(somebody, "progress").values()) == {"running"}


def test_a_beat_that_was_missed_goes_on_beating_until_the_complaint_is_closed() -> None:
    found = history("market-30min", happened(events.Dispatched, units=(ONE,))).judged(after(95))
    missed = [event.due_at for event in found.events if isinstance(event, events.DeadlineMissed)]
    assert [one for one in missed if one in {after(30), after(60), after(90)}] == [after(30), after(60), after(90)]
    beats = [clock for clock in found.complaint.clocks if clock.name == "progress"]
    assert [clock.state for clock in beats] == ["missed", "missed", "missed", "running"]
    assert beats[-1].due_at == after(120)


def test_a_beat_of_days_that_was_missed_is_due_again_on_the_very_next_working_day() -> None:
    sent = history("power-95598", happened(events.Dispatched, units=(ONE,)), severity="major")
    beats = [one for one in sent.judged(after(8 * 24 * 60)).complaint.clocks if one.name == "follow-up"]
    days = [(one.due_at - timedelta(hours=16)).day for one in beats]  # 24:00 in Shanghai
    assert days == [3, 4, 5, 6, 9, 10], "of March 2026, and no weekend"
    assert [one.state for one in beats] == ["missed"] * 5 + ["running"]
    reported = history("power-95598", SENT, PROGRESS.by(SETTLEMENT).at(after(60)), severity="major")
    assert states(reported, "follow-up") == {ONE: "running", OTHER: "running"}


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_beat_that_ended_as_it_began_is_not_taken_for_the_next_one_that_was_missed(goes_on: bool) -> None:
    power = ready("power-95598")
    older = replace(power, clocks=tuple(replace(one, beats_on=one.beats_on and goes_on) for one in power.clocks))
    category = happened(events.Classified, severity="major", category="outage", issue_point=None, kind=None)
    found = given(received(), category, SENT, PROGRESS.by(SETTLEMENT), procedure=older).judged(after(40 * 60))
    missed = [one for one in found.events if isinstance(one, events.DeadlineMissed) and one.clock == "follow-up"]
    clocks = [one for one in found.complaint.clocks if one.name == "follow-up" and one.state == "missed"]
    assert sorted(str(one.unit) for one in missed) == sorted(str(one.unit) for one in clocks) == [ONE, OTHER]


def test_a_beat_that_nobody_heeds_ends_after_a_day() -> None:
    found = history("market-30min", happened(events.Dispatched, units=(ONE,))).judged(after(10_000))
    beats = [event for event in found.events if isinstance(event, events.DeadlineMissed) and event.clock == "progress"]
    assert len(beats) == 49


@pytest.mark.parametrize(("code", "clock"), [("retail-400", "result"), ("courier", "handle"), ("kf0001", "execute")])
def test_each_unit_executes_by_itself(code: str, clock: str) -> None:
    final = (
        happened(events.OpinionDrafted, text="…"), SENT,
        *(happened(events.OpinionConfirmed, unit=unit, revision=1) for unit in (ONE, OTHER)),
    ) if code == "kf0001" else (SENT,)  # fmt: skip
    severity = "class-two" if code == "retail-400" else "general"
    found = history(code, *final, executed(ONE), severity=severity)
    mine = {unit: state for unit, state in states(found, clock).items() if unit is not None}
    assert mine == {ONE: "met", OTHER: "running"}
    assert "executed" in missing_for("close", found.complaint, ready(code))


def test_a_shop_confirms_its_responsible_person_itself_within_the_time_from_the_receipt() -> None:
    accepted = happened(events.Accepted, unit=ONE).at(after(90))
    found = history("retail-400", SENT.at(after(60)), accepted, severity="class-two")
    clocks = {clock.unit: clock for clock in found.complaint.clocks if clock.name == "shop-contact"}
    assert (clocks[ONE].state, clocks[OTHER].state) == ("met", "running")
    assert clocks[OTHER].due_at == MONDAY_9AM + timedelta(hours=12)


def test_a_time_that_was_over_before_a_shop_was_asked_is_not_its_miss() -> None:
    late = SENT.at(MONDAY_9AM + timedelta(hours=13))
    found = history("retail-400", late, severity="class-two").judged(MONDAY_9AM + timedelta(hours=14))
    missed = {event.unit for event in found.events if isinstance(event, events.DeadlineMissed)}
    assert ONE not in missed


CALLED: Final = [code for code in LIBRARY.procedures if any("callback" in rule.stops for rule in ready(code).clocks)]


@pytest.mark.parametrize("code", CALLED)
def test_one_unanswered_call_does_not_meet_the_callback(code: str) -> None:
    severity = next(iter(ready(code).severities), None)
    rule = next(rule for rule in ready(code).clocks if "callback" in rule.stops)
    name, is_after_it = rule.name, "Closed" in rule.starts
    close = happened(events.Closed, outcome="已办", justified=None, summary="…")
    done = (SENT, executed(ONE), executed(OTHER), *([close] if is_after_it else []))
    found = history(code, *done, called_back(reached=False), severity=severity)
    assert "met" not in states(found, name).values()
    assert "met" in states(history(code, *done, called_back(), severity=severity), name).values()


def test_word_that_the_complaint_arrived_does_not_meet_the_time_for_its_answer() -> None:
    found = history("general", informed(), severity="simple")
    assert states(found, "answer") == {None: "running"}
    assert "customer-informed" in missing_for("close", found.complaint, ready("general"))
    told = history("general", informed(), AGREED, informed(), severity="simple")
    assert states(told, "answer") == {None: "met"}
    assert "customer-informed" not in missing_for("close", told.complaint, ready("general"))


def test_a_settlement_meets_the_time_for_the_answer() -> None:
    settled = happened(events.SettledOnTheSpot, explanation="已说明", accepted=True)
    assert states(history("general", settled, severity="simple"), "answer") == {None: "met"}


def test_an_agreement_that_is_taken_back_stops_the_result_report() -> None:
    assert states(history("market-30min", SENT, AGREED), "result-report") == {ONE: "running", OTHER: "running"}
    assert states(history("market-30min", SENT, AGREED, TAKEN_BACK), "result-report") == {
        ONE: "cancelled", OTHER: "cancelled",
    }  # fmt: skip


def test_only_the_shop_that_executed_reports_its_result() -> None:
    done = (SENT, executed(ONE).by(SETTLEMENT))
    for who, state in ((SETTLEMENT, "met"), (TRADING, "running"), (AGENT, "running")):
        assert states(history("dealer-4s", *done, PROGRESS.by(who)), "result-report") == {ONE: state}, who


@pytest.mark.parametrize("code", ["hotline-12345", "hotline-mayor", "city-12319", "after-sales", "telecom-hall"])
def test_the_time_of_a_case_ends_with_the_last_unit(code: str) -> None:
    severity = next(iter(ready(code).severities), None)
    half = history(code, SENT, executed(ONE), severity=severity)
    assert "met" not in states(half, "handle").values() or states(half, "handle").get(OTHER) == "running"
    whole = history(code, SENT, executed(ONE), executed(OTHER), severity=severity)
    assert "running" not in states(whole, "handle").values()


@pytest.mark.parametrize("code", [code for code in LIBRARY.procedures if ready(code).incidents is None])
def test_no_clock_is_met_by_what_the_close_does_not_count(code: str) -> None:
    """Whatever stops a clock about the execution, word, callback or effect is the condition that the close asks."""
    loose = {"Executed": "executed", "CallbackDone": "callback", "EffectConfirmed": "effect-confirmed"}
    severities = (None, *ready(code).severities)
    needs = {need for severity in severities for need in ready(code).needs_of("close", severity, None)}
    for rule in ready(code).clocks:
        for stop in rule.stops & loose.keys():
            assert loose[stop] not in needs, rule.name


def test_who_owes_what_is_said_of_each_unit() -> None:
    found = history("courier", SENT, executed(ONE)).complaint
    waiting = {(one.name, str(one.owed_by)) for one in obligations_of(found) if one.waits}
    assert {("handle", f"unit:{OTHER}"), ("contact", f"unit:{ONE}"), ("contact", f"unit:{OTHER}")} <= waiting
    assert ("handle", f"unit:{ONE}") not in waiting


WORD_OF_RECEIPT: Final = happened(events.CustomerInformed, means="sms", text="您的投诉已收到")
ESCALATED: Final = happened(events.Escalated, to_role="manager", reason="客户不接受")


def at_the_centre(*facts: Fact, kind: str = "complaint", anonymous: bool = False) -> History:
    first = (received(kind=kind, anonymous=anonymous), happened(events.Classified, severity=None, category="product"))
    return given(*first, *facts, procedure=ready("call-centre"))


@pytest.mark.parametrize(
    ("kind", "clock", "before"),
    [("complaint", "agent-level", ()), ("complaint", "manager-level", (ESCALATED,)), ("rescue", "rescue", ())],
)
def test_word_that_the_complaint_was_received_ends_no_level_of_the_call_centre_and_word_of_the_result_does(
    kind: str, clock: str, before: tuple[Fact, ...]
) -> None:
    assert states(at_the_centre(*before, WORD_OF_RECEIPT, kind=kind), clock) == {None: "running"}
    assert states(at_the_centre(*before, AGREED, informed(), kind=kind), clock) == {None: "met"}


@pytest.mark.parametrize(("kind", "clock"), [("rescue", "rescue"), ("complaint", "agent-level"), ("praise", "take-up")])
def test_what_is_to_be_done_for_somebody_whom_nobody_knows_has_its_limit_until_it_is_done(
    kind: str, clock: str
) -> None:
    assert states(at_the_centre(kind=kind, anonymous=True), clock) == {None: "running"}
    assert states(at_the_centre(SENT, kind=kind, anonymous=True), clock) == {None: "met"}


@pytest.mark.parametrize("code", [code for code in LIBRARY.procedures if ready(code).incidents is None])
def test_no_clock_runs_for_word_alone_to_somebody_whom_nobody_knows(code: str) -> None:
    severity = next(iter(ready(code).severities), None)
    first = (received(anonymous=True), happened(events.Classified, severity=severity, category="service"))
    complaint = given(*first, SENT, AGREED, executed(ONE), executed(OTHER), procedure=ready(code)).complaint
    assert not [clock.name for clock in complaint.clocks if clock.rule.is_for_word_to_customer]
    ends = [clock.rule.stops for clock in complaint.clocks]
    assert not [stops for stops in ends if "customer-informed" in stops and stops <= {"customer-informed", "Settled"}]
