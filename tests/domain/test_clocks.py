"""Every clock of kf0001's table: when it starts, stops and is due, and what severity, rounds and answers do to it."""

from datetime import UTC, datetime
from typing import Final

import pytest

from domain.complaint import events
from procedures.library import Library
from tests.facts import (
    ASKED,
    ASKED_TWO,
    CLOSED,
    EXECUTED,
    EXECUTING,
    FRIDAY_9AM,
    MONDAY_9AM,
    MUCH_LATER,
    NEXT_MONDAY_9AM,
    OPENED,
    OVERTURNED,
    THURSDAY_9AM,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    closed,
    confirmed,
    dispatched,
    disputed,
    executed,
    extended,
    happened,
    interim_measure,
    on,
    raised,
    received,
    rejected,
    reopened,
    revised,
    ruled,
    settled,
    withdrawn,
)
from tests.spec import given

FRIDAY_BEFORE_THE_FESTIVAL = on("2026-02-13", "16:00")


def midnight_after(day: str) -> datetime:
    """24:00 of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T16:00+00:00")


def at(time: datetime, *facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact.at(time) for fact in facts)


def test_a_general_complaint_of_the_friday_before_the_festival_is_due_out_on_the_make_up_saturday() -> None:
    clock = given(*at(FRIDAY_BEFORE_THE_FESTIVAL, received(), classified())).clock("record-out")
    assert clock.due_at == datetime(2026, 2, 14, 16, tzinfo=UTC)
    assert clock.started_at == FRIDAY_BEFORE_THE_FESTIVAL


@pytest.mark.parametrize(
    ("facts", "clock", "due_at"),
    [
        ((received(), classified("minor")), "settle", midnight_after("2026-03-02")),
        ((received(), classified("general")), "record-out", midnight_after("2026-03-03")),
        ((received(), classified("general")), "whole-case", midnight_after("2026-03-05")),
        ((received(), classified("major")), "whole-case", midnight_after("2026-03-03")),
        ((received(), classified("severe")), "whole-case", midnight_after("2026-03-03")),
        (ASKED, "unit-answers", midnight_after("2026-03-03")),
        (EXECUTING, "execute", midnight_after("2026-03-04")),
        ((*ASKED, disputed(), ruled("upheld")), "execute", midnight_after("2026-03-04")),
        ((*EXECUTED, capa_requested()), "capa-report", midnight_after("2026-03-09")),
        ((*EXECUTED, capa_requested(), capa_submitted()), "capa-issue", midnight_after("2026-03-02")),
        (at(FRIDAY_9AM, received(), classified("minor")), "settle", midnight_after("2026-03-06")),
        (at(on("2026-03-07"), received(), classified("minor")), "settle", midnight_after("2026-03-07")),
        (at(FRIDAY_9AM, received(), classified("severe")), "whole-case", midnight_after("2026-03-09")),
        (at(FRIDAY_9AM, *EXECUTING), "execute", midnight_after("2026-03-10")),
        (at(on("2026-02-14"), received(), classified("severe")), "whole-case", midnight_after("2026-02-24")),
        (at(on("2026-03-05"), received(), classified()), "whole-case", midnight_after("2026-03-09")),
        (at(on("2026-09-25"), *EXECUTED, capa_requested()), "capa-report", midnight_after("2026-10-09")),
    ],
)
def test_each_clock_of_the_table_is_due_when_the_procedure_says(
    facts: tuple[Fact, ...], clock: str, due_at: datetime
) -> None:
    found = given(*facts).clock(clock)
    assert (found.due_at, found.state) == (due_at, "running")


@pytest.mark.parametrize(
    ("facts", "clock"),
    [
        ((received(), classified("minor"), settled().at(TUESDAY_9AM)), "settle"),
        ((received(), classified("minor"), closed().at(TUESDAY_9AM)), "settle"),
        ((*OPENED, dispatched().at(TUESDAY_9AM)), "record-out"),
        ((*ASKED, confirmed().at(TUESDAY_9AM)), "unit-answers"),
        ((*ASKED, disputed().at(TUESDAY_9AM)), "unit-answers"),
        ((*EXECUTING, executed().at(TUESDAY_9AM)), "execute"),
        ((*EXECUTED, closed().at(TUESDAY_9AM)), "whole-case"),
        ((*EXECUTED, capa_requested(), capa_submitted().at(TUESDAY_9AM)), "capa-report"),
        ((*EXECUTED, capa_requested(), capa_submitted(), capa_issued().at(TUESDAY_9AM)), "capa-issue"),
    ],
)
def test_each_clock_of_the_table_stops_with_its_step(facts: tuple[Fact, ...], clock: str) -> None:
    assert given(*facts).clock(clock).stopped_at == TUESDAY_9AM


def test_a_limit_is_met_before_its_last_instant_and_missed_on_it() -> None:
    due = midnight_after("2026-03-03")
    before = given(*ASKED, confirmed().at(due.replace(hour=15, minute=59))).clock("unit-answers")
    assert before.state == "met"
    assert given(*ASKED, confirmed().at(due)).clock("unit-answers").state == "missed"


def test_before_the_severity_is_known_only_the_time_to_classify_runs() -> None:
    assert given(received()).clocks() == [("classify", "running")]
    assert given(received()).clock("classify").due_at == midnight_after("2026-03-02")


def test_a_severity_that_is_known_late_starts_its_clocks_at_the_receipt() -> None:
    history = given(received(), classified("severe").at(WEDNESDAY_9AM))
    assert history.clock("whole-case").started_at == MONDAY_9AM
    assert history.clocks() == [("whole-case", "running"), ("classify", "missed")]


def test_a_late_intake_counts_from_the_time_it_reached_us() -> None:
    late = received(occurred_at=FRIDAY_BEFORE_THE_FESTIVAL)
    assert given(late, classified()).clock("record-out").due_at == midnight_after("2026-02-14")


RECLASSIFIED = [
    ([classified("minor"), classified()], ["settle cancelled", "record-out running", "whole-case running"]),
    ([classified(), classified("major")], ["record-out cancelled", "whole-case cancelled", "whole-case running"]),
    ([classified(), raised()], ["record-out cancelled", "whole-case cancelled", "whole-case running"]),
    ([classified("major"), classified("severe")], ["whole-case running"]),
    (
        [classified(), classified("major"), classified()],
        ["record-out running", "whole-case running", "whole-case cancelled"],
    ),
    ([classified("major"), classified("minor")], ["settle running", "whole-case cancelled"]),
]


@pytest.mark.parametrize(("facts", "clocks"), RECLASSIFIED)
def test_a_reclassification_cancels_the_clocks_of_before_and_starts_the_new_from_the_same_start(
    facts: list[Fact], clocks: list[str]
) -> None:
    history = given(received(), facts[0], *at(MONDAY_9AM.replace(hour=15), *facts[1:]))
    assert [" ".join(clock) for clock in history.clocks()] == [*clocks, "classify met"]
    assert {clock.started_at for clock in history.complaint.clocks} == {MONDAY_9AM}


def test_a_clock_that_was_met_before_the_reclassification_stays_met() -> None:
    history = given(*ASKED, classified("major").at(TUESDAY_9AM))
    assert history.clock("record-out").state == "met"


def test_a_clock_that_a_reclassification_cancelled_stays_so_when_it_all_happens_at_one_instant() -> None:
    history = given(*at(MONDAY_9AM, received(), classified("minor"), classified("general"), dispatched(), closed()))
    assert ("settle", "cancelled") in [(clock.name, clock.state) for clock in history.complaint.clocks]


def test_a_new_round_has_no_clock_of_a_former_severity_when_it_all_happens_at_one_instant() -> None:
    facts = (received(), classified("minor"), classified("general"), dispatched(), closed(), reopened())
    history = given(*at(MONDAY_9AM, *facts))
    assert [clock.name for clock in history.complaint.clocks if clock.round == 2] == ["record-out", "whole-case"]


def test_a_severity_of_the_second_round_does_not_judge_the_first() -> None:
    history = given(*CLOSED, *at(THURSDAY_9AM, reopened(), classified("severe")))
    assert [(clock.name, clock.round, clock.soft, clock.state) for clock in history.complaint.clocks] == [
        ("record-out", 1, False, "met"),
        ("record-out", 2, False, "cancelled"),
        ("unit-answers", 1, False, "met"),
        ("execute", 1, False, "met"),
        ("whole-case", 1, True, "met"),
        ("whole-case", 2, True, "cancelled"),
        ("whole-case", 2, False, "running"),
        ("classify", 1, False, "met"),
        ("answer-customer", 1, False, "met"),
        ("close-out", 1, False, "met"),
    ]


def test_each_unit_has_a_clock_of_its_own() -> None:
    history = given(*ASKED_TWO, confirmed("trading").at(TUESDAY_9AM))
    assert history.clock("unit-answers", "trading").state == "met"
    assert history.clock("unit-answers", "settlement").state == "running"
    assert ("execute", "running") not in history.clocks()


def test_the_execution_counts_from_the_last_confirmation() -> None:
    history = given(*ASKED_TWO, confirmed("trading"), confirmed("settlement").at(TUESDAY_9AM))
    assert history.clock("execute").started_at == TUESDAY_9AM


def test_a_revised_opinion_gives_every_unit_a_new_day() -> None:
    overturned = (*ASKED_TWO, disputed("settlement"), confirmed("trading"), ruled("overturned"))
    history = given(*overturned, revised().at(THURSDAY_9AM))
    for unit in ("settlement", "trading"):
        clock = history.clock("unit-answers", unit)
        assert (clock.started_at, clock.due_at) == (THURSDAY_9AM, midnight_after("2026-03-06"))
    assert [state for name, state in history.clocks() if name == "unit-answers"] == ["met", "met", "running", "running"]


@pytest.mark.parametrize("outcome", ["upheld", "overturned"])
def test_a_ruling_releases_the_units_that_have_not_answered(outcome: str) -> None:
    history = given(*ASKED_TWO, disputed("settlement"), ruled(outcome).at(TUESDAY_9AM))
    clock = history.clock("unit-answers", "trading")
    assert (clock.state, clock.stopped_at) == ("cancelled", TUESDAY_9AM)
    assert history.clock("unit-answers", "settlement").state == "met"


def test_the_revision_by_the_last_instance_starts_the_execution() -> None:
    facts = (*ASKED, disputed(), ruled("overturned", final=True), revised().at(TUESDAY_9AM))
    assert given(*facts).clock("execute").started_at == TUESDAY_9AM
    assert ("unit-answers", "running") not in given(*facts).clocks()


def test_no_unit_is_on_the_clock_while_the_overturned_opinion_is_revised() -> None:
    running = [clock for clock in given(*OVERTURNED).complaint.clocks if clock.state == "running"]
    assert [(clock.name, clock.unit) for clock in running] == [("whole-case", None), ("revision", None)]


def test_an_extension_moves_only_the_running_clock_of_its_name() -> None:
    moved = extended("unit-answers", FRIDAY_9AM, before=midnight_after("2026-03-03"))
    before, after = given(*ASKED), given(*ASKED, interim_measure(), moved)
    assert after.clock("unit-answers").due_at == FRIDAY_9AM
    assert after.clock("whole-case").due_at == before.clock("whole-case").due_at
    revised_later = at(TUESDAY_9AM, disputed(), ruled("overturned"), revised())
    again = given(*ASKED, interim_measure(), moved, *revised_later)
    assert again.clock("unit-answers").due_at == midnight_after("2026-03-04")


def test_time_granted_to_a_general_complaint_is_not_granted_to_the_severe_one_it_becomes() -> None:
    granted = extended("whole-case", FRIDAY_9AM, before=midnight_after("2026-03-05"))
    history = given(*ASKED, interim_measure(), granted, classified("severe"))
    assert history.clock("whole-case").due_at == midnight_after("2026-03-03")


def test_each_round_has_its_own_clocks_and_both_are_reported() -> None:
    history = given(*CLOSED, reopened().at(NEXT_MONDAY_9AM))
    first, second = history.clock("record-out"), history.clock("record-out", round=2)
    assert (first.started_at, first.state) == (MONDAY_9AM, "met")
    assert (second.started_at, second.state) == (NEXT_MONDAY_9AM, "running")


OVERALL: Final = sorted(
    (code, rule.name) for code, one in Library.ready().procedures.items() for rule in one.clocks
    if "Received" in rule.starts and "Closed" in rule.stops <= {"Closed", "Settled"}
)  # fmt: skip


@pytest.mark.parametrize(("code", "name"), OVERALL)
def test_the_time_of_the_whole_case_runs_on_over_a_dissatisfied_callback_and_none_runs_beside_it(
    code: str, name: str
) -> None:
    procedure = Library.ready().procedure(code)
    rules = [rule for rule in procedure.clocks if rule.name == name and "Closed" in rule.stops]
    opened = (called_back(satisfied=False).at(TUESDAY_9AM), reopened().at(TUESDAY_9AM))
    for rule in rules:
        severity = min(rule.severities) if rule.severities else next(iter(procedure.severities), None)
        kind = min(rule.kinds) if rule.kinds else next(iter(procedure.kinds), "complaint")
        known = happened(events.Classified, severity=severity, category=next(iter(procedure.categories)))
        facts = (received(kind=kind), known, dispatched(), executed(), *opened)
        whole = [clock for clock in given(*facts, procedure=procedure).complaint.clocks if clock.name == name]
        assert [(clock.round, clock.started_at, clock.state) for clock in whole] == [(1, MONDAY_9AM, "running")]
        ended = given(*facts, closed().at(WEDNESDAY_9AM), procedure=procedure).complaint.clocks
        assert [clock.stopped_at for clock in ended if clock.name == name] == [WEDNESDAY_9AM]


def test_nobody_is_told_twice_that_the_whole_case_is_late_though_it_is_in_its_second_round() -> None:
    graver = (received(), classified("major"), *EXECUTED[2:])
    history = given(*graver, called_back(satisfied=False), reopened().at(TUESDAY_9AM)).judged(MUCH_LATER)
    judged = [one for one in history.events if isinstance(one, events.DeadlineWarned | events.DeadlineMissed)]
    told = [type(event) for event in judged if event.clock == "whole-case"]
    assert told == [events.DeadlineWarned, events.DeadlineMissed]


def test_a_case_that_had_ended_has_its_time_again_when_it_is_opened_again() -> None:
    history = given(*CLOSED, reopened().at(NEXT_MONDAY_9AM))
    first, second = history.clock("whole-case"), history.clock("whole-case", round=2)
    assert (first.state, second.state, second.started_at) == ("met", "running", NEXT_MONDAY_9AM)


def test_a_capa_report_outlives_the_round_in_which_it_was_ordered() -> None:
    history = given(*EXECUTED, capa_requested(), called_back(satisfied=False), reopened())
    assert history.clock("capa-report").state == "running"


@pytest.mark.parametrize("end", [withdrawn(), rejected(), closed()])
def test_no_clock_runs_on_after_the_end(end: Fact) -> None:
    assert "running" not in {state for _, state in given(*ASKED, capa_requested(), end).clocks()}


def test_due_times_in_a_year_without_its_notice_are_provisional() -> None:
    assert given(*at(on("2027-03-01"), received(), classified())).clock("record-out").provisional
    assert not given(received(), classified()).clock("record-out").provisional


def test_the_warning_comes_at_four_fifths_of_the_time() -> None:
    same_day = given(received(), classified("minor")).clock("settle")
    assert same_day.warn_at == on("2026-03-02", "21:00")
    three_days = given(received(), classified()).clock("whole-case")
    assert three_days.warn_at - MONDAY_9AM == (three_days.due_at - MONDAY_9AM) * 4 / 5
