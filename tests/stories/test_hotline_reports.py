"""日报、周报、月报 of hotlines and the 400-line: of which kind, from where, about what most often (热点)."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from tests.http.desk import Desk, done, problem
from tests.http.test_versions import publish
from tests.stories.telling import at
from wording.notices.reports import words_of_report

LINES = ("hotline-mayor", "hotline-12345", "power-95598", "city-12319", "retail-400")
REPORTED = {"daily": ["2026-03-02", "2026-03-03"], "weekly": ["2026-W10"], "monthly": ["2026-03"]}


async def called(desk: Desk, code: str, district: str | None, issue_point: str | None, **changes: Any) -> str:
    taken = await desk.receive(
        procedure=code, issue_point=issue_point, facts={} if district is None else {"district": district}, force=True,
        **changes,
    )  # fmt: skip
    return str(taken["id"])


async def two_days(desk: Desk, code: str, hot: str, cold: str) -> None:
    """Three calls on Monday and one on Tuesday."""
    await called(desk, code, "城东", hot)
    await called(desk, code, "城东", hot)
    await called(desk, code, "城西", cold)
    await at(desk, "03-03 10:00")
    await called(desk, code, None, None)


async def summary(desk: Desk, code: str, kind: str, period: str) -> dict[str, Any]:
    await desk.caught_up()
    found: dict[str, Any] = done(await desk.get("admin", f"/v1/reports/{code}/{kind}/{period}"))["summary"]
    return found


def counts(items: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(one["key"], one["count"], one["before"]) for one in items]


@pytest.mark.parametrize("code", LINES)
async def test_a_day_a_week_and_a_month_are_reported_by_kind_district_and_issue_point(
    sandbox: Desk, code: str
) -> None:
    hot, cold = list(done(await sandbox.get("admin", f"/v1/procedures/{code}"))["issue_points"])[:2]
    await two_days(sandbox, code, hot, cold)
    monday = await summary(sandbox, code, "daily", "2026-03-02")
    assert counts(monday["by_kind"]) == [("complaint", 3, 0)]
    assert counts(monday["by_district"]) == [("城东", 2, 0), ("城西", 1, 0)]
    assert counts(monday["by_issue_point"]) == [(hot, 2, 0), (cold, 1, 0)]
    tuesday = await summary(sandbox, code, "daily", "2026-03-03")
    most, *others = counts(tuesday["by_issue_point"])
    assert (most, sorted(others)) == (("-", 1, 0), sorted([(hot, 0, 2), (cold, 0, 1)]))
    for kind, period in (("weekly", "2026-W10"), ("monthly", "2026-03")):
        assert counts((await summary(sandbox, code, kind, period))["by_district"]) == [
            ("城东", 2, 0), ("-", 1, 0), ("城西", 1, 0),
        ]  # fmt: skip
    await at(sandbox, "04-01 08:00")
    facts = await sandbox.service.periods.reports_of(code)
    for kind, periods in REPORTED.items():
        reported = [one for one in facts if one.kind == kind]
        assert [one.period for one in reported][: len(periods)] == periods
        assert all(one.told for one in reported)
    [first] = [one for one in facts if one.period == "2026-03-02"]
    assert [(one.key, one.count) for one in first.by_issue_point] == [(hot, 2), (cold, 1)]
    assert [(one.key, one.count) for one in first.by_district] == [("城东", 2), ("城西", 1)]
    procedure = sandbox.service.library.procedure(code)
    titles = [procedure.issue_points[point].title.en for point in (hot, cold)]
    told = words_of_report(first, procedure, "en", rose=False)
    assert told.lines[-1] == f"Hot spots: {titles[0]} 2 (before: 0), {titles[1]} 1 (before: 0)"
    assert "城东" not in told.text


async def test_figures_are_grouped_by_kind_district_and_issue_point_too(sandbox: Desk) -> None:
    await two_days(sandbox, "hotline-12345", "noise", "rubbish")
    await called(sandbox, "hotline-12345", "城西", "noise", kind="request")
    await sandbox.caught_up()
    for by, expected in (
        ("kind", {"complaint": 4, "request": 1}), ("district", {"城东": 2, "城西": 2, "-": 1}),
        ("issue_point", {"noise": 3, "rubbish": 1, "-": 1}), ("day", {"2026-03-02": 3, "2026-03-03": 2}),
    ):  # fmt: skip
        items = done(await sandbox.get("admin", f"/v1/indicators?indicator=volume&by={by}"))["items"]
        assert {one["key"]: one["value"] for one in items} == expected


async def test_a_district_counts_and_an_address_does_not(sandbox: Desk) -> None:
    code = "hotline-12345"
    await called(sandbox, code, "  城北 ", "noise")
    await called(sandbox, code, "人民路 12 号 3 单元", "noise")
    await called(sandbox, code, "名" * 31, "noise")
    monday = await summary(sandbox, code, "daily", "2026-03-02")
    assert counts(monday["by_district"]) == [("-", 2, 0), ("城北", 1, 0)]


async def test_what_is_confidential_is_in_no_report_and_shows_no_district(sandbox: Desk) -> None:
    code = "hotline-12345"
    await called(sandbox, code, "城东", "bribery", kind="report")
    await called(sandbox, code, "城西", "noise")
    await at(sandbox, "03-03 08:00")
    [fact] = await sandbox.service.periods.reports_of(code)
    assert [(one.key, one.count) for one in (*fact.by_kind, *fact.by_district, *fact.by_issue_point)] == [
        ("complaint", 1), ("城西", 1), ("noise", 1),
    ]  # fmt: skip


async def test_who_does_not_see_what_was_answered_is_told_no_district(sandbox: Desk) -> None:
    code = "hotline-12345"
    text = (files("procedures") / f"{code}.yaml").read_text("utf-8")
    text = text.replace('version: "1.', 'version: "9.', 1).replace("  quality: texts\n", "  quality: none\n", 1)
    await publish(sandbox, f"/v1/procedures/{code}/versions", text)
    id = await called(sandbox, code, "城东", "noise")
    await called(sandbox, code, None, "noise")
    await sandbox.caught_up()
    for who, told in (("li-min", {"城东": 1, "-": 1}), ("chen-li", {"-": 2})):
        items = done(await sandbox.get(who, f"/v1/indicators?procedure={code}&indicator=volume&by=district"))["items"]
        assert {one["key"]: one["value"] for one in items} == told
        report = done(await sandbox.get(who, f"/v1/reports/{code}/daily/2026-03-02"))["summary"]
        assert {key: count for key, count, _ in counts(report["by_district"])} == told
    await at(sandbox, "03-03 08:00")
    for who, districts in (("li-min", {"城东", "-"}), ("chen-li", set())):
        [event] = done(await sandbox.get(who, "/v1/audit/events?type=PeriodReported"))["items"]
        assert {one["key"] for one in event["data"]["by_district"]} == districts
    for who in ("chen-li", "softphone"):
        assert "城" not in (await sandbox.get(who, f"/v1/complaints/{id}/history")).text
    events = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [event["data"]["district"] for event in events if "district" in event["data"]] == ["城东"]


async def test_a_day_is_named_as_such_and_nothing_else_is_one(sandbox: Desk) -> None:
    for period in ("2026-3-2", "2026-02-30", "2026-W10", "today"):
        problem(await sandbox.get("admin", f"/v1/reports/hotline-12345/daily/{period}"), 422, "no-such-period")
    problem(await sandbox.get("admin", "/v1/reports/hotline-12345/hourly/2026-03-02"), 404)
