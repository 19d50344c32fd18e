"""待办: who owes what until when, as each of them sees it, through the reference story."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.http.desk import Desk, done
from tests.stories import test_market_30min as market
from tests.stories.staff import look
from tests.stories.telling import at
from tests.stories.test_told_in_the_console import told

Owed = dict[str, tuple[str, str | None]]


async def owed_by(desk: Desk, who: str, owed: str = "me", **wanted: Any) -> Owed:
    """What waits to be done: who owes it, and until when, by its name."""
    query = urlencode({"owed_by": owed, "waiting": "true", **wanted})
    await desk.caught_up()
    rows = done(await desk.get(who, f"/v1/obligations?{query}"))["items"]
    return {row["name"]: (_ower(row), row["due_at"]) for row in rows}


def _ower(row: dict[str, Any]) -> str:
    [(kind, code)] = [(kind, code) for kind, code in row["owed_by"].items() if code is not None]
    return f"{kind}:{code}"


async def test_each_sees_what_they_owe_as_soon_as_it_arises_and_until_it_is_done(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:05")
    id = (await sandbox.receive("li-min", issue_point="deposit-delay"))["id"]
    await sandbox.step("li-min", id, "classify", severity="general", category="process.deposit")
    assert (await owed_by(sandbox, "li-min"))["record-out"] == ("person:li-min", "2026-03-03T16:00:00Z")
    await sandbox.step("li-min", id, "draft-opinion", text="当日查明入金。")
    await sandbox.step("li-min", id, "dispatch", units=["settlement", "risk-control"])
    for who, unit in (("zhou-qi", "settlement"), ("wu-hao", "risk-control")):
        assert await owed_by(sandbox, who) == {"unit-answers": (f"unit:{unit}", "2026-03-03T16:00:00Z")}
    assert "record-out" not in await owed_by(sandbox, "li-min")
    await sandbox.step("zhou-qi", id, "confirm-opinion")
    assert await owed_by(sandbox, "zhou-qi") == {}
    await sandbox.step("wu-hao", id, "confirm-opinion")
    assert (await owed_by(sandbox, "zhou-qi"))["execute"][0] == "unit:settlement"
    await sandbox.step("zhou-qi", id, "execute", measure="已入账")
    assert (await owed_by(sandbox, "zhou-qi"), list(await owed_by(sandbox, "wu-hao"))) == ({}, ["execute"])
    assert not {"answer-customer", "callback"} & (await owed_by(sandbox, "li-min")).keys(), "not before the last"
    complaint = await sandbox.step("wu-hao", id, "execute", measure="已说明")
    mine = await owed_by(sandbox, "li-min")
    assert {"answer-customer", "callback"} <= mine.keys()
    assert mine["answer-customer"] == ("person:li-min", "2026-03-03T16:00:00Z")
    assert (await owed_by(sandbox, "zhao-jing"))["effect-confirmed"][0] == "role:manager"
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="入账")
    waiting = {row["name"]: row["due_at"] for row in complaint["obligations"] if row["state"] == "open"}
    needs = [name for name, due_at in waiting.items() if due_at is None or name == "answer-customer"]
    assert len(needs) == len(refusal["missing"])  # the close waits for nothing that is not on somebody's list


async def test_a_row_says_what_to_do_and_where(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:05")
    id = (await sandbox.receive("li-min", issue_point="deposit-delay"))["id"]
    complaint = await sandbox.step("li-min", id, "classify", severity="minor", category="service")
    [row] = [row for row in complaint["obligations"] if row["name"] == "settle"]
    assert (row["step"], row["link"]) == ("settle", f"/v1/complaints/{id}/settle")
    assert row["titles"] == {"zh": "轻微投诉当天解决", "en": "Minor complaint settled"}
    assert (row["state"], row["met_at"], row["number"]) == ("open", None, complaint["number"])
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明", accepted=True)
    [again] = [row for row in complaint["obligations"] if row["name"] == "settle"]
    assert (again["id"], again["state"], again["met_at"]) == (row["id"], "met", complaint["closed_at"])


async def test_the_list_is_narrowed_by_ower_state_procedure_complaint_and_time(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:05")
    id = (await sandbox.receive("li-min", issue_point="deposit-delay"))["id"]
    await sandbox.step("li-min", id, "classify", severity="general", category="process.deposit")
    until = {"due_before": "2026-03-04T00:00:00Z"}
    for narrowed in ({"complaint": id}, {"procedure": "kf0001"}, {"state": "open"}, until):
        assert "record-out" in await owed_by(sandbox, "li-min", "person:li-min", **narrowed)
    for nothing in ({"procedure": "courier"}, {"state": "met"}, {"due_before": "2026-03-03T16:00:00Z"}):
        assert "record-out" not in await owed_by(sandbox, "li-min", "person:li-min", **nothing)
    assert await owed_by(sandbox, "li-min", "unit:settlement") == {}
    assert (await sandbox.get("li-min", "/v1/obligations?owed_by=everybody")).status_code == 422
    csv = (await sandbox.get("li-min", "/v1/obligations", headers={"Accept": "text/csv"})).text
    assert "Handling record sent" in csv


async def test_a_unit_sees_what_is_owed_of_its_own_cases_alone(sandbox: Desk) -> None:
    await sandbox.receive("li-min", issue_point="deposit-delay")
    assert await owed_by(sandbox, "zhou-qi", "person:li-min") == {}


async def test_what_somebody_owed_who_left_is_owed_by_their_role_and_told_to_it(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:05")
    for who in ("agent-7", "li-min", "zhou-qi"):
        await sandbox.key_of(who)
    id = (await sandbox.receive("agent-7", issue_point="deposit-delay"))["id"]
    await sandbox.step("agent-7", id, "classify", severity="general", category="process.deposit")
    await sandbox.step("agent-7", id, "draft-opinion", text="当日查明入金。")
    assert "record-out" not in await owed_by(sandbox, "li-min", complaint=id)
    assert (await sandbox.ask("admin", "DELETE", "/v1/keys/agent-7")).status_code == 204
    assert (await owed_by(sandbox, "li-min", complaint=id))["record-out"][0] == "role:agent"
    assert "record-out" in await owed_by(sandbox, "admin", "role:agent", complaint=id)
    assert "record-out" not in await owed_by(sandbox, "admin", "person:agent-7", complaint=id)
    [row] = [row for row in (await look(sandbox, id))["obligations"] if row["name"] == "record-out"]
    assert row["owed_by"] == {"unit": None, "role": "agent", "person": None}
    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    await sandbox.step("zhou-qi", id, "confirm-opinion")
    await sandbox.step("zhou-qi", id, "execute", measure="已入账")
    assert "Executed" in await told(sandbox, "li-min")


async def test_what_a_unit_s_member_owns_is_not_theirs_where_their_unit_may_not_do_it(sandbox: Desk) -> None:
    """The market department calls back, whoever of a region owns the case."""
    id = await market.with_the_region(sandbox)
    await market.agreed_and_executed(sandbox, id)
    assert "callback" not in await owed_by(sandbox, market.OWNER, complaint=id)
    assert (await owed_by(sandbox, "li-min", complaint=id))["callback"][0] == "role:agent"
    assert "Executed" in await told(sandbox, "li-min")
