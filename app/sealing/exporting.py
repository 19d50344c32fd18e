"""An export of the log that proves itself: what proof/verify.py reads, line by line."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from app.sealing.checkpoints import Checkpoints
from app.sealing.signing import SigningKeys
from app.sealing.tiles import EVENT, WIDTH, leaves, roots
from domain.complaint.events import Received
from domain.incident.events import IncidentOpened
from eventlog.database import fetch
from proof.leaf import event_line
from proof.verify import FORMAT, whole_trees

AT_ONCE: Final = 16 * WIDTH
EVENTS: Final = f"""
SELECT {EVENT} FROM stored_events WHERE notification_id BETWEEN $1 AND $2 {{of}} ORDER BY notification_id
"""
OF_PROCEDURE: Final = """
AND originator_id IN (
    SELECT originator_id FROM stored_events
    WHERE topic = ANY($3::text[]) AND convert_from(state, 'UTF8')::jsonb ->> 'procedure' = $4)
"""
BEGINNINGS: Final = [Received.TOPIC, IncidentOpened.TOPIC]


@dataclass(frozen=True)
class Selection:
    """What is exported: events after a position, up to one, of a procedure's cases alone; None: all there is."""

    after: int = 0
    until: int | None = None
    procedure: str | None = None


class Exporting:
    """Writes exports. What is to be in one has been sealed before (`Sealing.sealed`)."""

    def __init__(self, pool: asyncpg.Pool, checkpoints: Checkpoints, keys: SigningKeys) -> None:
        self._pool, self._checkpoints, self._keys = pool, checkpoints, keys

    async def lines(
        self, wanted: Selection, show: Callable[[int, int], Any] = lambda done, of: None
    ) -> AsyncIterator[bytes]:
        """The lines with their ends. `show` is told how far it has come, of how many positions.

        It ends with a checkpoint over all that is sealed now, or with the newest one up to `until`, so that nothing in
        it is without a signature.
        """
        newest = await self._checkpoints.make()
        last = newest.size
        if wanted.until is not None and wanted.until < last:
            enough = await self._checkpoints.between(wanted.until, last)
            last = enough[0].size
        yield _line({
            "format": FORMAT, "after": wanted.after, "until": last,
            "selection": "all" if wanted.procedure is None else f"procedure {wanted.procedure}",
            "key": (await self._keys.public())[0][0],
        })  # fmt: skip
        for _, introduction in await self._keys.public():
            if introduction is not None:
                yield _line({"key": introduction})
        unseen = 1
        for first in range(1, last + 1, AT_ONCE):
            end = min(first + AT_ONCE - 1, last)
            signed = {one.size: one for one in await self._checkpoints.between(first, end)}
            rows = await self._rows(max(first, wanted.after + 1), end, wanted.procedure)
            sealed = await leaves(self._pool, first, end) if rows else []
            for start, stop in _blocks(first, end, signed):
                block = [row for row in rows if start <= row[0] <= stop]
                if block or (rows and wanted.procedure is None and stop > wanted.after):
                    if unseen < start:
                        yield await self._unseen(unseen, start - 1)
                    unseen = stop + 1
                    yield b"".join(event_line(*row) + b"\n" for row in block)
                    yield _sealed(start, sealed[start - first : stop - first + 1])
                if stop in signed:
                    if unseen <= stop:
                        yield await self._unseen(unseen, stop)
                        unseen = stop + 1
                    yield _line({"checkpoint": signed[stop].note})
            show(end, last)

    async def _rows(self, first: int, last: int, procedure: str | None) -> list[asyncpg.Record]:
        if first > last:
            return []
        if procedure is None:
            return await fetch(self._pool, EVENTS.format(of=""), first, last)
        return await fetch(self._pool, EVENTS.format(of=OF_PROCEDURE), first, last, BEGINNINGS, procedure)

    async def _unseen(self, first: int, last: int) -> bytes:
        places = list(whole_trees(first - 1, last))
        found = await roots(self._pool, places)
        trees = b64encode(b"".join(found[place] for place in places)).decode()
        return _line({"unseen": {"first": first, "last": last, "trees": trees}})


def _blocks(first: int, last: int, signed: Iterable[int]) -> Iterable[tuple[int, int]]:
    """The positions from `first` on in pieces that end with a tile or at a checkpoint."""
    ends = sorted({*range(first + WIDTH - 1, last, WIDTH), *signed, last})
    for end in ends:
        yield first, end
        first = end + 1


def _sealed(first: int, hashes: list[bytes]) -> bytes:
    last = first + len(hashes) - 1
    return _line({"sealed": {"first": first, "last": last, "leaves": b64encode(b"".join(hashes)).decode()}})


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
