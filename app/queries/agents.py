"""座席: who is ready, at a call or away, since when; and the figures of the call centre beside those of complaints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import asyncpg

from app.queries.calls import CallQueries
from domain.call.seat import AFTER_CALL, SeatChange, SeatInterval, intervals_of, occupancy, seconds_in
from domain.errors import Invalid
from domain.identity import levelled
from domain.values import Actor
from eventlog.database import fetch
from procedures.rules import Rules

GroupCallsBy = Literal["queue", "agent", "day", "hour"]
NOW: Final = """
SELECT DISTINCT ON (agent) agent, source, state, at FROM seat_changes WHERE at <= $1
ORDER BY agent, at DESC, number DESC, position DESC
"""
# What was said within the span, and the last thing before it, which may hold on into it.
WITHIN: Final = """
SELECT agent, at, state, number FROM seat_changes WHERE ($1::text[] IS NULL OR agent = ANY($1)) AND at >= $2 AND at < $3
UNION ALL
SELECT a.agent, b.at, b.state, b.number
FROM (SELECT DISTINCT agent FROM seat_changes WHERE $1::text[] IS NULL OR agent = ANY($1)) a
CROSS JOIN LATERAL (
    SELECT at, state, number FROM seat_changes s WHERE s.agent = a.agent AND s.at < $2
    ORDER BY at DESC, number DESC LIMIT 1
) b
"""
KEYS: Final[dict[GroupCallsBy, str]] = {
    "queue": "coalesce(queue, '')", "agent": "coalesce(agents[cardinality(agents)], '')",
    "day": "to_char(began_at AT TIME ZONE $4, 'YYYY-MM-DD')", "hour": "to_char(began_at AT TIME ZONE $4, 'HH24')",
}  # fmt: skip
# Those that came in. Who gave up was offered and is over without an answer.
FIGURES: Final = """
SELECT {key} AS key, count(*)::int AS offered, count(answered_at)::int AS answered,
    count(*) FILTER (WHERE answered_at IS NULL AND ended_at IS NOT NULL)::int AS abandoned,
    avg(wait_ms) FILTER (WHERE answered_at IS NOT NULL) / 1000.0 AS wait,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY wait_ms) FILTER (WHERE answered_at IS NOT NULL) / 1000.0 AS wait_p90,
    avg(talk_ms) / 1000.0 AS talk,
    count(*) FILTER (WHERE answered_at IS NOT NULL AND wait_ms <= $3 * 1000)::int AS in_time
FROM reading.calls
WHERE direction = 'inbound' AND began_at >= $1 AND began_at < $2 AND $4::text IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


class SpanTurnedAround(Invalid):
    """It ends before it begins."""


@dataclass(frozen=True, slots=True)
class SeatNow:
    """An agent's seat as it is; `since` UTC."""

    agent: str
    source: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SeatStates:
    """An agent's seat over a span: the states one after the other, how long each in all, and how much of it was busy.

    `occupancy`: time with calls and after them, of that and of waiting for one; null where there was neither.
    """

    agent: str
    items: list[SeatInterval]
    seconds: dict[str, float]
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class CallFigures:
    """What came in, of one queue, agent, day or hour. Seconds; null where nothing was counted.

    `service_level`: the share of those offered that was answered in time. `handling_seconds`: talk, and after-call work
    where it is known, which is by agent and in all.
    """

    key: str
    offered: int
    answered: int
    abandoned: int
    wait_seconds: float | None
    wait_p90_seconds: float | None
    talk_seconds: float | None
    after_call_seconds: float | None
    handling_seconds: float | None
    service_level: float | None
    occupancy: float | None


@dataclass(frozen=True)
class AgentQueries:
    """For those who see calls. Every method raises `RoleForbids`, `StorageAway`."""

    pool: asyncpg.Pool
    calls: CallQueries
    rules: Rules
    now: Callable[[], datetime]

    @property
    def zone(self) -> str:
        """In which days and hours are told: that of the calendars, where all have one; else UTC."""
        zones = {self.rules.calendars[one.calendar].zone for one in self.rules.procedures.values()}
        return zones.pop() if len(zones) == 1 else "UTC"

    async def all(self, actor: Actor) -> list[SeatNow]:
        """Every seat as it is, in the order of their agents."""
        self.calls.sight_of(actor)
        return [SeatNow(*row) for row in await fetch(self.pool, NOW, self.now())]

    async def states(self, agent: str, since: datetime, until: datetime, actor: Actor) -> SeatStates:
        """Raises `SpanTurnedAround`, too."""
        self.calls.sight_of(actor)
        name = levelled(agent)
        intervals = (await self._intervals([name], since, until)).get(name, [])
        seconds: dict[str, float] = {}
        for one in intervals:
            seconds[one.state] = round(seconds.get(one.state, 0.0) + one.seconds, 3)
        return SeatStates(name, intervals, seconds, occupancy(intervals))

    async def figures(
        self, since: datetime, until: datetime, by: GroupCallsBy, within: int, actor: Actor
    ) -> list[CallFigures]:
        """`within`: seconds in which a call is answered in time. Raises `SpanTurnedAround`, too."""
        self.calls.sight_of(actor)
        _check(since, until)
        rows = await fetch(self.pool, FIGURES.format(key=KEYS[by]), since, until, within, self.zone)
        seats = await self._intervals(None, since, until) if by == "agent" else {}
        return [_figures(row, seats.get(row["key"], [])) for row in rows]

    async def _intervals(
        self, agents: list[str] | None, since: datetime, until: datetime
    ) -> dict[str, list[SeatInterval]]:
        _check(since, until)
        changes: dict[str, list[SeatChange]] = {}
        for agent, at, state, number in await fetch(self.pool, WITHIN, agents, since, until):
            changes.setdefault(agent, []).append(SeatChange(at, state, number))
        now = self.now()
        return {agent: intervals_of(said, since, until, now) for agent, said in changes.items()}


def _check(since: datetime, until: datetime) -> None:
    if until <= since:
        raise SpanTurnedAround("?to")


def _figures(row: Any, seat: Sequence[SeatInterval]) -> CallFigures:
    answered, talk = row["answered"], row["talk"]
    after = seconds_in(seat, frozenset({AFTER_CALL})) / answered if seat and answered else None
    handling = None if talk is None else float(talk) + (after or 0.0)
    return CallFigures(
        row["key"], row["offered"], answered, row["abandoned"], _rounded(row["wait"]), _rounded(row["wait_p90"]),
        _rounded(talk), _rounded(after), _rounded(handling),
        round(row["in_time"] / row["offered"], 4) if row["offered"] else None, occupancy(seat),
    )  # fmt: skip


def _rounded(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds), 3)
