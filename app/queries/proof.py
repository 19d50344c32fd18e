"""What proves the history to somebody who does not believe us: checkpoints, and proofs about the tree they sign."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.access.keys import require_role
from app.access.privileges import READS_PROOF
from app.queries.paging import After, Listed, Rows
from app.queries.visibility import Visibility
from app.sealing.checkpoints import Checkpoints, SignedCheckpoint
from app.sealing.signing import SigningKeys
from app.sealing.tiles import EVENT, leaves, root_at, roots
from domain.errors import NotFound
from domain.values import Actor
from eventlog.database import fetch
from proof.leaf import event_line
from proof.tree import Range, consistency, inclusion, places_of, root_of

NO_ID: Final = UUID(int=0)
LINE: Final = f"SELECT {EVENT} FROM stored_events WHERE notification_id = $1"


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed checkpoint over the first `size` events; `note` is the signed note itself (C2SP)."""

    size: int
    made_at: datetime
    note: str


@dataclass(frozen=True)
class PublicKeys:
    """`key` signs now, as C2SP writes it (name+hash+key); `first` is that of the first start.

    `introductions`: by which each later key is vouched for by the one before, in their order.
    """

    key: str
    first: str
    introductions: list[str]


@dataclass(frozen=True)
class InclusionProof:
    """That the event of a position is in the tree of `size` events (RFC 6962); hashes in base64.

    `leaf` is the hash of a zero byte and `line`, which is the stored event as an export has it; null for who may not
    know of its case. `checkpoint`: the signed note over just so many events, where there is one.
    """

    position: int
    size: int
    line: str | None
    leaf: str
    path: list[str]
    root: str
    checkpoint: str | None


@dataclass(frozen=True)
class ConsistencyProof:
    """That the first `before` events are the beginning of the first `size` ones (RFC 6962); hashes in base64."""

    before: int
    size: int
    before_root: str
    root: str
    path: list[str]


class NoSuchProof(NotFound): ...


@dataclass(frozen=True)
class Proofs:
    """For those who check the history. Every method raises `RoleNeeded` and `StorageAway`."""

    pool: asyncpg.Pool
    checkpoints: Checkpoints
    keys: SigningKeys
    visibility: Visibility

    def rows(self, actor: Actor) -> Rows[CheckpointRow]:
        """The checkpoints, newest first."""
        require_role(actor, *READS_PROOF)
        return Rows(CheckpointRow, self, self._page)

    async def must_reach(self, position: int) -> None:
        """It follows nothing that it could be behind."""

    async def position(self) -> int:
        newest = await self.checkpoints.newest()
        return 0 if newest is None else newest.size

    async def newest(self, actor: Actor) -> SignedCheckpoint:
        require_role(actor, *READS_PROOF)
        return await self.checkpoints.newest() or await self.checkpoints.make()

    async def make(self, actor: Actor) -> SignedCheckpoint:
        """Signs what is sealed by now."""
        require_role(actor, *READS_PROOF)
        return await self.checkpoints.make()

    async def public_keys(self, actor: Actor) -> PublicKeys:
        require_role(actor, *READS_PROOF)
        await self.newest(actor)  # by which there is a key
        keys = await self.keys.public()
        return PublicKeys(keys[-1][0], keys[0][0], [note for _, note in keys if note is not None])

    async def inclusion(self, position: int, size: int | None, actor: Actor) -> InclusionProof:
        """Raises `NoSuchProof` where so many events are not sealed."""
        size = (await self.newest(actor)).size if size is None else size
        require_role(actor, *READS_PROOF)
        rows = await fetch(self.pool, LINE, position)
        if not rows or not 1 <= position <= size:
            raise NoSuchProof
        stream = rows[0]["originator_id"]
        seen = (await self.visibility.streams(actor, {stream})).get(stream)
        line = None if seen is not None and seen.seen is None else event_line(*rows[0])
        path = await self._path(inclusion(position - 1, size))
        signed = await self.checkpoints.between(size, size)
        [leaf] = await leaves(self.pool, position, position)
        return InclusionProof(
            position, size, None if line is None else line.decode(), _text(leaf), path, await self._root(size),
            signed[0].note if signed else None,
        )  # fmt: skip

    async def consistency(self, before: int, size: int, actor: Actor) -> ConsistencyProof:
        """Raises `NoSuchProof` where so many events are not sealed."""
        require_role(actor, *READS_PROOF)
        if not 0 <= before <= size:
            raise NoSuchProof
        path = await self._path(consistency(before, size))
        return ConsistencyProof(before, size, await self._root(before), await self._root(size), path)

    async def _path(self, ranges: Sequence[Range]) -> list[str]:
        try:
            found = await roots(self.pool, places_of(ranges))
        except KeyError:
            raise NoSuchProof from None
        return [_text(root_of(one, found)) for one in ranges]

    async def _root(self, size: int) -> str:
        try:
            return _text(await root_at(self.pool, size))
        except KeyError:
            raise NoSuchProof from None

    async def _page(self, after: After | None, limit: int) -> Listed[CheckpointRow]:
        found = await self.checkpoints.before(2**62 if after is None else after.ordinal, limit + 1)
        rows = [CheckpointRow(one.size, one.made_at, one.note) for one in found[:limit]]
        return Listed(rows, After(None, NO_ID, rows[-1].size) if len(found) > limit else None)


def _text(hash: bytes) -> str:
    return b64encode(hash).decode()
