"""The clients of a drill: each takes complaints down, notes things on them, and reads, for as long as it is let.

Whoever gets no answer, or is told to come back, asks again under the same Idempotency-Key, as api.md tells them to.
"""

import asyncio
import random
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from uuid import UUID

import httpx

from drill.history import Acknowledged, Attempt, Command, ComplaintRead, FeedRead, History, ListRead

PROCEDURE: Final = "market-30min"  # a limit of half an hour runs from the first moment
PATIENCE: Final = 15.0  # seconds: longer than any answer may take
PAUSE: Final = 0.03  # seconds between two things that a client does: faults are tried here, not speed
TRIES: Final = 12
GIVES_UP: Final = 0.2  # of those that got no answer: not everybody asks again
COMPLAINTS: Final = 150  # of one client, so that its list is a page
PAGE: Final = 200
FEED: Final = 100


@dataclass
class Crew:
    """Everybody who uses the deployment in one drill. `addresses`: of its services, which clients share out."""

    addresses: list[str]
    keys: dict[str, str]
    auditor: str
    history: History = field(default_factory=History)
    streams: list[UUID] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        """Plays all clients until `stopped` is set and each has finished what it was at."""
        async with asyncio.TaskGroup() as group:
            for number, (name, key) in enumerate(self.keys.items()):
                group.create_task(Client(self, number, name, key).work())


class Client:
    """One agent at the telephone, with a key of its own."""

    def __init__(self, crew: Crew, number: int, name: str, key: str) -> None:
        self._crew, self._history, self._name = crew, crew.history, name
        self._key, self._number, self._done = key, number, 0
        self._random = random.Random(number)
        self._reached = 0  # the newest position that this client was told
        self._taken = 0

    async def work(self) -> None:
        address = self._crew.addresses[self._number % len(self._crew.addresses)]
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as self._http:
            while not self._crew.stopped.is_set():
                await self._something()
                await asyncio.sleep(PAUSE * self._random.random() * 2)

    async def _something(self) -> None:
        chance = self._random.random()
        if not self._crew.streams or (chance < 0.3 and self._taken < COMPLAINTS):
            await self._take_down()
        elif chance < 0.7:
            await self._note(self._random.choice(self._crew.streams))
        elif chance < 0.85:
            await self._read(self._random.choice(self._crew.streams))
        elif chance < 0.95:
            await self._list()
        else:
            await self._follow()

    async def _take_down(self) -> None:
        command = self._command(None)
        phone = f"+861{3 + self._number // 100}{self._number % 100:02d}{self._done:07d}"
        body = {
            "procedure": PROCEDURE, "channel": "phone", "subject": command.token, "content": "演练",
            "complainant": {"name": "演练", "phone": phone},
        }  # fmt: skip
        if (answer := await self._carry_out("/v1/complaints", command, body)) is not None:
            self._taken += 1
            self._crew.streams.append(answer.stream)

    async def _note(self, stream: UUID) -> None:
        command = self._command(stream)
        await self._carry_out(f"/v1/complaints/{stream}/add-note", command, {"text": command.token})

    def _command(self, stream: UUID | None) -> Command:
        self._done += 1
        command = Command(self._name, f"{self._name}-{self._done}", stream)
        self._history.commands.append(command)
        return command

    async def _carry_out(self, path: str, command: Command, body: dict[str, Any]) -> Acknowledged | None:
        """Asks until it is answered, or nobody cares any more."""
        for number in range(TRIES):
            attempt = Attempt(monotonic())
            command.attempts.append(attempt)
            answer = await self._asked("POST", path, json=body, headers={"Idempotency-Key": command.token})
            if answer is not None:
                attempt.answered, attempt.status = monotonic(), answer.status_code
                if answer.is_success:
                    attempt.acknowledged = _acknowledged(answer)
                    self._reached = max(self._reached, attempt.acknowledged.position)
                    return attempt.acknowledged
            if self._random.random() < GIVES_UP:
                return None
            await asyncio.sleep(min(0.1 * 2**number, 1.0))
        return None

    async def _read(self, stream: UUID) -> None:
        sent = monotonic()
        answer = await self._asked("GET", f"/v1/complaints/{stream}")
        if answer is not None and answer.is_success:
            read = ComplaintRead(sent, monotonic(), stream, answer.json()["version"])
            self._history.complaint_reads.append(read)

    async def _list(self) -> None:
        sent, asked = monotonic(), self._reached
        wanted = {"owner": self._name, "min_position": asked, "limit": PAGE}
        answer = await self._asked("GET", "/v1/tracking", params=wanted)
        if answer is None or not answer.is_success:
            return
        page = answer.json()
        streams = frozenset(UUID(row["id"]) for row in page["items"])
        self._history.list_reads.append(ListRead(sent, monotonic(), self._name, asked, page["position"], streams))

    async def _follow(self) -> None:
        after = max(0, self._reached - self._random.randrange(FEED))
        sent = monotonic()
        wanted = {"after": after, "limit": FEED}
        answer = await self._asked("GET", "/v1/audit/events", params=wanted, key=self._crew.auditor)
        if answer is not None and answer.is_success:
            positions = tuple(event["position"] for event in answer.json()["items"])
            self._history.feed_reads.append(FeedRead(sent, monotonic(), after, FEED, positions))

    async def _asked(self, method: str, path: str, *, key: str | None = None, **sent: Any) -> httpx.Response | None:
        """One request; None where no answer came. What nobody may be answered is noted."""
        headers = {"Authorization": f"Bearer {key or self._key}", **sent.pop("headers", {})}
        self._history.requests += 1
        begun = monotonic()
        try:
            answer = await self._http.request(method, path, headers=headers, **sent)
        except httpx.TimeoutException:
            self._history.wrong.append(f"{method} {path}: no answer within {PATIENCE:.0f} s")
            return None
        except httpx.TransportError:
            self._history.unanswered += 1
            return None
        finally:
            self._history.longest = max(self._history.longest, monotonic() - begun)
        if answer.status_code in (409, 503) and "Retry-After" in answer.headers:
            self._history.refused_for_now += 1
        elif not answer.is_success:
            self._history.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer


def _acknowledged(answer: httpx.Response) -> Acknowledged:
    version, position = answer.headers["ETag"].strip('"'), answer.headers["Redress-Position"]
    return Acknowledged(UUID(answer.json()["id"]), int(version), int(position))
