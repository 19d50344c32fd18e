"""Whom a miss is charged to: those who owed it and had not done it, and nobody else."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import units_owing
from domain.procedure.procedure import Procedure
from procedures.library import Library
from tests.facts import (
    DISPUTED,
    MONDAY_9AM,
    Fact,
    accepted,
    classified,
    dispatched,
    executed,
    happened,
    member_of,
    missed,
    on,
    received,
    ruled,
    unit_added,
)
from tests.spec import JudgeClocks, Outcome, given, kf0001

HOTLINE: Final = Library.ready().procedure("hotline-12345")
AFTER_FIFTEEN_DAYS: Final = on("2026-03-24", "00:00")
SENT: Final = (
    received(issue_point=None),
    happened(events.Classified, severity=None, category="education.school"),
    dispatched("education", "market"),
    accepted("education"),
    accepted("market"),
)


def judged(*facts: Fact, procedure: Procedure = HOTLINE, at: datetime = AFTER_FIFTEEN_DAYS) -> Outcome:
    return given(*facts, procedure=procedure).when(JudgeClocks(), at=at)


def charged(outcome: Outcome, clock: str) -> list[tuple[str | None, tuple[str, ...] | None]]:
    """Of each miss of this clock: its unit, and whom it is charged to."""
    found = [one for one in outcome.events if isinstance(one, events.DeadlineMissed) and one.clock == clock]
    return [(one.unit, one.owed_by) for one in found]


def test_a_clock_of_the_whole_case_is_charged_to_every_unit_that_had_not_done_its_part() -> None:
    assert charged(judged(*SENT), "handle") == [(None, ("education", "market"))]
    assert charged(judged(*SENT, executed("education")), "handle") == [(None, ("market",))]


def test_a_card_goes_to_whom_the_miss_is_charged_to() -> None:
    outcome = judged(*SENT, executed("education"))
    cards = [one.unit for one in outcome.events if isinstance(one, events.Supervised)]
    assert cards == ["market"] == list(charged(outcome, "handle")[0][1] or ())


def test_a_unit_that_sent_it_back_owes_nothing() -> None:
    sent_back = happened(events.Returned, unit="market", ground="不属本部门", legal_basis="三定方案")
    assert charged(judged(*SENT, sent_back.by(member_of("market"))), "handle") == [(None, ("education",))]


def test_a_miss_stays_with_who_owed_it_though_they_do_it_late() -> None:
    miss = missed("handle", started_at=MONDAY_9AM, due_at=AFTER_FIFTEEN_DAYS, owed_by=("market",))
    complaint = given(
        *SENT, executed("education"), miss.at(AFTER_FIFTEEN_DAYS),
        executed("market").at(on("2026-03-25")), procedure=HOTLINE,
    ).complaint  # fmt: skip
    [handle] = [clock for clock in complaint.clocks if clock.name == "handle"]
    assert (handle.state, units_owing(complaint, handle)) == ("missed", ("market",))


def test_one_of_two_who_missed_it_and_has_done_it_since_has_nothing_to_do_any_more() -> None:
    miss = missed("handle", started_at=MONDAY_9AM, due_at=AFTER_FIFTEEN_DAYS, owed_by=("education", "market"))
    late = on("2026-03-25")
    complaint = given(
        *SENT, miss.at(AFTER_FIFTEEN_DAYS), executed("education").at(late), procedure=HOTLINE
    ).complaint
    owed = {str(one.owed_by): one for one in obligations_of(complaint) if one.name == "handle"}
    assert {ower: (one.state, one.met_at, one.waits) for ower, one in owed.items()} == {
        "unit:education": ("missed", late, False), "unit:market": ("missed", None, True),
    }  # fmt: skip


def test_who_got_it_after_the_miss_owes_it_and_is_not_charged() -> None:
    miss = missed("handle", started_at=MONDAY_9AM, due_at=AFTER_FIFTEEN_DAYS, owed_by=("education", "market"))
    complaint = given(
        *SENT, miss.at(AFTER_FIFTEEN_DAYS),
        happened(events.Returned, unit="market", ground="不属本部门", legal_basis="三定方案").at(AFTER_FIFTEEN_DAYS),
        dispatched("tourism").at(AFTER_FIFTEEN_DAYS), procedure=HOTLINE,
    ).complaint  # fmt: skip
    [handle] = [clock for clock in complaint.clocks if clock.name == "handle"]
    assert units_owing(complaint, handle) == ("education", "market")
    owed = [str(one.owed_by) for one in obligations_of(complaint) if one.name == "handle"]
    assert owed == ["unit:education", "unit:tourism"]


def test_what_was_done_in_time_stays_that_of_the_units_that_did_it() -> None:
    complaint = given(*SENT, executed("education"), executed("market"), procedure=HOTLINE).complaint
    [handle] = [clock for clock in complaint.clocks if clock.name == "handle"]
    assert (handle.state, units_owing(complaint, handle)) == ("met", ("education", "market"))


def test_a_unit_that_joined_an_opinion_that_binds_it_is_charged_like_those_that_were_asked() -> None:
    """增派 after an upheld ruling: nothing to answer, and the case's own clock is its too."""
    whole = replace(next(one for one in kf0001().clocks if one.name == "execute"), per_unit=False)
    procedure = replace(kf0001(), clocks=(whole,))
    story = (*DISPUTED, ruled("upheld"), unit_added("trading"), executed("settlement"), executed("trading"))
    complaint = given(*story, procedure=procedure).complaint
    assert [units_owing(complaint, clock) for clock in complaint.clocks if clock.state == "met"] == [
        ("settlement", "trading")
    ]


def test_what_customer_service_owes_is_charged_to_no_unit() -> None:
    late = on("2026-03-04", "00:00")
    outcome = judged(received(), classified("severe"), procedure=kf0001(), at=late)
    assert charged(outcome, "whole-case") == [(None, ())]


def test_a_report_that_the_board_office_did_not_issue_is_not_charged_to_the_unit_that_wrote_it() -> None:
    asked = happened(events.CAPARequested, unit="settlement", reason="多次发生")
    written = happened(
        events.CAPASubmitted, unit="settlement", cause="c", corrective="c", preventive="p", responsible="李四",
        complete_by=MONDAY_9AM.date(),
    ).by(member_of("settlement"))  # fmt: skip
    outcome = judged(
        received(), classified(), asked, written, procedure=kf0001(), at=on("2026-03-03", "00:00")
    )
    assert charged(outcome, "capa-issue") == [("settlement", ())]


def test_a_miss_of_before_it_was_noted_is_charged_to_the_unit_that_it_names() -> None:
    facts = {"started_at": MONDAY_9AM, "due_at": AFTER_FIFTEEN_DAYS}
    for unit, owed in (("market", ("market",)), (None, ())):
        event = missed("accept", unit=unit, **facts).event(1)
        assert isinstance(event, events.DeadlineMissed)
        assert (event.owed_by, event.charged_to) == (None, owed)


def test_retracting_a_miss_takes_the_charge_back() -> None:
    too_early = on("2026-03-20")
    miss = missed("handle", started_at=MONDAY_9AM, due_at=AFTER_FIFTEEN_DAYS, owed_by=("education", "market"))
    complaint = given(
        *SENT, miss.at(too_early),
        happened(
            events.DeadlineMissRetracted, clock="handle", round=1, started_at=MONDAY_9AM, due_at=AFTER_FIFTEEN_DAYS,
            reason="时钟错误",
        ).at(too_early),
        executed("education"), procedure=HOTLINE,
    ).complaint  # fmt: skip
    [handle] = [clock for clock in complaint.clocks if clock.name == "handle"]
    assert (handle.state, units_owing(complaint, handle)) == ("running", ("market",))
