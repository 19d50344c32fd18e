"""Everybody who follows the log says how far they are behind, in /readyz and /metrics: one list of them all."""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from typing import Any, Final

from tests.http.desk import Desk, done

SOON: Final = 20.0
LAG: Final = re.compile(r'^redress_follower_lag_(events|seconds)\{follower="([^"]+)"\} (\S+)$', re.MULTILINE)


async def lags(desk: Desk) -> dict[str, dict[str, Any]]:
    checks = done(await desk.get(None, "/readyz"))["checks"]
    return {one["follower"]: one for one in checks["followers"]["lags"]}


async def measured(desk: Desk) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for what, name, value in LAG.findall((await desk.get(None, "/metrics")).text):
        found.setdefault(name, {})[what] = float(value)
    return found


async def all_caught_up(desk: Desk) -> None:
    limit = monotonic() + SOON
    while any(one["events_behind"] for one in (await lags(desk)).values()):
        assert monotonic() < limit, await lags(desk)
        await asyncio.sleep(0.1)


async def test_whoever_has_a_checkpoint_says_how_far_they_are_behind(desk: Desk) -> None:
    kept = {row["name"] for row in await desk.service.pool.fetch("SELECT name FROM follower_checkpoints")}
    assert {"seal", "links", "recurrence", "calls", "seats", "call sequences", "call surges", "notifications"} <= kept
    assert set(await lags(desk)) == kept
    assert set(await measured(desk)) == kept


async def test_who_is_held_up_is_named_with_events_and_seconds_and_the_service_stays_ready(desk: Desk) -> None:
    await desk.receive()
    await all_caught_up(desk)
    held = ["seal", "links", "recurrence"]
    async with desk.service.pool.acquire() as connection:
        async with connection.transaction():
            await connection.fetch("SELECT FROM follower_checkpoints WHERE name = ANY($1) FOR UPDATE", held)
            await desk.receive(complainant={"name": "李四", "phone": "+8613900139000"})
            await desk.caught_up()
            await asyncio.sleep(0.2)  # it is told since when
            behind = await lags(desk)
            for name in held:
                assert behind[name]["events_behind"] == 1, name
                assert 0.1 < behind[name]["seconds_behind"] < SOON, name
            assert behind["tracking"] == {"follower": "tracking", "events_behind": 0, "seconds_behind": 0.0}
            measures = await measured(desk)
            assert {name for name, one in measures.items() if one["events"]} >= {*held}
            assert measures["seal"]["seconds"] > 0.1
    await all_caught_up(desk)
