"""Every question that can be asked, put together from what is real."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from app.access.access_log import AccessLog
from app.access.admission import Admission
from app.access.trail import Trail
from app.access.tries import StatusTries
from app.clocks.deadline_moves import DeadlineMoves
from app.commands.complaints import Complaints
from app.commands.incidents import Incidents
from app.imports.jobs import ImportJobs
from app.notifications.notifying import Notifying
from app.queries.access_pages import AccessTable
from app.queries.agents import AgentQueries
from app.queries.audit_events import AuditLog
from app.queries.callers import CallerQueries, OfferedCalls
from app.queries.calls import CallQueries
from app.queries.complaint_numbers import ComplaintNumbers
from app.queries.complaints import ComplaintQueries
from app.queries.customers import CustomerQueries
from app.queries.feed import EventFeed
from app.queries.imports import ImportQueries
from app.queries.incident_pages import IncidentTable
from app.queries.incidents import IncidentQueries
from app.queries.indicator_pages import Figures
from app.queries.keys import KeyQueries
from app.queries.me import MeQueries
from app.queries.moves import MoveQueries
from app.queries.notifications import NotificationQueries
from app.queries.obligation_pages import ObligationTable
from app.queries.operation import Clock, Operation
from app.queries.paging import ReadModel, ReadModelOfSome
from app.queries.people import PeopleQueries
from app.queries.proof import Proofs
from app.queries.public_status import PublicStatus
from app.queries.recipients import RecipientQueries
from app.queries.report_pages import PeriodReports
from app.queries.report_periods import ReportPeriods
from app.queries.rules import RuleQueries
from app.queries.sla_pages import ClockTable
from app.queries.tracking_pages import TrackingTable
from app.queries.tracking_search import TrackingSearch
from app.queries.units import UnitQueries
from app.queries.visibility import Visibility
from app.queries.work_due import DueWork
from app.readmodels.fold import Folding
from app.reports.period_runner import PeriodRunner
from app.rules.rules_in_force import RulesInForce
from app.sealing.sealing import Sealing
from app.sealing.watching import HistoryWatch
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.sealing import MasterKey


class Queries:
    """The way out, by question."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: RulesInForce,
        access: Admission,
        *,
        complaints: Complaints,
        incidents: Incidents,
        followers: Sequence[Follower[Any]],
        follower: Follower[Any],
        calls_follower: Follower[Any],
        master: MasterKey,
        notifying: Notifying,
        moves: DeadlineMoves,
        periods: PeriodRunner,
        imports: ImportJobs,
        sealing: Sealing,
        watch: HistoryWatch,
        tries: StatusTries,
        access_log: AccessLog,
        trail: Trail,
        pending_migrations: Callable[[], Awaitable[list[str]]],
        clock: Clock,
        now: Callable[[], datetime],
        sandbox: bool,
    ) -> None:
        def folding() -> Folding:
            return Folding(log, codec, complainants, rules, keep=0)

        visibility = Visibility(pool, codec, rules)
        tracking, figures = ReadModel(pool, follower, "tracking"), ReadModel(pool, follower, "indicators")
        report_periods = ReportPeriods(pool, codec, rules, visibility, periods.reports_of, now)
        table = IncidentTable(
            pool, codec, complainants, rules, visibility, ReadModel(pool, follower, "incidents"), tracking
        )
        search = TrackingSearch(pool, codec, complainants)
        self.calls = CallQueries(
            pool, log, codec, complainants, master, visibility, ReadModelOfSome(calls_follower)
        )
        self.callers = CallerQueries(pool, complainants, self.calls, visibility, lambda: access.directory.people)
        self.agents = AgentQueries(pool, self.calls, rules, now)
        self.offered = OfferedCalls(log, codec, complainants)
        self.complaints = ComplaintQueries(complaints, visibility, lambda: access.directory.people)
        self.numbers = ComplaintNumbers(pool, log, tracking, complainants, visibility, self.complaints)
        self.incidents = IncidentQueries(incidents, table)
        self.tracking = TrackingTable(
            search, log, complainants, folding, visibility, tracking, now, lambda: access.directory.people
        )  # fmt: skip
        self.customers = CustomerQueries(
            pool, codec, complainants, master, rules, visibility, self.tracking, self.calls,
            ReadModel(pool, follower, "lookups"),
        )  # fmt: skip
        clocks = ReadModel(pool, follower, "sla")
        self.clocks = ClockTable(pool, rules, visibility, clocks, now)
        self.obligations = ObligationTable(pool, rules, visibility, clocks, lambda: access.directory.people)
        self.audit = AuditLog(pool, log, codec, complainants, rules, visibility, tracking)
        self.feed = EventFeed(self.audit)
        self.proofs = Proofs(pool, sealing.checkpoints, sealing.keys, visibility)
        self.accesses = AccessTable(pool, access_log, codec, visibility)
        self.figures = Figures(pool, codec, visibility, figures)
        self.periods = report_periods
        self.reports = PeriodReports(log, codec, complainants, report_periods, figures)
        self.due_work = DueWork(pool, rules, visibility, report_periods)
        self.notifications = NotificationQueries(pool, log, codec, rules, notifying.follower)
        self.rules = RuleQueries(rules, log)
        self.moves = MoveQueries(pool, log, folding, self.rules, moves, tracking, now)
        self.status = PublicStatus(pool, complaints)
        self.keys = KeyQueries(access.keys)
        self.people = PeopleQueries(access)
        self.units = UnitQueries(access, rules)
        self.me = MeQueries(access, rules)
        self.imports = ImportQueries(imports)
        self.recipients = RecipientQueries(notifying.recipients)
        self.operation = Operation(
            pool, log, followers, follower, notifying.outbox, tries, trail, pending_migrations, clock, now, watch,
            sandbox,
        )  # fmt: skip
