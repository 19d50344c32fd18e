"""One batch of appends: which of the waiting ones go together, and how they travel in one call."""

from __future__ import annotations

from asyncio import Future
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventlog.entries import Append, Appended, CommandIdReused, VersionConflict
from eventlog.request_hash import is_same_request

MAX_BYTES = 4 * 1024 * 1024
ROW_OVERHEAD = 100  # ids, versions, topic and times of one event, roughly

ARGUMENTS = """
    $1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[],
    $5::bigint[], $6::bigint[], $7::text[], $8::bytea[], $9::text[], $10::timestamptz[], $11::uuid[], $12::bytea[]
"""
CALL = f'SELECT outcome, stream, version, "position", hash FROM append_events({ARGUMENTS})'
CALL_IN_ORDER = f'SELECT outcome, stream, version, "position", hash FROM append_events_in_order({ARGUMENTS})'


@dataclass(frozen=True, slots=True)
class Waiting:
    """An append and the future of the caller who waits for it."""

    append: Append
    stream: UUID
    expected: int
    size: int
    answer: Future[Appended]


def waiting(append: Append, answer: Future[Appended]) -> Waiting:
    """Raises ValueError for an append that could never be recorded and would spoil the batch it is in."""
    events = append.events
    if not events:
        raise ValueError("an append needs at least one event")
    stream = events[0].originator_id
    first = events[0].originator_version
    if not isinstance(stream, UUID) or first < 1:
        raise ValueError("events need a UUID as their stream and versions from 1")
    size = 0
    for version, event in enumerate(events, first):
        if event.originator_id != stream or event.originator_version != version:
            raise ValueError("the events of an append are of one stream and have consecutive versions")
        _must_be_text(event.topic)
        size += len(event.state) + ROW_OVERHEAD
    for actor in set(append.actors):
        _must_be_text(actor)
    if len(append.actors) != len(events):
        raise ValueError("an append names one actor for each event")
    if append.recorded_at.tzinfo is None:
        raise ValueError("recorded_at needs a time zone")
    return Waiting(append, stream, first - 1, size, answer)


def _must_be_text(text: str) -> None:
    # encode() refuses lone surrogates, and its error is a ValueError too.
    if b"\0" in text.encode():
        raise ValueError("actor and topic are text that PostgreSQL can hold: without NUL")


def take_batch(queue: deque[Waiting], limit: int) -> list[Waiting]:
    """Takes from the queue what can be judged together: at most `limit` appends and about 4 MB.

    A stream and a command id occur once in a batch; a second one waits for the next, so that it is judged
    against what the first has left behind. Appends whose callers have gone away are dropped.
    """
    batch: list[Waiting] = []
    put_back: list[Waiting] = []
    streams: set[UUID] = set()
    commands: set[UUID] = set()
    size = 0
    while queue and len(batch) < limit:
        item = queue.popleft()
        if item.answer.done():
            continue
        command_id = item.append.command_id
        if item.stream in streams or command_id in commands:
            put_back.append(item)
            # What follows on the same stream or command must not overtake it.
            streams.add(item.stream)
            commands.add(command_id)
            continue
        if batch and size + item.size > MAX_BYTES:
            put_back.append(item)
            break
        size += item.size
        streams.add(item.stream)
        commands.add(command_id)
        batch.append(item)
    queue.extendleft(reversed(put_back))
    return batch


def arguments(batch: Sequence[Waiting]) -> tuple[list[Any], ...]:
    """The arrays of `append_events`: four with an element per append, eight with an element per event."""
    owners: list[int] = []
    versions: list[int] = []
    topics: list[str] = []
    states: list[bytes] = []
    actors: list[str] = []
    times: list[datetime] = []
    commands: list[UUID | None] = []
    hashes: list[bytes | None] = []
    for number, item in enumerate(batch, 1):
        append = item.append
        for event, actor in zip(append.events, append.actors, strict=True):
            owners.append(number)
            versions.append(event.originator_version)
            topics.append(event.topic)
            states.append(event.state)
            actors.append(actor)
            times.append(append.recorded_at)
            commands.append(None)
            hashes.append(None)
        commands[-1] = append.command_id
        hashes[-1] = append.request_hash
    return (
        [item.append.command_id for item in batch],
        [item.stream for item in batch],
        [item.expected for item in batch],
        [len(item.append.events) for item in batch],
        owners,
        versions,
        topics,
        states,
        actors,
        times,
        commands,
        hashes,
    )


def judgement(item: Waiting, row: Sequence[Any], *, replayed: bool) -> Appended | Exception:
    """What the caller gets for the row (outcome, stream, version, position, hash) of its append.

    `replayed`: the batch was sent before and its answer was lost, so "seen" may well be our own first try.
    """
    outcome, stream, version, position, request_hash = row
    if outcome == "done":
        return Appended(position, version, False, stream)
    if outcome == "conflict":
        return VersionConflict(stream, item.expected, version)
    if not is_same_request(request_hash, item.append.request_hash):
        return CommandIdReused(item.append.command_id)
    ours = replayed and stream == item.stream and version == item.expected + len(item.append.events)
    return Appended(position, version, not ours, stream)
