"""Events are permanent: every shape in which one was ever stored loads for ever, and means what it meant.

Add rows for new events and new fields to old_rows.json; never change or take away one that is there.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.call.events import CALL_EVENTS, SEAT_EVENTS
from domain.complaint.events import EVENTS
from domain.incident.events import INCIDENT_EVENTS
from eventlog.codec import EventCodec
from eventlog.log import Recorded
from eventlog.sealing import CannotUnseal, DataKey
from tests.http.desk import MASTER

FILE = json.loads((Path(__file__).parent / "old_rows.json").read_text(encoding="utf-8"))
KEY = DataKey(UUID(int=9), bytes.fromhex(FILE["key"]))


def recorded(row: dict[str, Any], stream: str = FILE["stream"]) -> Recorded:
    state = json.dumps(row["state"]).encode()
    return Recorded(1, UUID(stream), 1, row["topic"], state, "agent-1", datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize("row", FILE["rows"], ids=lambda row: f"{row['topic']} {row['since']}")
def test_a_row_of_an_older_version_loads_and_means_what_it_meant(row: dict[str, Any]) -> None:
    event = EventCodec(MASTER).event(recorded(row), KEY)

    assert event.TOPIC == row["topic"]
    loaded = json.loads(msgspec.json.encode({name: getattr(event, name) for name in row["means"]}))
    assert loaded == row["means"]


def test_there_is_an_old_row_of_every_event() -> None:
    kinds = (EVENTS, INCIDENT_EVENTS, CALL_EVENTS, SEAT_EVENTS)
    topics = {event.TOPIC for events in kinds for event in events}
    assert {row["topic"] for row in FILE["rows"]} >= topics


def test_a_sealed_field_does_not_open_in_another_stream_or_another_field() -> None:
    codec = EventCodec(MASTER)
    row = next(row for row in FILE["rows"] if row["topic"] == "complaint.OpinionDisputed")
    with pytest.raises(CannotUnseal):
        codec.event(recorded(row, "00000000-0000-4000-8000-000000000002"), KEY)
    state = {**row["state"], "reason": row["state"]["proposal"], "proposal": row["state"]["reason"]}
    with pytest.raises(CannotUnseal):
        codec.event(recorded({**row, "state": state}), KEY)


def test_without_the_key_the_rules_facts_remain_and_the_texts_are_empty() -> None:
    row = next(row for row in FILE["rows"] if row["topic"] == "complaint.OpinionDisputed")
    event: Any = EventCodec(MASTER).event(recorded(row), None)
    assert (event.unit, event.revision, event.reason) == ("unit", 1, "")
