"""The service as its users have it: a key for each person, and every request made with one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from typing import Any, Final

import httpx
from fastapi import FastAPI

from app.access.admission import Admission
from app.access.keys import ApiKeys, NewKey
from app.access.known import KnownNames
from app.access.oidc.sign_in import Configured
from app.access.rates import MACHINE, PERSON
from app.access.staffing import Staffing
from app.cli.database import SMALLEST_POOL
from app.commands.customer_system import CustomerLookup
from app.http.protocol.deadline import Deadlines
from app.main import AS_BY_DEFAULT, build
from app.service import Service
from app.settings import Settings
from eventlog.sealing import MasterKey
from tests.cluster import Cluster
from tests.spec import ISSUE_POINTS

MASTER: Final = MasterKey(b"a master key for the tests only!")
ADMIN_KEY: Final = "rk_the-first-administrators-key-of-the-tests"
MONDAY_9AM: Final = "2026-03-02T09:00:00+08:00"
SANDBOX: Final = """
INSERT INTO deployment (only_row, sandbox, sandbox_now, sandbox_was_set, master_key_fingerprint)
VALUES (true, true, $1, true, $2)
"""
CALLERS: Final = count(1)
IN_ENGLISH: Final = {"Accept-Language": "en"}  # tests of the product's own language ask for none

PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "li-min": {"name": "李敏", "roles": ["agent"]},
    "agent-7": {"name": "王静", "roles": ["agent"]},
    "zhao-jing": {"name": "赵静", "roles": ["manager"]},
    "qian-hui": {"name": "钱慧", "roles": ["board-office"]},
    "sun-wei": {"name": "孙伟", "roles": ["general-manager"]},
    "zhou-qi": {"name": "周琪", "roles": ["unit"], "unit": "settlement"},
    "wu-hao": {"name": "吴昊", "roles": ["unit"], "unit": "risk-control"},
    "feng-yu": {"name": "冯宇", "roles": ["unit"], "unit": "trading"},
    "chen-li": {"name": "陈丽", "roles": ["quality"]},
    "he-ping": {"name": "何平", "roles": ["auditor"]},
    # The only one of a small company: administers, and has the roles that the steps of a first complaint are for.
    "chief": {"name": "总台", "roles": ["admin", "agent", "manager", "board-office"]},
    "softphone": {"name": "Softphone", "roles": ["integration"]},
    "partner-bank": {"name": "Partner bank", "roles": ["partner"]},
}

COMPLAINT: Final[dict[str, Any]] = {
    "procedure": "kf0001",
    "channel": "phone",
    "complainant": {"name": "张三", "phone": "+8613800138000", "customer_no": "C-1001"},
    "subject": "入金三天未到账",
    "content": "周一入金五万元，至今未到账。",
    "wants": "尽快到账并道歉",
    "facts": {"order_no": "R-2026-0302", "amount": 50000},
}


def complaint(**changes: Any) -> dict[str, Any]:
    """The body of an intake; `changes` replace its fields."""
    return {**COMPLAINT, **changes}


@dataclass
class Desk:
    """The people at their desks. Everything they do goes over HTTP; `service` is for looking behind it."""

    app: FastAPI
    service: Service
    http: httpx.AsyncClient
    keys: dict[str, str] = field(default_factory=lambda: {"admin": ADMIN_KEY})
    hiring: asyncio.Lock = field(default_factory=asyncio.Lock)
    points: Iterator[str] = field(default_factory=lambda: cycle(ISSUE_POINTS))

    async def ask(
        self, who: str | None, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """One request of a person, who gets a key when they first ask; None asks without a key.

        `body` is sent as JSON; bytes are sent as they are, and called JSON unless the headers say otherwise.
        """
        sent = {} if who is None else {"Authorization": f"Bearer {await self.key_of(who)}"}
        if isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
            sent.update(headers or {})
            return await self.http.request(method, path, content=body, headers=sent)
        sent.update(headers or {})
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, who: str | None, path: str, **options: Any) -> httpx.Response:
        return await self.ask(who, "GET", path, **options)

    async def post(self, who: str | None, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.ask(who, "POST", path, body, **options)

    async def receive(self, who: str = "li-min", **changes: Any) -> dict[str, Any]:
        """A complaint that was taken down."""
        return done(await self.post(who, "/v1/complaints", complaint(**changes)), 201)

    async def step(self, who: str, id: str, step: str, /, **body: Any) -> dict[str, Any]:
        """A step that was taken; the complaint after it."""
        return done(await self.post(who, f"/v1/complaints/{id}/{step}", body))

    async def refused(self, status: int, who: str, id: str, step: str, /, **body: Any) -> dict[str, Any]:
        """A step that was refused with this status; the problem."""
        return problem(await self.post(who, f"/v1/complaints/{id}/{step}", body), status)

    async def general(self, id: str, category: str = "process.deposit") -> dict[str, Any]:
        """The complaint as a general one, of an issue point that stands in few others: the fifth would be severe."""
        point = next(self.points)
        return await self.step("li-min", id, "classify", severity="general", category=category, issue_point=point)

    async def dispatched(self, *units: str, **changes: Any) -> dict[str, Any]:
        """A general complaint whose handling record has been sent to these units."""
        id = (await self.receive(**changes))["id"]
        await self.general(id)
        await self.step("li-min", id, "draft-opinion", text="结算部当日查明并入账。")
        return await self.step("li-min", id, "dispatch", units=list(units))

    async def set_clock(self, now: str) -> None:
        done(await self.ask("admin", "PUT", "/v1/sandbox/clock", {"now": now}))

    async def caught_up(self) -> None:
        """Waits until the read models have come as far as the log."""
        assert await self.service.follower.reached(await self.service.log.head(), 20)

    async def key_of(self, who: str) -> str:
        async with self.hiring:  # several requests of somebody may be made at once
            if who not in self.keys:
                admin = {"Authorization": f"Bearer {self.keys['admin']}"}
                created = await self.http.post("/v1/keys", json={"id": who, **PEOPLE[who]}, headers=admin)
                self.keys[who] = done(created, 201)["key"]
        return self.keys[who]

    async def key_of_before(self, who: str, role: str, *, unit: str | None = None) -> None:
        """A key from a time when there was such a role."""
        self.keys[who] = await key_of_before(self.service, NewKey(id=who, name=who, roles=(role,), unit=unit))


async def key_of_before(service: Service, new: NewKey) -> str:
    """A key with roles and a unit that there were when it was made, whatever there is now."""
    access = Admission(service.pool, service.master, service.library, service.now)
    known = KnownNames(lambda: dict.fromkeys(new.roles), lambda: {new.unit or "": None})
    created, _ = await ApiKeys(access.directory, Staffing(access.directory, known)).create(new, at=service.now())
    await service.access.directory.refresh()
    return created.key


def make_sandbox(cluster: Cluster, database: str, now: str) -> None:
    """Makes a copy of the template a sandbox whose time was set to `now`."""
    cluster.execute_in(database, SANDBOX, datetime.fromisoformat(now), MASTER.fingerprint)


@asynccontextmanager
async def open_desk(
    database: str,
    *,
    sandbox: bool,
    customers: CustomerLookup | None = None,
    deadlines: Deadlines = AS_BY_DEFAULT,
    pool_size: int | None = None,
    rates: tuple[str, str] = (PERSON, MACHINE),
    tokens: Configured | None = None,
) -> AsyncIterator[Desk]:
    """The real application on a migrated database that has one key, as after the first start.

    A story in a sandbox has one request at a time: it gets the smallest pool that the service starts with, so whoever
    holds a connection for too long is found out, and no more connections are opened than are used.
    """
    pool_size = pool_size or (SMALLEST_POOL if sandbox else Settings.model_fields["pool_size"].default)
    service = Service(
        database, MASTER, sandbox=sandbox, pool_size=pool_size, customers=customers, rates=rates, tokens=tokens
    )
    app = build(service, deadlines)
    async with app.router.lifespan_context(app):
        admin = NewKey(id="admin", name="Administrator", roles=("admin",))
        if not await service.keys.all():
            await service.keys.create(admin, at=datetime.now(UTC), secret=ADMIN_KEY)
        # A caller of each desk's own: guessing is limited by caller.
        number = next(CALLERS)
        transport = httpx.ASGITransport(
            app, client=(f"127.1.{number // 250}.{number % 250}", 40000), raise_app_exceptions=False
        )
        async with httpx.AsyncClient(
            transport=transport, base_url="http://redress.test", timeout=60, headers=IN_ENGLISH
        ) as http:
            yield Desk(app, service, http)


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that has this status."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: httpx.Response, status: int, slug: str | None = None) -> dict[str, Any]:
    """The problem document of a refusal with this status, complete as RFC 9457 and api.md have it."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("/problems/")
    assert document["title"]
    assert document["detail"]
    if slug is not None:
        assert document["type"] == f"/problems/{slug}"
    return document


def pointers(document: dict[str, Any]) -> list[str]:
    """Where the mistakes of a problem document are."""
    return [mistake["pointer"] for mistake in document["errors"]]
