"""Calls over HTTP: events posted in batches and singly while complaints come, and how soon a desk hears of one.

A call is five events (offered, ringing, answered, ended, wrapped up) at one of twenty desks. The desks listen to
`/v1/callers/stream` in this process; an event counts from the moment at which it was meant to leave.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx
import uvloop

from bench.database import bench_database
from bench.load import LoadResult, LoadSpec, run_load
from bench.rows import Row
from bench.servers import Server, lag_samples, percentile, running

ADMIN: Final = f"rk_{'a' * 40}"
SOURCES: Final = ("site-a", "site-b", "site-c", "site-d")
DESKS: Final = 20
TYPES: Final = ("call.offered", "call.ringing", "call.answered", "call.ended", "call.wrap_up")
BATCH: Final = 100
BATCHES: Final = 300
SINGLES: Final = 8_000
INTAKES_PER_SECOND: Final = 20
RATE: Final = 200  # events a second, while desks listen
RINGING_SECONDS: Final = 20
SENDERS: Final = 16
CE: Final = "application/cloudevents+json"
CE_BATCH: Final = "application/cloudevents-batch+json"


def event(turn: str, number: int) -> dict[str, Any]:
    """One of the five of a call; those of one call follow each other."""
    call, place = divmod(number, len(TYPES))
    data: dict[str, Any] = {"agent": f"desk-{call % DESKS}"}
    if place == 0:
        data |= {"direction": "inbound", "caller": f"+8613{call % 10**6:09d}", "callee": "12345", "queue": "complaints"}
    return {
        "specversion": "1.0", "id": f"{turn}-{number}", "source": SOURCES[call % len(SOURCES)], "type": TYPES[place],
        "subject": f"{turn}-{call}", "time": datetime.now(UTC).isoformat(), "data": data,
    }  # fmt: skip


def posting(key: str, content: Any, media_type: str = CE) -> bytes:
    body = json.dumps(content).encode()
    head = f"POST /v1/calls/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def single(key: str, turn: str, number: int) -> bytes:
    return posting(key, event(turn, number))


def batch(key: str, turn: str, number: int) -> bytes:
    return posting(key, [event(turn, BATCH * number + place) for place in range(BATCH)], CE_BATCH)


def run() -> list[Row]:
    master = base64.b64encode(os.urandom(32)).decode()
    with bench_database() as url:
        environment = {"REDRESS_DATABASE_URL": url, "REDRESS_MASTER_KEY": master, "REDRESS_ADMIN_KEY": ADMIN}
        with running(["app", "serve", "--port", "{port}"], ready="/healthz", environment=environment) as server:
            keys = _keys(server)
            with _while_complaints_come(server, keys["desk-0"]) as taken_down, lag_samples(server) as lags:
                in_batches = _load(server, partial(batch, keys["softphone"], "b"), BATCHES, 4)
                singly = _load(server, partial(single, keys["softphone"], "s"), SINGLES, 32)
            _wait_until_followed(server)
            heard = uvloop.run(_rings(server, keys))
            summaries = uvloop.run(_summaries(server, keys["desk-0"]))
    batched, lag = in_batches.throughput * BATCH, percentile(lags, 0.99)
    rang, answered = 1000 * percentile(heard, 0.99), 1000 * percentile(summaries, 0.99)
    return [
        Row("Call events in batches of 100, 4 connections", batched, "events/s", "≥ 2,000", batched >= 2_000),
        Row("Call events singly, 32 connections", singly.throughput, "events/s", "≥ 800", singly.throughput >= 800),
        Row("  answered within (p99)", singly.p99_ms, "ms"),
        Row("  complaints taken down meanwhile", taken_down[0], "requests/s"),
        Row("  read models' lag (p99)", lag, "s", "< 1", lag < 1),
        Row(f"A desk hears of a call, {RATE} events/s, median", 1000 * statistics.median(heard), "ms"),
        Row("  p99", rang, "ms", "< 100", rang < 100),
        Row("A caller's summary, one at a time (p99)", answered, "ms", "< 20", answered < 20),
    ]


def _keys(server: Server) -> dict[str, str]:
    """Of the softphone, and of each desk."""
    people = {"softphone": ["integration"], **{f"desk-{n}": ["agent"] for n in range(DESKS)}}
    with httpx.Client(base_url=server.address, headers={"Authorization": f"Bearer {ADMIN}"}) as http:
        made = {id: http.post("/v1/keys", json={"id": id, "name": id, "roles": roles}) for id, roles in people.items()}
        for source in SOURCES:
            http.post("/v1/call-sources", json={"id": source, "name": source}).raise_for_status()
        return {id: str(answer.raise_for_status().json()["key"]) for id, answer in made.items()}


def _load(server: Server, request: Any, total: int, connections: int) -> LoadResult:
    result = run_load(LoadSpec("127.0.0.1", server.port, request, connections=connections, total=total, warm_up=20))
    if not set(result.statuses) <= {200, 202} or result.unanswered:
        raise RuntimeError(f"{result.statuses}, {result.unanswered} unanswered; {result.samples}")
    return result


@contextmanager
def _while_complaints_come(server: Server, key: str) -> Iterator[list[float]]:
    """How many a second were taken down in the end."""
    taken, over, done = [0.0], threading.Event(), 0

    def go_on() -> None:
        nonlocal done
        with httpx.Client(base_url=server.address, headers={"Authorization": f"Bearer {key}"}) as http:
            while not over.wait(1 / INTAKES_PER_SECOND):
                body = {"procedure": "call-centre", "kind": "complaint", "channel": "phone", "subject": "漏水",
                        "content": "空调漏水。", "complainant": {"phone": f"+86139{done:08d}"}}  # fmt: skip
                done += http.post("/v1/complaints", json=body).is_success

    thread, began = threading.Thread(target=go_on), time.monotonic()
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()
        taken[0] = done / (time.monotonic() - began)


def _wait_until_followed(server: Server) -> None:
    """By everybody: what is measured next is measured alone."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        text = httpx.get(f"{server.address}/metrics", timeout=5).text
        if all(float(lag) == 0 for lag in re.findall(r"^redress_\w+_lag_events(?:\{.*\})? (\S+)$", text, re.MULTILINE)):
            return
        time.sleep(0.2)


@dataclass
class _Heard:
    """When each call was meant to leave, and when its desk heard of it; seconds of one clock."""

    meant: dict[str, float] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)

    @property
    def late(self) -> list[float]:
        return [self.heard.get(call, float("inf")) - at for call, at in self.meant.items()]


async def _rings(server: Server, keys: dict[str, str]) -> list[float]:
    told, total = _Heard(), RATE * RINGING_SECONDS
    desks = [asyncio.create_task(_desk(server, f"desk-{n}", keys[f"desk-{n}"], told)) for n in range(DESKS)]
    await asyncio.sleep(1)
    began = time.monotonic() + 0.5
    parts = [_sender(server, keys["softphone"], began, range(part, total, SENDERS), told) for part in range(SENDERS)]
    await asyncio.gather(*parts)
    await asyncio.sleep(3)
    for desk in desks:
        desk.cancel()
    await asyncio.gather(*desks, return_exceptions=True)
    return told.late


async def _sender(server: Server, key: str, began: float, numbers: Sequence[int], told: _Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for number in numbers:
        at = began + number / RATE
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        if number % len(TYPES) == 0:
            told.meant[f"r-{number // len(TYPES)}"] = at
        writer.write(single(key, "r", number))
        await _answer(reader)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    assert found is not None
    assert head.startswith(b"HTTP/1.1 202"), head
    await reader.readexactly(int(found[1]))


async def _desk(server: Server, agent: str, key: str, told: _Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        f"GET /v1/callers/stream?agent={agent} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    )
    async for line in reader:
        if line.startswith(b"data: "):
            told.heard.setdefault(json.loads(line[6:])["call"], time.monotonic())


async def _summaries(server: Server, key: str) -> list[float]:
    """Of callers who called, one question after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    took = []
    for call in range(500):
        path = f"/v1/callers/%2B8613{call:09d}/summary"
        began = time.monotonic()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert found is not None, head
        await reader.readexactly(int(found[1]))
        took.append(time.monotonic() - began)
    writer.close()
    return took
