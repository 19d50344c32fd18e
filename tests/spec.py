"""Given events, when a command, then events (or a refusal, or nothing): the words that tests of rules are made of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast
from uuid import UUID

from domain import errors
from domain.clocks.clock import Clock
from domain.complaint import events
from domain.complaint.commands import Command, RaiseSeverity
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.recurrence import raise_severity
from domain.complaint.steps import allowed_steps, decide
from domain.notices.arising import NOTHING_WAITED, waiting_in
from domain.notices.notices import Notice, RolesOf, notices_of
from domain.people import People
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import Actor
from procedures.calendar_reader import ready_calendar
from procedures.reader import read_procedure
from tests.facts import AGENT, BY_CLOCK, MONDAY_9AM, STAFF, Fact, acting

CN: Final = ready_calendar("cn")


@cache
def kf0001() -> Procedure:
    """The reference procedure, as its file has it."""
    return read_procedure((files("procedures") / "kf0001.yaml").read_text("utf-8"), calendars=("cn", "cn-office"))


# One is left for a test about recurrence: whoever goes through the others makes no five of one.
KEPT_ISSUE_POINT: Final = "no-answer"
ISSUE_POINTS: Final = tuple(code for code in kf0001().issue_points if code != KEPT_ISSUE_POINT)


def rebuilt(stream: Iterable[events.ComplaintEvent], procedure: Procedure | None = None) -> Complaint:
    """The complaint as it is folded from its stream in the log, with its pinned rules attached."""
    complaint: Any = None
    for event in stream:
        complaint = event.mutate(complaint)
    assert isinstance(complaint, Complaint)
    return complaint.governed_by(procedure or kf0001(), CN)


def memory_of(complaint: Complaint) -> dict[str, Any]:
    """All that the complaint remembers, without the rules attached to it and what it has still to hand over."""
    attached = {"procedure", "calendar", "moved_to", "_clocks_as_of", "_pending_events"}
    return {name: value for name, value in vars(complaint).items() if name not in attached}


def told_by(
    stream: Sequence[events.ComplaintEvent], procedure: Procedure | None = None, roles_of: RolesOf | None = None
) -> tuple[Notice, ...]:
    """Whom the last of these events tells, as the complaint stands after it and stood before."""
    waited = waiting_in(rebuilt(stream[:-1], procedure)) if len(stream) > 1 else NOTHING_WAITED
    return notices_of(stream[-1], rebuilt(stream, procedure), waited, roles_of)


@dataclass(frozen=True)
class JudgeClocks(Command):
    """Nobody's step: let the clocks be judged, as the clock runner does."""


@dataclass(frozen=True)
class Outcome:
    """What came of a command, which `by` gave at `at`."""

    complaint: Complaint
    events: tuple[events.ComplaintEvent, ...]
    refusal: errors.Refused | None
    by: Actor
    at: datetime

    def then(self, *expected: Fact) -> "Outcome":
        """These events and no others, in this order; of each who signed it, when, and the fields that the story names.

        A fact that does not say who or when is expected from whoever gave the command, at the moment it was given.
        """
        assert self.refusal is None, f"refused: {self.refusal!r}"
        kinds = [type(event).__name__ for event in self.events]
        assert kinds == [fact.type.__name__ for fact in expected]
        for event, fact in zip(self.events, expected, strict=True):
            assert {name: getattr(event, name) for name in fact.facts} == fact.facts
            assert event.actor == (fact.signed or acting(self.by)), kinds
            assert event.timestamp == (fact.moment or self.at), kinds
        return self

    def then_refused(self, error: type[errors.Refused]) -> errors.Refused:
        """Refused, and nothing has happened but that clocks were judged as far as the time had come."""
        assert self.refusal is not None, f"not refused: {[type(event).__name__ for event in self.events]}"
        assert type(self.refusal) is error
        assert [type(event).__name__ for event in self.events if event.actor != BY_CLOCK] == []
        return self.refusal

    def then_nothing(self) -> None:
        self.then()


@dataclass(frozen=True)
class History:
    """A complaint to which the given events happened."""

    stream: tuple[events.ComplaintEvent, ...]
    procedure: Procedure

    @property
    def complaint(self) -> Complaint:
        return rebuilt(self.stream, self.procedure)

    @property
    def told(self) -> tuple[Notice, ...]:
        """Whom its last event tells."""
        return told_by(self.stream, self.procedure)

    def when(
        self,
        command: Command,
        *,
        by: Actor = AGENT,
        at: datetime = MONDAY_9AM,
        known_units: Collection[str] = frozenset(),
        known_complaints: Mapping[UUID, str] | None = None,
        people: People = STAFF,
    ) -> Outcome:
        complaint, refusal = self.complaint, None
        try:
            match command:
                case RaiseSeverity():
                    raise_severity(complaint, command, at)
                case JudgeClocks():
                    judge_clocks(complaint, at)
                case _:
                    decide(complaint, command, Request(by, at, known_units, known_complaints or {}, people=people))
        except errors.Refused as raised:
            refusal = raised
        new = cast(Sequence[events.ComplaintEvent], complaint.collect_events())
        return Outcome(complaint, tuple(new), refusal, by, at)

    def judged(self, at: datetime) -> Outcome:
        """The clocks judged by `at`, as the clock runner does."""
        return self.when(JudgeClocks(), at=at)

    def allowed(self, actor: Actor) -> list[str]:
        return allowed_steps(self.complaint, actor)

    def clock(self, name: str, unit: str | None = None, round: int = 1) -> Clock:
        """The latest clock of this name; an AssertionError where there is none."""
        found = [
            clock for clock in self.complaint.clocks
            if clock.name == name and clock.round == round and unit in (None, clock.unit)
        ]  # fmt: skip
        assert found, f"no clock {name}; there are {self.clocks()}"
        return found[-1]

    def clocks(self) -> list[tuple[str, str]]:
        """Name and state of every clock, in the order of the procedure's table."""
        return [(clock.name, clock.state) for clock in self.complaint.clocks]


def given(*facts: Fact, procedure: Procedure | None = None) -> History:
    stream = tuple(fact.event(version) for version, fact in enumerate(facts, start=1))
    return History(stream, procedure or kf0001())
