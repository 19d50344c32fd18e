"""The days, weeks and months of a procedure, and what was recorded of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import asyncpg

from app.queries.period_counts import counts_for
from app.queries.visibility import Visibility
from domain.errors import NotFound, RoleForbids
from domain.procedure.procedure import Procedure, ReportRule
from domain.reporting.periods import Period, PeriodKind, earliest
from domain.reporting.reports import PeriodReported
from domain.titles import Title
from domain.values import Actor
from eventlog.codec import EventCodec
from procedures.rules import Rules
from projections.scope import Scope

State = Literal["running", "ended", "reported"]


class NoSuchProcedure(NotFound): ...


@dataclass(frozen=True)
class PeriodOfRule:
    """A period that a procedure reports on, and the fact that it was reported (None: not yet)."""

    period: Period
    rule: ReportRule
    ends_at: datetime
    state: State
    fact: PeriodReported | None


@dataclass(frozen=True)
class PeriodRow:
    """One period that a procedure reports on. `state` is running, ended (not recorded yet) or reported."""

    kind: PeriodKind
    period: str
    title: Title
    first_day: date
    last_day: date
    ends_at: datetime
    state: str
    risen: bool | None
    told: list[str]
    rise_told: list[str]
    reported_at: datetime | None


@dataclass(frozen=True)
class ReportPeriods:
    """Which periods there are, for every reader. `reports_of` are the facts of one procedure, oldest first."""

    pool: asyncpg.Pool
    codec: EventCodec
    rules: Rules
    visibility: Visibility
    reports_of: Callable[[str], Awaitable[list[PeriodReported]]]
    now: Callable[[], datetime]

    def known(self, code: str, actor: Actor) -> tuple[Procedure, Scope]:
        """A procedure, and what of it the actor sees. Raises `NoSuchProcedure`, and `RoleForbids` for nothing."""
        scope = self.visibility.figures_scope(actor)
        procedure = self.rules.procedures.get(code)
        if procedure is None:
            raise NoSuchProcedure
        if not scope.sees(code):
            raise RoleForbids
        return procedure, scope

    async def of(self, procedure: Procedure) -> list[PeriodOfRule]:
        """Every period since the first complaint, of days the last; the newest first. Raises `StorageAway`."""
        calendar, now = self.rules.calendar(procedure.calendar), self.now()
        first = await counts_for(self.pool, self.codec, self.rules)(procedure).first_day()
        if first is None or not procedure.reports:
            return []
        facts = {(fact.kind, fact.period): fact for fact in await self.reports_of(procedure.code)}
        found: list[PeriodOfRule] = []
        for rule in procedure.reports:
            period = Period.around(rule.period, earliest(rule.period, first, calendar.local_date(now)))
            while period.begins_at(calendar) <= now:
                fact, ends_at = facts.get((period.kind, period.name)), period.ends_at(calendar)
                state: State = "reported" if fact is not None else "ended" if ends_at <= now else "running"
                found.append(PeriodOfRule(period, rule, ends_at, state, fact))
                period = period.following
        return sorted(found, key=lambda one: (one.period.last, one.period.kind), reverse=True)

    async def rows(self, code: str, actor: Actor) -> list[PeriodRow]:
        """As `of`, as far as the actor sees it. Raises `NoSuchProcedure`, `RoleForbids`, `StorageAway`."""
        procedure, scope = self.known(code, actor)
        # What was found to have risen was counted of all.
        return [_row(one, counted=code in scope.all_of) for one in await self.of(procedure)]


def _row(one: PeriodOfRule, *, counted: bool) -> PeriodRow:
    fact, rule, period = one.fact, one.rule, one.period
    return PeriodRow(
        period.kind, period.name, rule.title, period.first, period.last, one.ends_at, one.state,
        fact.risen if fact is not None and counted else None, list(rule.tell if fact is None else fact.told),
        list(() if fact is None else fact.rise_told), None if fact is None else fact.timestamp,
    )  # fmt: skip
