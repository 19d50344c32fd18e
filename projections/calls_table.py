"""话务: one row per call, with the number of the caller as a keyed hash alone."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid, text

from migrations.metadata import metadata
from projections.case import CallCase, ReadModel, Row, Target
from projections.tracking_table import SCHEMA

SEALED: Final = "calls.sealed"
CALLER: Final = "phone"  # as complainants are looked up by it

calls = Table(
    "calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("key_id", Uuid, nullable=False),  # whose data key opens what is sealed
    Column("sealed", LargeBinary),  # the call's id at its source, caller, callee, cause
    Column("caller", LargeBinary),  # keyed hash of the caller's number
    Column("agents", ARRAY(Text), nullable=False),
    Column("queue", Text),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("offered_at", DateTime(timezone=True)),
    Column("answered_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("wait_ms", BigInteger),
    Column("talk_ms", BigInteger),
    Column("score", Integer),
    Column("complaints", ARRAY(Uuid), nullable=False),  # that something of it came to
    Column("refused", ARRAY(Text), nullable=False),  # codes of why something of it came to nothing
    Column("heard_at", DateTime(timezone=True)),  # of a call that goes on: when something was heard of it last
    schema=SCHEMA,
)

Index(None, calls.c.began_at, calls.c.id)
Index(None, calls.c.caller, calls.c.began_at, postgresql_where=calls.c.caller.is_not(None))
Index(None, calls.c.heard_at, postgresql_where=calls.c.heard_at.is_not(None))
Index(None, calls.c.complaints, postgresql_using="gin")
Index(
    "calls_refused_idx", calls.c.began_at, calls.c.id, postgresql_where=calls.c.refused != text("ARRAY[]::text[]")
)
Index(None, calls.c.agents, postgresql_using="gin")


def call_rows(case: CallCase) -> list[Row]:
    """The call's one row, in the order of the table's columns; none of what names no call."""
    it = case.call
    if case.called is None:
        return []
    sealed = case.seal.column(SEALED, [case.called, it.caller, it.callee, it.cause])
    return [
        (
            case.id, case.position, case.version, case.source, it.state, it.direction, case.key_id, sealed,
            None if it.caller is None else case.seal.lookup(CALLER, it.caller),
            _agents(case), it.queue, case.began_at, it.offered_at, it.answered_at, it.ended_at,
            _ms(it.wait_seconds), _ms(it.talk_seconds), it.score, list(case.complaints),
            list(case.refused), None if it.is_over else _heard(case.heard_at),
        )
    ]  # fmt: skip


def _agents(case: CallCase) -> list[str]:
    talked = [leg.agent for leg in case.call.legs]
    return list(dict.fromkeys([*talked, *([case.call.agent] if case.call.agent is not None else [])]))


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _heard(at: datetime) -> datetime:
    """To the second: how long it has been quiet is counted in seconds."""
    return at - timedelta(microseconds=at.microsecond)


CALLS: Final = ReadModel("calls", (Target(calls, call_rows, owner="id"),), of=CallCase)
