"""Left out of the scoring over HTTP, and ratings of departments: by whom, with what, and what that does to figures."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.library import Library
from tests.http.desk import Desk, done, pointers
from tests.stories.staff import employ
from tests.stories.telling import at

STAFF: dict[str, tuple[str, str | None]] = {"jian-cha": ("supervision", None), "fang-wu": ("unit", "housing")}
EXCLUSION = {
    "reason": "台风期间电话中断", "evidence": "通信管理局通报", "unit": "housing", "indicators": ["response-rate"],
}  # fmt: skip


@pytest.fixture
async def hotline(sandbox: Desk) -> Desk:
    await employ(sandbox, STAFF)
    await at(sandbox, "03-02 09:00")
    return sandbox


async def sent_to_housing(desk: Desk) -> str:
    complaint = await desk.receive("li-min", procedure="hotline-12345", facts={})
    id: str = complaint["id"]
    await desk.step("li-min", id, "classify", category="housing")
    await desk.step("li-min", id, "dispatch", units=["housing"])
    return id


async def rates(desk: Desk, who: str = "jian-cha") -> dict[str, Any]:
    await desk.caught_up()
    items = done(await desk.get(who, "/v1/indicators?procedure=hotline-12345&by=unit"))["items"]
    return {one["indicator"]: (one["numerator"], one["denominator"], one["excluded"]) for one in items}


async def test_what_supervision_leaves_out_is_in_no_rate_and_counts_again_when_it_is_taken_back(hotline: Desk) -> None:
    id = await sent_to_housing(hotline)
    assert (await rates(hotline))["response-rate"] == (0, 1, 0)
    complaint = await hotline.step("jian-cha", id, "exclude-from-scoring", **EXCLUSION)
    assert complaint["exclusions"] == [{"unit": "housing", "indicators": ["response-rate"]}]
    assert (await rates(hotline))["response-rate"] == (0, 0, 1)
    assert (await rates(hotline))["volume"] == (1, None, 0)
    complaint = await hotline.step("jian-cha", id, "include-in-scoring", reason="复核后恢复")
    assert complaint["exclusions"] == []
    assert (await rates(hotline))["response-rate"] == (0, 1, 0)


async def test_the_evidence_of_an_exclusion_stands_in_the_history(hotline: Desk) -> None:
    id = await sent_to_housing(hotline)
    await hotline.step("jian-cha", id, "exclude-from-scoring", **EXCLUSION)
    items = done(await hotline.get("jian-cha", f"/v1/complaints/{id}/history"))["items"]
    [event] = [one for one in items if one["type"] == "ExcludedFromScoring"]
    assert (event["data"]["evidence"], event["actor"]["role"]) == ("通信管理局通报", "supervision")


async def test_a_department_never_leaves_itself_out(hotline: Desk) -> None:
    id = await sent_to_housing(hotline)
    await hotline.refused(403, "fang-wu", id, "exclude-from-scoring", **EXCLUSION)


async def test_an_exclusion_without_evidence_is_no_exclusion(hotline: Desk) -> None:
    id = await sent_to_housing(hotline)
    refusal = await hotline.refused(422, "jian-cha", id, "exclude-from-scoring", reason="台风")
    assert pointers(refusal) == ["/evidence"]
    unknown = {**EXCLUSION, "indicators": ["mood"]}
    refusal = await hotline.refused(422, "jian-cha", id, "exclude-from-scoring", **unknown)
    assert (refusal["type"], pointers(refusal)) == ("/problems/unknown-indicator", ["/indicators/0"])


@pytest.mark.parametrize("rated_by", ["instant", "questionnaire", "web", "phone"])
async def test_the_public_rates_a_department_in_one_of_four_ways(hotline: Desk, rated_by: str) -> None:
    id = await sent_to_housing(hotline)
    await hotline.step("fang-wu", id, "accept")
    await hotline.step("fang-wu", id, "execute", measure="已维修")
    rating = {"reached": True, "satisfied": True, "score": 5, "means": "phone", "unit": "housing", "rated_by": rated_by}
    await hotline.step("li-min", id, "record-callback", **rating)
    found = await rates(hotline)
    assert (found["satisfaction-rate"], found["response-rate"]) == ((1, 1, 0), (1, 1, 0))
    events = "/v1/indicators/satisfaction-rate/events?procedure=hotline-12345&unit=housing"
    drilled = done(await hotline.get("jian-cha", events))["items"]
    assert {(one["type"], one["complaint_id"]) for one in drilled} == {("CallbackDone", id)}
    assert {one["counts"] for one in drilled} == {"numerator", "denominator"}


async def test_a_way_of_rating_that_does_not_exist_is_refused(hotline: Desk) -> None:
    id = await sent_to_housing(hotline)
    rating = {"reached": True, "means": "phone", "rated_by": "hearsay"}
    assert pointers(await hotline.refused(422, "li-min", id, "record-callback", **rating)) == ["/rated_by"]


SUPERVISED = sorted(code for code, one in Library.ready().procedures.items() if "supervise" in one.steps)


@pytest.mark.parametrize("code", [code for code in SUPERVISED if code != "kf0001"])
def test_wherever_somebody_supervises_those_who_read_the_matter_leave_it_out_and_no_unit_does(code: str) -> None:
    procedure = Library.ready().procedure(code)
    leave_out = procedure.steps["exclude-from-scoring"]
    assert procedure.steps["include-in-scoring"] == leave_out
    assert {procedure.sees[role] for role in leave_out} <= {"all", "texts"}
    assert set(leave_out).isdisjoint({"unit", "integration", "partner", "agent"})
    assert {"quality", *procedure.steps["supervise"]} >= set(leave_out)


async def test_quality_leaves_out_in_a_business_s_own_procedure_what_the_manager_counts_again(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:00")
    id = (await sandbox.receive("li-min", procedure="general", facts={}))["id"]
    await sandbox.step("li-min", id, "classify", severity="complex", category="service.attitude")
    reason = {"reason": "台风期间电话中断", "evidence": "通信管理局通报"}
    complaint = await sandbox.step("chen-li", id, "exclude-from-scoring", **reason)
    assert complaint["exclusions"] == [{"unit": None, "indicators": []}]
    await sandbox.refused(403, "li-min", id, "include-in-scoring", reason="复核后恢复")
    complaint = await sandbox.step("zhao-jing", id, "include-in-scoring", reason="复核后恢复")
    assert complaint["exclusions"] == []
