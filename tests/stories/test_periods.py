"""Periodic work of a procedure, played through the REST API: the register, the summaries, who is told of a rise.

March 2, 2026 is a Monday; the week ends when the Sunday does, in the zone of the procedure's calendar.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from app.http.protocol.lists import CSV_TYPE, XLSX_TYPE
from tests.http.desk import Desk, done, problem
from tests.stories.staff import employ
from tests.stories.telling import at
from tests.stories.test_market_30min import OWNER, PRODUCT_FACTS, agreed_and_executed, called

PROCEDURE = "market-30min"


async def taken(desk: Desk, category: str = "product.leak", **changes: Any) -> str:
    complaint = await desk.receive("li-min", procedure=PROCEDURE, facts=PRODUCT_FACTS, **changes)
    await desk.step("li-min", complaint["id"], "classify", severity="general", category=category)
    id: str = complaint["id"]
    return id


async def report(desk: Desk, kind: str, period: str, who: str = "zhao-jing", **options: Any) -> dict[str, Any]:
    await desk.caught_up()
    return done(await desk.get(who, f"/v1/reports/{PROCEDURE}/{kind}/{period}", **options))


def figure(found: dict[str, Any], name: str) -> dict[str, Any]:
    [item] = [one for one in found["summary"]["figures"] if one["indicator"] == name]
    return dict(item)


async def listed(desk: Desk, who: str = "zhao-jing") -> list[tuple[str, str, str]]:
    items = done(await desk.get(who, f"/v1/reports/{PROCEDURE}"))["items"]
    return [(one["kind"], one["period"], one["state"]) for one in items]


@pytest.fixture
async def market(sandbox: Desk) -> Desk:
    staff = {OWNER: ("unit", "east"), "ma-li": ("department-head", None), "ke-yi": ("unit", "north")}
    await employ(sandbox, staff)
    await at(sandbox, "03-02 09:00")
    return sandbox


async def settled_with_the_customer(desk: Desk, *, satisfied: bool = True) -> str:
    id = await taken(desk)
    await desk.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    await desk.step(OWNER, id, "inform-customer", means="phone", text="已联系。")
    await agreed_and_executed(desk, id)
    await called(desk, id, satisfied=satisfied)
    if satisfied:
        await desk.step(OWNER, id, "confirm-effect", effective=True, findings="已复检。")
        await desk.step("li-min", id, "close", outcome="已解决", summary="换货", justified=True)
    return id


async def test_the_register_has_a_row_for_every_complaint_of_the_week_with_what_the_form_asks(market: Desk) -> None:
    id = await settled_with_the_customer(market)
    await at(market, "03-09 09:00")
    await taken(market)
    found = await report(market, "weekly", "2026-W10")
    [row] = found["items"]
    assert (row["id"], row["status"], row["satisfied"], row["justified"]) == (id, "closed", True, True)
    assert (row["facts"], row["measure"], row["result"]) == (PRODUCT_FACTS, "已换货三台", "已解决")
    assert row["customer"] == "张三"


async def test_the_register_is_a_file_with_a_column_for_every_question_of_the_form(market: Desk) -> None:
    await taken(market)
    await taken(market)
    await market.caught_up()
    path = f"/v1/reports/{PROCEDURE}/weekly/2026-W10"
    answer = await market.get("zhao-jing", path, headers={"Accept": CSV_TYPE})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Lot"] for row in rows] == ["L-2601", "L-2601"]
    answer = await market.get("zhao-jing", path, headers={"Accept": XLSX_TYPE})
    sheet = [list(row) for row in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values]
    assert len(sheet) == 3
    assert sheet[1][sheet[0].index("Quantity")] == PRODUCT_FACTS["quantity"]


async def test_the_register_comes_page_by_page(market: Desk) -> None:
    ids = [await taken(market) for _ in range(3)]
    first = await report(market, "weekly", "2026-W10?limit=2")
    second = await report(market, "weekly", f"2026-W10?limit=2&cursor={first['next_cursor']}")
    assert len(first["items"]) == 2
    assert {row["id"] for row in first["items"] + second["items"]} == set(ids)  # all of one moment
    assert second["next_cursor"] is None


async def test_a_unit_s_member_finds_only_its_own_in_the_register(market: Desk) -> None:
    id = await settled_with_the_customer(market)
    await taken(market)
    found = await report(market, "weekly", "2026-W10", OWNER)
    [row] = found["items"]
    assert (row["id"], row["customer"]) == (id, "张三")  # the regional owner calls the customer
    assert [one["key"] for one in found["summary"]["by_unit"]] == ["east"]
    assert (await report(market, "weekly", "2026-W10", "ke-yi"))["items"] == []


async def test_a_week_is_analysed_by_category_unit_and_cause_beside_the_week_before(market: Desk) -> None:
    await settled_with_the_customer(market)
    await at(market, "03-09 09:00")
    await taken(market, "delivery")
    await taken(market)
    found = await report(market, "weekly", "2026-W11")
    volume = figure(found, "volume")
    assert (volume["value"], volume["before"], volume["rise"]) == (2, 1, 100.0)
    assert found["summary"]["by_category"] == [
        {"key": "delivery", "count": 1, "before": 0, "rise": None},
        {"key": "product.leak", "count": 1, "before": 1, "rise": 0.0},
    ]
    assert found["summary"]["by_unit"] == [{"key": "east", "count": 0, "before": 1, "rise": -100.0}]
    assert figure(found, "satisfaction-rate")["before"] == 1
    assert (found["summary"]["ended"], found["summary"]["risen"]) == (False, True)


async def test_what_units_found_to_be_the_cause_stands_in_the_week_they_reported_it(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    await sandbox.step("qian-hui", id, "request-capa", unit="settlement", reason="重复发生")
    await sandbox.step(
        "zhou-qi", id, "submit-capa", cause="人工录入", corrective="补录", preventive="自动对账", responsible="李四",
        complete_by="2026-04-01",
    )  # fmt: skip
    await sandbox.caught_up()
    found = done(await sandbox.get("zhao-jing", "/v1/reports/kf0001/monthly/2026-03"))
    [cause] = found["summary"]["causes"]
    assert (cause["unit"], cause["cause"], cause["category"]) == ("settlement", "人工录入", "process.deposit")
    refused = await sandbox.get("partner-bank", "/v1/reports/kf0001/monthly/2026-03")
    problem(refused, 403, "role-forbids")


async def test_a_week_is_reported_when_it_is_over_and_not_before(market: Desk) -> None:
    await settled_with_the_customer(market)
    await at(market, "03-08 23:59")
    assert await listed(market) == [("weekly", "2026-W10", "running")]
    await at(market, "03-09 00:00")
    assert await listed(market) == [("weekly", "2026-W11", "running"), ("weekly", "2026-W10", "reported")]
    [_, reported] = done(await market.get("zhao-jing", f"/v1/reports/{PROCEDURE}"))["items"]
    assert reported["reported_at"] == "2026-03-08T16:00:00Z"
    assert reported["told"] == ["manager"]


async def test_every_week_of_a_long_silence_is_reported_once(market: Desk) -> None:
    await taken(market)
    await at(market, "03-30 09:00")
    await at(market, "03-30 10:00")
    states = [(period, state) for _, period, state in await listed(market)]
    assert states == [
        ("2026-W14", "running"), ("2026-W13", "reported"), ("2026-W12", "reported"), ("2026-W11", "reported"),
        ("2026-W10", "reported"),
    ]  # fmt: skip
    assert len(await market.service.periods.reports_of(PROCEDURE)) == 4


async def test_a_rise_is_reported_upwards_and_a_fall_is_not(market: Desk) -> None:
    await taken(market)
    await at(market, "03-09 09:00")
    await taken(market)
    await taken(market)
    await at(market, "03-23 09:00")
    first, second, third = await market.service.periods.reports_of(PROCEDURE)
    assert [one.risen for one in (first, second, third)] == [False, True, False]  # before the first there was nothing
    assert second.rise_told == ("manager",)
    assert third.rise_told == ()
    [volume] = [one for one in second.figures if one.indicator == "volume"]
    assert (volume.value, volume.before, volume.rise) == (2, 1, 100.0)


async def test_what_is_entered_late_changes_the_summary_and_never_what_was_reported(market: Desk) -> None:
    await taken(market)
    await at(market, "03-09 09:00")
    [fact] = await market.service.periods.reports_of(PROCEDURE)
    await market.step("li-min", (await report(market, "weekly", "2026-W10"))["items"][0]["id"], "withdraw", reason="撤")
    found = await report(market, "weekly", "2026-W10")
    assert found["summary"]["reported_position"] == fact.position
    assert (await market.service.periods.reports_of(PROCEDURE)) == [fact]


async def test_the_reports_a_role_is_told_of_are_among_its_due_work(market: Desk) -> None:
    await taken(market)
    await at(market, "03-09 09:00")
    due = done(await market.get("zhao-jing", "/v1/due-work"))["reports"]
    assert [(one["period"], one["state"]) for one in due] == [("2026-W10", "reported"), ("2026-W11", "running")]
    assert done(await market.get("li-min", "/v1/due-work"))["reports"] == []


async def test_callbacks_and_progress_reports_are_due_by_their_clocks(market: Desk) -> None:
    id = await taken(market)
    await market.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    await market.caught_up()
    due = done(await market.get(OWNER, "/v1/due-work"))
    assert [(one["complaint_id"], one["clock"], one["due_at"]) for one in due["bulletins"]] == [
        (id, "progress", "2026-03-02T01:30:00Z")
    ]
    await agreed_and_executed(market, id)
    await market.caught_up()
    [callback] = done(await market.get("li-min", "/v1/due-work"))["callbacks"]
    assert (callback["complaint_id"], callback["due_at"]) == (id, "2026-03-04T16:00:00Z")
    await called(market, id, satisfied=True)
    await market.caught_up()
    assert done(await market.get("li-min", "/v1/due-work"))["callbacks"] == []
    assert done(await market.get("ke-yi", "/v1/due-work"))["bulletins"] == []


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("nothing/weekly/2026-W10", 404, "no-such-procedure"),
        (f"{PROCEDURE}/yearly/2026", 404, "no-such-report"),
        (f"{PROCEDURE}/weekly/2026-W60", 422, "no-such-period"),
        (f"{PROCEDURE}/monthly/2026-W10", 422, "no-such-period"),
        (f"{PROCEDURE}/monthly/2026-13", 422, "no-such-period"),
    ],
)
async def test_a_report_that_cannot_be_is_refused(sandbox: Desk, path: str, status: int, slug: str) -> None:
    problem(await sandbox.get("zhao-jing", f"/v1/reports/{path}"), status, slug)


async def test_a_report_stands_in_the_audit_between_the_events_it_counted_and_those_after(market: Desk) -> None:
    await taken(market)
    await at(market, "03-09 09:00")
    await taken(market)
    items = done(await market.get("he-ping", "/v1/audit/events?limit=200"))["items"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    [fact] = [item for item in items if item["type"] == "PeriodReported"]
    assert (fact["number"], fact["complaint_id"], fact["data"]["period"]) == (PROCEDURE, None, "2026-W10")
    only = done(await market.get("he-ping", "/v1/audit/events?type=PeriodReported"))["items"]
    assert only == [fact]
    for who in ("partner-bank", OWNER):
        assert done(await market.get(who, "/v1/audit/events?type=PeriodReported"))["items"] == []
