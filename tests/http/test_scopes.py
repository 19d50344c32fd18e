"""What a key is narrowed to holds at every route, and `/v1/me` says what a key may be used for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.access.scopes import ACT_FOR, PARTS, SCOPES, scope_of
from app.http.protocol.guard import NO_PART
from app.http.protocol.routes import Route
from tests.http.desk import Desk, done, pointers, problem
from wording.operations import operation_title

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def key_with(house: Desk, scopes: list[str] | None, person: str = "admin") -> dict[str, str]:
    """The header of a new key of somebody."""
    said = {"name": "x", **({} if scopes is None else {"scopes": scopes})}
    created = done(await house.post("admin", f"/v1/people/{person}/keys", said), 201)
    return {"Authorization": f"Bearer {created['key']}"}


def guarded(house: Desk) -> Iterator[tuple[str, str, Route]]:
    """Method and an address of every route that asks for a key."""
    for route in house.app.router.routes:
        if isinstance(route, Route) and route.guard is not None:
            for method in route.methods or ():
                path = re.sub(r"\{[^}]+\}", "00000000-0000-4000-8000-000000000000", route.path)
                yield (
                    method,
                    path.replace("/calendars/00000000-0000-4000-8000-000000000000/days", "/calendars/cn/days"),
                    route,
                )


async def status_of(house: Desk, method: str, path: str, header: dict[str, str]) -> tuple[int, str]:
    query = {"from": "2026-01-01", "to": "2026-01-02"} if path.endswith("/days") else {}
    if path == "/v1/stream":  # it would go on for ever for whoever may
        header = {**header, "Last-Event-ID": "none"}
    answer = await house.http.request(method, path, headers=header, params=query)
    return answer.status_code, answer.json().get("type", "") if answer.content and answer.status_code >= 400 else ""


async def test_every_route_belongs_to_a_part_and_refuses_a_key_that_is_narrowed_to_another(house: Desk) -> None:
    header = {
        part: await key_with(house, [scope_of(other, "POST") for other in PARTS if other != part]) for part in PARTS
    }
    walked = 0
    for method, path, route in guarded(house):
        guard = route.guard
        assert guard is not None
        if guard.part == NO_PART:
            continue
        assert await status_of(house, method, path, header[guard.part]) == (403, "/problems/scope-forbids"), path
        walked += 1
    assert walked > 100


async def test_a_key_that_only_reads_writes_nothing_and_one_that_writes_reads_too(house: Desk) -> None:
    reads = await key_with(house, [scope for scope in SCOPES if scope.endswith(":read")])
    writes = await key_with(house, [scope for scope in SCOPES if scope.endswith(":write")])
    for method, path, route in guarded(house):
        assert route.guard is not None
        if method == "GET":
            assert (await status_of(house, method, path, writes))[1] != "/problems/scope-forbids", path
        elif route.guard.part != NO_PART:
            assert await status_of(house, method, path, reads) == (403, "/problems/scope-forbids"), path


async def test_a_scope_never_lets_anybody_do_what_their_roles_do_not(house: Desk) -> None:
    await house.key_of("li-min")
    header = await key_with(house, list(SCOPES), "li-min")
    assert await status_of(house, "GET", "/v1/people", header) == (403, "/problems/role-forbids")
    id = (await house.receive())["id"]
    assert (await status_of(house, "POST", f"/v1/complaints/{id}/issue-ruling", header))[0] in (403, 409, 422)


async def test_to_act_for_others_is_a_scope_that_narrows_nothing(house: Desk) -> None:
    header = await key_with(house, [ACT_FOR])
    assert (await status_of(house, "GET", "/v1/tracking", header))[0] == 200
    assert done(await house.get(None, "/v1/me", headers=header))["scopes"] == [ACT_FOR]


async def test_a_scope_that_there_is_not_is_refused_with_those_written_almost_so(house: Desk) -> None:
    body = {"name": "x", "scopes": ["complaints:read", "complaint:write"]}
    refusal = problem(await house.post("admin", "/v1/people/admin/keys", body), 422, "unknown-scope")
    assert pointers(refusal) == ["/scopes/1"]
    assert "complaints:write" in refusal["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/people/admin/keys", {"name": "x"}),
        ("POST", "/v1/people/admin/keys", {"name": "x", "scopes": ["people:write", "complaints:write"]}),
        ("POST", "/v1/people/admin/keys", {"name": "x", "scopes": ["people:read", "act-for"]}),
        ("POST", "/v1/people/admin/keys", {"name": "x", "scopes": ["act-for"]}),
        ("POST", "/v1/keys", {"id": "way-out", "name": "x", "roles": ["admin"]}),
    ],
)
async def test_a_narrowed_key_makes_none_that_may_do_more(house: Desk, method: str, path: str, body: Any) -> None:
    header = await key_with(house, ["people:write"])
    problem(await house.http.request(method, path, json=body, headers=header), 403, "scope-exceeded")


async def test_a_narrowed_key_makes_and_rotates_keys_within_its_own_scopes(house: Desk) -> None:
    header = await key_with(house, ["people:write"])
    whole = done(await house.get("admin", "/v1/people/admin/keys"))["items"][0]["key_id"]
    answer = await house.http.post(f"/v1/people/admin/keys/{whole}/rotate", headers=header)
    problem(answer, 403, "scope-exceeded")
    body = {"name": "x", "scopes": ["people:read"]}
    given = done(await house.http.post("/v1/people/admin/keys", json=body, headers=header), 201)
    done(await house.http.post(f"/v1/people/admin/keys/{given['key_id']}/rotate", headers=header), 201)


@pytest.mark.parametrize("who", ["admin", "li-min", "zhao-jing", "zhou-qi", "he-ping", "softphone", "partner-bank"])
async def test_me_says_who_i_am_and_lists_exactly_what_i_am_not_refused_for_my_roles(house: Desk, who: str) -> None:
    header = {"Authorization": f"Bearer {await house.key_of(who)}"}
    me = done(await house.get(None, "/v1/me", headers=header))
    assert me["id"] == who
    mine = {(one["method"], one["path"]) for one in me["operations"]}
    assert ("GET", "/v1/me") in mine
    for method, path, route in guarded(house):
        assert route.guard is not None
        if route.guard.roles:  # what depends on the case is refused there
            refused = (await status_of(house, method, path, header)) == (403, "/problems/role-forbids")
            assert ((method, route.path_format) in mine) != refused, path


async def test_me_lists_the_steps_that_some_procedure_lets_me_take(house: Desk) -> None:
    async def steps(who: str) -> set[str]:
        me = done(await house.get(who, "/v1/me"))
        return {
            one["path"].rpartition("/")[2] for one in me["operations"] if one["path"].startswith("/v1/complaints/{id}/")
        }

    assert "classify" in await steps("li-min")
    assert "confirm-opinion" in await steps("zhou-qi") - await steps("li-min")
    assert "classify" not in await steps("he-ping")


async def test_me_calls_every_operation_by_its_name_in_the_reader_s_language(house: Desk) -> None:
    for _, path, route in guarded(house):
        assert route.operation, path
        assert operation_title(route.operation).zh, path
    zh, en = [
        done(await house.get("li-min", "/v1/me", headers={"Accept-Language": language}))["operations"]
        for language in ("zh", "en")
    ]
    assert [(one["method"], one["path"]) for one in zh] == [(one["method"], one["path"]) for one in en]
    assert {one["summary"] for one in en} >= {"Classify", "Record callback", "The tracking table"}
    assert {one["summary"] for one in zh} >= {"分类", "回访", "追踪表"}


async def test_me_of_a_narrowed_key_is_narrowed(house: Desk) -> None:
    me = done(await house.get(None, "/v1/me", headers=await key_with(house, ["units:read"])))
    assert [(one["method"], one["path"]) for one in me["operations"]] == [
        ("GET", "/v1/units"), ("GET", "/v1/units/{code}"), ("GET", "/v1/me"),
    ]  # fmt: skip
    assert me["key"]["scopes"] == me["scopes"] == ["units:read"]
