"""What a unit does for itself alone: acting while it has the case, accepting by answering, its time, its revision."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain import errors
from domain.clocks.clock import Clock
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.steps import STEP_NAMED
from domain.notices.notices import Addressee
from domain.procedure.procedure import Procedure
from domain.values import Complainant, LiabilityShare
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    BOARD_OFFICE,
    DISPUTED,
    EXECUTING,
    MANAGER,
    MONDAY_9AM,
    OPENED,
    OVERTURNED,
    SETTLEMENT,
    TRADING,
    TUESDAY_9AM,
    Fact,
    capa_requested,
    classified,
    confirmed,
    dispatched,
    executed,
    happened,
    member_of,
    missed,
    on,
    recalled,
    received,
    redirected,
    reopened,
    revised,
    ruled,
    unit_added,
)
from tests.http.samples import bodies
from tests.spec import History, given

FILES: Final = Library.ready().procedures
CODES: Final = sorted(code for code, one in FILES.items() if one.incidents is None)
# Steps of a unit's member that are not about the case being with the unit: reading on, a report of its own, ownership.
ANY_TIME: Final = {"add-note", "submit-capa", "hand-over", "accept-hand-over"}
RISK: Final = member_of("risk-control")


def of_units() -> list[tuple[str, str]]:
    return [(code, step) for code in CODES for step, roles in FILES[code].steps.items() if "unit" in roles]


def sent(procedure: Procedure, *units: str) -> tuple[Fact, ...]:
    severity = next((code for code, one in procedure.severities.items() if not one.front_line), None)
    facts = (received(), happened(events.Classified, severity=severity, category=next(iter(procedure.categories))))
    drafted = (happened(events.OpinionDrafted, text="意见"),) if procedure.has_opinions else ()
    return (*facts, *drafted, dispatched(*units, lead=units[0]))


# Who has the case no more


@pytest.mark.parametrize(("code", "step"), [pair for pair in of_units() if pair[1] not in ANY_TIME])
@pytest.mark.parametrize("how", ["returned", "recalled"])
def test_a_unit_that_sent_it_back_or_that_it_was_taken_from_takes_no_step(code: str, step: str, how: str) -> None:
    procedure = FILES[code]
    gone = {
        "returned": happened(events.Returned, unit="settlement", ground="不归我部", legal_basis="职责表"),
        "recalled": happened(events.Recalled, unit="settlement", reason="派错了部门"),
    }[how]
    story = given(*sent(procedure, "settlement", "trading"), gone, procedure=procedure)
    assert step not in story.allowed(SETTLEMENT)
    assert "add-note" in story.allowed(SETTLEMENT)
    command = STEP_NAMED[step].command
    fields = {name: value for name, value in bodies()[step].items() if name in command.__dataclass_fields__}
    refusal = {"returned": errors.ReturnedByThisUnit, "recalled": errors.TakenFromThisUnit}[how]
    said = {"due": 1, "charged": 2} | fields
    body = {name: value for name, value in said.items() if name in command.__dataclass_fields__}
    story.when(command(**body), by=SETTLEMENT).then_refused(refusal)


def test_a_unit_without_the_case_reads_it_and_may_add_a_note() -> None:
    story = given(*ASKED, redirected())
    story.when(c.AddNote("已转交"), by=SETTLEMENT).then(happened(events.NoteAdded))
    assert set(story.allowed(SETTLEMENT)) == {"add-note"}


def test_nobody_acts_in_another_way_for_a_unit_that_sent_it_back() -> None:
    procedure = FILES["hotline-12345"]
    back = happened(events.Returned, unit="housing", ground="不归我部", legal_basis="职责表")
    story = given(*sent(procedure, "housing", "market"), back, procedure=procedure)
    story.when(c.ExecuteMeasure("已办", unit="housing"), by=MANAGER).then_refused(errors.ReturnedByThisUnit)
    story.when(c.AcceptWork(unit="housing"), by=MANAGER).then_refused(errors.ReturnedByThisUnit)


def test_a_unit_of_a_former_round_acts_only_once_it_is_asked_again() -> None:
    story = given(*EXECUTING, executed(), reopened())
    story.when(c.ReportProgress("进展"), by=SETTLEMENT).then_refused(errors.UnitNotAsked)
    assert "report-progress" not in story.allowed(SETTLEMENT)


def test_a_unit_that_owes_a_report_alone_writes_it_and_extends_it_and_does_nothing_else() -> None:
    story = given(*ASKED, capa_requested("trading"))
    assert set(story.allowed(TRADING)) == {"submit-capa", "report-interim-measure", "attach", "add-note"}
    story.when(c.InformCustomer("sms", "已入账"), by=TRADING).then_refused(errors.RoleForbids)
    story.when(c.ReportProgress("进展"), by=TRADING).then_refused(errors.UnitNotAsked)


# A ruling asks those it makes liable

SHARES: Final = (LiabilityShare("settlement", 60), LiabilityShare("trading", 40), LiabilityShare("finance", 0))
RULED: Final = happened(events.RulingIssued, outcome="upheld", text="评审", liability=SHARES, asked=("trading",)).by(
    BOARD_OFFICE
)


@pytest.mark.parametrize("outcome", ["upheld", "overturned"])
def test_a_ruling_that_makes_a_unit_liable_which_was_not_asked_asks_it(outcome: str) -> None:
    command = c.IssueRuling("upheld" if outcome == "upheld" else "overturned", "评审", SHARES)
    ruling = given(*DISPUTED).when(command, by=BOARD_OFFICE)
    ruling.then(happened(events.RulingIssued, asked=("trading",)))
    assert ruling.complaint.sight_for(TRADING) == "texts"


def test_upheld_it_executes_like_the_others() -> None:
    story = given(*DISPUTED, RULED)
    assert story.complaint.status == "executing"
    assert story.clock("execute", "trading").state == "running"
    assert [clock.unit for clock in story.complaint.clocks if clock.name == "unit-answers"] == ["settlement"]
    story.when(c.ConfirmOpinion(), by=TRADING).then_refused(errors.OpinionNotAsked)
    story.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))
    assert not given(*DISPUTED, RULED, executed()).complaint.standing.is_executed


def test_overturned_it_answers_the_revision_and_executes() -> None:
    overturned = happened(
        events.RulingIssued, outcome="overturned", text="评审", liability=SHARES, asked=("trading",)
    ).by(BOARD_OFFICE)
    waiting = given(*DISPUTED, overturned)
    waiting.when(c.ConfirmOpinion(), by=TRADING).then_refused(errors.OpinionNotAsked)
    story = given(*DISPUTED, overturned, revised().at(TUESDAY_9AM))
    assert story.clock("unit-answers", "trading").started_at == TUESDAY_9AM
    story.when(c.DisputeOpinion("异议"), by=TRADING).then(happened(events.OpinionDisputed, unit="trading", revision=2))
    both = given(*DISPUTED, overturned, revised(), confirmed(revision=2), confirmed("trading", revision=2))
    assert both.complaint.status == "executing"
    both.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed))


def test_a_unit_that_has_the_case_is_not_asked_twice_by_a_ruling() -> None:
    shares = (LiabilityShare("settlement", 100),)
    given(*DISPUTED).when(c.IssueRuling("upheld", "评审", shares), by=BOARD_OFFICE).then(
        happened(events.RulingIssued, asked=())
    )


def test_the_unit_that_a_ruling_asks_is_told() -> None:
    story = given(*DISPUTED, RULED)
    assert Addressee("unit", "trading") in {notice.to for notice in story.told}


# Accepting by answering


@pytest.mark.parametrize("code", ["hotline-12345", "hotline-mayor"])
@pytest.mark.parametrize("command", [c.ExecuteMeasure("已办"), c.ReportProgress("已派人")], ids=["execute", "progress"])
def test_the_first_answer_of_substance_counts_as_accepted(code: str, command: c.Command) -> None:
    procedure = FILES[code]
    outcome = given(*sent(procedure, "settlement"), procedure=procedure).when(command, by=SETTLEMENT)
    assert type(outcome.events[0]) is events.Accepted
    assert [clock.state for clock in outcome.complaint.clocks if clock.name == "accept"] == ["met"]


def test_a_department_that_executed_without_pressing_accept_gets_no_card() -> None:
    procedure = FILES["hotline-12345"]
    story = given(*sent(procedure, "settlement"), procedure=procedure)
    done = story.when(c.ExecuteMeasure("已办"), by=SETTLEMENT)
    judged = History((*story.stream, *done.events), procedure).judged(on("2026-03-20"))
    assert not [event for event in judged.events if isinstance(event, events.Supervised)]
    missed = [event for event in judged.events if isinstance(event, events.DeadlineMissed)]
    assert {(event.clock, event.charged_to) for event in missed} == {("answer-customer", ())}, "customer service's own"


def test_where_nobody_waits_for_an_acceptance_an_answer_is_only_itself() -> None:
    given(*ASKED).when(c.ConfirmOpinion(), by=SETTLEMENT).then(happened(events.OpinionConfirmed))


@pytest.mark.parametrize("code", ["hotline-12345", "hotline-mayor", "power-95598", "city-12319", "retail-400"])
def test_the_platform_accepts_for_a_department_that_reports_by_telephone(code: str) -> None:
    procedure = FILES[code]
    story = given(*sent(procedure, "settlement", "trading"), procedure=procedure)
    assert "accept" in story.allowed(AGENT)
    story.when(c.AcceptWork()).then_refused(errors.UnitMustBeNamed)
    story.when(c.AcceptWork(unit="trading")).then(happened(events.Accepted, unit="trading"))
    story.when(c.AcceptWork(unit="finance")).then_refused(errors.UnitNotAsked)


# Whose execution it is


def test_the_platform_names_whose_execution_it_is_where_two_departments_have_the_case() -> None:
    story = given(*ASKED_TWO, confirmed(), confirmed("trading"))
    refusal = story.when(c.ExecuteMeasure("补入账")).then_refused(errors.UnitMustBeNamed)
    assert isinstance(refusal, errors.Invalid)
    story.when(c.ExecuteMeasure("补入账", unit="trading")).then(happened(events.Executed, unit="trading"))
    done = given(*ASKED_TWO, confirmed(), confirmed("trading"), executed())
    done.when(c.ExecuteMeasure("补入账")).then_refused(errors.UnitMustBeNamed)


def test_with_one_unit_it_is_that_unit_s() -> None:
    given(*EXECUTING).when(c.ExecuteMeasure("补入账")).then(happened(events.Executed, unit="settlement"))
    left = (*ASKED_TWO, confirmed(), confirmed("trading"), happened(events.Recalled, unit="trading", reason="…"))
    given(*left).when(c.ExecuteMeasure("补入账")).then(happened(events.Executed, unit="settlement"))


# Its own time

SENT_BACK: Final = happened(events.Returned, unit="settlement", ground="不归我部", legal_basis="职责表")


def measure(unit: str | None) -> Fact:
    return happened(events.InterimMeasureReported, text="先行垫付", unit=unit)


FINAL: Final = (*ASKED_TWO, confirmed(), confirmed("trading"))
LATER: Final = c.ExtendDeadline("execute", on("2026-03-06", "18:00"), "等银行")


def test_a_unit_extends_its_own_obligations_and_not_the_whole_case() -> None:
    story = given(*FINAL, measure("settlement"))
    whole = c.ExtendDeadline("whole-case", on("2026-03-08"), "等银行")
    story.when(whole, by=SETTLEMENT).then_refused(errors.NotYourClock)
    story.when(whole).then(happened(events.Extended, clock="whole-case", unit=None))
    story.when(LATER, by=SETTLEMENT).then(happened(events.Extended, clock="execute", unit="settlement"))


@pytest.mark.parametrize(
    ("code", "clock"), [("courier", "contact"), ("courier", "handle"), ("market-30min", "contact")]
)
def test_a_unit_that_sent_it_back_and_is_asked_again_has_its_time_again(code: str, clock: str) -> None:
    asked = sent(FILES[code], "settlement")
    again = dispatched("settlement", lead="settlement").at(TUESDAY_9AM)
    assert [one.state for one in clocks_of(clock, *asked, SENT_BACK, procedure=FILES[code])] == ["cancelled"]
    first, second = clocks_of(clock, *asked, SENT_BACK, again, procedure=FILES[code])
    assert (first.state, second.state, second.started_at) == ("cancelled", "running", TUESDAY_9AM)


def test_the_time_of_the_whole_case_that_went_out_again_runs_on() -> None:
    hall = FILES["telecom-hall"]
    again = dispatched("settlement", lead="settlement").at(TUESDAY_9AM)
    [only] = clocks_of("handle", *sent(hall, "settlement"), SENT_BACK, again, procedure=hall)
    assert (only.state, only.started_at) == ("running", MONDAY_9AM)


MONDAY_9PM: Final = on("2026-03-02", "21:00")
AWAY_AND_BACK: Final = {
    "sent back": (SENT_BACK.at(MONDAY_9PM), unit_added("settlement").at(TUESDAY_9AM)),
    "recalled": (recalled().at(MONDAY_9PM), unit_added("settlement").at(TUESDAY_9AM)),
    "redirected": (
        redirected("settlement", "finance").at(MONDAY_9PM), redirected("finance", "settlement").at(TUESDAY_9AM),
    ),
}  # fmt: skip


@pytest.mark.parametrize("facts", AWAY_AND_BACK.values(), ids=AWAY_AND_BACK)
def test_what_ended_with_its_unit_before_it_was_due_is_not_missed_when_the_unit_misses_it_later(
    facts: tuple[Fact, ...],
) -> None:
    shops = FILES["retail-400"]
    story = given(*sent(shops, "settlement", "trading"), *facts, procedure=shops)
    complaint = story.judged(on("2026-03-05")).complaint
    results = [one for one in complaint.clocks if one.name == "result" and one.unit == "settlement"]
    assert [one.state for one in results] == ["cancelled", "missed"]
    assert len({one.key for one in results}) == 1  # both from the receipt
    assert len([key for key, _ in complaint.missed if key == results[1].key]) == 1


def test_what_a_unit_missed_stays_missed_when_it_is_taken_away_and_it_has_all_of_its_time_when_it_comes_back() -> None:
    shops = FILES["retail-400"]
    asked = sent(shops, "settlement", "trading")
    due_at = given(*asked, procedure=shops).clock("result", "settlement").due_at
    late = missed("result", unit="settlement", started_at=MONDAY_9AM, due_at=due_at).at(due_at)
    back = on("2026-03-06", "10:00")
    away = (recalled().at(on("2026-03-06")), unit_added("settlement").at(back))
    results = clocks_of("result", *asked, late, *away, procedure=shops)
    assert [one.state for one in results if one.unit == "settlement"] == ["missed", "running"]
    assert [one.started_at for one in results if one.unit == "settlement"] == [MONDAY_9AM, back]


@pytest.mark.parametrize(("name", "hours"), [("shop-contact", 12), ("result", 48)])
def test_a_store_that_is_asked_when_the_time_from_the_receipt_is_over_has_all_of_it_from_then(
    name: str, hours: int
) -> None:
    late = on("2026-03-04", "10:00")
    story = given(*sent(SHOPS, "settlement"), SENT_BACK, dispatched("trading").at(late), procedure=SHOPS)
    clock = story.clock(name, "trading")
    assert (clock.state, clock.started_at, clock.due_at) == ("running", late, late + timedelta(hours=hours))
    duty = [(one.name, one.owed_by.code, one.state) for one in obligations_of(story.complaint) if one.name == name]
    assert (name, "trading", "open") in duty
    judged = story.judged(late + timedelta(hours=hours))
    assert (name, "trading") in {
        (event.clock, event.unit) for event in judged.events if isinstance(event, events.DeadlineMissed)
    }


@pytest.mark.parametrize("name", ["shop-contact", "result"])
def test_the_time_before_a_store_had_it_is_the_dispatcher_s_and_no_second_row_of_the_store(name: str) -> None:
    story = given(*sent(SHOPS, "settlement"), procedure=SHOPS)
    rows = [one for one in obligations_of(story.complaint) if one.name == name]
    assert [(one.owed_by.kind, one.step, one.state) for one in rows if one.owed_by.kind != "unit"] == [
        ("person", "dispatch", "waived")
    ]
    assert [(one.owed_by.code, one.state) for one in rows if one.owed_by.kind == "unit"] == [("settlement", "open")]


def test_a_store_that_is_asked_a_minute_before_the_time_from_the_receipt_is_over_has_that_minute() -> None:
    story = given(*sent(SHOPS, "trading")[:2], dispatched("trading").at(on("2026-03-04", "08:59")), procedure=SHOPS)
    assert story.clock("result", "trading").due_at == on("2026-03-04", "09:00")


def test_the_time_of_a_store_that_was_asked_late_is_extended_and_paused_like_any_other() -> None:
    late = on("2026-03-04", "10:00")
    asked = (*sent(SHOPS, "trading")[:2], dispatched("trading").at(late), word("trading").at(late))
    until = on("2026-03-08", "10:00")
    moved = happened(
        events.Extended, clock="result", unit="trading", until=until, before=late + timedelta(hours=48), reason="等配件"
    ).at(late)
    clock = given(*asked, moved, procedure=SHOPS).clock("result", "trading")
    assert (clock.started_at, clock.due_at, clock.extended) == (late, until, True)


def test_each_department_of_the_call_centre_has_its_own_time_from_when_it_is_asked() -> None:
    centre, later = FILES["call-centre"], on("2026-03-05", "23:00")
    two = (*sent(centre, "settlement", "trading"), executed("trading").at(TUESDAY_9AM))
    judged = given(*two, unit_added("finance").at(later), procedure=centre).judged(on("2026-03-06", "09:00"))
    states = {one.unit: (one.started_at, one.state) for one in judged.complaint.clocks if one.name == "department"}
    assert states == {
        "settlement": (MONDAY_9AM, "missed"), "trading": (MONDAY_9AM, "met"), "finance": (later, "running"),
    }  # fmt: skip
    missed = [event for event in judged.events if isinstance(event, events.DeadlineMissed)]
    assert [(one.unit, one.owed_by) for one in missed if one.clock == "department"] == [("settlement", ("settlement",))]


def test_a_department_of_the_call_centre_that_sent_it_back_owes_nothing_and_begins_anew_when_it_is_asked_again() -> (
    None
):
    centre = FILES["call-centre"]
    back = (*sent(centre, "settlement"), SENT_BACK.at(MONDAY_9PM))
    again = (*back, dispatched("settlement").at(TUESDAY_9AM))
    assert [one.state for one in clocks_of("department", *back, procedure=centre)] == ["cancelled"]
    assert [(one.started_at, one.state) for one in clocks_of("department", *again, procedure=centre)] == [
        (MONDAY_9AM, "cancelled"), (TUESDAY_9AM, "running"),
    ]  # fmt: skip


def clocks_of(name: str, *facts: Fact, procedure: Procedure) -> list[Clock]:
    return [clock for clock in given(*facts, procedure=procedure).complaint.clocks if clock.name == name]


def test_one_units_interim_measure_frees_only_its_own_extension() -> None:
    story = given(*FINAL, measure("trading"))
    story.when(LATER, by=SETTLEMENT).then_refused(errors.InterimMeasureMissing)
    assert "extend" not in story.allowed(SETTLEMENT)
    assert "extend" in story.allowed(TRADING)
    story.when(LATER, by=TRADING).then(happened(events.Extended, unit="trading"))
    story.when(LATER).then_refused(errors.InterimMeasureMissing)  # of both, and one has said nothing
    given(*FINAL, measure("trading"), measure("settlement")).when(LATER).then(happened(events.Extended, unit=None))


def test_each_extension_of_a_unit_needs_a_measure_of_its_own() -> None:
    moved = happened(
        events.Extended, clock="execute", unit="settlement", until=on("2026-03-05", "18:00"), before=MONDAY_9AM,
        reason="等银行",
    )  # fmt: skip
    once = (*FINAL, measure("settlement"), moved)
    given(*once).when(LATER, by=SETTLEMENT).then_refused(errors.InterimMeasureMissing)
    given(*once, measure("trading")).when(LATER, by=SETTLEMENT).then_refused(errors.InterimMeasureMissing)
    given(*once, measure("settlement")).when(LATER, by=SETTLEMENT).then(happened(events.Extended))


def test_a_measure_of_the_whole_case_and_one_from_before_units_were_named_count_for_all() -> None:
    given(*FINAL, measure(None)).when(LATER, by=SETTLEMENT).then(happened(events.Extended, unit="settlement"))


def test_an_interim_measure_says_whose_it_is() -> None:
    told = c.ReportInterimMeasure("先行垫付")
    given(*FINAL).when(told, by=SETTLEMENT).then(happened(events.InterimMeasureReported, unit="settlement"))
    given(*FINAL).when(told).then(happened(events.InterimMeasureReported, unit=None))
    for_it = c.ReportInterimMeasure("先行垫付", unit="trading")
    given(*FINAL).when(for_it).then(happened(events.InterimMeasureReported, unit="trading"))
    given(*FINAL).when(for_it, by=SETTLEMENT).then_refused(errors.NotForAnotherUnit)
    given(*FINAL).when(c.ReportInterimMeasure("垫付", unit="finance")).then_refused(errors.UnitNotAsked)


A_DAY_MORE: Final = c.ExtendDeadline("result", on("2026-03-05"), "等配件")
SHOPS: Final = FILES["retail-400"]


def word(unit: str | None) -> Fact:
    told = happened(events.CustomerInformed, means="phone", text="还要一天")
    return told if unit is None else told.by(member_of(unit))


def result_moved(unit: str) -> Fact:
    return happened(
        events.Extended, clock="result", unit=unit, until=on("2026-03-04", "18:00"), before=MONDAY_9AM, reason="等配件"
    )


def test_one_units_word_to_the_customer_frees_only_its_own_extension() -> None:
    asked = sent(SHOPS, "settlement", "trading")
    story = given(*asked, word("settlement"), procedure=SHOPS)
    story.when(A_DAY_MORE, by=TRADING).then_refused(errors.CustomerNotTold)
    assert "extend" not in story.allowed(TRADING)
    story.when(A_DAY_MORE, by=SETTLEMENT).then(happened(events.Extended, unit="settlement"))
    used = given(*asked, word("settlement"), word("trading"), result_moved("trading"), procedure=SHOPS)
    used.when(A_DAY_MORE, by=TRADING).then_refused(errors.CustomerNotTold)
    used.when(A_DAY_MORE, by=SETTLEMENT).then(happened(events.Extended, unit="settlement"))


def test_the_word_of_customer_service_frees_the_extension_of_each_unit_once() -> None:
    told = (*sent(SHOPS, "settlement", "trading"), word(None))
    for member in (SETTLEMENT, TRADING):
        given(*told, procedure=SHOPS).when(A_DAY_MORE, by=member).then(happened(events.Extended, unit=member.unit))
    moved = given(*told, result_moved("trading"), procedure=SHOPS)
    moved.when(A_DAY_MORE, by=TRADING).then_refused(errors.CustomerNotTold)
    moved.when(A_DAY_MORE, by=SETTLEMENT).then(happened(events.Extended, unit="settlement"))


def test_who_extends_for_a_unit_has_told_the_customer_or_the_unit_has() -> None:
    courier = FILES["courier"]
    story = given(*sent(courier, "settlement", "trading"), word("settlement"), procedure=courier)
    for_one = c.ExtendDeadline("handle", on("2026-03-06"), "等扫描记录", unit="settlement")
    story.when(for_one, by=MANAGER).then(happened(events.Extended, unit="settlement"))
    story.when(replace(for_one, unit="trading"), by=MANAGER).then_refused(errors.CustomerNotTold)
    story.when(replace(for_one, unit=None), by=MANAGER).then_refused(errors.CustomerNotTold)


# A customer whom nobody knows

OF_WORD_ALONE: Final = [
    (code, rule.name) for code in CODES for rule in FILES[code].clocks if rule.stops <= {"CustomerInformed"}
]  # fmt: skip


@pytest.mark.parametrize(("code", "name"), OF_WORD_ALONE)
def test_nobody_owes_word_to_a_customer_whom_nobody_knows_and_nobody_misses_it(code: str, name: str) -> None:
    procedure = FILES[code]
    known = sent(procedure, "settlement")
    unknown = (received(anonymous=True, complainant=Complainant(anonymous=True)), *known[1:])
    assert name in dict(given(*known, procedure=procedure).clocks())
    story = given(*unknown, procedure=procedure)
    assert name not in dict(story.clocks())
    missed_by = story.judged(on("2026-06-01")).events
    assert name not in {
        one.clock for one in missed_by if isinstance(one, events.DeadlineMissed | events.DeadlineWarned)
    }


BEFORE_EXECUTION: Final = [code for code in CODES if FILES[code].solution_before_execution]


@pytest.mark.parametrize("code", BEFORE_EXECUTION)
def test_what_a_customer_whom_nobody_knows_complained_of_is_executed_without_their_agreement(code: str) -> None:
    procedure = FILES[code]
    known = sent(procedure, "settlement")
    unknown = (received(anonymous=True, complainant=Complainant(anonymous=True)), *known[1:])
    measure = c.ExecuteMeasure("换货")
    given(*known, procedure=procedure).when(measure, by=SETTLEMENT).then_refused(errors.SolutionNotAgreed)
    assert "execute" in given(*unknown, procedure=procedure).allowed(SETTLEMENT)
    given(*unknown, procedure=procedure).when(measure, by=SETTLEMENT).then(happened(events.Executed))
    refused = happened(events.SolutionAgreed, text="换货", agreed=False)
    story = given(*unknown, refused, procedure=procedure)
    story.when(measure, by=SETTLEMENT).then_refused(errors.SolutionNotAgreed)  # they called again and said no


# The revision it answers


def test_who_confirms_or_disputes_may_name_the_revision_and_it_is_the_present_one() -> None:
    story = given(*OVERTURNED, revised())
    for stale in (1, 3):
        for command in (c.ConfirmOpinion(revision=stale), c.DisputeOpinion("异议", revision=stale)):
            story.when(command, by=SETTLEMENT).then_refused(errors.NotThePresentRevision)
    story.when(c.ConfirmOpinion(revision=2), by=SETTLEMENT).then(happened(events.OpinionConfirmed, revision=2))
    story.when(c.DisputeOpinion("异议", revision=2), by=SETTLEMENT).then(happened(events.OpinionDisputed, revision=2))
    story.when(c.ConfirmOpinion(), by=SETTLEMENT).then(happened(events.OpinionConfirmed, revision=2))


# 主办、协办

TWO_LED: Final = (received(), classified("general", "service"), dispatched("station", "sorting", lead="station"))
STATION, SORTING = member_of("station"), member_of("sorting")


def told_by(unit: str) -> Fact:
    return happened(events.CustomerInformed, means="phone", text="已送达").by(member_of(unit))


def test_the_lead_gives_the_answer_to_the_customer_and_what_a_supporting_unit_says_is_word() -> None:
    procedure = FILES["courier"]
    done = (*TWO_LED, executed("station"), executed("sorting"))
    support = given(*done, told_by("sorting"), procedure=procedure).complaint
    assert (support.status, support.standing.told, support.this_round.customer_updates) == (
        "executed",
        False,
        ["sorting"],
    )
    lead = given(*done, told_by("station"), procedure=procedure).complaint
    assert (lead.status, lead.standing.told) == ("informed", True)


@pytest.mark.parametrize(
    "fact",
    [
        executed("sorting").by(SORTING),
        happened(events.ProgressReported, text="已找到").by(SORTING),
        happened(events.InterimMeasureReported, text="先行垫付", unit="sorting").by(SORTING),
    ],
    ids=["executed", "progress", "measure"],
)
def test_what_a_supporting_unit_does_and_reports_is_told_to_the_lead(fact: Fact) -> None:
    story = given(*TWO_LED, fact, procedure=FILES["courier"])
    assert Addressee("unit", "station") in {notice.to for notice in story.told}


def test_the_limits_of_lead_and_supporting_unit_are_their_own() -> None:
    story = given(*OPENED, dispatched("settlement", "trading", lead="trading"), confirmed().at(TUESDAY_9AM))
    assert story.clock("unit-answers", "settlement").state == "met"
    assert story.clock("unit-answers", "trading").state == "running"


def test_what_a_ruling_said_of_units_before_it_asked_any_asks_none() -> None:
    assert [unit.unit for unit in given(*DISPUTED, ruled("upheld")).complaint.this_round.units] == ["settlement"]
