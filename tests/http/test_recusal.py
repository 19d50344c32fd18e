"""当事人回避: whoever is accused is kept out, however they were spelled, also where they were called by their name."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.http.desk import Desk, done, problem
from tests.http.samples import bodies

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO: Final = "agent-7"  # 王静
SPELLINGS: Final = (
    "Ａgent-7 ", "AGENT\u200b-7", " agent-7", "agent\u20107", "Agent－７", "agent-7\ufeff", "ａｇｅｎｔ－７",
    "\u2066agent-7\u2069", "王静", " 王静\u200b", "王静\u3000",
)  # fmt: skip
LISTS: Final = (
    "/v1/tracking", "/v1/sla", "/v1/obligations", "/v1/audit/events", "/v1/notifications",
    "/v1/indicators/volume/events",
)  # fmt: skip
FILES: Final = (
    ("/v1/tracking", "text/csv"), ("/v1/sla", "text/csv"), ("/v1/audit/events", "application/x-ndjson"),
    ("/v1/audit/events", "text/csv"), ("/v1/indicators/volume/events", "text/csv"),
    ("/v1/reports/kf0001/monthly/{month}", "text/csv"),
)  # fmt: skip


async def everything_listed(desk: Desk, who: str) -> str:
    """What all lists, feeds and files say to them."""
    month = desk.service.now().strftime("%Y-%m")
    found = []
    for path in (*LISTS, f"/v1/reports/kf0001/monthly/{month}"):
        cursor: Any = ""
        while cursor is not None:
            answer = await desk.get(who, f"{path}?limit=200" + (f"&cursor={cursor}" if cursor else ""))
            cursor = done(answer)["next_cursor"]
            found.append(answer.text)
    found.append((await desk.get(who, "/v1/due-work")).text)
    for path, form in FILES:
        answer = await desk.get(who, path.format(month=month), headers={"Accept": form})
        assert answer.status_code == 200
        found.append(answer.text)
    return "\n".join(found)


async def assert_kept_out(desk: Desk, id: str, number: str) -> None:
    for path in ("", "/history", "?version=1", "/clocks/unit-answers/explanation"):
        problem(await desk.get(WHO, f"/v1/complaints/{id}{path}"), 403, "recused")
    for step, body in bodies().items():
        problem(await desk.post(WHO, f"/v1/complaints/{id}/{step}", body), 403, "recused")
    await desk.caught_up()
    assert number not in (listed := await everything_listed(desk, WHO))
    assert id not in listed
    assert number in await everything_listed(desk, "zhao-jing")


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_whoever_is_accused_in_any_spelling_is_kept_out_of_everything(house: Desk, spelling: str) -> None:
    await house.key_of(WHO)
    taken = await house.dispatched("settlement", accused=[spelling])
    assert taken["accused"][-1] == WHO
    assert taken["accused_unmatched"] == []
    await assert_kept_out(house, taken["id"], taken["number"])
    for step in ("assign", "hand-over"):
        refusal = await house.refused(409, "li-min", taken["id"], step, to=WHO)
        assert refusal["type"] == "/problems/owner-is-accused"


@pytest.mark.parametrize("spelling", ["AGENT\u200b-7", "王静"])
async def test_whoever_is_named_later_is_kept_out_and_owns_it_no_more(house: Desk, spelling: str) -> None:
    taken = await house.dispatched("settlement")
    await house.key_of(WHO)
    await house.step("zhao-jing", taken["id"], "assign", to=WHO)
    named = await house.step("li-min", taken["id"], "name-accused", people=[spelling])
    assert (named["owner"]["actor"], named["accused_unmatched"]) == (None, [])
    await assert_kept_out(house, taken["id"], taken["number"])


async def test_whoever_names_themselves_by_their_name_takes_nothing_down(house: Desk) -> None:
    await house.key_of("li-min")
    body = {"procedure": "kf0001", "channel": "phone", "complainant": {"name": "张三"}, "subject": "态度差",
            "content": "态度差", "accused": ["李敏"], "facts": {"order_no": "R-1"}}  # fmt: skip
    problem(await house.post("li-min", "/v1/complaints", body), 403, "recused")


async def test_who_is_nobody_or_one_of_several_is_flagged(house: Desk) -> None:
    for id in ("wang-wei-1", "wang-wei-2"):
        done(await house.post("admin", "/v1/keys", {"id": id, "name": "王伟", "roles": ["agent"]}), 201)
    taken = await house.receive(accused=["前台小刘", "王伟", "agent-7"])
    assert taken["accused"] == ["前台小刘", "王伟", "agent-7"]
    assert taken["accused_unmatched"] == ["前台小刘", "王伟"]
    named = await house.step("li-min", taken["id"], "name-accused", people=["wang-wei-2"])
    assert named["accused_unmatched"] == ["前台小刘"]


async def test_a_fault_graded_by_name_stands_in_the_record_of_the_person(house: Desk) -> None:
    await house.key_of(WHO)
    taken = await house.receive(procedure="agent-fault", issue_point="graded", force=True)
    await house.step("li-min", taken["id"], "classify", category="answer")
    await house.step("chen-li", taken["id"], "grade-fault", agent="王静", grade=2, findings="答错")
    record = done(await house.get("chen-li", "/v1/audit/events?agent=agent-7"))["items"]
    assert [item["complaint_id"] for item in record] == [taken["id"]]
    problem(await house.get(WHO, f"/v1/complaints/{taken['id']}"), 403, "recused")


async def test_whoever_sees_no_texts_cannot_tell_that_somebody_is_accused(house: Desk) -> None:
    """Not who, and not that there is anybody: neither by a limit nor by what is owed, nor by what happened last."""
    id = (await house.receive(accused=["赵六"]))["id"]
    await house.step("li-min", id, "name-accused", people=["钱七"])
    await house.step("zhao-jing", id, "match-accused", accused="赵六", person=None, reason="查无此人")
    await house.caught_up()
    partner = done(await house.get("partner-bank", f"/v1/complaints/{id}"))
    assert (partner["accused"], partner["accused_unmatched"]) == ([], [])
    for path in (f"/v1/complaints/{id}", f"/v1/complaints/{id}/history"):
        assert await tells_of_accused(house, "partner-bank", path) == []
        assert await tells_of_accused(house, "chen-li", path) != []
    problem(await house.get("partner-bank", f"/v1/complaints/{id}/clocks/match-accused/explanation"), 404)
    lists = (
        "/v1/sla?clock=match-accused", f"/v1/obligations?complaint={id}", f"/v1/audit/events?complaint={id}",
        "/v1/tracking", "/v1/audit/events?type=AccusedNamed", "/v1/audit/events?type=AccusedMatched",
    )  # fmt: skip
    for path in lists:
        assert await tells_of_accused(house, "partner-bank", path) == [], path
        assert await tells_of_accused(house, "chen-li", path) != [], path
    types = [one["type"] for one in done(await house.get("partner-bank", f"/v1/complaints/{id}/history"))["items"]]
    assert types.count("Withheld") == 2
    assert done(await house.get("partner-bank", "/v1/audit/events?type=AccusedNamed"))["items"] == []


async def tells_of_accused(desk: Desk, who: str, path: str) -> list[str]:
    text = (await desk.get(who, path)).text
    return [word for word in ("match-accused", "AccusedNamed", "AccusedMatched", "赵六", "钱七") if word in text]
