"""A file that is too long for one process: decided beside the service, killed at any moment, and every row once."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from app.imports.deciders import PROGRAM
from app.imports.importer import SHORT
from tests.http.desk import ADMIN_KEY, complaint, done
from tests.http.process import Server, server

pytestmark = pytest.mark.asyncio
ROWS: Final = SHORT + 1_500
TWICE: Final = 5  # rows that tell of a complaint that an earlier row told of
MAPPING: Final = """
procedure: general
system: old
complaint: {old_number: no, received_at: in, subject: what, content: what, name: who, phone: phone}
steps:
  - {step: classify, at: in, severity: {value: simple}, category: {value: service}, issue_point: {value: refund-late}}
  - {step: add-note, at: noted, text: note}
  - {step: close, at: closed, outcome: {value: done}, summary: note}
"""
STREAMS: Final = "SELECT count(DISTINCT originator_id), count(*) FROM stored_events WHERE topic LIKE 'complaint.%'"
GAPS: Final = """
SELECT originator_id FROM stored_events GROUP BY originator_id HAVING max(originator_version) <> count(*)
"""
REPORTED: Final = "SELECT count(*), count(DISTINCT row), min(row), max(row) FROM import_rows WHERE import_id = $1"
HELD: Final = """
SELECT count(*) - count(DISTINCT (lookup, issue_point, id)), count(DISTINCT id)
FROM open_matters, unnest(complaint_ids) AS id
"""
NOTICES: Final = "SELECT count(*) FROM notifications"


def sheet(rows: int) -> bytes:
    """Every tenth is still open; the last ones tell of the first ones again, with a later note."""
    text, begun = StringIO(), datetime(2025, 1, 6, 9, 0)  # noqa: DTZ001 (as it is written)
    writer = csv.writer(text)
    writer.writerow(["no", "in", "what", "who", "phone", "noted", "note", "closed"])
    for number in range(rows):
        at = begun + timedelta(minutes=20 * number)
        closed = "" if number % 10 == 0 else f"{at + timedelta(hours=30):%Y-%m-%d %H:%M}"
        came = f"{at:%Y-%m-%d %H:%M}"
        writer.writerow([f"A-{number}", came, "退款未到账", f"客户{number}", f"138{number:08d}", came, "已查", closed])
    for number in range(TWICE):
        at = begun + timedelta(minutes=20 * number)
        later = f"{at + timedelta(days=9):%Y-%m-%d %H:%M}"
        row = [f"{at:%Y-%m-%d %H:%M}", "退款未到账", f"客户{number}", f"138{number:08d}", later, "再查", ""]
        writer.writerow([f"A-{number}", *row])
    return text.getvalue().encode()


async def begin(one: Server, content: bytes) -> str:
    form = {"file": ("old.csv", content), "mapping": ("map.yaml", MAPPING.encode())}
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    return str(done(await one.http.post("/v1/imports", files=form, headers=headers), 202)["id"])


async def look(one: Server, id: str) -> dict[str, Any]:
    found: dict[str, Any] = done(
        await one.http.get(f"/v1/imports/{id}?limit=1", headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    )
    return found


async def until(one: Server, id: str, rows: int) -> dict[str, Any]:
    """Waits until so many rows are reported, or the import is over."""
    async with asyncio.timeout(120):
        while True:
            found = await look(one, id)
            if found["rows"]["done"] >= rows or found["state"] not in ("waiting", "running"):
                return found
            await asyncio.sleep(0.05)


async def over(one: Server, id: str) -> dict[str, Any]:
    found = await until(one, id, 10**9)
    assert found["state"] == "done", found
    return found


def deciders_of(service: int) -> list[int]:
    """The processes that decide for this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                said = (folder / "cmdline").read_text()
            except OSError:
                continue
            if parent == service and PROGRAM[1] in said:
                found.append(int(folder.name))
    return found


async def ended(process: int) -> None:
    async with asyncio.timeout(30):
        while True:
            if not await asyncio.to_thread(Path(f"/proc/{process}/stat").exists):
                return
            await asyncio.sleep(0.05)


async def every_row_is_told_once(database: str, id: str, found: dict[str, Any]) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetch(GAPS) == []
        assert tuple(await connection.fetchrow(REPORTED, id)) == (ROWS + TWICE, ROWS + TWICE, 1, ROWS + TWICE)
        assert (await connection.fetchrow(STREAMS))[0] == ROWS
        # Whoever calls again about what is still open repeats it, also where the import was killed.
        assert tuple(await connection.fetchrow(HELD)) == (0, ROWS // 10)
        assert await connection.fetchval(NOTICES) == 0
    finally:
        await connection.close()
    counts = Counter(found["counts"])
    assert (counts["taken"], counts["went-on"], counts["refused"]) == (ROWS, TWICE, 0)


async def test_a_long_file_is_decided_by_processes_of_its_own_that_end_with_it(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        await until(one, id, 1)
        deciders = deciders_of(one.process.pid)
        assert deciders
        found = await over(one, id)
        for decider in deciders:
            await ended(decider)
        await every_row_is_told_once(database, id, found)


async def test_an_intake_during_an_import_is_taken_and_answered(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        await until(one, id, 1)
        for number in range(5):
            who = {"name": f"王{number}", "phone": f"+861370000{number:04d}"}
            done(await one.post("/v1/complaints", complaint(complainant=who)), 201)
        assert (await look(one, id))["state"] == "running"
        await over(one, id)


async def test_a_process_that_decides_and_is_killed_costs_no_row(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        for rows in (1, ROWS // 2):
            await until(one, id, rows)
            for decider in deciders_of(one.process.pid)[:1]:
                os.kill(decider, signal.SIGKILL)
        await every_row_is_told_once(database, id, await over(one, id))


async def test_an_import_whose_processes_end_at_one_place_again_and_again_fails_and_says_so(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        async with asyncio.timeout(120):
            while (found := await look(one, id))["state"] in ("waiting", "running"):
                for decider in deciders_of(one.process.pid):
                    with suppress(ProcessLookupError):
                        os.kill(decider, signal.SIGKILL)
        assert (found["state"], found["failure"]) == ("failed", "processes-ended")
        again = await over(one, await begin(one, sheet(ROWS)))
        assert "refused" not in again["counts"]


async def test_a_service_that_is_killed_in_the_middle_goes_on_with_the_import_when_it_is_back(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        await until(one, id, 1)
        deciders = deciders_of(one.process.pid)
        await one.stop(signal.SIGKILL)
    async with server(database) as one:
        await until(one, id, ROWS // 2)
        await one.stop(signal.SIGKILL)
    for decider in deciders:
        await ended(decider)
    async with server(database) as one:
        await every_row_is_told_once(database, id, await over(one, id))


async def test_an_import_that_is_cancelled_ends_its_processes(database: str) -> None:
    async with server(database) as one:
        id = await begin(one, sheet(ROWS))
        await until(one, id, 1)
        deciders = deciders_of(one.process.pid)
        done(await one.http.delete(f"/v1/imports/{id}", headers={"Authorization": f"Bearer {ADMIN_KEY}"}))
        for decider in deciders:
            await ended(decider)
        assert (await look(one, id))["state"] == "cancelled"


SCANNED: Final = """
SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname IN ('stored_events', 'complainants', 'import_rows')
"""


async def test_no_table_is_read_whole_again_and_again_though_it_was_small_when_it_was_measured(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        async with server(database) as one:
            for number in range(20):
                who = {"name": f"李{number}", "phone": f"+861360000{number:04d}"}
                done(await one.post("/v1/complaints", complaint(complainant=who)), 201)
            await connection.execute("ANALYZE stored_events, complainants, import_rows")
            await over(one, await begin(one, sheet(ROWS)))
        async with server(database) as one:  # which tells how much was read when it ends
            pass
        read = dict(await connection.fetch(SCANNED))
        events = (await connection.fetchrow(STREAMS))[1]
    finally:
        await connection.close()
    assert read["stored_events"] < 3 * events, read
    assert read["complainants"] < 3 * ROWS, read
