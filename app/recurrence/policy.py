"""The recurrence policy: a complaint whose issue point stands there once too often is raised.

Whom to raise is decided in the order of the log, in the transaction that moves the checkpoint, and kept until it was
done; the command's id follows from the complaint and the position. So nothing is lost and nothing is done twice,
whenever the process dies, and it makes no difference how many complaints arrive at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from app.commands.pinned_rules import pinned_by
from app.recurrence.issue_occurrences import DECIDING, TOLD_BY, IssueStanding, around, standing_of, those_of_one_window
from app.recurrence.raises import Raises, RecurrenceRaises
from domain.complaint.customers import KNOWN_BY, is_same_customer
from domain.complaint.events import ComplainantCorrected, Received
from domain.complaint.recurrence import Occurrence, raise_severity_when_issue_recurs
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Recurrence
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec, is_imported
from eventlog.complainants import Complainants
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog, Recorded
from eventlog.streams import COMPLAINT, kind_of
from procedures.rules import Rules

NAME: Final = "recurrence"
# A text that quotes thousands of numbers helps nobody, and such events would grow with the square of the complaints.
NAMED_AT_MOST: Final = 200
Customer = list[bytes | None]  # the keyed hashes of what they gave, in the order of KNOWN_BY

OCCURS = """
WITH put AS (
    INSERT INTO issue_occurrences (complaint_id, number, procedure, issue_point, occurred_at, position, customer)
    VALUES ($1, $2, $3, $4, $5, $6, $11)
    ON CONFLICT (complaint_id) DO UPDATE
    SET issue_point = excluded.issue_point, position = excluded.position, customer = excluded.customer
)
SELECT complaint_id, number, occurred_at, customer FROM issue_occurrences
WHERE procedure = $3 AND (issue_point = $4 OR customer && $11) AND position <= $10 AND complaint_id <> $1
    AND occurred_at BETWEEN $7 AND $8
ORDER BY position DESC LIMIT $9
"""
LEAVES = "DELETE FROM issue_occurrences WHERE complaint_id = $1"
UNFINISHED = "SELECT min(position) FROM recurrence_raises WHERE failed_at IS NULL"


@dataclass(frozen=True)
class Turn:
    """An event after which a complaint counts for another issue point or customer than before it, or for none any more.

    The others of its issue point are looked for up to `known_to`. `customer`: what they gave of themselves, where it is
    customers who are counted. `imported`: it counts for those that come after it, and is itself not raised.
    """

    position: int
    known_to: int
    standing: IssueStanding
    issue_point: str | None
    recurrence: Recurrence
    calendar: Calendar
    customer: Customer | None
    imported: bool = False


class RecurrencePolicy(Consumer[Turn]):
    """Decides, event by event, whom to raise, and has it done."""

    names = (NAME,)
    topics = frozenset(DECIDING)

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        complaints: Raises,
    ) -> None:
        self._pool, self._log, self._codec, self._complainants = pool, log, codec, complainants
        self._rules = rules
        self._raises = RecurrenceRaises(pool, complaints)

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Turn]]:
        events = [event for event in batch.events if kind_of(event) is COMPLAINT]
        streams = await self._log.streams({event.originator_id for event in events}, until_position=batch.until)
        prepared: Prepared[Turn] = Prepared()
        for event in events:
            history = [
                past
                for past in streams[event.originator_id]
                if past.position == event.position or (past.position < event.position and past.topic in TOLD_BY)
            ]
            known_to = batch.until if batch.late else event.position - 1
            turn = await self._turn(event.position, known_to, history)
            if turn is not None:
                prepared.items.append(Item(event.originator_id, event.position, turn))
        return {NAME: prepared}

    async def write(self, connection: Connection, name: str, values: Sequence[Turn]) -> None:
        for turn in values:
            if turn.issue_point is None:
                await connection.execute(LEAVES, turn.standing.received.originator_id)
            else:
                await self._occurs(connection, turn, turn.issue_point)

    async def afterwards(self) -> None:
        await self._raises.do()

    async def unfinished(self) -> int | None:
        position: int | None = await self._pool.fetchval(UNFINISHED)
        return position

    async def _turn(self, position: int, known_to: int, history: Sequence[Recorded]) -> Turn | None:
        events = [self._codec.event(recorded, None) for recorded in history]
        before, now = standing_of(events[:-1]), standing_of(events)
        procedure, calendar = await pinned_by(now.received, self._rules)
        recurrence = procedure.recurrence
        if recurrence is None:
            return None
        is_of_another = not recurrence.counts_issue_points and isinstance(events[-1], ComplainantCorrected)
        if not is_of_another and now.occurs_at(recurrence) == before.occurs_at(recurrence):
            return None
        customer = None if recurrence.counts_issue_points else await self._customer_of(history)
        imported = is_imported(history[-1])
        return Turn(position, known_to, now, now.occurs_at(recurrence), recurrence, calendar, customer, imported)

    async def _customer_of(self, history: Sequence[Recorded]) -> Customer | None:
        """The keyed hashes of what the customer gave, as corrected last; None of one whose data was erased."""
        key = await self._complainants.key(self._codec.complainant_of(history[0]))
        telling = next((past for past in reversed(history) if past.topic == ComplainantCorrected.TOPIC), history[0])
        event = self._codec.event(telling, key)
        if key is None or not isinstance(event, Received | ComplainantCorrected):
            return None
        hashed = self._complainants.hashed(event.complainant)
        return [hashed.get(kind) for kind in KNOWN_BY]

    async def _occurs(self, connection: Connection, turn: Turn, issue_point: str) -> None:
        this, months = turn.standing.occurrence, turn.recurrence.months
        earliest, latest = around(this.occurred_at, months, turn.calendar)
        most = NAMED_AT_MOST if turn.customer is None else None  # strangers of one switchboard are left out below
        rows = await connection.fetch(
            OCCURS, this.complaint_id, this.number, turn.standing.received.procedure, issue_point, this.occurred_at,
            turn.position, earliest, latest, most, turn.known_to, turn.customer,
        )  # fmt: skip
        others = [
            Occurrence(id, number, occurred_at)
            for id, number, occurred_at, customer in reversed(rows) if _is_of_one_customer(turn.customer, customer)
        ][-NAMED_AT_MOST:]  # fmt: skip
        together = those_of_one_window(this, others, months, turn.calendar)
        command = raise_severity_when_issue_recurs(issue_point, together, turn.recurrence)
        if command is not None and not turn.imported:
            await self._raises.keep(connection, turn.position, this.complaint_id, command)


def _is_of_one_customer(one: Customer | None, other: Customer | None) -> bool:
    """Of those that were found by the same issue point or data key alone, nothing is known that speaks against it."""
    return one is None or other is None or is_same_customer(_known(one), _known(other))


def _known(customer: Customer) -> dict[str, bytes]:
    return {kind: hashed for kind, hashed in zip(KNOWN_BY, customer, strict=True) if hashed is not None}


def recurrence_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    complainants: Complainants,
    rules: Rules,
    complaints: Raises,
) -> Follower[Turn]:
    """What lets the policy follow the log; it has come as far as everybody was raised who had to be."""
    return Follower(pool, log, codec, RecurrencePolicy(pool, log, codec, complainants, rules, complaints))
