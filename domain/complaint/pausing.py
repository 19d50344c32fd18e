"""暂停计时: clocks stand still while nobody can go on, for a reason and up to a bound, and run on by themselves then.

What is due by now is judged before a clock is paused, so a clock that was missed is not paused any more.
"""

from datetime import UTC, datetime

from domain import errors
from domain.clocks.clock import Clock, ClockState
from domain.complaint import commands, events
from domain.complaint.bounds import latest_end_of_pause, may_still_be_paused, must_have_pauses_left
from domain.complaint.complaint import Complaint
from domain.complaint.units import unit_spoken_for
from domain.request import Request
from domain.values import ActedBy, Actor


def pause(complaint: Complaint, command: commands.PauseClocks, by: ActedBy, request: Request) -> None:
    unit, meant = _meant(complaint, command.clock, command.unit, by)
    running = [clock for clock in meant if clock.state == "running" and request.at < clock.due_at]
    if not running:
        paused = any(clock.state == "paused" for clock in meant)
        raise errors.ClockIsPaused if paused else errors.ClockNotRunning
    must_have_pauses_left(complaint, running)
    until = _bound(complaint, running, command.until, request.at)
    complaint.trigger(
        events.ClocksPaused, by, request.at,
        until=until, reason=command.reason, clocks=_names(running), clock=command.clock, unit=unit,
    )  # fmt: skip


def resume(complaint: Complaint, command: commands.ResumeClocks, by: ActedBy, request: Request) -> None:
    unit, meant = _meant(complaint, command.clock, command.unit, by)
    paused = [clock for clock in meant if clock.state == "paused"]
    if not paused:
        raise errors.ClockNotPaused
    complaint.trigger(
        events.ClocksResumed, by, request.at,
        clocks=_names(paused), clock=command.clock, unit=unit, reason=command.reason,
    )  # fmt: skip


def may_pause(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return any(may_still_be_paused(complaint, clock) for clock in _there("running", complaint, by))


def may_resume(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(_there("paused", complaint, by))


def _there(state: ClockState, complaint: Complaint, by: ActedBy) -> list[Clock]:
    """The clocks in this state that are there for somebody who takes the step so."""
    return [
        clock for clock in complaint.clocks
        if clock.state == state and (by.role != "unit" or clock.unit in (None, by.unit))
    ]  # fmt: skip


def clocks_paused(complaint: Complaint, event: events.ClocksPaused) -> None:
    complaint.pause_reasons[event.originator_version] = event.reason
    complaint.add_moment("ClocksPaused", event, unit=event.unit, subject=event.clock, until=event.until)


def clocks_resumed(complaint: Complaint, event: events.ClocksResumed) -> None:
    complaint.add_moment("ClocksResumed", event, unit=event.unit, subject=event.clock, until=event.until)


def _bound(complaint: Complaint, clocks: list[Clock], until: datetime, now: datetime) -> datetime:
    """When the pause ends by itself; UTC."""
    if until.tzinfo is None:
        raise errors.AbsurdTime("/until", without_offset=True)
    if until <= now:
        raise errors.PauseEndsInThePast("/until")
    calendar = complaint.moved_to.get(complaint.present_calendar_version, complaint.calendar)
    latest = latest_end_of_pause(complaint, clocks, now, calendar)
    if until > latest:
        raise errors.PauseTooLong("/until", longest=complaint.procedure.longest_pause, latest=latest)
    return until.astimezone(UTC)


def _meant(complaint: Complaint, name: str | None, unit: str | None, by: ActedBy) -> tuple[str | None, list[Clock]]:
    """The unit spoken for, where it matters, and the clocks that are meant."""
    rule = None if name is None else complaint.procedure.clock_named(name)
    if name is not None and rule is None:
        raise errors.UnknownClock("/clock", known=complaint.clock_titles)
    unit = unit_spoken_for(unit, by) if rule is None or rule.per_unit else None
    return unit, [
        clock for clock in complaint.clocks
        if name in (None, clock.name) and (not clock.rule.per_unit or unit in (None, clock.unit))
    ]  # fmt: skip


def _names(clocks: list[Clock]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clock.name for clock in clocks))
