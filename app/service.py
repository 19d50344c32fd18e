"""The running service: everything that is real, opened together and closed in the right order."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final, Self

import asyncpg

import migrations
from app.access.access_log import AccessLog
from app.access.admission import Admission
from app.access.call_sources import CallSources
from app.access.entrance import Entrance, acted_for_by
from app.access.keys import ApiKeys
from app.access.oidc.sign_in import Configured, TokenSignIn
from app.access.rates import MACHINE, PERSON, KeyRates
from app.access.trail import Trail
from app.access.tries import StatusTries, WrongKeys
from app.calls.consequences import call_consequences_follower
from app.calls.quiet_calls import QuietCalls
from app.calls.seats import seats_follower
from app.calls.sequences import call_sequences_follower
from app.calls.unattended import UnattendedHours
from app.clocks.clock_runner import ClockRunner
from app.clocks.deadline_moves import DeadlineMoves
from app.clocks.incident_clocks import IncidentClocks
from app.clocks.judging import Judging
from app.commands.calls import Calls
from app.commands.complaints import Complaints
from app.commands.customer_system import CustomerLookup
from app.commands.incidents import Incidents
from app.commands.remembered import RememberedRequests
from app.deployment_clock import BOUND, SETTLES, DeploymentClock
from app.imports.batches import Recording, Staff
from app.imports.deciders import Deployment
from app.imports.importer import Importer
from app.imports.jobs import ImportJobs
from app.imports.runner import ImportRunner
from app.links.awaited_links import AwaitedLinks
from app.links.other_sides import links_follower
from app.notifications.channels import Channels
from app.notifications.notifying import Notifying
from app.queries.period_counts import counts_for
from app.queries.queries import Queries
from app.readmodels.follower import calls_follower, read_models_follower
from app.recurrence.awaited_raises import AwaitedRaises
from app.recurrence.policy import recurrence_follower
from app.reports.period_runner import PeriodRunner
from app.rules.rules_in_force import RulesInForce
from app.sandbox import Sandbox
from app.sealing.sealing import Sealing
from app.sealing.watching import HistoryWatch
from app.surges.call_surges import CallSurges
from app.surges.call_volumes import CallVolumes
from app.surges.counting import call_surges_follower
from app.time import SandboxTime, check_deployment
from domain.titles import Language
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.sealing import MasterKey

NOTHING_SET: Final = Channels()
SCHEMA = "SELECT version_num FROM alembic_version"


class Service:
    """What main.py makes the routes of. Use it as an async context manager."""

    pool: asyncpg.Pool
    library: RulesInForce
    log: EventLog
    complainants: Complainants
    complaints: Complaints
    incidents: Incidents
    calls: Calls
    call_sources: CallSources
    call_volumes: CallVolumes
    access: Admission
    keys: ApiKeys
    tries: StatusTries
    access_log: AccessLog
    entrance: Entrance
    followers: list[Follower[Any]]
    follower: Follower[Any]
    calls_follower: Follower[Any]
    call_consequences: Follower[Any]
    call_sequences: Follower[Any]
    seats: Follower[Any]
    quiet_calls: QuietCalls
    recurrence: Follower[Any]
    links: Follower[Any]
    moves: DeadlineMoves
    clock_runner: ClockRunner
    incident_clocks: IncidentClocks
    call_surges: CallSurges
    call_counts: Follower[Any]
    periods: PeriodRunner
    notifying: Notifying
    sealing: Sealing
    watch: HistoryWatch
    imports: ImportJobs
    import_runner: ImportRunner
    queries: Queries
    remembered: RememberedRequests
    answered: AwaitedLinks
    rehearsal: Sandbox | None
    clock: DeploymentClock
    time: DeploymentClock | SandboxTime

    def __init__(
        self,
        database_url: str,
        master: MasterKey,
        *,
        sandbox: bool = False,
        pool_size: int = 16,
        channels: Channels = NOTHING_SET,
        customers: CustomerLookup | None = None,
        language: Language = "zh",
        database_is_kept: Callable[[], bool] = lambda: True,
        import_megabytes: int = 200,
        clock_bound: float = BOUND,
        clock_settles: float = SETTLES,
        rates: tuple[str, str] = (PERSON, MACHINE),
        tokens: Configured | None = None,
    ) -> None:
        """`database_is_kept`: whether somebody brings the database back when it ends.

        `rates`: how often a key of a person and one of a machine may call. `tokens`: whose tokens are taken.

        `clock_…`: seconds by which the database's clock may leap, and after which a leap is believed.
        """
        self._database_url, self.master, self.sandbox, self._pool_size = database_url, master, sandbox, pool_size
        self._channels, self._customers, self.language = channels, customers, language
        self._database_is_kept = database_is_kept
        self.import_megabytes = import_megabytes
        self._clock_bound, self._clock_settles = clock_bound, clock_settles
        self._rates, self._tokens = rates, tokens
        self.codec = EventCodec(self.master)
        self.trail = Trail()
        self._newest_schema: str | None = None
        self._stack = AsyncExitStack()

    @property
    def now(self) -> Callable[[], datetime]:
        return self.time.now

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _open(self) -> None:
        self.pool = await create_pool(self._database_url, min_size=2, max_size=self._pool_size)
        self._stack.push_async_callback(self.pool.close)
        await check_deployment(self.pool, sandbox=self.sandbox, fingerprint=self.master.fingerprint)
        self.clock = DeploymentClock(self.pool, bound=self._clock_bound, settles=self._clock_settles)
        await self._stack.enter_async_context(self.clock)
        self.time = await SandboxTime.open(self.pool) if self.sandbox else self.clock
        self.library = await RulesInForce.load(self.pool, self.now())
        await self._stack.enter_async_context(self.library)
        self.tries = StatusTries(self.pool, self.master)
        self.access_log = AccessLog(self.pool, self.trail, self.clock.now)
        await self._stack.enter_async_context(self.access_log)
        self.access = Admission(self.pool, self.master, self.library, self.now)
        await self._stack.enter_async_context(self.access)
        self.keys = self.access.keys
        rates = KeyRates(self.pool, lambda: self.clock.now().timestamp(), *self._rates)
        await self._stack.enter_async_context(rates)
        tokens = None
        if self._tokens is not None:
            tokens = TokenSignIn.of(self._tokens, self.access, self.now, self.clock.now)
            self._stack.push_async_callback(tokens.issuer.aclose)
        self.entrance = Entrance(self.access, WrongKeys(self.pool, self.master), rates, tokens)
        if self._customers is not None:
            self._stack.push_async_callback(self._customers.aclose)
        self.log = EventLog(self.pool)
        await self._stack.enter_async_context(self.log)
        self.complainants = Complainants(self.pool, self.master)
        self.complaints = Complaints(
            self.log, self.codec, self.complainants, self.library, now=self.now,
            known_units=self.access.units_to_ask, people=lambda: self.access.directory.people,
            customers=self._customers,
        )  # fmt: skip
        self.incidents = Incidents(self.log, self.codec, self.complainants, self.library, now=self.now)
        self.calls = Calls(self.log, self.codec, self.complainants, self.master, now=self.now)
        self.call_sources = CallSources(
            self.pool, self.master, lambda id: self.access.directory.people.is_a_person(id)
        )
        await self.call_sources.open()
        self._stack.push_async_callback(self.call_sources.close)
        self.call_volumes = CallVolumes(self.pool, self.now)
        await self._open_followers()

    async def _follow(self, follower: Follower[Any]) -> None:
        await self._stack.enter_async_context(follower)
        self.followers.append(follower)

    async def _open_followers(self) -> None:
        # First of all, so that it tells of what the others record at once.
        self.notifying = Notifying(
            self.pool, self.log, self.codec, self.complainants, self.library, self.master, self._channels,
            now=self.now, wall=self.clock.now, roles_of=self.access.directory.roles_of, sandbox=self.sandbox,
        )  # fmt: skip
        await self._stack.enter_async_context(self.notifying)
        self.followers = [self.notifying.follower]
        self.follower = read_models_follower(
            self.pool, self.log, self.codec, self.complainants, self.library, now=self.now
        )  # fmt: skip
        await self._follow(self.follower)
        self.calls_follower = calls_follower(
            self.pool, self.log, self.codec, self.complainants, self.library, now=self.now
        )
        await self._follow(self.calls_follower)
        self.recurrence = recurrence_follower(
            self.pool, self.log, self.codec, self.complainants, self.library, self.complaints
        )
        await self._follow(self.recurrence)
        self.sealing = Sealing(self.pool, self.log, self.codec, self.master, self.clock.now)
        await self._stack.enter_async_context(self.sealing)
        self.followers.append(self.sealing.follower)
        self.watch = HistoryWatch(self.pool, self.sealing.keys, self.clock.now)
        await self._stack.enter_async_context(self.watch)
        self.links = links_follower(self.pool, self.log, self.codec, self.complaints)
        await self._follow(self.links)
        self.call_consequences = call_consequences_follower(
            self.pool, self.log, self.codec, self.calls, self.complaints, self.follower, self.master,
            lambda source, agent: acted_for_by(self.access, source, agent),
            UnattendedHours(self.call_sources.unattended, self.library, self.language),
        )  # fmt: skip
        await self._follow(self.call_consequences)
        self.call_sequences = call_sequences_follower(self.pool, self.log, self.codec)
        await self._follow(self.call_sequences)
        self.seats = seats_follower(self.pool, self.log, self.codec, self.complainants)
        await self._follow(self.seats)
        self.moves = DeadlineMoves(self.pool, self.log, self.follower, self.complaints, self.library, now=self.now)
        await self._stack.enter_async_context(self.moves)
        self.call_surges = CallSurges(self.pool, self.library, self.incidents, self.now)
        self.call_counts = call_surges_follower(
            self.pool, self.log, self.codec, self.complainants, self.call_surges.look
        )
        await self._follow(self.call_counts)
        judging = Judging(self.log, self.codec, self.complainants, self.library)
        may_judge = self._may_judge
        self.clock_runner = ClockRunner(self.pool, judging, self.now, may_judge=may_judge)
        self.incident_clocks = IncidentClocks(self.pool, self.incidents, self.now, may_judge=may_judge)
        self.periods = PeriodRunner(
            self.pool, self.log, self.codec, self.follower, self.library,
            counts_for(self.pool, self.codec, self.library), self.now, may_judge=may_judge,
            still_judging=self.clock_runner.is_behind,
        )  # fmt: skip
        self.quiet_calls = QuietCalls(self.pool, self.calls, self.call_sources, self.now, may_judge=may_judge)
        self.imports = ImportJobs(self.pool, self.master)
        importer = Importer(
            Recording(self.log, self.codec, self.complainants, self.library, self.master, self.imports), self.now,
            lambda: Staff(self.access.directory.people, self.access.units_to_ask()),
            Deployment(self._database_url, self.master.secret),
        )  # fmt: skip
        self.import_runner = ImportRunner(self.pool, importer)
        await self._stack.enter_async_context(self.import_runner)
        if not self.sandbox:
            for runner in (self.clock_runner, self.incident_clocks, self.periods, self.quiet_calls):
                await self._stack.enter_async_context(runner)
        self._open_doors()

    def _open_doors(self) -> None:
        self.remembered = RememberedRequests(self.log, self.now)
        self.answered = AwaitedLinks(AwaitedRaises(self.complaints, self.recurrence), self.links)
        self.queries = Queries(
            self.pool, self.log, self.codec, self.complainants, self.library, self.access, complaints=self.complaints,
            incidents=self.incidents, followers=self.followers, follower=self.follower,
            calls_follower=self.calls_follower, master=self.master,
            notifying=self.notifying, moves=self.moves, periods=self.periods, imports=self.imports, tries=self.tries,
            sealing=self.sealing, watch=self.watch,
            access_log=self.access_log, trail=self.trail, pending_migrations=self.pending_migrations,
            clock=self.clock, now=self.now, sandbox=self.sandbox,
        )  # fmt: skip
        self.rehearsal = None
        if isinstance(self.time, SandboxTime):
            self.rehearsal = Sandbox(
                self.time, self.log, self.follower, self.calls_follower,
                (self.call_consequences, self.recurrence, self.links, self.call_counts), self.call_surges,
                self.notifying.follower,
                self.clock_runner, self.incident_clocks, self.quiet_calls, self.periods,
            )  # fmt: skip

    def _may_judge(self) -> bool:
        return self.clock.agrees

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def can_recover(self) -> bool:
        """Whether all will be well again by itself, whatever is away at the moment."""
        return self.log.is_writing and self._database_is_kept()

    async def pending_migrations(self) -> list[str]:
        """Asked by everybody, without a key: the files are compared once for each schema that is met."""
        schema = await self.pool.fetchval(SCHEMA)
        if schema is not None and schema == self._newest_schema:
            return []
        pending = await asyncio.to_thread(migrations.pending, self._database_url)
        if not pending:
            self._newest_schema = schema
        return pending
