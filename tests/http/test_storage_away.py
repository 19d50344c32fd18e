"""The database goes away, also in the middle of a request, and comes back: nothing is lost, done twice or left half."""

from __future__ import annotations

import asyncio

import httpx

from app.main import build
from app.service import Service
from tests.http.desk import MASTER, Desk, complaint, done, open_desk, problem
from tests.http.line import Line

KEY = {"Idempotency-Key": "during-the-outage"}


async def test_while_the_database_is_away_every_answer_is_503_and_then_all_is_as_before(database: str) -> None:
    async with Line(database) as line, open_desk(line.url, sandbox=False) as desk:
        id = (await desk.dispatched("settlement"))["id"]
        number = (await desk.receive())["number"]
        await desk.caught_up()
        await desk.key_of("chief")
        line.pull()
        for method, path, body in (
            ("GET", f"/v1/complaints/{id}", None),
            ("GET", f"/v1/complaints/{id}/history", None),
            ("GET", f"/v1/complaints/{id}/clocks/unit-answers/explanation", None),
            ("POST", f"/v1/complaints/{id}/add-note", {"text": "x"}),
            ("POST", "/v1/complaints", complaint(complainant={"phone": "+8613912345679"})),
            ("POST", "/v1/keys", {"id": "new", "name": "x", "roles": ["agent"]}),
            ("DELETE", "/v1/keys/li-min", None),
            ("GET", "/v1/keys", None),
            ("GET", "/v1/tracking", None),
            ("GET", "/v1/sla", None),
            ("GET", "/v1/obligations", None),
            ("GET", "/v1/sla/summary", None),
            ("GET", "/v1/audit/events", None),
            ("GET", f"/v1/status/{number}?phone_tail=8000", None),
            ("GET", "/readyz", None),
        ):
            answer = await desk.ask("chief", method, path, body)
            problem(answer, 503)
            assert answer.headers["retry-after"]
        done(await desk.get("admin", "/v1/procedures"))  # what is in memory is still answered
        done(await desk.get(None, "/healthz"))
        assert "redress_database_up 0.0" in (await desk.get(None, "/metrics")).text
        line.plug_in()
        await ready(desk)
        await desk.step("zhou-qi", id, "confirm-opinion")
        await desk.caught_up()
        assert done(await desk.get("admin", "/v1/tracking?q=" + number))["items"]


async def test_an_intake_whose_answer_was_lost_is_recorded_once(database: str) -> None:
    async with Line(database) as line, open_desk(line.url, sandbox=False) as desk:
        await desk.key_of("chief")
        line.pull_when_sent(b"complaint.Received")
        asked = asyncio.create_task(desk.post("chief", "/v1/complaints", complaint(), headers=KEY))
        await line.is_pulled()
        line.plug_in()
        taken = done(await asked, 201)
        again = await desk.post("chief", "/v1/complaints", complaint(), headers=KEY)
        assert done(again, 201)["id"] == taken["id"]
        assert len(await desk.service.log.after(0, 10)) == 1


async def test_an_outage_in_the_middle_of_a_request_tells_to_repeat_it_and_the_repetition_is_safe(
    database: str,
) -> None:
    async with Line(database) as line, open_desk(line.url, sandbox=False) as desk:
        id = (await desk.receive("chief"))["id"]
        line.pull_when_sent(b'"severity":"severe"')  # those who follow the log ask for events by their names
        path, body = f"/v1/complaints/{id}/classify", {"severity": "severe", "category": "other"}
        answer = await desk.post("chief", path, body, headers=KEY)
        assert "same Idempotency-Key" in problem(answer, 503, "storage-away")["detail"]
        line.plug_in()
        await ready(desk)
        assert done(await desk.post("chief", path, body, headers=KEY))["version"] == 5
        types = [event["type"] for event in done(await desk.get("admin", f"/v1/complaints/{id}/history"))["items"]]
        assert types == ["Received", "Classified", "Escalated", "Escalated", "Escalated"]


async def test_a_process_that_nothing_brings_back_says_so(database: str) -> None:
    async with open_desk(database, sandbox=False) as desk:
        done(await desk.get(None, "/healthz"))
        await desk.service.log.close()
        problem(await desk.get(None, "/healthz"), 503, "cannot-recover")


async def test_a_process_whose_database_is_kept_by_nobody_any_more_says_so(database: str) -> None:
    kept = True
    app = build(Service(database, MASTER, database_is_kept=lambda: kept))
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://redress.test") as http:
            done(await http.get("/healthz"))
            kept = False
            problem(await http.get("/healthz"), 503, "cannot-recover")


async def test_a_database_that_is_behind_in_its_schema_is_not_ready(desk: Desk) -> None:
    head = await desk.service.pool.fetchval("SELECT version_num FROM alembic_version")
    await as_owner(desk, "UPDATE alembic_version SET version_num = '0001'")
    document = problem(await desk.get(None, "/readyz"), 503, "not-ready")
    assert head in str(document["checks"]["migrations"]["pending"])


async def as_owner(desk: Desk, statement: str) -> None:
    """The service's own role may not do this."""
    async with desk.service.pool.acquire() as connection:
        await connection.execute("SET ROLE NONE")
        try:
            await connection.execute(statement)
        finally:
            await connection.reset()


async def ready(desk: Desk) -> None:
    """Waits until the service says so."""
    async with asyncio.timeout(20):
        while True:
            if (await desk.get(None, "/readyz")).status_code == 200:
                return
            await asyncio.sleep(0.02)
