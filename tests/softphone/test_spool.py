"""What was heard lies on the disk until it was posted: in order, once, across a kill, and where the disk is full."""

import asyncio
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from softphone.bridge import Keeper
from softphone.posting import Poster
from softphone.said import OpenCall, Said
from softphone.spool import InUse, Spool
from softphone.webhooks import Webhooks

NOW: Final = datetime(2026, 3, 2, 1, 15, tzinfo=UTC)
OFFERED: Final = Said("call.offered", "c-1", {"caller": "13800001234"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "s.db"


@pytest.fixture
def spool(file: Path) -> Iterator[Spool]:
    spool = Spool(file)
    yield spool
    spool.close()


def test_an_event_has_an_id_a_sequence_and_a_time_that_never_change(spool: Spool, file: Path) -> None:
    spool.keep([OFFERED, Said("call.ended", "c-1", at=NOW + timedelta(seconds=5))], "desk-7", NOW)
    first, second = spool.next(10)
    assert first.cloud_event == {
        "specversion": "1.0", "id": f"{spool.id}-1", "source": "desk-7", "sequence": "1", "type": "call.offered",
        "time": "2026-03-02T01:15:00.000Z", "data": {"caller": "13800001234"}, "subject": "c-1",
    }  # fmt: skip
    assert second.cloud_event["time"] == "2026-03-02T01:15:05.000Z"
    spool.settle([1], {})
    again = Spool(file)
    assert [event.cloud_event for event in again.next(10)] == [second.cloud_event]
    again.settle([2], {})
    assert again.keep([OFFERED], "desk-7", NOW) == [3], "a number never comes again"
    again.close()


def test_what_a_system_says_twice_is_one_event_for_eight_days(spool: Spool) -> None:
    twice = Said("call.offered", "c-1", key="core:901")
    assert spool.keep([twice, twice], "a", NOW) == [1]
    assert spool.keep([twice], "a", NOW + timedelta(days=7)) == []
    assert spool.keep([twice], "b", NOW) == [2], "another source"
    assert len(spool.keep([twice], "a", NOW + timedelta(days=9))) == 0
    assert len(spool.keep([twice], "a", NOW + timedelta(days=9))) == 1, "forgotten by then"


def test_what_was_refused_holds_up_nothing_and_is_posted_again_when_somebody_says_so(spool: Spool) -> None:
    spool.keep([OFFERED, Said("call.ended", "c-1")], "a", NOW)
    spool.settle([], {1: {"title": "不是本来源的"}})
    assert [event.number for event in spool.next(10)] == [2]
    assert [(one.number, one.problem) for one in spool.refused()] == [(1, {"title": "不是本来源的"})]
    assert (spool.filling().waiting, spool.filling().refused) == (1, 1)
    assert spool.try_refused_again() == 1
    assert [event.number for event in spool.next(10)] == [1, 2]
    assert spool.refused() == []


def test_open_calls_are_there_again_after_a_new_start(spool: Spool, file: Path) -> None:
    first = OpenCall("c-1", caller="138", legs=["a", "b"])
    spool.keep([OFFERED], "a", NOW, [first, OpenCall("c-2")])
    spool.keep([], "a", NOW, [OpenCall("c-1", caller="138", answered=True, legs=["a"])])
    again = Spool(file)
    assert again.open_calls() == [OpenCall("c-1", caller="138", answered=True, legs=["a"])]
    again.close()


def test_the_spool_is_its_owner_s_alone_and_what_was_posted_is_overwritten(spool: Spool, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    spool.keep([OFFERED], "a", NOW)
    assert b"13800001234" in file.read_bytes()
    spool.settle([1], {})
    assert b"13800001234" not in file.read_bytes()


def test_two_bridges_do_not_post_from_one_spool_and_a_killed_one_lets_go_of_it(spool: Spool, file: Path) -> None:
    other = Spool(file)
    with spool.alone(), pytest.raises(InUse), other.alone():
        raise AssertionError
    with other.alone():
        other.keep([OFFERED], "a", NOW)
    other.close()


WRITER: Final = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from softphone.said import Said
from softphone.spool import Spool
spool = Spool(Path(sys.argv[1]))
for n in range(10_000):
    spool.keep([Said("call.offered", f"c-{n}"), Said("call.ended", f"c-{n}")], "a", datetime.now(UTC))
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [3, 40])
def test_what_was_kept_is_there_after_a_kill_and_nothing_by_halves(file: Path, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout]
    spool = Spool(file)
    calls = [event.cloud_event["subject"] for event in spool.next(100_000)]
    assert len(calls) % 2 == 0
    assert len(said) <= len(calls) // 2 <= len(said) + 1, "what was said to be kept, and at most the one under way"
    assert calls[::2] == calls[1::2] == [f"c-{n}" for n in range(len(calls) // 2)]
    spool.close()


def test_a_full_disk_refuses_whole_and_takes_it_once_there_is_room(file: Path) -> None:
    spool = Spool(file, reserved=0)
    [pages] = spool._db.execute("PRAGMA page_count").fetchone()
    spool._db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()
    large = [Said("call.wrap_up", "c-1", {"form": {"content": "漏水" * 2000}})] * 3
    spool.keep([OFFERED], "a", NOW)
    with pytest.raises(sqlite3.Error, match="full"):
        spool.keep([OFFERED, *large], "a", NOW)
    assert len(spool.next(10)) == 1, "nothing by halves"
    spool._db.execute(f"PRAGMA max_page_count = {pages + 200}").fetchall()
    spool.keep([OFFERED, *large], "a", NOW)
    assert len(spool.next(10)) == 5
    spool.close()


def filled(file: Path) -> None:
    with file.open("wb", buffering=0) as other:
        while True:
            other.write(bytes(4096))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_room_that_was_reserved_takes_calls_while_the_disk_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        spool = Spool(disk / "s.db", reserved=1_000_000)
        with pytest.raises(OSError, match="space"):
            filled(disk / "other")
        for n in range(500):
            spool.keep([Said("call.offered", f"c-{n}", {"caller": "13800001234"})], "a", NOW)
        assert len(spool.next(1000)) == 500
        spool.settle([event.number for event in spool.next(1000)], {})
        spool.close()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_what_is_no_spool_is_no_spool(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text(json.dumps({"a": 1}) * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Spool(other)
    assert other.read_text().startswith('{"a": 1}'), "and stays what it was"


async def test_what_was_handed_over_when_the_bridge_is_stopped_is_on_the_disk(spool: Spool) -> None:
    poster = Poster(spool, "http://127.0.0.1:1", f"whsec_{'A' * 32}", lambda *_: None)
    keeper = Keeper(spool, "a", poster, lambda *_: None)
    keeping = asyncio.create_task(keeper.run())
    await asyncio.sleep(0)
    await keeper.hand_over([OFFERED], Webhooks())
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert [event.cloud_event["type"] for event in spool.next(10)] == ["call.offered"]
