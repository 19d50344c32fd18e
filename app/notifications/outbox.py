"""The outbox: what is to be sent, claimed by one sender at a time, and what became of it.

A row is marked `sending` before anything leaves. When its sender dies, the claim runs out and somebody sends it again
under the same message id: the receiver can drop the repetition (docs/decisions/0011).
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import asyncpg

from domain.errors import Refused
from domain.notices.notices import Addressee
from eventlog.database import CONNECT_TIMEOUT, StorageAway, fetch, is_storage_away
from eventlog.leader_lock import lock_key
from eventlog.sealing import MasterKey

IDS: Final = UUID("3f1c7a52-9d0e-5b64-8f1b-5a0c9d6e2b17")  # the name space of the notifications' ids
CLAIM: Final = timedelta(seconds=60)
CLAIMS_LOCK: Final = lock_key("claims of notifications")
JOINED_AT_MOST: Final = 200  # messages in one digest

# The actor sealed, and in clear: that is how it was kept when some were read.
READ = """
INSERT INTO notification_reads (notification_id, actor, read_at) SELECT $1::uuid, $2::text, $4::timestamptz
WHERE NOT EXISTS (SELECT FROM notification_reads WHERE notification_id = $1 AND actor = $3) ON CONFLICT DO NOTHING
"""
INSERT = """
INSERT INTO notifications (
    id, position, complaint_id, procedure, number, event, recipient_kind, recipient, channel, urgent, digest,
    message_id, state, due_at, created_at, ended_at
)
SELECT id, position, complaint_id, procedure, number, event, recipient_kind, recipient, channel, urgent, digest,
    id, CASE channel WHEN 'console' THEN 'sent' ELSE 'waiting' END, due_at, $13,
    CASE channel WHEN 'console' THEN $13::timestamptz END
FROM unnest(
    $1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::bool[], $11::bool[], $12::timestamptz[]
) AS t (id, position, complaint_id, procedure, number, event, recipient_kind, recipient, channel, urgent, digest,
    due_at)
ON CONFLICT DO NOTHING
"""
# Claims one after the other: two at once would each take a part of one digest, or wait for each other for ever.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock($1)"
CLAIM_ONE = """
WITH head AS (
    SELECT id, message_id, recipient_kind, recipient, channel, digest AND attempts = 0 AS joins
    FROM notifications WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, position LIMIT 1
    FOR UPDATE SKIP LOCKED
), members AS (
    SELECT n.id, h.message_id FROM notifications n, head h
    WHERE n.state = 'waiting' AND (n.message_id = h.message_id OR (
        h.joins AND n.digest AND n.attempts = 0 AND n.due_at <= $1 AND n.recipient_kind = h.recipient_kind
        AND n.recipient = h.recipient AND n.channel = h.channel
    ))
    ORDER BY n.id = h.id DESC, n.position LIMIT $3
    FOR UPDATE OF n
)
UPDATE notifications n
SET state = 'sending', attempts = n.attempts + 1, message_id = m.message_id,
    claimed_until = $4::timestamptz + $2::interval
FROM members m WHERE n.id = m.id
RETURNING n.id, n.position, n.complaint_id, n.recipient_kind, n.recipient, n.channel, n.urgent, n.message_id,
    n.attempts, n.claimed_until
"""
RUN_OUT = """
UPDATE notifications SET state = 'waiting', claimed_until = NULL
WHERE state = 'sending' AND claimed_until < $1
"""
# Only while the claim is still ours: when it has run out, another sender decides.
OURS = "id = ANY($1::uuid[]) AND state = 'sending' AND claimed_until = $2"
ENDED = f"UPDATE notifications SET state = $3, error = $4, ended_at = $5, claimed_until = NULL WHERE {OURS}"
AGAIN = f"UPDATE notifications SET state = 'waiting', error = $3, due_at = $4, claimed_until = NULL WHERE {OURS}"
POSTPONED = f"""
UPDATE notifications SET state = 'waiting', attempts = attempts - 1, due_at = $3, claimed_until = NULL WHERE {OURS}
"""
RETRY = """
UPDATE notifications SET state = 'waiting', attempts = 0, digest = false, due_at = $2, ended_at = NULL
WHERE state = 'dead' AND message_id = (SELECT message_id FROM notifications WHERE id = $1)
RETURNING id
"""
COUNTS = """
SELECT count(*) FILTER (WHERE state <> 'dead') AS waiting, count(*) FILTER (WHERE state = 'dead') AS dead
FROM notifications WHERE state IN ('waiting', 'sending', 'dead')
"""


class NotADeadLetter(Refused): ...


@dataclass(frozen=True)
class NewNotification:
    """One fact for one recipient through one channel, in the order of the table's columns.

    `complaint_id` is the stream of what it is about: a complaint, an incident, or a procedure's reports.
    """

    id: UUID
    position: int
    complaint_id: UUID
    procedure: str
    number: str
    event: str
    recipient_kind: str
    recipient: str  # the code; an actor's sealed
    channel: str
    urgent: bool
    digest: bool
    due_at: datetime


@dataclass(frozen=True)
class Claimed:
    """One notification that this process is to send now."""

    id: UUID
    position: int
    complaint_id: UUID
    to: Addressee
    urgent: bool


@dataclass(frozen=True)
class ClaimedMessage:
    """Notifications of one recipient that leave as one message, in the order of the log."""

    id: UUID
    to: Addressee
    channel: str
    attempt: int
    claimed_until: datetime
    parts: tuple[Claimed, ...]


def notification_id(position: int, kind: str, code: str, channel: str) -> UUID:
    """The same fact for the same recipient through the same channel is the same notification, in every process.

    The code is that of the row, an actor's sealed: of a bare one, the id would say whose it is to who tries them all.
    """
    return uuid5(IDS, f"{position}/{kind}/{code}/{channel}")


async def insert(connection: Any, new: Sequence[NewNotification], at: datetime) -> None:
    """Puts them into the outbox within the caller's transaction; those that are there already stay as they are."""
    if new:
        columns = list(zip(*map(astuple, new), strict=True))
        assert len(columns) == len(fields(NewNotification))
        await connection.execute(INSERT, *map(list, columns), at)


class Outbox:
    """The outbox of a deployment, for those who send. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, wall: Callable[[], datetime]) -> None:
        """`wall`: by which claims run out, in a sandbox too."""
        self._pool, self._master, self._wall = pool, master, wall

    async def claim(self, now: datetime) -> ClaimedMessage | None:
        """The next message that is due, marked as being sent by us; None when there is none."""
        rows = await self._claim(now)
        if not rows:
            return None
        parts = tuple(sorted((self._claimed(row) for row in rows), key=lambda part: part.position))
        first = rows[0]
        return ClaimedMessage(
            first["message_id"], parts[0].to, first["channel"], first["attempts"], first["claimed_until"], parts
        )

    async def _claim(self, now: datetime) -> list[asyncpg.Record]:
        try:
            async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection, connection.transaction():
                await connection.execute(ONE_AT_A_TIME, CLAIMS_LOCK)
                return list(await connection.fetch(CLAIM_ONE, now, CLAIM, JOINED_AT_MOST, self._wall()))
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise

    async def run_out(self) -> None:
        """Gives back what was claimed by a sender that is gone."""
        await fetch(self._pool, RUN_OUT, self._wall())

    async def ended(
        self, message: ClaimedMessage, ids: Sequence[UUID], state: str, error: str | None, at: datetime
    ) -> None:
        """These parts of the message were sent, are dead, or were cancelled."""
        await fetch(self._pool, ENDED, list(ids), message.claimed_until, state, error, at)

    async def again(self, message: ClaimedMessage, ids: Sequence[UUID], error: str, at: datetime) -> None:
        """To be tried again at this time."""
        await fetch(self._pool, AGAIN, list(ids), message.claimed_until, error, at)

    async def postponed(self, message: ClaimedMessage, until: datetime) -> None:
        """Not tried at all: the recipient's quiet hours have begun."""
        await fetch(self._pool, POSTPONED, [part.id for part in message.parts], message.claimed_until, until)

    async def retry(self, id: UUID, at: datetime) -> bool:
        """A dead letter is sent anew, with all attempts before it; False when it is not dead."""
        return bool(await fetch(self._pool, RETRY, id, at))

    async def mark_read(self, id: UUID, actor: str, at: datetime) -> None:
        """Read by this reader; the others of the role or unit still have it before them. Raises `StorageAway`."""
        await fetch(self._pool, READ, id, self._master.sealed_actor(actor), actor, at)

    async def counts(self) -> tuple[int, int]:
        """How many wait (or are being sent), and how many are dead."""
        (row,) = await fetch(self._pool, COUNTS)
        return row["waiting"], row["dead"]

    def _claimed(self, row: Any) -> Claimed:
        to = Addressee(row["recipient_kind"], opened_code(row, self._master.opened_actor))
        return Claimed(row["id"], row["position"], row["complaint_id"], to, row["urgent"])


def opened_code(row: Any, opened_actor: Callable[[str], str]) -> str:
    """The code of a row's recipient."""
    code: str = row["recipient"]
    return opened_actor(code) if row["recipient_kind"] == "actor" else code
