"""What this version cannot read of a log that a newer one wrote too: one error, which says where it stands."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.complaint.events import Classified, OpinionDisputed, Received
from domain.incident.events import IncidentOpened
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.entries import Recorded
from eventlog.sealing import DataKey
from tests.http.desk import MASTER

STREAM = uuid4()
KEY = DataKey(UUID(int=9), bytes(32))
CLASSIFIED: dict[str, Any] = {
    "actor": {"id": "agent-7", "role": "agent"}, "severity": "general", "category": "service.attitude",
    "timestamp": "2026-03-02T01:00:00Z",
}  # fmt: skip


def recorded(topic: str, state: bytes, version: int = 3) -> Recorded:
    return Recorded(17, STREAM, version, topic, state, "agent-7", datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


def test_the_shape_that_the_other_cases_spoil_is_read() -> None:
    event = EventCodec(MASTER).event(recorded(Classified.TOPIC, json.dumps(CLASSIFIED).encode()), None)
    assert isinstance(event, Classified)
    assert event.severity == "general"


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("complaint.Foretold", b"{}"),
        ("weather.Observed", b"{}"),
        (Classified.TOPIC, b"{}"),
        (Classified.TOPIC, b""),
        (Classified.TOPIC, b"\xff\xfe"),
        (Classified.TOPIC, b'{"severity":"\xff"}'),
        (Classified.TOPIC, b"[1, 2]"),
        (Classified.TOPIC, json.dumps({**CLASSIFIED, "severity": {"level": 3}}).encode()),
        (Classified.TOPIC, json.dumps({name: CLASSIFIED[name] for name in ("actor", "severity")}).encode()),
        (IncidentOpened.TOPIC, b"{}"),
    ],
)
def test_an_event_of_a_newer_version_is_unreadable_and_says_where_it_stands(topic: str, state: bytes) -> None:
    with pytest.raises(UnreadableEvent) as found:
        EventCodec(MASTER).any_event(recorded(topic, state), None)
    error = found.value
    assert (error.position, error.stream, error.version, error.topic) == (17, STREAM, 3, topic)
    assert "17" in str(error)


def test_a_field_that_is_new_is_passed_over() -> None:
    state = json.dumps({**CLASSIFIED, "foretold": True}).encode()
    assert not hasattr(EventCodec(MASTER).event(recorded(Classified.TOPIC, state), None), "foretold")


def test_a_personal_field_that_opens_but_is_of_another_shape_is_unreadable() -> None:
    sealed = KEY.seal(b'{"text": 3}', b"%s/complaint.OpinionDisputed/reason" % str(STREAM).encode())
    state = json.dumps({"unit": "trading", "reason": sealed, "timestamp": "2026-03-02T01:00:00Z"}).encode()
    with pytest.raises(UnreadableEvent):
        EventCodec(MASTER).event(recorded(OpinionDisputed.TOPIC, state), KEY)


@pytest.mark.parametrize("state", [b"", b"{}", b'{"complainant_id": "nobody"}'])
def test_a_first_event_that_names_no_key_is_unreadable(state: bytes) -> None:
    with pytest.raises(UnreadableEvent):
        EventCodec(MASTER).complainant_of(recorded(Received.TOPIC, state, 1))
