"""`python -m app.imports.decider`: one process that decides batches of an import, started by deciders.py alone.

It reads from its standard input what to work for and then batches, answers on its standard output, and ends with its
input.
"""

import asyncio
import os
import sys
from typing import BinaryIO, Final

import structlog
import uvloop

from app.imports.batches import Batch, Batches, Recording
from app.imports.deciders import Answer, Task, framed, heard
from app.imports.jobs import ImportJobs
from app.imports.mapping import read_mapping
from app.logs import configure
from app.rules.rules_in_force import RulesInForce
from app.spared import spare_the_collector
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool, is_storage_away
from eventlog.log import EventLog
from eventlog.sealing import MasterKey

log = structlog.get_logger()
CONNECTIONS: Final = 3
KEYS: Final = 1_000  # of complainants: rows beside each other are often of one


async def decide(answers: BinaryIO) -> None:
    """Until nobody is there any more who asks."""
    asked = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    task: Task | None = await heard(asked)
    if task is None:
        return
    pool = await create_pool(task.deployment.database_url, min_size=1, max_size=CONNECTIONS)
    try:
        master = MasterKey(task.deployment.master_key)
        rules = await RulesInForce.load(pool, task.begun_at)
        jobs = ImportJobs(pool, master)
        one = await jobs.one(task.import_id)
        mapping = read_mapping(one.described.mapping, rules, task.columns)
        keys = Complainants(pool, master, keep=KEYS)
        recording = Recording(EventLog(pool), EventCodec(master), keys, rules, master, jobs)
        batches = Batches(recording, one, mapping, task.staff, task.begun_at)
        spare_the_collector()
        async with asyncio.TaskGroup() as under_way:
            while (said := await heard(asked)) is not None:
                number, batch = said
                under_way.create_task(_answered(batches, number, batch, answers))
    finally:
        await pool.close()


async def _answered(batches: Batches, number: int, batch: Batch, answers: BinaryIO) -> None:
    try:
        answer = Answer(number, await batches.done(batch))
    except Exception as error:  # whatever it is: the importer says what becomes of the import
        log.error("import_batch_failed", first=batch.first, error=type(error).__name__)
        answer = Answer(number, away=is_storage_away(error), error=type(error).__name__)
    try:
        answers.write(framed(answer))
        answers.flush()
    except BrokenPipeError:
        log.warning("import_batch_unheard", first=batch.first)


def main() -> None:
    """Nothing else that is printed may come between the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    configure("warning")
    uvloop.run(decide(answers))


if __name__ == "__main__":
    main()
