"""What lists are narrowed by: codes that exist, any of several, and nothing said twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from app.http.protocol import list_parameters
from app.http.protocol.list_parameters import Parameters
from tests.http.desk import Desk, done, problem

LISTS: Final[dict[str, type[Parameters]]] = {
    "/v1/tracking": list_parameters.TrackingQuery,
    "/v1/customers": list_parameters.CustomerQuery,
    "/v1/sla": list_parameters.SlaQuery,
    "/v1/sla/summary": list_parameters.SlaSummaryQuery,
    "/v1/obligations": list_parameters.ObligationQuery,
    "/v1/audit/events": list_parameters.AuditQuery,
    "/v1/events": list_parameters.FeedQuery,
    "/v1/audit/access": list_parameters.AccessQuery,
    "/v1/audit/checkpoints": list_parameters.CheckpointQuery,
    "/v1/calls": list_parameters.CallQuery,
    "/v1/incidents": list_parameters.IncidentQuery,
    "/v1/indicators": list_parameters.IndicatorQuery,
    "/v1/indicators/volume/events": list_parameters.DrillQuery,
    "/v1/notifications": list_parameters.NotificationQuery,
    "/v1/people": list_parameters.PeopleQuery,
    "/v1/imports/{id}/report": list_parameters.ImportRowsQuery,
}
# Of each subject a code that exists, the same with a slip in it, and what is offered instead.
CODES: Final[dict[str, tuple[str, str, str]]] = {
    "procedures": ("kf0001", "kf001", "kf0001"), "kinds": ("complaint", "complaints", "complaint"),
    "severities": ("severe", "sever", "severe"), "states": ("closed", "close", "closed"),
    "channels": ("phone", "phon", "phone"), "categories": ("process.deposit", "proces", "process"),
    "units": ("settlement", "setlement", "settlement"), "clocks": ("record-out", "recordout", "record-out"),
    "events": ("Dispatched", "Dispatch", "Dispatched"), "indicators": ("volume", "volumes", "volume"),
    "people": ("li-min", "li-mim", "li-min"), "owners": ("role:agent", "role:agents", "agent"),
    "owers": ("unit:settlement", "unit:setlement", "settlement"), "roles": ("agent", "agents", "agent"),
}  # fmt: skip


def test_every_list_with_filters_is_tried() -> None:
    queries = {thing for thing in vars(list_parameters).values() if isinstance(thing, type) and thing is not Parameters}
    filtering = {one for one in queries if issubclass(one, Parameters) and not one.__name__.startswith("_")}
    endless = {list_parameters.StreamQuery}  # with the filters of /v1/events: tests/http/test_feed.py
    assert filtering - {list_parameters.ListQuery} - endless == set(LISTS.values())


def of_codes() -> Iterator[tuple[str, str, str]]:
    """Each filter of each list whose values are codes, and the subject they are of."""
    for path, query in LISTS.items():
        for name, parameter in query.model_fields.items():
            for mark in parameter.metadata:
                if isinstance(mark, list_parameters.CodesOf):
                    yield path, parameter.alias or name, mark.subject


async def test_a_code_that_does_not_exist_is_refused_and_those_written_almost_so_are_named(sandbox: Desk) -> None:
    await sandbox.key_of("li-min")
    tried = list(of_codes())
    assert {subject for _, _, subject in tried} == CODES.keys()
    for path, name, subject in tried:
        code, slip, near = CODES[subject]
        reader = "he-ping" if path == "/v1/audit/access" else "admin"
        assert (await sandbox.get(reader, f"{path}?{name}={code}")).status_code == 200, (path, name)
        refusal = problem(await sandbox.get(reader, f"{path}?{name}={slip}&{name}={code}"), 422)
        assert [error["pointer"] for error in refusal["errors"]] == [f"?{name}"], (path, name)
        detail = refusal["errors"][0]["detail"]
        assert (slip.partition(":")[2] or slip) in detail, (path, name)
        assert near in detail, (path, name)


async def test_what_exists_no_more_and_what_a_file_leaves_open_is_still_asked_for(sandbox: Desk) -> None:
    for asked in ("category=process", "category=process.withdrawal-fee", "status=rejected", "owner=role:agent"):
        assert (await sandbox.get("admin", f"/v1/tracking?{asked}")).status_code == 200, asked
    for asked in ("agent=-", "category=-"):
        assert (await sandbox.get("admin", f"/v1/indicators?{asked}")).status_code == 200, asked
    assert (await sandbox.get("admin", "/v1/audit/events?actor=system")).status_code == 200


async def test_a_machine_is_not_told_who_works_here(desk: Desk) -> None:
    made = await desk.post("admin", "/v1/keys", {"id": "shop", "name": "网店", "roles": ["partner"]})
    desk.keys["shop"] = done(made, 201)["key"]
    for who in ("li-min", "nobody-of-ours"):
        assert done(await desk.get("shop", f"/v1/tracking?owner={who}"))["items"] == []


async def listed(desk: Desk, query: str, path: str = "/v1/tracking") -> list[Any]:
    await desk.caught_up()
    return [row["number"] for row in done(await desk.get("admin", f"{path}?{query}"))["items"]]


async def test_a_filter_that_is_given_twice_means_any_of_its_values(desk: Desk) -> None:
    points = ("no-answer", "deposit-delay", "order-failed")
    minor, general, severe = [await desk.receive("li-min", issue_point=point) for point in points]
    await desk.step("li-min", minor["id"], "classify", severity="minor", category="service")
    await desk.step("li-min", general["id"], "classify", severity="general", category="process.deposit")
    await desk.step("li-min", severe["id"], "classify", severity="severe", category="process.deposit")
    two = sorted((minor["number"], severe["number"]))
    assert sorted(await listed(desk, "severity=minor&severity=severe")) == two
    assert sorted(await listed(desk, "severity=minor&severity=severe&category=process")) == [severe["number"]]
    assert len(await listed(desk, "category=service&category=process")) == 3
    assert len(await listed(desk, "procedure=kf0001&procedure=general&owner=li-min&owner=role:agent")) == 3
    of_two = await listed(desk, f"complaint={minor['id']}&complaint={severe['id']}", "/v1/obligations")
    assert sorted(set(of_two)) == two
    assert await listed(desk, "state=missed&state=paused", "/v1/sla") == []
    types = "type=Received&type=Classified"
    assert len(await listed(desk, types, "/v1/audit/events")) == 6


async def test_the_table_as_it_stood_and_the_table_of_now_take_the_same_filters(desk: Desk) -> None:
    one = await desk.receive("li-min", issue_point="deposit-delay")
    await desk.step("li-min", one["id"], "classify", severity="minor", category="service.attitude")
    query = "severity=minor&severity=severe&category=service&category=process&owner=li-min&unit=settlement&unit=trading"
    assert await listed(desk, f"{query}&as_of=2200-01-01T00:00:00Z") == await listed(desk, query) == []
    query = query.partition("&unit")[0]
    assert await listed(desk, f"{query}&as_of=2200-01-01T00:00:00Z") == await listed(desk, query) == [one["number"]]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/tracking?limit=1&limit=2", "limit"), ("/v1/tracking?q=a&q=b", "q"),
        ("/v1/sla?sort=due_at&sort=-due_at", "sort"),
        ("/v1/tracking?overdue=true&overdue=false", "overdue"), ("/v1/indicators?by=unit&by=kind", "by"),
        ("/v1/audit/events?after=1&after=2", "after"),
    ],
)
async def test_what_means_one_thing_is_not_said_twice(desk: Desk, path: str, name: str) -> None:
    refusal = problem(await desk.get("admin", path), 422)
    assert [error["pointer"] for error in refusal["errors"]] == [f"?{name}"]


@pytest.mark.parametrize("number", ["1_0", "１", "+5", " 5", "5.0", "1e1", "05", ""])
@pytest.mark.parametrize(("path", "name"), [
    ("/v1/tracking", "limit"), ("/v1/audit/events", "after"), ("/v1/sla/summary", "min_position"),
    ("/v1/complaints/00000000-0000-0000-0000-000000000000", "version"), ("/v1/incidents", "limit"),
])  # fmt: skip
async def test_a_number_is_written_in_digits_alone(desk: Desk, path: str, name: str, number: str) -> None:
    refusal = problem(await desk.get("he-ping", f"{path}?{urlencode({name: number})}"), 422)
    assert [error["pointer"] for error in refusal["errors"]] == [f"?{name}"]


async def test_so_it_is_beside_the_lists(desk: Desk) -> None:
    id = (await desk.receive("li-min", issue_point="deposit-delay"))["id"]
    twice = f"/v1/complaints/{id}?version=1&version=2"
    assert problem(await desk.get("li-min", twice), 422)["errors"][0]["pointer"] == "?version"
