"""A sandbox: its time stands still until it is set, goes forward only, and stops at every due instant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from app.access.keys import NewKey
from app.commands.request_identity import CommandRequest
from app.main import build
from app.service import Service
from app.time import LONGEST_JUMP, SandboxClockGoesForward, SandboxTime, WrongDeployment
from app.time import check_deployment as check
from domain.complaint.commands import ClassifyComplaint, ReceiveComplaint
from domain.complaint.events import type_of
from eventlog.database import create_pool
from tests.app.service_stories import AGENT, DAY, HOUR, MASTER, MONDAY_9AM

CLOCK = "/v1/sandbox/clock"
WARNED = datetime(2026, 3, 3, 8, 12, tzinfo=UTC)
MISSED = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)


@dataclass
class Sandbox:
    """A served sandbox, and an administrator's and an agent's way in."""

    service: Service
    admin: httpx.AsyncClient
    agent: httpx.AsyncClient

    async def set(self, to: datetime | str) -> httpx.Response:
        return await self.admin.put(CLOCK, json={"now": to if isinstance(to, str) else to.isoformat()})

    async def general(self, occurred_at: datetime | None = None, issue_point: str = "deposit-delay") -> int:
        """Takes a general complaint down; returns its last position."""
        command = ReceiveComplaint("kf0001", "phone", "入金未到账", "周一入金", occurred_at=occurred_at)
        done = await self.service.complaints.receive(command, AGENT, CommandRequest.once())
        classify = ClassifyComplaint("general", "process.deposit", issue_point)
        return (
            await self.service.complaints.execute(done.aggregate.id, classify, AGENT, CommandRequest.once())
        ).position

    async def judgements(self) -> list[tuple[str, datetime]]:
        """Type and time of recording of every judgement, in the order of the log."""
        topics = ["complaint.DeadlineWarned", "complaint.DeadlineMissed"]
        found = await self.service.log.after(0, 10_000, topics=topics)
        return [(type_of(event.topic), event.recorded_at) for event in found]


@asynccontextmanager
async def served(url: str) -> AsyncIterator[Sandbox]:
    service = Service(url, MASTER, sandbox=True)
    app = build(service)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        clients = [
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=await _header(service, role))
            for role in ("admin", "agent")
        ]
        async with clients[0], clients[1]:
            yield Sandbox(service, *clients)


async def _header(service: Service, role: str) -> dict[str, str]:
    new = NewKey(f"{role}-{len(await service.keys.all())}", role, (role,))
    created, _ = await service.keys.create(new, at=datetime.now(UTC))
    return {"Authorization": f"Bearer {created.key}"}


@pytest.fixture
async def sandbox(database: str) -> AsyncIterator[Sandbox]:
    async with served(database) as sandbox:
        yield sandbox


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    pool = await create_pool(database, min_size=1, max_size=3)
    yield pool
    await pool.close()


async def test_time_stands_still_from_the_first_start_on_and_survives_a_restart(database: str) -> None:
    before = datetime.now(UTC)
    async with served(database) as sandbox:
        first = sandbox.service.now()
        assert before <= first <= datetime.now(UTC)
        assert sandbox.service.now() == first
    async with served(database) as sandbox:
        assert sandbox.service.now() == first
        await sandbox.set(MONDAY_9AM)
    async with served(database) as sandbox:
        assert sandbox.service.now() == MONDAY_9AM


async def test_the_first_setting_may_go_back_and_later_ones_may_not(sandbox: Sandbox) -> None:
    answer = await sandbox.set("2026-03-02T09:00:00+08:00")
    assert (answer.status_code, answer.json()) == (200, {"now": "2026-03-02T01:00:00Z", "position": 0})

    refused = await sandbox.set(MONDAY_9AM - timedelta(microseconds=1))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/sandbox-clock-goes-forward")
    assert (await sandbox.set(MONDAY_9AM)).status_code == 200
    assert (await sandbox.set(MONDAY_9AM + HOUR)).status_code == 200
    assert (await sandbox.set(MONDAY_9AM)).status_code == 409
    assert sandbox.service.now() == MONDAY_9AM + HOUR


async def test_the_first_setting_goes_forward_only_once_something_was_recorded(sandbox: Sandbox) -> None:
    await sandbox.general()
    stands_at = sandbox.service.now()

    assert (await sandbox.set(MONDAY_9AM - 900 * DAY)).status_code == 409
    assert (await sandbox.set(stands_at + HOUR)).status_code == 200


async def test_the_storage_refuses_to_go_back_whoever_asks(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    other = await SandboxTime.open(sandbox.service.pool)
    await sandbox.set(MONDAY_9AM + DAY)

    with pytest.raises(SandboxClockGoesForward):
        await other.set(MONDAY_9AM + HOUR)


async def test_setting_stops_at_every_due_instant_and_judges_there(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    await sandbox.general()
    await sandbox.general(occurred_at=MONDAY_9AM - timedelta(minutes=5))
    answer = await sandbox.set(MISSED + HOUR)

    earlier = WARNED - timedelta(minutes=1)
    assert await sandbox.judgements() == [
        ("DeadlineWarned", earlier), ("DeadlineWarned", WARNED), ("DeadlineMissed", MISSED), ("DeadlineMissed", MISSED),
    ]  # fmt: skip
    assert answer.json() == {"now": "2026-03-03T17:00:00Z", "position": await sandbox.service.log.head()}
    assert await sandbox.service.follower.reached(answer.json()["position"], 0)


async def test_the_target_itself_is_judged_and_the_instant_before_it_is_not(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    await sandbox.general()

    await sandbox.set(WARNED - timedelta(microseconds=1))
    assert await sandbox.judgements() == []
    await sandbox.set(WARNED)
    assert await sandbox.judgements() == [("DeadlineWarned", WARNED)]
    await sandbox.set(WARNED)
    assert len(await sandbox.judgements()) == 1


async def test_settings_at_the_same_time_wait_for_each_other(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    await sandbox.general()
    answers = await asyncio.gather(*(sandbox.set(MISSED + n * HOUR) for n in range(4)))

    assert answers[0].status_code == 200
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert sandbox.service.now() == MISSED + 3 * HOUR
    assert await sandbox.judgements() == [("DeadlineWarned", WARNED), ("DeadlineMissed", MISSED)]


async def test_a_restart_in_the_middle_of_a_setting_loses_no_judgement(database: str) -> None:
    async with served(database) as sandbox:
        await sandbox.set(MONDAY_9AM)
        await sandbox.general()
        assert isinstance(sandbox.service.time, SandboxTime)
        await sandbox.service.time.set(WARNED)  # and dies before it judges
    async with served(database) as sandbox:
        assert await sandbox.judgements() == []
        await sandbox.set(WARNED)
        assert await sandbox.judgements() == [("DeadlineWarned", WARNED)]


async def test_complaints_raised_by_recurrence_are_judged_as_severe_on_the_way(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    for _ in range(5):
        await sandbox.general(issue_point="deposit-delay")
    await sandbox.set(MISSED)

    missed = await sandbox.service.log.after(0, 100, topics=["complaint.DeadlineMissed"])
    raised = await sandbox.service.log.after(0, 100, topics=["complaint.SeverityRaised"])
    assert len(raised) == 1
    assert raised[0].originator_id in {event.originator_id for event in missed}


@pytest.mark.parametrize(
    "now",
    [
        "2026-03-02T09:00:00", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "gestern", "", None, 1772413200, True,
        (MONDAY_9AM + LONGEST_JUMP + DAY).isoformat(), "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
    ],
)  # fmt: skip
async def test_absurd_times_are_refused_and_change_nothing(sandbox: Sandbox, now: Any) -> None:
    await sandbox.set(MONDAY_9AM)
    answer = await sandbox.admin.put(CLOCK, json={"now": now})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [mistake["pointer"] for mistake in answer.json()["errors"]] == ["/now"]
    assert sandbox.service.now() == MONDAY_9AM


@pytest.mark.parametrize("body", [{}, {"now": "2026-03-02T09:00:00Z", "then": 1}, [], "now"])
async def test_a_body_of_another_shape_is_refused(sandbox: Sandbox, body: Any) -> None:
    assert (await sandbox.admin.put(CLOCK, json=body)).status_code == 422


async def test_every_key_reads_the_clock_and_only_an_administrator_sets_it(sandbox: Sandbox) -> None:
    await sandbox.set(MONDAY_9AM)
    assert (await sandbox.agent.get(CLOCK)).json() == {"now": "2026-03-02T01:00:00Z", "position": 0}
    assert (await sandbox.agent.put(CLOCK, json={"now": "2026-03-05T01:00:00Z"})).status_code == 403
    assert (await sandbox.admin.get(CLOCK, headers={"Authorization": "Bearer nobody"})).status_code == 401


async def test_without_the_flag_the_route_does_not_exist(database: str) -> None:
    app = build(Service(database, MASTER))
    assert CLOCK not in {getattr(route, "path", "") for route in app.routes}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.get(CLOCK)).status_code == 404


async def test_a_sandbox_is_not_served_as_real_nor_with_another_master_key(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    await check(pool, sandbox=True, fingerprint="one")
    await check(pool, sandbox=True, fingerprint="one")
    with pytest.raises(WrongDeployment, match=r"^sandbox$"):
        await check(pool, sandbox=False, fingerprint="one")
    with pytest.raises(WrongDeployment, match="another-master-key"):
        await check(pool, sandbox=True, fingerprint="another")


async def test_a_real_database_is_not_served_as_a_sandbox(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    await check(pool, sandbox=False, fingerprint="one")
    with pytest.raises(WrongDeployment, match="real"):
        await check(pool, sandbox=True, fingerprint="one")
    with pytest.raises(WrongDeployment, match="no-sandbox"):
        await SandboxTime.open(pool)


async def test_two_first_starts_at_once_agree(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    outcomes = await asyncio.gather(
        *(check(pool, sandbox=sandbox, fingerprint="one") for sandbox in (True, False)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "WrongDeployment"]
