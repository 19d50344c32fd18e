"""Ten thousand events of eight hundred calls, shuffled, a tenth doubled, from four sources at once, killed twice:

the calls are the same, byte for byte, as where everything came in order and once, and what came of them came once.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import httpx

from tests.http.desk import ADMIN_KEY, done
from tests.http.process import Server, server

CALLS: Final = 800
EVENTS: Final = 10_000
SOURCES: Final = 4
BATCH: Final = 250
Event = dict[str, Any]


def event(call: int, number: int, type: str, seconds: int, **data: Any) -> Event:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3) + timedelta(seconds=call + seconds)
    return {
        "specversion": "1.0", "id": f"{call}-{number}", "type": type, "subject": f"c-{call}", "sequence": str(number),
        "time": at.isoformat(), "data": data,
    }  # fmt: skip


def events_of(call: int) -> Iterator[Event]:
    """Twelve or thirteen; of a hundredth nobody tells of the end, of a twentieth a complaint comes."""
    agent = {"agent": f"agent-{call % 7}"}
    yield event(call, 0, "call.offered", 0, caller=f"138{call:08d}", queue=f"q-{call % 3}")
    yield event(call, 1, "call.ringing", 1, **agent)
    yield event(call, 2, "call.answered", 4, **agent)
    for turn in range(3):
        yield event(call, 3 + 2 * turn, "call.held", 10 + 10 * turn)
        yield event(call, 4 + 2 * turn, "call.resumed", 15 + 10 * turn)
    yield event(call, 9, "call.transferred", 50, agent=f"agent-{call % 5}")
    yield event(call, 10, "call.satisfaction_keyed", 75, score=call % 5 + 1)
    form = {"procedure": "kf0001", "subject": "入金未到账", "content": f"第{call}通"} if call % 20 == 0 else None
    yield event(call, 11, "call.wrap_up", 80, **agent, **({"form": form} if form else {"state": "done"}))
    if call % 100:
        yield event(call, 12, "call.ended", 70)
    if call % 2:
        yield event(call, 13, "vendor.mood", 20, mood="calm")


def call_of(one: Event) -> int:
    return int(one["subject"].removeprefix("c-"))


def of_source(source: str, events: Sequence[Event]) -> list[Event]:
    return [{**one, "source": source} for one in events]


class Softphones:
    """Four sources that go on posting until each of their batches was answered, whoever is killed meanwhile."""

    def __init__(self, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents-batch+json"}
        self.to: Server | None = None
        self.answered, self.killed_at = 0, frozenset({10, 25})
        self.was_killed, self.is_back = asyncio.Event(), asyncio.Event()

    async def post(self, events: Sequence[Event]) -> None:
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            while not await self._taken(batch):
                await self._comes_back()
            self.answered += 1
            if self.answered in self.killed_at:
                await self._killed()

    async def _killed(self) -> None:
        """The service, without a word."""
        running, self.to = self.to, None
        assert running is not None
        self.is_back.clear()
        await running.stop(signal.SIGKILL)
        self.was_killed.set()

    def goes_on_with(self, running: Server) -> None:
        self.to = running
        self.was_killed.clear()
        self.is_back.set()

    async def _comes_back(self) -> None:
        with suppress(TimeoutError):  # or was only busy
            async with asyncio.timeout(0.05 if self.to is not None else 60):
                await self.is_back.wait()

    async def _taken(self, batch: Sequence[Event]) -> bool:
        if self.to is None:
            return False
        try:
            answer = await self.to.http.post("/v1/calls/events", content=json.dumps(batch), headers=self._headers)
        except httpx.HTTPError:
            return False
        if answer.status_code != 200:
            assert answer.status_code in (429, 503), answer.text
            return False
        return all(item["status"] in (200, 202) for item in answer.json()["items"])


async def rows(running: Server, key: str, source: str) -> list[dict[str, Any]]:
    """The calls of a source as lists show them, without where and when they arrived."""
    headers = {"Authorization": f"Bearer {key}"}
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = done(await running.http.get(f"/v1/calls?source={source}&limit=200{cursor}", headers=headers))
        found += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return sorted(found, key=lambda row: str(row["id"]))


async def until_led_to(running: Server, key: str, source: str, many: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(60):
        while True:
            found = await rows(running, key, source)
            if sum(len(row["complaints"]) for row in found) >= many:
                return found
            await asyncio.sleep(0.2)


def shown(found: Sequence[dict[str, Any]]) -> bytes:
    ours = [{name: row[name] for name in row if name not in ("source", "complaints")} for row in found]
    return json.dumps(ours, sort_keys=True).encode()


async def test_calls_are_the_same_byte_for_byte_however_their_events_came(database: str) -> None:
    in_order = [one for call in range(CALLS) for one in events_of(call)]
    assert len(in_order) > EVENTS
    chance = Random(11)
    chaos = in_order + chance.sample(in_order, len(in_order) // 10)
    chance.shuffle(chaos)
    chaotic, orderly = [f"chaos-{n}" for n in range(SOURCES)], [f"order-{n}" for n in range(SOURCES)]
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(server(database))
        admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
        new = {"id": "phones", "name": "Phones", "roles": ["integration"]}
        phones = Softphones(done(await running.http.post("/v1/keys", json=new, headers=admin), 201)["key"])
        reader = await running.chief()
        phones.goes_on_with(running)
        parts = {source: of_source(source, [one for one in chaos if call_of(one) % SOURCES == n])
                 for n, source in enumerate(chaotic)}  # fmt: skip
        posting = [asyncio.create_task(phones.post(events)) for events in parts.values()]
        for _ in phones.killed_at:
            await phones.was_killed.wait()
            running = await stack.enter_async_context(server(database))
            phones.goes_on_with(running)
        await asyncio.gather(*posting)
        for n, source in enumerate(orderly):
            await phones.post(of_source(source, [one for one in in_order if call_of(one) % SOURCES == n]))
        for source, ordered in zip(chaotic, orderly, strict=True):
            forms = len({one["id"] for one in parts[source] if "form" in one["data"]})
            one, other = [await until_led_to(running, reader, each, forms) for each in (source, ordered)]
            assert shown(one) == shown(other)
            assert sum(len(row["complaints"]) for row in one) == forms
