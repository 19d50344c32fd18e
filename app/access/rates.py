"""How often a key may call: counted where it calls, and told to the other processes once a second.

The windows of all processes begin and end at the same moments, so their counts add up. What slips through beyond a
limit is what arrives within that second at the other processes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil
from typing import Final, Self

import asyncpg
import structlog
from limits import parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.access.tries import TooManyRequests
from domain.people import MACHINES
from domain.values import Actor
from eventlog.database import fetch, is_storage_away

log = structlog.get_logger()

PERSON: Final = "20000/10 seconds"
MACHINE: Final = "20000/10 seconds"
EXCHANGE: Final = 1.0  # seconds
WORTH_TELLING: Final = 0.02  # of a limit: a key that has used less here is not told to the others
MOST_COUNTED: Final = 50_000
ADD_UP: Final = """
INSERT INTO rate_counts AS c (what, ends_at, calls)
SELECT what, to_timestamp(ends), calls FROM unnest($1::text[], $2::float8[], $3::bigint[]) AS n (what, ends, calls)
ORDER BY what
ON CONFLICT (what) DO UPDATE SET
    calls = CASE WHEN c.ends_at = excluded.ends_at THEN c.calls + excluded.calls ELSE excluded.calls END,
    ends_at = greatest(c.ends_at, excluded.ends_at)
WHERE c.ends_at <= excluded.ends_at
RETURNING what, extract(epoch FROM ends_at)::float8 AS ends, calls
"""


class RateExceeded(TooManyRequests):
    """A key calls more often than it may."""

    def __init__(self, rate: "Rate") -> None:
        super().__init__(rate.resets)
        self.rate = rate


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a limit. `quota` calls within `window` seconds; `resets`: seconds until the window ends."""

    policy: str
    quota: int
    window: int
    left: int
    resets: int


@dataclass(slots=True)
class _Count:
    ends: float
    calls: int = 0
    told: int = 0  # of these the calls that the others know of


class WindowCounts(Storage):
    """Counts of this process, in windows that begin at whole multiples of their length since 1970."""

    def __init__(self, wall: Callable[[], float]) -> None:
        super().__init__()
        self.counts: dict[str, _Count] = {}
        self._wall = wall

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = self._wall()
        count = self.counts.get(key)
        if count is None or count.ends <= now:
            if count is None and len(self.counts) >= MOST_COUNTED:
                self.counts = {what: one for what, one in self.counts.items() if one.ends > now}
            count = self.counts[key] = _Count((now // expiry + 1) * expiry)
        count.calls += amount
        return count.calls

    def get(self, key: str) -> int:
        count = self.counts.get(key)
        return 0 if count is None or count.ends <= self._wall() else count.calls

    def get_expiry(self, key: str) -> float:
        count = self.counts.get(key)
        return self._wall() if count is None else count.ends

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        found = len(self.counts)
        self.counts.clear()
        return found

    def clear(self, key: str) -> None:
        self.counts.pop(key, None)


class KeyRates:
    """The limits of all keys. Use it as an async context manager, so that it hears of other processes."""

    def __init__(
        self, pool: asyncpg.Pool, wall: Callable[[], float], person: str = PERSON, machine: str = MACHINE
    ) -> None:
        """`person` and `machine`: limits as `limits.parse` reads them, such as `600/10 seconds`."""
        self._pool = pool
        self._counts = WindowCounts(wall)
        self._wall = wall
        self._limiter = FixedWindowRateLimiter(self._counts)
        self._limits = {"person": parse(person), "machine": parse(machine)}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._exchange_for_ever(), name="rates")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take(self, credential: str, actor: Actor) -> Rate:
        """One call with this key. Raises `RateExceeded`."""
        policy = "machine" if actor.roles <= MACHINES else "person"
        limit = self._limits[policy]
        allowed = self._limiter.hit(limit, credential)
        count = self._counts.counts[limit.key_for(credential)]
        resets = max(1, ceil(count.ends - self._wall()))
        rate = Rate(policy, limit.amount, limit.get_expiry(), max(0, limit.amount - count.calls), resets)
        if not allowed:
            raise RateExceeded(rate)
        return rate

    async def exchange(self) -> None:
        """Tells the other processes what was counted here, and takes in what they counted. Raises `StorageAway`."""
        least = WORTH_TELLING * min(limit.amount for limit in self._limits.values())
        now = self._wall()
        found = {
            _name(key): one for key, one in self._counts.counts.items()
            if one.ends > now and one.calls >= least and one.calls > one.told
        }  # fmt: skip
        if not found:
            return
        calls = [one.calls - one.told for one in found.values()]
        told = [one.calls for one in found.values()]
        ends = [one.ends for one in found.values()]
        rows = await fetch(self._pool, ADD_UP, list(found), ends, calls)
        for count, before in zip(found.values(), told, strict=True):
            count.told = before
        for row in rows:
            count = found[row["what"]]
            if row["ends"] == count.ends:
                of_others = max(0, row["calls"] - count.told)
                count.calls += of_others
                count.told += of_others

    async def _exchange_for_ever(self) -> None:
        while True:
            await asyncio.sleep(EXCHANGE)
            try:
                await self.exchange()
            except Exception as error:
                # Each process goes on counting for itself.
                log.warning("rates_not_exchanged", error=type(error).__name__, storage_away=is_storage_away(error))


def _name(key: str) -> str:
    return blake2b(key.encode(), digest_size=16).hexdigest()
