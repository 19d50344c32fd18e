"""How often somebody may try what they do not know, a public status page or a key: for all processes and restarts.

What is counted has a place in a table of bounded size, found by a hash under the master key: nothing in it says who
tried what. Two may share a place and then share their tries; nobody can arrange that for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from secrets import randbelow
from time import monotonic
from typing import Final

import asyncpg

from domain.errors import TurnedAway
from eventlog.database import fetch
from eventlog.sealing import MasterKey

PLACES: Final = 1 << 17
SHARDS: Final = 16
MOST_LOCKED: Final = 20_000
WRONG: Final = "wrong"
RIGHT: Final = "right"  # a caller at a number, for so long after they knew what only the complainant knows
KNOWN_FOR: Final = timedelta(days=30)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

TAKE: Final = "SELECT take_status_tries($1, $2, $3, $4) AS wait"
GIVE_BACK: Final = """
UPDATE status_tries t SET tried = tried - 1 FROM unnest($1::text[], $2::integer[]) AS b (counted, place)
WHERE t.counted = b.counted AND t.place = b.place AND t.tried > 0
"""
REMEMBER: Final = f"""
INSERT INTO status_tries AS t (counted, place, tried, ends_at) VALUES ('{RIGHT}', $1, 0, clock_timestamp() + $2)
ON CONFLICT (counted, place) DO UPDATE SET ends_at = excluded.ends_at
"""
IS_KNOWN: Final = f"""
SELECT EXISTS (SELECT FROM status_tries WHERE counted = '{RIGHT}' AND place = $1 AND ends_at > clock_timestamp())
"""
COUNT_WRONG: Final = f"""
INSERT INTO status_tries AS t (counted, place, tried, ends_at) VALUES ('{WRONG}', $1, 1, 'infinity')
ON CONFLICT (counted, place) DO UPDATE SET tried = t.tried + 1
"""
FIGURES: Final = f"""
SELECT coalesce(sum(t.tried) FILTER (WHERE t.counted = '{WRONG}'), 0)::bigint AS wrong,
    count(*) FILTER (WHERE l.of_number AND t.tried >= l.most AND t.ends_at > clock_timestamp()) AS numbers,
    count(*) FILTER (WHERE NOT l.of_number AND t.tried >= l.most AND t.ends_at > clock_timestamp()) AS callers
FROM status_tries t LEFT JOIN unnest($1::text[], $2::integer[], $3::boolean[]) AS l (counted, most, of_number)
    ON l.counted = t.counted
"""
LOCKED_OUT: Final = """
SELECT count(DISTINCT t.place) FROM status_tries t JOIN unnest($1::text[], $2::integer[]) AS l (counted, most)
    ON l.counted = t.counted AND t.tried >= l.most AND t.ends_at > clock_timestamp()
"""


class TooManyRequests(TurnedAway):
    """Guessing, at a public page or otherwise; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class TooManyWrongKeys(TooManyRequests):
    """From this address; a right key is taken all the same."""


@dataclass(frozen=True)
class Limit:
    """So many tries within this time, from the first one on, for each number or each caller."""

    counted: str
    most: int
    lasts: timedelta
    of_number: bool = False


CALLER: Final = Limit("caller", 60, MINUTE)
CALLERS_DAY: Final = Limit("caller's day", 500, DAY)
# Of four digits there are few, so they are counted for the number whoever tries, and 10,000 take the better part of a
# year. One caller alone must not be able to lock the complainant out, so a caller has a part of these tries; of codes
# there are many, and theirs are counted apart, so that digits never lock out whoever has the code.
TAIL: Final = (
    Limit("tail of caller", 5, MINUTE), Limit("tail of caller's day", 10, DAY),
    Limit("tail", 10, MINUTE, of_number=True), Limit("tail's day", 30, DAY, of_number=True),
)  # fmt: skip
CODE: Final = (
    Limit("code of caller", 10, MINUTE), Limit("code of caller's day", 50, DAY),
    Limit("code's day", 2000, DAY, of_number=True),
)  # fmt: skip
# A call centre is one address, and many keys may expire there at once: whoever has a right one is never counted.
KEYS: Final = (Limit("wrong keys", 100, timedelta(minutes=10)), Limit("wrong keys' day", 1000, DAY))
LIMITS: Final = (CALLER, CALLERS_DAY, *TAIL, *CODE)


@dataclass(frozen=True)
class Taken:
    """A try that is counted, for all that it counts for but the caller's minute: what comes back if it was right.

    `caller`: the place of this caller at this number; None where what was asked for is no number.
    """

    limits: list[str]
    places: list[int]
    caller: int | None


@dataclass(frozen=True)
class TryFigures:
    """Wrong tries since the deployment began; how many numbers and callers are at a limit now."""

    wrong: int
    numbers: int
    callers: int
    locked_out: int = 0  # callers who sent too many wrong keys


class Tries:
    """What both kinds have: a pool, and places found by keyed hashes. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        self._pool, self._master = pool, master

    async def _take(self, wanted: Sequence[tuple[Limit, str]]) -> tuple[list[int], int | None]:
        """Counts a try. The places it was counted at, and how many seconds to wait where one more is too many."""
        places = [self._place_of(one.counted, what) for one, what in wanted]
        names, most = [one.counted for one, _ in wanted], [one.most for one, _ in wanted]
        [row] = await fetch(self._pool, TAKE, names, places, most, [one.lasts for one, _ in wanted])
        return places, None if row["wait"] is None else max(1, -int(-row["wait"].total_seconds() // 1))

    def _place_of(self, counted: str, what: str) -> int:
        digest = self._master.lookup_hash(f"status try: {counted}", what)
        return int.from_bytes(digest[:8], "big") % PLACES


class WrongKeys(Tries):
    """Keys that are nobody's, counted for the address that sent them.

    Who sends too many waits, also if they send none for a while; a key that is right is never asked about here.
    """

    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        super().__init__(pool, master)
        self._locked: dict[str, float] = {}  # until when, by the clock of this process

    async def take(self, caller: str) -> None:
        """Counts one. Raises `TooManyWrongKeys`, `StorageAway`. Whoever is locked out costs the database nothing."""
        now = monotonic()
        if (until := self._locked.get(caller, 0.0)) > now:
            raise TooManyWrongKeys(ceil(until - now))
        _, wait = await self._take([(one, caller) for one in KEYS])
        if wait is not None:
            if len(self._locked) >= MOST_LOCKED:
                self._locked = {one: until for one, until in self._locked.items() if until > now}
            self._locked[caller] = now + wait
            raise TooManyWrongKeys(wait)


class StatusTries(Tries):
    """Every method raises `StorageAway`."""

    async def take(self, caller: str, number: str | None, *, with_code: bool) -> Taken:
        """Counts a try before anybody knows whether it is right; None: what was asked for is no number at all.

        The caller comes first: who tries too much has no say in how often others may. What others have tried does not
        turn away a caller who knew what is asked for within the last month. Raises `TooManyRequests`.
        """
        of_this: tuple[Limit, ...] = () if number is None else CODE if with_code else TAIL
        caller_here = None if number is None else self._place_of(RIGHT, f"{caller}\0{number}")
        if (await fetch(self._pool, IS_KNOWN, caller_here))[0][0]:
            of_this = tuple(one for one in of_this if not one.of_number)
        wanted: list[tuple[Limit, str]] = [(CALLER, caller), (CALLERS_DAY, caller)]
        wanted += [(one, f"{number}" if one.of_number else f"{caller}\0{number}") for one in of_this]
        places, wait = await self._take(wanted)
        if wait is not None:
            raise TooManyRequests(wait)
        return Taken([one.counted for one, _ in wanted[1:]], places[1:], caller_here)

    async def was_right(self, taken: Taken) -> None:
        """Who knows what is asked for may ask as often as anybody, and is known here from now on."""
        await fetch(self._pool, GIVE_BACK, taken.limits, taken.places)
        await fetch(self._pool, REMEMBER, taken.caller, KNOWN_FOR)

    async def was_wrong(self) -> None:
        await fetch(self._pool, COUNT_WRONG, randbelow(SHARDS))

    async def figures(self) -> TryFigures:
        names, most, of_number = _columns(LIMITS)
        [row] = await fetch(self._pool, FIGURES, names, most, of_number)
        names, most, _ = _columns(KEYS)
        [(locked_out,)] = await fetch(self._pool, LOCKED_OUT, names, most)
        return TryFigures(row["wrong"], row["numbers"], row["callers"], locked_out)


def _columns(limits: Sequence[Limit]) -> tuple[list[str], list[int], list[bool]]:
    return [one.counted for one in limits], [one.most for one in limits], [one.of_number for one in limits]
