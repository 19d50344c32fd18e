"""From what was counted to a figure, and what leaves a complaint out of the scoring."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.indicators import INDICATORS
from domain.procedure.procedure import Procedure
from domain.reporting.indicators import Sums, figure, has_risen, rise_of
from tests.facts import AGENT, ASKED, CLOSED, EXECUTED, MANAGER, Fact, happened
from tests.spec import History, given, kf0001

REASON: Final = {"reason": "地震期间系统中断", "evidence": "地震局通报第 12 号"}
STEPS: Final = {"exclude-from-scoring": ("manager",), "include-in-scoring": ("manager",)}


def scored(*facts: Fact) -> History:
    return given(*facts, procedure=with_scoring())


def with_scoring() -> Procedure:
    rules = kf0001()
    return replace(rules, steps={**rules.steps, **STEPS})


def leave_out(**facts: Any) -> c.ExcludeFromScoring:
    return c.ExcludeFromScoring(REASON["reason"], REASON["evidence"], **facts)


def excluded(**facts: object) -> Fact:
    return happened(events.ExcludedFromScoring, **{**REASON, "unit": None, "indicators": (), **facts})


def test_a_rate_is_numerator_over_denominator_and_nothing_where_nothing_was_counted() -> None:
    rate = INDICATORS["resolution-rate"]
    assert figure(rate, Sums(3, 2, 1)).value == pytest.approx(2 / 3, abs=1e-6)
    assert figure(rate, Sums(3, 2, 1)).excluded == 1
    assert figure(rate, Sums(0, 0, 4)).value is None


def test_a_count_has_no_denominator() -> None:
    found = figure(INDICATORS["breaches"], Sums(5, 5, 0))
    assert (found.value, found.denominator) == (5, None)


def test_a_duration_is_the_mean_with_median_and_ninetieth_percentile() -> None:
    found = figure(INDICATORS["time-to-close"], Sums(4, 4, 0, Decimal(400), 80.0, 190.0))
    assert (found.value, found.median, found.p90, found.denominator) == (100, 80, 190, 4)


def test_money_stays_exact() -> None:
    found = figure(INDICATORS["compensation-paid"], Sums(3, 3, 0, Decimal("0.30")))
    assert (found.amount, found.value) == (Decimal("0.30"), 3)


def test_a_rise_is_in_per_cent_of_the_period_before() -> None:
    assert (rise_of(6, 4), rise_of(3, 4), rise_of(4, 4)) == (50.0, -25.0, 0.0)
    assert rise_of(4, 0) is rise_of(None, 4) is rise_of(4, None) is None
    assert has_risen(1, 0)
    assert not has_risen(4, 4)


def test_leaving_out_of_the_scoring_is_an_event_with_reason_and_evidence() -> None:
    scored(*CLOSED).when(leave_out(), by=MANAGER).then(excluded())


def test_one_unit_and_some_indicators_can_be_left_out() -> None:
    command = leave_out(unit="settlement", indicators=("response-rate", "breaches"))
    scored(*ASKED).when(command, by=MANAGER).then(excluded(unit="settlement", indicators=("response-rate", "breaches")))


def test_a_unit_that_was_never_asked_cannot_be_left_out() -> None:
    command = leave_out(unit="trading")
    scored(*ASKED).when(command, by=MANAGER).then_refused(errors.UnitNotAsked)


def test_an_indicator_that_does_not_exist_is_refused_by_its_place() -> None:
    command = leave_out(indicators=("breaches", "mood"))
    refusal = scored(*ASKED).when(command, by=MANAGER).then_refused(errors.UnknownIndicator)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/indicators/1"


def test_only_who_the_procedure_names_leaves_out_of_the_scoring() -> None:
    scored(*ASKED).when(leave_out(), by=AGENT).then_refused(errors.RoleForbids)


def test_what_is_left_out_already_is_not_left_out_again() -> None:
    scored(*CLOSED, excluded()).when(leave_out(), by=MANAGER).then_nothing()


def test_everything_counts_again_when_it_is_included() -> None:
    story = scored(*CLOSED, excluded(), excluded(unit="settlement"))
    included = happened(events.IncludedInScoring, reason="复核后恢复")
    story.when(c.IncludeInScoring("复核后恢复"), by=MANAGER).then(included)
    assert scored(*CLOSED, excluded(), included).complaint.exclusions == []
    scored(*CLOSED).when(c.IncludeInScoring("复核后恢复"), by=MANAGER).then_nothing()


def test_including_is_offered_only_where_something_is_left_out() -> None:
    assert "include-in-scoring" not in scored(*CLOSED).allowed(MANAGER)
    assert "include-in-scoring" in scored(*CLOSED, excluded()).allowed(MANAGER)


def test_a_rating_of_a_department_names_one_that_was_asked() -> None:
    rating = c.RecordCallback(True, "phone", True, 5, unit="settlement", rated_by="questionnaire")
    scored(*EXECUTED).when(rating).then(
        happened(events.CallbackDone, unit="settlement", rated_by="questionnaire", score=5)
    )
    other = c.RecordCallback(True, "phone", True, unit="trading")
    scored(*EXECUTED).when(other).then_refused(errors.UnitNotAsked)
