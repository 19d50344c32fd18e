"""An event as its one line: what is hashed, what is exported, and what an auditor reads."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from json import dumps
from typing import Final
from uuid import UUID

from proof.verify import leaf_hash

# The same few kinds and people again and again.
_quoted: Final = lru_cache(10_000)(dumps)
_CONTROL: Final = re.compile(rb"[\x00-\x1f]")


def event_line(
    position: int, recorded_at: datetime, stream: UUID, version: int, topic: str, actor: str, state: bytes
) -> bytes:
    """The line of a stored event, without its end. Two different events never have the same.

    `data` is the stored state, byte for byte (`data64` where that is no text of one line, as nothing that was recorded
    ever is): personal fields stand in it as they are sealed.
    """
    at = recorded_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    head = (
        f'{{"position":{position},"recorded_at":"{at}Z","stream":"{stream}","version":{version},'
        f'"type":{_quoted(topic)},"actor":{_quoted(actor)},'
    )
    return head.encode() + _data(state) + b"}"


def event_leaf(
    position: int, recorded_at: datetime, stream: UUID, version: int, topic: str, actor: str, state: bytes
) -> bytes:
    """The hash of its line."""
    return leaf_hash(event_line(position, recorded_at, stream, version, topic, actor, state))


def missing_leaf(position: int) -> bytes:
    """In place of an event that was gone before it was sealed: its position is taken for ever."""
    return leaf_hash(b'{"position":%d,"missing":true}' % position)


def _data(state: bytes) -> bytes:
    try:
        state.decode()
    except UnicodeDecodeError:
        return b'"data64":"%s"' % b64encode(state)
    return b'"data64":"%s"' % b64encode(state) if _CONTROL.search(state) else b'"data":' + state
