"""The words of given-when-then themselves: what they must not let pass."""

import pytest

from domain.complaint import commands as c
from domain.complaint import events
from domain.errors import NotYetClassified
from tests.facts import (
    BY_POLICY,
    MANAGER,
    Fact,
    acting,
    classified,
    drafted,
    happened,
    missed,
    on,
    person,
    received,
)
from tests.spec import Outcome, given

AN_HOUR_LATER = on("2026-03-02", "10:00")
NOTED = given(received()).when(c.AddNote("x"), by=MANAGER, at=AN_HOUR_LATER)
NOTE = happened(events.NoteAdded)


@pytest.mark.parametrize("fact", [NOTE, NOTE.by(MANAGER), NOTE.at(AN_HOUR_LATER), NOTE.by(acting(MANAGER))])
def test_a_fact_is_expected_from_whoever_gave_the_command_when_they_gave_it(fact: Fact) -> None:
    NOTED.then(fact)


@pytest.mark.parametrize(
    "fact",
    [
        NOTE.by(person("agent-1", "agent")),
        NOTE.by(person("manager-2", "manager")),
        NOTE.by(person("manager-1", "agent")),
        NOTE.by(person("manager-1", "manager", unit="trading")),
        NOTE.by(BY_POLICY),
        NOTE.at(received().time),
        happened(events.NoteAdded, text="y"),
        happened(events.Reminded),
    ],
)
def test_another_signature_moment_field_or_event_is_noticed(fact: Fact) -> None:
    with pytest.raises(AssertionError):
        NOTED.then(fact)


def test_what_was_triggered_before_a_refusal_is_noticed_unless_a_clock_was_judged() -> None:
    def refused_after(fact: Fact) -> Outcome:
        return Outcome(given(received()).complaint, (fact.event(2),), NotYetClassified(), MANAGER, AN_HOUR_LATER)

    judged = missed("record-out", started_at=AN_HOUR_LATER, due_at=AN_HOUR_LATER)
    refused_after(judged).then_refused(NotYetClassified)
    with pytest.raises(AssertionError):
        refused_after(drafted()).then_refused(NotYetClassified)


def test_who_has_several_roles_acts_in_one_that_is_named() -> None:
    both = person("agent-1", "agent", "manager")
    assert classified().by(both, "manager").actor.role == "manager"
    with pytest.raises(ValueError, match="too many values"):
        classified().by(both)
