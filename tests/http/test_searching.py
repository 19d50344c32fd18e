"""`q`: words are found wherever somebody wrote them down, in either script, by who may read what holds them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import pytest

from tests.http.desk import Desk, done
from tests.http.test_by_number import OLD
from tests.http.test_imports import letters


async def searched(desk: Desk, q: str, who: str = "li-min") -> list[str]:
    await desk.caught_up()
    return [row["id"] for row in done(await desk.get(who, f"/v1/tracking?q={quote(q)}"))["items"]]


async def test_notes_and_measures_are_found(desk: Desk) -> None:
    await desk.receive()
    id = (await desk.dispatched("settlement"))["id"]
    await desk.step("li-min", id, "add-note", text="客户周五之后出差")
    await desk.step("zhou-qi", id, "report-interim-measure", text="先垫付半数款项")
    await desk.step("zhou-qi", id, "confirm-opinion")
    await desk.step("zhou-qi", id, "execute", measure="补记流水并入账")
    for words in ("出差", "垫付", "补记流水", "出差 垫付 入账"):
        assert await searched(desk, words) == [id], words
    assert await searched(desk, "出差 无此词") == []


SCRIPTS: Final = [("臺灣分行拒絕賠償", "台湾"), ("台湾分行拒绝赔偿", "臺灣"), ("ＡＢＣ證券", "abc证券")]


@pytest.mark.parametrize(("written", "asked"), SCRIPTS)
async def test_traditional_and_simplified_writing_are_found_alike(sandbox: Desk, written: str, asked: str) -> None:
    id = (await sandbox.receive(subject=written))["id"]
    other = (await sandbox.receive(complainant={"phone": "+8613900139000"}))["id"]
    await sandbox.step("li-min", other, "add-note", text=f"另见：{written}")
    assert sorted(await searched(sandbox, asked)) == sorted([id, other])


async def test_old_numbers_and_what_was_recorded_with_steps_of_another_system_are_found(desk: Desk) -> None:
    one = await letters(desk, OLD)
    id = one["report"]["items"][0]["complaint_id"]
    events = done(await desk.get("admin", f"/v1/complaints/{id}/history"))["items"]
    assert "TakenOver" in {event["type"] for event in events}
    for words in ("臺-81001", "台-81001", "安排人员修复"):
        assert await searched(desk, words) == [id], words
        assert await searched(desk, words, "partner-bank") == [], words


async def test_what_is_not_in_either_script_alike_is_not_found(desk: Desk) -> None:
    id = (await desk.receive(subject="头发"))["id"]
    assert await searched(desk, "頭髮") == [id]
    assert await searched(desk, "头皮") == []
