"""The calls as a list: those that fit, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from projections.scope import Conditions

COLUMNS: Final = (
    "id", "source", "state", "direction", "key_id", "sealed", "agents", "queue", "began_at", "offered_at",
    "answered_at", "ended_at", "wait_ms", "talk_ms", "score", "complaints", "refused", "caller",
)  # fmt: skip


@dataclass(frozen=True)
class CallFilter:
    """What is asked for; of several values any. `from_` is included, `to` is not; both UTC, of when a call began.

    `caller` is a number in any writing. `complaint`: calls that something of this complaint came of. `incident`: that
    began while it went on. `refused`: of which something should have come and was refused.
    """

    state: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    caller: str | None = None
    complaint: tuple[UUID, ...] = ()
    incident: tuple[UUID, ...] = ()
    refused: bool | None = None
    from_: datetime | None = None
    to: datetime | None = None


# What began as it did or later, until it was over; one that was never restored goes on until it is closed.
DURING: Final = """
EXISTS (
    SELECT FROM reading.incidents i WHERE i.id = ANY({}::uuid[]) AND began_at >= i.occurred_at
    AND began_at < coalesce(i.restored_at, i.closed_at, 'infinity')
)
"""


def conditions_of(
    wanted: CallFilter, caller: bytes | None, complaints: Sequence[UUID] | None = None,
    incidents: Sequence[UUID] | None = None,
) -> Conditions:  # fmt: skip
    """What is asked for; `caller`: the keyed hash of the number.

    `complaints`: whose calls, and `incidents`: during which they came, where it is asked for.
    """
    conditions = Conditions()
    for name in ("state", "source", "queue"):
        conditions.among(name, getattr(wanted, name))
    if wanted.agent:
        conditions.add("agents && {}::text[]", list(wanted.agent))
    if caller is not None:
        conditions.add("caller = {}", caller)
    if complaints is not None:
        conditions.add("complaints && {}::uuid[]", list(complaints))
    if incidents is not None:
        conditions.add(DURING, list(incidents))
    if wanted.refused is not None:
        conditions.add(f"refused {'<>' if wanted.refused else '='} ARRAY[]::text[]")
    if wanted.from_ is not None:
        conditions.add("began_at >= {}", wanted.from_)
    if wanted.to is not None:
        conditions.add("began_at < {}", wanted.to)
    return conditions


def statement(conditions: Conditions, after: tuple[Any, UUID] | None, limit: int) -> tuple[str, list[Any]]:
    """The query of one page, and its values."""
    page = conditions.copy()
    if after is not None:
        page.add("(began_at, id) < ({}, {})", *after)
    text = (
        f"SELECT {', '.join(COLUMNS)} FROM reading.calls WHERE {page.where} "
        f"ORDER BY began_at DESC, id DESC LIMIT {limit}"
    )
    return text, page.values
