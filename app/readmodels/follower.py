"""Keeps the read models behind the log by milliseconds.

A complaint that one read model cannot take in is parked in that one alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg

from app.readmodels.fold import Folding
from app.readmodels.store import CaseRows, Rows, rows_of, write_rows
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.consumer import Batch, Consumer, Failed, Item, Prepared, failed_in
from eventlog.follower import BATCH, RETRY_SECONDS, Follower
from eventlog.log import EventLog
from procedures.rules import Rules
from projections.case import ReadModel
from projections.progress import READ_MODELS

LOCK: Final = "read models"


class ReadModels(Consumer[CaseRows]):
    """Folds the cases that a batch touches, once for all read models, and writes the rows of each."""

    # The plans are made while the tables are empty and kept, so they must not scan them.
    session = f"{Consumer.session}; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
    keeps_connection = True

    def __init__(self, folding: Folding, models: Sequence[ReadModel]) -> None:
        self.names = tuple(model.name for model in models)
        self._folding, self._models = folding, {model.name: model for model in models}

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[CaseRows]]:
        folded = await self._folding.up_to(batch.events)
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


def read_models_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    complainants: Complainants,
    rules: Rules,
    *,
    models: Sequence[ReadModel] = READ_MODELS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    batch_size: int = BATCH,
    retry_seconds: float = RETRY_SECONDS,
    keep: int = 1000,
) -> Follower[CaseRows]:
    """What lets the read models follow the log; `keep`: how many folded complaints are kept for their next event."""
    consumer = ReadModels(Folding(log, codec, complainants, rules, keep=keep), models)
    return Follower(
        pool, log, codec, consumer, lock=LOCK, now=now, batch_size=batch_size, retry_seconds=retry_seconds
    )  # fmt: skip
