"""How often a key may call, and a wrong one: said in every answer, over all processes, and nobody else pays for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from itertools import count

import pytest

from app.access.rates import KeyRates, RateExceeded
from app.access.tries import KEYS, TooManyWrongKeys, WrongKeys
from app.settings import Settings
from domain.values import Actor
from eventlog.database import create_pool
from tests.http.desk import MASTER, Desk, done, open_desk, problem

PERSON = Actor("li-min", frozenset({"agent"}))
SHOP = Actor("shop", frozenset({"partner"}))
NOON = 1_800_000_000.0


def calls(rates: KeyRates, credential: str = "k-1", actor: Actor = PERSON) -> Iterator[int]:
    """The calls that are let through, each with what is left afterwards."""
    for _ in count():
        try:
            yield rates.take(credential, actor).left
        except RateExceeded:
            return


async def test_every_answer_to_a_key_says_its_limit_and_what_is_left(desk: Desk) -> None:
    for who, policy in (("li-min", "person"), ("softphone", "machine"), ("partner-bank", "machine")):
        first, second = await desk.get(who, "/v1/procedures"), await desk.get(who, "/v1/me-not")
        assert first.headers["ratelimit-policy"] == f'"{policy}";q=20000;w=10'
        left = [re.fullmatch(rf'"{policy}";r=(\d+);t=(\d+)', one.headers["ratelimit"]) for one in (first, second)]
        assert [found is not None and int(found[1]) for found in left] in ([19999, 19998], [19999, 19999])
    assert "ratelimit" not in (await desk.get(None, "/v1/procedures")).headers
    assert "ratelimit" not in (await desk.get(None, "/healthz")).headers


async def test_beyond_its_limit_a_key_is_told_when_to_come_back_and_the_others_go_on(database: str) -> None:
    async with open_desk(database, sandbox=False, rates=("5/hour", "2/hour")) as desk:
        await desk.key_of("partner-bank")
        for _ in range(2):
            done(await desk.get("partner-bank", "/v1/procedures"))
        refused = await desk.get("partner-bank", "/v1/procedures")
        problem(refused, 429, "rate-exceeded")
        assert 1 <= int(refused.headers["retry-after"]) <= 3600
        assert refused.headers["ratelimit"].startswith('"machine";r=0;t=')
        done(await desk.get("admin", "/v1/procedures"))
        assert (await desk.get("partner-bank", "/healthz")).status_code == 200


def test_the_next_window_begins_anew_and_each_key_has_its_own() -> None:
    at = [NOON + 3]
    rates = KeyRates(None, lambda: at[0], "3/10 seconds", "1/10 seconds")
    assert list(calls(rates)) == [2, 1, 0]
    assert list(calls(rates, "k-2")) == [2, 1, 0]
    assert list(calls(rates, "k-3", SHOP)) == [0]
    with pytest.raises(RateExceeded) as refused:
        rates.take("k-1", PERSON)
    assert refused.value.retry_after == refused.value.rate.resets == 7
    at[0] = NOON + 10
    assert list(calls(rates)) == [2, 1, 0]


async def test_processes_add_up_what_a_key_uses(database: str) -> None:
    pools = [await create_pool(database, min_size=1, max_size=2) for _ in range(2)]
    at = [NOON]
    one, other = (KeyRates(pool, lambda: at[0], "100/10 seconds", "100/10 seconds") for pool in pools)
    for rates, times in ((one, 40), (other, 30), (one, 10)):
        for _ in range(times):
            rates.take("k-1", PERSON)
        await rates.exchange()
    assert one.take("k-1", PERSON).left == 100 - 81
    for rates in (other, one, other):
        rates.take("k-1", PERSON)
        await rates.exchange()
    assert len(list(calls(one))) + len(list(calls(other))) >= 16
    await asyncio.gather(one.exchange(), other.exchange())
    assert list(calls(one)) == list(calls(other)) == []
    at[0] += 10
    one.take("k-1", PERSON)
    for _ in range(5):
        other.take("k-1", PERSON)
    await other.exchange()
    assert one.take("k-1", PERSON).left == 98
    for pool in pools:
        await pool.close()


@pytest.mark.parametrize("wrong", ["", "many", "0/second", "5", "5/fortnight", "5/second; 10/minute"])
def test_a_limit_that_is_none_stops_the_start(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_RATE_PERSON", wrong)
    with pytest.raises(ValueError, match="rate_person"):
        Settings()


async def test_who_sends_many_wrong_keys_is_turned_away_and_a_right_one_from_there_is_taken(desk: Desk) -> None:
    await desk.key_of("li-min")
    statuses = []
    for number in range(KEYS[0].most + 5):
        answer = await desk.get(None, "/v1/tracking", headers={"Authorization": f"Bearer rk_guess-{number}"})
        statuses.append(answer.status_code)
    assert statuses == [401] * KEYS[0].most + [429] * 5
    document = problem(answer, 429, "too-many-wrong-keys")
    assert "rk_guess" not in str(document)
    assert 1 <= int(answer.headers["retry-after"]) <= 600
    done(await desk.get("li-min", "/v1/procedures"))
    problem(await desk.get(None, "/v1/tracking"), 401)  # nothing was guessed
    assert "redress_callers_locked_out 1.0" in (await desk.get(None, "/metrics")).text


async def test_wrong_keys_are_counted_over_all_processes_and_restarts_for_each_address(database: str) -> None:
    pools = [await create_pool(database, min_size=2, max_size=4) for _ in range(3)]
    doors = [WrongKeys(pool, MASTER) for pool in pools[:2]]

    async def taken(door: WrongKeys, caller: str = "192.0.2.1") -> bool:
        try:
            await door.take(caller)
        except TooManyWrongKeys:
            return False
        return True

    found = await asyncio.gather(*(taken(doors[number % 2]) for number in range(KEYS[0].most + 20)))
    assert sum(found) == KEYS[0].most
    assert not await taken(WrongKeys(pools[2], MASTER))
    assert await taken(doors[0], "192.0.2.2")
    for pool in pools:
        await pool.close()
