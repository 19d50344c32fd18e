"""A process of the service that is killed at the worst moment.

`python -m tests.app.dying_process WHAT WHEN URL MOMENT`: WHAT is `policy`, `links`, `calls`, `runner` or `mover`, WHEN
is `before` or `after` what it appends for the third complaint, or for the third time where it judges clocks of many
together.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any
from uuid import UUID

from app.clocks.judging import Judgements, Judging, Outcome
from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from domain.complaint.commands import MoveDeadlines, RaiseSeverity, ReceiveComplaint
from domain.complaint.complaint import Complaint
from domain.limits.calendar import Calendar
from domain.values import Actor, CallNamed
from tests.app.service_stories import open_office
from tests.notices import with_the_notice

NTH = 3
JUDGED_TOGETHER = 2


class DyingComplaints(Complaints):
    """The real write side, in a process whose end is near."""

    when: str

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._calls = 0

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest, call: CallNamed | None = None
    ) -> CommandResult[Complaint]:
        self._calls += 1
        if dies := self._calls == NTH:
            self._die_if("before")
        done = await super().receive(command, actor, request, call)
        if dies:
            self._die_if("after")
        return done

    async def raise_severity(self, id: UUID, command: RaiseSeverity, command_id: UUID) -> None:
        self._calls += 1
        if dies := self._calls == NTH:
            self._die_if("before")
        await super().raise_severity(id, command, command_id)
        if dies:
            self._die_if("after")

    async def show_link(self, id: UUID, other: UUID, relation: str, position: int) -> None:
        self._calls += 1
        if dies := self._calls == NTH:
            self._die_if("before")
        await super().show_link(id, other, relation, position)
        if dies:
            self._die_if("after")

    async def move_deadlines(
        self, id: UUID, command: MoveDeadlines, to: Calendar, command_id: UUID
    ) -> CommandResult[Complaint]:
        self._calls += 1
        if dies := self._calls == NTH:
            self._die_if("before")
        done = await super().move_deadlines(id, command, to, command_id)
        if dies:
            self._die_if("after")
        return done

    def _die_if(self, when: str) -> None:
        if when == self.when:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingJudging(Judging):
    """The real judging of clocks, in the same process: it ends around the third time that something is recorded."""

    _calls = 0

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        self._calls += 1
        if self._calls == NTH and DyingComplaints.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        outcomes = await super().record(judged, at)
        if self._calls == NTH and DyingComplaints.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes


async def started(what: str, when: str, url: str, moment: datetime) -> asyncio.subprocess.Process:
    """Starts such a process; it dies of itself unless WHEN is `by hand`."""
    arguments = [sys.executable, "-m", "tests.app.dying_process", what, when, url, moment.isoformat()]
    return await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.DEVNULL)


async def killed(what: str, when: str, url: str, moment: datetime) -> None:
    """Runs such a process to its end."""
    process = await started(what, when, url, moment)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


async def run(what: str, when: str, url: str, moment: datetime) -> None:
    DyingComplaints.when = when
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(
            open_office(url, moment, complaints=DyingComplaints, judging=DyingJudging, rules=with_the_notice())
        )
        match what:
            case "policy":
                await stack.enter_async_context(office.policy())
            case "calls":
                await stack.enter_async_context(office.consequences())
            case "links":
                await stack.enter_async_context(office.links())
            case "runner":
                await stack.enter_async_context(office.runner(at_once=JUDGED_TOGETHER))
            case "mover":
                follower = await stack.enter_async_context(office.follower())
                await stack.enter_async_context(office.mover(follower))
        await asyncio.sleep(50)
    sys.exit("nothing killed it")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], sys.argv[3], datetime.fromisoformat(sys.argv[4])))
