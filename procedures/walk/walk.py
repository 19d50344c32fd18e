"""Walks through what the decisions of a procedure lead to, from its receipt on, with the real decisions and folds.

Walks with fewer turns (a dispute, a return, a second unit …) come first: all ways with one turn, then those with two,
until the time is over. Clocks decide nothing here but windows, so the others are left out while walking.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from time import monotonic
from typing import Final
from uuid import UUID

from domain import errors
from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.requirements import missing_for
from domain.complaint.steps import decide
from domain.limits.calendar import Calendar
from domain.people import MACHINES
from domain.procedure.procedure import ClockRule, Procedure
from domain.request import Request
from domain.values import Actor, Complainant
from procedures.walk.asks import (
    ANOTHER_ID,
    NO_SUCH_CUSTOMER,
    TEXT,
    Ask,
    Asking,
    answers,
    asks_of,
    categories_that_differ,
)
from procedures.walk.people import People
from procedures.walk.played import Played
from procedures.walk.standing import Standings, twin_of

MOST_TURNS: Final = 100
ANY_NUMBER: Final = 10**9
MOST_SECONDS: Final = 40.0
BEGIN: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday at nine, in a week without a day off
LONG_AFTER: Final = timedelta(days=60)
AN_ID: Final = UUID(int=2)
# What is refused so may be granted to another, and what is refused so waits for something that somebody may add.
OF_SOMEBODY: Final = (errors.Forbidden, errors.DecidedFurtherUp, errors.RulingIsTheLastInstances, errors.UnitNotAsked)
WAITS_FOR_FACTS: Final = (errors.Incomplete, errors.ApprovalMissing, errors.ApprovalOfEachUnitMissing)


@dataclass(frozen=True)
class Why:
    """Why a step is refused, and what it still needs."""

    error: type[errors.Refused]
    missing: frozenset[str]


@dataclass(eq=False)
class State:
    """A complaint as it stands after the steps that led to it; `missing` is what steps still need here."""

    complaint: Complaint
    at: datetime
    turns: frozenset[str]
    leads_to: "list[tuple[tuple[Played, ...], State]]" = field(default_factory=list)
    missing: frozenset[str] = frozenset()
    is_walked_on: bool = False

    @property
    def is_open(self) -> bool:
        return not self.complaint.has_ended


@dataclass
class Walk:
    """What was walked: the states in the order in which they were found, and the steps that somebody could take.

    `turns`: every way with up to so many was walked to its end. `of_machines`: what a machine took down, which
    nobody owns yet and which is handled like the rest.
    """

    procedure: Procedure
    calendar: Calendar
    people: People
    begins: list[tuple[Played, State]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    turns: int = 0
    of_machines: list[State] = field(default_factory=list)
    known: dict[object, State] = field(default_factory=dict)  # by how they stand

    @property
    def is_whole(self) -> bool:
        return all(state.is_walked_on for state in self.states)


def walk_through(
    procedure: Procedure,
    calendar: Calendar,
    *,
    most_turns: int = MOST_TURNS,
    most_seconds: float = MOST_SECONDS,
    most_states: int = ANY_NUMBER,
    least_turns: int = 0,
    seen: Callable[[int], None] = lambda _: None,
) -> Walk:
    """Every state that is reached within the bounds; `seen` is told how many there are, now and then.

    More states than `most_states` are walked only for ways with up to `least_turns`, and as long as there is time.
    """
    walk = Walk(procedure, calendar, People.of(procedure), taken={"receive"})
    _Walking(walk).all(Bounds(most_turns, monotonic() + most_seconds, most_states, least_turns), seen)
    return walk


def ends_from(walk: Walk, state: State, alive: Collection[State], most_states: int) -> bool:
    """Whether an end, or a state that is `alive`, is found from here with whatever turns, whatever misses least first.

    For states whose every way on was cut short. After so many states it is taken that there is none. The customer's own
    withdrawal is none.
    """
    search = _Walking(Walk(walk.procedure, walk.calendar, walk.people), rank=_misses)
    search.begin_at(state)
    while (found := search.next_state()) is not None and len(search.walk.states) < most_states:
        known = walk.known.get(search.key_of(found.complaint, found.at))
        if found.complaint.status in {"closed", "rejected"} or known in alive:
            return True
        if found.is_open:
            search.walk_on(found)
    return False


def _misses(state: State) -> int:
    """How much the close still misses; one that is not classified, or that nobody has begun with, misses most."""
    it = state.complaint
    if not state.is_open:
        return 0
    return 99 if it.category is None else len(missing_for("close", it, it.procedure))


@dataclass(frozen=True)
class Bounds:
    """Where a walk ends: as `walk_through` has it; `until` is when by the machine's clock."""

    most_turns: int
    until: float
    most_states: int
    least_turns: int

    def end_before(self, turns: int, states: int) -> bool:
        """Whether a way with so many turns is not walked any more, now that there are so many states."""
        is_enough = states >= self.most_states and turns > self.least_turns
        return is_enough or turns > self.most_turns or monotonic() > self.until


class _Walking:
    """`rank`: which of the states that wait is walked on from first; those with fewer turns, where nothing is said."""

    def __init__(self, walk: Walk, rank: Callable[[State], int] = lambda state: len(state.turns)) -> None:
        self.walk, self._rank = walk, rank
        windows = tuple(rule for rule in walk.procedure.clocks if rule.window)
        self._procedure = replace(walk.procedure, clocks=windows)
        self._categories = categories_that_differ(walk.procedure)
        self._standings = Standings(walk.procedure)
        self._waiting: list[tuple[int, int, State]] = []
        self._spare: tuple[State, Complaint] | None = None
        self._helped = Counter[str]()

    def all(self, bounds: Bounds, seen: Callable[[int], None]) -> None:
        kinds = kinds_that_differ(self.walk.procedure)
        for complaint in self._received(kinds):
            turns = {"anonymous": complaint.anonymous, "another-kind": complaint.kind != kinds[0]}
            state = self._kept(complaint, BEGIN, frozenset(turn for turn, is_taken in turns.items() if is_taken))
            self.walk.begins.append((Played(kind=complaint.kind, is_anonymous=complaint.anonymous), state))
        while self._waiting and not bounds.end_before(self._waiting[0][0], len(self.walk.known)):
            self.walk_on(heappop(self._waiting)[2])
            seen(len(self.walk.known))
        self.walk.turns = min((len(s.turns) for s in self.walk.states if not s.is_walked_on), default=MOST_TURNS) - 1

    def begin_at(self, state: State) -> None:
        self._kept(twin_of(state.complaint).governed_by(self._procedure, self.walk.calendar), state.at, frozenset())

    def next_state(self) -> State | None:
        return heappop(self._waiting)[2] if self._waiting else None

    def _received(self, kinds: Iterable[str]) -> Iterator[Complaint]:
        """A complaint of each kind that is handled in a way of its own, with a name and without."""
        procedure = self._procedure
        people = [Complainant(name=TEXT, phone="+8613800000000")]
        people += [Complainant(anonymous=True)] if procedure.anonymous_allowed else []
        required = {one.name for one in procedure.form if one.required}
        facts = {name: answer for name, answer in answers(procedure).items() if name in required}
        for kind in kinds:
            for person in people:
                command = c.ReceiveComplaint(procedure.code, "phone", TEXT, TEXT, person, kind, facts=facts)
                takers = self.walk.people.who_may(procedure, "receive")
                machines = [actor for actor in takers if actor.roles <= MACHINES]
                if queued := self._taken_down(command, machines):
                    self.walk.of_machines.append(State(queued, BEGIN, frozenset()))
                if complaint := self._taken_down(command, takers):
                    yield complaint

    def _taken_down(self, command: c.ReceiveComplaint, takers: Iterable[Actor]) -> Complaint | None:
        procedure = self._procedure
        for actor in takers:
            try:
                by = check_intake(command, procedure, request_of(self.walk, actor, BEGIN))
            except errors.Refused:
                continue
            return receive(command, Identity(AN_ID, "A-1", AN_ID), by, procedure, self.walk.calendar, at=BEGIN)
        return None

    def walk_on(self, state: State) -> None:
        state.is_walked_on = True
        asks = self._asks(state)
        refused: dict[Ask, Why] = {}
        brings_on = False
        for ask in asks:
            if not ask.supplies:
                reached = self._take(state, ask, refused)
                brings_on = brings_on or (reached is not None and reached.is_open and ask.turn is None)
        state.missing = frozenset[str]().union(*(why.missing for why in refused.values()))
        if refused and not brings_on:
            self._supply(state, asks, refused)
        self._let_time_pass(state)

    def _asks(self, state: State) -> list[Ask]:
        walk = self.walk
        return list(asks_of(Asking(state.complaint, walk.procedure, walk.people, self._categories, state.at)))

    def _take(self, state: State, ask: Ask, refused: dict[Ask, Why]) -> State | None:
        """The other state that this leads to, if it does; `refused` takes what was missing for it."""
        complaint, at = self._twin(state), state.at + ask.later
        for actor in self._who(ask):
            try:
                decide(complaint, ask.command, request_of(self.walk, actor, at))
            except errors.Refused as refusal:
                if isinstance(refusal, WAITS_FOR_FACTS):
                    refused[ask] = Why(type(refusal), frozenset(refusal.missing))
                if isinstance(refusal, OF_SOMEBODY):
                    continue
                return None
            refused.pop(ask, None)
            self._spare = None
            if complaint.version == state.complaint.version:
                return None  # said before
            self.walk.taken.add(ask.step)
            turns = state.turns if ask.turn is None else state.turns | {ask.turn}
            reached = self._kept(complaint, at, turns)
            if reached is not state:
                state.leads_to.append(((Played(ask, actor),), reached))
                return reached
            return None
        return None

    def _who(self, ask: Ask) -> list[Actor]:
        return [ask.actor] if ask.actor is not None else self.walk.people.who_may(self._procedure, ask.step)

    def _supply(self, state: State, asks: list[Ask], refused: dict[Ask, Why]) -> None:
        """The first fact that leaves less in the way: in which order facts come makes no difference."""
        steps = dict.fromkeys(ask.step for ask in asks if ask.supplies)
        for step in sorted(steps, key=lambda step: -self._helped[step]):  # what helped before first
            if self._helps(state, [ask for ask in asks if ask.supplies and ask.step == step], refused):
                self._helped[step] += 1
                return

    def _helps(self, state: State, asks: list[Ask], refused: dict[Ask, Why]) -> bool:
        complaint, at = self._twin(state), state.at
        played, alike = [], {(waiting.step, why): waiting for waiting, why in refused.items()}
        tries = [(ask, actor) for ask in asks for actor in self._who(ask)]
        for ask, actor in tries:
            with suppress(errors.Refused):
                before = complaint.version
                decide(complaint, ask.command, request_of(self.walk, actor, at))
                if complaint.version == before:
                    continue  # said before, or nothing to say
                played.append(Played(ask, actor))
                self.walk.taken.add(ask.step)
                self._spare = None
                if any(self._is_less(complaint, at, waiting, why) for (_, why), waiting in alike.items()):
                    state.leads_to.append((tuple(played), self._kept(complaint, at, state.turns)))
                    return True
        return False

    def _is_less(self, complaint: Complaint, at: datetime, ask: Ask, before: Why) -> bool:
        twin = twin_of(complaint)
        now: Why | None = None
        for actor in self._who(ask):
            try:
                decide(twin, ask.command, request_of(self.walk, actor, at))
            except errors.Refused as refusal:
                if isinstance(refusal, WAITS_FOR_FACTS):
                    now = Why(type(refusal), frozenset(refusal.missing))
                continue
            return True
        return now is not None and (now.missing < before.missing or now.error is not before.error)

    def _twin(self, state: State) -> Complaint:
        """A twin of the state's complaint; what was refused left no trace in the last one, so it serves again."""
        if self._spare is None or self._spare[0] is not state:
            self._spare = (state, twin_of(state.complaint))
        return self._spare[1]

    def _let_time_pass(self, state: State) -> None:
        """Where something may be done only within a window, the time after it is another state."""
        if any(clock.state == "running" and state.at < clock.due_at for clock in state.complaint.clocks):
            late = self._kept(twin_of(state.complaint), state.at + LONG_AFTER, state.turns | {"late"})
            state.leads_to.append(((Played(),), late))

    def _kept(self, complaint: Complaint, at: datetime, turns: frozenset[str]) -> State:
        """The state in which this complaint stands: a known one, or a new one that waits to be walked on from."""
        complaint.collect_events()
        key = self.key_of(complaint, at)
        state = self.walk.known.get(key)
        if state is None:
            state = self.walk.known[key] = State(complaint, at, turns)
            self.walk.states.append(state)
            heappush(self._waiting, (self._rank(state), len(self.walk.known), state))
        return state

    def key_of(self, complaint: Complaint, at: datetime) -> object:
        """How it stands, and what may be done only now."""
        open_windows = frozenset(
            (clock.name, clock.unit) for clock in complaint.clocks if clock.state == "running" and at < clock.due_at
        )
        return self._standings.of(complaint), open_windows


def request_of(walk: Walk, actor: Actor, at: datetime) -> Request:
    """Whoever asks, and that there are the units and the other complaint that asks name."""
    people = walk.people
    return Request(
        actor, at, frozenset({people.right, people.other}), {ANOTHER_ID: "A-2"}, NO_SUCH_CUSTOMER, people=people.known
    )


def kinds_that_differ(procedure: Procedure) -> tuple[str, ...]:
    """One of the kinds of matter that are handled alike."""
    found: dict[object, str] = {}
    for kind in procedure.kinds:
        limits = frozenset(shape_of(rule) for rule in procedure.clocks if rule.kinds is None or kind in rule.kinds)
        found.setdefault((limits, procedure.confidential_to.get(kind)), kind)
    return tuple(found.values())


def shape_of(rule: ClockRule) -> tuple[object, ...]:
    """What a limit is but for its length and the kinds it is for: of the kinds handled alike one is walked."""
    return (rule.name, rule.starts, rule.stops, rule.severities, rule.per_unit, rule.once)
