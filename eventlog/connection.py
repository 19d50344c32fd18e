"""A connection that asks about PostgreSQL's own types once per process.

To send or read a uuid[] or a bigint[], asyncpg has each new connection look the type up in the catalogue: three
statements and about 8 ms, before its first statement with one. Those types are the same in every database.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Final

import asyncpg

# What has a number below this has it for ever, and in every database (PostgreSQL's access/transam.h).
FIRST_THAT_DIFFERS: Final = 10_000
# In the place of the statement that asyncpg would have asked with: named, so that it spoilt no unnamed one.
NOT_ASKED: Final = SimpleNamespace(name="not asked")

_known: dict[frozenset[int], Any] = {}


class Connection(asyncpg.Connection):  # type: ignore[misc]  # it is published without types
    """As asyncpg's, and quicker with its first statements."""

    async def _introspect_types(
        self,
        typeoids: Iterable[int],
        timeout: float | None,  # noqa: ASYNC109 (asyncpg's own method)
    ) -> tuple[Any, Any]:
        wanted = frozenset(typeoids)
        if wanted in _known:
            return _known[wanted], NOT_ASKED
        types, statement = await super()._introspect_types(typeoids, timeout)
        if max(wanted) < FIRST_THAT_DIFFERS:
            _known[wanted] = types
        return types, statement
