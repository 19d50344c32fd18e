"""How to tell that the storage is away: waiting helps then, and for every other error it does not."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from asyncpg import exceptions as pg

from domain.errors import Unavailable

AWAY: Final = (
    OSError,  # refused, reset, unreachable, TLS that broke off, and asyncio's TimeoutError
    asyncio.IncompleteReadError,
    pg.PostgresConnectionError,  # class 08
    pg.TooManyConnectionsError,
    pg.InsufficientResourcesError,  # class 53: also a full disk
    pg.OperatorInterventionError,  # class 57: shutdown, starting up, a cancelled statement
    pg.ReadOnlySQLTransactionError,  # a standby: the primary is elsewhere now
    pg.PostgresIOError,  # class 58
    pg.InternalClientError,  # the connection died in the middle of a step of the protocol
)
# Of the same family, and no connection is lost.
NOT_AWAY: Final = (pg.OutdatedSchemaCacheError,)
# asyncpg uses the same class for a connection that is gone or still busy with what was given up, and for wrong use of a
# good one. A connection that the other side closed while somebody kept it has been "released back to the pool".
GONE: Final = (
    "closed", "closing", "released back to the pool", "another operation is in progress",
    "another operation is cancelling",
)  # fmt: skip
HANDLER_GONE: Final = "the handler is closed"  # uvloop's RuntimeError: the transport is closed, and nobody knows yet


class StorageAway(Unavailable):
    """The database cannot be reached, or has not answered in time.

    `outcome_unknown`: what was asked may have been recorded; ask again with the same command id.
    """

    def __init__(self, why: str = "the database is away", *, outcome_unknown: bool = False) -> None:
        super().__init__(why=why, outcome_unknown=outcome_unknown)
        self.outcome_unknown = outcome_unknown


def is_storage_away(error: BaseException | None) -> bool:
    """Whether an error (asyncpg's, SQLAlchemy's around it, or ours) means that the storage is away."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, NOT_AWAY):
            return False
        if isinstance(error, (StorageAway, *AWAY)) or _lost_its_connection(error):
            return True
        original: Any = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
    return False


def _lost_its_connection(error: BaseException) -> bool:
    if isinstance(error, pg.InterfaceError):
        return any(word in str(error) for word in GONE)
    return isinstance(error, RuntimeError) and HANDLER_GONE in str(error)
