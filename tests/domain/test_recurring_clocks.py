"""Clocks that beat: each report of progress starts the next one, until the complaint is closed."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.clocks.clock import Judged, clocks_of
from domain.clocks.moments import Moment
from domain.limits.limits import parse_limit
from domain.procedure.moments import MomentName
from domain.procedure.procedure import ClockRule
from domain.titles import Title
from procedures.library import Library
from tests.facts import MONDAY_9AM
from tests.spec import kf0001

# market-30min: a progress report every 30 minutes from dispatch until closing.
PROGRESS: Final = ClockRule(
    name="progress",
    title=Title("进展报告", "Progress"),
    starts=frozenset({"Dispatched", "ProgressReported"}),
    stops=frozenset({"ProgressReported", "Closed"}),
    limit=parse_limit("30 min"),
    source="002: 每30分钟汇报一次进展",
)


def beats(*moments: tuple[MomentName, int]) -> list[tuple[int, int, str]]:
    """(start, due, state) in minutes after nine, of the moments named with their minutes."""
    happened = [Moment(name, MONDAY_9AM + timedelta(minutes=minutes), 1) for name, minutes in moments]
    procedure = replace(kf0001(), clocks=(PROGRESS,))
    found = clocks_of(happened, Judged(), procedure, Library.ready().calendar("cn")).clocks
    minute = timedelta(minutes=1)
    return [
        ((clock.started_at - MONDAY_9AM) // minute, (clock.due_at - MONDAY_9AM) // minute, clock.state)
        for clock in found
    ]


def test_each_report_of_progress_starts_the_next_half_hour() -> None:
    assert beats(("Dispatched", 0), ("ProgressReported", 20), ("ProgressReported", 45)) == [
        (0, 30, "met"),
        (20, 50, "met"),
        (45, 75, "running"),
    ]


def test_a_late_report_is_a_miss_and_starts_the_next_half_hour_all_the_same() -> None:
    assert beats(("Dispatched", 0), ("ProgressReported", 40)) == [(0, 30, "missed"), (40, 70, "running")]


def test_closing_stops_the_beat() -> None:
    assert beats(("Dispatched", 0), ("Closed", 10)) == [(0, 30, "met")]


def test_what_is_reported_after_the_close_starts_nothing() -> None:
    assert beats(("Dispatched", 0), ("Closed", 10), ("ProgressReported", 20)) == [(0, 30, "met")]


def test_a_new_round_beats_again_once_it_is_dispatched() -> None:
    opened_again = beats(("Dispatched", 0), ("Closed", 10), ("RoundOpened", 60), ("Dispatched", 70))
    assert opened_again == [(0, 30, "met"), (70, 100, "running")]


def test_a_round_that_opens_ends_the_beat_of_the_one_before_until_it_is_dispatched_again() -> None:
    opened_again = beats(("Dispatched", 0), ("ProgressReported", 20), ("RoundOpened", 30))
    assert opened_again == [(0, 30, "met"), (20, 50, "cancelled")]
