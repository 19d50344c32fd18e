"""Keys: who is let in, who makes them, and that a revoked one is let in nowhere."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.desk import ADMIN_KEY, Desk, done, open_desk, pointers, problem

NEW = {"id": "wang-fang", "name": "王芳", "roles": ["agent"]}
# What a migration left of a key of before ids were levelled.
OF_BEFORE = (
    """INSERT INTO people_facts (ordinal, person, recorded_at, said, once_clear) VALUES
    (1001, 'Wang Fang', now(), '{"kind": "person", "roles": ["agent"], "unit": null}', '["x", null]')""",
    """INSERT INTO person_keys (id, person, prefix, secret_hash, created_at, ordinal) VALUES
    ('k-00', 'Wang Fang', 'rk_', '\\x00', now(), 1002)""",
)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "header",
    [
        None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {ADMIN_KEY}", ADMIN_KEY, f"Bearer {ADMIN_KEY[:-1]}",
        f"Bearer {ADMIN_KEY}x", f"Bearer {ADMIN_KEY.upper()}", f"Bearer x {ADMIN_KEY}", "Bearer \xe9\xff",
        "Bearer " + "x" * 8000,
    ],
)  # fmt: skip
async def test_without_a_valid_key_nobody_is_let_in(house: Desk, header: str | None) -> None:
    headers = {} if header is None else {b"Authorization": header.encode("latin-1")}
    for method, path in (
        ("GET", "/v1/complaints/00000000-0000-4000-8000-000000000000"),
        ("POST", "/v1/complaints"),
        ("POST", "/v1/complaints/00000000-0000-4000-8000-000000000000/classify"),
        ("GET", "/v1/keys"),
        ("GET", "/v1/procedures"),
        ("GET", "/v1/tracking"),
        ("GET", "/v1/sla"),
        ("GET", "/v1/obligations"),
        ("GET", "/v1/audit/events"),
    ):
        answer = await house.http.request(method, path, headers=headers)
        problem(answer, 401, "not-authenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_scheme_is_read_in_any_case(desk: Desk) -> None:
    done(await desk.http.get("/v1/procedures", headers={"Authorization": f"bEARER {ADMIN_KEY}"}))


async def test_a_key_is_shown_once_and_lists_show_only_how_it_begins(desk: Desk) -> None:
    created = done(await desk.post("admin", "/v1/keys", NEW), 201)
    assert created["key"].startswith("rk_")
    assert len(created["key"]) > 40
    listed = await desk.get("admin", "/v1/keys")
    assert created["key"] not in listed.text
    mine = next(key for key in done(listed)["items"] if key["id"] == "wang-fang")
    assert created["key"].startswith(mine["prefix"])
    assert (mine["roles"], mine["unit"], mine["revoked_at"]) == (["agent"], None, None)
    stored = await desk.service.pool.fetch("SELECT * FROM person_keys, people_facts")
    assert created["key"] not in str([dict(row) for row in stored])


async def test_only_an_administrator_makes_lists_and_revokes_keys(desk: Desk) -> None:
    for who in ("li-min", "zhao-jing", "he-ping", "zhou-qi", "softphone"):
        problem(await desk.post(who, "/v1/keys", NEW), 403, "role-forbids")
        problem(await desk.get(who, "/v1/keys"), 403, "role-forbids")
        problem(await desk.ask(who, "DELETE", "/v1/keys/admin"), 403, "role-forbids")


async def test_a_request_for_a_key_sent_again_is_answered_with_the_same_key(desk: Desk) -> None:
    key = {"Idempotency-Key": "new-colleague"}
    first = await desk.post("admin", "/v1/keys", NEW, headers=key)
    again = await desk.post("admin", "/v1/keys", NEW, headers=key)
    assert (done(again, 201), again.headers["idempotency-replayed"]) == (done(first, 201), "true")
    problem(await desk.post("admin", "/v1/keys", {**NEW, "name": "x"}, headers=key), 422, "command-id-reused")


async def test_an_id_is_given_out_once_also_after_its_key_was_revoked(desk: Desk) -> None:
    done(await desk.post("admin", "/v1/keys", NEW), 201)
    problem(await desk.post("admin", "/v1/keys", NEW), 409, "key-exists")
    assert (await desk.ask("admin", "DELETE", "/v1/keys/wang-fang")).status_code == 204
    problem(await desk.post("admin", "/v1/keys", NEW), 409, "key-exists")
    problem(await desk.ask("admin", "DELETE", "/v1/keys/wang-fang"), 404, "no-such-key")


async def test_one_person_has_one_id_however_it_is_spelled(desk: Desk) -> None:
    created = done(await desk.post("admin", "/v1/keys", {**NEW, "id": "  Wang-Fang "}), 201)
    assert created["id"] == "wang-fang"
    for again in ("wang-fang", "WANG-FANG", "ｗａｎｇ－ｆａｎｇ", "wang\u2010fang"):
        problem(await desk.post("admin", "/v1/keys", {**NEW, "id": again}), 409, "key-exists")
    assert (await desk.ask("admin", "DELETE", "/v1/keys/WANG-fang")).status_code == 204


async def test_an_id_from_before_spellings_were_levelled_stays_its_owners(desk: Desk) -> None:
    for statement in OF_BEFORE:
        await desk.service.pool.execute(statement)
    problem(await desk.post("admin", "/v1/keys", {**NEW, "id": "wang fang"}), 409, "key-exists")
    assert (await desk.ask("admin", "DELETE", "/v1/keys/Wang%20Fang")).status_code == 204


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("changes", "slug", "pointer"),
    [
        ({"id": "system"}, "reserved-id", "/id"), ({"id": "SYSTEM "}, "reserved-id", "/id"),
        ({"id": "ｃｌｏｃｋ"}, "reserved-id", "/id"), ({"id": "anonymous"}, "reserved-id", "/id"),
        ({"id": "me"}, "reserved-id", "/id"), ({"id": "none"}, "reserved-id", "/id"),
        ({"unit": "system", "roles": ["unit"]}, "reserved-id", "/unit"), ({"id": "wаng-fang"}, "lookalike-id", "/id"),
        ({"id": "wang-fang-٣"}, "lookalike-id", "/id"), ({"id": "wang\u200b-fang"}, "invalid-body", "/id"),
        ({"id": "\u3164"}, "invalid-body", "/id"),
    ],
)  # fmt: skip
async def test_an_id_that_means_somebody_else_or_looks_like_anothers_is_refused(
    house: Desk, changes: dict[str, object], slug: str, pointer: str
) -> None:
    assert pointers(problem(await house.post("admin", "/v1/keys", {**NEW, **changes}), 422, slug)) == [pointer]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("id", ["a/b", "张三", "a b", "?", "#x", "%00", "..a", "😀", "a" * 64])
async def test_whatever_id_a_key_has_it_can_be_revoked(house: Desk, id: str) -> None:
    done(await house.post("admin", "/v1/keys", {**NEW, "id": id}), 201)
    encoded = "".join(f"%{byte:02X}" for byte in id.encode())
    assert (await house.ask("admin", "DELETE", f"/v1/keys/{encoded}")).status_code == 204


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": ""}, "/id"), ({"id": "a\nb"}, "/id"), ({"id": " "}, "/id"), ({"id": "a" * 65}, "/id"),
        ({"id": "\u202e"}, "/id"), ({"roles": []}, "/roles"), ({"roles": ["Agent"]}, "/roles/0"),
        ({"roles": ["agent", "agent"]}, "/roles"), ({"roles": "agent"}, "/roles"), ({"unit": ""}, "/unit"),
        ({"key": "rk_mine"}, "/key"), ({"name": None}, "/name"),
    ],
)  # fmt: skip
async def test_a_key_that_makes_no_sense_is_told_where(house: Desk, changes: dict[str, object], pointer: str) -> None:
    assert pointers(problem(await house.post("admin", "/v1/keys", {**NEW, **changes}), 422)) == [pointer]


async def test_a_role_of_a_procedure_still_to_come_is_refused_until_that_is_published(desk: Desk) -> None:
    refusal = problem(await desk.post("admin", "/v1/keys", {**NEW, "roles": ["ombudsman"]}), 422, "role-misspelt")
    assert "publish that first" in refusal["detail"]


async def test_a_unit_that_nobody_named_is_refused_with_what_may_have_been_meant(desk: Desk) -> None:
    key = {**NEW, "roles": ["unit"], "unit": "setlement"}
    refusal = problem(await desk.post("admin", "/v1/keys", key), 422, "unknown-unit")
    assert pointers(refusal) == ["/unit"]
    assert refusal["near_misses"][0] == {"code": "settlement", "titles": {"zh": "结算部", "en": "Settlement"}}
    assert "POST /v1/units" in refusal["detail"]
    zh = await desk.post("admin", "/v1/keys", key, headers={"Accept-Language": "zh"})
    assert "您是否想写" in problem(zh, 422)["detail"]


async def test_a_role_that_is_misspelt_is_refused_with_what_may_have_been_meant(desk: Desk) -> None:
    refusal = problem(await desk.post("admin", "/v1/keys", {**NEW, "roles": ["agent", "manger"]}), 422, "role-misspelt")
    assert pointers(refusal) == ["/roles/1"]
    assert "Did you mean manager" in refusal["detail"]
    assert refusal["near_misses"][0]["code"] == "manager"
    assert "board-office" in refusal["detail"]
    done(await desk.post("admin", "/v1/keys", {**NEW, "roles": ["agent", "board-office"]}), 201)


async def test_a_member_of_a_unit_needs_the_unit(desk: Desk) -> None:
    refusal = await desk.post("admin", "/v1/keys", {**NEW, "roles": ["agent", "unit"]})
    assert pointers(problem(refusal, 422, "unit-missing")) == ["/unit"]
    done(await desk.post("admin", "/v1/keys", {**NEW, "roles": ["unit"], "unit": "settlement"}), 201)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("id", ["nobody", "%00", "%0A", "%ff", "x" * 5000])
async def test_a_key_that_is_not_there_cannot_be_revoked(house: Desk, id: str) -> None:
    problem(await house.ask("admin", "DELETE", f"/v1/keys/{id}"), 404, "no-such-key")


async def test_a_key_made_in_one_process_is_taken_by_the_others_at_once_and_a_revoked_one_by_none(
    database: str,
) -> None:
    async with open_desk(database, sandbox=False) as one, open_desk(database, sandbox=False) as other:
        for number in range(5):
            id = f"agent-{number}"
            created = done(await one.post("admin", "/v1/keys", {**NEW, "id": id}), 201)
            header = {"Authorization": f"Bearer {created['key']}"}
            done(await other.http.get("/v1/procedures", headers=header))
            assert (await one.ask("admin", "DELETE", f"/v1/keys/{id}")).status_code == 204
            problem(await other.http.get("/v1/procedures", headers=header), 401)


async def test_the_last_administrator_stays(desk: Desk) -> None:
    problem(await desk.ask("admin", "DELETE", "/v1/keys/admin"), 409, "last-administrator")
    second = done(await desk.post("admin", "/v1/keys", {**NEW, "roles": ["admin"]}), 201)
    desk.keys["wang-fang"] = second["key"]
    assert (await desk.ask("admin", "DELETE", "/v1/keys/admin")).status_code == 204
    problem(await desk.ask("wang-fang", "DELETE", "/v1/keys/wang-fang"), 409, "last-administrator")


async def test_two_administrators_who_revoke_each_other_at_once_leave_one(desk: Desk) -> None:
    for number in range(5):
        name = f"second-{number}"
        second = done(await desk.post("admin", "/v1/keys", {**NEW, "id": name, "roles": ["admin"]}), 201)
        desk.keys[name] = second["key"]
        answers = await asyncio.gather(
            desk.ask("admin", "DELETE", f"/v1/keys/{name}"), desk.ask(name, "DELETE", "/v1/keys/admin")
        )
        assert sorted(answer.status_code for answer in answers)[0] == 204
        left = [who for who in ("admin", name) if (await desk.get(who, "/v1/keys")).status_code == 200]
        assert len(left) == 1
        if left == [name]:
            return
