"""The tables of the domain: every event has its fold, and what a row of a step leaves out is left out rightly."""

from dataclasses import MISSING, fields

import pytest

from domain.complaint import complaint as complaints
from domain.complaint.commands import (
    Command,
    MoveDeadlines,
    RaiseSeverity,
    ReceiveComplaint,
    TakeFromCall,
    TakeInEmergency,
)
from domain.complaint.events import EVENTS
from domain.complaint.evolve import BESIDE_THE_STEPS, nothing
from domain.complaint.steps import STEPS, AnyStep
from domain.incident import evolve as incident_evolve
from domain.incident import incident as incidents
from domain.incident.events import INCIDENT_EVENTS
from domain.incident.steps import INCIDENT_STEPS, AnyIncidentStep

OF_EVERY_EVENT = {"originator_id", "originator_version", "timestamp", "actor"}


def test_every_event_has_its_fold() -> None:
    assert set(complaints.FOLDS) == set(EVENTS)
    assert set(incidents.FOLDS) == set(INCIDENT_EVENTS)


def test_an_event_stands_in_one_table_and_in_one_row() -> None:
    assert len({step.event for step in STEPS}) == len(STEPS)
    assert not {step.event for step in STEPS} & set(BESIDE_THE_STEPS)


def test_few_events_change_nothing_but_when_something_last_happened() -> None:
    folds = {event.__name__ for event, fold in complaints.FOLDS.items() if fold is nothing}
    assert folds == {"InvestigatorsSent", "Reminded", "NoteAdded", "Overridden"}
    assert [e.__name__ for e, fold in incidents.FOLDS.items() if fold is incident_evolve.nothing] == ["IncidentNoted"]


def test_every_command_is_a_step_or_takes_one_or_begins_a_complaint_or_is_asked_for_by_the_service_alone() -> None:
    beside = {ReceiveComplaint, RaiseSeverity, MoveDeadlines, TakeInEmergency, TakeFromCall}
    ours = {command for command in Command.__subclasses__() if command.__module__.startswith("domain.")}
    assert {step.command for step in STEPS} | beside == ours


@pytest.mark.parametrize("step", [*STEPS, *INCIDENT_STEPS], ids=lambda step: step.name)
def test_without_a_decision_the_event_says_what_the_command_says(step: AnyStep | AnyIncidentStep) -> None:
    if step.decide is None:
        said = {field.name for field in fields(step.command)}
        asked = {field.name for field in fields(step.event) if field.default is field.default_factory is MISSING}
        assert said <= {field.name for field in fields(step.event)}
        assert asked - OF_EVERY_EVENT <= said
