"""Callers that go on asking a service while its storage goes away and comes back, and remember what they were told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import httpx

from tests.http.desk import complaint
from tests.http.process import Server

EACH: Final = 2  # callers of each kind
ENOUGH: Final = 3  # good answers to each kind of request, before it is hurt again
COME_BACK: Final = 0.05  # seconds after which one who was told to come back does
GOOD: Final = ("200", "201")
STREAM: Final = {"Accept": "application/x-ndjson"}


class Callers:
    """A dozen callers of one service. `told` counts statuses by what was asked; `longest` is in seconds."""

    def __init__(self, running: Server) -> None:
        self.http, self._chief = running.http, running.chief
        self._key: dict[str, str] = {}
        self.told: dict[str, Counter[str]] = {}
        self.taken: list[str] = []
        self.without_retry_after = 0
        self._stopped = False
        self._missing: dict[str, int] = {}
        self._answered = asyncio.Event()

    @property
    def statuses(self) -> set[str]:
        return {status for counted in self.told.values() for status in counted}

    async def take(self) -> str:
        answer = await self.http.post("/v1/complaints", json=complaint(), headers=self._key)
        if answer.status_code == 201:
            self.taken.append(answer.json()["id"])
        return self._status(answer)

    async def note(self) -> str:
        path = f"/v1/complaints/{self.taken[-1]}/add-note"
        return self._status(await self.http.post(path, json={"text": "客户来电"}, headers=self._key))

    async def read(self) -> str:
        return self._status(await self.http.get(f"/v1/complaints/{self.taken[-1]}", headers=self._key))

    async def list(self) -> str:
        return self._status(await self.http.get("/v1/tracking", headers=self._key))

    async def figures(self) -> str:
        return self._status(await self.http.get("/v1/sla/summary", headers=self._key))

    async def stream(self) -> str:
        """Whole, refused, or broken off in a way that a reader notices."""
        try:
            return self._status(await self.http.get("/v1/audit/events", headers=self._key | STREAM))
        except httpx.RemoteProtocolError:
            return "broken off"

    def _status(self, answer: httpx.Response) -> str:
        if answer.status_code == 503:
            self.without_retry_after += "retry-after" not in answer.headers
        return str(answer.status_code)

    async def _go_on(self, name: str, ask: Callable[[], Awaitable[str]]) -> None:
        counted = self.told.setdefault(name, Counter())
        self._missing.setdefault(name, ENOUGH)
        while not self._stopped:
            told = await ask()
            counted[told] += 1
            if told in GOOD:
                self._missing[name] -= 1
                if max(self._missing.values()) <= 0:
                    self._answered.set()
            else:
                await asyncio.sleep(COME_BACK)

    async def answered_again(self) -> None:
        """Returns when everybody was told something good since."""
        self._missing = {name: ENOUGH for name in self.told}
        self._answered.clear()
        async with asyncio.timeout(60):
            await self._answered.wait()

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        self._key = {"Authorization": f"Bearer {await self._chief()}"}
        assert await self.take() == "201"
        kinds = (self.take, self.note, self.read, self.list, self.figures, self.stream)
        asking = [asyncio.create_task(self._go_on(kind.__name__, kind)) for kind in kinds for _ in range(EACH)]
        try:
            await asyncio.sleep(0)  # everybody has a place to count in
            yield
        finally:
            self._stopped = True
            await asyncio.gather(*asking)
