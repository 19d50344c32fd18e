"""A miss that was judged by a wrong clock is taken back over the API, and everything that followed from it follows.

The embedded default, as it is served: the clock of its machine leaps, an operator believes the leap and corrects it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx
import pytest

from drill.deployment import ADMIN_KEY, Service, running
from drill.scenarios import Skipped, WrongClock

CODE: Final = "hotline-12345"
AHEAD: Final = 16 * 24  # hours: past a working day over any holiday, and short of fifteen working days
SOON: Final = 60.0
PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "li-min": {"name": "李敏", "roles": ["agent"]},
    "lu-fang": {"name": "陆芳", "roles": ["unit"], "unit": "education"},
    "zhao-jing": {"name": "赵静", "roles": ["manager"]},
    "ding-yi": {"name": "丁一", "roles": ["supervision"]},
}
COMPLAINT: Final = {
    "procedure": CODE, "kind": "complaint", "channel": "phone", "subject": "学校食堂卫生", "content": "饭菜不洁。",
    "complainant": {"name": "张三", "phone": "+8613800138000"},
}  # fmt: skip
RETRACT: Final = {"clock": "accept", "unit": "education", "reason": "数据库所在机器的时钟快了十六天。"}


@dataclass
class Hotline:
    """The service as its users have it, and the clock of its machine."""

    service: Service
    clock: WrongClock
    http: httpx.AsyncClient
    keys: dict[str, str] = field(default_factory=lambda: {"admin": ADMIN_KEY})

    async def ask(self, who: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def employ(self) -> None:
        for id, person in PEOPLE.items():
            self.keys[id] = (await self.ask("admin", "POST", "/v1/keys", {"id": id, **person}, 201))["key"]

    async def step(self, who: str, id: str, step: str, body: Any, status: int = 200) -> Any:
        return await self.ask(who, "POST", f"/v1/complaints/{id}/{step}", body, status)

    async def history(self, id: str, type: str) -> list[dict[str, Any]]:
        items = (await self.ask("ding-yi", "GET", f"/v1/complaints/{id}/history"))["items"]
        return [event["data"] for event in items if event["type"] == type]

    async def missed(self, id: str) -> list[tuple[str, str | None]]:
        return [(miss["clock"], miss["unit"]) for miss in await self.history(id, "DeadlineMissed")]

    async def told(self, who: str, id: str) -> list[str]:
        """What they hear of misses of the complaint, the newest first."""
        items = (await self.ask(who, "GET", "/v1/notifications"))["items"]
        return [one["event"] for one in items if one["complaint_id"] == id and "Miss" in one["event"]]

    async def owed(self, who: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask(who, "GET", "/v1/obligations?owed_by=me"))["items"]
        return found

    async def figure(self, indicator: str) -> float:
        """What a unit is charged with, once the figures have come as far as the log."""
        position = (await self.ask("ding-yi", "GET", "/v1/audit/events"))["position"]
        path = f"/v1/indicators?procedure={CODE}&by=unit&indicator={indicator}&min_position={position}"
        items = (await self.ask("ding-yi", "GET", path))["items"]
        return float(sum(one["numerator"] for one in items if one["key"] == "education"))

    async def leaps(self, hours: int) -> None:
        """The database's clock goes so many hours wrong, and an operator says that it is right so."""
        self.clock.set(hours)
        await eventually(lambda: self.service.metric("redress_clock_agrees"), 0)
        command = [sys.executable, "-m", "app", "clock", "accept", "--data", str(self.service.folder / "data")]
        accepting = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        assert await accepting.wait() == 0
        await eventually(lambda: self.service.metric("redress_clock_agrees"), 1)


async def eventually(ask: Callable[[], Any], wanted: Any) -> None:
    limit = monotonic() + SOON
    found = await ask()
    while found != wanted:
        assert monotonic() < limit, found
        await asyncio.sleep(0.2)
        found = await ask()


@pytest.fixture
def wrong_clock() -> Iterator[tuple[Path, WrongClock]]:
    with tempfile.TemporaryDirectory(prefix="redress-misses-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user
        try:
            clock = WrongClock(Path(folder))
            clock.set(0)
        except Skipped as reason:
            if sys.platform == "linux":
                raise  # there it comes with what the tests need, in CI too, and has to be tried
            pytest.skip(str(reason))
        yield Path(folder), clock


@pytest.fixture
async def hotline(wrong_clock: tuple[Path, WrongClock]) -> AsyncIterator[Hotline]:
    folder, clock = wrong_clock
    service = Service(folder, environment=clock.environment)
    async with running(service), httpx.AsyncClient(base_url=service.address, timeout=30) as http:
        yield Hotline(service, clock, http)


async def test_a_miss_by_a_wrong_clock_is_taken_back_and_counts_and_cards_and_messages_follow(hotline: Hotline) -> None:
    await hotline.employ()
    id = (await hotline.ask("li-min", "POST", "/v1/complaints", COMPLAINT, 201))["id"]
    await hotline.step("li-min", id, "classify", {"category": "education.school"})
    sent = await hotline.step("li-min", id, "dispatch", {})
    [due] = [one["due_at"] for one in sent["clocks"] if one["name"] == "accept"]
    await hotline.step("ding-yi", id, "retract-miss", RETRACT, 409)

    await hotline.leaps(AHEAD)
    await eventually(lambda: hotline.missed(id), [("accept", "education")])
    [card] = await hotline.history(id, "Supervised")
    assert (card["unit"], await hotline.figure("breaches")) == ("education", 1)
    await eventually(lambda: hotline.told("zhao-jing", id), ["DeadlineMissed"])
    await hotline.step("ding-yi", id, "retract-miss", RETRACT, 409)  # by the time that it is believed to be it was one

    await hotline.leaps(0)
    await hotline.step("lu-fang", id, "retract-miss", RETRACT, 403)
    back = await hotline.step("ding-yi", id, "retract-miss", RETRACT)
    [accept] = [one for one in back["clocks"] if one["name"] == "accept"]
    assert (accept["state"], accept["due_at"]) == ("running", due)
    assert "retract-miss" not in back["allowed"]
    assert (await hotline.step("ding-yi", id, "retract-miss", RETRACT))["version"] == back["version"]  # twice is once
    [retracted] = await hotline.history(id, "DeadlineMissRetracted")
    assert (retracted["reason"], len(retracted["cards"])) == (RETRACT["reason"], 1)
    assert await hotline.figure("breaches") == 0
    await eventually(lambda: hotline.told("zhao-jing", id), ["DeadlineMissRetracted", "DeadlineMissed"])
    [owed] = [one for one in await hotline.owed("lu-fang") if one["step"] == "accept"]
    assert (owed["due_at"], owed["state"]) == (due, "open")

    met = await hotline.step("lu-fang", id, "accept", {})
    assert [one["state"] for one in met["clocks"] if one["name"] == "accept"] == ["met"]
    assert await hotline.missed(id) == [("accept", "education")]  # what was recorded stays recorded
    assert await hotline.figure("breaches") == 0
