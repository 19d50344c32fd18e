"""How much of a person each role sees: in the complaint, its history, and the lists and their exports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON: dict[str, Any] = {
    "name": "欧阳梦露", "phone": "+8613912345678", "email": "menglu@example.com", "address": "和平路甲5号",
    "customer_no": "C-778899",
}  # fmt: skip
IDENTIFYING = ["欧阳梦露", "13912345678", "912345678", "menglu", "和平路", "C-778899"]
TEXTS = ["入金未到账投诉", "周五汇出的款项", "要求书面致歉", "先行核对流水"]

SEES_ALL = ["li-min", "zhao-jing", "qian-hui", "sun-wei", "he-ping"]
SEES_TEXTS = ["zhou-qi", "chen-li", "admin"]
SEES_NOTHING = ["softphone", "partner-bank"]


async def taken(desk: Desk) -> str:
    complaint = await desk.receive(
        complainant=PERSON, subject=TEXTS[0], content=TEXTS[1], wants=TEXTS[2], facts={"account_no": "88001234"}
    )
    id: str = complaint["id"]
    await desk.general(id)
    await desk.step("li-min", id, "draft-opinion", text=TEXTS[3])
    await desk.step("li-min", id, "dispatch", units=["settlement"])
    await desk.caught_up()
    return id


async def everything(desk: Desk, who: str, id: str) -> str:
    """All that a person can read of a complaint, as one text."""
    paths = (f"/v1/complaints/{id}", f"/v1/complaints/{id}/history", f"/v1/audit/events?complaint={id}")
    answers = [await desk.get(who, path) for path in (*paths, "/v1/tracking?limit=200", "/v1/sla?limit=200")]
    answers += [await desk.get(who, path, headers={"Accept": "text/csv"}) for path in ("/v1/tracking", "/v1/sla")]
    answers.append(await desk.get(who, "/v1/audit/events", headers={"Accept": "application/x-ndjson"}))
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.text for answer in answers)


@pytest.mark.parametrize("who", SEES_ALL)
async def test_those_who_deal_with_customers_see_all(house: Desk, who: str) -> None:
    id = await taken(house)
    complaint = done(await house.get(who, f"/v1/complaints/{id}"))
    assert complaint["complainant"] == {**PERSON, "anonymous": False}
    assert [complaint[name] for name in ("subject", "content", "wants")] == TEXTS[:3]
    assert complaint["opinion"]["text"] == TEXTS[3]


@pytest.mark.parametrize("who", SEES_TEXTS)
async def test_units_quality_and_administrators_see_what_was_said_and_not_by_whom(house: Desk, who: str) -> None:
    id = await taken(house)
    seen = await everything(house, who, id)
    assert [word for word in IDENTIFYING if word in seen] == []
    complaint = done(await house.get(who, f"/v1/complaints/{id}"))
    assert complaint["complainant"] == {
        "name": "欧***", "phone": "+86139****5678", "email": "m***", "address": "***", "customer_no": "***99",
        "anonymous": False,
    }  # fmt: skip
    assert [complaint[name] for name in ("subject", "content", "wants")] == TEXTS[:3]


@pytest.mark.parametrize("who", SEES_NOTHING)
async def test_partners_and_systems_see_neither(house: Desk, who: str) -> None:
    id = await taken(house)
    seen = await everything(house, who, id)
    assert [word for word in (*IDENTIFYING, *TEXTS, "88001234") if word in seen] == []
    complaint = done(await house.get(who, f"/v1/complaints/{id}"))
    assert (complaint["subject"], complaint["facts"], complaint["status"]) == ("***", {}, "dispatched")


async def test_two_complaints_of_one_person_are_not_shown_to_be_of_one(house: Desk) -> None:
    id = await taken(house)
    recognised = done(await house.get("li-min", f"/v1/complaints/{id}/history"))["items"][0]["data"]["complainant_id"]
    assert recognised not in await everything(house, "zhou-qi", id)
