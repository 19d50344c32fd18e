"""When the clock of a rule started, stopped, was paused and became void, from the moments of one complaint."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from domain.clocks.conditions import CEASED, CONDITIONS, ceased
from domain.clocks.moments import Moment
from domain.limits.limits import MICROSECOND, CalendarDays, WorkingDays, is_over
from domain.limits.pauses import Pause
from domain.procedure.moments import MomentName
from domain.procedure.procedure import ClockRule

PAUSING: Final[frozenset[MomentName]] = frozenset({"ClocksPaused", "ClocksResumed"})
# What was taken over as ended owes nothing any more, whatever the procedure lets begin with a close.
ENDINGS: Final[frozenset[MomentName]] = frozenset({"Closed", "Settled", "Rejected", "Withdrawn", "TakenOver"})
# What may stop a clock whose rule does not name it.
STOPPING_UNNAMED: Final[frozenset[MomentName]] = ENDINGS | {
    "Returned", "UnitTakenOff", "UnitReleased", "OfferWithdrawn", "DisputeDropped", "RoundOpened",
}  # fmt: skip
# What may change something of any clock, beside what starts and stops it.
ALWAYS_CHANGING: Final[frozenset[MomentName]] = PAUSING | {
    "SeverityKnown", "KindKnown", "DeadlineMoved", "Extended", "UnitAsked", "BeatMissed",
}  # fmt: skip
# What a unit's own clock asks of that unit: what others do for it does not count.
OF_THE_UNIT: Final[frozenset[MomentName]] = frozenset({"ProgressReported", "CustomerInformed"})
MOST_BEATS: Final = 48  # in a row that nobody heeded: a whole day of half hours; then the last one stays missed


Held = set[tuple[str, str | None]]  # the conditions that hold, and the unit for which (None: for the whole case)


@dataclass(slots=True)
class Run:
    """One time a clock runs, from the moment that started it; what is due when is worked out in clocks.py.

    `begun_as`: which of the rule's starts began it; of what is owed again, which began it the first time.
    """

    unit: str | None
    round: int
    started_by: Moment
    begun_as: MomentName
    calendar_version: str | None = None
    stopped_by: Moment | None = None
    cancelled: bool = False
    until: datetime | None = None
    of_present_severity: bool = True
    pauses: tuple[Pause, ...] = ()
    pauses_before_extension: int = 0
    is_paused: bool = False
    went_up_to: frozenset[str] = frozenset()
    beat: int = 0

    @property
    def started_at(self) -> datetime:
        return self.started_by.at

    @property
    def stopped_at(self) -> datetime | None:
        return None if self.stopped_by is None else self.stopped_by.at

    @property
    def running(self) -> bool:
        return self.stopped_by is None

    def ran_after(self, moment: Moment) -> bool:
        return self.stopped_by is None or self.stopped_by.order > moment.order

    def is_void_by(self, due_at: datetime) -> bool:
        """Whether nobody can have missed it: it was cancelled before it was due."""
        return self.cancelled and self.stopped_at is not None and not is_over(due_at, self.stopped_at)

    def extend(self, until: datetime | None) -> None:
        self.until, self.pauses_before_extension = until, len(self.pauses)

    def pause(self, moment: Moment) -> None:
        if not self.is_paused and moment.until is not None:
            self.pauses += (Pause(moment.at, moment.until, moment.version),)
            self.is_paused = True

    def resume(self, moment: Moment) -> None:
        """By a person now, or by itself where the bound has come by the moment's `until`."""
        last = self.pauses[-1] if self.is_paused else None
        if last is not None and (moment.until is None or last.until <= moment.until):
            until = min(max(last.from_, moment.at), last.until)
            self.pauses = (*self.pauses[:-1], Pause(last.from_, until, last.event))
            self.is_paused = False

    def cancel(self, moment: Moment) -> None:
        self.stopped_by, self.cancelled = moment, True

    def stop(self, moment: Moment, rule: ClockRule) -> None:
        """At the moment that the rule names; where the case has to go up to several roles, at the last of them."""
        if moment.name == "Escalated" and rule.to_roles:
            self.went_up_to |= rule.to_roles & {moment.subject}
            if self.went_up_to != rule.to_roles:
                return
        self.stopped_by = moment

    def is_meant_by(self, moved: Moment) -> bool:
        return (self.unit, self.round, self.started_at) == (moved.unit, moved.round, moved.started_at)


DueAt = Callable[[Run], datetime]


def runs_of(rule: ClockRule, moments: Sequence[Moment], due_at: DueAt, *, pausing: bool) -> list[Run]:
    """Every time the clock of a rule ran for a complaint.

    `due_at` says when a run is due by what is known of it so far; `pausing`: whether any clock was ever paused.
    """
    runs = _runs(rule, moments, due_at, pausing=pausing)
    return _as_severity_has_it(rule, _as_kind_has_it(rule, runs, moments), moments)


def _runs(rule: ClockRule, moments: Sequence[Moment], due_at: DueAt, *, pausing: bool) -> list[Run]:
    runs: list[Run] = []
    of_severity, of_kind = rule.severities is None, rule.kinds is None
    ended = False
    version: str | None = None
    held: Held = set()
    may_change = changing(rule)
    for moment in moments:
        if moment.name not in may_change:
            continue
        if moment.name in CONDITIONS:
            held.add((moment.name, moment.unit))
        elif moment.name.startswith(CEASED):
            condition = moment.name.removeprefix(CEASED)
            held.discard((condition, moment.unit))
            _void_what_began_by(condition, rule, runs, moment)
            if condition in rule.stops and not ended:
                _owe_again(rule, runs, moment, held, version)
            continue
        elif moment.name == "BeatMissed":
            _beat_on(rule, runs, moment)
            continue
        _stop(rule, runs, moment)
        ended = moment.name in ENDINGS or (ended and moment.name != "RoundOpened")
        if moment.name == "SeverityKnown":
            of_severity = rule.severities is None or moment.subject in rule.severities
        elif moment.name == "KindKnown":
            of_kind = rule.kinds is None or moment.subject in rule.kinds
        elif moment.name == "DeadlineMoved":
            version = moment.calendar_version
            _move(rule, runs, moment, applies=of_severity and of_kind)
        elif moment.name == "Extended":
            if of_severity and of_kind:
                for run in _meant(rule, runs, moment):
                    run.extend(moment.until)
        elif pausing and moment.name in PAUSING and (moment.subject is None or (of_severity and of_kind)):
            for run in _meant(rule, runs, moment):
                run.pause(moment) if moment.name == "ClocksPaused" else run.resume(moment)
        starts = moment.name in rule.starts or _starts_with_a_round(rule, runs, moment)
        if moment.name == "SeverityChanged" and rule.severities is not None:
            starts = starts and moment.subject in rule.severities
        if starts and _may_start(rule, moment) and (not ended or moment.name in ENDINGS):  # a callback waits for it
            unit = moment.unit if rule.per_unit else None
            if any((stop, unit) in held for stop in rule.stops):
                continue  # it is done already, or owed to nobody
            if rule.once and any(run.round == moment.round and run.unit == unit and _counts(rule, run) for run in runs):
                continue
            for run in [run for run in runs if run.round == moment.round and run.unit == unit]:
                if run.running:
                    run.cancel(moment)  # asked anew: the former question is void
                if rule.starts & rule.stops and run.started_at == run.stopped_at == moment.at:
                    runs.remove(run)  # a beat that ended as it began: no miss could be told from that of the new one
            runs.append(Run(unit, moment.round, moment, moment.name, version))
        elif moment.name == "UnitAsked" and rule.per_unit and "Received" in rule.starts:
            _give(runs, moment, version, due_at)
    return [run for run in runs if not _never_ran(run)]


def _never_ran(run: Run) -> bool:
    """Whether what was owed again was not owed any more by the same event."""
    is_again = run.started_by.name.startswith(CEASED)
    return is_again and run.stopped_by is not None and run.stopped_by.order == run.started_by.order


def changing(rule: ClockRule) -> frozenset[str]:
    """The moments that may change anything for a clock of this rule; most of a history does not."""
    return _changing(rule.starts, rule.stops)


@lru_cache(maxsize=1024)
def _changing(starts: frozenset[MomentName], stops: frozenset[MomentName]) -> frozenset[str]:
    named = starts | stops
    return named | STOPPING_UNNAMED | ALWAYS_CHANGING | {ceased(name) for name in named & CONDITIONS}


def _starts_with_a_round(rule: ClockRule, runs: Iterable[Run], moment: Moment) -> bool:
    """Whether what begins with the receipt begins anew: the time of the whole case does not while it runs on."""
    is_anew = moment.name == "RoundOpened" and "Received" in rule.starts
    return is_anew and not (rule.outlasts_a_round and any(run.running for run in runs))


def _counts(rule: ClockRule, run: Run) -> bool:
    """A unit that sent it back and is asked again begins anew; the time of the whole case has run on meanwhile."""
    return not (rule.per_unit and run.cancelled)


def _may_start(rule: ClockRule, moment: Moment) -> bool:
    """Whether the moment is about what the clock is about: one unit, or the whole case."""
    if moment.name in CONDITIONS:
        return rule.per_unit == (moment.unit is not None)
    return not rule.per_unit or moment.unit is not None or moment.name not in OF_THE_UNIT


def _concerns(rule: ClockRule, run: Run, moment: Moment) -> bool:
    if moment.name in CONDITIONS or moment.name.startswith(CEASED):
        return run.unit == moment.unit
    if not rule.per_unit or run.unit == moment.unit:
        return True
    return moment.unit is None and moment.name not in OF_THE_UNIT


def _void_what_began_by(condition: str, rule: ClockRule, runs: Iterable[Run], moment: Moment) -> None:
    """What a condition began is owed to nobody once it holds no longer."""
    for run in runs:
        if run.running and run.begun_as == condition and run.round == moment.round and _concerns(rule, run, moment):
            run.cancel(moment)


def _owe_again(rule: ClockRule, runs: list[Run], moment: Moment, held: Held, version: str | None) -> None:
    """What held no longer holds: what was done stays as it was, and is owed again from now on, with a time of its own.

    Not while it still counts as done otherwise, nor while what it begins by does not hold.
    """
    before = next((run for run in reversed(runs) if run.round == moment.round and run.unit == moment.unit), None)
    if before is None or before.cancelled or before.stopped_by is None or before.stopped_by.name not in CONDITIONS:
        return
    if any((stop, before.unit) in held for stop in rule.stops):
        return
    if before.begun_as in CONDITIONS and (before.begun_as, before.unit) not in held:
        return
    if before.started_at == moment.at:
        before.stopped_by = None  # in the instant in which it was owed first: no other time than that
    else:
        runs.append(Run(before.unit, moment.round, moment, before.begun_as, version))


def _beat_on(rule: ClockRule, runs: list[Run], missed: Moment) -> None:
    """催报: a beat that was missed begins anew at its due time; one of days on the day with which it ended.

    24:00 of a day belongs to that day: counted from the next one, every second beat would be left out.
    """
    if not rule.beats_on or missed.subject != rule.name or missed.until is None:
        return
    counts_days = isinstance(rule.limit, WorkingDays | CalendarDays)
    began = replace(missed, at=missed.until - MICROSECOND if counts_days else missed.until)
    for run in [run for run in runs if run.running and run.is_meant_by(missed) and run.beat < MOST_BEATS]:
        run.stopped_by = replace(missed, at=missed.until)
        runs.append(Run(run.unit, run.round, began, run.begun_as, run.calendar_version, beat=run.beat + 1))


def _give(runs: list[Run], asked: Moment, version: str | None, due_at: DueAt) -> None:
    """A time that runs from the receipt is each unit's own as soon as it is asked; until then nobody's.

    Of a time that is over by then nothing is left to give: such a unit has all of it from when it is asked.
    """
    first = next((run for run in runs if run.round == asked.round and run.unit is None), None)
    if first is None or any(run.unit == asked.unit and run.round == asked.round and not run.cancelled for run in runs):
        return
    given = replace(first, unit=asked.unit, stopped_by=None, cancelled=False)
    over = is_over(due_at(given), asked.at)
    runs.append(Run(asked.unit, asked.round, asked, first.begun_as, version) if over else given)
    if first.running:
        first.cancel(asked)


def _meant(rule: ClockRule, runs: Iterable[Run], moment: Moment) -> list[Run]:
    """The running clocks that a person named: those of a name, or all; of a unit where it names one."""
    if moment.subject not in (None, rule.name):
        return []
    return [run for run in runs if run.running and (not rule.per_unit or moment.unit in (None, run.unit))]


def _move(rule: ClockRule, runs: Iterable[Run], moved: Moment, *, applies: bool) -> None:
    for run in runs:
        # A clock of another severity or kind has not been due for anybody, so it simply follows the newest version.
        if run.running and (not applies or (moved.subject == rule.name and run.is_meant_by(moved))):
            run.calendar_version = moved.calendar_version


def _stop(rule: ClockRule, runs: list[Run], moment: Moment) -> None:
    if moment.name not in rule.stops and moment.name not in STOPPING_UNNAMED:
        return
    running = [run for run in runs if run.running]
    if moment.name in rule.stops:
        for run in running:
            if _concerns(rule, run, moment):
                run.stop(moment, rule)
    elif moment.name in ENDINGS:
        for run in running:
            run.cancel(moment)
    elif moment.name in {"Returned", "UnitTakenOff"} and rule.per_unit and not rule.is_of_reports:
        for run in running:
            if run.unit == moment.unit:
                run.cancel(moment)
    elif moment.name == "UnitReleased" and rule.per_unit and "UnitAsked" in rule.starts:
        for run in running:
            if run.unit == moment.unit:
                run.cancel(moment)
    elif moment.name == "OfferWithdrawn" and "HandedOver" in rule.starts:
        for run in running:
            run.cancel(moment)  # nobody waits for an answer any more
    elif moment.name == "DisputeDropped":
        for run in running:
            if run.started_by.name == "OpinionDisputed":
                run.cancel(moment)  # there is nothing left to rule on
    elif moment.name == "RoundOpened" and not rule.outlasts_a_round:
        for run in running:
            run.cancel(moment)  # a stage of the former round; overall and CAPA clocks run on


@dataclass(slots=True)
class _Span:
    """A stretch of the history in which the complaint had a severity that the rule is about."""

    round: int
    since: Moment
    until: Moment | None = None

    def covers(self, run: Run) -> bool:
        """A run of a round that was over before is not judged by a severity that came after."""
        over = run.round < self.round and not run.ran_after(self.since)
        return not over and (self.until is None or run.started_by.order <= self.until.order)


def _as_kind_has_it(rule: ClockRule, runs: list[Run], moments: Sequence[Moment]) -> list[Run]:
    """A clock of some kinds of matter runs from its start in the past once the kind is known, until it is another."""
    if rule.kinds is None:
        return runs
    applies = False
    left: Moment | None = None
    for moment in moments:
        if moment.name == "KindKnown":
            left = moment if applies and moment.subject not in rule.kinds else left
            applies = moment.subject in rule.kinds
    if applies or left is None:
        return runs if applies else []
    kept = [run for run in runs if run.started_by.order <= left.order]
    for run in kept:
        if run.ran_after(left):
            run.cancel(left)
    return kept


def _as_severity_has_it(rule: ClockRule, runs: list[Run], moments: Sequence[Moment]) -> list[Run]:
    """A clock of some severities exists once the severity is known, and is cancelled when it changes to another."""
    if rule.severities is None:
        return runs
    spans: list[_Span] = []
    applies = False
    for moment in moments:
        if moment.name != "SeverityKnown":
            continue
        if applies and moment.subject not in rule.severities:
            spans[-1].until = moment
        elif not applies and moment.subject in rule.severities:
            spans.append(_Span(moment.round, moment))
        applies = moment.subject in rule.severities
    kept: list[Run] = []
    for run in runs:
        covering = [span for span in spans if span.covers(run)]
        if not covering:
            continue
        left = covering[-1].until
        run.of_present_severity = left is None
        if left is not None and run.ran_after(left):
            run.cancel(left)
        kept.append(run)
    return kept
