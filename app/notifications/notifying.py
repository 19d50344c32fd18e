"""Everything that tells people, opened together: the follower that fills the outbox, and the sender that empties it."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Self

import asyncpg

from app.notifications.channels import Channels
from app.notifications.follower import notifications_follower
from app.notifications.outbox import Outbox
from app.notifications.recipients import Recipients
from app.notifications.rendering import Rendering
from app.notifications.routing import Routing
from app.notifications.sender import Sender
from domain.notices.notices import RolesOf
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from procedures.rules import Rules


class Notifying:
    """Use it as an async context manager; without, it only answers what there is."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        master: MasterKey,
        channels: Channels,
        *,
        now: Callable[[], datetime],
        wall: Callable[[], datetime],
        roles_of: RolesOf,
        sandbox: bool,
    ) -> None:
        self.outbox = Outbox(pool, master, wall)
        self.recipients = Recipients(pool, master, private_networks=channels.private_networks)
        rendering = Rendering(pool, log, codec, complainants, rules, self.recipients, channels, roles_of)
        self.sender = Sender(self.outbox, rendering, channels, now=now, wall=wall)
        routing = Routing(codec, complainants, rules, channels, roles_of, sandbox=sandbox)
        self.follower = notifications_follower(
            pool, log, codec, self.recipients, routing, now=now, told=self.sender.look
        )  # fmt: skip
        self._sends = bool(channels.open_ones(sandbox=sandbox))
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._sends:
            await self._stack.enter_async_context(self.sender)
        await self._stack.enter_async_context(self.follower)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
