"""A request is known again after an upgrade, and what it is known by says nothing of what was asked."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from tests.http.desk import Desk, done, problem

KEY: Final = {"Idempotency-Key": "5f0c8a52-1d3e-4b64-8f1b-named-somebody"}
BODY: Final = {"people": ["waiter-3"]}


async def hash_of_the_step(desk: Desk, id: str) -> bytes:
    query = "SELECT request_hash FROM stored_events WHERE originator_id = $1 ORDER BY originator_version DESC LIMIT 1"
    found: bytes = await desk.service.pool.fetchval(query, UUID(id))
    return found


@pytest.fixture
async def named(desk: Desk) -> str:
    """A complaint in which somebody was named under the key."""
    id: str = (await desk.receive())["id"]
    done(await desk.post("li-min", f"/v1/complaints/{id}/name-accused", BODY, headers=KEY))
    return id


async def test_the_hash_of_a_request_cannot_be_tried_without_its_key(desk: Desk, named: str) -> None:
    path = f"/v1/complaints/{named}/name-accused"
    stored = await hash_of_the_step(desk, named)
    for spelled in (json.dumps(BODY), json.dumps(BODY, separators=(",", ":"))):
        assert stored != sha256(f"POST {path}\0{spelled}".encode()).digest()


async def test_a_request_of_the_version_before_is_answered_as_it_was_and_another_one_is_refused(
    desk: Desk, named: str, database: str
) -> None:
    path = f"/v1/complaints/{named}/name-accused"
    former: Any = sha256(f"POST {path}\0{json.dumps(BODY, separators=(',', ':'))}".encode()).digest()
    owner = await asyncpg.connect(database)
    await owner.execute("ALTER TABLE stored_events DISABLE TRIGGER stored_events_are_permanent")
    await owner.execute("UPDATE stored_events SET request_hash = $1 WHERE request_hash IS NOT NULL AND topic = $2",
                        former, "complaint.AccusedNamed")  # fmt: skip
    await owner.execute("ALTER TABLE stored_events ENABLE ALWAYS TRIGGER stored_events_are_permanent")
    await owner.close()

    again = await desk.post("li-min", path, BODY, headers=KEY)
    assert done(again)["accused"] == BODY["people"]
    assert again.headers["idempotency-replayed"] == "true"
    other = await desk.post("li-min", path, {"people": ["waiter-4"]}, headers=KEY)
    problem(other, 422, "command-id-reused")
