"""What waits to be done periodically: callbacks and progress reports that are owed, reports of weeks and months."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.queries.report_periods import ReportPeriods, State
from app.queries.sla_pages import clock_titles
from app.queries.visibility import Visibility
from domain.procedure.procedure import Procedure
from domain.reporting.periods import PeriodKind
from domain.titles import Language, Title
from domain.values import Actor
from eventlog.database import fetch
from procedures.rules import Rules
from projections.obligations_query import ObligationFilter, Query, conditions_of, states_of
from projections.scope import Scope

MOST_DUE: Final = 200
CALLBACK: Final = ("complaint_id", "number", "procedure", "since", "due_at")
COLUMNS: Final = (
    "complaint_id", "number", "procedure", "name AS clock", "unit", "arose_at AS since", "due_at", "falls_due",
    "case_id", "ordinal", "procedure_version", "rule",
)  # fmt: skip


@dataclass(frozen=True)
class DueCallback:
    """A customer still to be called; `due_at` where the procedure has a clock for it (None: it has not)."""

    complaint_id: UUID
    number: str
    procedure: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class DueBulletin:
    """通报: a bulletin or progress report, by its clock's due time."""

    complaint_id: UUID
    number: str
    procedure: str
    clock: str
    clock_title: str
    unit: str | None
    due_at: datetime


@dataclass(frozen=True)
class DueReport:
    """A week or month whose report one of the caller's roles is told of: the last that is over, and the present one."""

    procedure: str
    kind: PeriodKind
    period: str
    title: Title
    ends_at: datetime
    state: State
    risen: bool | None


@dataclass(frozen=True)
class WorkDue:
    """The first two hundred of each; the nearest due time first."""

    callbacks: list[DueCallback]
    bulletins: list[DueBulletin]
    reports: list[DueReport]


@dataclass(frozen=True)
class DueWork:
    """What waits to be done periodically, for every reader."""

    pool: asyncpg.Pool
    rules: Rules
    visibility: Visibility
    periods: ReportPeriods

    async def of(self, actor: Actor, language: Language) -> WorkDue:
        """What the actor may see of it. Raises `RoleForbids`, `StorageAway`."""
        scope = self.visibility.figures_scope(actor)
        callbacks = await self._owed(scope, "record-callback")
        bulletins = await self._owed(scope, "report-progress", with_limit=True)
        titles = await clock_titles(bulletins, self.rules)
        return WorkDue(
            [DueCallback(*(row[name] for name in CALLBACK)) for row in callbacks],
            [_bulletin(row, title.in_(language)) for row, title in zip(bulletins, titles, strict=True)],
            [one for procedure in self._visible(scope) for one in await self._reports(procedure, scope)],
        )

    async def _owed(self, scope: Scope, step: str, *, with_limit: bool = False) -> list[Any]:
        """What is owed by this step and not done; of a unit's member that of no other unit."""
        wanted = ObligationFilter(step=(step,), waiting=True)
        conditions = conditions_of(wanted, scope, faults_seen=(), for_readers=())
        conditions.add("complaint_id IS NOT NULL")
        if scope.reached.unit_of:
            everybody = scope.reached.whole(conditions, "kind")
            conditions.add(f"{everybody} OR unit IS NULL OR unit = {{}}", scope.unit)
        if with_limit:
            conditions.add("rule IS NOT NULL")
        text, values = Query(conditions, states_of(wanted)).page(None, MOST_DUE, COLUMNS)
        return await fetch(self.pool, text, *values)

    async def _reports(self, procedure: Procedure, scope: Scope) -> list[DueReport]:
        roles = {one.role for one in scope.grants[procedure.code].general}
        found: dict[tuple[str, bool], DueReport] = {}
        for one in await self.periods.of(procedure):
            told = {*one.rule.tell, *(one.rule.rise_tell if one.fact is None or one.fact.risen else ())}
            if "admin" in roles or not roles.isdisjoint(told):
                report = DueReport(
                    procedure.code, one.period.kind, one.period.name, one.rule.title, one.ends_at, one.state,
                    None if one.fact is None else one.fact.risen,
                )  # fmt: skip
                found.setdefault((one.period.kind, one.state == "running"), report)
        return sorted(found.values(), key=lambda report: (report.ends_at, report.kind))

    def _visible(self, scope: Scope) -> list[Procedure]:
        return [procedure for procedure in self.rules.procedures.values() if scope.sees(procedure.code)]


def _bulletin(row: Any, title: str) -> DueBulletin:
    return DueBulletin(
        row["complaint_id"], row["number"], row["procedure"], row["clock"], title, row["unit"], row["due_at"]
    )
