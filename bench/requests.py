"""Requests over HTTP: taking complaints down against no storage and plain CRUD, reading one complaint, lag and memory.

All servers run on the same machine and PostgreSQL, turn by turn in one run; the rates are medians of the turns.
"""

import asyncio
import base64
import json
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx

from app.access.admission import Admission
from app.access.keys import NewKey
from app.deployment_clock import database_time
from app.rules.published_rules import known_library
from bench.database import bench_database
from bench.load import LoadResult, LoadSpec, run_load
from bench.people import AT_THE_DESK
from bench.rows import Row
from bench.servers import Server, lag_samples, percentile, running
from eventlog.database import create_pool
from eventlog.sealing import MasterKey

KEY = "rk_bench_key_for_one_run"
TURNS = 5
INTAKES = 4000
READS = 2000
HEAD = "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"


def intake(turn: str, path: str, number: int) -> bytes:
    """A complaint of a new customer, with an idempotency key of its own, as the softphone sends it."""
    body = json.dumps(
        {
            "procedure": "kf0001", "kind": "complaint", "channel": "phone",
            "complainant": {"name": "张三", "phone": f"+8613{number % 10**9:09d}"},
            "subject": "入金三天未到账", "wants": "尽快到账并道歉",
            "content": "客户3月2日入金两万元，银行已扣款，账户至今未到账，客服两次答复说法不一，要求尽快核实。",
            "issue_point": "deposit-delay",
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    head = HEAD.format(method="POST", path=path, key=KEY)
    head += f"Idempotency-Key: {turn}-{number}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def reading(id: str, _number: int) -> bytes:
    return (HEAD.format(method="GET", path=f"/v1/complaints/{id}", key=KEY) + "\r\n").encode()


def run() -> list[Row]:
    with bench_database() as url, _redress(url) as redress, _no_storage() as bare, _crud(url) as crud:
        with lag_samples(redress) as lags:
            rates, full = _intake_rates(redress, bare, crud)
            _wait_until_followed(redress)
        read = _reading(redress)
        peak = redress.peak_mib
    ours, nothing, plain = (statistics.median(rates[name]) for name in ("redress", "no storage", "crud"))
    lag = percentile(lags, 0.99)
    return [
        Row("POST /v1/complaints, full path, 32 connections", ours, "requests/s"),
        Row("  the same application without storage", nothing, "requests/s"),
        Row("  plain CRUD service", plain, "requests/s"),
        Row("  full path / no storage", 100 * ours / nothing, "%", "≥ 45", ours / nothing >= 0.45),
        Row("  full path / plain CRUD", ours / plain, "×", "≥ 2", ours / plain >= 2),
        Row("  answered within (p99)", full.p99_ms, "ms"),
        Row("  read models' lag (p99)", lag, "s", "< 1", lag < 1),
        Row("GET a complaint of 20 events, 100/s (p99)", read.p99_ms, "ms", "< 15", read.p99_ms < 15),
        Row("Memory of the service at its peak", peak, "MiB", "< 250", peak < 250),
    ]


def _intake_rates(redress: Server, bare: Server, crud: Server) -> tuple[dict[str, list[float]], LoadResult]:
    rates: dict[str, list[float]] = {"redress": [], "no storage": [], "crud": []}
    full: LoadResult | None = None
    for turn in range(TURNS):
        for name, server, path in (
            ("redress", redress, "/v1/complaints"),
            ("no storage", bare, "/v1/complaints"),
            ("crud", crud, "/complaints"),
        ):
            total = INTAKES if name != "crud" else INTAKES // 4
            result = _posted(server, path, f"{name[:2]}{turn}", turn * 10 * INTAKES, total)
            rates[name].append(result.throughput)
            if name == "redress":
                full = result
                _wait_until_followed(redress)
    assert full is not None
    return rates, full


def _posted(server: Server, path: str, turn: str, first: int, total: int) -> LoadResult:
    request = partial(_numbered_intake, turn, path, first)
    result = run_load(LoadSpec("127.0.0.1", server.port, request, total=total, warm_up=300))
    if set(result.statuses) != {201} or result.unanswered:
        raise RuntimeError(f"{turn}: {result.statuses}, {result.unanswered} unanswered; {result.samples}")
    return result


def _numbered_intake(turn: str, path: str, first: int, number: int) -> bytes:
    return intake(turn, path, first + number)


def _reading(redress: Server) -> LoadResult:
    """A complaint with 20 events, read 100 times a second while nothing else is asked."""
    with httpx.Client(base_url=redress.address, headers={"Authorization": f"Bearer {KEY}"}) as http:
        id = _checked(http.post("/v1/complaints", json=_story()))["id"]
        grave = {"severity": "general", "category": "process.deposit"}
        _checked(http.post(f"/v1/complaints/{id}/classify", json=grave))
        for number in range(18):
            _checked(http.post(f"/v1/complaints/{id}/report-progress", json={"text": f"第{number}次进展"}))
    spec = LoadSpec("127.0.0.1", redress.port, partial(reading, id), total=READS, rate=100.0, connections=8, warm_up=50)
    return run_load(spec)


def _story() -> dict[str, Any]:
    """An intake of the first customer of the load, whose complaint is still open."""
    body: dict[str, Any] = json.loads(intake("story", "/", 0).partition(b"\r\n\r\n")[2])
    return body | {"force": True}


def _checked(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise RuntimeError(answer.text)
    return answer.json()


def _wait_until_followed(redress: Server) -> None:
    until = time.monotonic() + 60
    while redress.metric("redress_projection_lag_events") > 0 and time.monotonic() < until:
        time.sleep(0.1)


@contextmanager
def _redress(url: str) -> Iterator[Server]:
    master = os.urandom(32)
    asyncio.run(_give_a_key(url, MasterKey(master)))
    environment = {"REDRESS_DATABASE_URL": url, "REDRESS_MASTER_KEY": base64.b64encode(master).decode()}
    with running(["app", "serve", "--port", "{port}"], ready="/healthz", environment=environment) as server:
        yield server


async def _give_a_key(url: str, master: MasterKey) -> None:
    """The key that every request of the load is made with: an agent's, for an administrator takes no steps."""
    pool = await create_pool(url, min_size=1, max_size=1)
    try:
        new = NewKey(AT_THE_DESK.id, AT_THE_DESK.id, tuple(sorted(AT_THE_DESK.roles)))
        at = await database_time(pool)
        access = Admission(pool, master, await known_library(pool), lambda: at)
        await access.directory.refresh()
        await access.keys.create(new, at=at, secret=KEY)
    finally:
        await pool.close()


@contextmanager
def _no_storage() -> Iterator[Server]:
    with running(["bench.no_storage", "{port}", KEY], ready="/healthz") as server:
        yield server


@contextmanager
def _crud(url: str) -> Iterator[Server]:
    environment = {"BENCH_DATABASE_URL": url, "BENCH_API_KEY": KEY}
    with running(["bench.crud_service", "{port}"], ready="/openapi.json", environment=environment) as server:
        yield server
