"""The feed: gapless for what the key may see, in order, resumable over restarts, slow readers and two processes."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import httpx
import pytest

from tests.http.desk import ADMIN_KEY, Desk, complaint, done, problem
from tests.http.process import Server, server

READERS: Final = ("zhao-jing", "li-min", "zhou-qi", "partner-bank", "he-ping")


async def told(desk: Desk, who: str, after: int = 0, **asked: Any) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in {"after": after, **asked}.items())
    return dict(done(await desk.get(who, f"/v1/events?{query}")))


async def followed(desk: Desk, who: str, after: int = 0, **asked: Any) -> list[dict[str, Any]]:
    """Everything from there on, answer by answer."""
    found: list[dict[str, Any]] = []
    while True:
        page = await told(desk, who, after, **asked)
        found += page["items"]
        if page["position"] == after:
            return found
        after = page["position"]


async def audited(desk: Desk, who: str, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    query = "&".join(f"{name}={value}" for name, value in {"limit": 200, **asked}.items())
    page = done(await desk.get(who, f"/v1/audit/events?{query}"))
    items += page["items"]
    while page["next_cursor"]:
        page = done(await desk.get(who, f"/v1/audit/events?{query}&cursor={page['next_cursor']}"))
        items += page["items"]
    return items


async def some_history(desk: Desk) -> dict[str, Any]:
    for n in range(3):
        await desk.receive(subject=f"第{n}件", procedure="general", kind="complaint")
    made = await desk.dispatched("settlement")
    await desk.step("zhou-qi", made["id"], "confirm-opinion")
    await desk.receive("zhao-jing", accused=["li-min"], force=True)
    await desk.caught_up()
    return made


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_every_reader_is_told_what_they_may_see_and_no_more_in_order(desk: Desk, limit: int) -> None:
    await some_history(desk)
    for who in READERS:
        assert await followed(desk, who, limit=limit) == await audited(desk, who), who


async def test_filters_narrow_it_and_what_is_not_shown_is_not_found_by_them(desk: Desk) -> None:
    made = await some_history(desk)
    everything = await audited(desk, "zhao-jing")
    of_general = [one for one in everything if one["number"].startswith("GENERAL")]
    assert await followed(desk, "zhao-jing", procedure="general", limit=2) == of_general
    assert await audited(desk, "zhao-jing", procedure="general") == of_general
    of_unit = await followed(desk, "zhao-jing", unit="settlement")
    assert {one["complaint_id"] for one in of_unit} == {made["id"]}
    assert await followed(desk, "partner-bank", unit="settlement") == [], "which units saw it is not theirs to know"
    types = {one["type"] for one in await followed(desk, "zhao-jing", type="Received")}
    assert types == {"Received"}
    problem(await desk.get("zhao-jing", "/v1/events?procedure=generall"), 422)
    problem(await desk.get("zhao-jing", "/v1/events?wait=31"), 422)
    problem(await desk.get("zhao-jing", "/v1/stream", headers={"Last-Event-ID": "x"}), 422)
    problem(await desk.get("zhao-jing", "/v1/stream?after=-1"), 422)


async def test_an_answer_may_wait_until_there_is_something_to_tell(desk: Desk) -> None:
    await some_history(desk)
    head = (await told(desk, "zhao-jing", 10**6))["position"]
    assert head == 10**6, "whoever is ahead stays there"
    head = (await followed(desk, "zhao-jing"))[-1]["position"]
    began = time.monotonic()
    waiting = asyncio.create_task(told(desk, "zhao-jing", head, wait=20))
    await asyncio.sleep(0.3)
    made = await desk.receive()
    page = await waiting
    assert [one["complaint_id"] for one in page["items"]] == [made["id"]]
    assert time.monotonic() - began < 10
    head = page["position"]
    began = time.monotonic()
    assert await told(desk, "zhao-jing", head, wait=1) == {"items": [], "position": head}
    assert time.monotonic() - began >= 0.9


async def test_what_only_others_may_see_moves_the_position_and_nothing_else(desk: Desk) -> None:
    made = await some_history(desk)
    position = (await told(desk, "zhou-qi", 0, limit=200))["position"]
    await desk.receive(subject="与结算部无关", force=True)
    later = await told(desk, "zhou-qi", position)
    assert later["items"] == []
    assert later["position"] > position
    await desk.step("li-min", made["id"], "remind", text="催办")
    assert [one["type"] for one in (await told(desk, "zhou-qi", later["position"]))["items"]] == ["Reminded"]


async def test_whoever_is_sent_complaints_while_they_follow_misses_none_of_what_comes_after(desk: Desk) -> None:
    """What a unit sees is told by read models, which are a moment behind: the feed waits for them."""
    made = [await desk.general((await desk.receive(subject=f"{n}", force=True))["id"]) for n in range(12)]
    for one in made:
        await desk.step("li-min", one["id"], "draft-opinion", text="核实")
    await desk.key_of("zhou-qi")
    after, found, going_on = await desk.service.log.head(), list[dict[str, Any]](), True

    async def follow() -> None:
        nonlocal after
        while going_on:
            page = await told(desk, "zhou-qi", after, wait=1, limit=5)
            found.extend(page["items"])
            after = page["position"]

    async def send(id: str) -> None:
        await desk.step("li-min", id, "dispatch", units=["settlement"])
        await desk.step("zhou-qi", id, "confirm-opinion")

    following = asyncio.create_task(follow())
    await asyncio.gather(*(send(one["id"]) for one in made))
    await desk.caught_up()
    await asyncio.sleep(0.5)
    going_on = False
    await following
    found += await followed(desk, "zhou-qi", after)
    positions = [one["position"] for one in found]
    assert positions == sorted(set(positions))
    sent = {one["complaint_id"] for one in found if one["type"] == "Dispatched"}
    assert sent == {one["id"] for one in made}
    assert [one["type"] for one in found].count("OpinionConfirmed") == len(made)


# As server-sent events, of real processes


@asynccontextmanager
async def stream(
    running: Server, header: dict[str, str], **options: Any
) -> AsyncIterator[AsyncIterator[tuple[int, dict[str, Any]]]]:
    async with running.http.stream("GET", "/v1/stream", timeout=60, **options, headers={
        **header, **options.pop("more", {}),
    }) as answer:  # fmt: skip
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    id = 0
    with suppress(httpx.HTTPError):
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                id = int(line[4:])
            elif line.startswith("data: "):
                yield id, json.loads(line[6:])


async def manager(running: Server) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Idempotency-Key": "manager"}
    new = {"id": "zhao-jing", "name": "赵静", "roles": ["manager"]}
    given = done(await running.http.post("/v1/keys", json=new, headers=headers), 201)
    return {"Authorization": f"Bearer {given['key']}"}


async def taken_down(running: Server, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        body = {**complaint(), "subject": f"第{n}件", "force": True}
        done(await running.post("/v1/complaints", body), 201)


async def test_a_stream_goes_on_where_it_was_over_a_kill_and_another_process(database: str) -> None:
    heard: list[tuple[int, dict[str, Any]]] = []

    async def listen(running: Server, header: dict[str, str], count: int) -> None:
        more = {"Last-Event-ID": str(heard[-1][0])} if heard else {}
        async with stream(running, {**header, **more}, params={"after": 0}) as events, asyncio.timeout(60):
            async for id, event in events:
                heard.append((id, event))
                if len(heard) >= count:
                    return

    async with server(database) as one, server(database) as other:
        header = await manager(one)
        listening = asyncio.create_task(listen(other, header, 20))
        await taken_down(one, 10)
        await taken_down(other, 10, 10)
        await listening
        reading = asyncio.create_task(listen(one, header, 30))
        await asyncio.sleep(0.5)
        await taken_down(other, 5, 20)
        await asyncio.sleep(0.5)
        await one.stop(signal.SIGKILL)
        await reading
        await taken_down(other, 5, 25)
        await listen(other, header, 30)
    assert [id for id, _ in heard] == [event["position"] for _, event in heard]
    subjects = [event["data"]["subject"] for _, event in heard]
    assert subjects == [f"第{n}件" for n in range(30)], "each once, in order"


@pytest.mark.parametrize("workers", [1, 2])
async def test_closing_the_service_ends_streams_at_once(database: str, workers: int) -> None:
    async with server(database, "--workers", str(workers)) as running:
        header = await manager(running)
        async with stream(running, header, params={"after": 0}) as events:
            await taken_down(running, 1)
            assert (await anext(events))[1]["type"] == "Received"
            began = time.monotonic()
            assert await running.stop() == 0
            assert time.monotonic() - began < 10
            assert [event async for event in events] == []
