"""Who may do what: roles and steps, the reach of units, and recusal at every door."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.http.desk import Desk, complaint, done, problem
from tests.http.samples import NOBODYS, bodies
from tests.spec import KEPT_ISSUE_POINT

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES = {
    "agent": "li-min", "manager": "zhao-jing", "board-office": "qian-hui", "general-manager": "sun-wei",
    "unit": "zhou-qi", "quality": "chen-li", "auditor": "he-ping", "integration": "softphone",
    "partner": "partner-bank",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_takes_the_steps_that_the_procedure_gives_it_and_no_other(house: Desk, role: str) -> None:
    steps = done(await house.get("admin", "/v1/procedures/kf0001"))["steps"]
    id, who = (await house.dispatched("settlement"))["id"], ROLES[role]
    allowed = done(await house.get(who, f"/v1/complaints/{id}"))["allowed"]
    refused = set()
    for step in sorted(steps.keys() - {"receive"}):  # in one order: what was handed over, one person accepts
        answer = await house.post(who, f"/v1/complaints/{id}/{step}", bodies()[step])
        if answer.status_code == 403:
            problem(answer, 403, "role-forbids")
            refused.add(step)
    assert refused == {step for step, roles in steps.items() if role not in roles} - {"receive"}
    assert not refused.intersection(allowed)


async def test_complaints_are_taken_down_by_the_roles_that_the_procedure_names(house: Desk) -> None:
    for who in ("li-min", "zhao-jing", "softphone"):
        done(await house.post(who, "/v1/complaints", complaint()), 201)
    for who in ("qian-hui", "zhou-qi", "chen-li", "he-ping", "partner-bank", "admin"):
        problem(await house.post(who, "/v1/complaints", complaint()), 403, "role-forbids")


async def test_a_step_that_the_procedure_does_not_have_is_refused_to_everybody(house: Desk) -> None:
    id = (await house.receive())["id"]
    for step in ("agree-solution", "return"):
        problem(await house.post("admin", f"/v1/complaints/{id}/{step}", bodies()[step]), 409, "step-not-in-procedure")


async def test_a_unit_sees_and_answers_what_was_sent_to_it_and_nothing_else(house: Desk) -> None:
    id = (await house.dispatched("settlement"))["id"]
    assert done(await house.get("zhou-qi", f"/v1/complaints/{id}"))["status"] == "dispatched"
    for path in ("", "/history", "/clocks/unit-answers/explanation"):
        problem(await house.get("feng-yu", f"/v1/complaints/{id}{path}"), 403, "not-sent-to-your-unit")
    problem(await house.post("feng-yu", f"/v1/complaints/{id}/confirm-opinion"), 403, "not-sent-to-your-unit")
    refusal = await house.post("zhou-qi", f"/v1/complaints/{id}/confirm-opinion", {"unit": "trading"})
    problem(refusal, 403, "not-for-another-unit")
    await house.caught_up()
    assert id in await listed(house, "zhou-qi", id)
    assert id not in await listed(house, "feng-yu", id)


async def test_a_member_of_no_unit_sees_nothing(house: Desk) -> None:
    await house.key_of_before("stray", "unit", unit="settlement")
    async with house.service.access.directory.changing() as change:  # as nobody can become any more
        await change.record("stray", {"unit": None}, by="root", at=house.service.now())
    id = (await house.dispatched("settlement"))["id"]
    problem(await house.get("stray", f"/v1/complaints/{id}"), 403, "role-forbids")
    problem(await house.post("stray", f"/v1/complaints/{id}/confirm-opinion"), 403)


async def test_a_role_that_no_procedure_knows_sees_nothing(house: Desk) -> None:
    await house.key_of_before("guest", "gardener")
    id = (await house.receive())["id"]
    for path in (f"/v1/complaints/{id}", "/v1/tracking", "/v1/sla", "/v1/sla/summary", "/v1/audit/events"):
        problem(await house.get("guest", path), 403, "role-forbids")


@pytest.mark.parametrize("who", ["agent-7", "zhou-qi", "sun-wei", "he-ping"])
async def test_whoever_is_named_in_a_complaint_can_neither_see_nor_handle_it_by_any_door(house: Desk, who: str) -> None:
    dispatched = await house.dispatched("settlement")
    id = dispatched["id"]
    await house.step("li-min", id, "name-accused", people=[who])
    for path in (
        "",
        "/history",
        "/clocks/unit-answers/explanation",
        "?version=1",
        f"?as_of={dispatched['received_at']}",
    ):
        problem(await house.get(who, f"/v1/complaints/{id}{path}"), 403, "recused")
    for step, body in bodies().items():
        problem(await house.post(who, f"/v1/complaints/{id}/{step}", body), 403, "recused")
    await house.caught_up()
    assert id not in await listed(house, who, id)
    assert id in await listed(house, "li-min", id)


async def test_a_person_who_is_named_cannot_reach_the_complaint_through_another_one(house: Desk) -> None:
    hidden = (await house.receive(accused=["agent-7"]))["id"]
    own = (await house.receive("agent-7"))["id"]
    refusal = await house.refused(422, "agent-7", own, "link", complaints=[hidden])
    assert refusal["type"] == "/problems/unknown-complaint"  # exactly as one that does not exist
    assert (await house.step("li-min", own, "link", complaints=[hidden]))["linked"][0]["id"] == hidden


async def test_a_link_shows_on_both_sides_and_once(house: Desk) -> None:
    own, other = await house.receive(), await house.receive()
    for _ in range(2):
        await house.step("li-min", own["id"], "link", complaints=[other["id"]], relation="duplicate")
    back = done(await house.get("li-min", f"/v1/complaints/{other['id']}"))
    assert [one["number"] for one in back["linked"]] == [own["number"]]
    items = done(await house.get("li-min", f"/v1/complaints/{other['id']}/history"))["items"]
    told = [event["data"]["relation"] for event in items if event["type"] == "ComplaintsLinked"]
    assert told == ["duplicate"]
    assert (await house.step("li-min", other["id"], "link", complaints=[own["id"]]))["version"] == back["version"]


async def test_a_wrong_link_is_taken_back_on_both_sides_with_its_reason(house: Desk) -> None:
    own, other = (await house.receive())["id"], (await house.receive())["id"]
    await house.step("li-min", own, "link", complaints=[other])
    refusal = await house.refused(422, "agent-7", own, "unlink", complaints=[NOBODYS], reason="x")
    assert refusal["type"] == "/problems/unknown-complaint"
    for _ in range(2):
        unlinked = await house.step("agent-7", other, "unlink", complaints=[own], reason="不是同一客户")
        assert unlinked["linked"] == []
    assert done(await house.get("li-min", f"/v1/complaints/{own}"))["linked"] == []
    last = [done(await house.get("li-min", f"/v1/complaints/{id}/history"))["items"][-1] for id in (other, own)]
    assert [(one["type"], one["actor"]["id"], one["data"]["reason"]) for one in last] == [
        ("ComplaintsUnlinked", "agent-7", "不是同一客户"), ("ComplaintsUnlinked", "system", None),
    ]  # fmt: skip
    assert "unlink" not in unlinked["allowed"]


async def test_a_person_who_is_named_does_not_learn_of_the_complaint_from_one_that_is_linked_to_it(house: Desk) -> None:
    hidden, seen = await house.receive(accused=["agent-7"]), await house.receive()
    own = (await house.receive())["id"]
    linked = await house.step("li-min", own, "link", complaints=[hidden["id"], seen["id"]])
    assert [other["number"] for other in linked["linked"]] == [hidden["number"], seen["number"]]
    await house.caught_up()
    for who, shown in (("li-min", [hidden["id"], seen["id"]]), ("agent-7", [seen["id"]]), ("zhao-jing", None)):
        shown = shown or [hidden["id"], seen["id"]]
        complaint = done(await house.get(who, f"/v1/complaints/{own}"))
        assert [other["id"] for other in complaint["linked"]] == shown
        event = done(await house.get(who, f"/v1/complaints/{own}/history"))["items"][-1]
        assert [other["id"] for other in event["data"]["complaints"]] == shown
        audited = done(await house.get(who, f"/v1/audit/events?complaint={own}"))["items"][-1]
        assert audited["data"] == event["data"]
    noted = await house.step("agent-7", own, "add-note", text="x")
    assert [other["id"] for other in noted["linked"]] == [seen["id"]]
    for path in (f"/v1/complaints/{own}", f"/v1/complaints/{own}/history", f"/v1/audit/events?complaint={own}"):
        text = (await house.get("agent-7", path)).text
        assert hidden["id"] not in text
        assert hidden["number"] not in text


async def test_a_raise_names_the_complaints_it_follows_from_to_those_alone_who_may_see_them(house: Desk) -> None:
    body = {"severity": "general", "category": "other", "issue_point": KEPT_ISSUE_POINT}
    hidden = await house.receive(accused=["agent-7"])
    await house.step("li-min", hidden["id"], "classify", **body)
    for _ in range(4):
        raised = await house.step("li-min", (await house.receive())["id"], "classify", **body)
    assert raised["severity"] == "severe"
    path = f"/v1/complaints/{raised['id']}/history"
    for who, count in (("li-min", 4), ("agent-7", 3)):
        history = done(await house.get(who, path))["items"]
        event = next(event for event in history if event["type"] == "SeverityRaised")
        assert len(event["data"]["others"]) == count
        assert (hidden["number"] in json.dumps(event)) is (who == "li-min")


async def test_a_unit_sees_of_the_linked_complaints_those_that_were_sent_to_it(house: Desk) -> None:
    theirs, other = (await house.dispatched("settlement"))["id"], (await house.dispatched("trading"))["id"]
    own = (await house.dispatched("settlement"))["id"]
    await house.step("li-min", own, "link", complaints=[theirs, other])
    seen = done(await house.get("zhou-qi", f"/v1/complaints/{own}"))["linked"]
    assert [complaint["id"] for complaint in seen] == [theirs]


async def test_a_person_named_later_is_not_given_the_first_answer_again(house: Desk) -> None:
    key = {"Idempotency-Key": "recused-later"}
    taken = done(await house.post("agent-7", "/v1/complaints", complaint(), headers=key), 201)
    note = {"Idempotency-Key": "recused-note"}
    path = f"/v1/complaints/{taken['id']}/add-note"
    done(await house.post("agent-7", path, {"text": "x"}, headers=note))
    await house.step("li-min", taken["id"], "name-accused", people=["agent-7"])
    problem(await house.post("agent-7", "/v1/complaints", complaint(), headers=key), 403, "recused")
    problem(await house.post("agent-7", path, {"text": "x"}, headers=note), 403, "recused")


async def test_nobody_takes_down_a_complaint_about_themselves_or_comes_to_own_it(house: Desk) -> None:
    problem(await house.post("li-min", "/v1/complaints", complaint(accused=["li-min"])), 403, "recused")
    id = (await house.receive(accused=["agent-7"]))["id"]
    problem(await house.post("li-min", f"/v1/complaints/{id}/assign", {"to": "agent-7"}), 409, "owner-is-accused")


async def test_whoever_names_themselves_gets_a_receipt_and_no_more(house: Desk) -> None:
    id = (await house.receive())["id"]
    receipt = await house.step("agent-7", id, "name-accused", people=["agent-7"])
    assert set(receipt) == {"id", "number", "version", "position", "status", "status_page", "allowed"}
    problem(await house.get("agent-7", f"/v1/complaints/{id}"), 403, "recused")


async def listed(desk: Desk, who: str, id: str) -> set[str]:
    """What a person finds of a complaint in all the lists, exports included."""
    found = set()
    answers: list[httpx.Response] = []
    for path in ("/v1/tracking", "/v1/sla", f"/v1/audit/events?complaint={id}"):
        answers.append(await desk.get(who, path + ("&" if "?" in path else "?") + "limit=200"))
        answers.append(await desk.get(who, path, headers={"Accept": "text/csv"}))
    answers.append(await desk.get(who, "/v1/audit/events", headers={"Accept": "application/x-ndjson"}))
    for answer in answers:
        assert answer.status_code == 200, answer.text
        if id in answer.text:
            found.add(id)
    return found
