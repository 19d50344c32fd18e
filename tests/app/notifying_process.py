"""A process of the service that is killed while it sends a mail: before it leaves, or when it has arrived.

`python -m tests.app.notifying_process WHEN URL SMTP_PORT MOMENT`
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import datetime
from typing import NoReturn

from app.notifications.channels import Channels, MailServer
from app.notifications.outbox import ClaimedMessage
from app.notifications.rendering import Message
from app.notifications.sender import Sender
from tests.app.notified_office import notifying_of
from tests.app.service_stories import open_office


class DyingSender(Sender):
    """The real sender, in a process whose end is near."""

    when: str

    async def _send(self, claimed: ClaimedMessage, message: Message) -> None:
        if self.when == "before":
            _die()
        await super()._send(claimed, message)
        _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


async def killed_while_sending(when: str, url: str, port: int, moment: datetime) -> None:
    """Runs such a process to its end."""
    arguments = [sys.executable, "-m", "tests.app.notifying_process", when, url, str(port), moment.isoformat()]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


async def run(when: str, url: str, port: int, moment: datetime) -> None:
    DyingSender.when = when
    channels = Channels(mail=MailServer("127.0.0.1", port, "redress@example.com"))
    async with open_office(url, moment) as office:
        notifying = notifying_of(office, channels)
        notifying.sender.__class__ = DyingSender
        async with notifying:
            await asyncio.sleep(50)
    sys.exit("nothing killed it")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.fromisoformat(sys.argv[4])))
