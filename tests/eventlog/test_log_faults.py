"""The event log while connections break, the server dies, callers leave, and more comes than can be written."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from app.embedded.postgres import EmbeddedPostgres
from eventlog.database import is_storage_away
from eventlog.log import Append, Appended, CommandIdReused, EventLog, QueueFull, StorageAway, VersionConflict
from migrations import upgrade
from tests.cluster import temporary_folder
from tests.eventlog.proxy import Cut, Proxy
from tests.eventlog.samples import OTHER_HASH, append_of, named, open_log


@pytest.fixture
async def proxy(database: str) -> AsyncIterator[Proxy]:
    async with Proxy(database) as proxy:
        yield proxy


async def recorded(url: str) -> list[tuple[int, UUID | None]]:
    """Positions and command ids as they are in the table, read past the log."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT notification_id, command_id FROM stored_events ORDER BY 1")
    finally:
        await connection.close()
    return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("when", ["before it arrives", "before it is answered"])
async def test_a_connection_lost_in_mid_batch_loses_nothing_and_doubles_nothing(
    proxy: Proxy, database: str, when: Cut
) -> None:
    async with open_log(proxy.url) as opened:
        await opened.log.append(append_of("first"))
        appends = [append_of(f"case {number}", "complaint.CutHere") for number in range(20)]
        proxy.cut(b"complaint.CutHere", when)

        answers = await asyncio.gather(*map(opened.log.append, appends))

        assert proxy.cuts == 1
        assert [(answer.position, answer.seen_before) for answer in answers] == [(n, False) for n in range(2, 22)]
    assert await recorded(database) == [
        (position, append.command_id) for position, append in enumerate([append_of("first"), *appends], 1)
    ]


async def test_after_a_lost_answer_another_request_with_the_same_key_is_still_refused(
    proxy: Proxy, database: str
) -> None:
    async with open_log(proxy.url) as opened:
        await opened.log.append(append_of("case", command="click"))
        proxy.cut(b"complaint.CutHere", "before it is answered")

        with pytest.raises(CommandIdReused):
            await opened.log.append(
                append_of("case", "complaint.CutHere", after=1, command="click", request_hash=OTHER_HASH)
            )

    assert proxy.cuts == 1
    assert len(await recorded(database)) == 1


async def test_a_storage_that_stays_away_is_said_to_be_away_and_the_outcome_unknown(
    proxy: Proxy, database: str
) -> None:
    async with open_log(proxy.url, patience=0.2) as opened:
        await opened.log.append(append_of("first"))
        good, proxy.target = proxy.target, proxy.target._replace(netloc="127.0.0.1:1")
        proxy.cut(b"complaint.CutHere", "before it is answered")

        with pytest.raises(StorageAway) as sent:
            await opened.log.append(append_of("case", "complaint.CutHere"))
        with pytest.raises(StorageAway) as never_sent:
            await opened.log.append(append_of("other"))

        assert sent.value.outcome_unknown
        assert not never_sent.value.outcome_unknown

        proxy.target = good
        again = await opened.log.append(append_of("case", "complaint.CutHere"))
        assert again == Appended(position=2, version=1, seen_before=True, originator_id=named("case"))
    assert [position for position, _ in await recorded(database)] == [1, 2]


async def test_appends_survive_a_killed_and_restarted_server() -> None:
    with temporary_folder() as folder:
        server = await asyncio.to_thread(EmbeddedPostgres.start, folder / "data")
        await asyncio.to_thread(upgrade, server.dsn)
        async with Proxy(server.dsn) as proxy, open_log(proxy.url, batch_size=16) as opened:
            appends = [append_of(f"case {number}") for number in range(400)]
            answers = [asyncio.create_task(opened.log.append(append)) for append in appends]
            await opened.log.wait_beyond(32, 30)

            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            await asyncio.to_thread(server.stop)
            assert not all(answer.done() for answer in answers)
            server = await asyncio.to_thread(EmbeddedPostgres.start, folder / "data")
            proxy.target = Proxy(server.dsn).target

            positions = [answer.position for answer in await asyncio.gather(*answers)]
            assert positions == list(range(1, 401))
            assert await recorded(server.dsn) == [(n, append.command_id) for n, append in enumerate(appends, 1)]
            assert await opened.log.wait_beyond(399, 30) == 400
        await asyncio.to_thread(server.stop)


async def hold_the_log(url: str) -> asyncpg.Connection[asyncpg.Record]:
    """Takes the lock of the log as a slow writer elsewhere would, until the connection is closed."""
    connection = await asyncpg.connect(url)
    definition = await connection.fetchval("SELECT pg_get_functiondef('append_events'::regproc)")
    key = definition.partition("pg_advisory_xact_lock(")[2].partition(")")[0]
    await connection.execute(f"SELECT pg_advisory_lock({int(key)})")
    return connection


async def queue_up(log: EventLog, appends: list[Append]) -> list[asyncio.Task[Appended]]:
    """Starts the appends one after the other; the first is on its way, the rest waits behind it."""
    tasks = []
    for append in appends:
        tasks.append(asyncio.create_task(log.append(append)))
        for _ in range(3):
            await asyncio.sleep(0)  # let the caller put it in, and the writer take it out
    return tasks


async def test_a_full_queue_refuses_at_once_and_takes_again_later(database: str) -> None:
    async with open_log(database, queue_size=2) as opened:
        holder = await hold_the_log(database)
        tasks = await queue_up(opened.log, [append_of(f"case {number}") for number in range(3)])
        assert opened.log.queued == 2

        with pytest.raises(QueueFull):
            await opened.log.append(append_of("one too many"))

        await holder.close()
        assert [(await task).position for task in tasks] == [1, 2, 3]
        assert (await opened.log.append(append_of("one too many"))).position == 4


async def test_a_caller_who_leaves_does_not_disturb_the_others(database: str) -> None:
    async with open_log(database) as opened:
        holder = await hold_the_log(database)
        on_its_way, waits, stays = await queue_up(opened.log, [append_of("on its way"), append_of("b"), append_of("c")])

        on_its_way.cancel()
        waits.cancel()
        await asyncio.gather(on_its_way, waits, return_exceptions=True)
        await holder.close()

        assert (await stays).position == 2
        assert [command for _, command in await recorded(database)] == [
            append_of("on its way").command_id,
            append_of("c").command_id,
        ]


async def test_of_two_logs_racing_on_one_stream_exactly_one_wins_each_version(database: str) -> None:
    async def race(log: EventLog, name: str) -> tuple[int, int]:
        wins = losses = version = 0
        while version < 60:
            try:
                version = (await log.append(append_of("contested", after=version, actor=name))).version
                wins += 1
            except VersionConflict as lost:
                version = lost.current
                losses += 1
        return wins, losses

    async with open_log(database) as one, open_log(database) as other:
        races = await asyncio.gather(
            *(race(log, f"{i} {n}") for i, log in enumerate((one.log, other.log)) for n in "ab")
        )

        stream = await one.log.stream(named("contested"))

    assert [event.originator_version for event in stream] == list(range(1, len(stream) + 1))
    assert len(stream) == sum(wins for wins, _ in races)
    assert sum(losses for _, losses in races) >= len(races) - 1  # all but one lose the first version at least


async def test_the_same_command_from_two_logs_at_once_is_recorded_once(database: str) -> None:
    async with open_log(database) as one, open_log(database) as other:
        appends = [append_of(f"case {number}") for number in range(200)]

        pairs = await asyncio.gather(*(asyncio.gather(*map(log.append, appends)) for log in (one.log, other.log)))

    assert [answer.position for answer in pairs[0]] == [answer.position for answer in pairs[1]]
    assert all(a.seen_before != b.seen_before for a, b in zip(*pairs, strict=True))
    assert len(await recorded(database)) == 200


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (asyncpg.TooManyConnectionsError("x"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.CannotConnectNowError("x"), True),
        (asyncpg.ReadOnlySQLTransactionError("x"), True),
        (asyncpg.DiskFullError("x"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), True),
        (asyncpg.InterfaceError("cannot perform operation: another operation is cancelling"), True),
        (asyncpg.InterfaceError("pool is closing"), True),
        (asyncpg.InterfaceError("cannot enter context: already in an `async with` block"), False),
        (asyncpg.DataError("invalid input for query argument $1"), False),
        (asyncpg.InternalClientError("got result for unknown protocol state 0"), True),
        (asyncpg.exceptions.ProtocolError("x"), True),
        (asyncpg.exceptions.TargetServerAttributeNotMatched("x"), True),
        (asyncpg.exceptions.OutdatedSchemaCacheError("x"), False),
        (asyncpg.InvalidCachedStatementError("x"), False),
        (asyncpg.ConnectionDoesNotExistError("x"), True),
        (asyncpg.QueryCanceledError("x"), True),
        (asyncpg.CrashShutdownError("x"), True),
        (asyncio.IncompleteReadError(b"", 4), True),
        (ssl.SSLError("x"), True),
        (RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed"), True),
        (RuntimeError("x"), False),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.UndefinedTableError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_only_errors_that_waiting_cures_mean_that_the_storage_is_away(error: Exception, away: bool) -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = error

    assert is_storage_away(error) is away
    assert is_storage_away(wrapped) is away


async def test_a_listener_whose_connection_died_does_not_hold_up_the_closing(database: str) -> None:
    async with open_log(database) as opened:
        await opened.log.append(append_of("first"))
        connection = await asyncpg.connect(database)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()

        async with asyncio.timeout(10):
            await opened.log.close()

        with pytest.raises(StorageAway):
            await opened.log.append(append_of("second"))
    assert len(await recorded(database)) == 1
