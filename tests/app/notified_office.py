"""An office whose people are told: the real outbox on a test's database, with a mail room and a web server outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.commands.request_identity import CommandRequest
from app.http.protocol.body import adapter_of
from app.notifications.channels import Channels, MailServer, Retries, SmsGateway
from app.notifications.notifying import Notifying
from app.notifications.recipients import RecipientKind, RecipientSettings
from domain.complaint.commands import Command, DispatchComplaint, DraftOpinion, InformCustomer
from domain.values import Actor
from tests.app.receiving import MailRoom, WebServer, mail_room, web_server
from tests.app.service_stories import MASTER, MONDAY_9AM, PATIENCE, Office, open_office
from tests.spec import ISSUE_POINTS

MANAGER: Final = Actor("zhao-jing", frozenset({"manager"}))
BOARD_OFFICE: Final = Actor("qian-hui", frozenset({"board-office"}))
SECRET: Final = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SETTINGS: Final = adapter_of(RecipientSettings)
IN_THE_END: Final = frozenset({"sent", "dead", "cancelled"})
ROLES: Final = {"zhao-jing": frozenset({"manager"}), "agent-7": frozenset({"agent"})}


@dataclass
class NotifiedOffice:
    """Everything that happens in `office` is told by `notifying`; `mail` and `web` are those who hear of it."""

    office: Office
    notifying: Notifying
    mail: MailRoom
    web: WebServer
    url: str
    channels: Channels
    points: Iterator[str] = field(default_factory=lambda: cycle(ISSUE_POINTS))

    async def told_how(self, kind: RecipientKind, code: str, **settings: Any) -> None:
        """How a role, unit or actor is told from now on."""
        given = SETTINGS.validate_python({"name": code, **settings})
        await self.notifying.recipients.put(kind, code, given)

    async def dispatched(self, *units: str) -> UUID:
        """A general complaint that was sent to these units."""
        id = await self.office.general(issue_point=next(self.points))
        await self.office.does(id, DraftOpinion("结算部当日查明并入账。"))
        await self.office.does(id, DispatchComplaint(units or ("settlement",)))
        return id

    async def informed(self, id: UUID, means: str = "sms", text: str = "款项今日入账") -> None:
        await self.office.does(id, InformCustomer(means, text))  # type: ignore[arg-type]

    async def step(self, id: UUID, actor: Actor, command: Command) -> None:
        await self.office.complaints.execute(id, command, actor, CommandRequest.once())

    async def judged(self, id: UUID, at: datetime) -> None:
        """The time has come, and the clocks of a complaint were judged."""
        self.office.moment = at
        await self.office.judging.judge([(at, id)], at, until=at)

    async def decided(self) -> None:
        """Waits until the outbox holds what follows from all that was recorded."""
        assert await self.notifying.follower.reached(await self.office.log.head(), PATIENCE)

    async def rows(self, **of: Any) -> list[asyncpg.Record]:
        """The outbox's rows with these values, in the order of the log."""
        where = " AND ".join(f"{name} = ${number}" for number, name in enumerate(of, 1)) or "true"
        query = f"SELECT * FROM notifications WHERE {where} ORDER BY position, recipient_kind, recipient, channel"
        found: list[asyncpg.Record] = await self.office.pool.fetch(query, *of.values())
        return found

    async def to(self, *events: str) -> list[tuple[str, str]]:
        """Whom the events told, through which channel."""
        await self.decided()
        return [
            (f"{row['recipient_kind']}/{MASTER.opened_actor(row['recipient'])}", row["channel"])
            for row in await self.rows() if row["event"] in events
        ]  # fmt: skip

    async def all_in_the_end(self, *, but: frozenset[str] = frozenset()) -> None:
        """Waits until each notification is sent, dead or cancelled (or in one of the states `but`)."""
        await self.decided()
        await self.becomes(lambda rows: all(row["state"] in IN_THE_END | but for row in rows))

    async def becomes(self, holds: Any) -> list[asyncpg.Record]:
        """Waits until it holds of the outbox's rows; returns them."""
        async with asyncio.timeout(PATIENCE):
            while not holds(rows := await self.rows()):
                self.notifying.sender.look()
                await asyncio.sleep(0.01)
        return rows

    async def later(self, gone: timedelta) -> None:
        self.office.moment += gone
        self.notifying.sender.look()

    @asynccontextmanager
    async def another(self, **changes: Any) -> AsyncIterator[Notifying]:
        """A second process of the service, as it were: with a pool and an outbox of its own on the same database."""
        async with open_office(self.url, self.office.moment) as office:
            async with notifying_of(office, replace(self.channels, **changes)) as other:
                yield other


def notifying_of(office: Office, channels: Channels, *, sandbox: bool = False) -> Notifying:
    """All that tells people, on an office's database; still to be opened."""
    return Notifying(
        office.pool, office.log, office.codec, office.complainants, office.library, MASTER, channels,
        now=office.now, wall=lambda: datetime.now(UTC), roles_of=lambda id: ROLES.get(id, frozenset()), sandbox=sandbox,
    )  # fmt: skip


def channels_of(room: MailRoom, web: WebServer, **changes: Any) -> Channels:
    """Mail and texts go to the loopback; three attempts, a minute apart at first, each of half a second."""
    gateway = SmsGateway(
        web.url("/sms"), {"X-Token": "gateway-token"}, {"to": "{phone}", "msg": {"text": "{text}"}, "ref": "{id}"}
    )
    channels = Channels(
        mail=MailServer("127.0.0.1", room.port, "redress@example.com"), sms=gateway,
        retries=Retries(attempts=3, pause=timedelta(minutes=1)), seconds=0.5, private_networks=True,
    )  # fmt: skip
    return replace(channels, **changes)


@asynccontextmanager
async def notified_office(url: str, moment: datetime = MONDAY_9AM, **changes: Any) -> AsyncIterator[NotifiedOffice]:
    """`changes` replace what may leave."""
    async with mail_room() as room, web_server() as web, open_office(url, moment) as office:
        channels = channels_of(room, web, **changes)
        async with notifying_of(office, channels) as notifying:
            yield NotifiedOffice(office, notifying, room, web, url, channels)
