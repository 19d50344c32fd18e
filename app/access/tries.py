"""How often somebody may try to read a public status page: counted in the database, for all processes and restarts.

What is counted has a place in a table of bounded size, found by a hash under the master key: nothing in it says who
tried what. Two may share a place and then share their tries; nobody can arrange that for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import randbelow
from typing import Final

import asyncpg

from domain.errors import TurnedAway
from eventlog.database import fetch
from eventlog.sealing import MasterKey

PLACES: Final = 1 << 17
SHARDS: Final = 16
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


class TooManyRequests(TurnedAway):
    """Guessing at a public page; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


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


class StatusTries:
    """Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        self._pool, self._master = pool, master

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
        limits, places = [one for one, _ in wanted], [self._place_of(one.counted, what) for one, what in wanted]
        names = [one.counted for one in limits]
        lasts = [one.lasts for one in limits]
        [row] = await fetch(self._pool, TAKE, names, places, [one.most for one in limits], lasts)
        if row["wait"] is not None:
            raise TooManyRequests(max(1, -int(-row["wait"].total_seconds() // 1)))
        return Taken(names[1:], places[1:], caller_here)

    async def was_right(self, taken: Taken) -> None:
        """Who knows what is asked for may ask as often as anybody, and is known here from now on."""
        await fetch(self._pool, GIVE_BACK, taken.limits, taken.places)
        await fetch(self._pool, REMEMBER, taken.caller, KNOWN_FOR)

    async def was_wrong(self) -> None:
        await fetch(self._pool, COUNT_WRONG, randbelow(SHARDS))

    async def figures(self) -> TryFigures:
        names, most, of_number = _columns(LIMITS)
        [row] = await fetch(self._pool, FIGURES, names, most, of_number)
        return TryFigures(*row)

    def _place_of(self, counted: str, what: str) -> int:
        digest = self._master.lookup_hash(f"status try: {counted}", what)
        return int.from_bytes(digest[:8], "big") % PLACES


def _columns(limits: Sequence[Limit]) -> tuple[list[str], list[int], list[bool]]:
    return [one.counted for one in limits], [one.most for one in limits], [one.of_number for one in limits]
