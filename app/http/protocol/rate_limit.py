"""How often somebody may try something: counted by one process, in memory that never grows.

What is counted has a place in a table of fixed size, found by a hash with a secret of this process. Two may share a
place and then share their tries; nobody can arrange that for another.
"""

from array import array
from collections.abc import Callable
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from math import ceil
from secrets import token_bytes
from time import monotonic
from typing import Final

from domain.errors import TurnedAway

PLACES: Final = 1 << 16


class TooManyRequests(TurnedAway):
    retry_after = 60


class RateLimit:
    """`most` tries within `seconds`, for each thing that is counted.

    Of the interval before, only the number is known: its tries count as if they had come evenly.
    """

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = monotonic, places: int = PLACES) -> None:
        self._most, self._seconds, self._now, self._places = most, seconds, now, places
        self._secret = token_bytes(16)
        self._began = array("d", [-2 * seconds - 1]) * places
        self._before = array("H", [0]) * places
        self._tried = array("H", [0]) * places

    def allows(self, what: str) -> bool:
        """Counts a try; False when there were too many, and then it does not count."""
        place, now = self._place(what), self._now()
        age = now - self._began[place]
        if age >= self._seconds:
            follows_on = age < 2 * self._seconds
            self._before[place] = self._tried[place] if follows_on else 0
            self._began[place] = self._began[place] + self._seconds if follows_on else now
            self._tried[place] = 0
        left = 1 - (now - self._began[place]) / self._seconds
        if ceil(self._before[place] * left) + self._tried[place] >= self._most:
            return False
        self._tried[place] += 1
        return True

    def _place(self, what: str) -> int:
        digest = blake2b(what.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest, "big") % self._places


def caller_of(host: str | None) -> str:
    """Whom to count an address as: whoever has one IPv6 address has the 2^64 of its network."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
