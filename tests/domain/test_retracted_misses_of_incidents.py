"""A miss of an incident's clock that a machine judged by a wrong time is taken back, and a real one never is."""

from __future__ import annotations

from typing import Final

import pytest

from domain.incident import commands as c
from domain.incident import errors as refusals
from domain.incident import events
from domain.incident.incident import Incident
from domain.incident.steps import allowed_incident_steps
from domain.notices.incidents import notices_of
from domain.values import Actor
from tests.domain.test_incident import happened_to, judged, opened, when

MANAGER: Final = Actor("he-ping", frozenset({"manager"}))
EIGHT_HOURS: Final = 8 * 60


def judged_early() -> tuple[Incident, str]:
    """An incident of nine o'clock, judged by a clock that was eight hours ahead, and a clock that was missed so."""
    incident = opened()
    missed = [clock for name, clock, _ in judged(incident, EIGHT_HOURS) if name == "DeadlineMissed"]
    return incident, missed[0]


def state_of(incident: Incident, name: str) -> str:
    return next(clock.state for clock in incident.clocks if clock.name == name)


def test_a_miss_before_its_time_is_taken_back_and_those_who_were_told_hear_of_it() -> None:
    incident, clock = judged_early()
    assert state_of(incident, clock) == "missed"
    assert when(incident, c.RetractIncidentMiss(clock, "时钟快了八小时"), MANAGER) == ["DeadlineMissRetracted"]
    event = happened_to(incident)[-1]
    assert isinstance(event, events.DeadlineMissRetracted)
    assert event.told
    assert [notice.to.code for notice in notices_of(event, incident)] == list(event.told)
    assert state_of(incident, clock) == "running"
    assert when(incident, c.RetractIncidentMiss(clock, "时钟快了八小时"), MANAGER) == []
    assert "retract-miss" in allowed_incident_steps(incident, MANAGER)  # of another clock that was missed so


def test_whoever_was_late_stays_late() -> None:
    incident, clock = judged_early()
    with pytest.raises(refusals.IncidentClockReallyMissed):
        when(incident, c.RetractIncidentMiss(clock, "时钟快了八小时"), MANAGER, at=EIGHT_HOURS)
    with pytest.raises(refusals.NoSuchIncidentMiss):
        when(incident, c.RetractIncidentMiss("no-such-clock", "时钟快了八小时"), MANAGER)
    assert "retract-miss" not in allowed_incident_steps(incident, MANAGER)  # by all that was recorded so far


def test_what_really_passes_afterwards_is_missed() -> None:
    incident, clock = judged_early()
    when(incident, c.RetractIncidentMiss(clock, "时钟快了八小时"), MANAGER)
    before = len(happened_to(incident))
    judged(incident, EIGHT_HOURS)
    again = [type(event).__name__ for event in happened_to(incident)[before:] if getattr(event, "clock", "") == clock]
    assert again[-1] == "DeadlineMissed"
    assert state_of(incident, clock) == "missed"
