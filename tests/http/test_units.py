"""Units: a procedure or the deployment says that there is one, never a slip in a key."""

from __future__ import annotations

from typing import Any

import pytest

from domain.identity import is_reserved
from tests.http.desk import Desk, done, pointers, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEGAL = {"code": "legal", "titles": {"zh": "法务部", "en": "Legal"}, "region": "华东"}


async def made(house: Desk, **said: Any) -> dict[str, Any]:
    return done(await house.post("admin", "/v1/units", {**LEGAL, **said}), 201)


async def test_a_unit_that_was_made_takes_members_and_complaints_of_every_procedure(house: Desk) -> None:
    key = {"id": "lawyer", "name": "律师", "roles": ["unit"], "unit": "legal-1"}
    problem(await house.post("admin", "/v1/keys", key), 422, "unknown-unit")
    unit = await made(house, code="legal-1")
    assert (unit["titles"], unit["own"], unit["named_by"]) == (LEGAL["titles"], True, [])
    done(await house.post("admin", "/v1/keys", key), 201)
    id = (await house.dispatched("legal-1"))["id"]
    assert done(await house.get("admin", f"/v1/complaints/{id}"))["units"][0]["unit"] == "legal-1"
    assert done(await house.get("admin", "/v1/units/legal-1"))["members"] == 1
    await house.caught_up()
    assert len(done(await house.get("admin", "/v1/tracking?unit=legal-1"))["items"]) == 1


async def test_complaints_are_sent_to_no_unit_that_nobody_named(house: Desk) -> None:
    id = (await house.receive())["id"]
    await house.general(id)
    await house.step("li-min", id, "draft-opinion", text="查。")
    refusal = await house.refused(422, "li-min", id, "dispatch", units=["setlement"])
    assert refusal["near_misses"][0] == {"code": "settlement", "titles": {"zh": "结算部", "en": "Settlement"}}
    assert "POST /v1/units" in refusal["detail"]


async def test_the_list_has_those_of_procedures_and_our_own_with_who_names_them(house: Desk) -> None:
    await made(house, code="legal-2")
    units = {one["code"]: one for one in done(await house.get("li-min", "/v1/units"))["items"]}
    assert units["settlement"]["named_by"] == ["kf0001"]
    assert (units["settlement"]["own"], units["legal-2"]["own"]) == (False, True)
    assert list(units) == sorted(units)


async def test_a_unit_of_a_procedure_is_described_for_the_deployment(house: Desk) -> None:
    await house.key_of("zhou-qi")
    changed = done(await house.ask("admin", "PATCH", "/v1/units/finance", {"lead": "周琪", "region": "华北"}))
    assert (changed["lead"], changed["region"], changed["version"]) == ("zhou-qi", "华北", 1)
    assert changed["titles"] == {"zh": "财务部", "en": "Finance"}
    cleared = done(await house.ask("admin", "PATCH", "/v1/units/finance", {"lead": None}))
    assert (cleared["lead"], cleared["region"]) == (None, "华北")


@pytest.mark.parametrize(
    ("said", "status", "slug", "pointer"),
    [
        ({"code": "Legal"}, 422, "invalid-body", "/code"), ({"code": "system"}, 422, "reserved-id", "/code"),
        ({"parent": "setlement"}, 422, "unknown-unit", "/parent"),
        ({"lead": "nobody-here"}, 422, "unknown-person", "/lead"),
        ({"lead": "softphone"}, 422, "of-machines", "/lead"),
        ({"titles": {"zh": "法务部"}}, 422, "invalid-body", "/titles/en"),
    ],
)  # fmt: skip
async def test_a_unit_that_makes_no_sense_is_refused(
    house: Desk, said: dict[str, Any], status: int, slug: str, pointer: str
) -> None:
    await house.key_of("softphone")
    refusal = problem(await house.post("admin", "/v1/units", {**LEGAL, "code": "legal-x", **said}), status, slug)
    assert pointers(refusal) == [pointer]


async def test_a_unit_that_a_procedure_names_has_members_and_a_description_though_its_code_is_reserved(
    house: Desk,
) -> None:
    """`general` has a department of service, and nobody else may call themselves so."""
    units = {one["code"] for one in done(await house.get("admin", "/v1/units"))["items"]}
    for unit in sorted(filter(is_reserved, units)):
        key = {"id": f"{unit}-clerk", "name": "王工", "roles": ["unit"], "unit": unit}
        done(await house.post("admin", "/v1/keys", key), 201)
        assert (await made(house, code=unit))["code"] == unit
    assert "service" in units


async def test_no_unit_is_above_itself(house: Desk) -> None:
    await made(house, code="above")
    await made(house, code="below", parent="above")
    refusal = await house.ask("admin", "PATCH", "/v1/units/above", {"parent": "below"})
    assert pointers(problem(refusal, 422, "unit-below-itself")) == ["/parent"]


async def test_a_unit_is_made_once_and_a_misspelt_one_is_not_found(house: Desk) -> None:
    first = await house.post("admin", "/v1/units", {**LEGAL, "code": "legal-3"}, headers={"Idempotency-Key": "u"})
    again = await house.post("admin", "/v1/units", {**LEGAL, "code": "legal-3"}, headers={"Idempotency-Key": "u"})
    assert (done(again, 201), again.headers["idempotency-replayed"]) == (done(first, 201), "true")
    problem(await house.post("admin", "/v1/units", {**LEGAL, "code": "legal-3"}), 409, "unit-exists")
    assert problem(await house.get("admin", "/v1/units/legl-3"), 404, "no-such-unit")["near_misses"]
    problem(await house.post("li-min", "/v1/units", LEGAL), 403, "role-forbids")
