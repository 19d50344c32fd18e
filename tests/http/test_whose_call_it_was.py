"""A number tells whose complaint came of a call: none but who sees who complained is shown it, or asks by it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.cluster import Cluster, Template
from tests.http.desk import Desk, done, open_desk
from tests.http.test_what_calls_lead_to import event, heard, talked, wrapped

pytestmark = pytest.mark.asyncio(loop_scope="module")

# By complaint whose call it was. The last two are of a confidential kind.
CALLERS: Final = {
    "kf0001": "+8613955550001", "courier": "+8613955550002",
    "told": "+8613955550003", "named": "+8613955550004",
}  # fmt: skip
# In kf0001 none but agents and managers see who complains; administrators read its texts, a system not even those.
ROLES: Final = ("dispatcher", "integration", "admin", "supervisor", "mayor")


@dataclass
class House:
    """Calls, each of which came to something in one complaint; `named` was named by somebody outside its circle."""

    desk: Desk
    ids: dict[str, str]

    async def key(self, *roles: str) -> str:
        who = "+".join(roles)
        if who not in self.desk.keys:
            body = {"id": who, "name": who, "roles": list(roles), "unit": "settlement" if "unit" in roles else None}
            self.desk.keys[who] = done(await self.desk.post("admin", "/v1/keys", body), 201)["key"]
        return who

    async def asked(self, who: str, path: str, form: str = "application/json") -> str:
        answer = await self.desk.get(who, path, headers={"Accept": form})
        assert answer.status_code in (200, 403), answer.text
        return answer.text if answer.status_code == 200 else ""

    async def told_of(self, call: str, *roles: str) -> str:
        """All that these roles together are told of a call where it is shown, and where it is found by its number."""
        who, number = await self.key(*roles), quote(CALLERS[call], safe="")
        of_call = [f"/v1/calls/site-a/{call}", f"/v1/calls?complaint={self.ids[call]}"]
        found = [await self.asked(who, path) for path in of_call]
        by_number = [f"/v1/callers/{number}/summary", f"/v1/calls?caller={number}"]
        found += [text.replace(CALLERS[call], "what was asked for", 1) for text in
                  [await self.asked(who, path) for path in by_number]]  # fmt: skip
        for path, form in (("/v1/calls", "text/csv"), ("/v1/calls?limit=200", "application/json")):
            found.append(await self.asked(who, path, form))
        found.append(await self.asked(who, "/v1/audit/events", "application/x-ndjson"))
        return "\n".join(found)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(cluster: Cluster, template: Template) -> AsyncIterator[House]:
    with cluster.copy(template) as url:
        async with open_desk(url, sandbox=False) as desk:
            house = House(desk, {})
            await house.key("supervisor")
            bodies: dict[str, dict[str, Any]] = {
                "kf0001": {}, "courier": {"procedure": "courier", "facts": {}},
                "told": {"procedure": "courier", "kind": "report", "facts": {}},
                "named": {"procedure": "courier", "kind": "report", "facts": {}},
            }  # fmt: skip
            for call, body in bodies.items():
                by = "li-min" if call == "kf0001" else "supervisor"
                who = {"name": "张三", "phone": CALLERS[call]}
                house.ids[call] = done(
                    await desk.post(by, "/v1/complaints", {**_form(), **body, "complainant": who}), 201
                )["id"]
                # Whoever talked is outside the circle in `named` alone.
                agent = "supervisor" if call == "told" else "agent-7"
                wrap_up = event(call, "call.wrap_up", 40, agent=agent, complaint=house.ids[call])
                await heard(desk, *talked(call, CALLERS[call], agent=agent), wrap_up)
            yield house


def _form() -> dict[str, Any]:
    return {"procedure": "kf0001", "channel": "phone", "subject": "入金未到账", "content": "未到账。"}


async def test_every_call_came_to_something_and_who_sees_who_complained_sees_its_number(calls: House) -> None:
    for call, sees in (("kf0001", "li-min"), ("courier", "supervisor"), ("told", "supervisor")):
        view = done(await calls.desk.get(sees, f"/v1/calls/site-a/{call}"))
        assert (view["complaints"], view["caller"]) == ([calls.ids[call]], CALLERS[call])
        number = quote(CALLERS[call], safe="")
        summary = done(await calls.desk.get(sees, f"/v1/callers/{number}/summary"))
        assert [one["id"] for one in summary["open"]] == [calls.ids[call]]
        assert [one["id"] for one in summary["calls"]] == [call]
        rows = done(await calls.desk.get(sees, f"/v1/calls?caller={number}"))["items"]
        assert [one["id"] for one in rows] == [call]


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_no_roles_together_are_told_a_number_whose_complaint_none_of_them_shows_a_person_of(
    calls: House, count: int
) -> None:
    for roles in combinations(ROLES, count):
        for call, see_the_person in (
            ("kf0001", {"agent", "manager"}), ("courier", {"dispatcher", "supervisor"}), ("told", {"supervisor"}),
        ):  # fmt: skip
            told = await calls.told_of(call, *roles)
            assert (CALLERS[call] in told) == bool(see_the_person & {*roles}), (roles, call)


async def test_the_feed_shows_two_roles_no_part_of_a_number_that_it_shows_to_neither(calls: House) -> None:
    part = "****" + CALLERS["kf0001"][-4:]
    for roles in (("integration",), ("dispatcher",), ("dispatcher", "integration")):
        lines = await calls.asked(await calls.key(*roles), "/v1/audit/events", "application/x-ndjson")
        assert "site-a" in lines
        assert part not in lines, roles


async def test_the_feed_shows_the_calls_to_who_is_a_member_of_a_unit_besides(calls: House) -> None:
    shown = []
    for roles in (("dispatcher",), ("dispatcher", "unit")):
        who = await calls.key(*roles)
        lines = (await calls.asked(who, "/v1/audit/events", "application/x-ndjson")).splitlines()
        shown.append([one for line in lines if (one := json.loads(line))["number"] == "site-a"])
    assert shown[0] == shown[1] != []


async def test_by_a_number_nobody_finds_what_they_must_not_know_to_be_that_persons(calls: House) -> None:
    who = await calls.key("dispatcher", "integration", "admin")  # all that the three see of kf0001 is whose it is not
    number = quote(CALLERS["kf0001"], safe="")
    found = done(await calls.desk.get(who, f"/v1/callers/{number}/summary"))
    assert {**found, "phone": ""} == {
        "phone": "", "customer": None, "open": [], "recent": [], "reminders": 0, "calls": [],
    }  # fmt: skip
    assert done(await calls.desk.get(who, f"/v1/calls?caller={number}"))["items"] == []
    shown = done(await calls.desk.get(who, "/v1/calls/site-a/kf0001"))
    assert shown["complaints"] == [calls.ids["kf0001"]]  # they do see the complaint, and that there was a call


async def test_the_last_five_complaints_of_a_number_are_five_whatever_is_hidden_among_them(calls: House) -> None:
    phone = "+8613955550009"
    for n in range(7):
        kind = {"kind": "report"} if n == 6 else {}
        body = {**_form(), "procedure": "courier", "complainant": {"name": "张三", "phone": phone}, **kind}
        done(await calls.desk.post("supervisor", "/v1/complaints", {**body, "issue_point": f"point-{n}"}), 201)
    await calls.desk.caught_up()
    who = await calls.key("dispatcher")
    found = done(await calls.desk.get(who, f"/v1/callers/{quote(phone, safe='')}/summary"))
    assert (len(found["open"]), len(found["recent"])) == (6, 5)


async def test_a_call_that_named_what_is_confidential_says_no_more_than_of_what_there_is_not(calls: House) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    caller = "+8613955550008"
    await heard(calls.desk, *talked("nothing", caller), wrapped("nothing", complaint=nothing))
    for who in ("li-min", "admin", "he-ping", "supervisor"):
        views = [done(await calls.desk.get(who, f"/v1/calls/site-a/{call}")) for call in ("named", "nothing")]
        came = [[(one["led_to"], one["complaint"], one["problem"], one["places"]) for one in view["came_of_it"]]
                for view in views]  # fmt: skip
        assert came[0] == came[1] == [("wrap-up", None, "not-found", [])], who
        rows = {row["id"]: row for row in done(await calls.desk.get(who, "/v1/calls?limit=200"))["items"]}
        assert rows["named"]["refused"] == rows["nothing"]["refused"] == ["not-found"]


async def test_an_auditor_is_not_told_whose_call_led_to_what_is_confidential(calls: House) -> None:
    told = await calls.told_of("told", "auditor")
    assert CALLERS["told"] not in told
    assert done(await calls.desk.get("he-ping", "/v1/calls/site-a/told"))["complaints"] == []


async def test_which_calls_are_the_same_persons_is_for_those_who_see_who_complains(calls: House) -> None:
    for who, is_told in (("admin", False), ("softphone", False), ("li-min", True)):
        lines = (await calls.asked(who, "/v1/audit/events", "application/x-ndjson")).splitlines()
        heard_of = [one for line in lines if (one := json.loads(line))["type"] == "CallEventReceived"]
        assert heard_of, who
        assert any("key_id" in one["data"] for one in heard_of) == is_told, who

