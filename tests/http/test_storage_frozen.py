"""The database says nothing any more, and nobody hangs up: every request is answered in time, and nothing piles up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import pytest

from app.http.protocol.deadline import Deadlines
from app.queries import paging
from tests.http.desk import ADMIN_KEY, Desk, complaint, done, open_desk, problem
from tests.http.line import Line
from tests.http.own_postgres import OwnPostgres
from tests.http.test_storage_away import ready

PLACES: Final = 20
KEY: Final = {"Idempotency-Key": "while-it-was-frozen"}
POOL: Final = 16
BESIDE: Final = 3  # the session of the locks, that of what the process has learnt, and one that compares migrations


class Deadline(Deadlines):
    """Far away, but for what is given up in a test: a busy machine is not to be taken for a frozen database."""

    def is_near(self) -> None:
        self.request, self.operation = 0.2, 0.1

    def is_far(self) -> None:
        self.request = self.operation = 20.0


@asynccontextmanager
async def desk_on(url: str) -> AsyncIterator[tuple[Desk, Deadline]]:
    deadline = Deadline(waiting=PLACES)
    deadline.is_far()
    async with open_desk(url, sandbox=False, deadlines=deadline) as desk:
        yield desk, deadline


@asynccontextmanager
async def frozen(
    line: Line | OwnPostgres, deadline: Deadline, freeze: Callable[[], None] | None = None
) -> AsyncIterator[None]:
    """While one is in here, the database says nothing; `freeze` may be how it begins."""
    deadline.is_near()
    (freeze or line.freeze)()
    try:
        yield
    finally:
        line.thaw()
        deadline.is_far()


async def test_while_the_database_is_frozen_every_answer_is_503_and_then_all_is_as_before(database: str) -> None:
    async with Line(database) as line, desk_on(line.url) as (desk, deadline):
        id = (await desk.dispatched("settlement"))["id"]
        number = (await desk.receive())["number"]
        await desk.caught_up()
        await desk.key_of("chief")
        async with frozen(line, deadline):
            for method, path, body in (
                ("GET", f"/v1/complaints/{id}", None),
                ("GET", f"/v1/complaints/{id}/history", None),
                ("POST", f"/v1/complaints/{id}/add-note", {"text": "x"}),
                ("POST", "/v1/complaints", complaint(complainant={"phone": "+8613912345679"})),
                ("POST", "/v1/keys", {"id": "new", "name": "x", "roles": ["agent"]}),
                ("DELETE", "/v1/keys/li-min", None),
                ("GET", "/v1/tracking", None),
                ("GET", "/v1/sla/summary", None),
                ("GET", "/v1/audit/events", None),
                ("GET", f"/v1/status/{number}?phone_tail=8000", None),
                ("GET", "/readyz", None),
            ):
                answer = await desk.ask("chief", method, path, body)
                problem(answer, 503)
                assert answer.headers["retry-after"]
            for accepted in ("application/x-ndjson", "text/csv"):
                file = await desk.ask("admin", "GET", "/v1/tracking", headers={"Accept": accepted})
                problem(file, 503, "storage-away")
            done(await desk.get("admin", "/v1/procedures"))  # what is in memory is still answered
            done(await desk.get(None, "/healthz"))
            assert "redress_database_up 0.0" in (await desk.get(None, "/metrics")).text
        await ready(desk)
        await desk.step("zhou-qi", id, "confirm-opinion")
        await desk.caught_up()
        assert done(await desk.get("admin", "/v1/tracking?q=" + number))["items"]


@pytest.mark.parametrize("sent", [True, False])
async def test_a_command_whose_answer_was_given_up_is_recorded_once_when_it_is_repeated(
    database: str, sent: bool
) -> None:
    async with Line(database) as line, desk_on(line.url) as (desk, deadline):
        path = f"/v1/complaints/{(await desk.receive('chief'))['id']}/classify"
        body = {"severity": "severe", "category": "other"}
        # Those who follow the log ask for events by their names, and not by what is in them.
        freeze = partial(line.freeze_when_sent, b'"severity":"severe"') if sent else line.freeze
        async with frozen(line, deadline, freeze):
            document = problem(await desk.post("chief", path, body, headers=KEY), 503, "storage-away")
            assert line.frozen.is_set()
            assert ("same Idempotency-Key" in document["detail"]) is sent
        await ready(desk)
        repeated = await desk.post("chief", path, body, headers=KEY)
        assert (repeated.headers.get("idempotency-replayed") == "true") is sent
        again = await desk.post("chief", path, body, headers=KEY)
        assert again.headers["idempotency-replayed"] == "true"
        assert done(again) == done(repeated)
        recorded = [event.topic for event in await desk.service.log.after(0, 10)]
        assert recorded == ["complaint.Received", "complaint.Classified", *["complaint.Escalated"] * 3]


async def test_more_than_may_wait_are_sent_away_at_once_and_no_connections_pile_up(database: str) -> None:
    async with Line(database) as line, desk_on(line.url) as (desk, deadline):
        path = f"/v1/complaints/{(await desk.receive('chief'))['id']}"
        async with frozen(line, deadline):
            for _ in range(3):
                answers = await asyncio.gather(*(desk.get("chief", path) for _ in range(2 * PLACES)))
                assert all(answer.headers["retry-after"] for answer in answers)
                why = [problem(answer, 503)["type"].rpartition("/")[2] for answer in answers]
                assert Counter(why) == {"storage-away": PLACES, "too-many-wait": PLACES}
            problem(await desk.get(None, "/readyz"), 503, "not-ready")
            # Those that were busy when it froze, and those that have taken their places since.
            assert line.most <= 2 * POOL + BESIDE
        await ready(desk)
        done(await desk.get("chief", path))


async def test_a_file_that_has_begun_breaks_off_where_the_database_freezes(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "FILE_PAGE", 1)
    async with Line(database) as line, desk_on(line.url) as (desk, deadline):
        for _ in range(3):
            await desk.receive("chief")
        sent: list[MutableMapping[str, Any]] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)
            if message["type"] == "http.response.body":
                line.freeze()

        deadline.request = 1.0
        # A server closes the connection when its application raises: the reader finds the last part missing.
        with pytest.raises(RuntimeError, match="response already started"):
            await desk.app(stream_scope("/v1/audit/events"), nothing_more, send)
        line.thaw()
    assert sent[0]["status"] == 200
    assert len(sent) > 1
    assert all(message["more_body"] for message in sent[1:])


async def test_a_server_that_is_stopped_and_goes_on_is_served_from_again() -> None:
    async with OwnPostgres() as database, desk_on(database.dsn) as (desk, deadline):
        path = f"/v1/complaints/{(await desk.receive('chief'))['id']}"
        async with frozen(database, deadline):
            for _ in range(2):
                problem(await desk.get("chief", path), 503, "storage-away")
                problem(await desk.get(None, "/readyz"), 503, "not-ready")
        await ready(desk)
        done(await desk.post("chief", f"{path}/add-note", {"text": "x"}))
        await desk.caught_up()


def stream_scope(path: str) -> MutableMapping[str, Any]:
    headers = [(b"authorization", f"Bearer {ADMIN_KEY}".encode()), (b"accept", b"application/x-ndjson")]
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 40000), "server": ("redress.test", 80), "state": {},
    }  # fmt: skip


async def nothing_more() -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
