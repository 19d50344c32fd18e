"""Every query there is, asked by readers who may see nothing of a complaint: no answer holds anything personal of it.

A query function that is not asked here fails the first test.
"""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from pydantic import TypeAdapter

import app.queries
from app.access.keys import NewKey
from app.commands.stream import CommandResult
from app.queries.access_pages import AccessFilter
from app.queries.audit_events import AuditFilter
from app.queries.cells import CellWords
from app.queries.complaint_view import complaint_view
from app.queries.customers import CustomerFilter
from app.queries.event_view import event_view, incident_event_view, unreadable_event_view
from app.queries.explanation_view import explanation_view
from app.queries.files import csv_lines, ndjson_lines, sheet
from app.queries.incident_view import incident_view
from app.queries.indicator_pages import indicator_view
from app.queries.moves import move_view
from app.queries.notifications import NotificationFilter
from app.queries.paging import Rows
from app.queries.people import PeopleFilter
from app.queries.queries import Queries
from app.queries.recipients import recipient_view
from app.queries.rules import published_version
from app.queries.step_forms import StepForms
from app.queries.visibility import Seen
from app.queries.vocabulary import VocabularyQueries
from app.service import Service
from domain.complaint.commands import AddNote
from domain.errors import Refused
from domain.people import People
from domain.values import Actor, Complainant
from eventlog.streams import COMPLAINT, INCIDENT
from projections.calls_query import CallFilter
from projections.incidents_query import IncidentFilter
from projections.indicators_query import IndicatorFilter
from projections.lookups_table import CUSTOMER, whose
from projections.obligations_query import ObligationFilter
from projections.sla_query import SlaFilter
from projections.tracking_query import TrackingFilter
from tests.cluster import Cluster, Template
from tests.http.desk import MASTER
from tests.queries.full_streams import ACCUSED, PERSONS, marks, record_complaint, record_incident
from wording.refusals import refusal_text

pytestmark = pytest.mark.asyncio(loop_scope="module")

AFTERWARDS: Final = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SECRET: Final = "report"  # of the courier's kinds, the supervising leader's alone

READER: Final = Actor("agent-7", frozenset({"agent"}), name="王静")
LEADER: Final = Actor("leader", frozenset({"supervisor"}))
FORMS: Final = StepForms("/v1/complaints", {"add-note": TypeAdapter(AddNote)})
OPEN: Final = marks("open", COMPLAINT)
CIRCLES: Final = marks("secret", COMPLAINT)
ALL: Final = [*OPEN, *CIRCLES, *marks("incident", INCIDENT)]
# Who, and what must not reach them.
READERS: Final[dict[str, tuple[Actor, list[str]]]] = {
    "a role that no procedure knows": (Actor("guest", frozenset({"guest"})), ALL),
    "a role that sees neither person nor texts": (Actor("bank", frozenset({"partner"})), ALL),
    "a system": (Actor("softphone", frozenset({"integration"})), ALL),
    "another unit": (Actor("clerk", frozenset({"unit"}), "trading"), [*OPEN, *CIRCLES]),
    "somebody accused, though an administrator": (Actor(ACCUSED, frozenset({"admin", "auditor"})), [*OPEN, *CIRCLES]),
    "an administrator outside the circle": (Actor("admin", frozenset({"admin"})), CIRCLES),
    "an auditor outside the circle": (Actor("auditor", frozenset({"auditor"})), CIRCLES),
}


@dataclass
class House:
    """A service in which everything has happened."""

    service: Service
    open: UUID
    secret: UUID
    incident: UUID

    @property
    def queries(self) -> Queries:
        return self.service.queries

    async def complaint(self, id: UUID) -> Any:
        return (await self.service.complaints.load(id)).aggregate


Ask = Callable[[House, Actor], AsyncIterator[Any]]


def of_both(ask: Callable[[House, Actor, UUID], Awaitable[Any]]) -> Ask:
    """Asks for the open complaint, and for the secret one."""

    async def both(house: House, actor: Actor) -> AsyncIterator[Any]:
        for id in (house.open, house.secret):
            yield await refused_or(ask(house, actor, id))

    return both


def once(ask: Callable[[House, Actor], Any]) -> Ask:
    async def one(house: House, actor: Actor) -> AsyncIterator[Any]:
        async def answer() -> Any:
            found = ask(house, actor)
            return await found if inspect.isawaitable(found) else found

        yield await refused_or(answer())

    return one


async def refused_or(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except Refused as refusal:
        return refusal_text(refusal, "zh")


async def by_number(house: House, actor: Actor, id: UUID) -> Any:
    return await house.queries.numbers.one((await house.complaint(id)).number, actor, "zh")


async def histories(house: House, actor: Actor) -> AsyncIterator[Any]:
    for id in (house.open, house.secret):
        loaded, happened = await house.service.complaints.history(id)
        for recorded, event in happened:
            assert event is not None
            yield event_view(event, recorded, Seen("none", loaded.aggregate.procedure), (), "zh")
            yield event_view(event, recorded, Seen("none", loaded.aggregate.procedure, withheld=True), (), "zh")


async def incident_history(house: House, actor: Actor) -> AsyncIterator[Any]:
    loaded, happened = await house.service.incidents.history(house.incident)
    for recorded, event in happened:
        assert event is not None
        yield incident_event_view(event, recorded, Seen("none", loaded.aggregate.procedure), "zh")


async def unreadable_history(house: House, actor: Actor) -> AsyncIterator[Any]:
    for id in (house.open, house.secret, house.incident):
        for recorded in await house.service.log.stream(id):
            yield unreadable_event_view(recorded)


async def answered(house: House, actor: Actor, id: UUID) -> Any:
    return await house.queries.complaints.answer(CommandResult(await house.complaint(id), 1), actor, "zh")


async def incident_answered(house: House, actor: Actor) -> Any:
    loaded = await house.service.incidents.load(house.incident)
    return await house.queries.incidents.answer(CommandResult(loaded.aggregate, 1), actor, "zh")


async def incident_seen(house: House, actor: Actor) -> Any:
    incident = (await house.service.incidents.load(house.incident)).aggregate
    return incident_view(incident, 1, actor, Seen("none", incident.procedure), "zh")


async def notifications(house: House, actor: Actor) -> AsyncIterator[Any]:
    ids = await house.service.pool.fetch("SELECT id FROM notifications")
    for row in ids:
        for mine in (False, True):
            yield await refused_or(house.queries.notifications.one(actor, str(row["id"]), mine=mine))


async def files(house: House, actor: Actor, name: str) -> Any:
    """All lists in one form; the lists themselves are asked above."""
    queries, texts = house.queries, []
    for ask in (
        lambda: queries.tracking.rows(actor, TrackingFilter()),
        lambda: queries.audit.rows(actor, AuditFilter(), "zh"),
        lambda: queries.incidents.table.rows(actor, IncidentFilter(), "zh"),
        lambda: queries.reports.report("kf0001", "weekly", "2026-W10", actor).register_in_columns(),
    ):
        try:
            texts.append(await IN_FILES[name](ask(), CellWords(house.service.library, "zh")))
        except Refused as refusal:
            texts.append(refusal_text(refusal, "zh"))
    return texts


async def _text(lines: AsyncIterator[bytes]) -> str:
    return b"".join([line async for line in lines]).decode()


async def _sheet(rows: Rows[Any], words: CellWords) -> str:
    content = b"".join([chunk async for chunk in await sheet(rows, words)])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


IN_FILES: Final[dict[str, Callable[[Rows[Any], CellWords], Awaitable[str]]]] = {
    "csv": lambda rows, words: _text(csv_lines(rows, words)),
    "ndjson": lambda rows, words: _text(ndjson_lines(rows)),
    "sheet": _sheet,
}  # fmt: skip


async def published(house: House, actor: Actor) -> Any:
    return published_version((await house.service.library.versions("calendar", "cn"))[0])


async def moves(house: House, actor: Actor) -> Any:
    return [move_view(order) for order in await house.service.moves.of_calendar("cn")]


async def recipients(house: House, actor: Actor) -> Any:
    return [recipient_view(kept) for kept in await house.service.notifying.recipients.all()]


def report(house: House, actor: Actor) -> Any:
    return house.queries.reports.report("kf0001", "weekly", "2026-W10", actor)


async def whose_number_it_is(house: House, actor: Actor) -> Any:
    """What is known of the numbers, but for the numbers themselves, which whoever asks brings along."""
    numbers = [person.phone or "" for person in PERSONS.values()]
    return [replace(await house.queries.callers.summary(number, actor), phone="") for number in numbers]


async def customers(house: House, actor: Actor) -> Any:
    """Whoever is found by what they gave, each way alone."""
    ways = [
        CustomerFilter(**{name: getattr(person, name)}) for person in PERSONS.values()
        for name in ("phone", "customer_no", "name", "email") if getattr(person, name)
    ]  # fmt: skip
    return [row for way in ways async for page in house.queries.customers.rows(actor, way).whole() for row in page]


async def each_customer(house: House, actor: Actor) -> Any:
    ids = [customer_id((await house.complaint(id)).complainant) for id in (house.open, house.secret)]
    return [await refused_or(house.queries.customers.one(id, actor)) for id in ids]


def customer_id(person: Complainant) -> UUID:
    return UUID(bytes=MASTER.lookup_hash(CUSTOMER, whose(person, UUID(int=0)) or "")[:16])


async def each_proof(house: House, actor: Actor) -> Any:
    size = (await house.queries.proofs.make(actor)).size
    return [await house.queries.proofs.inclusion(position, None, actor) for position in range(1, size + 1)]


def version(house: House) -> str:
    return house.service.library.calendar("cn").version


ASKED: Final[dict[str, Ask]] = {
    "access_pages.AccessTable.rows": once(lambda h, a: h.queries.accesses.rows(a, AccessFilter())),
    "feed.EventFeed.next": once(lambda h, a: h.queries.feed.next(a, AuditFilter(), "zh", 200)),
    "audit_events.AuditLog.rows": once(lambda h, a: h.queries.audit.rows(a, AuditFilter(), "zh")),
    "proof.Proofs.rows": once(lambda h, a: h.queries.proofs.rows(a)),
    "proof.Proofs.newest": once(lambda h, a: h.queries.proofs.newest(a)),
    "proof.Proofs.make": once(lambda h, a: h.queries.proofs.make(a)),
    "proof.Proofs.public_keys": once(lambda h, a: h.queries.proofs.public_keys(a)),
    "proof.Proofs.inclusion": once(each_proof),
    "proof.Proofs.consistency": once(lambda h, a: h.queries.proofs.consistency(1, 2, a)),
    "agents.AgentQueries.all": once(lambda h, a: h.queries.agents.all(a)),
    "agents.AgentQueries.states": once(
        lambda h, a: h.queries.agents.states("agent-7", AFTERWARDS - timedelta(days=90), AFTERWARDS, a)
    ),
    "agents.AgentQueries.figures": once(
        lambda h, a: h.queries.agents.figures(AFTERWARDS - timedelta(days=90), AFTERWARDS, "agent", 20, a)
    ),
    "callers.CallerQueries.summary": once(lambda h, a: whose_number_it_is(h, a)),
    "customers.CustomerQueries.rows": once(customers),
    "customers.CustomerQueries.one": once(each_customer),
    "calls.CallQueries.one": once(lambda h, a: h.queries.calls.one("pbx", "c-1", a)),
    "calls.CallQueries.rows": once(lambda h, a: h.queries.calls.rows(a, CallFilter())),
    "complaint_view.complaint_view": of_both(
        lambda h, a, id: _viewed(
            h, id, lambda c: complaint_view(c, 1, a, Seen("none", c.procedure), (), People(), "zh")
        )
    ),
    "complaint_numbers.ComplaintNumbers.one": of_both(by_number),
    "complaints.ComplaintQueries.one": of_both(lambda h, a, id: h.queries.complaints.one(id, a, "zh")),
    "complaints.ComplaintQueries.history": of_both(lambda h, a, id: h.queries.complaints.history(id, a, "zh")),
    "complaints.ComplaintQueries.explanation": of_both(
        lambda h, a, id: h.queries.complaints.explanation(id, "settle", a, "zh")
    ),
    "complaints.ComplaintQueries.answer": of_both(answered),
    "event_view.event_view": histories,
    "event_view.incident_event_view": incident_history,
    "event_view.unreadable_event_view": unreadable_history,
    "explanation_view.explanation_view": once(
        lambda h, a: _viewed(
            h, h.open,
            lambda c: explanation_view(c, "settle", Seen("none", c.procedure), "zh", unit=None, round=None),
        )
    ),
    "files.csv_lines": once(lambda h, a: files(h, a, "csv")),
    "files.ndjson_lines": once(lambda h, a: files(h, a, "ndjson")),
    "files.sheet": once(lambda h, a: files(h, a, "sheet")),
    "incident_pages.IncidentTable.rows": once(lambda h, a: h.queries.incidents.table.rows(a, IncidentFilter(), "zh")),
    "incident_pages.IncidentTable.late_intakes": once(lambda h, a: h.queries.incidents.late_intakes(h.incident, a)),
    "incident_view.incident_view": once(incident_seen),
    "incidents.IncidentQueries.one": once(lambda h, a: h.queries.incidents.one(h.incident, a, "zh")),
    "incidents.IncidentQueries.history": once(lambda h, a: h.queries.incidents.history(h.incident, a, "zh")),
    "incidents.IncidentQueries.late_intakes": once(lambda h, a: h.queries.incidents.late_intakes(h.incident, a)),
    "incidents.IncidentQueries.answer": once(incident_answered),
    "indicator_pages.indicator_view": once(lambda h, a: indicator_view("volume", "zh")),
    "indicator_pages.Figures.rows": once(lambda h, a: h.queries.figures.rows(a, IndicatorFilter(by="category"))),
    "indicator_pages.Figures.events": once(
        lambda h, a: h.queries.figures.events(a, "volume", IndicatorFilter())
    ),
    "keys.KeyQueries.all": once(lambda h, a: h.queries.keys.all(a)),
    "me.MeQueries.one": once(lambda h, a: h.queries.me.one(replace(a, id="looker"), None, [])),
    "me.MeQueries.complaint_steps": once(lambda h, a: h.queries.me.complaint_steps(a)),
    "me.MeQueries.incident_steps": once(lambda h, a: h.queries.me.incident_steps(a)),
    "people.PeopleQueries.rows": once(lambda h, a: h.queries.people.rows(a, PeopleFilter())),
    "people.PeopleQueries.one": once(lambda h, a: h.queries.people.one("looker", a)),
    "people.PeopleQueries.history": once(lambda h, a: h.queries.people.history("looker", a)),
    "people.PeopleQueries.keys": once(lambda h, a: h.queries.people.keys("looker", a)),
    "people.PeopleQueries.view": once(
        lambda h, a: h.queries.people.view(h.service.access.staffing.one("looker"), a)
    ),
    "units.UnitQueries.all": once(lambda h, a: h.queries.units.all(a)),
    "units.UnitQueries.one": once(lambda h, a: h.queries.units.one("settlement", a)),
    "units.UnitQueries.view": once(lambda h, a: h.queries.units.view(h.service.access.units.one("settlement"), a)),
    "moves.MoveQueries.preview": once(lambda h, a: h.queries.moves.preview("cn", version(h), a, "zh")),
    "moves.MoveQueries.of_calendar": once(lambda h, a: h.queries.moves.of_calendar("cn", a)),
    "moves.MoveQueries.one": once(lambda h, a: h.queries.moves.one("cn", str(h.open), a)),
    "moves.move_view": once(moves),
    "notifications.NotificationQueries.rows": once(lambda h, a: h.queries.notifications.rows(a, NotificationFilter())),
    "notifications.NotificationQueries.lines": once(
        lambda h, a: h.queries.notifications.lines(a, NotificationFilter(), "zh")
    ),
    "notifications.NotificationQueries.one": notifications,
    "operation.Operation.readiness": once(lambda h, a: h.queries.operation.readiness()),
    "operation.Operation.figures": once(lambda h, a: h.queries.operation.figures()),
    "public_status.PublicStatus.of": once(lambda h, a: h.queries.status.of("OPEN-1", "0000", None)),
    "recipients.RecipientQueries.all": once(lambda h, a: h.queries.recipients.all(a)),
    "recipients.RecipientQueries.one": once(lambda h, a: h.queries.recipients.one("role", "agent", a)),
    "recipients.recipient_view": once(recipients),
    "report_pages.PeriodReports.report": once(lambda h, a: type(report(h, a)).__name__),
    "report_pages.Report.summary": once(lambda h, a: report(h, a).summary()),
    "report_pages.Report.register": once(lambda h, a: report(h, a).register()),
    "report_pages.Report.register_in_columns": once(lambda h, a: report(h, a).register_in_columns()),
    "report_periods.ReportPeriods.rows": once(lambda h, a: h.queries.periods.rows("kf0001", a)),
    "rules.RuleQueries.procedures": once(lambda h, a: h.queries.rules.procedures()),
    "rules.RuleQueries.procedure": once(lambda h, a: h.queries.rules.procedure("kf0001")),
    "rules.RuleQueries.days": once(lambda h, a: h.queries.rules.days("cn", date(2026, 3, 2), date(2026, 3, 8))),
    "rules.RuleQueries.versions": once(lambda h, a: h.queries.rules.versions("calendar", "cn")),
    "rules.RuleQueries.version": once(lambda h, a: h.queries.rules.version("calendar", "cn", version(h))),
    "rules.published_version": once(published),
    "sla_pages.ClockTable.rows": once(lambda h, a: h.queries.clocks.rows(a, SlaFilter(), "zh")),
    "sla_pages.ClockTable.sums": once(lambda h, a: h.queries.clocks.sums(a, SlaFilter())),
    "obligation_pages.ObligationTable.rows": once(lambda h, a: h.queries.obligations.rows(a, ObligationFilter())),
    "tracking_pages.TrackingTable.rows": once(lambda h, a: h.queries.tracking.rows(a, TrackingFilter())),
    "step_forms.StepForms.of": once(lambda h, a: FORMS.of(h.open, ["add-note"], None)),
    "vocabulary.VocabularyQueries.all": once(lambda h, a: VocabularyQueries(h.service.library, {}).all()),
    "work_due.DueWork.of": once(lambda h, a: h.queries.due_work.of(a, "zh")),
}
# What queries are made of: nobody is given what these answer.
PARTS: Final = {
    "audit_events.AuditLog.must_reach", "audit_events.AuditLog.position", "event_view.links_of",
    "audit_events.AuditLog.knows_all_of", "feed.EventFeed.head",
    "feed.EventFeed.waited", "feed.EventFeed.follow",  # one `next` after the other
    "sla_pages.clock_titles", "complaint_view.clock_view", "complaint_view.status_page",
    "cells.CellWords.headings", "cells.CellWords.cells", "files.defused",
    "masking.seen_complainant", "masking.seen_customer", "masking.seen_people", "masking.seen_text",
    "proof.Proofs.must_reach", "proof.Proofs.position",
    "access_pages.AccessTable.must_reach", "access_pages.AccessTable.position", "masking.masked_name",
    "masking.masked_phone", "people.PeopleQueries.must_reach", "people.PeopleQueries.position",
    "moves.MovePreview.add", "moves.MovePreview.trim",
    "notifications.NotificationQueries.must_reach", "notifications.NotificationQueries.position", "paging.Rows.whole",
    "calls.CallQueries.sight_of", "calls.seen_number", "visibility.Visibility.calls_sight",
    "visibility.Visibility.sights", "visibility.Visibility.only_named", "visibility.Visibility.only_calls_of_named",
    "customers.CustomerQueries.answers", "customers.CustomerQueries.looked_up", "visibility.Visibility.accusing",
    "visibility.Visibility.accusers", "event_view.complaint_of_call",
    "event_view.withheld_view", "calls.CallQueries.gaps",
    "calls.CallQueries.last_of", "calls.CallQueries.of_customer",
    "callers.CallerQueries.check_desk", "callers.CallerQueries.summary_unless_kept",
    "callers.OfferedCalls.listening",
    "event_view.call_event_view",  # asked by the audit feed, and by tests/http/test_calls.py
    "paging.Rows.total", "looking_up.are_many", "looking_up.ids_found_by",
    "paging.as_sort", "paging.are_keys", "paging.end_of", "paging.place_of",
    "paging.counting", "paging.full_page",
    "paging.ReadModelOfSome.must_reach", "paging.ReadModelOfSome.position",
    "paging.ReadModel.must_reach", "paging.ReadModel.position", "recipients.recipient_named",
    "period_counts.reported_of", "period_counts.counts_for", "period_counts.PeriodCounts.counted",
    "period_counts.PeriodCounts.first_day", "period_counts.PeriodCounts.first_recorded",
    "report_periods.ReportPeriods.known", "report_periods.ReportPeriods.of",
    "rules.RuleQueries.calendar_at", "tracking_search.TrackingSearch.rows",
    "visibility.Seen.of_complaint", "visibility.Seen.of_incident", "visibility.Visibility.scope",
    "visibility.Visibility.figures_scope", "visibility.Visibility.figures_reach", "visibility.Visibility.visible",
    "visibility.Visibility.streams", "visibility.Visibility.seen_beyond", "visibility.Visibility.sees_everything",
    "visibility.Visibility.sees_faults", "visibility.Visibility.faults_seen",
    "event_view.is_hidden", "tracking_pages.TrackingTable.register",
    "owner_view.owner_view", "obligation_pages.obligations_seen", "obligation_pages.obligations_of_incident_seen",
    "known_codes.KnownCodes.knows", "known_codes.KnownCodes.near",
    # For administrators, who know the file that they sent; tests/http/test_imports.py reads what they are shown.
    "imports.ImportQueries.newest", "imports.ImportQueries.one", "imports.import_view", "imports.ImportQueries.report",
    "imports.row_line",
}  # fmt: skip
# What a reader who sees something is shown; whether they do is asked before.
ASKING: Final = ("Redirected", "UnitAdded", "RulingIssued")  # they ask units too
VIEWS: Final = {"complaint_view.complaint_view", "event_view.event_view"}
# Where somebody who sees all of the open complaint reads it: that the marks would be found is proved there.
SHOW_TEXTS: Final = {
    "audit_events.AuditLog.rows", "feed.EventFeed.next", "complaints.ComplaintQueries.one",
    "complaints.ComplaintQueries.history", "complaints.ComplaintQueries.answer", "files.csv_lines",
    "files.ndjson_lines", "files.sheet",
    "customers.CustomerQueries.one", "report_pages.Report.summary", "report_pages.Report.register",
    "report_pages.Report.register_in_columns", "tracking_pages.TrackingTable.rows",
}  # fmt: skip


async def _viewed(house: House, id: UUID, view: Callable[[Any], Any]) -> Any:
    return view(await house.complaint(id))


def public_functions() -> Iterator[str]:
    """Every function and method of app/queries that others may call."""
    for module in pkgutil.iter_modules(app.queries.__path__):
        content = importlib.import_module(f"app.queries.{module.name}")
        for name, found in vars(content).items():
            if name.startswith("_") or getattr(found, "__module__", None) != content.__name__:
                continue
            if inspect.isfunction(found):
                yield f"{module.name}.{name}"
            if inspect.isclass(found) and not getattr(found, "_is_protocol", False):
                for method, code in vars(found).items():
                    if not method.startswith("_") and inspect.isfunction(getattr(code, "__func__", code)):
                        yield f"{module.name}.{name}.{method}"


async def written(answer: Any) -> str:
    """An answer as text; a list whole, which has as many rows as it says."""
    if isinstance(answer, Rows):
        total = await answer.total()
        answer = [item async for page in answer.whole() for item in page]
        assert total == len(answer)
    return msgspec.json.encode(answer, enc_hook=str).decode()


async def all_that(house: House, ask: Ask, actor: Actor) -> str:
    return "\n".join([await written(answer) async for answer in ask(house, actor)])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(cluster: Cluster, template: Template) -> AsyncIterator[House]:
    with cluster.copy(template) as url:
        async with Service(url, MASTER, sandbox=True) as service:
            assert service.rehearsal is not None
            await service.keys.create(NewKey("looker", "查看人", ("auditor",)), at=service.now())
            open = await record_complaint(service, "open", "kf0001", "complaint", without=())
            secret = await record_complaint(
                service, "secret", "courier", SECRET, without=("Classified", "SeverityRaised", "Dispatched", *ASKING)
            )
            incident = await record_incident(service, "incident")
            head = await service.log.head()
            assert await service.follower.reached(head, 20)
            assert await service.notifying.follower.reached(head, 20)
            assert await service.sealing.sealed(20)
            assert await service.follower.parked() == []
            yield House(service, open, secret, incident)


async def test_every_query_is_asked() -> None:
    assert set(public_functions()) == {*ASKED, *PARTS}


@pytest.mark.parametrize("query", ASKED)
@pytest.mark.parametrize("who", READERS)
async def test_an_answer_holds_nothing_personal_of_what_the_reader_may_not_see(
    house: House, who: str, query: str
) -> None:
    actor, hidden = READERS[who]
    answer = await all_that(house, ASKED[query], actor)
    assert [mark for mark in hidden if mark in answer] == []


@pytest.mark.parametrize("query", sorted(ASKED.keys() - VIEWS))
@pytest.mark.parametrize("who", ["a role that no procedure knows", "another unit"])
async def test_whoever_sees_nothing_at_all_does_not_hear_who_is_accused(house: House, who: str, query: str) -> None:
    assert ACCUSED not in await all_that(house, ASKED[query], READERS[who][0])


@pytest.mark.parametrize("query", sorted(SHOW_TEXTS))
async def test_whoever_sees_all_finds_the_marks_in_what_shows_texts(house: House, query: str) -> None:
    answer = await all_that(house, ASKED[query], READER)
    assert [mark for mark in marks("open", COMPLAINT) if mark in answer]


async def test_the_leader_of_the_circle_reads_what_is_kept_from_the_others(house: House) -> None:
    answer = await all_that(house, ASKED["complaints.ComplaintQueries.history"], LEADER)
    assert [mark for mark in marks("secret", COMPLAINT) if mark in answer]
    assert str(PERSONS["secret"].name) in answer
