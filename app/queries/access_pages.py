"""The access log as auditors read it: who was shown whose data, who was refused, who signed in, who took lists away."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg

from app.access.access_log import AccessLog
from app.access.keys import require_role
from app.access.privileges import READS_ACCESS_LOG
from app.access.trail import AccessKind, Outcome
from app.queries.paging import After, Listed, Looked, Rows, full_page
from app.queries.visibility import Visibility
from domain.identity import levelled
from domain.titles import Title
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.database import fetch
from projections.scope import Conditions
from wording.access import KINDS, OUTCOMES
from wording.columns import ACCESS_KIND

NO_ID: Final = UUID(int=0)
# What a list showed is told without the matters that the reader is named in.
PAGE: Final = """
SELECT id, at, kind, outcome, actor, via, method, path, status, problem, complaint, incident,
    ARRAY(SELECT s FROM unnest(shown) s WHERE NOT EXISTS (
        SELECT FROM reading.tracking t WHERE t.id = s AND t.accused @> {tag}::text[])) AS shown,
    people, times, credential, caller
FROM access_log WHERE {where} ORDER BY at {order}, id {order} LIMIT {limit}
"""
NEWEST: Final = "SELECT coalesce(max(id), 0) FROM access_log"
AccessSort = Literal["at", "-at"]


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One access. `kind`: sign-in, read (of personal data in clear), export, or command (of what was refused).

    `method` and `path` are the address as the API describes it. `complaint` and `incident`: which one the address
    named. `shown`: the complaints whose complainants the answer named besides, and `people` how many people in all.
    `times`: how often the same was refused within a moment. `credential`: how the key begins. `caller`: the same for
    the same address, which it does not tell.
    """

    id: int
    at: datetime
    kind: AccessKind = field(metadata={"heading": ACCESS_KIND})
    outcome: Outcome
    actor: str | None
    via: str | None
    method: str
    path: str
    status: int
    problem: str | None
    complaint: UUID | None
    incident: UUID | None
    shown: list[UUID]
    people: int
    times: int
    credential: str | None
    caller: str | None

    @property
    def kind_titles(self) -> Title:
        return KINDS[self.kind]

    @property
    def outcome_titles(self) -> Title:
        return OUTCOMES[self.outcome]


@dataclass(frozen=True)
class AccessFilter:
    """What is asked for; of several values any. Times are UTC; `from_` is included, `to` is not."""

    actor: tuple[str, ...] = ()
    kind: tuple[AccessKind, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    path: tuple[str, ...] = ()
    complaint: tuple[UUID, ...] = ()
    incident: tuple[UUID, ...] = ()
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True)
class AccessTable:
    """For auditors, and itself the source of its list: what this process did is in it when it is asked."""

    pool: asyncpg.Pool
    written: AccessLog
    codec: EventCodec
    visibility: Visibility

    def rows(self, actor: Actor, wanted: AccessFilter, sort: AccessSort = "-at") -> Rows[AccessRow]:
        """Raises `RoleNeeded`."""
        require_role(actor, *READS_ACCESS_LOG)
        return Rows(AccessRow, self, _AccessPages(self, actor, wanted, sort).page)

    async def must_reach(self, position: int) -> None:
        """It follows nothing that it could be behind."""

    async def position(self) -> int:
        await self.written.write()
        return int((await fetch(self.pool, NEWEST))[0][0])


class _AccessPages:
    """The access log for one reader and one question."""

    def __init__(self, table: AccessTable, actor: Actor, wanted: AccessFilter, sort: AccessSort) -> None:
        self._table, self._actor, self._wanted, self._sort = table, actor, wanted, sort

    async def page(self, after: After | None, limit: int) -> Listed[AccessRow]:
        return await full_page(self._look, after, limit)

    async def _look(self, after: After | None, limit: int) -> Looked[AccessRow]:
        conditions = self._conditions(await self._hidden(self._wanted.complaint))
        descending = self._sort.startswith("-")
        if after is not None:
            conditions.add(f"(at, id) {'<' if descending else '>'} ({{}}, {{}})", after.key, after.ordinal)
        tag = conditions.placed("{}", [self._table.codec.tag_of(self._actor.id)])
        statement = PAGE.format(
            where=conditions.where, tag=tag, order="DESC" if descending else "ASC", limit=limit
        )  # fmt: skip
        found = await fetch(self._table.pool, statement, *conditions.values)
        hidden = await self._hidden({row["complaint"] for row in found if row["complaint"] is not None})
        seen = [(_place(row), _row(row)) for row in found if row["complaint"] not in hidden]
        return Looked(seen, _place(found[-1]) if len(found) == limit else None)

    def _conditions(self, hidden: Collection[UUID]) -> Conditions:
        conditions, wanted = Conditions(), self._wanted
        if wanted.actor:
            # In this spelling too: keys from before ids were levelled.
            conditions.add("actor = ANY({}::text[])", [*map(levelled, wanted.actor), *wanted.actor])
        for column in ("kind", "outcome", "path", "incident"):
            conditions.among(column, getattr(wanted, column))
        if wanted.complaint:
            asked = [id for id in wanted.complaint if id not in hidden]
            conditions.add("complaint = ANY({}::uuid[]) OR shown && {}::uuid[]", asked, asked)
        if wanted.from_ is not None:
            conditions.add("at >= {}", wanted.from_)
        if wanted.to is not None:
            conditions.add("at < {}", wanted.to)
        return conditions

    async def _hidden(self, complaints: Collection[UUID]) -> set[UUID]:
        """Those of them that the reader must not know of, being named in them. What is no complaint is none of them."""
        found = await self._table.visibility.streams(self._actor, complaints) if complaints else {}
        return {id for id, stream in found.items() if stream.seen is None}


def _place(row: asyncpg.Record) -> After:
    return After(row["at"].astimezone(UTC), NO_ID, row["id"])


def _row(row: asyncpg.Record) -> AccessRow:
    values: dict[str, Any] = {**row, "at": row["at"].astimezone(UTC)}
    return AccessRow(**values)
