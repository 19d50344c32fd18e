"""What units do and may not do, over REST: accepting by answering, sent back, made liable, each its own time."""

from __future__ import annotations

from typing import Any, Final

from tests.http.desk import Desk, pointers
from tests.stories.staff import employ, look
from tests.stories.telling import at, clock, state

# A body that would be taken of a unit that had the case, for each step that a department of the hotline has.
OF_A_DEPARTMENT: Final[dict[str, dict[str, Any]]] = {
    "accept": {},
    "return": {"ground": "不归我局", "legal_basis": "职责表"},
    "report-progress": {"text": "已派人"},
    "execute": {"measure": "已办"},
    "attach": {"name": "照片", "kind": "picture", "reference": "https://store.example.com/1"},
}
OF_A_UNIT_IN_GENERAL: Final[dict[str, dict[str, Any]]] = {
    "agree-solution": {"text": "退款", "agreed": True},
    "propose-compensation": {"basis": "退款", "method": "credit", "amount": "10.00"},
    "record-apology": {"by": ["agent-9"], "leader": "zhao-jing", "means": "phone", "text": "抱歉"},
    "escalate": {"to_role": "manager", "reason": "无人回复"},
    "report-interim-measure": {"text": "先行垫付"},
}
HOUSING: Final[dict[str, tuple[str, str | None]]] = {"lu-fang": ("unit", "housing"), "gu-jun": ("unit", "market")}


async def hotline(desk: Desk, *units: str) -> str:
    await employ(desk, HOUSING)
    await at(desk, "03-02 09:00")
    id: str = (await desk.receive("li-min", procedure="hotline-12345", kind="complaint"))["id"]
    await desk.step("li-min", id, "classify", category="housing")
    await desk.step("li-min", id, "dispatch", units=list(units))
    return id


async def test_a_department_that_executed_without_pressing_accept_gets_no_yellow_card(sandbox: Desk) -> None:
    id = await hotline(sandbox, "housing")
    await at(sandbox, "03-03 09:00")
    complaint = await sandbox.step("lu-fang", id, "execute", measure="已维修")
    assert state(complaint, "accept", "housing") == "met"
    await at(sandbox, "03-10 09:00")
    complaint = await look(sandbox, id)
    assert {row["state"] for row in complaint["clocks"] if row["name"] in ("accept", "handle")} == {"met"}


async def test_the_platform_accepts_by_telephone_and_names_the_department_of_two(sandbox: Desk) -> None:
    id = await hotline(sandbox, "housing", "market")
    refusal = await sandbox.refused(422, "li-min", id, "accept")
    assert refusal["type"] == "/problems/unit-must-be-named"
    complaint = await sandbox.step("li-min", id, "accept", unit="market")
    assert clock(complaint, "accept", "market")["state"] == "met"
    refusal = await sandbox.refused(422, "zhao-jing", id, "execute", measure="已办")
    assert pointers(refusal) == ["/unit"]
    complaint = await sandbox.step("zhao-jing", id, "execute", measure="已办", unit="housing")
    assert [(one["unit"], one["measure"]) for one in complaint["measures"]] == [("housing", "已办")]


async def test_a_department_that_sent_the_case_back_reads_it_and_may_add_a_note(sandbox: Desk) -> None:
    id = await hotline(sandbox, "housing", "market")
    await sandbox.step("lu-fang", id, "return", ground="不归我局", legal_basis="职责表")
    for step, body in OF_A_DEPARTMENT.items():
        refusal = await sandbox.refused(409, "lu-fang", id, step, **body)
        assert refusal["type"] == "/problems/returned-by-this-unit", step
    await sandbox.refused(409, "zhao-jing", id, "accept", unit="housing")
    complaint = await look(sandbox, id, "lu-fang")
    assert complaint["allowed"] == ["add-note"]
    await sandbox.step("lu-fang", id, "add-note", text="应由市场监管局办理")


async def test_in_the_general_procedure_it_neither_agrees_nor_proposes_money_nor_apologises(sandbox: Desk) -> None:
    for who in ("zhou-qi", "wu-hao"):
        await sandbox.key_of(who)
    id = (await sandbox.receive("li-min", procedure="general", kind="complaint", facts={}))["id"]
    await sandbox.step("li-min", id, "classify", severity="complex", category="other")
    await sandbox.step("li-min", id, "dispatch", units=["settlement", "risk-control"])
    await sandbox.step("zhou-qi", id, "return", ground="不归我部", legal_basis="职责表")
    for step, body in OF_A_UNIT_IN_GENERAL.items():
        refusal = await sandbox.refused(409, "zhou-qi", id, step, **body)
        assert refusal["type"] == "/problems/returned-by-this-unit", step


async def test_a_ruling_asks_the_unit_that_it_makes_liable(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    await sandbox.step("zhou-qi", id, "dispute-opinion", reason="风控部拦截")
    await sandbox.refused(403, "wu-hao", id, "report-progress", text="…")
    liability = [{"unit": "settlement", "percent": 30}, {"unit": "risk-control", "percent": 70}]
    complaint = await sandbox.step("qian-hui", id, "issue-ruling", outcome="upheld", text="维持", liability=liability)
    assert [row["unit"] for row in complaint["units"]] == ["settlement", "risk-control"]
    assert clock(complaint, "execute", "risk-control")["state"] == "running"
    assert "execute" in (await look(sandbox, id, "wu-hao"))["allowed"]
    complaint = await sandbox.step("zhou-qi", id, "execute", measure="补入账")
    assert complaint["status"] == "executing"
    complaint = await sandbox.step("wu-hao", id, "execute", measure="放行")
    assert complaint["status"] == "executed"


async def test_a_unit_extends_its_own_time_by_its_own_measure_and_not_the_whole_case(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement", "risk-control"))["id"]
    await sandbox.step("zhou-qi", id, "report-interim-measure", text="先行垫付")
    later = {"until": "2026-03-04T18:00:00+08:00", "reason": "等银行"}
    refusal = await sandbox.refused(403, "zhou-qi", id, "extend", clock="whole-case", **later)
    assert refusal["type"] == "/problems/not-your-clock"
    refusal = await sandbox.refused(409, "wu-hao", id, "extend", clock="unit-answers", **later)
    assert refusal["type"] == "/problems/interim-measure-missing"
    complaint = await sandbox.step("zhou-qi", id, "extend", clock="unit-answers", **later)
    assert clock(complaint, "unit-answers", "settlement")["due_at"] == "2026-03-04T10:00:00Z"
    assert clock(complaint, "unit-answers", "risk-control")["due_at"] == "2026-03-03T16:00:00Z"


async def test_who_confirms_a_revision_that_was_replaced_is_refused(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    await sandbox.step("zhou-qi", id, "dispute-opinion", reason="银行的责任", revision=1)
    whole = [{"unit": "settlement", "percent": 100}]
    await sandbox.step("qian-hui", id, "issue-ruling", outcome="overturned", text="改", liability=whole)
    await sandbox.step("li-min", id, "revise-opinion", text="改为三日内补入账")
    refusal = await sandbox.refused(409, "zhou-qi", id, "confirm-opinion", revision=1)
    assert refusal["type"] == "/problems/not-the-present-revision"
    complaint = await sandbox.step("zhou-qi", id, "confirm-opinion", revision=2)
    assert complaint["status"] == "executing"
