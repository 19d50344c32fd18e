"""`GET /v1/vocabulary` and `expand=steps`: what a console or a partner needs to show answers and to build forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, complaint, done, problem
from wording.fields import FIELDS
from wording.subjects import SUBJECTS

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def vocabulary(desk: Desk, who: str = "li-min", **headers: str) -> dict[str, Any]:
    return done(await desk.get(who, "/v1/vocabulary", headers=headers))


async def test_every_code_has_both_titles(house: Desk) -> None:
    found = await vocabulary(house)
    assert set(found["subjects"]) == set(SUBJECTS)
    tables = [*found["subjects"].values(), found["refusals"]]
    tables += [titles for own in found["procedures"].values() for titles in own.values()]
    for titles in tables:
        for code, title in titles.items():
            assert set(title) == {"zh", "en"}, code
            assert all(title.values()), code
    assert found["subjects"]["steps"]["dispatch"] == {"zh": "派单", "en": "dispatch"}
    assert found["procedures"]["kf0001"]["units"]["settlement"]["zh"] == "结算部"
    assert {"not-yet-classified", "invalid-body", "method-not-allowed", "role-forbids"} <= set(found["refusals"])


@pytest.mark.parametrize("who", ["zhou-qi", "partner-bank", "softphone", "he-ping"])
async def test_any_key_may_read_it_and_nobody_without(house: Desk, who: str) -> None:
    assert await vocabulary(house, who) == await vocabulary(house)
    problem(await house.get(None, "/v1/vocabulary"), 401)


async def test_it_is_kept_until_it_changes(house: Desk) -> None:
    first = await house.get("li-min", "/v1/vocabulary")
    assert first.headers["cache-control"] == "private, max-age=300"
    tag = first.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await house.get("li-min", "/v1/vocabulary", headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await house.get("li-min", "/v1/vocabulary", headers={"If-None-Match": '"other"'})).status_code == 200


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every schema within a schema."""
    if isinstance(schema, list):
        return [part for one in schema for part in parts(one)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for value in schema.values() for part in parts(value))]


async def test_a_form_can_be_built_of_every_step_that_is_allowed(house: Desk) -> None:
    plain = await house.dispatched("settlement", "risk-control")
    for who in ("li-min", "zhou-qi", "qian-hui", "zhao-jing"):
        path = f"/v1/complaints/{plain['id']}"
        found = done(await house.get(who, f"{path}?expand=steps"))
        steps = found.pop("steps")
        assert found == done(await house.get(who, path))
        assert [step["code"] for step in steps] == found["allowed"]
        for step in steps:
            assert step["link"] == {"href": f"{path}/{step['code']}", "method": "POST"}
            assert step["titles"] == vars(SUBJECTS["steps"][step["code"]])
            assert step["fields"]["type"] == "object"
            assert [part for part in parts(step["fields"]) if "$ref" in part or "$defs" in part] == []
            for name, field in step["fields"].get("properties", {}).items():
                assert field["titles"] == vars(FIELDS[name])


async def test_what_the_schema_takes_is_taken(house: Desk) -> None:
    plain = await house.dispatched("settlement")
    path = f"/v1/complaints/{plain['id']}"
    [form] = [
        step for step in done(await house.get("zhou-qi", f"{path}?expand=steps"))["steps"]
        if step["code"] == "dispute-opinion"
    ]  # fmt: skip
    fields = form["fields"]
    assert (fields["required"], fields["additionalProperties"]) == (["reason"], False)
    reason = {"type": "string", "minLength": 1, "maxLength": 8000, "titles": {"zh": "原因", "en": "reason"}}
    assert fields["properties"]["reason"] == reason
    problem(await house.post("zhou-qi", form["link"]["href"], {"reason": "不" * 8001}), 422, "invalid-body")
    problem(await house.post("zhou-qi", form["link"]["href"], {}), 422, "invalid-body")
    done(await house.post("zhou-qi", form["link"]["href"], {"reason": "不" * 8000}))


async def test_an_unknown_expansion_is_refused_and_a_receipt_has_no_steps(house: Desk) -> None:
    id = (await house.receive())["id"]
    for query in ("expand=clocks", "expand=", "expand=steps,clocks", "expands=steps"):
        problem(await house.get("li-min", f"/v1/complaints/{id}?{query}"), 422)
    assert "steps" not in done(await house.post("li-min", "/v1/complaints", complaint()), 201)


async def test_every_field_of_every_body_has_its_titles(house: Desk) -> None:
    schemas = done(await house.get(None, "/openapi.json"))["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, operations in done(await house.get(None, "/openapi.json"))["paths"].items()
        for operation in operations.values()
        if path.startswith(("/v1/complaints", "/v1/incidents")) and "requestBody" in operation
    }
    named = {name for body in bodies for name in schemas[body].get("properties", {})}
    named |= {name for part in ("Complainant", "LiabilityShare") for name in schemas[part]["properties"]}
    assert sorted(named - set(FIELDS)) == []
    assert sorted(set(FIELDS) - named) == []
