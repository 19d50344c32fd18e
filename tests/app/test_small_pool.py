"""The whole service on the smallest pool that it starts with: everybody takes turns, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

from app.cli.database import SMALLEST_POOL
from app.commands.request_identity import CommandRequest
from app.service import Service
from domain.complaint.commands import ClassifyComplaint, ReceiveComplaint, Remind
from domain.incident.commands import OpenIncident
from domain.values import Complainant
from tests.app.service_stories import AGENT, MASTER, PATIENCE, eventually

AT_ONCE: Final = 25


async def taken(service: Service, number: int) -> UUID:
    person = Complainant(name="张三", phone=f"+861380000{number:04d}")
    command = ReceiveComplaint("kf0001", "phone", "入金三天未到账", "周一入金", person, issue_point="deposit-delay")
    id = (await service.complaints.receive(command, AGENT, CommandRequest.once())).aggregate.id
    await service.complaints.execute(id, ClassifyComplaint("general", "process.deposit"), AGENT, CommandRequest.once())
    await service.complaints.execute(id, Remind("客户来电催办"), AGENT, CommandRequest.once())
    return id


async def test_every_runner_works_and_every_request_is_answered_on_the_smallest_pool(database: str) -> None:
    async with Service(database, MASTER, pool_size=SMALLEST_POOL) as service, asyncio.timeout(3 * PATIENCE):
        await eventually(lambda: service.follower.is_leader and service.notifying.follower.lock.is_leader)
        await eventually(lambda: service.recurrence.lock.is_leader and service.clock_runner.lock.is_leader)
        taking = (taken(service, number) for number in range(AT_ONCE))
        opening = service.incidents.open(
            OpenIncident("acd-failure", "ACD失灵", "不能登录"), AGENT, CommandRequest.once()
        )
        ids, _ = await asyncio.gather(asyncio.gather(*taking), opening)
        await asyncio.gather(*(service.complaints.load(id) for id in ids), *(service.call_surges.look() for _ in ids))

        head = await service.log.head()
        assert await service.recurrence.reached(head, PATIENCE)
        head = await service.log.head()
        reached = [service.follower.reached, service.notifying.follower.reached]
        assert all(await asyncio.gather(*(one(head, PATIENCE) for one in reached)))
        raised = [event.topic for event in await service.log.after(0, 10_000)].count("complaint.SeverityRaised")
        assert raised == AT_ONCE - 4  # the fifth of a month and every later one
        told = await service.pool.fetch("SELECT DISTINCT event FROM notifications WHERE procedure = 'emergency'")
        assert [row["event"] for row in told] == ["IncidentOpened"]
