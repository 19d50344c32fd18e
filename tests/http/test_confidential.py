"""举报保密: what is confidential stays with its circle, by whichever way somebody else may ask for it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from tests.http.desk import Desk, complaint, done, problem
from tests.stories.staff import employ
from tests.stories.telling import at

LEADER, DISPATCHER, STATION = "gao-feng", "luo-tao", "song-yan"
LETTER = complaint(
    procedure="courier", kind="whistle-blowing", channel="letter", subject="站长私拆快件", content="多次私拆。",
    wants=None, facts={}, accused=[STATION],
)  # fmt: skip
WITH_A_HOLIDAY = (
    (files("procedures") / "calendars" / "cn.yaml").read_text("utf-8").replace('"2026.1"', '"2026.9"')
    .replace("  2026:\n", "  2026:\n    - {name: 测试, from: 2026-03-03, to: 2026-03-03}\n")
)  # fmt: skip
RECEIPT = {"id", "number", "version", "position", "status", "status_page", "allowed"}
TRACES = ("张", "0138000138", "+86138", "站长", "私拆", STATION, "whistle-blowing", "attitude", "C-1001", "discipline")


@pytest.fixture
async def station(sandbox: Desk) -> Desk:
    staff = {LEADER: ("supervisor", None), DISPATCHER: ("dispatcher", None), STATION: ("unit", "station")}
    await employ(sandbox, {**staff, "yun-shan": ("operations", None)})
    await at(sandbox, "03-02 09:00")
    return sandbox


async def reported(desk: Desk, **changes: Any) -> str:
    """A letter that only the supervising leader sees, dispatched by them."""
    id: str = done(await desk.post("li-min", "/v1/complaints", {**LETTER, **changes}), 201)["id"]
    await desk.step(LEADER, id, "classify", severity="general", category="service.attitude")
    await desk.step(LEADER, id, "dispatch", units=["discipline"])
    return id


async def test_a_repeated_intake_says_nothing_of_what_has_become_confidential_since(station: Desk) -> None:
    letter, repeat = {**LETTER, "kind": "complaint", "accused": []}, {"headers": {"Idempotency-Key": "letter-1"}}
    first = done(await station.post("li-min", "/v1/complaints", letter, **repeat), 201)
    assert first["content"] == "多次私拆。"
    await station.step(LEADER, first["id"], "classify", severity="general", category="service", kind="whistle-blowing")
    again = await station.post("li-min", "/v1/complaints", letter, **repeat)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert set(done(again, 201)) == RECEIPT


async def test_a_repeated_step_says_nothing_of_what_has_become_confidential_since(station: Desk) -> None:
    id = done(await station.post("li-min", "/v1/complaints", {**LETTER, "kind": "complaint", "accused": []}), 201)["id"]
    note, repeat = {"text": "电话核实中"}, {"headers": {"Idempotency-Key": "note-1"}}
    done(await station.post("li-min", f"/v1/complaints/{id}/add-note", note, **repeat))
    await station.step(LEADER, id, "classify", severity="general", category="service", kind="whistle-blowing")
    again = done(await station.post("li-min", f"/v1/complaints/{id}/add-note", note, **repeat))
    assert set(again) == RECEIPT


async def test_an_auditor_sees_that_something_confidential_happened_and_nothing_of_what(station: Desk) -> None:
    id = await reported(station)
    receipt = done(await station.get("he-ping", f"/v1/complaints/{id}"))
    assert set(receipt) == RECEIPT
    for path in (f"/v1/complaints/{id}/history", f"/v1/audit/events?complaint={id}"):
        items = done(await station.get("he-ping", path))["items"]
        assert [event["type"] for event in items] == ["Received", "Escalated", "Classified", "Dispatched"]
        assert all(event["data"] == {} for event in items)
    problem(await station.get("he-ping", f"/v1/complaints/{id}/clocks/handle/explanation"), 403)
    for path in (f"/v1/complaints/{id}", f"/v1/complaints/{id}?version=1", f"/v1/complaints/{id}/history"):
        text = (await station.get("he-ping", path)).text
        assert [trace for trace in TRACES if trace in text] == []


@pytest.mark.parametrize("filter", ["type=Received", "type=Escalated", f"actor={LEADER}", "type=Classified"])
async def test_a_page_of_the_audit_does_not_tell_by_its_gaps_what_is_confidential(station: Desk, filter: str) -> None:
    await reported(station)
    await reported(station, force=True)
    await station.caught_up()
    seen = done(await station.get("yun-shan", f"/v1/audit/events?{filter}&limit=1"))
    assert (seen["items"], seen["next_cursor"]) == ([], None)
    leader = done(await station.get(LEADER, f"/v1/audit/events?{filter}&limit=1"))
    assert len(leader["items"]) == 1


async def test_what_is_reported_of_a_month_counts_nothing_confidential(station: Desk) -> None:
    id = (await station.receive("li-min", procedure="courier", facts={}))["id"]
    await station.step("li-min", id, "classify", severity="general", category="service")
    await reported(station)
    await at(station, "04-01 00:00")
    for who in ("yun-shan", LEADER):
        [month] = done(await station.get(who, "/v1/audit/events?type=PeriodReported"))["items"]
        assert [(one["key"], one["count"]) for one in month["data"]["by_category"]] == [("service", 1)]
        assert month["data"]["by_unit"] == []
        assert [one["value"] for one in month["data"]["figures"] if one["indicator"] == "volume"] == [1]


async def test_a_procedure_with_nothing_but_confidential_matters_reports_no_month(station: Desk) -> None:
    await reported(station)
    await at(station, "04-01 00:00")
    assert done(await station.get("yun-shan", "/v1/reports/courier"))["items"] == []
    assert done(await station.get("yun-shan", "/v1/due-work"))["reports"] == []


async def test_a_preview_of_moved_clocks_names_nothing_confidential(station: Desk) -> None:
    id = await reported(station)
    other = (await station.receive("li-min", procedure="courier", facts={}))["id"]
    await station.step("li-min", other, "classify", severity="general", category="service")
    await station.step("li-min", other, "settle", explanation="已解释", accepted=False)
    await station.step("li-min", other, "dispatch", units=["station"])
    done(await station.post("admin", "/v1/calendars/cn/versions", {"content": WITH_A_HOLIDAY}), 201)
    found = done(await station.post("admin", "/v1/calendars/cn/versions/2026.9/preview", {}))
    assert {one["complaint_id"] for one in found["items"]} == {other}
    assert id not in str(found)


async def test_a_new_version_of_the_procedure_opens_no_circle_of_before(station: Desk) -> None:
    id = await reported(station)
    courier = (files("procedures") / "courier.yaml").read_text("utf-8").replace('version: "1.4"', 'version: "1.5"')
    opened = courier.replace(", confidential_to: [supervisor]", "")
    assert opened.count("confidential_to") == 0
    done(await station.post("admin", "/v1/procedures/courier/versions", {"content": opened}), 201)
    await station.caught_up()
    problem(await station.get("admin", f"/v1/complaints/{id}"), 403)
    for path in ("/v1/tracking", "/v1/sla", "/v1/obligations", "/v1/audit/events", "/v1/indicators/volume/events"):
        assert done(await station.get("admin", path))["items"] == []
    await at(station, "04-01 00:00")
    assert done(await station.get("yun-shan", "/v1/reports/courier"))["items"] == []


async def test_a_member_of_a_unit_does_not_read_from_a_report_whether_all_complaints_rose(station: Desk) -> None:
    await station.receive("li-min", procedure="courier", facts={})  # the first month is no rise
    await at(station, "04-01 09:00")
    for phone in ("138 0013 8001", "138 0013 8002"):
        person = {"name": "赵六", "phone": phone}
        await station.receive("li-min", procedure="courier", facts={}, complainant=person)
    await at(station, "05-01 00:00")
    for who, risen in (("yun-shan", True), (STATION, None)):
        [_, month, _] = done(await station.get(who, "/v1/reports/courier"))["items"]
        assert (month["period"], month["risen"]) == ("2026-04", risen)


async def test_a_repeated_intake_is_answered_alike_where_there_is_a_confidential_one_too(station: Desk) -> None:
    plain = {**LETTER, "kind": "complaint", "accused": [], "issue_point": "opened-parcel"}
    first = done(await station.post("li-min", "/v1/complaints", plain), 201)
    hidden = done(await station.post("li-min", "/v1/complaints", {**plain, "force": True}), 201)
    await station.step(LEADER, hidden["id"], "classify", severity="general", category="service", kind="whistle-blowing")
    answer = problem(await station.post("li-min", "/v1/complaints", plain), 409, "duplicate-complaint")
    assert first["number"] in str(answer)
    assert hidden["number"] not in str(answer)


async def test_what_is_confidential_has_no_page_whatever_is_known_of_it(station: Desk) -> None:
    receipt = done(await station.post("li-min", "/v1/complaints", LETTER), 201)
    assert (set(receipt), receipt["status_page"]) == (RECEIPT, None)
    seen = done(await station.get(LEADER, f"/v1/complaints/{receipt['id']}"))
    assert (seen["query_code"], seen["status_page"]) == (None, None)
    later = done(await station.post("li-min", "/v1/complaints", {**LETTER, "kind": "complaint", "accused": []}), 201)
    await station.step(LEADER, later["id"], "classify", severity="general", category="service", kind="whistle-blowing")
    await station.caught_up()
    wrong = await station.get(None, "/v1/status/COURIER-20260302-000099?phone_tail=8000")
    problem(wrong, 404, "no-such-complaint")
    for number, code in ((receipt["number"], "33333333"), (later["number"], later["query_code"])):
        for query in ("phone_tail=8000", f"phone_tail=8000&code={code}", f"code={code}"):
            answer = await station.get(None, f"/v1/status/{number}?{query}")
            assert (answer.status_code, answer.content) == (404, wrong.content)


async def test_the_numbers_of_what_is_confidential_leave_no_hole_in_the_day(station: Desk) -> None:
    numbers = []
    for kind in ("complaint", "whistle-blowing", "complaint", "report", "report", "complaint"):
        accused = [] if kind == "complaint" else [STATION]
        body = {**LETTER, "kind": kind, "accused": accused, "issue_point": "opened-parcel", "force": True}
        numbers.append(done(await station.post("li-min", "/v1/complaints", body), 201)["number"])
    assert [numbers[n] for n in (0, 2, 5)] == [f"COURIER-20260302-{n:06d}" for n in (1, 2, 3)]
    hidden = [numbers[n] for n in (1, 3, 4)]
    assert all(re.fullmatch(r"COURIER-20260302-[A-Z0-9]{8}", number) for number in hidden)
    assert len(set(hidden)) == 3
    drawn = await station.service.pool.fetch("SELECT prefix, last FROM complaint_numbers WHERE prefix = 'courier'")
    assert [tuple(row) for row in drawn] == [("courier", 3)]
