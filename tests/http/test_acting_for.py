"""On behalf of: a system whose key may acts for people; both stand in the event, and the rights are the person's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.access.person_keys import NewPersonKey
from tests.http.desk import Desk, complaint, done, problem


async def system_key(desk: Desk, scopes: Collection[str] | None = ("act-for",), *, system: str = "partner-bank") -> str:
    """A key of a system with these scopes."""
    await desk.key_of(system)
    access, at = desk.service.access, desk.service.now()
    new = NewPersonKey(name="for others", scopes=None if scopes is None else tuple(scopes))
    _, secret, _ = await access.person_keys.add(system, new, by="admin", at=at)
    return secret


async def acting(
    desk: Desk, key: str, person: str, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    sent = {"Authorization": f"Bearer {key}", "Redress-Acting-For": quote(person), **headers}
    return await desk.http.request(method, path, json=body, headers=sent)


async def test_both_stand_in_the_event_in_the_history_and_in_the_access_log(desk: Desk) -> None:
    await desk.key_of("li-min")
    key = await system_key(desk)
    case = done(await acting(desk, key, "li-min", "POST", "/v1/complaints", complaint()), 201)
    assert case["owner"]["actor"] == "li-min"
    history = done(await acting(desk, key, "LI-MIN ", "GET", f"/v1/complaints/{case['id']}/history"))
    actor = history["items"][0]["actor"]
    assert (actor["id"], actor["role"], actor["via"]) == ("li-min", "agent", "partner-bank")
    await desk.step("li-min", case["id"], "add-note", text="客户来电")
    own = done(await desk.get("he-ping", f"/v1/audit/events?complaint={case['id']}"))
    assert [(one["actor"]["id"], one["actor"]["via"]) for one in own["items"]] == [
        ("li-min", "partner-bank"), ("li-min", None),
    ]  # fmt: skip
    table = await desk.get("he-ping", "/v1/audit/events", headers={"Accept": "text/csv"})
    assert "partner-bank" in table.text
    rows = done(await desk.get("he-ping", "/v1/audit/access?actor=li-min&kind=read"))["items"]
    assert {row["via"] for row in rows if row["path"].endswith("history")} == {"partner-bank"}


async def test_the_rights_are_the_persons_and_never_an_administrators(desk: Desk) -> None:
    mine = (await desk.receive(accused=["agent-7"]))["id"]
    for who in ("agent-7", "zhou-qi"):
        await desk.key_of(who)
    key = await system_key(desk)
    problem(await acting(desk, key, "agent-7", "GET", f"/v1/complaints/{mine}"), 403, "recused")
    step = {"severity": "general", "category": "process.deposit", "issue_point": "no-answer"}
    problem(await acting(desk, key, "zhou-qi", "POST", f"/v1/complaints/{mine}/classify", step), 403)
    done(await acting(desk, key, "li-min", "POST", f"/v1/complaints/{mine}/classify", step))
    problem(await acting(desk, key, "admin", "GET", "/v1/keys"), 422, "nobody-to-act-for")
    both = {"id": "boss", "name": "Boss", "roles": ["admin", "manager"]}
    done(await desk.post("admin", "/v1/keys", both), 201)
    problem(await acting(desk, key, "boss", "POST", "/v1/keys", {**both, "id": "boss-2"}), 403, "role-forbids")
    done(await acting(desk, key, "boss", "GET", "/v1/tracking"))


@pytest.mark.parametrize("scopes", [None, ("complaints:write",)])
async def test_a_key_without_the_scope_acts_for_nobody(desk: Desk, scopes: Collection[str] | None) -> None:
    await desk.key_of("li-min")
    key = await system_key(desk, scopes)
    problem(await acting(desk, key, "li-min", "GET", "/v1/tracking"), 403, "acting-for-needed")
    problem(await acting(desk, await desk.key_of("zhao-jing"), "li-min", "GET", "/v1/tracking"), 403)


async def test_a_person_acts_for_nobody_whatever_their_key_says(desk: Desk) -> None:
    await desk.key_of("li-min")
    key = await system_key(desk, system="zhao-jing")
    problem(await acting(desk, key, "li-min", "GET", "/v1/tracking"), 403, "acting-for-needed")


async def test_nobody_is_acted_for_who_is_unknown_has_left_or_is_a_system_and_a_system_is_not_told_which(
    desk: Desk,
) -> None:
    await desk.key_of("softphone")
    await desk.key_of("li-min")
    key = await system_key(desk)
    assert (await desk.ask("admin", "DELETE", "/v1/keys/li-min")).status_code == 204
    told = set()
    for person in ("li-min", "li-mim", "softphone", "partner-bank", "admin", "", "\x00", "张三", "x" * 500):
        refusal = problem(await acting(desk, key, person, "GET", "/v1/tracking"), 422, "nobody-to-act-for")
        assert refusal["errors"][0]["pointer"] == "Redress-Acting-For"
        told.add(refusal["detail"])
    assert len(told) == 1
    assert (await acting(desk, key, "li-min", "GET", "/healthz")).status_code == 200


async def test_a_system_has_idempotency_keys_of_its_own_for_each_person(desk: Desk) -> None:
    key, repeat = await system_key(desk), {"Idempotency-Key": "order-1"}
    for who in ("li-min", "agent-7"):
        await desk.key_of(who)
    body = complaint(issue_point=None)
    first = await acting(desk, key, "li-min", "POST", "/v1/complaints", body, **repeat)
    again = await acting(desk, key, "li-min", "POST", "/v1/complaints", body, **repeat)
    assert done(again, 201)["id"] == done(first, 201)["id"]
    assert again.headers["idempotency-replayed"] == "true"
    others = [
        await acting(desk, key, "agent-7", "POST", "/v1/complaints", body, **repeat),
        await desk.post("li-min", "/v1/complaints", body, headers=repeat),
    ]
    assert len({first.json()["id"], *(done(one, 201)["id"] for one in others)}) == 3
