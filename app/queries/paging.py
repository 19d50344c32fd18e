"""Lists page by page: where a page begins, and what a list is read from."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

import asyncpg

from app.access.trail import nothing_shown
from domain.errors import Invalid, Unavailable
from domain.procedure.procedure import Procedure
from eventlog.database import fetch
from eventlog.patience import in_batches
from projections.scope import Conditions
from projections.sorting import Sort, Sortable, name_of, read, written

WAIT_SECONDS: Final = 2.0
FILE_PAGE: Final = 500
# Rows looked at for one page. Only where read models are far behind is so much hidden of which they do not know.
MOST_LOOKED_AT: Final = 5_000
MOST_KEYS: Final = 4  # by which a list is ordered
MOST_COUNTED: Final = 10_000
POSITION: Final = "SELECT position FROM follower_checkpoints WHERE name = $1"

Item = TypeVar("Item", covariant=True)


class InvalidParameters(Invalid): ...


class Behind(Unavailable):
    """What is asked for has not come that far in the log yet."""


class ReadModelBehind(Behind): ...


@dataclass(frozen=True)
class After:
    """The last row of a page: its sort key (None: it has none, and such rows come last), its id, its ordinal.

    `keys`: of a list that is ordered by several, as text.
    """

    key: datetime | None
    id: UUID
    ordinal: int = 0
    keys: tuple[str | None, ...] = ()


def as_sort(text: str) -> Sort:
    """`due_at,-received_at`, as it is asked for."""
    return tuple(text.split(","))


def are_keys(text: str, keys: Collection[str]) -> bool:
    """Whether it asks for some of the keys, each once."""
    names = [name_of(key) for key in as_sort(text)]
    return len(names) <= MOST_KEYS and len(set(names)) == len(names) and set(names) <= set(keys)


def end_of(row: Mapping[str, Any], sort: Sort) -> After:
    """Where a page ends whose last row this is, in a list that is ordered by several keys."""
    return After(None, row["id"], keys=written([row[name_of(key)] for key in sort]))


def place_of(after: After | None, sort: Sort, keys: Sortable) -> list[Any] | None:
    """The keys and the id of the row behind which the page begins."""
    return None if after is None else [*read(after.keys, sort, keys), after.id]


@dataclass(frozen=True)
class Listed(Generic[Item]):
    """Some rows, and where the next ones begin (None: that was all)."""

    items: Sequence[Item]
    after: After | None


@dataclass(frozen=True)
class Looked(Generic[Item]):
    """Of the next rows those that the reader sees, each with its place; and where these rows end (None: at the end)."""

    seen: Sequence[tuple[After, Item]]
    after: After | None


async def full_page(
    look: Callable[[After | None, int], Awaitable[Looked[Item]]], after: After | None, limit: int
) -> Listed[Item]:
    """As many rows as the page takes, where so many are seen: a short page would tell that something was left out.

    For lists whose rows are known to be seen only once they were read. `look` looks at so many rows. There is a next
    page only where somebody sees something on it. In batches that grow, `MOST_LOOKED_AT` rows in all; where that is not
    enough, what was found is answered, and the next page goes on from there.
    """
    found: list[tuple[After, Item]] = []
    batch, left = limit + 1, MOST_LOOKED_AT
    while True:
        looked = await look(after, batch)
        found += looked.seen
        if len(found) > limit:
            return Listed([item for _, item in found[:limit]], found[limit - 1][0])
        after, left = looked.after, left - batch
        if after is None or left <= 0:
            return Listed([item for _, item in found], after)
        batch = min(2 * batch, FILE_PAGE)


def counting(
    pool: asyncpg.Pool, table: str, conditions: Conditions | Callable[[], Awaitable[Conditions]]
) -> Callable[[], Awaitable[int]]:
    """Tells how many rows of a table fit. It raises `StorageAway`."""

    async def counted() -> int:
        known = conditions if isinstance(conditions, Conditions) else await conditions()
        rows = await fetch(pool, known.counted(table), *known.values)
        return int(rows[0]["count"])

    return counted


class Source(Protocol):
    """What a list is read from. Both raise `StorageAway`."""

    async def must_reach(self, position: int) -> None:
        """Waits two seconds at most. Raises `Behind`."""
        ...

    async def position(self) -> int:
        """How far it has come in the log. Asked before the rows, which are then at least as new."""
        ...


@dataclass(frozen=True)
class Rows(Generic[Item]):
    """A list for one reader and one question. `page` gives the next rows; it raises `StorageAway`.

    `procedure`: whose words its codes are, where the rows do not say. `counted`: how many rows there are, where the
    database can tell without them.
    """

    shape: type[Any]
    source: Source
    page: Callable[[After | None, int], Awaitable[Listed[Item]]]
    procedure: Procedure | None = None
    counted: Callable[[], Awaitable[int]] | None = None

    async def total(self) -> int | None:
        """How many rows there are; None where more than `MOST_COUNTED` would have to be made for it."""
        if self.counted is not None:
            return await self.counted()
        total = 0
        with nothing_shown():
            async for rows in self.whole():
                total += len(rows)
                if total > MOST_COUNTED:
                    return None
        return total

    async def whole(self) -> AsyncIterator[Sequence[Item]]:
        """All of it, a bounded number of rows at a time."""
        in_batches()
        after: After | None = None
        while True:
            page = await self.page(after, FILE_PAGE)
            yield page.items
            after = page.after
            if after is None:
                return


class Follows(Protocol):
    """What is wanted of `eventlog.follower.Follower`."""

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Whether the read models show what was recorded up to `position`, after that many seconds at most."""
        ...


class FollowsSome(Follows, Protocol):
    """A follower that passes over what is not its own, and does not write down at once that it did."""

    async def come_so_far(self) -> int: ...


@dataclass(frozen=True)
class ReadModel:
    """A list that is read from one of the read models."""

    pool: asyncpg.Pool
    follower: Follows
    name: str

    async def must_reach(self, position: int) -> None:
        # A crash of the database may have taken back what had been reached: its word counts, and not what we remember.
        if not await self.follower.reached(position, WAIT_SECONDS) or await self.position() < position:
            raise ReadModelBehind

    async def position(self) -> int:
        rows = await fetch(self.pool, POSITION, self.name)
        return int(rows[0]["position"]) if rows else 0


@dataclass(frozen=True)
class ReadModelOfSome:
    """A list that is read from a read model of few kinds of events: it has come as far as its follower has looked."""

    follower: FollowsSome

    async def must_reach(self, position: int) -> None:
        if not await self.follower.reached(position, WAIT_SECONDS):
            raise ReadModelBehind

    async def position(self) -> int:
        return await self.follower.come_so_far()
