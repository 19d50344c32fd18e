"""Nothing personal leaves by a side door: not in logs, errors, metrics or addresses, and not in the log of events."""

from __future__ import annotations

import json

import asyncpg
import httpx

from tests.http.desk import ADMIN_KEY, PEOPLE, complaint, done
from tests.http.process import Server, server
from tests.http.samples import bodies

PERSON = {
    "name": "欧阳梦露", "phone": "+8613912345678", "email": "menglu@example.com", "address": "和平路甲5号",
    "customer_no": "C-778899",
}  # fmt: skip
SAID = "暗号青山不改"
PERSONAL = ["欧阳梦露", "13912345678", "912345678", "menglu", "和平路", "C-778899", SAID, "880012349999"]
INTAKE = complaint(
    complainant=PERSON, subject=SAID, content=SAID, wants=SAID, facts={"account_no": "880012349999", SAID: SAID}
)


def told(text: str) -> list[str]:
    """What of it stands in a text, as it is or as JSON escapes it."""
    return [word for word in PERSONAL if word in text or json.dumps(word)[1:-1] in text]


async def test_nothing_personal_is_in_what_the_service_writes_refuses_measures_or_records(database: str) -> None:
    async with server(database) as running:
        keys = {"admin": ADMIN_KEY}
        for who in ("li-min", "zhao-jing", "qian-hui", "sun-wei", "zhou-qi"):
            keys[who] = done(await running.post("/v1/keys", {"id": who, **PEOPLE[who]}), 201)["key"]
        refusals = await work(running, keys) + await provoke(running, keys["li-min"])
        metrics = (await running.http.get("/metrics")).text
        ready = (await running.http.get("/readyz")).text
        assert await running.stop() == 0
    assert len(refusals) > 100
    assert {answer.status_code for answer in refusals} >= {400, 403, 404, 405, 409, 413, 415, 422}
    for answer in refusals:
        assert told(answer.text + str(answer.headers)) == [], answer.text
    assert told(metrics + ready) == []
    assert b'"route":"/v1/complaints"' in running.written
    assert told(running.written.decode()) == []
    assert told(await stored(database)) == []


async def work(running: Server, keys: dict[str, str]) -> list[httpx.Response]:
    """Everybody takes every step, in an order that lets the most succeed; returns what was refused."""
    answers = [await running.post("/v1/complaints", INTAKE, key=keys["li-min"])]
    id = done(answers[0], 201)["id"]
    last = {"withdraw", "reopen", "reject", "settle", "close"}
    steps = sorted(bodies(SAID).items(), key=lambda item: item[0] in last)
    for who in ("zhou-qi", "li-min", "zhou-qi", "qian-hui", "zhao-jing", "sun-wei"):
        for step, body in steps:
            answers.append(await running.post(f"/v1/complaints/{id}/{step}", body, key=keys[who]))
    recorded = {answer.json()["version"] for answer in answers if answer.is_success}
    assert len(recorded) > 20
    return [answer for answer in answers if answer.is_error]


async def provoke(running: Server, key: str) -> list[httpx.Response]:
    """Requests that are wrong in every way that quotes something of theirs, if anything does."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    said = json.dumps(INTAKE, ensure_ascii=False)
    wrong: list[bytes] = [
        said[:-1].encode(), said.encode("utf-16"), (said + said).encode(),
        said.replace(SAID, SAID + "\\u0000").encode(),
        json.dumps({**INTAKE, "complainant": PERSON["name"]}).encode(),
        json.dumps({**INTAKE, "complainant": {"phone": SAID}}).encode(),
        json.dumps({**INTAKE, "complainant": {**PERSON, "anonymous": True}}).encode(),
        json.dumps({**INTAKE, "facts": [SAID]}).encode(), json.dumps({**INTAKE, "kind": SAID}).encode(),
        json.dumps({**INTAKE, "procedure": "menglu"}).encode(), json.dumps({**INTAKE, "kind": "menglu"}).encode(),
        json.dumps({**INTAKE, "occurred_at": SAID}).encode(),
        json.dumps({**INTAKE, "facts": {"amount": SAID}}).encode(),
        said.encode() + b" " * 2_000_000,
    ]  # fmt: skip
    answers = [await running.http.post("/v1/complaints", content=body, headers=headers) for body in wrong]
    plain = {**headers, "Content-Type": "text/plain"}
    answers.append(await running.http.post("/v1/complaints", content=said.encode(), headers=plain))
    for path in (
        f"/v1/status/{SAID}?phone_tail=5678", "/v1/status/KF0001-1?phone_tail=13912345678", f"/v1/complaints/{SAID}",
        f"/{SAID}", f"/v1/complaints?q={SAID}", f"/v1/tracking?sort={SAID}", f"/v1/tracking?cursor={SAID}",
        f"/v1/tracking?received_from={SAID}", f"/v1/audit/events?complaint={SAID}", f"/v1/procedures/{SAID}",
        f"/v1/calendars/{SAID}/days?from=2026-01-01&to=2026-01-01", f"/v1/calendars/cn/days?from={SAID}&to=x",
    ):  # fmt: skip
        answers.append(await running.http.get(path, headers=headers))
    for header in ("Idempotency-Key", "If-Match", "X-Request-Id", "Authorization"):
        values = {**headers, header: "menglu@example.com 欧阳梦露"}
        sent = [(name.encode(), value.encode()) for name, value in values.items()]
        answers.append(await running.http.post("/v1/complaints", content=b"{}", headers=sent))
    assert all(answer.is_error for answer in answers)
    return answers


async def stored(database: str) -> str:
    """Every event as it is kept, and every other table but the read models, which the database alone protects."""
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("SELECT convert_from(state, 'UTF8') AS state, topic, actor FROM stored_events")
        assert len(rows) > 20
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            rows += await connection.fetch(f'SELECT t::text FROM "{table}" t')
        return "\n".join(str(value) for row in rows for value in row)
    finally:
        await connection.close()
