"""撤销超时: a miss that was judged wrongly is taken back; the clock is judged again by what happened.

A clock is missed when its time passes by the deployment's clock. Where a machine's clock was wrong, a miss may stand in
the history though that time has not come yet, or though the clock was stopped before it. Such a miss may be retracted,
and no other: whoever was late stays late.
"""

from datetime import datetime

from domain import errors
from domain.clocks.clock import Clock, Key
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.limits.limits import is_over
from domain.request import Request
from domain.values import ActedBy, Actor


def retract_miss(complaint: Complaint, command: commands.RetractMiss, by: ActedBy, request: Request) -> None:
    """Takes back every miss that is meant, or none. Raises `UnknownClock`, `NoSuchMiss`, `ReallyMissed`."""
    if complaint.procedure.clock_named(command.clock) is None:
        raise errors.UnknownClock("/clock", known=complaint.clock_titles)
    meant = [key for key in complaint.misses if _is_meant(key, command)]
    if not meant:
        if any(_is_meant(key, command) for key in complaint.retracted):
            return
        raise errors.NoSuchMiss
    clocks = {key: _clock_of(complaint, key) for key in meant}
    if any(_was_late(key, clock, request.at) for key, clock in clocks.items()):
        raise errors.ReallyMissed
    for key, clock in clocks.items():
        _take_back(complaint, key, clock, command.reason, by, request.at)


def take_back_misses(complaint: Complaint, by: ActedBy, at: datetime) -> None:
    """Takes back every miss of a clock that, as is known by now, was stopped before it was due."""
    for key in list(complaint.misses):
        clock = _clock_of(complaint, key)
        if not _was_late(key, clock, at):
            _take_back(complaint, key, clock, "", by, at)


def _take_back(complaint: Complaint, key: Key, clock: Clock | None, reason: str, by: ActedBy, at: datetime) -> None:
    name, unit, round, started_at, due_at = key
    miss = complaint.misses[key]
    complaint.trigger(
        events.DeadlineMissRetracted, by, at,
        clock=name, unit=unit, round=round, started_at=started_at, due_at=due_at, reason=reason,
        told=miss.told, cards=tuple(miss.cards),
        warns_again=clock is not None and clock.stopped_at is None and at < clock.warn_at,
    )  # fmt: skip


def may_retract_miss(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Whether a miss stands in the history that was none, by the time at which something last happened."""
    at = complaint.last_event_at or complaint.received_at
    return any(not _was_late(key, _clock_of(complaint, key), at) for key in complaint.misses)


def deadline_miss_retracted(complaint: Complaint, event: events.DeadlineMissRetracted) -> None:
    key: Key = (event.clock, event.unit, event.round, event.started_at, event.due_at)
    complaint.missed = {one for one in complaint.missed if one[0] != key}
    complaint.misses.pop(key, None)
    complaint.retracted.add(key)
    if event.warns_again:
        complaint.warned = {one for one in complaint.warned if one[0] != key}
    for unit in event.cards:
        complaint.cards_of[unit] = complaint.cards_of.get(unit, 0) - 1


def _is_meant(key: Key, command: commands.RetractMiss) -> bool:
    name, unit, round, _, due_at = key
    return (
        name == command.clock
        and command.unit in (None, unit)
        and command.round in (None, round)
        and command.due_at in (None, due_at)
    )


def _clock_of(complaint: Complaint, key: Key) -> Clock | None:
    """The clock that was judged, also where it is due at another time by now."""
    name, unit, round, started_at, _ = key
    for clock in complaint.clocks:
        if clock.started_at == started_at and clock.name == name and (clock.unit, clock.round) == (unit, round):
            return clock
    return None


def _was_late(key: Key, clock: Clock | None, at: datetime) -> bool:
    due_at = key[4]
    stopped_at = None if clock is None else clock.stopped_at
    return is_over(due_at, at) and (stopped_at is None or is_over(due_at, stopped_at))
