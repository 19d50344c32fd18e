"""People and their keys: whoever loses a key, is promoted or moves stays who they are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.desk import Desk, done, open_desk, pointers, problem

MEI = {
    "id": "mei", "name": "梅兰", "roles": ["agent"], "staff_no": "G-417", "email": "mei@example.com",
    "phone": "+86 138 0013 8000", "language": "zh",
}  # fmt: skip


@pytest.fixture
def desk(sandbox: Desk) -> Desk:
    """In the sandbox's time, which is set."""
    return sandbox


async def key_of(desk: Desk, person: str, **said: Any) -> dict[str, Any]:
    """A new key of somebody, who uses it from now on."""
    created = done(await desk.post("admin", f"/v1/people/{person}/keys", {"name": "桌面", **said}), 201)
    desk.keys[person] = created["key"]
    return created


async def person(desk: Desk, **said: Any) -> dict[str, Any]:
    return done(await desk.post("admin", "/v1/people", {**MEI, **said}), 201)


async def change(desk: Desk, id: str, **said: Any) -> dict[str, Any]:
    return done(await desk.ask("admin", "PATCH", f"/v1/people/{id}", said))


def with_key(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_person_is_made_without_a_key_and_gets_any_number(desk: Desk) -> None:
    made = await person(desk)
    assert (made["kind"], made["roles"], made["unit"], made["state"], made["keys"]) == (
        "person",
        ["agent"],
        None,
        "active",
        0,
    )
    first, second = await key_of(desk, "mei"), await key_of(desk, "mei", name="手机")
    for created in (first, second):
        assert done(await desk.get(None, "/v1/me", headers=with_key(created["key"])))["id"] == "mei"
    listed = done(await desk.get("admin", "/v1/people/mei/keys"))["items"]
    assert [(key["key_id"], key["name"], key["active"]) for key in listed] == [
        (first["key_id"], "桌面", True), (second["key_id"], "手机", True),
    ]  # fmt: skip
    assert first["key"] not in str(listed)
    assert first["key"].startswith(listed[0]["prefix"])


async def test_a_key_taken_away_mid_case_leaves_the_person_and_the_case_goes_on_under_the_same_name(desk: Desk) -> None:
    await person(desk)
    first = await key_of(desk, "mei")
    id = (await desk.receive("mei"))["id"]
    await desk.step("mei", id, "classify", severity="general", category="process.deposit", issue_point="app-crash")
    assert (await desk.ask("admin", "DELETE", f"/v1/people/mei/keys/{first['key_id']}")).status_code == 204
    problem(await desk.get("mei", f"/v1/complaints/{id}"), 401, "not-authenticated")
    shown = done(await desk.get("admin", f"/v1/complaints/{id}"))
    assert shown["owner"] == {"actor": "mei", "unit": None}  # and has not left
    await desk.caught_up()
    assert done(await desk.get("admin", "/v1/tracking?owner_left=true"))["items"] == []
    await key_of(desk, "mei")
    await desk.step("mei", id, "draft-opinion", text="结算部当日查明并入账。")
    history = done(await desk.get("admin", f"/v1/complaints/{id}/history"))["items"]
    assert {event["actor"]["id"] for event in history} == {"mei"}


async def test_who_was_promoted_stays_the_owner_and_the_history_says_what_they_were_when_they_acted(desk: Desk) -> None:
    await person(desk)
    await key_of(desk, "mei")
    id = (await desk.receive("mei"))["id"]
    changed = await change(desk, "mei", roles=["manager"], reason="竞聘上岗")
    assert (changed["roles"], changed["version"]) == (["manager"], 3)
    await desk.step("mei", id, "classify", severity="general", category="process.deposit", issue_point="app-crash")
    shown = done(await desk.get("mei", f"/v1/complaints/{id}"))
    assert shown["owner"]["actor"] == "mei"
    acted = [event["actor"] for event in done(await desk.get("admin", f"/v1/complaints/{id}/history"))["items"]]
    assert [(actor["id"], actor["role"]) for actor in acted[:2]] == [("mei", "agent"), ("mei", "manager")]


async def test_a_member_who_moves_to_another_unit_answers_for_that_one_from_then_on(desk: Desk) -> None:
    await person(desk, roles=["unit"], unit="settlement")
    await key_of(desk, "mei")
    theirs, others = (await desk.dispatched("settlement"))["id"], (await desk.dispatched("trading"))["id"]
    await desk.step("mei", theirs, "confirm-opinion")
    await change(desk, "mei", unit="trading")
    problem(await desk.get("mei", f"/v1/complaints/{theirs}"), 403, "not-sent-to-your-unit")
    await desk.step("mei", others, "confirm-opinion")
    events = done(await desk.get("admin", f"/v1/complaints/{theirs}/history"))["items"]
    assert next(event for event in events if event["type"] == "OpinionConfirmed")["actor"]["unit"] == "settlement"


async def test_recusal_goes_by_the_person_whatever_key_they_use(desk: Desk) -> None:
    await person(desk)
    await key_of(desk, "mei")
    id = (await desk.receive("li-min", accused=["梅兰"]))["id"]
    await key_of(desk, "mei", name="另一个")
    problem(await desk.get("mei", f"/v1/complaints/{id}"), 403)


async def test_a_change_that_lies_ahead_comes_by_itself_and_one_that_lies_back_is_told_as_such(desk: Desk) -> None:
    await person(desk)
    await key_of(desk, "mei")
    await change(desk, "mei", roles=["manager"], **{"from": "2026-03-05T00:00:00+08:00"})
    now = done(await desk.get("admin", "/v1/people/mei"))
    assert (now["roles"], now["coming"]) == (
        ["agent"], [{"since": "2026-03-04T16:00:00Z", "roles": ["manager"], "unit": None}],
    )  # fmt: skip
    await desk.set_clock("2026-03-05T00:00:00+08:00")
    assert done(await desk.get("mei", "/v1/me"))["roles"] == ["manager"]
    await change(desk, "mei", unit="trading", **{"from": "2026-02-01T00:00:00+08:00"})
    then = done(await desk.get("admin", "/v1/people/mei?as_of=2026-02-10T00:00:00Z"))
    assert (then["roles"], then["unit"]) == (["agent"], "trading")


async def test_an_auditor_sees_every_change_with_who_made_it_from_when_and_why(desk: Desk) -> None:
    await person(desk)
    await change(desk, "mei", roles=["manager"], reason="竞聘上岗", **{"from": "2026-03-05T00:00:00+08:00"})
    items = done(await desk.get("he-ping", "/v1/people/mei/history"))["items"]
    assert [item["version"] for item in items] == [1, 2]
    assert items[1]["changes"] == {"roles": {"before": ["agent"], "after": ["manager"]}}
    assert (items[1]["recorded_by"], items[1]["reason"], items[1]["since"]) == (
        "admin",
        "竞聘上岗",
        "2026-03-04T16:00:00Z",
    )
    problem(await desk.get("zhao-jing", "/v1/people/mei/history"), 403, "role-forbids")
    for statement in ("UPDATE people_facts SET said = '{}'", "DELETE FROM people_facts", "TRUNCATE people_facts"):
        with pytest.raises(Exception, match=r"permanent|permission denied"):
            await desk.service.pool.execute(statement)


async def test_who_has_left_is_let_in_no_more_and_their_open_cases_are_listed(desk: Desk) -> None:
    await person(desk)
    created = await key_of(desk, "mei")
    id = (await desk.receive("mei"))["id"]
    await change(desk, "mei", active_to="2026-03-03T00:00:00+08:00")
    assert done(await desk.get("mei", "/v1/me"))["active_to"] == "2026-03-02T16:00:00Z"
    await desk.set_clock("2026-03-03T00:00:00+08:00")
    refusal = problem(await desk.get("mei", "/v1/me"), 401, "person-not-active")
    assert "active_to" in refusal["detail"]
    assert done(await desk.get("admin", f"/v1/complaints/{id}"))["owner"]["left"] is True
    await desk.caught_up()
    listed = done(await desk.get("admin", "/v1/tracking?owner_left=true"))["items"]
    assert [row["id"] for row in listed] == [id]
    problem(await desk.post("admin", "/v1/people/mei/keys", {"name": "x"}), 409, "has-left")
    await change(desk, "mei", active_to=None)
    done(await desk.get(None, "/v1/me", headers=with_key(created["key"])))
    assert "left" not in done(await desk.get("admin", f"/v1/complaints/{id}"))["owner"]


async def test_the_key_of_somebody_with_one_is_their_place_until_they_get_another(desk: Desk) -> None:
    """`DELETE /v1/keys/{id}` is of people who are known by one key: they leave by it, and come back by a new one."""
    id = (await desk.receive("li-min"))["id"]
    assert (await desk.ask("admin", "DELETE", "/v1/keys/li-min")).status_code == 204
    assert done(await desk.get("admin", f"/v1/complaints/{id}"))["owner"]["left"] is True
    await key_of(desk, "li-min")
    assert done(await desk.get("admin", f"/v1/complaints/{id}"))["owner"] == {"actor": "li-min", "unit": None}
    await desk.step("li-min", id, "add-note", text="继续办理。")
    listed = [key for key in done(await desk.get("admin", "/v1/keys"))["items"] if key["id"] == "li-min"]
    assert [key["revoked_at"] is None for key in listed] == [False, True]


async def test_a_rotated_key_holds_beside_the_new_one_for_a_day_or_as_long_as_is_said(desk: Desk) -> None:
    await person(desk)
    old = await key_of(desk, "mei", scopes=["complaints:read"])
    path = f"/v1/people/mei/keys/{old['key_id']}/rotate"
    new = done(await desk.post("admin", path), 201)
    assert (new["replaces"], new["name"], new["scopes"]) == (old["key_id"], "桌面", ["complaints:read"])
    for secret in (old["key"], new["key"]):
        done(await desk.get(None, "/v1/me", headers=with_key(secret)))
    await desk.set_clock("2026-03-03T09:00:00+08:00")
    refusal = problem(await desk.get(None, "/v1/me", headers=with_key(old["key"])), 401, "key-has-expired")
    assert "expired" in refusal["detail"]
    problem(await desk.get(None, "/v1/me", headers=with_key(old["key"][:-1] + "!")), 401, "not-authenticated")
    problem(await desk.post("admin", path), 409, "key-has-ended")
    last = done(await desk.post("admin", f"/v1/people/mei/keys/{new['key_id']}/rotate", {"overlap_hours": 0}), 201)
    problem(await desk.get(None, "/v1/me", headers=with_key(new["key"])), 401, "key-has-expired")
    done(await desk.get(None, "/v1/me", headers=with_key(last["key"])))


async def test_requests_sent_again_are_answered_as_at_first(desk: Desk) -> None:
    def again(name: str) -> dict[str, str]:
        return {"Idempotency-Key": name}

    async def twice(name: str, path: str, body: Any) -> httpx.Response:
        first = await desk.post("admin", path, body, headers=again(name))
        repeated = await desk.post("admin", path, body, headers=again(name))
        assert (done(repeated, 201), repeated.headers["idempotency-replayed"]) == (done(first, 201), "true")
        problem(await desk.post("admin", path, {**body, "name": "另一个"}, headers=again(name)), 422)
        return first

    await twice("a", "/v1/people", MEI)
    given = done(await twice("b", "/v1/people/mei/keys", {"name": "桌面"}), 201)
    await twice("c", f"/v1/people/mei/keys/{given['key_id']}/rotate", {"overlap_hours": 2})
    assert len(done(await desk.get("admin", "/v1/people/mei/keys"))["items"]) == 2


async def test_a_change_may_depend_on_the_version_it_is_based_on(desk: Desk) -> None:
    await person(desk)
    tag = (await desk.get("admin", "/v1/people/mei")).headers["etag"]
    patch = {"headers": {"If-Match": tag}}
    done(await desk.ask("admin", "PATCH", "/v1/people/mei", {"name": "梅兰芳"}, **patch))
    problem(await desk.ask("admin", "PATCH", "/v1/people/mei", {"name": "x"}, **patch), 412, "stale-version")


async def test_a_machine_is_a_kind_of_its_own_and_owns_no_case(desk: Desk) -> None:
    made = await person(desk, id="app", name="App", roles=["integration"], staff_no=None)
    assert made["kind"] == "machine"
    id = (await desk.receive("li-min"))["id"]
    await desk.refused(422, "zhao-jing", id, "assign", to="app")
    for said, slug in (
        ({"kind": "machine", "roles": ["agent"]}, "of-people"),
        ({"kind": "person", "roles": ["partner"]}, "of-machines"),
    ):
        problem(await desk.post("admin", "/v1/people", {**MEI, **said}), 422, slug)
    problem(await desk.ask("admin", "PATCH", "/v1/people/app", {"roles": ["agent"]}), 422, "of-people")


@pytest.mark.parametrize(
    ("said", "slug", "pointer", "near"),
    [
        ({"roles": ["agnet"]}, "role-misspelt", "/roles/0", "agent"),
        ({"roles": ["unit"], "unit": "setlement"}, "unknown-unit", "/unit", "settlement"),
    ],
)
async def test_a_misspelt_role_or_unit_is_refused_with_what_may_be_meant(
    desk: Desk, said: dict[str, Any], slug: str, pointer: str, near: str
) -> None:
    for path in ("/v1/people", "/v1/keys"):
        body = {"id": "x", "name": "x", "roles": ["agent"], **said}
        refusal = problem(await desk.post("admin", path, body), 422, slug)
        assert (pointers(refusal), refusal["near_misses"][0]["code"]) == ([pointer], near)
    await person(desk)
    refusal = problem(await desk.ask("admin", "PATCH", "/v1/people/mei", said), 422, slug)
    assert refusal["near_misses"][0]["code"] == near


async def test_a_misspelt_person_is_not_found_with_who_may_be_meant(desk: Desk) -> None:
    await person(desk, id="mei-lan")
    for method, path in (
        ("GET", "/v1/people/mei-lam"),
        ("PATCH", "/v1/people/mei-lam"),
        ("POST", "/v1/people/mei-lam/keys"),
    ):
        body = {"name": "x"} if method != "GET" else None
        refusal = problem(await desk.ask("admin", method, path, body), 404, "no-such-person")
        assert refusal["near_misses"] == [{"code": "mei-lan", "titles": None}]
    assert done(await desk.get("admin", "/v1/people/MEI-LAN"))["id"] == "mei-lan"


@pytest.mark.parametrize(
    ("said", "status", "slug"),
    [
        ({"roles": []}, 422, "invalid-body"), ({"roles": ["unit"]}, 422, "unit-missing"),
        ({"active_from": "2026-05-01T00:00:00Z", "active_to": "2026-05-01T00:00:00Z"}, 422, "ends-before-it-begins"),
        ({"email": "no address"}, 422, "not-an-email"), ({"id": "me"}, 422, "reserved-id"),
        ({"id": "mеi"}, 422, "lookalike-id"),
        ({"id": "MEI"}, 409, "person-exists"),
    ],
)  # fmt: skip
async def test_somebody_who_makes_no_sense_is_refused(desk: Desk, said: dict[str, Any], status: int, slug: str) -> None:
    await person(desk)
    problem(await desk.post("admin", "/v1/people", {**MEI, "id": "new", **said}), status, slug)


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ({"from": "2026-03-05T00:00:00Z", "name": "x"}, "nothing-dated"),
        ({"name": None}, "not-null"),
        ({"roles": ["manager"], "from": "1999-01-01T00:00:00Z"}, "out-of-reach"),
        ({"roles": ["manager"], "from": "2036-01-01T00:00:00Z"}, "out-of-reach"),
        ({"roles": ["unit"]}, "unit-missing"),
        ({"id": "other"}, "invalid-body"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused_and_nothing_is_recorded(
    desk: Desk, said: dict[str, Any], slug: str
) -> None:
    await person(desk)
    problem(await desk.ask("admin", "PATCH", "/v1/people/mei", said), 422, slug)
    assert done(await desk.get("admin", "/v1/people/mei"))["version"] == 1


async def test_a_change_to_what_is_so_already_records_nothing(desk: Desk) -> None:
    await person(desk)
    assert (await change(desk, "mei", name="梅兰", roles=["agent"]))["version"] == 1


async def test_the_last_administrator_keeps_role_time_and_key(desk: Desk) -> None:
    keys = done(await desk.get("admin", "/v1/people/admin/keys"))["items"]
    problem(await desk.ask("admin", "DELETE", f"/v1/people/admin/keys/{keys[0]['key_id']}"), 409, "last-administrator")
    for said in ({"roles": ["agent"]}, {"active_to": "2026-04-01T00:00:00Z"}):
        problem(await desk.ask("admin", "PATCH", "/v1/people/admin", said), 409, "last-administrator")
    ahead = {"roles": ["agent"], "from": "2026-04-01T00:00:00Z"}
    problem(await desk.ask("admin", "PATCH", "/v1/people/admin", ahead), 409, "last-administrator")
    await person(desk, roles=["admin"])
    await key_of(desk, "mei")
    done(await desk.ask("admin", "PATCH", "/v1/people/admin", ahead))
    problem(await desk.ask("admin", "PATCH", "/v1/people/mei", {"roles": ["agent"]}), 409, "last-administrator")


async def test_only_administrators_change_people_and_only_they_and_auditors_see_how_they_are_reached(
    desk: Desk,
) -> None:
    await person(desk)
    for who in ("li-min", "zhao-jing", "he-ping", "softphone"):
        problem(await desk.post(who, "/v1/people", MEI), 403, "role-forbids")
        problem(await desk.ask(who, "PATCH", "/v1/people/mei", {"name": "x"}), 403, "role-forbids")
        problem(await desk.post(who, "/v1/people/mei/keys", {"name": "x"}), 403, "role-forbids")
    for who in ("li-min", "softphone", "zhou-qi"):
        problem(await desk.get(who, "/v1/people"), 403, "role-forbids")
    assert done(await desk.get("he-ping", "/v1/people/mei"))["email"] == "mei@example.com"
    assert done(await desk.get("zhao-jing", "/v1/people/mei"))["email"] is None


async def test_the_list_is_filtered_paged_and_exported_and_a_filter_with_a_slip_is_refused(desk: Desk) -> None:
    for who in ("li-min", "zhou-qi", "softphone"):
        await desk.key_of(who)
    await person(desk)

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in done(await desk.get("admin", f"/v1/people{query}"))["items"]]

    assert await ids("") == ["admin", "li-min", "zhou-qi", "softphone", "mei"]
    assert await ids("?kind=machine") == ["softphone"]
    assert await ids("?role=agent") == ["li-min", "mei"]
    assert await ids("?unit=settlement&state=active") == ["zhou-qi"]
    first = done(await desk.get("admin", "/v1/people?limit=2"))
    assert await ids(f"?limit=2&cursor={first['next_cursor']}") == ["zhou-qi", "softphone"]
    for query in ("unit=setlement", "role=agnet", "state=gone"):
        problem(await desk.get("admin", f"/v1/people?{query}"), 422, "invalid-parameters")
    exported = await desk.get("admin", "/v1/people", headers={"Accept": "text/csv", "Accept-Language": "zh"})
    lines = exported.text.splitlines()
    assert lines[0].startswith("\ufeff标识,人员或系统,姓名,工号,角色")
    assert lines[-1].startswith("mei,人员,梅兰,G-417,")


async def test_a_person_made_in_one_process_is_known_to_the_others_at_once(database: str) -> None:
    async with open_desk(database, sandbox=False) as one, open_desk(database, sandbox=False) as other:
        await person(one)
        created = await key_of(one, "mei")
        assert done(await other.get(None, "/v1/me", headers=with_key(created["key"])))["roles"] == ["agent"]
        await change(one, "mei", roles=["manager"])
        assert done(await other.get(None, "/v1/me", headers=with_key(created["key"])))["roles"] == ["manager"]
        await one.ask("admin", "DELETE", f"/v1/people/mei/keys/{created['key_id']}")
        problem(await other.get(None, "/v1/me", headers=with_key(created["key"])), 401)


async def test_nothing_that_says_who_somebody_is_stands_in_clear(desk: Desk) -> None:
    await person(desk)
    await key_of(desk, "mei", name="梅兰的手机")
    await change(desk, "mei", roles=["manager"], reason="梅兰竞聘上岗")
    rows = str(await desk.service.pool.fetch("SELECT f::text || k::text FROM people_facts f, person_keys k"))
    for said in ("梅兰", "G-417", "mei@example.com", "0013 8000", "竞聘"):
        assert said not in rows
        assert said.encode().hex() not in rows


async def test_when_a_key_was_used_last_is_known_without_a_write_for_each_request(desk: Desk) -> None:
    await person(desk)
    await key_of(desk, "mei")
    for _ in range(3):
        done(await desk.get("mei", "/v1/me"))
    written = "SELECT used_at FROM person_keys WHERE person = 'mei'"
    assert await desk.service.pool.fetchval(written) is None
    assert done(await desk.get("admin", "/v1/people/mei/keys"))["items"][0]["used_at"] == "2026-03-02T01:00:00Z"
    await desk.service.access.last_use.write()
    assert await desk.service.pool.fetchval(written) is not None
