"""When somebody signs in: the first use of a key or token from one address, and again half a day after that."""

from collections import OrderedDict
from datetime import timedelta
from time import monotonic
from typing import Final

LASTS: Final = timedelta(hours=12)
MOST_KNOWN: Final = 20_000


class Sessions:
    """Those that one process knows of. Whether another has begun one, the access log knows."""

    def __init__(self) -> None:
        self._ends: OrderedDict[tuple[str, str | None, str | None], float] = OrderedDict()

    def begins(self, actor: str, credential: str | None, caller: str | None) -> bool:
        """Whether this is the first use of it; the next one is not."""
        key, now = (actor, credential, caller), monotonic()
        if self._ends.get(key, 0.0) > now:
            return False
        self._ends[key] = now + LASTS.total_seconds()
        self._ends.move_to_end(key)
        if len(self._ends) > MOST_KNOWN:
            self._ends.popitem(last=False)
        return True
