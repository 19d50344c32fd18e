"""`/v1/incidents` over HTTP: who may, conditions and repetitions, the list and its files, the audit, what is masked."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.http.desk import Desk, done, pointers, problem
from tests.stories.emergency import ACD_DOWN, inform, look, on_duty, opened, step

VOLUME: Final[dict[str, Any]] = {
    "source": "acd-1", "from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:15:00Z", "calls": 12,
}  # fmt: skip
NOBODYS: Final = "00000000-0000-4000-8000-000000000000"


async def listed(desk: Desk, filters: str = "", who: str = "gu-fang") -> list[dict[str, Any]]:
    position = await desk.service.log.head()
    items: list[dict[str, Any]] = done(await desk.get(who, f"/v1/incidents?min_position={position}&{filters}"))["items"]
    return items


async def test_an_answer_to_a_command_has_its_version_its_position_and_its_place(sandbox: Desk) -> None:
    answer = await sandbox.post("li-min", "/v1/incidents", ACD_DOWN)
    incident = done(answer, 201)
    assert answer.headers["location"] == f"/v1/incidents/{incident['id']}"
    assert answer.headers["etag"] == f'"{incident["version"]}"'
    assert int(answer.headers["redress-position"]) == incident["position"] == await sandbox.service.log.head()


async def test_a_repeated_opening_is_the_first_one_and_another_body_is_refused(sandbox: Desk) -> None:
    key = {"Idempotency-Key": "acd-down-1"}
    first = await sandbox.post("li-min", "/v1/incidents", ACD_DOWN, headers=key)
    again = await sandbox.post("li-min", "/v1/incidents", ACD_DOWN, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    problem(await sandbox.post("li-min", "/v1/incidents", {**ACD_DOWN, "title": "…"}, headers=key), 422)
    problem(await sandbox.post("li-min", "/v1/complaints", ACD_DOWN, headers=key), 422)


async def test_a_repeated_step_is_answered_as_it_was_whatever_came_later(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    key, body = {"Idempotency-Key": "told"}, {"to_role": "manager", "text": "ACD失灵"}
    first = await sandbox.post("gu-fang", f"/v1/incidents/{id}/inform", body, headers=key)
    await step(sandbox, "ma-chao", id, "restore", text="已恢复。")
    again = await sandbox.post("gu-fang", f"/v1/incidents/{id}/inform", body, headers=key)
    assert again.json()["version"] == first.json()["version"]
    assert again.json()["state"] == "open"


async def test_a_command_based_on_an_old_version_is_refused(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await inform(sandbox, "gu-fang", id, "manager")
    stale = await sandbox.post("gu-fang", f"/v1/incidents/{id}/note", {"text": "…"}, headers={"If-Match": '"1"'})
    problem(stale, 412, "stale-version")
    assert stale.headers["etag"] == '"2"'


async def test_it_is_shown_as_it_stood(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await sandbox.set_clock("2026-03-02T09:03:00+08:00")
    await inform(sandbox, "gu-fang", id, "manager")
    assert done(await sandbox.get("li-min", f"/v1/incidents/{id}?version=1"))["informed"] == []
    then = done(await sandbox.get("li-min", f"/v1/incidents/{id}?as_of=2026-03-02T01:02:00Z"))
    assert (then["version"], then["informed"]) == (1, [])
    problem(await sandbox.get("li-min", f"/v1/incidents/{id}?version=9"), 404, "no-such-incident-version")


@pytest.mark.parametrize("path", ["", "/history", "/late-intakes"])
@pytest.mark.parametrize("id", ["nonsense", NOBODYS])
async def test_what_is_no_incident_is_not_found(sandbox: Desk, id: str, path: str) -> None:
    problem(await sandbox.get("li-min", f"/v1/incidents/{id}{path}"), 404, "no-such-incident")


async def test_a_complaint_is_no_incident_and_an_incident_is_no_complaint(sandbox: Desk) -> None:
    complaint, incident = await sandbox.receive(), await opened(sandbox)
    problem(await sandbox.get("admin", f"/v1/incidents/{complaint['id']}"), 404, "no-such-incident")
    problem(await sandbox.post("admin", f"/v1/incidents/{complaint['id']}/note", {"text": "…"}), 404)
    for path in ("", "/history"):
        problem(await sandbox.get("admin", f"/v1/complaints/{incident['id']}{path}"), 404, "not-found")
    problem(await sandbox.post("admin", f"/v1/complaints/{incident['id']}/add-note", {"text": "…"}), 404, "not-found")
    linked = await sandbox.post("li-min", f"/v1/complaints/{complaint['id']}/link", {"complaints": [incident["id"]]})
    problem(linked, 422, "unknown-complaint")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "alien-landing"}, "/kind"),
        ({"procedure": "nonsense"}, "/procedure"),
        ({"occurred_at": "2027-01-01T00:00:00Z"}, "/occurred_at"),
        ({"title": "  "}, "/title"),
        ({"severity": "high"}, "/severity"),
    ],
)
async def test_an_opening_with_a_mistake_names_its_place(sandbox: Desk, changes: dict[str, Any], pointer: str) -> None:
    assert pointers(problem(await sandbox.post("li-min", "/v1/incidents", {**ACD_DOWN, **changes}), 422)) == [pointer]


@pytest.mark.parametrize("who", ["partner-bank", "zhou-qi"])
async def test_who_has_no_part_in_the_plan_neither_opens_nor_sees_incidents(sandbox: Desk, who: str) -> None:
    id = (await opened(sandbox))["id"]
    for answer in (
        await sandbox.post(who, "/v1/incidents", ACD_DOWN),
        await sandbox.get(who, "/v1/incidents"),
        await sandbox.get(who, f"/v1/incidents/{id}"),
        await sandbox.get(who, f"/v1/incidents/{id}/history"),
        await sandbox.get(who, f"/v1/incidents/{id}/late-intakes"),
        await sandbox.post(who, f"/v1/incidents/{id}/note", {"text": "…"}),
    ):
        problem(answer, 403)


async def test_an_auditor_reads_and_changes_nothing(sandbox: Desk) -> None:
    id = (await opened(sandbox))["id"]
    incident = await look(sandbox, id, "he-ping")
    assert (incident["text"], incident["allowed"]) == (ACD_DOWN["text"], [])
    problem(await sandbox.post("he-ping", f"/v1/incidents/{id}/note", {"text": "…"}), 403, "role-forbids")


async def test_who_sees_no_texts_sees_what_happened_without_them(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox, "softphone"))["id"]
    await inform(sandbox, "gu-fang", id, "manager")
    incident = await look(sandbox, id, "softphone")
    assert (incident["kind"], incident["title"], incident["text"]) == ("acd-failure", "***", "***")
    assert incident["informed"][0]["text"] == "***"
    assert (await listed(sandbox, who="softphone"))[0]["title"] == "***"
    events = done(await sandbox.get("softphone", f"/v1/incidents/{id}/history"))["items"]
    assert [event["data"].get("text") for event in events] == ["***", "***"]


async def test_what_was_said_is_sealed_in_the_log_with_a_key_of_its_own(sandbox: Desk) -> None:
    await on_duty(sandbox)
    first, second = await opened(sandbox), await opened(sandbox)
    await inform(sandbox, "gu-fang", first["id"], "manager")
    rows = await sandbox.service.pool.fetch("SELECT state FROM stored_events WHERE topic LIKE 'incident.%'")
    states = [bytes(row["state"]).decode() for row in rows]
    assert len(states) == 3
    assert not any("ACD" in state or "座席" in state or "已通知" in state for state in states)
    keys = {(await sandbox.service.incidents.load(one["id"])).aggregate.key_id for one in (first, second)}
    assert len(keys) == 2


async def test_the_list_is_filtered_sorted_and_read_page_by_page(sandbox: Desk) -> None:
    await on_duty(sandbox)
    fire = await opened(sandbox, kind="fire", title="火警")
    await sandbox.set_clock("2026-03-02T09:02:00+08:00")
    acd = await opened(sandbox)
    theft = await opened(sandbox, kind="theft", title="失窃")
    await step(sandbox, "gu-fang", theft["id"], "restore", text="已报警。")
    assert (await listed(sandbox, "sort=opened_at"))[0]["id"] == fire["id"]
    assert {one["id"] for one in await listed(sandbox, "state=open")} == {fire["id"], acd["id"]}
    assert [one["id"] for one in await listed(sandbox, "kind=theft")] == [theft["id"]]
    assert [one["id"] for one in await listed(sandbox, "opened_to=2026-03-02T01:01:00Z")] == [fire["id"]]
    assert len(await listed(sandbox, "opened_from=2026-03-02T01:01:00Z&procedure=emergency")) == 2
    assert (await listed(sandbox, "kind=acd-failure"))[0]["due_at"] == "2026-03-02T01:07:00Z"

    seen, cursor = [], ""
    for _ in range(3):
        page = done(await sandbox.get("gu-fang", f"/v1/incidents?limit=1{cursor}"))
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert sorted(seen) == sorted([fire["id"], acd["id"], theft["id"]])


async def test_a_slip_in_a_filter_is_refused(sandbox: Desk) -> None:
    problem(await sandbox.get("li-min", "/v1/incidents?knid=fire"), 422)
    problem(await sandbox.get("li-min", "/v1/incidents?state=over"), 422)


async def test_the_list_is_exported_whole(sandbox: Desk) -> None:
    for _ in range(3):
        await opened(sandbox)
    await sandbox.caught_up()
    answer = await sandbox.get("li-min", "/v1/incidents?limit=1", headers={"Accept": "text/csv"})
    lines = answer.text.strip().splitlines()
    assert lines[0].startswith("\ufeffid,number,procedure,kind,state,title")
    assert len(lines) == 4


async def test_the_audit_shows_incidents_in_their_place_without_a_gap(sandbox: Desk) -> None:
    await on_duty(sandbox)
    await sandbox.receive()
    incident = await opened(sandbox)
    await sandbox.receive()
    await inform(sandbox, "gu-fang", incident["id"], "manager")
    await sandbox.caught_up()
    items = done(await sandbox.get("admin", "/v1/audit/events"))["items"]
    assert [one["position"] for one in items] == list(range(1, await sandbox.service.log.head() + 1))
    of_it = [one for one in items if one["incident_id"] == incident["id"]]
    assert [one["type"] for one in of_it] == ["IncidentOpened", "RoleInformed"]
    assert {one["complaint_id"] for one in of_it} == {None}
    assert {one["number"] for one in of_it} == {incident["number"]}
    assert of_it[0]["data"]["text"] == ACD_DOWN["text"]
    assert "key_id" not in of_it[0]["data"]

    only = done(await sandbox.get("admin", "/v1/audit/events?type=IncidentOpened"))["items"]
    assert [one["incident_id"] for one in only] == [incident["id"]]
    only = done(await sandbox.get("admin", f"/v1/audit/events?incident={incident['id']}"))["items"]
    assert len(only) == 2
    assert done(await sandbox.get("admin", f"/v1/audit/events?complaint={incident['id']}"))["items"] == []


@pytest.mark.parametrize(("who", "sees"), [("he-ping", True), ("partner-bank", False), ("zhou-qi", False)])
async def test_the_audit_shows_incidents_to_those_who_see_them(sandbox: Desk, who: str, sees: bool) -> None:
    await opened(sandbox)
    for caught_up in (False, True):  # the log has the last word, however far the read models are
        if caught_up:
            await sandbox.caught_up()
        items = done(await sandbox.get(who, "/v1/audit/events"))["items"]
        assert any(one["type"] == "IncidentOpened" for one in items) is sees


async def test_the_plan_is_listed_with_both_of_its_titles(sandbox: Desk) -> None:
    items = done(await sandbox.get("li-min", "/v1/procedures"))["items"]
    [plan] = [one["title"] for one in items if one["code"] == "emergency"]
    assert plan == {"zh": "呼叫中心突发事件处理预案", "en": "Call-centre emergencies"}
    whole = done(await sandbox.get("li-min", "/v1/procedures/emergency"))
    assert whole["incidents"]["surge"] == {"multiple": 2.0, "at_least": 30, "days": 14}


# Calls counted by a telephone system


async def test_the_same_interval_is_counted_once(sandbox: Desk) -> None:
    done(await sandbox.post("softphone", "/v1/calls/volume", VOLUME), 201)
    again = await sandbox.post("softphone", "/v1/calls/volume", VOLUME)
    assert again.headers["idempotency-replayed"] == "true"
    assert done(again, 201)["calls"] == 12
    assert await sandbox.service.pool.fetchval("SELECT sum(calls) FROM call_volumes") == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"calls": 13},
        {"to": "2026-03-02T00:30:00Z"},
        {"from": "2026-03-02T00:05:00Z", "to": "2026-03-02T00:10:00Z"},
    ],
)
async def test_no_call_is_counted_twice(sandbox: Desk, changes: dict[str, Any]) -> None:
    done(await sandbox.post("softphone", "/v1/calls/volume", VOLUME), 201)
    problem(await sandbox.post("softphone", "/v1/calls/volume", VOLUME | changes), 409, "interval-counted-already")
    done(await sandbox.post("softphone", "/v1/calls/volume", VOLUME | changes | {"source": "acd-2"}), 201)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"source": "complaints"}, "/source"),
        ({"calls": -1}, "/calls"),
        ({"to": "2026-03-02T00:00:00Z"}, "/to"),
        ({"to": "2026-03-02T01:00:01Z"}, "/to"),
        ({"from": "2026-03-02T05:00:00Z", "to": "2026-03-02T05:15:00Z"}, "/from"),
        ({"from": "2024-03-02T00:00:00Z", "to": "2024-03-02T00:15:00Z"}, "/from"),
        ({"from": "2026-03-02T00:00:00"}, "/from"),
    ],
)
async def test_a_count_with_a_mistake_names_its_place(sandbox: Desk, changes: dict[str, Any], pointer: str) -> None:
    assert pointers(problem(await sandbox.post("softphone", "/v1/calls/volume", VOLUME | changes), 422)) == [pointer]


async def test_only_systems_report_calls(sandbox: Desk) -> None:
    problem(await sandbox.post("li-min", "/v1/calls/volume", VOLUME), 403, "role-forbids")


async def test_a_key_used_for_one_count_is_not_used_for_another(sandbox: Desk) -> None:
    key = {"Idempotency-Key": "count-1"}
    done(await sandbox.post("softphone", "/v1/calls/volume", VOLUME, headers=key), 201)
    other = {**VOLUME, "from": "2026-03-02T00:15:00Z", "to": "2026-03-02T00:30:00Z"}
    problem(await sandbox.post("softphone", "/v1/calls/volume", other, headers=key), 422)
    assert await sandbox.service.pool.fetchval("SELECT count(*) FROM call_volumes") == 1
