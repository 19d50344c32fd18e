"""Whom a miss is charged to, and in which period it counts, over REST: cards, clocks, sums, figures and reports agree.

A complaint of Tuesday, March 10, is due in fifteen working days, at 24:00 of March 31.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.hotline import at_work, cards, noted
from tests.stories.telling import at, due

CODE = "hotline-12345"


async def one_of_two_is_late(desk: Desk) -> str:
    """Both departments have accepted, and only education has executed by the end of March."""
    await at_work(desk, "lu-fang", "unit", "education")
    await at_work(desk, "ma-chao", "unit", "market")
    await at_work(desk, "ding-yi", "supervision")
    await at(desk, "03-10 09:00")
    id = await noted(desk, CODE, "complaint", "education.school")
    sent = await desk.step("li-min", id, "dispatch", units=["education", "market"])
    assert due(sent, "handle") == "2026-03-31T16:00:00Z"
    for who in ("lu-fang", "ma-chao"):
        await desk.step(who, id, "accept")
    await desk.step("lu-fang", id, "execute", measure="学校已整改。")
    await at(desk, "04-01 09:00")
    await desk.caught_up()
    return id


async def report(desk: Desk, kind: str, period: str, who: str = "admin") -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get(who, f"/v1/reports/{CODE}/{kind}/{period}"))["summary"]
    return found


def figure(summary: dict[str, Any], name: str) -> float | None:
    [value] = [one["value"] for one in summary["figures"] if one["indicator"] == name]
    return None if value is None else float(value)


async def test_cards_clocks_sums_figures_and_reports_charge_the_same_department(sandbox: Desk) -> None:
    id = await one_of_two_is_late(sandbox)
    assert await cards(sandbox, id, "admin") == [("yellow", "market")]
    for unit, missed in (("market", ["handle"]), ("education", [])):
        clocks = done(await sandbox.get("admin", f"/v1/sla?unit={unit}&state=missed"))["items"]
        assert [one["clock"] for one in clocks] == missed
        owed = done(await sandbox.get("admin", f"/v1/obligations?owed_by=unit:{unit}&state=missed"))["items"]
        assert [one["name"] for one in owed] == missed
        sums = done(await sandbox.get("admin", f"/v1/sla/summary?unit={unit}"))["items"]
        assert [one["missed"] for one in sums] == [len(missed)]
        figures = done(await sandbox.get("admin", f"/v1/indicators?unit={unit}&indicator=breaches"))["items"]
        assert [one["value"] for one in figures] == [len(missed)]
    by_unit = done(await sandbox.get("admin", "/v1/indicators?by=unit&indicator=breaches"))["items"]
    assert {one["key"]: one["value"] for one in by_unit} == {"market": 1}
    march = await report(sandbox, "monthly", "2026-03")
    assert [(one["key"], one["count"]) for one in march["missed_by_unit"]] == [("market", 1)]
    for who, breaches in (("ma-chao", 1), ("lu-fang", 0)):  # each department reads its own figures
        assert figure(await report(sandbox, "monthly", "2026-03", who), "breaches") == breaches


async def test_the_charge_stays_when_the_department_is_done_at_last(sandbox: Desk) -> None:
    id = await one_of_two_is_late(sandbox)
    await sandbox.step("ma-chao", id, "execute", measure="供应商已处罚。")
    await sandbox.caught_up()
    clocks = done(await sandbox.get("admin", "/v1/sla?unit=market&state=missed"))["items"]
    assert [one["owed_by"] for one in clocks] == [["market"]]
    figures = done(await sandbox.get("admin", "/v1/indicators?unit=market&indicator=breaches"))["items"]
    assert [one["value"] for one in figures] == [1]


async def test_a_limit_that_ends_at_24_00_of_the_last_day_of_a_period_belongs_to_that_period(sandbox: Desk) -> None:
    await one_of_two_is_late(sandbox)
    breaches = "/v1/indicators?procedure=hotline-12345&indicator=breaches"
    for first, last, count in (("2026-03-31", "2026-03-31", 1), ("2026-04-01", "2026-04-30", 0)):
        items = done(await sandbox.get("admin", f"{breaches}&from={first}&to={last}"))["items"]
        assert [one["value"] for one in items] == [count]
    for kind, period, count in (("monthly", "2026-03", 1), ("monthly", "2026-04", 0), ("weekly", "2026-W14", 1)):
        assert figure(await report(sandbox, kind, period), "breaches") == count
    months = done(await sandbox.get("admin", f"{breaches}&by=month"))["items"]
    assert [(one["key"], one["value"]) for one in months] == [("2026-03", 1)]


async def test_the_first_period_of_a_procedure_is_no_rise(sandbox: Desk) -> None:
    await one_of_two_is_late(sandbox)
    march, april = await report(sandbox, "monthly", "2026-03"), await report(sandbox, "monthly", "2026-04")
    assert (figure(march, "volume"), march["risen"], april["risen"]) == (1, False, False)
    for _ in range(2):
        await noted(sandbox, CODE, "complaint", "education.school", force=True)
    await sandbox.caught_up()
    assert (await report(sandbox, "monthly", "2026-04"))["risen"] is True
