"""Events of a newer version in the log, as during a rolling upgrade: they take nothing down but what they are about."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from app.readmodels.rebuild import Rebuild
from domain.complaint.events import AccusedNamed, Classified, Closed, Received
from domain.incident.events import IncidentOpened
from domain.reporting.reports import PeriodReported, stream_of
from eventlog.database import create_pool
from eventlog.log import Append
from projections.lookups_table import CUSTOMER
from tests.http.desk import MASTER, Desk, complaint, done, problem

A_WEEK_LATER: Final = "2026-03-10T09:00:00+08:00"
REPORTED: Final = "market-30min"
HELD_UP: Final = "outbound"
CUSTOMER_ID: Final = str(UUID(bytes=MASTER.lookup_hash(CUSTOMER, "customer_no c-1001")[:16]))
SLUG: Final = "unreadable-event"
GARBLED: Final = b'{"timestamp": {"of": "another shape"}}'
READERS: Final = ("admin", "he-ping", "zhao-jing", "li-min", "zhou-qi", "chen-li", "partner-bank", "softphone")


@dataclass
class Upgrade:
    """A desk whose log holds what it cannot read, by what is wrong with it."""

    desk: Desk
    complaints: dict[str, str]
    incidents: dict[str, str]
    numbers: list[str]
    unreadable: dict[int, str]  # position: type
    fine: str

    @property
    def spoilt(self) -> set[str]:
        return {*self.complaints.values(), *self.incidents.values()}


async def recorded_by_a_newer_version(desk: Desk, id: str, topic: str, state: bytes = GARBLED) -> int:
    """Appends to a stream, or begins it; returns the position."""
    log, stream = desk.service.log, UUID(id)
    version = len(await log.stream(stream)) + 1
    event = StoredEvent(stream, version, topic, state)
    return (await log.append(Append(uuid4(), None, [event], ["wang-xin"], desk.service.now()))).position


async def opened(desk: Desk, kind: str = "acd-failure") -> str:
    body = {"kind": kind, "title": "ACD失灵", "text": "所有座席不能登录。"}
    return str(done(await desk.post("zhao-jing", "/v1/incidents", body), 201)["id"])


@pytest.fixture
async def upgrade(sandbox: Desk) -> Upgrade:
    fine = await sandbox.dispatched("settlement")
    for procedure in (REPORTED, HELD_UP):
        await sandbox.receive(procedure=procedure, facts={}, complainant={"name": "李四", "phone": "+8613900139001"})
    wrong = {
        "a type that is not known": ("complaint.Foretold", b"{}"),
        "a shape that is not known": (Closed.TOPIC, GARBLED),
        "who is accused is not known": (AccusedNamed.TOPIC, GARBLED),
    }
    complaints: dict[str, str] = {}
    unreadable: dict[int, str] = {}
    numbers: list[str] = []
    for what, (topic, state) in wrong.items():
        spoilt = await sandbox.dispatched("settlement")
        complaints[what] = spoilt["id"]
        numbers.append(spoilt["number"])
        unreadable[await recorded_by_a_newer_version(sandbox, spoilt["id"], topic, state)] = topic
    # The history goes on after it, with an event that can be read.
    after = complaints["a type that is not known"]
    [classified] = [one for one in await sandbox.service.log.stream(UUID(after)) if one.topic == Classified.TOPIC]
    await recorded_by_a_newer_version(sandbox, after, Classified.TOPIC, classified.state)
    for what, topic in (("a beginning not known", "complaint.ReceivedAnew"), ("a garbled beginning", Received.TOPIC)):
        complaints[what] = str(uuid4())
        unreadable[await recorded_by_a_newer_version(sandbox, complaints[what], topic)] = topic
    incidents = {"a type that is not known": await opened(sandbox), "a garbled beginning": str(uuid4())}
    wrong_incidents = {"a type that is not known": "incident.Foretold", "a garbled beginning": IncidentOpened.TOPIC}
    for what, topic in wrong_incidents.items():
        unreadable[await recorded_by_a_newer_version(sandbox, incidents[what], topic)] = topic
    await opened(sandbox, "fire")
    for id, topic in ((uuid4(), "call.Missed"), (stream_of(HELD_UP), PeriodReported.TOPIC)):
        unreadable[await recorded_by_a_newer_version(sandbox, str(id), topic)] = topic
    return Upgrade(sandbox, complaints, incidents, numbers, unreadable, fine["id"])


async def follow_on(upgrade: Upgrade) -> None:
    """Every follower and every runner has done what there was to do in a week."""
    await upgrade.desk.set_clock(A_WEEK_LATER)


def addresses(upgrade: Upgrade, description: dict[str, Any]) -> list[str]:
    """Every address that answers to GET, with every value that there is to ask for."""
    values: dict[str, Sequence[str]] = {
        "complaints/id": [*upgrade.complaints.values(), upgrade.fine], "incidents/id": list(upgrade.incidents.values()),
        "moves/id": [str(uuid4())], "procedures/code": ["kf0001"], "calendars/code": ["cn"], "kind/code": ["manager"],
        "recipients/kind": ["role"], "procedure/kind": ["weekly", "monthly"], "kind/period": ["2026-W10", "2026-03"],
        "clocks/clock": ["whole-case"], "status/number": upgrade.numbers,
        "by-number/number": upgrade.numbers, "people/id": ["li-min"], "imports/id": [str(uuid4())],
        "units/code": ["settlement"], "calls/source": ["site-a"], "source/id": ["c-1"],
        "agents/id": ["agent-7"], "call-sources/id": ["site-a"], "callers/phone": ["13800138000"],
        "versions/version": ["0"], "customers/id": [CUSTOMER_ID], "problems/slug": ["not-ready-to-close"],
        "indicators/name": ["overdue", "volume"], "reports/procedure": ["kf0001", REPORTED, HELD_UP],
    }  # fmt: skip
    found: list[str] = []
    for path, operations in description["paths"].items():
        if "get" not in operations or "text/event-stream" in json.dumps(operations["get"]["responses"]):
            continue  # a stream goes on, and answers with what comes
        parts = [part.strip("{}") for part in path.split("/")]
        choices = [
            values[f"{before}/{part}"] if f"{{{part}}}" in path.split("/") else [part]
            for before, part in zip(["", *parts], parts, strict=False)
        ]
        found += ["/".join(chosen) for chosen in product(*choices)]
    return found


async def test_every_address_answers_and_only_those_of_what_is_unreadable_say_so(upgrade: Upgrade) -> None:
    await follow_on(upgrade)
    paths = addresses(upgrade, done(await upgrade.desk.get(None, "/openapi.json")))
    assert len(paths) > 60
    asked_for = 0
    for who in READERS:
        for path in paths:
            tail = "?phone_tail=8000" if path.startswith("/v1/status/") else ""
            answer = await upgrade.desk.get(who, path + tail)
            if answer.status_code == 503:
                document = problem(answer, 503, SLUG)
                assert answer.headers["Retry-After"] == "60"
                assert "newer version" in document["detail"]
                assert "finish the upgrade" in document["detail"]
                assert any(id in path for id in (*upgrade.spoilt, *upgrade.numbers)), path
                asked_for += 1
            assert answer.status_code in (200, 403, 404, 422, 429, 503), (who, path, answer.text)
    assert asked_for > 20


async def test_the_complaint_and_the_incident_themselves_answer_503_to_commands_too(upgrade: Upgrade) -> None:
    for id in upgrade.complaints.values():
        problem(await upgrade.desk.get("zhao-jing", f"/v1/complaints/{id}"), 503, SLUG)
        problem(await upgrade.desk.post("zhao-jing", f"/v1/complaints/{id}/remind", {"text": "催办"}), 503, SLUG)
    for id in upgrade.incidents.values():
        problem(await upgrade.desk.get("zhao-jing", f"/v1/incidents/{id}"), 503, SLUG)
        problem(await upgrade.desk.post("zhao-jing", f"/v1/incidents/{id}/note", {"text": "续报"}), 503, SLUG)


async def test_a_complaint_as_it_stood_before_the_event_is_shown(upgrade: Upgrade) -> None:
    id = upgrade.complaints["a type that is not known"]
    shown = await upgrade.desk.service.complaints.load(UUID(id), version=4)
    assert shown.aggregate.status == "dispatched"


async def test_the_audit_feed_is_without_a_gap_and_marks_what_is_unreadable(upgrade: Upgrade) -> None:
    head = await upgrade.desk.service.log.head()
    page = done(await upgrade.desk.get("he-ping", "/v1/audit/events?limit=200"))["items"]
    assert [one["position"] for one in page] == list(range(1, head + 1))
    marked = {one["position"]: one for one in page if one["unreadable"]}
    beginnings = {upgrade.complaints["a beginning not known"], upgrade.complaints["a garbled beginning"]}
    assert {position: one["type"] for position, one in marked.items()} == {
        position: topic.partition(".")[2] for position, topic in upgrade.unreadable.items()
    }
    for one in marked.values():
        assert (one["data"], one["actor"]["id"]) == ({}, "wang-xin")
        assert one["number"] == "" or one["complaint_id"] not in beginnings
    spoilt = {one["complaint_id"] or one["incident_id"] for one in marked.values()} - {None}
    assert spoilt == upgrade.spoilt
    [closed] = [one for one in marked.values() if one["type"] == "Closed"]
    assert (closed["complaint_id"], closed["version"]) == (upgrade.complaints["a shape that is not known"], 5)


async def test_the_stream_and_the_file_of_the_history_hold_it_all(upgrade: Upgrade) -> None:
    head = await upgrade.desk.service.log.head()
    stream = await upgrade.desk.get("he-ping", "/v1/audit/events", headers={"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in stream.text.splitlines()]
    assert [line["position"] for line in lines] == list(range(1, head + 1))
    assert {line["position"] for line in lines if line["unreadable"]} == set(upgrade.unreadable)
    file = await upgrade.desk.get("he-ping", "/v1/audit/events", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert len(rows) == head
    assert "unreadable" in rows[0]


async def test_who_is_not_to_see_everything_sees_nothing_of_what_may_be_kept_from_them(upgrade: Upgrade) -> None:
    page = done(await upgrade.desk.get("zhou-qi", "/v1/audit/events?limit=200"))["items"]
    seen = {one["complaint_id"] for one in page}
    assert upgrade.complaints["a shape that is not known"] in seen
    assert upgrade.complaints["who is accused is not known"] not in seen
    assert upgrade.complaints["a garbled beginning"] not in seen
    assert None not in seen


async def test_a_history_shows_the_rest_and_marks_the_event(upgrade: Upgrade) -> None:
    id = upgrade.complaints["a type that is not known"]
    items = done(await upgrade.desk.get("zhao-jing", f"/v1/complaints/{id}/history"))["items"]
    assert [(one["type"], one["unreadable"]) for one in items] == [
        ("Received", False), ("Classified", False), ("OpinionDrafted", False), ("Dispatched", False),
        ("Foretold", True), ("Classified", False),
    ]  # fmt: skip
    accused = upgrade.complaints["who is accused is not known"]
    problem(await upgrade.desk.get("zhao-jing", f"/v1/complaints/{accused}/history"), 503, SLUG)
    assert len(done(await upgrade.desk.get("he-ping", f"/v1/complaints/{accused}/history"))["items"]) == 5
    incident = upgrade.incidents["a type that is not known"]
    items = done(await upgrade.desk.get("zhao-jing", f"/v1/incidents/{incident}/history"))["items"]
    assert [one["unreadable"] for one in items] == [False, True]


async def test_a_report_counts_the_rest_and_marks_the_row(upgrade: Upgrade) -> None:
    await follow_on(upgrade)
    report = done(await upgrade.desk.get("he-ping", "/v1/reports/kf0001/monthly/2026-03"))
    marked = {one["id"] for one in report["items"] if one["unreadable"]}
    assert marked <= set(upgrade.complaints.values())
    assert len(report["items"]) == 4
    assert len(marked) == 3
    file = await upgrade.desk.get("he-ping", "/v1/reports/kf0001/monthly/2026-03", headers={"Accept": "text/csv"})
    assert len(list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))) == 4


async def test_whatever_happens_by_itself_goes_on_for_the_others(upgrade: Upgrade) -> None:
    await follow_on(upgrade)
    service = upgrade.desk.service
    topics: dict[str, list[str]] = {}
    for one in await service.log.after(0, 10_000):
        topics.setdefault(str(one.originator_id), []).append(one.topic.partition(".")[2])
    assert "DeadlineMissed" in topics[upgrade.fine]
    for id in upgrade.spoilt:
        assert "DeadlineMissed" not in topics[id]
    assert await service.periods.reports_of(REPORTED) != []
    assert await service.periods.reports_of(HELD_UP) == []
    told = await service.pool.fetch("SELECT event FROM notifications WHERE complaint_id = $1", UUID(upgrade.fine))
    assert {"Dispatched", "DeadlineMissed"} <= {row["event"] for row in told}


async def test_readiness_and_metrics_name_it_and_the_service_stays_ready(upgrade: Upgrade) -> None:
    await follow_on(upgrade)
    checks = done(await upgrade.desk.get(None, "/readyz"))["checks"]
    first = min(upgrade.unreadable)
    assert checks["followers"]["unreadable_streams"] == len(upgrade.unreadable)
    assert checks["followers"]["first_unreadable_position"] <= first
    assert {one["error"] for one in checks["projections"]["stopped_complaints"]} == {"UnreadableEvent"}
    metrics = (await upgrade.desk.get(None, "/metrics")).text
    assert f"redress_unreadable_streams {float(len(upgrade.unreadable))}" in metrics


async def test_a_rebuild_leaves_it_out_and_goes_on(upgrade: Upgrade, database: str) -> None:
    await upgrade.desk.caught_up()
    side, pool = upgrade.desk.service, await create_pool(database)  # of its own, as the command has it
    rebuilt = await Rebuild(pool, side.log, side.codec, side.complainants, side.library).run()
    await pool.close()
    assert rebuilt.switched
    assert {str(id) for id in rebuilt.failed["tracking"]} == set(upgrade.complaints.values())
    assert {str(id) for id in rebuilt.failed["incidents"]} == set(upgrade.incidents.values())


async def test_a_list_as_of_a_moment_and_a_move_of_deadlines_leave_it_out(upgrade: Upgrade) -> None:
    await follow_on(upgrade)
    now = datetime.fromisoformat(A_WEEK_LATER)
    listed = done(await upgrade.desk.get("he-ping", f"/v1/tracking?as_of={now.isoformat().replace('+', '%2B')}"))
    ids = {one["id"] for one in listed["items"]}
    assert upgrade.fine in ids
    assert ids.isdisjoint(upgrade.complaints.values())


async def test_a_repeat_of_what_is_unreadable_is_taken_down_beside_it(upgrade: Upgrade) -> None:
    desk = upgrade.desk
    same: dict[str, Any] = {"issue_point": "deposit-delay", "complainant": {"name": "李四", "phone": "+8613900139000"}}
    first = await desk.receive(**same)
    await recorded_by_a_newer_version(desk, first["id"], "complaint.Foretold")
    second = await desk.receive(**same)
    assert second["id"] != first["id"]
    answer = await desk.post("li-min", "/v1/complaints", complaint(**same))
    assert problem(answer, 409, "duplicate-complaint")["complaint"]["id"] == second["id"]


async def test_the_lists_show_it_as_it_stood_before_the_event(upgrade: Upgrade) -> None:
    await upgrade.desk.caught_up()
    listed = {one["id"]: one for one in done(await upgrade.desk.get("zhao-jing", "/v1/tracking?limit=200"))["items"]}
    for what in ("a type that is not known", "a shape that is not known", "who is accused is not known"):
        assert listed[upgrade.complaints[what]]["status"] == "dispatched"
    incidents = done(await upgrade.desk.get("zhao-jing", "/v1/incidents"))["items"]
    assert upgrade.incidents["a type that is not known"] in {one["id"] for one in incidents}
