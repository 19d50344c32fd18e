"""What was done in time stays done, and what is owed again has a time of its own, of those who owe it then."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest

from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import units_owing
from domain.procedure.procedure import Procedure
from procedures.library import Library
from tests.facts import (
    FRIDAY_9AM,
    MONDAY_9AM,
    NEXT_MONDAY_9AM,
    THURSDAY_9AM,
    TUESDAY_9AM,
    Fact,
    called_back,
    executed,
    fell_due,
    happened,
    informed,
    on,
    recalled,
    received,
    redirected,
    unit_added,
)
from tests.spec import History, JudgeClocks, given

LIBRARY: Final = Library.ready()
ONE, OTHER = "settlement", "trading"
MUCH_LATER: Final = on("2026-03-16")
AGREED: Final = happened(events.SolutionAgreed, text="换货", agreed=True)
REFUSED: Final = happened(events.SolutionAgreed, text="换货", agreed=False)
PAID: Final = happened(events.CompensationPaid, amount=Decimal("40.00"), currency="CNY", method="credit")
CLOSED: Final = happened(events.Closed, outcome="已办", justified=None, summary="…")
# Sent to a department, which the whole case waits for.
OF_DEPARTMENTS: Final = ("hotline-12345", "hotline-mayor", "city-12319", "after-sales", "telecom-hall")


def ready(code: str) -> Procedure:
    return LIBRARY.procedures[code]


def history(code: str, *facts: Fact, severity: str | None = None, kind: str = "complaint") -> History:
    severity = severity or next(iter(ready(code).severities), None)
    classified = happened(events.Classified, severity=severity, category="service", issue_point=None, kind=None)
    return given(received(kind=kind), classified, *facts, procedure=ready(code))


def sent(*units: str) -> Fact:
    return happened(events.Dispatched, units=units or (ONE,))


def states(found: History, name: str) -> list[tuple[datetime, str]]:
    """Since when each of the clocks of a name ran, and where it stands."""
    return [(clock.started_at, clock.state) for clock in found.complaint.clocks if clock.name == name]


def missed_by(found: History, at: datetime) -> list[str]:
    return [event.clock for event in found.judged(at).events if isinstance(event, events.DeadlineMissed)]


def test_a_refund_that_is_paid_later_does_not_make_a_miss_of_the_word_that_was_given_in_time() -> None:
    told = (sent(), executed(), informed(), PAID.at(THURSDAY_9AM))
    found = history("telecom-hall", *told)
    assert states(found, "answer-customer") == [(MONDAY_9AM, "met"), (THURSDAY_9AM, "running")]
    assert "answer-customer" not in missed_by(found, THURSDAY_9AM)


def test_word_after_a_refund_has_a_time_of_its_own_from_the_payment() -> None:
    told = (sent(), executed(), informed(), PAID.at(THURSDAY_9AM))
    assert "answer-customer" in missed_by(history("telecom-hall", *told), on("2026-03-07"))
    again = history("telecom-hall", *told, informed().at(FRIDAY_9AM))
    assert states(again, "answer-customer") == [(MONDAY_9AM, "met"), (THURSDAY_9AM, "met")]
    assert "answer-customer" not in missed_by(again, MUCH_LATER)


def test_an_answer_in_time_stays_so_where_money_follows_or_a_unit_is_asked_after_it() -> None:
    for what in (PAID, sent()):
        found = history("general", AGREED, informed(), what.at(THURSDAY_9AM), severity="simple")
        assert states(found, "answer") == [(MONDAY_9AM, "met"), (THURSDAY_9AM, "running")]
        assert "answer" not in missed_by(found, THURSDAY_9AM)
        assert "answer" in missed_by(found, FRIDAY_9AM + timedelta(minutes=1))


@pytest.mark.parametrize("code", OF_DEPARTMENTS)
def test_a_unit_that_joins_has_a_time_of_its_own_and_is_not_charged_for_one_that_was_over(code: str) -> None:
    found = history(code, sent(), executed(), unit_added(OTHER).at(MUCH_LATER))
    assert states(found, "handle") == [(MONDAY_9AM, "met"), (MUCH_LATER, "running")]
    judged = found.judged(MUCH_LATER)
    misses = [event for event in judged.events if isinstance(event, events.DeadlineMissed)]
    assert not any(event.clock == "handle" or OTHER in (event.owed_by or ()) for event in misses)
    assert not any(isinstance(event, events.Supervised) and event.unit == OTHER for event in judged.events)
    first, second = [clock for clock in found.complaint.clocks if clock.name == "handle"]
    assert [units_owing(found.complaint, clock) for clock in (first, second)] == [(ONE,), (OTHER,)]
    rows = [one for one in obligations_of(found.complaint) if one.name == "handle"]
    owed = {(one.arose_at, str(one.owed_by), one.state) for one in rows}
    assert owed == {(MONDAY_9AM, f"unit:{ONE}", "met"), (MUCH_LATER, f"unit:{OTHER}", "open")}


def test_a_unit_that_joined_and_is_late_with_its_own_time_is_charged_for_it_alone() -> None:
    found = history("hotline-12345", sent(), executed(), unit_added(OTHER).at(MUCH_LATER), kind="consultation")
    judged = found.judged(on("2026-03-24")).events
    misses = [event for event in judged if isinstance(event, events.DeadlineMissed) and event.clock == "handle"]
    assert [(event.started_at, event.owed_by) for event in misses] == [(MUCH_LATER, (OTHER,))]


def test_what_was_done_late_and_is_owed_again_is_missed_once() -> None:
    late = history("hotline-12345", sent(), executed().at(NEXT_MONDAY_9AM + timedelta(days=1)), kind="consultation")
    judged = late.judged(MUCH_LATER).complaint
    again = unit_added(OTHER).at(MUCH_LATER).event(judged.version + 1)
    again.mutate(judged)
    assert [(clock.state, units_owing(judged, clock)) for clock in judged.clocks if clock.name == "handle"] == [
        ("missed", (ONE,)), ("running", (OTHER,)),
    ]  # fmt: skip


def test_word_and_callback_after_the_last_result_wait_for_the_result_of_who_joined() -> None:
    done = (sent(), executed(), informed(), called_back(), unit_added(OTHER).at(THURSDAY_9AM))
    for name in ("answer-customer", "callback"):
        assert states(history("telecom-hall", *done), name) == [(MONDAY_9AM, "met")]
        found = history("telecom-hall", *done, executed(OTHER).at(FRIDAY_9AM))
        assert states(found, name) == [(MONDAY_9AM, "met"), (FRIDAY_9AM, "running")]


def test_a_callback_from_the_receipt_is_owed_again_by_what_is_executed_anew() -> None:
    done = (sent(), executed(), called_back(), executed().at(FRIDAY_9AM))
    assert states(history("retail-400", *done), "callback") == [(MONDAY_9AM, "met"), (FRIDAY_9AM, "running")]


def test_each_time_that_something_is_owed_again_it_has_a_time_of_its_own() -> None:
    done = (sent(), executed(), informed(), PAID.at(TUESDAY_9AM), informed().at(TUESDAY_9AM), PAID.at(FRIDAY_9AM))
    assert states(history("telecom-hall", *done), "answer-customer") == [
        (MONDAY_9AM, "met"), (TUESDAY_9AM, "met"), (FRIDAY_9AM, "running"),
    ]  # fmt: skip


def test_what_is_owed_again_in_the_instant_in_which_it_was_owed_first_has_that_time() -> None:
    assert states(history("telecom-hall", sent(), executed(), informed(), PAID), "answer-customer") == [
        (MONDAY_9AM, "running"),
    ]  # fmt: skip


def test_nothing_is_owed_again_of_a_case_that_was_closed() -> None:
    found = history("telecom-hall", sent(), executed(), informed(), CLOSED, PAID.at(THURSDAY_9AM))
    assert states(found, "answer-customer") == [(MONDAY_9AM, "met")]


@pytest.mark.parametrize("taken", [recalled(ONE), redirected(ONE, OTHER)])
def test_a_unit_whose_part_was_done_in_time_keeps_that_and_owes_nothing_when_it_is_taken_away(taken: Fact) -> None:
    found = history("courier", sent(), executed(), taken.at(TUESDAY_9AM)).complaint
    assert [(clock.unit, clock.state) for clock in found.clocks if clock.name == "handle" and clock.unit == ONE] == [
        (ONE, "met")
    ]


def test_an_agreement_that_was_taken_back_and_given_anew_gives_a_time_of_its_own_for_its_report() -> None:
    found = history("market-30min", sent(), AGREED, REFUSED.at(TUESDAY_9AM), AGREED.at(THURSDAY_9AM))
    assert states(found, "result-report") == [(MONDAY_9AM, "cancelled"), (THURSDAY_9AM, "running")]


# As it was recorded by older rules


def judged_in_round_two(*later: Fact) -> History:
    """In a round that dissatisfaction opened a second clock of the whole case ran, as once it did, and was missed."""
    second = happened(events.Reopened, round=2, reason="不满意").at(TUESDAY_9AM)
    whole = fell_due(
        events.DeadlineMissed, clock="whole-case", started_at=TUESDAY_9AM, due_at=on("2026-03-05"), round=2, told=()
    ).at(on("2026-03-05"))  # fmt: skip
    return history("kf0001", executed(ONE), second, whole, *later, severity="severe")


def test_a_miss_that_was_recorded_by_older_rules_is_still_among_the_clocks_and_what_is_owed() -> None:
    found = judged_in_round_two()
    second = [clock for clock in found.complaint.clocks if (clock.name, clock.round) == ("whole-case", 2)]
    assert [(one.state, one.due_at, one.of_older_rules) for one in second] == [("missed", on("2026-03-05"), True)]
    rows = [one for one in obligations_of(found.complaint) if (one.name, one.round) == ("whole-case", 2)]
    assert [(one.state, one.waits) for one in rows] == [("missed", True)]


def test_it_ends_with_what_it_waited_for_and_nothing_is_judged_of_it_again() -> None:
    ended = judged_in_round_two(CLOSED.at(FRIDAY_9AM)).complaint
    [second] = [clock for clock in ended.clocks if (clock.name, clock.round) == ("whole-case", 2)]
    assert (second.state, second.stopped_at) == ("missed", FRIDAY_9AM)
    open_ = judged_in_round_two().when(JudgeClocks(), at=MUCH_LATER)
    judged = [vars(one) for one in open_.events if "clock" in vars(one)]
    assert [one for one in judged if (one["clock"], one["round"]) == ("whole-case", 2)] == []


def test_a_miss_that_the_rules_of_today_know_is_one_clock_and_no_second() -> None:
    found = history("kf0001", severity="severe").when(JudgeClocks(), at=MUCH_LATER).complaint
    assert not any(clock.of_older_rules for clock in found.clocks)
    assert "missed" in [clock.state for clock in found.clocks]
