"""Sends what is due: every process sends, each message is claimed by one of them at a time.

What does not arrive is tried again after growing pauses; what is refused for good, or too often, is a dead letter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Self
from uuid import UUID

import structlog

from app.notifications.channels import Channels
from app.notifications.delivery import NeverDelivered, NotDelivered
from app.notifications.mail import send_mail
from app.notifications.outbox import ClaimedMessage, Outbox
from app.notifications.rendering import Message, Rendered, Rendering
from app.notifications.sms import send_sms
from app.notifications.webhooks import client, send_webhook
from eventlog.database import is_storage_away

log = structlog.get_logger()

AT_ONCE: Final = 4
POLL: Final = 1.0  # seconds between two looks at what has fallen due
GRACE: Final = 5.0  # seconds for what is on its way when the service stops
MARK_FOR: Final = 30.0  # seconds to note what became of a message while the storage is away; less than a claim


class Sender:
    """Use it as an async context manager."""

    def __init__(
        self,
        outbox: Outbox,
        rendering: Rendering,
        channels: Channels,
        *,
        now: Callable[[], datetime],
        wall: Callable[[], datetime],
    ) -> None:
        """`wall`: what receivers compare with their own clocks, in a sandbox too."""
        self._outbox, self._rendering, self._channels = outbox, rendering, channels
        self._now, self._wall = now, wall
        self._work, self._closing = asyncio.Event(), False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._http = client(self._channels.seconds)
        self._tasks = [asyncio.create_task(self._run(first=not n), name=f"sender {n}") for n in range(AT_ONCE)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """What is on its way has a moment to arrive; the rest is sent by whoever starts next."""
        self._closing = True
        self._work.set()
        await asyncio.wait(self._tasks, timeout=GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    def look(self) -> None:
        """There is something new in the outbox."""
        self._work.set()

    async def _run(self, *, first: bool) -> None:
        """One of them looks by the clock, the others are woken when there is more than one message."""
        while not self._closing:
            try:
                if first:
                    await self._outbox.run_out()
                await self._drain()
            except Exception as error:
                away = is_storage_away(error)
                (log.warning if away else log.error)("sender_failed", error=type(error).__name__, storage_away=away)
                await asyncio.sleep(POLL)
            if not self._closing:
                await self._wait(POLL if first else None)

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return

    async def _drain(self) -> None:
        self._work.clear()
        while not self._closing and (message := await self._outbox.claim(self._now())) is not None:
            self._work.set()
            await self._deliver(message)

    async def _deliver(self, message: ClaimedMessage) -> None:
        try:
            rendered = await self._rendered(message)
        except Exception as error:
            if is_storage_away(error):
                return await self._give_back(message)
            log.error("notification_not_made", error=type(error).__name__)
            ids = [part.id for part in message.parts]
            return await self._failed(message, ids, NotDelivered(type(error).__name__))
        if rendered is None or rendered.message is None:
            return
        ids = list(rendered.sent_with_it)
        try:
            async with asyncio.timeout(2 * self._channels.seconds):
                await self._send(message, rendered.message)
        except NotDelivered as refusal:
            return await self._failed(message, ids, refusal)
        except TimeoutError:
            return await self._failed(message, ids, NotDelivered("timeout"))
        except Exception as error:
            log.error("notification_not_sent", error=type(error).__name__)
            return await self._failed(message, ids, NotDelivered(type(error).__name__))
        await self._mark(lambda: self._outbox.ended(message, ids, "sent", None, self._now()))

    async def _rendered(self, message: ClaimedMessage) -> Rendered | None:
        """What is to be sent of it now; None in the recipient's quiet hours."""
        quiet_until = await self._rendering.quiet_until(message, self._now())
        if quiet_until is not None:
            await self._outbox.postponed(message, quiet_until)
            return None
        rendered = await self._rendering.render(message)
        await self._cancel(message, rendered)
        return rendered

    async def _give_back(self, message: ClaimedMessage) -> None:
        """Nothing has left: no attempt is spent because the storage was away."""
        now = self._now()
        await self._mark(lambda: self._outbox.postponed(message, now), within=None)

    async def _cancel(self, message: ClaimedMessage, rendered: Rendered) -> None:
        for id, reason in rendered.cancelled.items():
            await self._outbox.ended(message, [id], "cancelled", reason, self._now())

    async def _send(self, claimed: ClaimedMessage, message: Message) -> None:
        match claimed.channel:
            case "email" if self._channels.mail is not None:
                at, seconds = self._wall(), self._channels.seconds
                await send_mail(self._channels.mail, message.address, message.words, claimed.id, at, seconds)
            case "sms" if self._channels.sms is not None:
                await send_sms(self._http, self._channels.sms, message.address, message.words.text, claimed.id)
            case "webhook" if self._channels.webhooks:
                content = message.content
                await send_webhook(
                    self._http, message.address, message.secret, content, claimed.id, self._wall(),
                    private_networks=self._channels.private_networks,
                )  # fmt: skip
            case channel:
                raise NeverDelivered(f"{channel} is switched off")

    async def _failed(self, message: ClaimedMessage, ids: list[UUID], error: NotDelivered) -> None:
        retries, now = self._channels.retries, self._now()
        if isinstance(error, NeverDelivered) or message.attempt >= retries.attempts:
            log.error("notification_dead", notification=str(message.id), channel=message.channel, error=str(error))
            await self._mark(lambda: self._outbox.ended(message, ids, "dead", str(error), now))
            return
        log.warning("notification_delayed", notification=str(message.id), channel=message.channel, error=str(error))
        again = now + retries.pause_after(message.attempt)
        await self._mark(lambda: self._outbox.again(message, ids, str(error), again))

    async def _mark(self, note: Callable[[], Awaitable[None]], within: float | None = MARK_FOR) -> None:
        """Notes what became of a message, and does not give up at once: it would be sent a second time."""
        async with asyncio.timeout(within):
            while True:
                try:
                    return await note()
                except Exception as error:
                    if not is_storage_away(error):
                        raise
                await asyncio.sleep(0.2)
