"""Whether it can be told, by how long an intake takes, that there is a complaint of which its caller must not know.

Two kinds of intake that are answered alike are sent turn by turn in an order at random, one at a time. Of each pair the
share is shown in which the second kind took longer than the first, over all pairs (the statistic of Mann and Whitney):
where nothing can be told it is a half, give or take three standard errors.
"""

from __future__ import annotations

import base64
import math
import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random
from time import perf_counter
from typing import Any, Final

import httpx

from bench.database import bench_database
from bench.rows import Row
from bench.servers import running

ADMIN_KEY: Final = "rk_bench_key_for_one_run"
SAMPLES: Final = 400  # of each kind
REFUSED: Final = 150
WARM_UP: Final = 50
LONG: Final = 40  # events
RANDOM: Final = Random(4)
CUSTOMERS: Final = count(1)
PEOPLE: Final = {
    "li-min": {"name": "李敏", "roles": ["agent"]},
    "agent-7": {"name": "王静", "roles": ["agent"]},
    "softphone": {"name": "Softphone", "roles": ["integration"]},
}

Prepared = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """A client for each person."""

    http: dict[str, httpx.Client]

    def post(self, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.http[who].post(path, json=body)

    def taken(self, body: dict[str, Any]) -> str:
        """The id of a complaint that somebody of the house took down."""
        answer = self.post("li-min", "/v1/complaints", body)
        if answer.status_code != 201:
            raise RuntimeError(answer.text)
        id: str = answer.json()["id"]
        return id


def run() -> list[Row]:
    with bench_database() as url, _desk(url) as desk:
        return [
            *_compared("201 with a hidden one, or none", desk, "agent-7", SAMPLES, fresh, lambda: hidden(desk)),
            *_compared("409 of a short history, or a long one", desk, "softphone", REFUSED,
                       lambda: repeated(desk), lambda: repeated(desk, events=LONG)),
            *_compared("409 without a hidden one, or with", desk, "agent-7", REFUSED,
                       lambda: repeated(desk), lambda: repeated(desk, with_hidden=True)),
        ]  # fmt: skip


def fresh() -> dict[str, Any]:
    """An intake about a matter that nobody has open."""
    return {
        "procedure": "kf0001", "channel": "phone", "subject": "入金三天未到账", "content": "周一入金，至今未到账。",
        "complainant": {"name": "张三", "phone": f"+86138{next(CUSTOMERS):08d}"}, "issue_point": "deposit-delay",
    }  # fmt: skip


def hidden(desk: Desk) -> dict[str, Any]:
    """One about a matter of which there is a complaint against the caller."""
    body = fresh()
    desk.taken({**body, "accused": ["agent-7"]})
    return body


def repeated(desk: Desk, *, events: int = 1, with_hidden: bool = False) -> dict[str, Any]:
    """One that is refused: there is a complaint of so many events, and perhaps a newer one against the caller."""
    body = fresh()
    id = desk.taken(body)
    for _ in range(events - 1):
        desk.post("li-min", f"/v1/complaints/{id}/add-note", {"text": "客户再次来电。"})
    if with_hidden:
        desk.taken({**body, "accused": ["agent-7"], "force": True})
    return body


def _compared(name: str, desk: Desk, who: str, samples: int, *kinds: Prepared) -> list[Row]:
    bodies = [(nth, kind()) for _ in range(samples) for nth, kind in enumerate(kinds)]
    RANDOM.shuffle(bodies)
    for _ in range(WARM_UP):
        _milliseconds(desk, who, fresh())
    times: tuple[list[float], list[float]] = ([], [])
    for nth, body in bodies:
        times[nth].append(_milliseconds(desk, who, body))
    share, bound = 100 * longer(*times), 300 * math.sqrt((2 * samples + 1) / 12) / samples
    return [
        Row(f"{name}: median of the first", sorted(times[0])[samples // 2], "ms"),
        Row("  of the second", sorted(times[1])[samples // 2], "ms"),
        Row("  the second took longer", share, "% of pairs", f"50 ± {bound:.0f}", abs(share - 50) <= bound),
    ]


def longer(first: list[float], second: list[float]) -> float:
    """The share of all pairs in which the second is the greater; pairs of equals count half."""
    ordered = sorted(first)
    won = sum(bisect_left(ordered, it) + bisect_right(ordered, it) for it in second) / 2
    return won / (len(first) * len(second))


def _milliseconds(desk: Desk, who: str, body: dict[str, Any]) -> float:
    begun = perf_counter()
    answer = desk.post(who, "/v1/complaints", body)
    took = 1000 * (perf_counter() - begun)
    if answer.status_code not in (201, 409):
        raise RuntimeError(answer.text)
    return took


@contextmanager
def _desk(url: str) -> Iterator[Desk]:
    environment = {
        "REDRESS_DATABASE_URL": url, "REDRESS_ADMIN_KEY": ADMIN_KEY,
        "REDRESS_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
    }  # fmt: skip
    with running(["app", "serve", "--port", "{port}"], ready="/healthz", environment=environment) as server:
        with ExitStack() as stack:

            def client(key: str) -> httpx.Client:
                headers = {"Authorization": f"Bearer {key}"}
                return stack.enter_context(httpx.Client(base_url=server.address, timeout=30, headers=headers))

            admin, keys = client(ADMIN_KEY), {}
            for id, person in PEOPLE.items():
                answer = admin.post("/v1/keys", json={"id": id, **person})
                keys[id] = answer.raise_for_status().json()["key"]
            yield Desk({id: client(key) for id, key in keys.items()})
