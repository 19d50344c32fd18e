"""How the service is doing: whether it is ready, and the figures that are watched."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import asyncpg

from app.access.trail import Trail
from app.access.tries import StatusTries
from app.notifications.outbox import Outbox
from app.sealing.watching import HistoryWatch
from eventlog.checkpoints import Lag, count_parked, read_lags
from eventlog.database import is_storage_away
from eventlog.follower import Follower
from eventlog.log import EventLog

LAG_SECONDS_ALLOWED: Final = 10.0
MOST_STOPPED: Final = 20
READY: Final = "ready"


@dataclass
class Readiness:
    """`status` is ready, away, pending or lagging; `checks`: of database, migrations, clock, projections, followers,
    history.

    A sandbox says that it is one: `sandbox` is there with its time (`now`).
    """

    status: str
    checks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is watched, by name; and of everybody who follows the log by how many events and seconds they are behind."""

    plain: Mapping[str, float]
    lags: Mapping[str, tuple[int, float]]


class Clock(Protocol):
    """What is wanted of `app.deployment_clock.DeploymentClock`."""

    @property
    def agrees(self) -> bool:
        """Whether the database's clock goes on as it did."""
        ...

    @property
    def leap(self) -> float:
        """By how many seconds it differs from what it should say."""
        ...


@dataclass(frozen=True)
class Operation:
    """Asked without a key."""

    pool: asyncpg.Pool
    log: EventLog
    followers: Sequence[Follower[Any]]  # everybody who follows the log
    read_models: Follower[Any]  # the one of them whose lag makes lists stale
    outbox: Outbox
    tries: StatusTries
    trail: Trail
    pending_migrations: Callable[[], Awaitable[list[str]]]
    clock: Clock
    now: Callable[[], datetime]
    watch: HistoryWatch
    sandbox: bool

    async def readiness(self) -> Readiness:
        """Ready, or why not: the database is away, migrations are pending, or the read models lag."""
        found = Readiness(READY, {})
        try:
            found.checks["database"] = await self.pool.fetchval("SELECT 'ok'")
            pending = await self.pending_migrations()
            found.checks["migrations"] = "ok" if not pending else {"pending": pending}
            lags = await self._lags()
            parked, of_all = await self.read_models.parked(), await count_parked(self.pool)
            findings = await self.watch.findings()
        except Exception as error:  # asyncpg's, SQLAlchemy's around it, or the log's own
            if not is_storage_away(error):
                raise
            found.checks["database"] = "away"
            found.status = "away"
            return found
        if self.sandbox:
            found.checks["sandbox"] = {"now": self.now().isoformat().replace("+00:00", "Z")}
        behind, seconds = self._of_read_models(lags)
        found.checks["clock"] = {"agrees": self.clock.agrees, "leapt_seconds": round(self.clock.leap, 3)}
        found.checks["projections"] = {
            "events_behind": behind, "seconds_behind": round(seconds, 3),
            "stopped_complaints": [
                {"projection": one.follower, "complaint_id": one.stream, "error": one.error}
                for one in parked[:MOST_STOPPED]
            ],
        }  # fmt: skip
        found.checks["followers"] = {
            **asdict(of_all),
            "lags": [
                {"follower": name, "events_behind": lag.events, "seconds_behind": round(lag.seconds(self.now()), 3)}
                for name, lag in lags.items()
            ],
        }
        found.checks["history"] = findings
        if pending:
            found.status = "pending"
        elif seconds >= LAG_SECONDS_ALLOWED:
            found.status = "lagging"
        return found

    async def _lags(self) -> dict[str, Lag]:
        return await read_lags(self.pool, [name for follower in self.followers for name in follower.names])

    def _of_read_models(self, lags: Mapping[str, Lag]) -> tuple[int, float]:
        worst = max((lags[name] for name in self.read_models.names), key=lambda lag: lag.events)
        return worst.events, worst.seconds(self.now())

    async def figures(self) -> Figures:
        """Those that only the database knows are missing while it is away."""
        log, of_followers = self.log, dict[str, tuple[int, float]]()
        found: dict[str, float] = {
            "queue": log.queued, "appends": log.appended, "batches": log.batches, "conflicts": log.conflicts,
            "database_up": 0, "clock_agrees": self.clock.agrees, "clock_leapt": self.clock.leap,
            "access_waiting": len(self.trail), "access_dropped": self.trail.dropped,
        }  # fmt: skip
        try:
            lags = await self._lags()
            found["lag_events"], found["lag_seconds"] = self._of_read_models(lags)
            of_followers = {name: (lag.events, lag.seconds(self.now())) for name, lag in lags.items()}
            found["notifications_waiting"], found["notifications_dead"] = await self.outbox.counts()
            found["stopped"] = len(await self.read_models.parked())
            of_all = await count_parked(self.pool)
            found["parked"], found["unreadable"] = of_all.parked, of_all.unreadable_streams
            tries = await self.tries.figures()
            found["status_wrong"], found["status_numbers"] = tries.wrong, tries.numbers
            found["status_callers"], found["locked_out"] = tries.callers, tries.locked_out
            found["history_findings"] = (await self.watch.findings()).count
            found["database_up"] = 1
        except Exception as error:
            if not is_storage_away(error):
                raise
        return Figures(found, of_followers)
