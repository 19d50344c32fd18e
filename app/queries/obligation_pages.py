"""待办: pages of what is owed, and what is owed of one complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

import asyncpg

from app.commands.pinned_rules import procedures_at
from app.queries.paging import After, Listed, Rows, Source
from app.queries.visibility import Visibility
from domain.complaint.complaint import Complaint
from domain.complaint.obligations import Obligation, ObligationState, obligations_of
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import Title
from domain.values import Actor
from eventlog.database import fetch
from procedures.rules import Rules
from projections.obligations_query import (
    WITHOUT_LIMIT,
    ObligationFilter,
    conditions_of,
    page_after,
    statement,
)
from wording.obligations import obligation_title
from wording.states import OBLIGATION
from wording.subjects import title

IDS: Final = UUID("0d6dd2f4-6d0c-5c0e-9d6b-3f1c1b2d9a70")  # the name space of the ids of obligations


@dataclass(frozen=True, slots=True)
class Ower:
    """Who owes it: one of the three."""

    unit: str | None = None
    role: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """One thing that is owed, by whom, until when, and what to do about it.

    `step` is posted to `link`. `due_at` is null where there is no limit; `met_at` is when it was done, late or not.
    States: open, met, missed, waived (void before it was done). Times are UTC.
    """

    id: UUID
    name: str
    titles: Title
    complaint_id: UUID
    number: str
    procedure: str
    owed_by: Ower
    unit: str | None
    round: int
    arose_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    soft: bool
    state: ObligationState
    state_titles: Title
    met_at: datetime | None
    step: str
    step_titles: Title
    link: str


@dataclass(frozen=True)
class ObligationTable:
    """What is owed, for every reader."""

    pool: asyncpg.Pool
    rules: Rules
    visibility: Visibility
    source: Source

    def rows(self, actor: Actor, wanted: ObligationFilter) -> Rows[ObligationRow]:
        """The nearest due time first, what has none last. Raises `RoleForbids`."""
        scope = self.visibility.scope(actor)
        conditions = conditions_of(wanted, actor, scope, faults_seen=self.visibility.faults_seen(actor))

        async def page(after: After | None, limit: int) -> Listed[ObligationRow]:
            place = None if after is None else (after.key, after.id, after.ordinal)
            page = page_after(conditions, place)
            rows = await fetch(self.pool, statement(page, limit + 1), *page.values)
            shown = rows[:limit]
            last = shown[-1] if len(rows) > limit else None
            return Listed(await self._shown(shown), None if last is None else _after(last))

        return Rows(ObligationRow, self.source, page)

    async def _shown(self, rows: Sequence[Any]) -> list[ObligationRow]:
        pinned: dict[str, set[str]] = {}
        for row in rows:
            pinned.setdefault(row["procedure"], set()).add(row["procedure_version"])
        versions = {code: await procedures_at(code, known, self.rules) for code, known in pinned.items()}
        return [_row(row, versions[row["procedure"]][row["procedure_version"]]) for row in rows]


def _after(last: Any) -> After:
    return After(last["due_at"] or WITHOUT_LIMIT, last["complaint_id"], last["ordinal"])


def obligations_seen(complaint: Complaint, *, sees_faults: bool) -> list[ObligationRow]:
    """What is owed of a complaint, as far as a reader may know of it."""
    rows = (_of(one, complaint) for one in obligations_of(complaint))
    return [row for row in rows if sees_faults or row.name != "fault-graded"]


def _of(one: Obligation, complaint: Complaint) -> ObligationRow:
    own: dict[str, Any] = {name: getattr(one, name) for name in SAME}
    known = {"complaint_id": complaint.id, "number": complaint.number, "procedure": complaint.procedure_code}
    return _made({**own, **known, "owed_by": str(one.owed_by)}, one.rule, complaint.procedure)


SAME: Final = (
    "name", "unit", "round", "arose_at", "warn_at", "due_at", "soft", "state", "met_at", "step",
)  # fmt: skip


def _row(row: Mapping[str, Any], procedure: Procedure) -> ObligationRow:
    known = {name: row[name] for name in (*SAME, "complaint_id", "number", "procedure", "owed_by")}
    return _made(known, procedure.clock_at(row["rule"]), procedure)


def _made(known: dict[str, Any], rule: ClockRule | None, procedure: Procedure) -> ObligationRow:
    """Made in one place, so that the list and the complaint say the same."""
    kind, _, code = known.pop("owed_by").partition(":")
    told_apart = (known["name"], kind, code, known["round"], known["arose_at"].isoformat())
    return ObligationRow(
        **known,
        id=uuid5(IDS, " ".join(map(str, (known["complaint_id"], *told_apart)))),
        titles=rule.title if rule is not None else obligation_title(known["name"], procedure),
        owed_by=Ower(**{kind: code}),
        state_titles=OBLIGATION[known["state"]],
        step_titles=title("steps", known["step"]),
        link=f"/v1/complaints/{known['complaint_id']}/{known['step']}",
    )
