"""What a complaint counts for in the indicators, folded from its events alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.complaint import events
from domain.procedure.procedure import Procedure
from procedures.library import Library
from projections.indicator_facts import Sample, samples_of
from projections.indicators_table import callback_since
from projections.ledger import Ledger
from tests.domain.test_procedures_without_opinions import hotline
from tests.facts import (
    ASKED,
    ASKED_TWO,
    CLOSED,
    EXECUTED,
    EXECUTING,
    MONDAY_9AM,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    accepted,
    called_back,
    classified,
    closed,
    confirmed,
    dispatched,
    disputed,
    executed,
    happened,
    missed,
    on,
    received,
    reopened,
    revised,
    ruled,
    settled,
    withdrawn,
)
from tests.spec import CN, given, kf0001


def counted(*facts: Fact, procedure: Procedure | None = None) -> list[Sample]:
    """The samples of a complaint whose events stand at the positions 1, 2, 3 …"""
    ledger = Ledger()
    for position, fact in enumerate(facts, 1):
        ledger.take(position, fact.event(position))
    complaint = given(*facts, procedure=procedure).complaint
    return samples_of(ledger, procedure or kf0001(), callback_since=callback_since(complaint))


Places = tuple[int, ...]


def of(name: str, samples: list[Sample], unit: str | None = None) -> list[tuple[bool, Places, Places]]:
    """Of one indicator and unit: whether each sample fits, and which events made it count and fit."""
    found = [one for one in samples if (one.indicator, one.unit) == (name, unit)]
    return [(one.fits, one.counted, one.fitting) for one in found]


def late(clock: str, unit: str | None = None, round: int = 1) -> Fact:
    return missed(clock, started_at=MONDAY_9AM, due_at=TUESDAY_9AM, unit=unit, round=round)


def excluded(*indicators: str, unit: str | None = None) -> Fact:
    return happened(
        events.ExcludedFromScoring, reason="不可抗力", evidence="气象局通报", unit=unit, indicators=indicators
    )


def returned(unit: str = "settlement") -> Fact:
    return happened(events.Returned, unit=unit, ground="非本部门职责", legal_basis="职责规定第三条")


def test_a_complaint_counts_once_and_again_for_every_unit_it_was_sent_to() -> None:
    samples = counted(*ASKED_TWO)
    assert of("volume", samples) == [(True, (), (1,))]
    assert of("volume", samples, "settlement") == of("volume", samples, "trading") == [(True, (), (4,))]
    assert [one.unit for one in samples if one.indicator == "volume" and one.whole] == [None]


def test_a_unit_responds_when_it_answers_before_its_clock_is_missed() -> None:
    samples = counted(*ASKED_TWO, confirmed("settlement"), late("unit-answers", "trading"), confirmed("trading"))
    assert of("response-rate", samples, "settlement") == [(True, (4,), (5,))]
    assert of("response-rate", samples, "trading") == [(False, (4,), ())]


def test_a_unit_that_has_not_answered_yet_was_asked_all_the_same() -> None:
    assert of("response-rate", counted(*ASKED), "settlement") == [(False, (4,), ())]


def test_accepting_is_no_answer_where_units_answer_an_opinion_and_is_one_elsewhere() -> None:
    samples = counted(*ASKED, accepted(), late("unit-answers", "settlement"), confirmed())
    assert of("response-rate", samples, "settlement") == [(False, (4,), ())]
    assert of(
        "response-rate", counted(received(), classified(), dispatched(), accepted(), procedure=hotline()), "settlement"
    ) == [(True, (3,), (4,))]


def test_a_unit_that_never_accepts_but_executes_after_its_accept_clock_was_missed_did_not_answer_in_time() -> None:
    sent = (received(), classified(), dispatched("settlement", "trading"))
    samples = counted(
        *sent, late("accept", "settlement"), executed("settlement"), executed("trading"), procedure=hotline()
    )
    assert of("response-rate", samples, "settlement") == [(False, (3,), ())]
    assert of("response-rate", samples, "trading") == [(True, (3,), (6,))]


def test_a_unit_that_executes_before_any_clock_on_its_answer_is_missed_answered_in_time() -> None:
    sent = (received(), classified(), dispatched())
    samples = counted(*sent, executed(), late("accept", "settlement"), procedure=hotline())
    assert of("response-rate", samples, "settlement") == [(True, (3,), (4,))]


def test_the_right_to_send_back_that_was_not_used_in_time_makes_no_answer_late() -> None:
    shop = Library.ready().procedure("retail-400")
    samples = counted(received(), classified(), dispatched(), late("appeal", "settlement"), executed(), procedure=shop)
    assert of("response-rate", samples, "settlement") == [(True, (3,), (5,))]


def test_a_shop_that_took_no_contact_in_time_is_late_whatever_it_does_first() -> None:
    shop = Library.ready().procedure("retail-400")
    samples = counted(received(), classified(), dispatched(), late("shop-contact"), executed(), procedure=shop)
    assert of("response-rate", samples, "settlement") == [(False, (3,), ())]


def test_sending_back_after_the_answer_was_due_is_no_answer_in_time() -> None:
    samples = counted(*ASKED, late("unit-answers", "settlement"), returned())
    assert of("response-rate", samples, "settlement") == [(False, (4,), ())]


def test_a_missed_clock_that_the_answer_does_not_stop_makes_it_no_later() -> None:
    samples = counted(*ASKED, late("whole-case"), confirmed())
    assert of("response-rate", samples, "settlement") == [(True, (4,), (6,))]
    assert of("breaches", samples) == [(True, (), (5,))]


def test_a_miss_that_several_units_owed_counts_once_for_the_case_and_once_for_each() -> None:
    miss = missed("handle", started_at=MONDAY_9AM, due_at=TUESDAY_9AM, owed_by=("settlement", "trading"))
    samples = counted(received(), classified(), dispatched("settlement", "trading"), miss, procedure=hotline())
    breaches = [one for one in samples if one.indicator == "breaches"]
    assert [(one.unit, one.whole) for one in breaches] == [(None, True), ("settlement", False), ("trading", False)]


def test_a_miss_of_one_unit_counts_for_the_case_and_the_unit_at_once() -> None:
    for owed_by in (("settlement",), None):  # None: as it was recorded once
        miss = missed("accept", started_at=MONDAY_9AM, due_at=TUESDAY_9AM, unit="settlement", owed_by=owed_by)
        samples = counted(received(), classified(), dispatched(), miss, procedure=hotline())
        assert [(one.unit, one.whole) for one in samples if one.indicator == "breaches"] == [("settlement", True)]


def test_a_limit_that_ends_at_24_00_of_the_last_day_of_a_period_belongs_to_that_period() -> None:
    end_of_march = on("2026-04-01", "00:00")
    for judged_at in (end_of_march, on("2026-04-02")):  # at once, or when the service was back
        miss = missed("whole-case", started_at=MONDAY_9AM, due_at=end_of_march, owed_by=()).at(judged_at)
        [breach] = [one for one in counted(received(), classified(), miss) if one.indicator == "breaches"]
        assert CN.local_date(breach.at) == date(2026, 3, 31)


def test_a_limit_that_ends_within_a_day_belongs_to_that_day() -> None:
    miss = missed("forward", started_at=MONDAY_9AM, due_at=on("2026-04-01", "00:01"), owed_by=())
    [breach] = [one for one in counted(received(), classified(), miss) if one.indicator == "breaches"]
    assert CN.local_date(breach.at) == date(2026, 4, 1)


def test_a_unit_is_asked_again_by_a_revised_opinion() -> None:
    samples = counted(*ASKED, disputed(), ruled("overturned"), revised(), confirmed(revision=2))
    assert of("response-rate", samples, "settlement") == [(True, (4,), (5,)), (True, (7,), (8,))]


def test_nobody_is_asked_by_an_opinion_revised_after_the_last_ruling() -> None:
    samples = counted(*ASKED, disputed(), ruled("overturned", final=True), revised())
    assert of("response-rate", samples, "settlement") == [(True, (4,), (5,))]


def test_a_unit_that_a_ruling_came_before_owes_no_answer() -> None:
    samples = counted(*ASKED_TWO, disputed("settlement"), ruled("upheld"))
    assert of("response-rate", samples, "trading") == []
    assert of("volume", samples, "trading") == [(True, (), (4,))]


def test_a_unit_that_was_late_before_the_withdrawal_stays_late() -> None:
    assert of("response-rate", counted(*ASKED, withdrawn()), "settlement") == []
    samples = counted(*ASKED, late("unit-answers", "settlement"), withdrawn())
    assert of("response-rate", samples, "settlement") == [(False, (4,), ())]


def test_a_return_is_an_answer_and_counted_against_the_unit_that_sent_it_back() -> None:
    samples = counted(*ASKED_TWO, returned("settlement"), confirmed("trading"), executed("trading"), closed())
    assert of("returns", samples, "settlement") == [(True, (), (5,))]
    assert of("response-rate", samples, "settlement") == [(True, (4,), (5,))]
    assert of("resolution-rate", samples, "settlement") == []  # it handled nothing
    assert of("resolution-rate", samples, "trading") == of("resolution-rate", samples) == [(True, (8,), (7, 8))]


def test_a_closed_complaint_is_resolved_justified_and_took_its_time() -> None:
    samples = counted(*(fact.at(MONDAY_9AM) for fact in CLOSED[:-1]), closed().at(WEDNESDAY_9AM))
    assert of("resolution-rate", samples) == of("resolution-rate", samples, "settlement") == [(True, (10,), (6, 10))]
    assert of("justified", samples) == [(True, (10,), (10,))]
    [took] = [one for one in samples if one.indicator == "time-to-close"]
    assert (took.amount, took.counted, took.fitting) == (Decimal(2 * 24 * 3600), (1,), (10,))


def test_a_late_intake_took_its_time_from_when_it_occurred() -> None:
    entered_on_tuesday = replace(received(), moment=TUESDAY_9AM)
    samples = counted(entered_on_tuesday, settled().at(WEDNESDAY_9AM))
    assert [one.amount for one in samples if one.indicator == "time-to-close"] == [Decimal(2 * 24 * 3600)]


def test_a_dissatisfied_customer_ends_the_round_unresolved() -> None:
    samples = counted(*EXECUTED, called_back(satisfied=False), reopened())
    assert of("resolution-rate", samples) == of("resolution-rate", samples, "settlement") == [(False, (7,), ())]
    assert of("satisfaction-rate", samples) == [(False, (7,), ())]
    assert of("reopenings", samples) == [(True, (), (8,))]


def test_a_closed_complaint_that_is_reopened_was_not_resolved_after_all() -> None:
    samples = counted(*CLOSED, reopened())
    assert of("resolution-rate", samples) == [(False, (10,), ())]
    assert of("justified", samples) == of("time-to-close", samples) == []


def test_a_callback_that_reached_nobody_says_nothing_about_satisfaction() -> None:
    assert of("satisfaction-rate", counted(*EXECUTED, called_back(reached=False))) == []


def test_a_rating_of_one_department_counts_for_that_department_and_once_for_the_case() -> None:
    rating = happened(events.CallbackDone, reached=True, satisfied=True, means="phone", unit="trading", rated_by="web")
    samples = counted(*ASKED_TWO, confirmed("settlement"), confirmed("trading"), executed("trading"), rating)
    assert of("satisfaction-rate", samples) == of("satisfaction-rate", samples, "trading") == [(True, (8,), (8,))]
    assert of("satisfaction-rate", samples, "settlement") == []


def test_a_rating_of_the_whole_counts_for_every_unit_that_handled_it() -> None:
    samples = counted(*EXECUTED, called_back())
    assert of("satisfaction-rate", samples, "settlement") == of("satisfaction-rate", samples) == [(True, (7,), (7,))]


def test_a_callback_is_due_from_the_execution_until_somebody_is_reached_or_it_was_tried_often_enough() -> None:
    assert of("callbacks-due", counted(*EXECUTING)) == []
    assert of("callbacks-due", counted(*EXECUTED, called_back(reached=False))) == [(True, (), (6,))]
    assert of("callbacks-due", counted(*EXECUTED, called_back())) == []
    tries = [called_back(reached=False).at(on("2026-03-03", f"{hour}:00")) for hour in range(10, 13)]
    assert of("callbacks-due", counted(*EXECUTED, *tries)) == []
    unknown_person = (received(anonymous=True), *EXECUTED[1:])
    assert of("callbacks-due", counted(*unknown_person)) == []


def test_what_is_settled_on_the_spot_is_resolved_at_first_contact_unless_it_comes_back() -> None:
    assert of("first-contact-resolution", counted(received(), settled())) == [(True, (1,), (2,))]
    assert of("first-contact-resolution", counted(received(), settled(accepted=False))) == [(False, (1,), ())]
    assert of("first-contact-resolution", counted(received(), settled(), reopened())) == [(False, (1,), ())]
    assert of("first-contact-resolution", counted(*CLOSED)) == [(False, (1,), ())]


def test_what_was_paid_is_counted_in_its_currency() -> None:
    paid = happened(events.CompensationPaid, amount=Decimal("12.50"), currency="CNY", method="credit")
    [sample] = [one for one in counted(*EXECUTED, paid) if one.indicator == "compensation-paid"]
    assert (sample.amount, sample.currency, sample.fitting) == (Decimal("12.50"), "CNY", (7,))


def test_an_exclusion_of_one_unit_leaves_that_unit_out_and_the_case_in() -> None:
    samples = counted(*ASKED_TWO, late("unit-answers", "settlement"), excluded(unit="settlement"))
    left_out = {(one.indicator, one.unit) for one in samples if one.excluded_by is not None}
    assert left_out == {("volume", "settlement"), ("response-rate", "settlement"), ("breaches", "settlement")}
    assert {one.excluded_by for one in samples} == {None, 6}


def test_an_exclusion_of_some_indicators_leaves_only_those_out() -> None:
    samples = counted(*CLOSED, excluded("time-to-close"))
    assert {one.indicator for one in samples if one.excluded_by is not None} == {"time-to-close"}


def test_what_is_included_again_counts_again() -> None:
    samples = counted(*CLOSED, excluded(), happened(events.IncludedInScoring, reason="复核"))
    assert {one.excluded_by for one in samples} == {None}
