"""The clock of the database's machine leaps, ahead and back: nothing is judged by it, and everything goes on after."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

import migrations
from app.deployment_clock import accept_clock
from app.embedded.postgres import EmbeddedPostgres
from tests.app.service_stories import HOUR, eventually
from tests.cluster import temporary_folder
from tests.http.desk import Desk, done, open_desk

NEARLY: Final = timedelta(minutes=2)


class WrongClock:
    """The wall clock of a process that is started while this is in its environment, and of those it starts."""

    def __init__(self, folder: Path) -> None:
        found = find_spec("libfaketime")
        assert found is not None
        assert found.origin is not None
        self.library = folder / "libfaketime.so.1"
        shutil.copy(Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1", self.library)
        self.library.chmod(0o755)
        self._file = folder / "hours"
        self.leap(0)
        self._file.chmod(0o644)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1",
        }  # fmt: skip

    def leap(self, hours: int) -> None:
        self._file.write_text(f"{hours:+d}h\n")


@pytest.fixture
def clock() -> Any:
    with temporary_folder() as folder:
        yield WrongClock(folder)


@pytest.fixture
async def desk(clock: WrongClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A service whose database's clock is wrong, while its own is not."""
    with temporary_folder() as folder:
        with monkeypatch.context() as environment:
            for name, value in clock.environment.items():
                environment.setenv(name, value)
            server = EmbeddedPostgres.start(folder / "data")
        try:
            migrations.upgrade(server.dsn)
            async with open_desk(server.dsn, sandbox=False) as desk:
                yield desk
        finally:
            server.stop()


async def received(desk: Desk) -> str:
    """A complaint with time limits that are due within eight hours, whatever day it is."""
    id: str = (await desk.receive(procedure="market-30min"))["id"]
    return id


async def history(desk: Desk, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(await desk.get("li-min", f"/v1/complaints/{id}/events"))["items"]
    return items


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["recorded_at"])


@pytest.mark.parametrize("hours", [8, -8])
async def test_no_leap_of_the_databases_clock_is_judged_or_recorded(desk: Desk, clock: WrongClock, hours: int) -> None:
    service = desk.service
    id = await received(desk)
    await desk.caught_up()
    began = service.clock.now()

    clock.leap(hours)
    await eventually(lambda: not service.clock.agrees)
    assert abs(timedelta(seconds=service.clock.leap) - hours * HOUR) < NEARLY
    assert done(await desk.get(None, "/readyz"))["checks"]["clock"]["agrees"] is False
    await desk.step("li-min", id, "add-note", text="办理照常。")
    judged = service.clock_runner.judged

    clock.leap(0)
    await eventually(lambda: service.clock.agrees)
    await desk.step("li-min", id, "add-note", text="时钟已校正。")
    await desk.caught_up()
    assert service.clock_runner.judged == judged == 0

    happened = await history(desk, id)
    assert [event["type"] for event in happened] == ["Received", "NoteAdded", "NoteAdded"]
    assert sorted(map(at, happened)) == list(map(at, happened))
    assert all(abs(at(event) - began) < NEARLY for event in happened)


async def test_a_leap_that_an_operator_accepts_is_judged(desk: Desk, clock: WrongClock) -> None:
    service = desk.service
    id = await received(desk)
    await desk.caught_up()
    clock.leap(8)
    await eventually(lambda: not service.clock.agrees)
    await accept_clock(service.pool)
    await eventually(lambda: service.clock_runner.judged > 0)
    assert "DeadlineMissed" in [event["type"] for event in await history(desk, id)]
