"""时限: every warning and miss is recorded once; people extend clocks, and a new calendar moves them.

电子监察: who misses a supervised clock gets a card.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain import errors
from domain.cause import Cause
from domain.clocks.clock import Clock, Judgement, Key, judgements_due
from domain.clocks.moments import Moment
from domain.complaint import commands, events
from domain.complaint.bounds import may_still_be_extended, must_be_within_bounds
from domain.complaint.complaint import Complaint
from domain.complaint.escalation import told_of_confidential
from domain.complaint.owers import units_owing
from domain.complaint.state import Miss
from domain.complaint.units import unit_spoken_for
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from domain.request import CALENDAR, CLOCK, Request
from domain.titles import titles_of
from domain.values import ActedBy, Actor

LONGEST_EXTENSION: Final = timedelta(days=366)


def extend(complaint: Complaint, command: commands.ExtendDeadline, by: ActedBy, request: Request) -> None:
    procedure = complaint.procedure
    rule = procedure.clock_named(command.clock)
    if rule is None:
        raise errors.UnknownClock("/clock", known=complaint.clock_titles)
    mine = _extendable(procedure, by)
    if command.clock not in mine:
        raise errors.NotYourClock(clocks=titles_of(mine, complaint.clock_titles))
    unit = unit_spoken_for(command.unit, by) if rule.per_unit else None
    named = [clock for clock in complaint.clocks if clock.name == command.clock]
    moved = [clock for clock in named if clock.state == "running" and unit in (None, clock.unit)]
    if not moved:
        is_paused = any(clock.state == "paused" for clock in named)
        raise errors.ClockIsPaused if is_paused else errors.ClockNotRunning
    before = max(clock.due_at for clock in moved)
    if command.until.tzinfo is None:
        raise errors.AbsurdTime("/until", without_offset=True)
    if not before < command.until <= before + LONGEST_EXTENSION:
        raise errors.NotLater("/until")
    _must_be_prepared(complaint, moved)
    must_be_within_bounds(complaint, moved, command.until)
    complaint.trigger(
        events.Extended, by, request.at,
        clock=command.clock, unit=unit, until=command.until.astimezone(UTC), before=before, reason=command.reason,
    )  # fmt: skip


def may_extend(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Whether a clock can be extended now by somebody who takes the step so."""
    extendable = _extendable(complaint.procedure, by)
    return any(
        clock.state == "running"
        and (by.role != "unit" or clock.unit == by.unit or not clock.rule.per_unit)
        and clock.name in extendable
        and _has_new_interim_measure(complaint, clock)
        and _has_new_update(complaint, clock)
        and may_still_be_extended(complaint, clock)
        for clock in complaint.clocks
    )


def _extendable(procedure: Procedure, by: ActedBy) -> tuple[str, ...]:
    """The clocks that somebody may extend: those the file names for the role; else a unit its own, others all."""
    named = procedure.extendable.get(by.role)
    if named is not None:
        return named
    rules = (rule for rule in procedure.clocks if by.role != "unit" or rule.per_unit)
    return tuple(dict.fromkeys(rule.name for rule in rules))


def _must_be_prepared(complaint: Complaint, clocks: Iterable[Clock]) -> None:
    for clock in clocks:
        if not _has_new_interim_measure(complaint, clock):
            raise errors.InterimMeasureMissing(anew=True)
        if not _has_new_update(complaint, clock):
            raise errors.CustomerNotTold


def _has_new_interim_measure(complaint: Complaint, clock: Clock) -> bool:
    """Whether an interim measure was reported since this clock was last moved in this round, where one is due.

    That of one unit counts for its own clocks, and for those of the whole case; so does its word to the customer.
    """
    now = complaint.this_round
    return not complaint.procedure.interim_measure_before_extension or (
        now.interim_measures_of(clock.unit) > now.measures_before.get((clock.name, clock.unit), 0)
    )


def _has_new_update(complaint: Complaint, clock: Clock) -> bool:
    """Whether the customer heard anything since this clock was last moved in this round; an anonymous one cannot."""
    now = complaint.this_round
    needed = complaint.procedure.word_before_extension and not complaint.anonymous
    return not needed or now.customer_updates_of(clock.unit) > now.updates_before.get((clock.name, clock.unit), 0)


def extended(complaint: Complaint, event: events.Extended) -> None:
    now = complaint.this_round
    moved = [None, *(unit.unit for unit in now.units)] if event.unit is None else [event.unit]
    now.measures_before |= {(event.clock, unit): now.interim_measures_of(unit) for unit in moved}
    now.updates_before |= {(event.clock, unit): now.customer_updates_of(unit) for unit in moved}
    complaint.add_moment("Extended", event, unit=event.unit, subject=event.clock, until=event.until)


def judge_clocks(complaint: Complaint, at: datetime, *, until: datetime | None = None) -> None:
    """Record every warning and miss due by `at`, once each, in the order in which they fell due.

    With `until` only those due by that earlier instant, so that another complaint's may come in between.
    """
    limit = at if until is None else min(at, until)
    while due := judgements_due(complaint.clocks, complaint.judged, limit):
        for judgement in due:
            _record(complaint, judgement, at)


def _record(complaint: Complaint, judgement: Judgement, at: datetime) -> None:
    if complaint.origin is not None:  # judged as of then: when it was due, or as soon as that could be known
        at = max(judgement.at, complaint.modified_on)
    if judgement.kind == "resumed":
        over = {clock.name: None for clock in complaint.clocks if clock.paused_until == judgement.at}
        complaint.trigger(events.ClocksResumed, CLOCK, at, clocks=tuple(over), until=judgement.at)
        return
    clock = judgement.clock
    facts: dict[str, Any] = {
        "clock": clock.name, "unit": clock.unit, "round": clock.round,
        "started_at": clock.started_at, "due_at": clock.due_at,
    }  # fmt: skip
    if judgement.kind == "missed":
        told, owed_by = _told_at_miss(complaint, clock), units_owing(complaint, clock)
        complaint.trigger(events.DeadlineMissed, CLOCK, at, told=told, owed_by=owed_by, **facts)
        _card(complaint, clock, at)
    else:
        told = _of_the_circle(complaint, clock.rule.tell_at_warning)
        complaint.trigger(events.DeadlineWarned, CLOCK, at, due=judgement.kind == "due", told=told, **facts)


def _told_at_miss(complaint: Complaint, clock: Clock) -> tuple[str, ...]:
    """Those told at every miss, and from the second miss of the same name on those above them too."""
    rule = clock.rule
    again = rule.tell_at_second_miss and any(key[0] == rule.name for key, _ in complaint.missed)
    told = tuple(dict.fromkeys((*rule.tell_at_miss, *rule.tell_at_second_miss))) if again else rule.tell_at_miss
    return _of_the_circle(complaint, told)


def _of_the_circle(complaint: Complaint, told: tuple[str, ...]) -> tuple[str, ...]:
    """举报保密: nobody outside it hears; where nobody of it is named, those hear who heard that it came.

    Of what another system let pass nobody was told.
    """
    if complaint.origin is not None:
        return ()
    circle = complaint.circle
    if circle is None or not told:
        return told
    inside = tuple(role for role in told if role in circle)
    return inside or tuple(told_of_confidential(complaint.procedure, complaint.kind))


def _card(complaint: Complaint, clock: Clock, at: datetime) -> None:
    """电子监察: a unit's first breach of a supervised clock is a yellow card, every later one in this case a red.

    It goes to those who owed it, so to nobody where no unit had the case.
    """
    if clock.name not in complaint.procedure.carded_clocks:
        return
    for unit in units_owing(complaint, clock):
        card = "red" if complaint.cards_of.get(unit) or complaint.cards_of.get(None) else "yellow"
        cause, rule = Cause.of("missed", subject=clock.name), complaint.procedure.place_of(clock.rule)
        complaint.trigger(events.Supervised, CLOCK, at, card=card, cause=cause, unit=unit, rule=rule)


def deadline_warned(complaint: Complaint, event: events.DeadlineWarned) -> None:
    (complaint.due if event.due else complaint.warned).add((_key(event), complaint.severity))


def deadline_missed(complaint: Complaint, event: events.DeadlineMissed) -> None:
    complaint.missed.add((_key(event), complaint.severity))
    complaint.retracted.discard(_key(event))
    complaint.misses.pop(_key(event), None)  # the newest stands last
    complaint.misses[_key(event)] = Miss(event.told, event.owed_by)
    complaint.take(
        Moment(
            "BeatMissed", event.timestamp, event.round, event.unit, event.clock, event.due_at,
            started_at=event.started_at, version=event.originator_version,
        )
    )  # fmt: skip


def _key(event: events.DeadlineWarned | events.DeadlineMissed) -> Key:
    return (event.clock, event.unit, event.round, event.started_at, event.due_at)


def move_deadlines(complaint: Complaint, command: commands.MoveDeadlines, calendar: Calendar, at: datetime) -> None:
    """Let the clocks that still run follow another version of the calendar, whether that is sooner or later.

    What fell due before is judged first, as it was; what the move makes overdue is judged at once. Nothing happens
    where nothing moves.
    """
    if not complaint.moves_under(calendar):
        return
    judge_clocks(complaint, at)
    moves = complaint.moves_under(calendar)
    complaint.governed_by(complaint.procedure, complaint.calendar, {**complaint.moved_to, calendar.version: calendar})
    for move in moves:
        complaint.trigger(
            events.DeadlineMoved, CALENDAR, at,
            clock=move.clock.name, unit=move.clock.unit, round=move.clock.round, started_at=move.clock.started_at,
            before=move.clock.due_at, after=move.after, calendar_version=calendar.version, **vars(command),
        )  # fmt: skip
    judge_clocks(complaint, at)


def deadline_moved(complaint: Complaint, event: events.DeadlineMoved) -> None:
    if event.calendar_version not in complaint.later_calendars[-1:]:
        complaint.later_calendars.append(event.calendar_version)
    complaint.take(
        Moment(
            "DeadlineMoved", event.timestamp, event.round, event.unit, event.clock,
            started_at=event.started_at, calendar_version=event.calendar_version,
        )
    )  # fmt: skip
