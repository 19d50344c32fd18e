"""Clocks: a pure function of what happened and of the pinned versions of procedure and calendar.

`clocks_of` gives every clock a complaint has ever had, and works out anew only those that something new may change;
`judgements_due` gives the warnings and misses that are due by a moment and not yet in the history. The same events give
the same clocks on every replay. A clock follows the version of the calendar that was in force for the complaint when it
started, until an event moves it to another.

A clock that is paused is neither warned of nor missed. Its pause ends with an event: by a person, or by itself at the
agreed bound, and then that is a judgement like any other, so what falls due afterwards comes after it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from types import MappingProxyType
from typing import Final, Literal, get_args

from domain.clocks.conditions import with_conditions
from domain.clocks.moments import Moment
from domain.clocks.runs import ENDINGS, PAUSING, Run, changing, runs_of
from domain.limits.calendar import Calendar
from domain.limits.limits import deadline, is_over, is_provisional, warning
from domain.limits.pauses import Pause, later_by, merged
from domain.procedure.procedure import ClockRule, Procedure

ClockState = Literal["running", "met", "missed", "paused", "cancelled"]
Key = tuple[str, str | None, int, datetime, datetime]
KeyOfSeverity = tuple[Key, str | None]
JudgedAs = Literal["warned", "due", "missed"]
ALREADY_DUE: Final[tuple[JudgedAs, ...]] = ("missed", "due")


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
    state: ClockState
    soft: bool
    provisional: bool
    rule: ClockRule
    calendar: Calendar
    of_present_severity: bool = True
    extended: bool = False
    pauses: tuple[Pause, ...] = ()
    started_by: int | None = None  # the version of the complaint whose event started it
    warned_as: tuple[Key, ...] = ()  # as which it was warned of, where that was before a pause moved it
    of_older_rules: bool = False  # it stands in the history as missed, and by the rules of today there is no such clock

    @property
    def paused_until(self) -> datetime | None:
        """When the pause ends by itself, while there is one."""
        return self.pauses[-1].until if self.state == "paused" else None

    @property
    def key(self) -> Key:
        """Which judgement is meant: a clock that was moved is judged anew, against its new due time."""
        return (self.name, self.unit, self.round, self.started_at, self.due_at)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A warning, a miss, a soft clock reaching its due time (`due`), or the end of a pause (`resumed`), and the instant
    at which it is due for recording.
    """

    kind: Literal["warned", "due", "missed", "resumed"]
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
    retracted: frozenset[Key] = frozenset()  # misses that were taken back, and not judged anew

    @cached_property
    def severities(self) -> Mapping[JudgedAs, Mapping[Key, Collection[str | None]]]:
        """Of each sort of judgement, which severities the complaint had when a clock was judged."""
        found: dict[JudgedAs, dict[Key, list[str | None]]] = {"warned": {}, "due": {}, "missed": {}}
        of_sort: dict[JudgedAs, frozenset[KeyOfSeverity]] = {
            "warned": self.warned, "due": self.due, "missed": self.missed
        }  # fmt: skip
        for sort, judged in of_sort.items():
            for key, severity in judged:
                found[sort].setdefault(key, []).append(severity)
        return found


def _holds(sort: JudgedAs, judged: Judged, key: Key, rule: ClockRule) -> bool:
    severities = judged.severities[sort].get(key)
    if severities is None:
        return False
    return rule.severities is None or any(severity in rule.severities for severity in severities)


def _is_warned_of(clock: Clock, judged: Judged) -> bool:
    return any(_holds("warned", judged, key, clock.rule) for key in (clock.key, *clock.warned_as))


def has_come_due(clock: Clock, judged: Judged) -> bool:
    """Whether the history says that the clock reached its due time; that judgement stays, so nothing moves it."""
    return any(_holds(sort, judged, clock.key, clock.rule) for sort in ALREADY_DUE)


def rule_judged(clocks: Iterable[Clock], judged: Judged, key: Key) -> ClockRule | None:
    """The rule of the clock that a warning or miss in the history is about, also where several rules share its name.

    A clock that was moved or paused since is known by its name alone. None where no clock has this name.
    """

    def likeness(clock: Clock) -> tuple[bool, bool]:
        held = any(_holds(sort, judged, key, clock.rule) for sort in get_args(JudgedAs))
        return key in (clock.key, *clock.warned_as), held

    named = [clock for clock in clocks if clock.name == key[0]]
    return max(named, key=likeness).rule if named else None


@dataclass(frozen=True, slots=True)
class ClocksSoFar:
    """Every clock of a complaint, in the order of the procedure's table, then as they started.

    `by_rule` are those of each rule of the table, and `moments` is how many they go by, with conditions: what comes
    later changes few of them.
    """

    clocks: tuple[Clock, ...]
    by_rule: tuple[tuple[Clock, ...], ...]
    moments: int


def clocks_of(
    moments: Sequence[Moment],
    judged: Judged,
    procedure: Procedure,
    calendar: Calendar,
    later: Mapping[str, Calendar] = MappingProxyType({}),
    before: ClocksSoFar | None = None,
) -> ClocksSoFar:
    """Every clock of a complaint.

    `calendar` is the one pinned at receipt; `later` holds, by version, those that deadlines were moved to. `before`:
    those of fewer of the same moments, with the same misses, rules and calendars.
    """

    def calendar_of(run: Run) -> Calendar:
        return calendar if run.calendar_version is None else later[run.calendar_version]

    by_rule: list[tuple[Clock, ...]] = []
    moments = with_conditions(moments, procedure)
    new = {moment.name for moment in moments[0 if before is None else before.moments :]}
    happened = {moment.name for moment in moments}
    pausing = not happened.isdisjoint(PAUSING)
    severities = {moment.subject for moment in moments if moment.name == "SeverityKnown"}
    is_anonymous = any(moment.name == "Received" and moment.subject == "anonymous" for moment in moments)
    for place, rule in enumerate(procedure.clocks):
        if before is not None and changing(rule).isdisjoint(new):
            by_rule.append(before.by_rule[place])
            continue
        if is_anonymous and rule.is_for_word_to_customer:
            by_rule.append(())  # owed to nobody
            continue
        if rule.starts.isdisjoint(happened) or (rule.severities is not None and severities.isdisjoint(rule.severities)):
            by_rule.append(())  # it never ran: most rules of a young complaint
            continue
        runs = runs_of(rule, moments, partial(_due_at, rule, calendar_of), pausing=pausing)
        by_rule.append(tuple([_clock(rule, run, judged, calendar_of(run)) for run in runs]))
    clocks = [clock for of_rule in by_rule for clock in of_rule]
    if judged.missed:
        clocks.extend(_missed_by_older_rules(clocks, moments, judged, procedure, calendar))
    return ClocksSoFar(tuple(clocks), tuple(by_rule), len(moments))


def _missed_by_older_rules(
    clocks: Iterable[Clock], moments: Sequence[Moment], judged: Judged, procedure: Procedure, calendar: Calendar
) -> Iterator[Clock]:
    """What was recorded as missed stays so, where clocks run otherwise by now: its clock ends as the rule says."""
    known = {clock.key[:4] for clock in clocks}
    for key in dict.fromkeys(key for key, _ in sorted(judged.missed, key=_when_due) if key[:4] not in known):
        named = (rule for rule in procedure.clocks if rule.name == key[0] and _holds("missed", judged, key, rule))
        rule = next(named, None)
        if rule is not None:
            name, unit, round, started_at, due_at = key
            stopped_at = next((one.at for one in moments if _ends(rule, unit, round, started_at, one)), None)
            yield Clock(
                name, unit, round, started_at, due_at, due_at, stopped_at, "missed", soft=False, provisional=False,
                rule=rule, calendar=calendar, of_older_rules=True,
            )  # fmt: skip


def _when_due(missed: KeyOfSeverity) -> tuple[datetime, str]:
    return missed[0][4], str(missed)


def _ends(rule: ClockRule, unit: str | None, round: int, started_at: datetime, moment: Moment) -> bool:
    """Whether a moment ends what was missed: what the rule waits for, the end of the case, or that of its round."""
    is_its_own = moment.name in rule.stops and moment.unit in (None, unit)
    is_over = moment.name in ENDINGS or moment.round > round
    return moment.at > started_at and (is_its_own or is_over)


def _due_at(rule: ClockRule, calendar_of: Callable[[Run], Calendar], run: Run) -> datetime:
    """When a run is due by what is known of it so far."""
    return _times(rule, run, calendar_of(run))[0]


def judgements_due(clocks: Iterable[Clock], judged: Judged, now: datetime) -> list[Judgement]:
    """What has to be recorded by `now`, in the order in which it fell due."""
    due: list[Judgement] = []
    over: dict[datetime, Clock] = {}
    for clock in clocks:
        if clock.state == "paused":
            if clock.pauses[-1].until <= now:
                over.setdefault(clock.pauses[-1].until, clock)
            continue
        if clock.state == "cancelled" or clock.rule.window or not clock.of_present_severity or clock.of_older_rules:
            continue
        reached = clock.stopped_at if clock.stopped_at is not None else now
        if clock.stopped_at is None and clock.warn_at <= now and not _is_warned_of(clock, judged):
            due.append(Judgement("warned", clock.warn_at, clock))
        if is_over(clock.due_at, reached):
            taken_back = clock.stopped_at is not None and clock.key in judged.retracted
            if not clock.soft and not taken_back and not _holds("missed", judged, clock.key, clock.rule):
                due.append(Judgement("missed", clock.due_at, clock))
            if clock.soft and clock.stopped_at is None and not _holds("due", judged, clock.key, clock.rule):
                due.append(Judgement("due", clock.due_at, clock))
    if over:
        # What a clock that goes on now has due afterwards is not known yet: nothing later may come before it.
        first = min(over)
        due = [*(judgement for judgement in due if judgement.at <= first), Judgement("resumed", first, over[first])]
    return sorted(due, key=lambda judgement: (judgement.at, judgement.clock.name, judgement.clock.unit or ""))


def next_judgement_at(clocks: Iterable[Clock], judged: Judged) -> datetime | None:
    """When the next warning or miss falls due or a pause ends by itself, if nothing else happens."""
    instants: list[datetime] = []
    for clock in clocks:
        if clock.state == "paused":
            instants.append(clock.pauses[-1].until)
            continue
        if clock.state != "running" or clock.rule.window:
            continue
        if not _is_warned_of(clock, judged):
            instants.append(clock.warn_at)
        if not _holds("due" if clock.soft else "missed", judged, clock.key, clock.rule):
            instants.append(clock.due_at)
    return min(instants, default=None)


def next_due_at(clocks: Iterable[Clock]) -> datetime | None:
    """The next hard due time: of the clocks that run, and of those that were missed and still wait to be stopped."""
    return min((clock.due_at for clock in clocks if not clock.soft and is_waiting(clock)), default=None)


def is_waiting(clock: Clock) -> bool:
    """Whether somebody still has to do what the clock asks for."""
    return clock.stopped_at is None and clock.state != "cancelled"


def _clock(rule: ClockRule, run: Run, judged: Judged, calendar: Calendar) -> Clock:
    due_at, warn_at, provisional, pauses, warned_as = _times(rule, run, calendar)
    key: Key = (rule.name, run.unit, run.round, run.started_at, due_at)
    state: ClockState = "running"
    if run.is_void_by(due_at):
        state = "cancelled"  # a miss that is known by the same key is of another of its unit's runs
    elif _holds("missed", judged, key, rule):
        state = "missed"
    elif run.cancelled:
        state = "cancelled"
    elif run.stopped_at is not None:
        in_time = not is_over(due_at, run.stopped_at) or key in judged.retracted
        state = "met" if rule.soft or rule.window or in_time else "missed"
    elif run.is_paused and pauses and pauses[-1] is run.pauses[-1]:
        state = "paused"
    return Clock(
        name=rule.name,
        unit=run.unit,
        round=run.round,
        started_at=run.started_at,
        warn_at=warn_at,
        due_at=due_at,
        stopped_at=run.stopped_at,
        state=state,
        soft=rule.soft or rule.window,
        provisional=provisional,
        rule=rule,
        calendar=calendar,
        of_present_severity=run.of_present_severity,
        extended=run.until is not None,
        pauses=pauses,
        warned_as=warned_as,
        started_by=run.started_by.version,
    )


def _times(
    rule: ClockRule, run: Run, calendar: Calendar
) -> tuple[datetime, datetime, bool, tuple[Pause, ...], tuple[Key, ...]]:
    """Due and warning time, whether the due time may still move, the pauses, and the keys of before them."""
    if run.pauses:
        due_at, warn_at, pauses, warned_as = _paused(rule, run, calendar)
        return due_at, warn_at, _is_provisional(rule, run, due_at, calendar), pauses, warned_as
    asked = (rule.limit, rule.warn_at, run.started_at, run.until)
    return *calendar.kept(asked, lambda: _unpaused(rule, run, calendar)), (), ()


def _unpaused(rule: ClockRule, run: Run, calendar: Calendar) -> tuple[datetime, datetime, bool]:
    """Due and warning time of a clock that was never paused, and whether the due time may still move."""
    due_at, warn_at = _due_and_warning(rule, run, calendar, 0)
    return due_at, warn_at, _is_provisional(rule, run, due_at, calendar)


def _is_provisional(rule: ClockRule, run: Run, due_at: datetime, calendar: Calendar) -> bool:
    return run.until is None and is_provisional(run.started_at, due_at, calendar, rule.limit)


def _paused(
    rule: ClockRule, run: Run, calendar: Calendar
) -> tuple[datetime, datetime, tuple[Pause, ...], tuple[Key, ...]]:
    """Due and warning time of a clock that was paused, the pauses it really had, and its keys of before them.

    A pause that began when the clock was due already is none. A warning that was due before a pause is not due again
    after it; one that was not comes after it, whatever share of the time has passed by then.
    """
    due_at, warn_at = _due_and_warning(rule, run, calendar, 0)
    before: list[tuple[datetime, datetime]] = []  # when each pause began, and when the clock was due without it
    number = 0
    while number < len(run.pauses) and (since := run.pauses[number].from_) < due_at:
        number += 1
        while number < len(run.pauses) and run.pauses[number].from_ <= run.pauses[number - 1].until:
            number += 1  # paused again as it was resumed: one pause
        until = run.pauses[number - 1].until
        before.append((since, due_at))
        due_at, later = _due_and_warning(rule, run, calendar, number)
        if warn_at > since or later > until:
            warn_at = max(later, until)
    keys = tuple((rule.name, run.unit, run.round, run.started_at, due) for since, due in before if warn_at <= since)
    return due_at, warn_at, run.pauses[:number], keys


def _due_and_warning(rule: ClockRule, run: Run, calendar: Calendar, number: int) -> tuple[datetime, datetime]:
    """As they are with the first `number` pauses."""
    pauses = run.pauses[:number]
    if run.until is None:
        due_at = deadline(rule.limit, run.started_at, calendar, pauses)
    else:
        due_at = later_by(run.until, merged(pauses[run.pauses_before_extension :]))
    return due_at, warning(run.started_at, due_at, calendar, rule.limit, rule.warn_at, pauses)
