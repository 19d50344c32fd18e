"""Many people at one complaint at once: what only adds something is never refused, in one process and over two."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

import httpx
import pytest

from tests.http.desk import ADMIN_KEY, Desk, complaint, done, problem
from tests.http.process import server

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLERS: Final = 24
ADDED: Final = {
    "add-note": "NoteAdded", "remind": "Reminded", "attach": "AttachmentAdded", "report-progress": "ProgressReported",
    "supervise": "Supervised", "report-interim-measure": "InterimMeasureReported",
}  # fmt: skip


class Takes(Protocol):
    """A service that steps can be sent to."""

    async def __call__(self, path: str, body: Any, **headers: str) -> httpx.Response: ...


def sent(number: int) -> tuple[str, dict[str, str]]:
    """The step of one caller and its body, which says whose it is."""
    step = list(ADDED)[number % len(ADDED)]
    if step == "attach":
        return step, {"name": "录音", "kind": "recording", "reference": f"{PLACE}{number}"}
    return step, {"text": f"caller {number}"}


PLACE: Final = "https://store.example.com/"


async def all_at_once(services: Sequence[Takes], id: str, **headers: str) -> list[httpx.Response]:
    """A step of each caller, spread over the services, each with a key of its own."""
    calls = []
    for number in range(CALLERS):
        step, body = sent(number)
        take = services[number % len(services)]
        calls.append(take(f"/v1/complaints/{id}/{step}", body, **{"Idempotency-Key": f"{id}-{number}"}, **headers))
    return await asyncio.gather(*calls)


def told(history: dict[str, Any]) -> list[tuple[str, str]]:
    """Type and words of every event after the first."""
    said = [(item["type"], item["data"].get("text") or item["data"]["reference"]) for item in history["items"][1:]]
    return [(type, words.replace(PLACE, "caller ")) for type, words in said]


def each_once() -> list[tuple[str, str]]:
    return sorted((ADDED[sent(number)[0]], f"caller {number}") for number in range(CALLERS))


def service_of(desk: Desk) -> Takes:
    async def take(path: str, body: Any, **headers: str) -> httpx.Response:
        return await desk.post("chief", path, body, headers=headers)

    return take


async def test_what_only_adds_is_taken_once_from_each_however_many_come_at_once(house: Desk) -> None:
    id = (await house.receive(force=True))["id"]
    answers = await all_at_once([service_of(house)], id)
    assert sorted(done(answer)["version"] for answer in answers) == list(range(2, CALLERS + 2))
    history = await house.get("admin", f"/v1/complaints/{id}/history")
    assert sorted(told(done(history))) == each_once()


async def test_two_processes_take_it_once_from_each_and_answer_a_repetition_as_the_other_did(database: str) -> None:
    async with server(database) as one, server(database) as two:
        id = done(await one.post("/v1/complaints", complaint()), 201)["id"]
        first = await all_at_once([one.post, two.post], id)
        assert sorted(done(answer)["version"] for answer in first) == list(range(2, CALLERS + 2))
        again = await all_at_once([two.post, one.post], id)
        assert [answer.content for answer in again] == [answer.content for answer in first]
        assert {answer.headers.get("idempotency-replayed") for answer in again} == {"true"}
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        assert sorted(told(done(await one.http.get(f"/v1/complaints/{id}/history", headers=headers)))) == each_once()


async def test_whoever_bases_it_on_a_version_is_refused_when_another_comes_first(house: Desk) -> None:
    id = (await house.receive(force=True))["id"]
    answers = await all_at_once([service_of(house)], id, **{"If-Match": '"1"'})
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * (CALLERS - 1)]
    for answer in answers:
        if answer.status_code != 200:
            problem(answer, 412, "stale-version")
            assert answer.headers["etag"] == '"2"'


async def test_what_does_more_than_add_is_decided_anew_on_what_the_others_did(house: Desk) -> None:
    id = (await house.receive(force=True))["id"]
    body = {"severity": "general", "category": "process.deposit", "issue_point": "deposit-delay"}
    answers = await asyncio.gather(*(house.post("li-min", f"/v1/complaints/{id}/classify", body) for _ in range(8)))
    assert {done(answer)["version"] for answer in answers} == {2}
    rejected = {"reason": "客户只是咨询"}
    reject = f"/v1/complaints/{id}/reject"
    answers = await asyncio.gather(*(house.post("zhao-jing", reject, rejected) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
