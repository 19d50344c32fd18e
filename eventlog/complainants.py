"""Complainants' data keys: found or made at intake (many at once, one round trip), and opened for reading.

A data key is found by a keyed hash of telephone, e-mail or customer number, in this order; one who gives none of them,
or stays anonymous, gets a key of their own for each complaint. Whose complaints are one customer's, the
rules decide.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from domain.complaint.customers import is_same_customer, known_by
from domain.values import Complainant
from eventlog.database import fetch, fetch_by_index
from eventlog.gathering import Gathering
from eventlog.row_seals import RowSeal
from eventlog.sealing import DataKey, MasterKey

RESERVE = """
SELECT number, complainant_id, wrapped_key, held_by, extract(epoch FROM clock_timestamp() - held_since)::float8 AS age
FROM reserve_intakes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    clock_timestamp())
"""
# The last two are of no matter that was asked for: whoever stands in, the one beside the given place or the first.
HOLDERS = """
SELECT w.of, m.complaint_ids, extract(epoch FROM clock_timestamp() - m.since)::float8 AS age, w.rank
FROM unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::int[]) AS w (of, lookup, procedure, issue_point, rank)
JOIN open_matters m USING (lookup, procedure, issue_point)
UNION ALL (SELECT -1, complaint_ids, 0, 0 FROM open_matters WHERE lookup > $6 ORDER BY lookup LIMIT 1)
UNION ALL (SELECT -2, complaint_ids, 0, 0 FROM open_matters ORDER BY lookup LIMIT 1)
"""
GIVE_BACK = """
UPDATE open_matters SET complaint_ids = CASE WHEN complaint_ids @> ARRAY[$4::uuid]
    THEN array_remove(complaint_ids, $5::uuid) ELSE array_replace(complaint_ids, $5::uuid, $4::uuid) END
WHERE lookup = ANY($1::bytea[]) AND procedure = $2 AND issue_point = $3 AND complaint_ids @> ARRAY[$5::uuid]
"""
JOIN = """
INSERT INTO open_matters AS m (lookup, procedure, issue_point, complaint_ids, since)
SELECT lookup, procedure, issue_point, array_agg(id ORDER BY place), clock_timestamp()
FROM unnest($1::bytea[], $2::text[], $3::text[], $4::uuid[])
    WITH ORDINALITY AS joining (lookup, procedure, issue_point, id, place)
GROUP BY lookup, procedure, issue_point ORDER BY lookup, procedure, issue_point
ON CONFLICT (lookup, procedure, issue_point) DO UPDATE
SET complaint_ids = m.complaint_ids
        || ARRAY(SELECT id FROM unnest(excluded.complaint_ids) AS id WHERE NOT m.complaint_ids @> ARRAY[id]),
    since = excluded.since
WHERE NOT m.complaint_ids @> excluded.complaint_ids
"""
NO_STREAM: Final = UUID(int=0)
WRAPPED = "SELECT id, wrapped_key FROM complainants WHERE id = ANY($1::uuid[]) AND wrapped_key IS NOT NULL"


@dataclass(frozen=True, slots=True)
class HeldClaims:
    """The complaints that hold the same matter of the same customer; the likeliest to be theirs, and the newest, last.

    `age`: for how many seconds the newest has held it, by the clock of the database.
    """

    complaint_ids: tuple[UUID, ...]
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds a matter (None: nobody), and a complaint that stands in for them where nobody does, if there is any."""

    held: HeldClaims | None
    beside: UUID | None = None


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
    """The issue point that a new complaint (`complaint_id`) is about, to be compared with those that are open.

    `known`: who holds the matter and does not stand in the way; `beside` them, or else in their place, it is claimed.
    `forced`: beside whoever holds it.
    """

    complaint_id: UUID
    issue_point: str
    known: tuple[UUID, ...] = ()
    beside: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    prefix: str
    day: date | None
    known: dict[str, bytes]  # keyed hashes of what the complainant is compared by
    claim: IssueClaim | None

    @property
    def lookup(self) -> bytes | None:
        """By what their key is found."""
        return next(iter(self.known.values()), None)


@dataclass(frozen=True, slots=True)
class _Matter:
    prefix: str
    lookups: list[bytes]
    issue_point: str


class Complainants:
    """Data keys by complainant id. Opened keys are kept in memory, the least recently used forgotten first."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, *, keep: int = 20_000) -> None:
        self._pool, self._master, self._keep = pool, master, keep
        self._opened: OrderedDict[UUID, DataKey] = OrderedDict()
        self._reservations = Gathering("reservations", self._reserved)
        self._holders = Gathering("holders", self._found)

    async def reserve(
        self, prefix: str, day: date | None, complainant: Complainant, claim: IssueClaim | None = None
    ) -> Reservation:
        """A number of this prefix and day, and the complainant's key, old or new. Raises `StorageAway`.

        Without a day no number is drawn (0): the sequence shows nothing of what is not to be counted in it.
        With a `claim` the complaint holds the matter from now on, unless another one does that it does not know.
        """
        return await self._reservations.answer(_Wanted(prefix, day, self.hashed(complainant), claim))

    async def reserve_all(
        self, wanted: Sequence[tuple[str, date | None, Complainant]]
    ) -> list[Reservation]:
        """Numbers and keys for many at once, of prefix, day and complainant each; no matter is claimed.

        Raises `StorageAway`.
        """
        return await self._reserved([_Wanted(prefix, day, self.hashed(who), None) for prefix, day, who in wanted])

    async def holders(self, prefix: str, complainant: Complainant, issue_point: str) -> Holders:
        """Who holds the matter, under anything that identifies the complainant. Raises `StorageAway`."""
        return await self._holders.answer(_Matter(prefix, self._lookups(complainant), issue_point))

    async def give_back(self, prefix: str, complainant: Complainant, claim: IssueClaim, to: UUID) -> None:
        """Lets another complaint hold the matter in place of the one that claimed it. Raises `StorageAway`."""
        await fetch(
            self._pool, GIVE_BACK, self._lookups(complainant), prefix, claim.issue_point, to, claim.complaint_id
        )  # fmt: skip

    async def join(self, prefix: str, complainant: Complainant, claim: IssueClaim) -> None:
        """Lets a complaint hold a matter, beside those that do already. Raises `StorageAway`."""
        await self.join_all([(prefix, complainant, claim)])

    async def join_all(self, joining: Sequence[tuple[str, Complainant, IssueClaim]]) -> None:
        """As `join`, for many at once. Raises `StorageAway`."""
        held = [
            (lookup, prefix, claim.issue_point, claim.complaint_id)
            for prefix, complainant, claim in joining for lookup in self._lookups(complainant)
        ]  # fmt: skip
        if held:
            await fetch(self._pool, JOIN, *map(list, zip(*held, strict=True)))

    def hashed(self, complainant: Complainant) -> dict[str, bytes]:
        """The keyed hashes of all that a customer is compared by."""
        return {kind: self._master.lookup_hash(kind, value) for kind, value in known_by(complainant).items()}

    def _lookups(self, complainant: Complainant) -> list[bytes]:
        """The keyed hash of everything by which a matter of theirs is found, the most personal last."""
        return list(self.hashed(complainant).values())

    async def keys(self, ids: Collection[UUID]) -> dict[UUID, DataKey]:
        """The keys that exist; a complainant whose data was erased has none. Raises `StorageAway`."""
        found = {id: self._opened[id] for id in ids if id in self._opened}
        missing = [id for id in ids if id not in found]
        if missing:
            for id, wrapped in await fetch_by_index(self._pool, WRAPPED, missing):
                found[id] = self._remember(self._master.unwrap(id, wrapped))
        return found

    async def key(self, id: UUID) -> DataKey | None:
        known = self._opened.get(id)
        return known if known is not None else (await self.keys([id])).get(id)

    def row_seal(self, stream: UUID, key: DataKey | None) -> RowSeal:
        """What seals the rows that read models hold of a stream."""
        return RowSeal(self._master, stream, key)

    def found_by(self, sought: Sequence[tuple[str, str]]) -> list[int]:
        """By what complaints with these, of a kind each, are looked up."""
        return RowSeal(self._master, NO_STREAM, None).found_by(sought)

    def gram_hashes(self, grams: Sequence[str]) -> list[int]:
        """What these pairs of characters are searched by."""
        return RowSeal(self._master, NO_STREAM, None).gram_hashes(grams)

    async def _found(self, matters: Sequence[_Matter]) -> list[Holders]:
        asked = [
            (ordinal, lookup, matter.prefix, matter.issue_point, rank)
            for ordinal, matter in enumerate(matters) for rank, lookup in enumerate(matter.lookups)
        ]  # fmt: skip
        if not asked:
            return [Holders(None) for _ in matters]
        found: dict[int, dict[int, HeldClaims]] = {}
        for ordinal, ids, age, rank in await fetch(
            self._pool, HOLDERS, *map(list, zip(*asked, strict=True)), asked[0][1]
        ):
            found.setdefault(ordinal, {})[rank] = HeldClaims(tuple(ids), age)
        beside = next((found[place][0].complaint_ids[0] for place in (-1, -2) if place in found), None)
        return [Holders(_all_of(found.get(ordinal, {})), beside) for ordinal in range(len(matters))]

    async def _reserved(self, batch: Sequence[_Wanted]) -> list[Reservation]:
        fresh = [self._master.new_data_key(uuid4()) for _ in batch]
        claims = [
            (ordinal, lookup)
            for ordinal, wanted in enumerate(batch, start=1) if wanted.claim is not None
            for lookup in wanted.known.values()
        ]  # fmt: skip
        known = [
            (ordinal, id)
            for ordinal, wanted in enumerate(batch, start=1) if wanted.claim is not None
            for id in wanted.claim.known
        ]  # fmt: skip
        rows = await fetch(
            self._pool,
            RESERVE,
            [wanted.prefix for wanted in batch],
            [wanted.day for wanted in batch],
            [new.key.id for new in fresh],
            [wanted.lookup for wanted in batch],
            [new.wrapped for new in fresh],
            [None if wanted.claim is None else wanted.claim.complaint_id for wanted in batch],
            [None if wanted.claim is None else wanted.claim.issue_point for wanted in batch],
            [ordinal for ordinal, _ in claims],
            [lookup for _, lookup in claims],
            [ordinal for ordinal, _ in known],
            [id for _, id in known],
            [wanted.claim is not None and wanted.claim.beside for wanted in batch],
            [wanted.claim.complaint_id for wanted in batch if wanted.claim is not None and wanted.claim.forced],
            _strangers(batch),
        )
        made = {new.key.id: new.key for new in fresh}
        return [self._reservation(made, *row) for row in rows]

    def _reservation(
        self, made: dict[UUID, DataKey], number: int, id: UUID, wrapped: bytes, held_by: Sequence[UUID] | None,
        age: float | None,
    ) -> Reservation:  # fmt: skip
        key = made.get(id) or self._opened.get(id) or self._master.unwrap(id, wrapped)
        held = None if held_by is None else HeldClaims(tuple(held_by), age or 0.0)
        return Reservation(number, self._remember(key), held)

    def _remember(self, key: DataKey) -> DataKey:
        self._opened[key.id] = key
        self._opened.move_to_end(key.id)
        if len(self._opened) > self._keep:
            self._opened.popitem(last=False)
        return key


def _all_of(rows: Mapping[int, HeldClaims]) -> HeldClaims | None:
    """Those who hold one matter, each once: last those who hold it under what is the most personal."""
    if not rows:
        return None
    by_rank = [rows[rank].complaint_ids for rank in sorted(rows)]
    likeliest_first = dict.fromkeys(id for ids in reversed(by_rank) for id in reversed(ids))
    return HeldClaims(tuple(reversed(likeliest_first)), min(row.age for row in rows.values()))


def _strangers(batch: Sequence[_Wanted]) -> list[UUID]:
    """Of the intakes that claim a matter, those who are no customer of another one of them: they stand in nobody's way.

    Of those who are one customer, the first.
    """
    strangers: list[UUID] = []
    claiming: dict[tuple[str, str, bytes], list[dict[str, bytes]]] = {}
    for wanted in batch:
        claim, known = wanted.claim, wanted.known
        if claim is None or claim.forced:
            continue
        places = [claiming.setdefault((wanted.prefix, claim.issue_point, lookup), []) for lookup in known.values()]
        if any(is_same_customer(known, other) for others in places for other in others):
            continue
        strangers.append(claim.complaint_id)
        for others in places:
            others.append(known)
    return strangers
