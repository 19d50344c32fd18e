"""The rules as people and programs read them: procedures and calendars in force, and every version published."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.queries.paging import InvalidParameters
from app.queries.report_periods import NoSuchProcedure
from app.rules.published_rules import KeptVersion
from app.rules.rules_in_force import RulesInForce
from domain.errors import NotFound
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from eventlog.database import StorageAway
from eventlog.log import EventLog
from procedures.publishing import Kind

LONGEST_SPAN: Final = timedelta(days=1100)


class NoSuchCalendar(NotFound): ...


@dataclass(frozen=True)
class ProcedureSummary:
    code: str
    version: str
    title: dict[str, str]
    calendar: str
    source: str


@dataclass(frozen=True)
class ProcedureList:
    """All of them on one page; `position` is the newest one of the log, null while the storage is away."""

    items: list[ProcedureSummary]
    next_cursor: str | None
    position: int | None


@dataclass(frozen=True)
class DayView:
    """`kind` is workday, weekend, holiday or make-up; `provisional` until the notice of that year is out."""

    date: date
    kind: str
    name: str | None
    provisional: bool


@dataclass(frozen=True)
class DayList:
    calendar: str
    version: str
    zone: str
    items: list[DayView]


@dataclass(frozen=True)
class PublishedVersion:
    """`published_by` is null for a file that came with a release of the product."""

    code: str
    version: str
    published_at: datetime
    published_by: str | None


@dataclass(frozen=True)
class ListedVersion(PublishedVersion):
    """`current`: the one that new complaints are received under."""

    current: bool


@dataclass(frozen=True)
class WholeVersion(ListedVersion):
    content: str


@dataclass(frozen=True)
class VersionList:
    """The last published first."""

    items: list[ListedVersion]


@dataclass(frozen=True)
class RuleQueries:
    """Everybody with a key may read the rules."""

    rules: RulesInForce
    log: EventLog

    async def procedures(self) -> ProcedureList:
        """Those in force."""
        try:
            position = await self.log.head()
        except StorageAway:  # what is in memory is still answered
            position = None
        return ProcedureList([_summary(found) for found in self.rules.procedures.values()], None, position)

    def procedure(self, code: str) -> dict[str, Any]:
        """The one in force, with its limits as they are written in the file. Raises `NoSuchProcedure`."""
        procedure = self.rules.procedures.get(code)
        if procedure is None:
            raise NoSuchProcedure
        whole = {field.name: getattr(procedure, field.name) for field in fields(procedure) if field.name != "clocks"}
        whole["clocks"] = [
            {
                **asdict(rule), "limit": str(rule.limit), "to_roles": sorted(rule.to_roles),
                "starts": sorted(rule.starts), "stops": sorted(rule.stops),
                "severities": None if rule.severities is None else sorted(rule.severities),
            }
            for rule in procedure.clocks
        ]  # fmt: skip
        whole["longest_pause"] = str(procedure.longest_pause)
        return whole

    def days(self, code: str, first: date, last: date) -> DayList:
        """What each day is in the calendar in force. Raises `NoSuchCalendar`, `InvalidParameters`."""
        try:
            calendar = self.rules.calendar(code)
        except KeyError:
            raise NoSuchCalendar from None
        if not 1970 <= first.year <= 9000 or not first <= last <= first + LONGEST_SPAN:
            raise InvalidParameters("?to", too_long=True)
        days = (first + timedelta(days=index) for index in range((last - first).days + 1))
        items = [
            DayView(day, calendar.day_kind(day), calendar.day_name(day), calendar.provisional(day)) for day in days
        ]
        return DayList(calendar.code, calendar.version, str(calendar.zone), items)

    async def calendar_at(self, code: str, version: str) -> Calendar:
        """One version, also one that was published just now. Raises `NoSuchCalendar`, `StorageAway`."""
        await self.rules.learn()
        try:
            return self.rules.calendar_at(code, version)
        except KeyError:
            raise NoSuchCalendar from None

    async def versions(self, kind: Kind, code: str) -> VersionList:
        """Who published which, and when; the last first. Raises `NoSuchProcedure`, `NoSuchCalendar`, `StorageAway`."""
        kept = await self.rules.versions(kind, code) if code.isprintable() else []
        if not kept:
            raise _unknown(kind)
        return VersionList([ListedVersion(*_facts(one), current=self._is_current(one)) for one in kept])

    async def version(self, kind: Kind, code: str, version: str) -> WholeVersion:
        """One with its text. Raises as `versions`."""
        readable = (code + version).isprintable()  # PostgreSQL could not even be asked for the others
        kept = await self.rules.version(kind, code, version) if readable else None
        if kept is None:
            raise _unknown(kind)
        return WholeVersion(*_facts(kept), current=self._is_current(kept), content=kept.published.text)

    def _is_current(self, kept: KeptVersion) -> bool:
        in_force = self.rules.calendars if kept.kind == "calendar" else self.rules.procedures
        current = in_force.get(kept.published.code)
        return current is not None and current.version == kept.published.version


def published_version(kept: KeptVersion) -> PublishedVersion:
    """What was published, without its text."""
    return PublishedVersion(*_facts(kept))


def _facts(kept: KeptVersion) -> tuple[str, str, datetime, str | None]:
    published = kept.published
    return published.code, published.version, kept.published_at, published.by


def _unknown(kind: Kind) -> NotFound:
    return NoSuchCalendar() if kind == "calendar" else NoSuchProcedure()


def _summary(procedure: Procedure) -> ProcedureSummary:
    title = {"zh": procedure.title.zh, "en": procedure.title.en}
    return ProcedureSummary(procedure.code, procedure.version, title, procedure.calendar, procedure.source)
