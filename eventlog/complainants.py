"""Complainants' data keys: found or made at intake (many at once, one round trip), and opened for reading.

A complainant is recognised by a keyed hash of telephone, e-mail or customer number, in this order; one who gives none
of them, or stays anonymous, gets a key of their own for each complaint.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from domain.values import Complainant
from eventlog.database import fetch
from eventlog.patience import StorageWait, for_many
from eventlog.row_seals import RowSeal
from eventlog.sealing import DataKey, MasterKey

RESERVE = """
SELECT number, complainant_id, wrapped_key, held_by, extract(epoch FROM clock_timestamp() - held_since)::float8 AS age
FROM reserve_intakes($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())
"""
TAKE_OVER = """
UPDATE open_matters SET complaint_ids = ARRAY[$5::uuid], since = clock_timestamp()
WHERE lookup = ANY($1::bytea[]) AND procedure = $2 AND issue_point = $3 AND complaint_ids = $4::uuid[]
"""
JOIN = """
INSERT INTO open_matters AS m (lookup, procedure, issue_point, complaint_ids, since)
SELECT lookup, $2, $3, ARRAY[$4::uuid], clock_timestamp() FROM unnest($1::bytea[]) AS lookup ORDER BY lookup
ON CONFLICT (lookup, procedure, issue_point) DO UPDATE
SET complaint_ids = m.complaint_ids || excluded.complaint_ids, since = excluded.since
WHERE NOT m.complaint_ids @> excluded.complaint_ids
"""
NO_STREAM: Final = UUID(int=0)
IDENTIFIERS: Final = ("phone", "email", "customer_no")
WRAPPED = "SELECT id, wrapped_key FROM complainants WHERE id = ANY($1::uuid[]) AND wrapped_key IS NOT NULL"


@dataclass(frozen=True, slots=True)
class HeldClaims:
    """The complaints that hold the same matter of the same customer, oldest first.

    `age`: for how many seconds the newest has held it, by the clock of the database.
    """

    complaint_ids: tuple[UUID, ...]
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a new complaint is given: the running number of its day, and the key that seals its complainant.

    No number (0) where another complaint holds the matter (`held`), or none was wanted.
    """

    number: int
    key: DataKey
    held: HeldClaims | None = None


@dataclass(frozen=True, slots=True)
class IssueClaim:
    """The issue point that a new complaint (`complaint_id`) is about, to be compared with those that are open."""

    complaint_id: UUID
    issue_point: str


@dataclass(slots=True)
class _Wanted:
    prefix: str
    day: date | None
    lookups: list[bytes]
    claim: IssueClaim | None
    answer: asyncio.Future[Reservation]


class Complainants:
    """Data keys by complainant id. Opened keys are kept in memory, the least recently used forgotten first."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, *, keep: int = 20_000) -> None:
        self._pool, self._master, self._keep = pool, master, keep
        self._opened: OrderedDict[UUID, DataKey] = OrderedDict()
        self._wanted: list[_Wanted] = []
        self._reserving: asyncio.Task[None] | None = None

    async def reserve(
        self, prefix: str, day: date | None, complainant: Complainant, claim: IssueClaim | None = None
    ) -> Reservation:
        """A number of this prefix and day, and the complainant's key, old or new. Raises `StorageAway`.

        Without a day no number is drawn (0): the sequence shows nothing of what is not to be counted in it.
        With a `claim` the complaint holds the matter from now on, unless another one does.
        """
        answer: asyncio.Future[Reservation] = asyncio.get_running_loop().create_future()
        wanted = _Wanted(prefix, day, self._lookups(complainant), claim, answer)
        self._wanted.append(wanted)
        if self._reserving is None:
            self._reserving = for_many(self._reserve_all(), "reservations")
        with StorageWait():
            return await wanted.answer

    async def take_over(self, prefix: str, complainant: Complainant, claim: IssueClaim, held: HeldClaims) -> None:
        """Lets the new complaint hold the matter in place of those that are no longer open. Raises `StorageAway`."""
        await fetch(
            self._pool, TAKE_OVER, self._lookups(complainant), prefix, claim.issue_point, list(held.complaint_ids),
            claim.complaint_id,
        )  # fmt: skip

    async def join(self, prefix: str, complainant: Complainant, claim: IssueClaim) -> None:
        """Lets a complaint hold a matter, beside those that do already. Raises `StorageAway`."""
        await fetch(
            self._pool, JOIN, self._lookups(complainant), prefix, claim.issue_point, claim.complaint_id
        )  # fmt: skip

    def lookup(self, complainant: Complainant) -> bytes | None:
        """What finds the complainant's key: the keyed hash of the first of telephone, e-mail and customer number."""
        return next(iter(self._lookups(complainant)), None)

    def _lookups(self, complainant: Complainant) -> list[bytes]:
        """The keyed hash of everything that identifies a complainant."""
        given = [(kind, getattr(complainant, kind)) for kind in IDENTIFIERS]
        known = [] if complainant.anonymous else [(kind, value) for kind, value in given if value is not None]
        return [self._master.lookup_hash(kind, value.lower()) for kind, value in known]

    async def keys(self, ids: Collection[UUID]) -> dict[UUID, DataKey]:
        """The keys that exist; a complainant whose data was erased has none. Raises `StorageAway`."""
        found = {id: self._opened[id] for id in ids if id in self._opened}
        missing = [id for id in ids if id not in found]
        if missing:
            for id, wrapped in await fetch(self._pool, WRAPPED, missing):
                found[id] = self._remember(self._master.unwrap(id, wrapped))
        return found

    async def key(self, id: UUID) -> DataKey | None:
        known = self._opened.get(id)
        return known if known is not None else (await self.keys([id])).get(id)

    def row_seal(self, stream: UUID, key: DataKey | None) -> RowSeal:
        """What seals the rows that read models hold of a stream."""
        return RowSeal(self._master, stream, key)

    def gram_hashes(self, grams: Sequence[str]) -> list[int]:
        """What these pairs of characters are searched by."""
        return RowSeal(self._master, NO_STREAM, None).gram_hashes(grams)

    async def _reserve_all(self) -> None:
        try:
            while self._wanted:
                left = [wanted for wanted in self._wanted if not wanted.answer.done()]  # without those who gave up
                batch, self._wanted = left[:256], left[256:]
                try:
                    await self._reserve_batch(batch)
                except Exception as error:  # each caller gets it; the next batch may fare better
                    for wanted in batch:
                        if not wanted.answer.done():
                            wanted.answer.set_exception(error)
        finally:
            self._reserving = None

    async def _reserve_batch(self, batch: list[_Wanted]) -> None:
        fresh = [self._master.new_data_key(uuid4()) for _ in batch]
        claims = [
            (ordinal, lookup)
            for ordinal, wanted in enumerate(batch, start=1) if wanted.claim is not None
            for lookup in wanted.lookups
        ]  # fmt: skip
        rows = await fetch(
            self._pool,
            RESERVE,
            [wanted.prefix for wanted in batch],
            [wanted.day for wanted in batch],
            [new.key.id for new in fresh],
            [next(iter(wanted.lookups), None) for wanted in batch],
            [new.wrapped for new in fresh],
            [None if wanted.claim is None else wanted.claim.complaint_id for wanted in batch],
            [None if wanted.claim is None else wanted.claim.issue_point for wanted in batch],
            [ordinal for ordinal, _ in claims],
            [lookup for _, lookup in claims],
        )
        made = {new.key.id: new.key for new in fresh}
        for wanted, (number, id, wrapped, held_by, age) in zip(batch, rows, strict=True):
            held = None if held_by is None else HeldClaims(tuple(held_by), age)
            key = made.get(id) or self._opened.get(id) or self._master.unwrap(id, wrapped)
            self._remember(key)
            if not wanted.answer.done():
                wanted.answer.set_result(Reservation(number, key, held))

    def _remember(self, key: DataKey) -> DataKey:
        self._opened[key.id] = key
        self._opened.move_to_end(key.id)
        if len(self._opened) > self._keep:
            self._opened.popitem(last=False)
        return key
