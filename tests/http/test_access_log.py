"""The access log: everybody who was shown somebody's data, was refused, signed in or took a list away stands in it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.access.access_log import AccessLog
from app.access.trail import MOST_SHOWN, Access, InClear, Trail
from eventlog.database import StorageAway, create_pool
from tests.eventlog.proxy import Proxy
from tests.http.desk import Desk, complaint, done, open_desk, pointers, problem
from tests.http.process import server

NOWHERE = "00000000-0000-4000-8000-000000000000"
FILES = {"Accept": "text/csv"}
AUDITOR = "he-ping"


async def accesses(desk: Desk, **asked: str) -> list[dict[str, Any]]:
    """What an auditor finds, the oldest first."""
    answer = await desk.http.get(
        "/v1/audit/access", params={"sort": "at", "limit": "200", **asked},
        headers={"Authorization": f"Bearer {await desk.key_of(AUDITOR)}"},
    )  # fmt: skip
    items: list[dict[str, Any]] = done(answer)["items"]
    return items


def told(items: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in names) for item in items]


async def test_a_complaint_opened_with_its_complainant_in_clear_is_a_reading_and_one_opened_masked_is_none(
    desk: Desk,
) -> None:
    id = (await desk.dispatched("settlement"))["id"]
    for who in ("li-min", "he-ping", "zhou-qi", "partner-bank", "zhao-jing"):
        done(await desk.get(who, f"/v1/complaints/{id}"))
        done(await desk.get(who, f"/v1/complaints/{id}/history"))
    found = await accesses(desk, complaint=id, kind="read", outcome="granted")
    read = [one for one in found if one["method"] == "GET"]
    assert told(read, "actor", "path", "people") == [
        (who, f"/v1/complaints/{{id}}{what}", 1)
        for who in ("li-min", "he-ping", "zhao-jing") for what in ("", "/history")
    ]  # fmt: skip
    assert {one["complaint"] for one in read} == {id}


async def test_the_answer_to_a_step_shows_the_complainant_too(desk: Desk) -> None:
    id = (await desk.receive())["id"]
    await desk.general(id)
    found = await accesses(desk, complaint=id)
    assert told(found, "actor", "kind", "method", "path", "shown") == [
        ("li-min", "read", "POST", "/v1/complaints", [id]),
        ("li-min", "read", "POST", "/v1/complaints/{id}/classify", []),
    ]


async def test_a_list_says_whom_it_named_and_a_file_that_it_was_taken_away(desk: Desk) -> None:
    ids = [(await desk.receive(issue_point=None, complainant={"name": name}))["id"] for name in ("张三", "李四")]
    await desk.caught_up()
    done(await desk.get("zhao-jing", "/v1/tracking"))
    assert (await desk.get("zhao-jing", "/v1/tracking", headers=FILES)).status_code == 200
    assert (await desk.get("zhao-jing", "/v1/sla", headers=FILES)).status_code == 200
    done(await desk.get("chen-li", "/v1/tracking"))  # who sees no names
    found = [one for one in await accesses(desk, actor="zhao-jing") if one["kind"] != "sign-in"]
    assert told(found, "kind", "path", "people") == [
        ("read", "/v1/tracking", 2), ("export", "/v1/tracking", 0), ("export", "/v1/tracking", 2),
        ("export", "/v1/sla", 0),
    ]  # fmt: skip
    assert sorted(found[0]["shown"]) == sorted(found[2]["shown"]) == sorted(ids)
    assert [one for one in await accesses(desk, actor="chen-li") if one["kind"] == "read"] == []
    of_one = await accesses(desk, complaint=ids[0], actor="zhao-jing")
    assert told(of_one, "kind", "path") == [("read", "/v1/tracking"), ("export", "/v1/tracking")]


async def test_whoever_reads_how_the_staff_is_reached_stands_there_too(desk: Desk) -> None:
    await desk.key_of("li-min")
    for path in ("/v1/people", "/v1/people/li-min", "/v1/people/li-min/history", "/v1/keys"):
        done(await desk.get("admin", path))
    found = await accesses(desk, actor="admin", kind="read")
    read = [one for one in found if one["method"] == "GET"]
    assert told(read, "path", "people") == [
        ("/v1/people", 2), ("/v1/people/{id}", 1), ("/v1/people/{id}/history", 1), ("/v1/keys", 2),
    ]  # fmt: skip


async def test_every_refused_access_is_there_and_a_rule_that_forbids_a_step_now_is_none(desk: Desk) -> None:
    case = await desk.receive(accused=["agent-7"])
    id = case["id"]
    problem(await desk.get("agent-7", f"/v1/complaints/{id}"), 403, "recused")
    problem(await desk.get("partner-bank", "/v1/keys"), 403)
    problem(await desk.get("li-min", f"/v1/complaints/{NOWHERE}"), 404)
    problem(await desk.get(None, "/v1/tracking", headers={"Authorization": "Bearer rk_guessed"}), 401)
    problem(await desk.get(None, f"/v1/status/{case['number']}?phone_tail=9999"), 404)
    problem(await desk.post("agent-7", f"/v1/complaints/{id}/close", {}), 422)
    problem(await desk.post("zhou-qi", f"/v1/complaints/{id}/classify", {"severity": "general", "category": "x"}), 403)
    problem(await desk.post("li-min", f"/v1/complaints/{id}/execute", {"measure": "退款"}), 409)
    problem(await desk.get("li-min", "/nowhere"), 404)
    found = await accesses(desk, outcome="refused")
    assert told(found, "kind", "actor", "method", "path", "status", "problem") == [
        ("read", "agent-7", "GET", "/v1/complaints/{id}", 403, "recused"),
        ("read", "partner-bank", "GET", "/v1/keys", 403, "role-forbids"),
        ("read", "li-min", "GET", "/v1/complaints/{id}", 404, "not-found"),
        ("sign-in", None, "GET", "/v1/tracking", 401, "not-authenticated"),
        ("read", None, "GET", "/v1/status/{number}", 404, "no-such-complaint"),
        ("command", "zhou-qi", "POST", "/v1/complaints/{id}/classify", 403, found[-1]["problem"]),
    ]


async def seen(database: asyncpg.Connection, question: str, *values: Any) -> None:
    """Returns when the database answers yes."""
    async with asyncio.timeout(10):
        while True:
            if await database.fetchval(question, *values):
                return
            await asyncio.sleep(0.02)


async def test_somebody_signs_in_once_whichever_process_they_call(database: str) -> None:
    async with open_desk(database, sandbox=False) as one, open_desk(database, sandbox=False) as other:
        for desk in (one, other, one):
            desk.keys = one.keys
            done(await desk.get("li-min", "/v1/tracking"))
        await one.service.access_log.write()
        begun = await accesses(other, kind="sign-in", actor="li-min")
        # From two addresses; the desk of each calls from its own.
        assert told(begun, "actor", "outcome", "credential") == [("li-min", "granted", one.keys["li-min"][:7])] * 2
        assert len({row["caller"] for row in begun}) == 2
        again = Access("sign-in", "granted", "li-min", None, "GET", "/v1/tracking", 200)
        for row in begun:  # as another process would write it, to which they came as well
            again.credential, again.caller = row["credential"], row["caller"]
            other.service.trail.add(again)
            await other.service.access_log.write()
        assert len(await accesses(other, kind="sign-in", actor="li-min")) == 2


async def test_only_auditors_read_it(desk: Desk) -> None:
    for who in ("admin", "zhao-jing", "qian-hui", "partner-bank", "chen-li"):
        problem(await desk.get(who, "/v1/audit/access"), 403, "role-forbids")
    problem(await desk.get(None, "/v1/audit/access"), 401)


async def test_an_auditor_who_is_accused_learns_nothing_of_who_reads_the_matter(desk: Desk) -> None:
    mine = (await desk.receive(issue_point=None, accused=[AUDITOR]))["id"]
    other = (await desk.receive(issue_point=None))["id"]
    await desk.caught_up()
    for id in (mine, other):
        done(await desk.get("zhao-jing", f"/v1/complaints/{id}"))
    done(await desk.get("zhao-jing", "/v1/tracking"))
    found = await accesses(desk)
    assert mine not in str(found)
    assert other in str(found)
    assert await accesses(desk, complaint=mine) == []
    table = (await desk.get(AUDITOR, "/v1/audit/access", headers=FILES)).text
    assert mine not in table
    assert other in table


async def test_it_is_filtered_paged_and_taken_away_as_other_lists_are(desk: Desk) -> None:
    for _ in range(3):
        problem(await desk.get("li-min", f"/v1/complaints/{NOWHERE}"), 404)
        done(await desk.get("li-min", "/v1/tracking"))
        await desk.service.access_log.write()
    await accesses(desk)
    whole = await accesses(desk)  # with the sign-in of who asks
    first = done(await desk.get(AUDITOR, "/v1/audit/access?limit=2"))
    second = done(await desk.get(AUDITOR, f"/v1/audit/access?limit=2&cursor={first['next_cursor']}"))
    assert [*first["items"], *second["items"]] == whole[::-1][:4]
    at = whole[2]["at"]
    assert [one["id"] for one in await accesses(desk, to=at)] == [one["id"] for one in whole if one["at"] < at]
    assert len(await accesses(desk, **{"from": at})) == sum(one["at"] >= at for one in whole)
    assert {one["path"] for one in await accesses(desk, path="/v1/complaints/{id}")} == {"/v1/complaints/{id}"}
    for slip, near in (
        ("path=/v1/complaint/{id}", "/v1/complaints/{id}"), ("actor=li-mim", "li-min"), ("kind=reed", "read"),
        ("outcome=granting", "granted"),
    ):  # fmt: skip
        refusal = problem(await desk.get(AUDITOR, f"/v1/audit/access?{slip}"), 422)
        assert pointers(refusal)[0].startswith(f"?{slip.partition('=')[0]}")
        assert near in str(refusal["errors"])
    for language, words in (("zh", "查看"), ("en", "refused")):
        answer = await desk.get(AUDITOR, "/v1/audit/access", headers={**FILES, "Accept-Language": language})
        assert words in answer.text
    sheet = {"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    assert (await desk.get(AUDITOR, "/v1/audit/access", headers=sheet)).content[:2] == b"PK"


@pytest.mark.parametrize(
    "change", ["UPDATE access_log SET actor = 'x'", "DELETE FROM access_log", "TRUNCATE access_log"]
)
async def test_no_row_is_changed_or_removed_by_the_service_or_by_the_owner_of_the_database(
    desk: Desk, database: str, change: str
) -> None:
    done(await desk.get("li-min", "/v1/tracking"))
    await desk.service.access_log.write()
    owner = await asyncpg.connect(database)
    for connection in (desk.service.pool, owner):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    await owner.close()


async def test_what_was_read_is_on_disk_a_moment_later_and_stays_there_when_the_process_is_killed(
    database: str,
) -> None:
    owner = await asyncpg.connect(database)
    async with server(database) as running:
        taken = await running.post("/v1/complaints", complaint())
        read = "SELECT count(*) FROM access_log WHERE kind = 'read' AND shown = ARRAY[$1::uuid]"
        await seen(owner, read, done(taken, 201)["id"])
        running.process.kill()
        await running.process.wait()
        assert await owner.fetchval(read, taken.json()["id"]) == 1
    await owner.close()


async def test_rows_wait_for_a_storage_that_is_away_and_none_is_written_twice(database: str, desk: Desk) -> None:
    async with Proxy(database) as proxy:
        pool = await create_pool(proxy.url, min_size=1, max_size=2)
        trail = Trail(most=3)
        log = AccessLog(pool, trail, desk.service.clock.now)
        for path in ("/a", "/b", "/a", "/c"):
            trail.add(Access("read", "refused", None, None, "GET", path, 404))
        proxy.cut(b"access_log", "before it arrives")
        with pytest.raises(StorageAway):
            await log.write()
        assert len(trail) == 3
        trail.add(Access("read", "granted", None, None, "GET", "/d", 200))
        assert trail.dropped == 1
        await log.write()
        rows = await desk.service.pool.fetch("SELECT path, times FROM access_log WHERE status = 404 ORDER BY path")
        assert [tuple(row) for row in rows] == [("/a", 2), ("/b", 1), ("/c", 1)]
        await pool.close()


def test_what_waits_is_bounded_also_where_each_row_names_many() -> None:
    trail = Trail(most=100)
    for _ in range(5):
        shown = tuple(uuid4() for _ in range(400))
        trail.add(Access("export", "granted", "li-min", None, "GET", "/a", 200, shown=shown))
    assert (len(trail), trail.dropped) == (2, 3)
    assert len(trail.take(10)) == 2
    trail.add(Access("read", "granted", "li-min", None, "GET", "/a", 200))
    assert (len(trail), trail.dropped) == (1, 3)


def test_of_a_long_file_each_row_names_so_many_and_none_is_forgotten() -> None:
    rows: list[tuple[Any, int]] = []
    in_clear = InClear(lambda full: rows.append(full.taken()))
    ids = [uuid4() for _ in range(2 * MOST_SHOWN + 7)]
    for id in ids:
        in_clear.add(id)
        in_clear.add(id)
    rows.append(in_clear.taken())
    assert [people for _, people in rows] == [MOST_SHOWN, MOST_SHOWN, 7]
    assert [id for shown, _ in rows for id in shown] == ids
