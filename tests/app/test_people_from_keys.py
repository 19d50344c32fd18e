"""An upgrade from keys that were people: each becomes a person with one key, which is taken as before."""

from __future__ import annotations

import json
from typing import Final

import asyncpg
from alembic import command

import migrations
from app.access.key import hash_of
from tests.http.desk import ADMIN_KEY, MASTER, done, open_desk, problem

BEFORE: Final = "0034"
INSERT: Final = """
INSERT INTO api_keys (id, roles, unit, prefix, secret_hash, created_at, revoked_at, sealed)
VALUES ($1, $2, $3, 'rk_', $4, '2026-01-05T01:00:00Z', $5::timestamptz, $6)
"""
OLD: Final = (
    ("admin", ["admin"], None, ADMIN_KEY, None, "Administrator"),
    ("mei", ["unit"], "kitchen-of-old", "rk_mei", None, "梅兰"),
    ("gone", ["agent"], None, "rk_gone", "2026-02-01T00:00:00Z", "离岗人"),
    ("phone", ["integration"], None, "rk_phone", None, "Softphone"),
)


async def _of_the_version_before(url: str) -> None:
    migrations.upgrade(url)
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), url)
    connection = await asyncpg.connect(url)
    for id, roles, unit, secret, revoked, name in OLD:
        sealed = MASTER.seal_setting(json.dumps([name, None]).encode(), f"key/{id}/name".encode())
        at = None if revoked is None else (await connection.fetchval("SELECT $1::text::timestamptz", revoked))
        await connection.execute(INSERT, id, roles, unit, hash_of(secret), at, sealed)
    await connection.close()


async def test_each_key_of_before_is_taken_and_its_actor_is_a_person(empty_database: str) -> None:
    await _of_the_version_before(empty_database)
    migrations.upgrade(empty_database)
    async with open_desk(empty_database, sandbox=False) as desk:
        desk.keys |= {id: secret for id, _, _, secret, _, _ in OLD}
        people = {one["id"]: one for one in done(await desk.get("admin", "/v1/people"))["items"]}
        assert [(one["kind"], one["name"], one["state"], one["keys"]) for one in people.values()] == [
            ("person", "Administrator", "active", 1), ("person", "离岗人", "left", 0), ("person", "梅兰", "active", 1),
            ("machine", "Softphone", "active", 1),
        ]  # fmt: skip
        assert people["gone"]["active_to"] == "2026-02-01T00:00:00Z"
        # A unit that nobody names any more stays theirs; nobody else is given it.
        assert done(await desk.get("mei", "/v1/me"))["unit"] == "kitchen-of-old"
        other = {"id": "other", "name": "x", "roles": ["unit"], "unit": "kitchen-of-old"}
        problem(await desk.post("admin", "/v1/keys", other), 422, "unknown-unit")
        problem(await desk.get("gone", "/v1/me"), 401, "not-authenticated")
        assert len(done(await desk.get("admin", "/v1/keys"))["items"]) == len(OLD)
        history = done(await desk.get("admin", "/v1/people/mei/history"))["items"]
        assert [(item["recorded_by"], item["changes"]["name"]["after"]) for item in history] == [(None, "梅兰")]
        changed = done(await desk.ask("admin", "PATCH", "/v1/people/mei", {"unit": "settlement"}))
        assert (changed["name"], changed["unit"]) == ("梅兰", "settlement")


async def test_a_step_back_leaves_everybody_the_key_they_got_last(empty_database: str) -> None:
    await _of_the_version_before(empty_database)
    migrations.upgrade(empty_database)
    async with open_desk(empty_database, sandbox=False) as desk:
        done(await desk.post("admin", "/v1/people/mei/keys", {"name": "x"}), 201)
        done(await desk.ask("admin", "PATCH", "/v1/people/mei", {"roles": ["agent"], "unit": None}))
        done(await desk.post("admin", "/v1/keys", {"id": "new", "name": "新人", "roles": ["agent"]}), 201)
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), empty_database)
    connection = await asyncpg.connect(empty_database)
    rows = {row["id"]: row for row in await connection.fetch("SELECT * FROM api_keys")}
    await connection.close()
    assert set(rows) == {*(old[0] for old in OLD), "new"}
    assert (list(rows["mei"]["roles"]), rows["mei"]["unit"]) == (["agent"], None)
    assert rows["gone"]["revoked_at"] is not None
    assert json.loads(MASTER.unseal_setting(rows["mei"]["sealed"], b"key/mei/name")) == ["梅兰", None]
    assert json.loads(rows["new"]["once_clear"]) == ["new", None]
    migrations.upgrade(empty_database)
    assert migrations.check(empty_database) == []
