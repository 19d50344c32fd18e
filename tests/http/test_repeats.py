"""`Idempotency-Key`: a request that is sent again does nothing, and is answered as the first time, for ever."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.http.desk import Desk, complaint, done, open_desk, problem

KEY = {"Idempotency-Key": "call-2026-03-02/17"}


def is_replay(answer: httpx.Response, first: httpx.Response) -> bool:
    """The same answer, said to be a repeated one."""
    same = all(answer.headers[name] == first.headers[name] for name in ("etag", "redress-position"))
    return same and answer.content == first.content and answer.headers.get("idempotency-replayed") == "true"


async def test_an_intake_sent_again_is_answered_as_the_first_time_whatever_came_after(sandbox: Desk) -> None:
    first = await sandbox.post("li-min", "/v1/complaints", complaint(), headers=KEY)
    taken = done(first, 201)
    assert "idempotency-replayed" not in first.headers
    await sandbox.general(taken["id"], "other")
    await sandbox.set_clock("2026-04-01T09:00:00+08:00")
    await sandbox.step("li-min", taken["id"], "withdraw", reason="撤回")
    again = await sandbox.post("li-min", "/v1/complaints", complaint(), headers=KEY)
    assert again.status_code == 201
    assert again.headers["location"] == first.headers["location"]
    assert is_replay(again, first)
    assert await complaints_in(sandbox) == 1


async def test_every_step_sent_again_is_answered_byte_for_byte_as_the_first_time(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    sent: list[tuple[str, str, dict[str, Any], httpx.Response]] = []

    async def takes(who: str, step: str, **body: Any) -> None:
        key = {"Idempotency-Key": f"{len(sent)}"}
        sent.append((who, step, body, await sandbox.post(who, f"/v1/complaints/{id}/{step}", body, headers=key)))

    await takes("li-min", "classify", severity="severe", category="other")
    await takes("li-min", "draft-opinion", text="当日入账。")
    await takes("li-min", "dispatch", units=["settlement", "risk-control"])
    await takes("wu-hao", "dispute-opinion", reason="不同意")
    await sandbox.set_clock("2026-03-04T09:00:00+08:00")
    ruling = [{"unit": "settlement", "percent": 100}]
    await takes("qian-hui", "issue-ruling", outcome="upheld", text="维持", liability=ruling)
    await takes("zhou-qi", "report-interim-measure", text="先行垫付")
    await takes("zhou-qi", "extend", clock="execute", until="2026-03-09T09:00:00+08:00", reason="银行停机")
    await takes("zhou-qi", "execute", measure="入账")
    await takes("li-min", "record-callback", reached=True, satisfied=False, means="phone", score=1)
    await takes("zhao-jing", "withdraw", reason="撤回")  # of a severe one, the manager at least
    version = done(await sandbox.get("li-min", f"/v1/complaints/{id}"))["version"]
    for number, (who, step, body, first) in enumerate(sent):
        key = {"Idempotency-Key": f"{number}"}
        assert first.status_code == 200, (step, first.text)
        assert is_replay(await sandbox.post(who, f"/v1/complaints/{id}/{step}", body, headers=key), first), step
    assert done(await sandbox.get("li-min", f"/v1/complaints/{id}"))["version"] == version


async def test_a_classification_that_was_raised_is_answered_again_with_the_raise(sandbox: Desk) -> None:
    body = SAME
    for _ in range(4):
        await sandbox.step("li-min", (await sandbox.receive())["id"], "classify", **body)
    id = (await sandbox.receive())["id"]
    first = await sandbox.post("li-min", f"/v1/complaints/{id}/classify", body, headers=KEY)
    assert done(first)["severity"] == "severe"
    await sandbox.step("li-min", id, "add-note", text="…")
    assert is_replay(await sandbox.post("li-min", f"/v1/complaints/{id}/classify", body, headers=KEY), first)


SAME = {"severity": "general", "category": "other", "issue_point": "deposit-delay"}
OTHER = {"severity": "general", "category": "process.deposit"}  # of the issue point that is known already


async def test_a_step_that_changed_nothing_is_remembered_and_not_decided_anew(sandbox: Desk, database: str) -> None:
    id = (await sandbox.receive())["id"]
    path = f"/v1/complaints/{id}/classify"
    await sandbox.step("li-min", id, "classify", **SAME)
    first = await sandbox.post("li-min", path, SAME, headers=KEY)
    assert done(first)["version"] == 2
    assert "idempotency-replayed" not in first.headers
    await sandbox.step("li-min", id, "classify", **OTHER)
    assert is_replay(await sandbox.post("li-min", path, SAME, headers=KEY), first)
    problem(await sandbox.post("li-min", path, OTHER, headers=KEY), 422, "command-id-reused")
    problem(await sandbox.post("li-min", "/v1/complaints", complaint(), headers=KEY), 422, "command-id-reused")
    now = done(await sandbox.get("li-min", f"/v1/complaints/{id}"))
    assert (now["version"], now["category"]) == (3, "process.deposit")


async def test_a_step_that_changed_nothing_is_known_after_a_restart(database: str) -> None:
    async with open_desk(database, sandbox=False) as before:
        id = (await before.receive("chief"))["id"]
        path = f"/v1/complaints/{id}/classify"
        await before.step("chief", id, "classify", **SAME)
        first = await before.post("chief", path, SAME, headers=KEY)
        await before.step("chief", id, "classify", **OTHER)
    async with open_desk(database, sandbox=False) as after:
        after.keys.update(before.keys)
        assert is_replay(await after.post("chief", path, SAME, headers=KEY), first)


async def test_a_step_that_changed_nothing_is_answered_again_without_what_followed_later(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    await sandbox.step("li-min", id, "classify", **SAME)
    first = await sandbox.post("li-min", f"/v1/complaints/{id}/classify", SAME, headers=KEY)
    for _ in range(4):
        await sandbox.step("li-min", (await sandbox.receive())["id"], "classify", **SAME)
    assert is_replay(await sandbox.post("li-min", f"/v1/complaints/{id}/classify", SAME, headers=KEY), first)


async def test_one_key_at_two_processes_at_once_is_one_step_whatever_somebody_else_does_meanwhile(
    desk: Desk, database: str
) -> None:
    await desk.key_of("li-min")
    await desk.key_of("agent-7")
    id = (await desk.receive())["id"]
    path = f"/v1/complaints/{id}/classify"
    await desk.step("li-min", id, "classify", **SAME)
    async with open_desk(database, sandbox=False) as other:
        other.keys.update(desk.keys)
        for number in range(15):
            key = {"Idempotency-Key": f"race-{number}"}
            one, two, _ = await asyncio.gather(
                desk.post("li-min", path, SAME, headers=key),
                other.post("li-min", path, SAME, headers=key),
                other.post("agent-7", path, OTHER),
            )
            assert (one.status_code, one.content) == (two.status_code, two.content)
            replays = [answer.headers.get("idempotency-replayed") for answer in (one, two)]
            assert sorted(replays, key=str) == [None, "true"]


async def test_a_key_is_for_one_request_whether_it_makes_a_key_or_takes_a_step(desk: Desk) -> None:
    new = {"id": "wang-fang", "name": "王芳", "roles": ["agent"]}
    for_a_step, for_a_key = {"Idempotency-Key": "step"}, {"Idempotency-Key": "key"}
    id = done(await desk.post("chief", "/v1/complaints", complaint(), headers=for_a_step), 201)["id"]
    problem(await desk.post("chief", "/v1/keys", new, headers=for_a_step), 422, "command-id-reused")
    first = done(await desk.post("chief", "/v1/keys", new, headers=for_a_key), 201)
    problem(await desk.post("chief", "/v1/complaints", complaint(), headers=for_a_key), 422, "command-id-reused")
    note = f"/v1/complaints/{id}/add-note"
    problem(await desk.post("chief", note, {"text": "x"}, headers=for_a_key), 422, "command-id-reused")
    assert done(await desk.post("chief", "/v1/keys", new, headers=for_a_key), 201) == first
    assert await complaints_in(desk) == 1


async def test_one_request_for_a_key_ten_times_at_once_is_one_key(desk: Desk) -> None:
    new = {"id": "wang-fang", "name": "王芳", "roles": ["agent"]}
    answers = await asyncio.gather(*(desk.post("admin", "/v1/keys", new, headers=KEY) for _ in range(10)))
    assert len({done(answer, 201)["key"] for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count(None) == 1


async def test_a_key_with_another_body_or_another_address_is_refused(desk: Desk) -> None:
    taken = done(await desk.post("li-min", "/v1/complaints", complaint(), headers=KEY), 201)
    note = f"/v1/complaints/{taken['id']}/add-note"
    other = (await desk.receive())["id"]
    for path, body in (
        ("/v1/complaints", complaint(subject="另一件")),
        (note, {"text": "x"}),
        (f"/v1/complaints/{other}/add-note", {"text": "x"}),
    ):
        problem(await desk.post("li-min", path, body, headers=KEY), 422, "command-id-reused")
    # The same content in other bytes is another body too: nobody has to compare what was meant.
    spaced = json.dumps(complaint(), indent=1).encode()
    problem(await desk.post("li-min", "/v1/complaints", spaced, headers=KEY), 422, "command-id-reused")
    assert await complaints_in(desk) == 2


async def test_the_keys_of_two_people_have_nothing_to_do_with_each_other(desk: Desk) -> None:
    first = done(await desk.post("li-min", "/v1/complaints", complaint(), headers=KEY), 201)
    second = done(await desk.post("agent-7", "/v1/complaints", complaint(), headers=KEY), 201)
    assert first["id"] != second["id"]


@pytest.mark.parametrize("key", [b"", b"two words", b"x" * 129, b"\xe9", b"tab\tbed", "键".encode()])
async def test_a_key_is_1_to_128_visible_characters(desk: Desk, key: bytes) -> None:
    headers = {
        b"Authorization": f"Bearer {await desk.key_of('li-min')}".encode(),
        b"Idempotency-Key": key,
        b"Content-Type": b"application/json",
    }
    answer = await desk.http.post("/v1/complaints", content=json.dumps(complaint()), headers=headers)
    problem(answer, 422, "invalid-idempotency-key")
    assert await complaints_in(desk) == 0


async def test_the_same_intake_twenty_times_at_once_is_one_complaint(desk: Desk) -> None:
    await desk.key_of("softphone")
    answers = await asyncio.gather(
        *(desk.post("softphone", "/v1/complaints", complaint(), headers=KEY) for _ in range(20))
    )
    taken = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert len(taken) == 1
    assert await complaints_in(desk) == 1
    assert waiting
    for answer in waiting:
        problem(answer, 409, "still-in-flight")
        assert answer.headers["retry-after"] == "1"


async def test_the_same_intake_at_two_processes_at_once_is_one_complaint(desk: Desk, database: str) -> None:
    await desk.key_of("li-min")
    async with open_desk(database, sandbox=False) as other:
        other.keys.update(desk.keys)
        for number in range(10):
            key = {"Idempotency-Key": f"race-{number}"}
            one, two = await asyncio.gather(
                desk.post("li-min", "/v1/complaints", complaint(), headers=key),
                other.post("li-min", "/v1/complaints", complaint(), headers=key),
            )
            assert (one.status_code, one.content) == (two.status_code, two.content)
            replays = [answer.headers.get("idempotency-replayed") for answer in (one, two)]
            assert sorted(replays, key=str) == [None, "true"]
    assert await complaints_in(desk) == 10


async def test_a_repeated_request_is_known_after_a_restart(database: str) -> None:
    async with open_desk(database, sandbox=False) as before:
        first = await before.post("chief", "/v1/complaints", complaint(), headers=KEY)
    async with open_desk(database, sandbox=False) as after:
        after.keys.update(before.keys)
        assert is_replay(await after.post("chief", "/v1/complaints", complaint(), headers=KEY), first)
        problem(await after.post("chief", "/v1/complaints", complaint(kind="x"), headers=KEY), 422)


async def test_a_refused_request_leaves_its_key_free(desk: Desk) -> None:
    problem(await desk.post("li-min", "/v1/complaints", complaint(procedure="kf9999"), headers=KEY), 422)
    done(await desk.post("li-min", "/v1/complaints", complaint(), headers=KEY), 201)


async def test_an_intake_sent_again_is_answered_when_its_time_has_become_absurd(sandbox: Desk) -> None:
    letter = complaint(occurred_at="2016-03-02T09:00:00+08:00")  # ten years ago, and only just taken
    first = await sandbox.post("li-min", "/v1/complaints", letter, headers=KEY)
    await sandbox.set_clock("2026-04-02T09:00:00+08:00")
    assert is_replay(await sandbox.post("li-min", "/v1/complaints", letter, headers=KEY), first)
    problem(await sandbox.post("li-min", "/v1/complaints", letter), 422, "absurd-time")


async def complaints_in(desk: Desk) -> int:
    """How many complaints were taken down."""
    return len(await desk.service.log.after(0, 1000, topics=["complaint.Received"]))
