"""Clocks: a pure function of what happened and of the pinned versions of procedure and calendar.

`clocks_of` gives every clock a complaint has ever had; `judgements_due` gives the warnings and misses that are due by a
moment and not yet in the history. The same events give the same clocks on every replay. A clock follows the version of
the calendar that was in force for the complaint when it started, until an event moves it to another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from domain.calendar import Calendar
from domain.limits import deadline, is_provisional, warning
from domain.procedure import ClockRule, Procedure
from domain.values import Moment

State = Literal["running", "met", "missed", "paused", "cancelled"]
Key = tuple[str, str | None, int, datetime, datetime]
KeyOfSeverity = tuple[Key, str | None]

ENDINGS: Final = frozenset({"Closed", "Settled", "Rejected", "Withdrawn"})


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit at work. All instants are UTC; `warn_at` is None where no warning can come before the due time."""

    name: str
    unit: str | None
    round: int
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    state: State
    soft: bool
    provisional: bool
    rule: ClockRule
    calendar: Calendar
    of_present_severity: bool = True
    extended: bool = False

    @property
    def key(self) -> Key:
        """Which judgement is meant: a clock that was moved is judged anew, against its new due time."""
        return (self.name, self.unit, self.round, self.started_at, self.due_at)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A warning, a miss, or a soft clock reaching its due time (`due`), and the instant it is due for recording."""

    kind: Literal["warned", "due", "missed"]
    at: datetime
    clock: Clock


@dataclass(frozen=True)
class Judged:
    """The judgements that are in the history already, each with the severity that the complaint had then.

    Two clocks of one name, one for each of two severities, may be due at the same instant: the severity tells which was
    judged.
    """

    warned: frozenset[KeyOfSeverity] = frozenset()
    due: frozenset[KeyOfSeverity] = frozenset()
    missed: frozenset[KeyOfSeverity] = frozenset()


def _holds(judged: frozenset[KeyOfSeverity], key: Key, rule: ClockRule) -> bool:
    return any(key == of and (rule.severities is None or severity in rule.severities) for of, severity in judged)


def has_come_due(clock: Clock, judged: Judged) -> bool:
    """Whether the history says that the clock reached its due time; that judgement stays, so nothing moves it."""
    return any(_holds(of, clock.key, clock.rule) for of in (judged.missed, judged.due))


@dataclass(slots=True)
class _Run:
    unit: str | None
    round: int
    started_at: datetime
    calendar_version: str | None = None
    stopped_at: datetime | None = None
    cancelled: bool = False
    until: datetime | None = None
    of_present_severity: bool = True

    @property
    def running(self) -> bool:
        return self.stopped_at is None

    def cancel(self, at: datetime) -> None:
        self.stopped_at, self.cancelled = at, True

    def is_meant_by(self, moved: Moment) -> bool:
        return (self.unit, self.round, self.started_at) == (moved.unit, moved.round, moved.started_at)


def clocks_of(
    moments: Sequence[Moment],
    judged: Judged,
    procedure: Procedure,
    calendar: Calendar,
    later: Mapping[str, Calendar] = MappingProxyType({}),
) -> tuple[Clock, ...]:
    """Every clock of a complaint, in the order of the procedure's table, then as they started.

    `calendar` is the one pinned at receipt; `later` holds, by version, those that deadlines were moved to.
    """
    clocks: list[Clock] = []
    happened = {moment.name for moment in moments}
    severities = {moment.subject for moment in moments if moment.name == "SeverityKnown"}
    for rule in procedure.clocks:
        if rule.starts.isdisjoint(happened) or (rule.severities is not None and severities.isdisjoint(rule.severities)):
            continue  # it never ran: most rules of a young complaint
        runs = _as_severity_has_it(rule, _as_kind_has_it(rule, _runs(rule, moments), moments), moments)
        clocks.extend(
            _clock(rule, run, judged, calendar if run.calendar_version is None else later[run.calendar_version])
            for run in runs
        )
    return tuple(clocks)


def judgements_due(clocks: Iterable[Clock], judged: Judged, now: datetime) -> list[Judgement]:
    """What has to be recorded by `now`, in the order in which it fell due."""
    due: list[Judgement] = []
    for clock in clocks:
        if clock.state == "cancelled" or clock.rule.window or not clock.of_present_severity:
            continue
        reached = clock.stopped_at if clock.stopped_at is not None else now
        if clock.stopped_at is None and clock.warn_at <= now and not _holds(judged.warned, clock.key, clock.rule):
            due.append(Judgement("warned", clock.warn_at, clock))
        if clock.due_at <= reached:
            if not clock.soft and not _holds(judged.missed, clock.key, clock.rule):
                due.append(Judgement("missed", clock.due_at, clock))
            if clock.soft and clock.stopped_at is None and not _holds(judged.due, clock.key, clock.rule):
                due.append(Judgement("due", clock.due_at, clock))
    return sorted(due, key=lambda judgement: (judgement.at, judgement.clock.name, judgement.clock.unit or ""))


def next_judgement_at(clocks: Iterable[Clock], judged: Judged) -> datetime | None:
    """When the next warning or miss falls due, if nothing else happens."""
    instants: list[datetime] = []
    for clock in clocks:
        if clock.state != "running" or clock.rule.window:
            continue
        if not _holds(judged.warned, clock.key, clock.rule):
            instants.append(clock.warn_at)
        if not _holds(judged.due if clock.soft else judged.missed, clock.key, clock.rule):
            instants.append(clock.due_at)
    return min(instants, default=None)


def next_due_at(clocks: Iterable[Clock]) -> datetime | None:
    """The next hard due time: of the clocks that run, and of those that were missed and still wait to be stopped."""
    return min((clock.due_at for clock in clocks if not clock.soft and is_waiting(clock)), default=None)


def is_waiting(clock: Clock) -> bool:
    """Whether somebody still has to do what the clock asks for."""
    return clock.stopped_at is None and clock.state != "cancelled"


def _runs(rule: ClockRule, moments: Sequence[Moment]) -> list[_Run]:
    runs: list[_Run] = []
    applies = rule.severities is None
    ended = False
    version: str | None = None
    for moment in moments:
        _stop(rule, runs, moment)
        ended = moment.name in ENDINGS or (ended and moment.name != "RoundOpened")
        if moment.name == "SeverityKnown":
            applies = rule.severities is None or moment.subject in rule.severities
        if moment.name == "Extended" and moment.subject == rule.name and applies:
            for run in runs:
                if run.running and (not rule.per_unit or moment.unit in (None, run.unit)):
                    run.until = moment.until
        if moment.name == "DeadlineMoved":
            version = moment.calendar_version
            for run in runs:
                # A clock of another severity has not been due for anybody, so it simply follows the newest version.
                if run.running and (not applies or (moment.subject == rule.name and run.is_meant_by(moment))):
                    run.calendar_version = version
        starts = moment.name in rule.starts or (moment.name == "RoundOpened" and "Received" in rule.starts)
        if starts and not ended:
            unit = moment.unit if rule.per_unit else None
            if rule.once and any(run.round == moment.round and run.unit == unit for run in runs):
                continue
            for run in runs:
                if run.running and run.round == moment.round and run.unit == unit:
                    run.cancel(moment.at)  # asked anew: the former question is void
            runs.append(_Run(unit, moment.round, moment.at, version))
    return runs


def _stop(rule: ClockRule, runs: list[_Run], moment: Moment) -> None:
    running = [run for run in runs if run.running]
    if moment.name in rule.stops:
        for run in running:
            if not rule.per_unit or moment.unit is None or run.unit == moment.unit:
                run.stopped_at = moment.at
    elif moment.name in ENDINGS:
        for run in running:
            run.cancel(moment.at)
    elif moment.name == "UnitReleased" and rule.per_unit and "UnitAsked" in rule.starts:
        for run in running:
            if run.unit == moment.unit:
                run.cancel(moment.at)
    elif moment.name == "RoundOpened" and not rule.outlasts_a_round:
        for run in running:
            run.cancel(moment.at)  # a stage of the former round; overall and CAPA clocks run on


@dataclass(slots=True)
class _Span:
    """A stretch of the history in which the complaint had a severity that the rule is about."""

    round: int
    since: datetime
    until: datetime | None = None

    def covers(self, run: _Run) -> bool:
        """A run of a round that was over before is not judged by a severity that came after."""
        over = run.round < self.round and run.stopped_at is not None and run.stopped_at <= self.since
        return not over and (self.until is None or run.started_at <= self.until)


def _as_kind_has_it(rule: ClockRule, runs: list[_Run], moments: Sequence[Moment]) -> list[_Run]:
    """A clock of some kinds of matter runs from its start in the past once the kind is known, until it is another."""
    if rule.kinds is None:
        return runs
    applies, left_at = False, None
    for moment in moments:
        if moment.name == "KindKnown":
            left_at = moment.at if applies and moment.subject not in rule.kinds else left_at
            applies = moment.subject in rule.kinds
    if applies:
        return runs
    kept = [run for run in runs if left_at is not None and run.started_at <= left_at]
    for run in kept:
        if run.stopped_at is None or (left_at is not None and run.stopped_at > left_at):
            run.cancel(left_at or run.started_at)
    return kept


def _as_severity_has_it(rule: ClockRule, runs: list[_Run], moments: Sequence[Moment]) -> list[_Run]:
    """A clock of some severities exists once the severity is known, and is cancelled when it changes to another."""
    if rule.severities is None:
        return runs
    spans: list[_Span] = []
    applies = False
    for moment in moments:
        if moment.name != "SeverityKnown":
            continue
        if applies and moment.subject not in rule.severities:
            spans[-1].until = moment.at
        elif not applies and moment.subject in rule.severities:
            spans.append(_Span(moment.round, moment.at))
        applies = moment.subject in rule.severities
    kept: list[_Run] = []
    for run in runs:
        covering = [span for span in spans if span.covers(run)]
        if not covering:
            continue
        left_at = covering[-1].until
        run.of_present_severity = left_at is None
        if left_at is not None and (run.stopped_at is None or run.stopped_at > left_at):
            run.cancel(left_at)
        kept.append(run)
    return kept


def _clock(rule: ClockRule, run: _Run, judged: Judged, calendar: Calendar) -> Clock:
    due_at = run.until or deadline(rule.limit, run.started_at, calendar)
    key: Key = (rule.name, run.unit, run.round, run.started_at, due_at)
    state: State = "running"
    if _holds(judged.missed, key, rule):
        state = "missed"
    elif run.cancelled:
        state = "cancelled"
    elif run.stopped_at is not None:
        state = "met" if rule.soft or rule.window or run.stopped_at < due_at else "missed"
    return Clock(
        name=rule.name,
        unit=run.unit,
        round=run.round,
        started_at=run.started_at,
        warn_at=warning(run.started_at, due_at, calendar, rule.limit, rule.warn_at),
        due_at=due_at,
        stopped_at=run.stopped_at,
        state=state,
        soft=rule.soft or rule.window,
        provisional=run.until is None and is_provisional(run.started_at, due_at, calendar, rule.limit),
        rule=rule,
        calendar=calendar,
        of_present_severity=run.of_present_severity,
        extended=run.until is not None,
    )
