"""A replay of a paused complaint gives what was live, and it matters to nothing when its clocks were looked at."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, cast

from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.steps import decide
from domain.request import Request
from domain.values import Actor
from tests.domain.test_pausing import WHY, pausable
from tests.facts import AGENT, ASKED_TWO, MANAGER, MONDAY_9AM, SETTLEMENT, STAFF, TRADING, interim_measure
from tests.spec import JudgeClocks, given, memory_of, rebuilt

CHANCES: Final = st.randoms(use_true_random=True)
CLOCKS: Final = (None, "unit-answers", "whole-case", "execute")
Asked = tuple[datetime, Actor, c.Command]
Stream = list[events.ComplaintEvent]


def commands(chance: Random, count: int) -> list[Asked]:
    """What is asked for in a few weeks: pauses, ends of pauses, extensions, and steps that start and stop clocks."""
    asked: list[Asked] = []
    now = MONDAY_9AM
    for number in range(count):
        now += timedelta(minutes=chance.choice((0, 1, 30, 600, 1440, 2880)))
        clock, unit = chance.choice(CLOCKS), chance.choice((None, None, "settlement"))
        later = now + timedelta(minutes=chance.choice((1, 60, 900, 2880, 5760)))
        command: tuple[Actor, c.Command] = chance.choice([
            (MANAGER, c.PauseClocks(WHY, later, clock, unit)),
            (MANAGER, c.PauseClocks(WHY, later)),
            (MANAGER, c.ResumeClocks(clock, unit=unit)),
            (MANAGER, c.ExtendDeadline(clock or "execute", later + timedelta(days=9), WHY, unit)),
            (AGENT, c.ReportInterimMeasure(f"措施{number}")),
            (AGENT, c.ClassifyComplaint(chance.choice(("general", "severe")), "other")),
            (SETTLEMENT, c.ConfirmOpinion()),
            (TRADING, c.ConfirmOpinion()),
            (SETTLEMENT, c.ExecuteMeasure("执行")),
        ])  # fmt: skip
        asked.append((now, *command))
    return asked


def loaded(stream: Stream) -> Complaint:
    return rebuilt(stream, pausable())


def handled(asked: list[Asked], end: datetime, *, runner: bool) -> Stream:
    """The stream after these commands; with a runner every clock is judged at the instant it falls due, else late."""
    stream: Stream = list(given(*ASKED_TWO, interim_measure()).stream)
    for at, actor, command in [*asked, (end, MANAGER, JudgeClocks())]:
        complaint = loaded(stream)
        while runner and (due := complaint.next_judgement_at) is not None and due <= at:
            judge_clocks(complaint, due)
            complaint = kept(complaint, stream)
        try:
            if isinstance(command, JudgeClocks):
                judge_clocks(complaint, at)
            else:
                decide(complaint, command, Request(actor, at, people=STAFF))
        except errors.Refused:
            continue
        kept(complaint, stream)
    return stream


def kept(complaint: Complaint, stream: Stream) -> Complaint:
    stream += cast(Stream, complaint.collect_events())
    replayed = loaded(stream)
    assert memory_of(replayed) == memory_of(complaint)
    assert replayed.clocks == complaint.clocks
    return replayed


def what_was_judged(stream: Stream) -> list[Any]:
    judged = (events.DeadlineWarned, events.DeadlineMissed, events.ClocksResumed, events.ClocksPaused)
    told = {"clock", "unit", "round", "started_at", "due_at", "due", "until", "clocks"}
    return [
        (type(event).__name__, {name: value for name, value in vars(event).items() if name in told})
        for event in stream
        if isinstance(event, judged)
    ]


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@drawn(CHANCES)
def test_it_does_not_matter_whether_clocks_are_judged_as_they_fall_due_or_with_the_next_command(chance: Random) -> None:
    asked = commands(chance, 12)
    end = asked[-1][0] + timedelta(days=30)
    prompt, late = handled(asked, end, runner=True), handled(asked, end, runner=False)
    assert what_was_judged(prompt) == what_was_judged(late)
    assert loaded(prompt).clocks == loaded(late).clocks


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@drawn(CHANCES)
def test_nothing_is_judged_twice_or_in_a_pause_and_all_in_the_order_in_which_it_fell_due(chance: Random) -> None:
    asked = commands(chance, 12)
    complaint = loaded(stream := handled(asked, asked[-1][0] + timedelta(days=30), runner=True))
    judged = [event for event in stream if isinstance(event, events.DeadlineWarned | events.DeadlineMissed)]
    keys = Counter(
        (type(event), getattr(event, "due", None), event.clock, event.unit, event.started_at, event.due_at, event.told)
        for event in judged
    )
    assert max(keys.values(), default=1) == 1
    assert [event.timestamp for event in stream] == sorted(event.timestamp for event in stream)
    for event in judged:
        pauses = [
            pause for clock in complaint.clocks for pause in clock.pauses
            if (clock.name, clock.unit, clock.started_at) == (event.clock, event.unit, event.started_at)
            and event.told in (clock.rule.tell_at_warning, clock.rule.tell_at_miss)  # of this severity
        ]  # fmt: skip
        assert not any(pause.from_ < event.timestamp < pause.until for pause in pauses)
    assert [clock for clock in complaint.clocks if clock.state == "paused"] == []
