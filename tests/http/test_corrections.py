"""更正 over REST: who complains, or what it is called, is corrected; whoever asks finds it as it is known now."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.app.test_dumps_name_nobody import dump_of, forms
from tests.http.desk import Desk, complaint, done, problem

WRONG, RIGHT = "+8613800138000", "+8613911112222"
WHY = {"reason": "客户来电：号码记错了"}
MATTER = {"issue_point": "deposit-delay"}


async def corrected(desk: Desk, id: str, who: str = "li-min", **changes: Any) -> dict[str, Any]:
    return await desk.step(who, id, "correct-complainant", **{**WHY, **changes})


async def test_the_complaint_its_list_and_its_page_for_the_public_know_the_new_and_the_history_the_old(
    sandbox: Desk,
) -> None:
    taken = await sandbox.receive()
    id, number = taken["id"], taken["number"]
    after = await corrected(sandbox, id, name="张三丰", phone="139 1111 2222")
    assert (after["complainant"]["name"], after["complainant"]["phone"]) == ("张三丰", RIGHT)
    await sandbox.step("li-min", id, "correct-subject", subject="出金三天未到账", reason="写错了")
    await sandbox.caught_up()
    (row,) = done(await sandbox.get("zhao-jing", "/v1/tracking?q=出金"))["items"]
    assert (row["customer"], row["subject"]) == ("张三丰", "出金三天未到账")
    events = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [event["type"] for event in events] == ["Received", "ComplainantCorrected", "SubjectCorrected"]
    assert (events[0]["data"]["complainant"]["phone"], events[1]["data"]["complainant"]["phone"]) == (WRONG, RIGHT)
    assert events[1]["data"]["changed"] == ["name", "phone"]
    assert events[1]["data"]["reason"] == WHY["reason"]
    before = done(await sandbox.get("li-min", f"/v1/complaints/{id}?version=1"))
    assert (before["complainant"]["phone"], before["subject"]) == (WRONG, "入金三天未到账")
    problem(await sandbox.get(None, f"/v1/status/{number}?phone_tail=8000"), 404)
    assert done(await sandbox.get(None, f"/v1/status/{number}?phone_tail=2222"))["number"] == number


async def test_who_sees_no_names_sees_neither_the_old_nor_the_new(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    await corrected(sandbox, id, name="张三丰", phone=RIGHT, customer_no="C-2002", reason="张三丰来电")
    await sandbox.caught_up()
    for who in ("zhou-qi", "chen-li"):
        told = (await sandbox.get(who, f"/v1/complaints/{id}")).text
        told += (await sandbox.get(who, f"/v1/complaints/{id}/history")).text
        for personal in ("张三", "138001380", "1391111", "C-1001", "C-2002"):
            assert personal not in told.replace("张三丰来电", ""), (who, personal)
    told = (await sandbox.get("partner-bank", f"/v1/complaints/{id}/history")).text
    assert "张三丰" not in told


async def test_a_later_intake_is_compared_with_the_corrected_customer_and_not_with_the_wrong_one(
    sandbox: Desk,
) -> None:
    first = await sandbox.receive(**MATTER, complainant={"name": "张三", "phone": WRONG})
    await corrected(sandbox, first["id"], phone=RIGHT)
    again = complaint(**MATTER, complainant={"phone": RIGHT})
    refused = problem(await sandbox.post("li-min", "/v1/complaints", again), 409, "duplicate-complaint")
    assert refused["complaint"]["id"] == first["id"]
    other = complaint(**MATTER, complainant={"name": "李四", "phone": WRONG})
    second = done(await sandbox.post("li-min", "/v1/complaints", other), 201)
    refused = problem(await sandbox.post("li-min", "/v1/complaints", other), 409, "duplicate-complaint")
    assert refused["complaint"]["id"] == second["id"]


async def test_of_a_correction_and_an_intake_at_one_instant_no_second_complaint_comes_after_both(desk: Desk) -> None:
    await desk.key_of("li-min")
    for number in range(6):
        wrong, right = f"+861390000{number:04}", f"+861370000{number:04}"
        first = await desk.receive(**MATTER, complainant={"name": "甲", "phone": wrong})
        again = complaint(**MATTER, complainant={"name": "甲", "phone": right})
        await asyncio.gather(
            corrected(desk, first["id"], phone=right), desk.post("li-min", "/v1/complaints", again)
        )
        problem(await desk.post("li-min", "/v1/complaints", again), 409, "duplicate-complaint")


async def test_twice_the_same_is_one_event_and_many_at_once_are_all_taken(desk: Desk) -> None:
    id = (await desk.receive())["id"]
    key = {"Idempotency-Key": "correction-1"}
    body = {**WHY, "phone": RIGHT}
    for _ in range(2):
        done(await desk.post("li-min", f"/v1/complaints/{id}/correct-complainant", body, headers=key))
    assert (await corrected(desk, id, phone=RIGHT))["version"] == 2
    await asyncio.gather(*(corrected(desk, id, name=f"张{number}") for number in range(8)))
    history = done(await desk.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [event["type"] for event in history].count("ComplainantCorrected") == 9


async def test_a_customer_is_counted_as_who_they_are_known_to_be(sandbox: Desk) -> None:
    """dealer-4s: 同一客户再次投诉为重大."""
    def of(name: str, phone: str) -> dict[str, Any]:
        return {"procedure": "dealer-4s", "complainant": {"name": name, "phone": phone}, "facts": {}}

    one = await sandbox.receive(**of("甲", "+8613700000001"))
    other = await sandbox.receive(**of("乙", "+8613700000002"))
    for id in (one["id"], other["id"]):
        classified = await sandbox.step("li-min", id, "classify", severity="general", category="other")
        assert classified["severity"] == "general"
    assert (await corrected(sandbox, other["id"], name="甲", phone="+8613700000001"))["severity"] == "major"


@pytest.mark.parametrize(
    ("body", "slug", "pointer"),
    [
        ({"phone": RIGHT}, "invalid-body", "/reason"),
        ({**WHY, "phone": "12"}, "invalid-body", "/phone"),
        ({**WHY, "email": "a@b@c"}, "invalid-body", "/email"),
        ({**WHY, "name": "  "}, "invalid-body", "/name"),
        ({**WHY, "name": "a\nb"}, "invalid-body", "/name"),
        ({**WHY, "remove": ["phones"]}, "invalid-body", "/remove/0"),
        ({**WHY, "phone": RIGHT, "remove": ["phone"]}, None, "/phone"),
        ({**WHY, "anonymous": True}, "invalid-body", "/anonymous"),
    ],
)
async def test_what_is_not_valid_is_named(
    sandbox: Desk, body: dict[str, Any], slug: str | None, pointer: str
) -> None:
    id = (await sandbox.receive())["id"]
    found = problem(await sandbox.post("li-min", f"/v1/complaints/{id}/correct-complainant", body), 422)
    assert pointer in {wrong["pointer"] for wrong in found["errors"]}
    assert done(await sandbox.get("li-min", f"/v1/complaints/{id}"))["version"] == 1


async def test_nobody_else_corrects_and_what_is_confidential_stays_in_its_circle(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    for who in ("zhou-qi", "he-ping", "chen-li", "partner-bank", "softphone", "admin"):
        await sandbox.refused(403, who, id, "correct-complainant", **WHY, phone=RIGHT)
        await sandbox.refused(403, who, id, "correct-subject", **WHY, subject="别的")


async def test_no_dump_names_the_corrected_either(sandbox: Desk, database: str) -> None:
    id = (await sandbox.receive(**MATTER))["id"]
    await corrected(sandbox, id, name="欧阳修远", phone=RIGHT, email="xiuyuan@example.com", address="滁州路 9 号")
    await sandbox.step("li-min", id, "correct-subject", subject="独一无二的主题", reason="写错了")
    await sandbox.caught_up()
    dump = await dump_of(database)
    for personal in ("欧阳修远", RIGHT, "13911112222", "xiuyuan", "滁州路 9 号", "独一无二的主题", "号码记错了"):
        for form in forms(personal):
            assert [table for table, rows in dump.items() if form in rows] == [], personal
