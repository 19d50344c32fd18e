"""Warnings and misses: recorded once, as they fall due, and before the late step that ends the clock."""

from datetime import UTC, datetime, timedelta

from domain import errors
from domain.clocks.clock import next_due_at, next_judgement_at
from domain.complaint import commands as c
from domain.complaint import events
from tests.facts import (
    ASKED,
    ASKED_TWO,
    CLOSED,
    EXECUTING,
    FRIDAY_9AM,
    MONDAY_9AM,
    MUCH_LATER,
    NEXT_MONDAY_9AM,
    OPENED,
    SETTLEMENT,
    THURSDAY_9AM,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    capa_requested,
    capa_submitted,
    classified,
    confirmed,
    disputed,
    extended,
    fell_due,
    happened,
    interim_measure,
    missed,
    received,
    reopened,
    revised,
    ruled,
    warned,
    withdrawn,
)
from tests.spec import History, given

END_OF_MONDAY = datetime(2026, 3, 2, 16, tzinfo=UTC)
END_OF_TUESDAY = END_OF_MONDAY + timedelta(days=1)
END_OF_WEDNESDAY = END_OF_MONDAY + timedelta(days=2)
END_OF_THURSDAY = END_OF_MONDAY + timedelta(days=3)
SECOND = timedelta(seconds=1)


def judgements(history: History, at: datetime) -> list[str]:
    kinds = {events.DeadlineMissed: "missed", events.DeadlineWarned: "warned"}
    return [f"{event.clock} {kinds[type(event)]}" for event in history.judged(at).events]  # type: ignore[attr-defined]


def with_judgements(*facts: Fact, at: datetime) -> tuple[Fact, ...]:
    """The facts, and after them the judgements that were due by then."""
    made = given(*facts).judged(at).events
    fields = ("clock", "unit", "round", "started_at", "due_at", "told", "due")
    return (
        *facts,
        *(
            happened(type(event), **{name: getattr(event, name) for name in fields if hasattr(event, name)}).at(at)
            for event in made
        ),
    )


def test_the_unit_is_warned_at_four_fifths_and_not_before() -> None:
    history = given(*ASKED)
    warn_at = history.clock("unit-answers").warn_at
    history.judged(warn_at - SECOND).then_nothing()
    history.judged(warn_at).then(
        warned("unit-answers", started_at=MONDAY_9AM, due_at=END_OF_TUESDAY, unit="settlement", told=("unit",))
    )


def test_a_warning_is_recorded_by_the_clock_and_says_when() -> None:
    (event,) = given(*ASKED).judged(END_OF_TUESDAY - SECOND).events
    assert (event.actor.id, event.actor.source) == ("system", "clock")
    assert event.timestamp == END_OF_TUESDAY - SECOND


def test_a_miss_is_recorded_at_the_due_instant_and_tells_those_above() -> None:
    facts = with_judgements(*ASKED, at=END_OF_TUESDAY - SECOND)
    given(*facts).judged(END_OF_TUESDAY - SECOND).then_nothing()
    given(*facts).judged(END_OF_TUESDAY).then(
        missed(
            "unit-answers",
            started_at=MONDAY_9AM, due_at=END_OF_TUESDAY, unit="settlement", told=("manager", "board-office"),
        )
    )  # fmt: skip


def test_judging_again_adds_nothing() -> None:
    for at in (END_OF_TUESDAY, END_OF_WEDNESDAY, MUCH_LATER):
        given(*with_judgements(*ASKED_TWO, at=at)).judged(at).then_nothing()


def test_what_was_slept_through_is_recorded_in_the_order_in_which_it_fell_due() -> None:
    assert judgements(given(*EXECUTING, capa_requested()), NEXT_MONDAY_9AM) == [
        "execute warned",
        "execute missed",
        "whole-case warned",
        "whole-case warned",
        "capa-report warned",
    ]


def test_a_soft_clock_warns_again_at_its_due_time_and_never_misses() -> None:
    outcome = given(received(), classified()).judged(MUCH_LATER)
    outcome.then(
        fell_due(events.DeadlineWarned, clock="record-out"),
        missed("record-out", started_at=MONDAY_9AM, due_at=END_OF_TUESDAY, told=("manager",)),
        warned("whole-case", started_at=MONDAY_9AM, due_at=END_OF_THURSDAY, due=False, told=("manager",)),
        warned("whole-case", started_at=MONDAY_9AM, due_at=END_OF_THURSDAY, due=True, told=("manager",)),
    )
    late = given(*with_judgements(*OPENED, at=MUCH_LATER), withdrawn().at(MUCH_LATER))
    assert late.clock("whole-case").state == "cancelled"
    assert given(*CLOSED[:-1], CLOSED[-1].at(MUCH_LATER)).clock("whole-case").state == "met"


def test_the_miss_of_a_major_complaint_tells_manager_board_office_and_general_manager() -> None:
    given(received(), classified("major")).judged(MUCH_LATER).then(
        fell_due(events.DeadlineWarned, clock="whole-case", told=("manager", "board-office")),
        fell_due(events.DeadlineMissed, clock="whole-case", told=("manager", "board-office", "general-manager")),
    )


def test_a_miss_is_in_the_history_before_the_late_step_that_ends_the_clock() -> None:
    outcome = given(*ASKED).when(c.ConfirmOpinion(), by=SETTLEMENT, at=WEDNESDAY_9AM)
    outcome.then(
        fell_due(events.DeadlineWarned, clock="unit-answers"),
        fell_due(events.DeadlineMissed, clock="unit-answers"),
        happened(events.OpinionConfirmed),
    )
    assert given(*with_judgements(*ASKED, at=WEDNESDAY_9AM), confirmed().at(WEDNESDAY_9AM)).clock(
        "unit-answers"
    ).state == "missed"  # fmt: skip


def test_a_late_step_whose_miss_was_recorded_is_not_judged_again() -> None:
    judged = with_judgements(*ASKED, at=WEDNESDAY_9AM)
    given(*judged).when(c.ConfirmOpinion(), by=SETTLEMENT, at=WEDNESDAY_9AM).then(happened(events.OpinionConfirmed))


def test_a_late_step_that_was_never_judged_is_judged_once_and_without_a_warning_after_the_fact() -> None:
    history = given(*ASKED, confirmed().at(WEDNESDAY_9AM))
    assert judgements(history, WEDNESDAY_9AM + SECOND) == ["unit-answers missed"]


def test_a_severity_that_is_known_too_late_is_judged_at_once() -> None:
    outcome = given(received()).when(c.ClassifyComplaint("minor", "other"), at=TUESDAY_9AM)
    outcome.then(
        fell_due(events.DeadlineWarned, clock="classify"),
        missed("classify", started_at=MONDAY_9AM, due_at=END_OF_MONDAY, told=("manager",)),
        happened(events.Classified),
        fell_due(events.DeadlineWarned, clock="settle"),
        missed("settle", started_at=MONDAY_9AM, due_at=END_OF_MONDAY, told=("manager",)),
    )


def test_a_reclassification_does_not_undo_a_miss() -> None:
    judged = with_judgements(received(), classified(), at=WEDNESDAY_9AM)
    history = given(*judged, classified("minor").at(WEDNESDAY_9AM))
    assert history.clock("record-out").state == "missed"


def test_a_clock_that_comes_back_after_two_reclassifications_is_not_judged_twice() -> None:
    judged = with_judgements(received(), classified(), at=WEDNESDAY_9AM)
    back = (classified("minor"), classified())
    history = given(*judged, *(fact.at(WEDNESDAY_9AM) for fact in back))
    assert [event for event in judgements(history, WEDNESDAY_9AM) if event.startswith("record-out")] == []


def test_two_overall_clocks_due_at_one_instant_are_both_warned_of_and_only_the_hard_one_is_missed() -> None:
    monday_night = datetime(2026, 3, 9, 16, tzinfo=UTC)
    general = with_judgements(received().at(FRIDAY_9AM), classified().at(FRIDAY_9AM), at=NEXT_MONDAY_9AM)
    assert events.DeadlineWarned in {fact.type for fact in general}
    history = given(*general, classified("major").at(NEXT_MONDAY_9AM))
    overall = [clock for clock in history.complaint.clocks if clock.name == "whole-case"]
    assert {clock.due_at for clock in overall} == {monday_night}
    assert judgements(history, monday_night) == ["whole-case warned", "whole-case missed"]
    after = given(*with_judgements(*general, classified("major").at(NEXT_MONDAY_9AM), at=monday_night))
    assert [(clock.soft, clock.state) for clock in after.complaint.clocks if clock.name == "whole-case"] == [
        (True, "cancelled"),
        (False, "missed"),
    ]


def test_an_extended_clock_is_warned_of_and_missed_anew() -> None:
    moved = extended("unit-answers", FRIDAY_9AM, before=END_OF_TUESDAY).at(TUESDAY_9AM)
    facts = (*with_judgements(*ASKED, interim_measure(), at=END_OF_TUESDAY - SECOND), moved)
    assert [event for event in judgements(given(*facts), FRIDAY_9AM) if "unit" in event] == [
        "unit-answers warned",
        "unit-answers missed",
    ]


def test_a_unit_whose_question_became_void_is_neither_warned_nor_missed() -> None:
    void = (disputed("settlement"), ruled("overturned"), revised().at(MONDAY_9AM + timedelta(hours=2)))
    times = [
        (event.unit, event.started_at)
        for event in given(*ASKED_TWO, *void).judged(END_OF_TUESDAY).events
        if isinstance(event, events.DeadlineMissed)
    ]
    assert times == [(unit, MONDAY_9AM + timedelta(hours=2)) for unit in ("settlement", "trading")]


def test_nothing_is_judged_after_the_end() -> None:
    for facts in (CLOSED, (*ASKED, withdrawn())):
        given(*facts).judged(MUCH_LATER).then_nothing()


def test_a_new_round_is_judged_by_its_own_clocks() -> None:
    history = given(*CLOSED, reopened().at(NEXT_MONDAY_9AM))
    assert {vars(event)["round"] for event in history.judged(MUCH_LATER).events} == {2}


def test_a_refused_step_is_refused_the_same_whether_or_not_clocks_are_due() -> None:
    given(*ASKED).when(c.ReviseOpinion("改"), at=MUCH_LATER).then_refused(errors.OpinionNotOverturned)


def test_the_forwarding_of_a_capa_report_is_due_on_the_day_it_was_submitted() -> None:
    history = given(*EXECUTING, capa_requested(), capa_submitted().at(THURSDAY_9AM))
    assert "capa-issue missed" in judgements(history, END_OF_THURSDAY)
    assert "capa-issue missed" not in judgements(history, END_OF_THURSDAY - SECOND)


def test_the_next_judgement_is_the_nearest_warning_or_due_time_not_yet_recorded() -> None:
    complaint = given(*ASKED).complaint
    warn_at = given(*ASKED).clock("unit-answers").warn_at
    assert next_judgement_at(complaint.clocks, complaint.judged) == warn_at
    judged = given(*with_judgements(*ASKED, at=warn_at)).complaint
    assert next_judgement_at(judged.clocks, judged.judged) == END_OF_TUESDAY
    ended = given(*CLOSED).complaint
    assert next_judgement_at(ended.clocks, ended.judged) is None


def test_the_next_due_time_is_of_hard_clocks_also_where_they_are_missed_already() -> None:
    assert next_due_at(given(*ASKED).complaint.clocks) == END_OF_TUESDAY
    assert next_due_at(given(*with_judgements(*ASKED, at=MUCH_LATER)).complaint.clocks) == END_OF_TUESDAY
    assert next_due_at(given(*EXECUTING).complaint.clocks) == END_OF_WEDNESDAY
    assert next_due_at(given(*CLOSED).complaint.clocks) is None
