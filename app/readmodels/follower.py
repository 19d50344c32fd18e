"""Keeps the read models behind the log by milliseconds: those of the cases, and beside them those of the calls.

A complaint that one read model cannot take in is parked in that one alone. However many calls come in, what is shown of
the cases does not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from app.readmodels.fold import Folded, Folding
from app.readmodels.store import CaseRows, Rows, rows_of, write_rows
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.consumer import Batch, Consumer, Failed, Item, Prepared, failed_in
from eventlog.follower import BATCH, RETRY_SECONDS, Follower
from eventlog.log import EventLog
from eventlog.streams import CALL, COMPLAINT, INCIDENT, StreamKind, kind_of
from procedures.rules import Rules
from projections.case import ReadModel
from projections.progress import OF_CALLS, OF_CASES

LOCK: Final = "read models"
LOCK_OF_CALLS: Final = "read models of calls"
CASES: Final = (COMPLAINT, INCIDENT)
CALLS: Final = (CALL,)


class ReadModels(Consumer[CaseRows]):
    """Folds the cases that a batch touches, once for all read models, and writes the rows of each."""

    # The plans are made while the tables are empty and kept, so they must not scan them.
    session = f"{Consumer.session}; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
    keeps_connection = True

    def __init__(
        self, folding: Folding, models: Sequence[ReadModel], kinds: Sequence[StreamKind[Any, Any]]
    ) -> None:
        """`kinds`: what they are made from. Others are read too: who waits for a position may mean theirs."""
        self.names, self._kinds = tuple(model.name for model in models), kinds
        self._folding, self._models = folding, {model.name: model for model in models}

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[CaseRows]]:
        own = [event for event in batch.events if kind_of(event) in self._kinds]
        folded = await self._folding.up_to(own) if own else Folded()
        parts = batch.by_stream()
        made: dict[str, Prepared[CaseRows]] = {}
        for name, model in self._models.items():
            prepared = made[name] = Prepared()
            for id, error in folded.failed_for(model).items():
                prepared.failed[id] = failed_in(parts[id], error)
            for case in folded.cases_for(model):
                position = parts[case.id][0].position
                try:
                    prepared.items.append(Item(case.id, position, (case, rows_of(model, case))))
                except Exception as error:  # whatever a projection does wrong stops this case and no other
                    prepared.failed[case.id] = Failed(position, error)
        return made

    async def write(self, connection: Connection, name: str, values: Sequence[CaseRows]) -> None:
        await write_rows(connection, Rows.joined(self._models[name], values))

    def start_over(self) -> None:
        self._folding.forget()


class ModelsOfCalls(ReadModels):
    """Those of the calls, which nobody waits for so long that they need a connection of their own."""

    topics = frozenset(event.TOPIC for event in CALL.events)
    keeps_connection = False


def read_models_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    complainants: Complainants,
    rules: Rules,
    *,
    models: Sequence[ReadModel] = OF_CASES,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    batch_size: int = BATCH,
    retry_seconds: float = RETRY_SECONDS,
    keep: int = 1000,
) -> Follower[CaseRows]:
    """What lets those of the cases follow the log; `keep`: how many folded complaints are kept for their next event."""
    consumer = ReadModels(Folding(log, codec, complainants, rules, keep=keep), models, CASES)
    return Follower(
        pool, log, codec, consumer, lock=LOCK, now=now, batch_size=batch_size, retry_seconds=retry_seconds
    )  # fmt: skip


def calls_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    complainants: Complainants,
    rules: Rules,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Follower[CaseRows]:
    """What lets those of the calls follow the log."""
    consumer = ModelsOfCalls(Folding(log, codec, complainants, rules, keep=0), OF_CALLS, CALLS)
    return Follower(pool, log, codec, consumer, lock=LOCK_OF_CALLS, now=now)
