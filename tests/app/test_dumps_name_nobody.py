"""A dump of the database after a story in which everything was said about everybody: it names nobody, in any form."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest

from domain.values import Actor
from eventlog.streams import COMPLAINT, INCIDENT
from projections.tracking_query import TrackingFilter
from tests.http.desk import Desk, complaint, done, open_desk
from tests.queries.full_streams import PERSONS, marks, people_named, record_complaint, record_incident

TABLES: Final = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
STATISTICS: Final = "SELECT * FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"

# Said over the API by the caller, and against whom.
SAID: Final = {
    "name": "慕容惊鸿", "phone": "+8615987654321", "email": "jinghong@example.net", "address": "桃花坞丙7号",
    "customer_no": "VIP-40417", "subject": "红烧狮子头里有头发", "content": "昨日晚餐时发现，经理拒绝道歉。",
    "wants": "当面赔礼并退还餐费", "call_id": "call-7f3a-outer-ring", "order": "PO-8812-XJ",
}  # fmt: skip
AGAINST: Final = ("waiter-ouyang-feng", "manager-huangfu-jing")
# Who works with the service, as they are called and reached.
STAFF: Final = {"name": "诸葛鉴疑", "staff_no": "GH-90817-Q", "caller": "李敏"}
REACHED: Final = {
    "name": "南宫值班台", "email": "nangong.duty@example.com", "webhook_url": "https://hooks.example.com/nangong-7d2e",
    "webhook_secret": "whsec_" + "bmFuZ29uZy1zZWNyZXQtb2YtdGhlLXRlc3Rz",
}  # fmt: skip
DISTRICT: Final = "落雁坪小村"
WROTE: Final = {"note": "顾客情绪激动需安抚", "findings": "监控显示属实无误", "file": "录音-慕容-0302.wav"}

DATA: Final = Path(__file__).parents[2] / "docs" / "data.md"
ADMIN: Final = frozenset({"admin"})


def tokens() -> dict[str, str]:
    """Everything that must not be found, by itself and in the parts that somebody would look for."""
    found = [*SAID.values(), *AGAINST, *WROTE.values(), *STAFF.values(), *REACHED.values(), DISTRICT]
    for stream, kind in (("open", COMPLAINT), ("incident", INCIDENT)):
        found += [*marks(stream, kind), *people_named(stream, kind)]
    for person in (PERSONS["open"].name, SAID["name"], STAFF["name"], DISTRICT):
        assert person is not None
        found += [person[n : n + 2] for n in range(len(person) - 1)]
    for phone in (PERSONS["open"].phone, SAID["phone"]):
        assert phone is not None
        found += [phone.removeprefix("+86"), phone[-8:]]
    return {token: token for token in dict.fromkeys(found)}


def forms(token: str) -> Iterator[bytes]:
    """How a text may stand in a dump: as it is, escaped as in JSON, in base64 at any place, and each in hex."""
    escaped = json.dumps(token)[1:-1].encode()
    for raw in {token.encode(), escaped, token.casefold().encode()}:
        for clear in (raw, *in_base64(raw)):
            yield clear
            yield clear.hex().encode()


def in_base64(raw: bytes) -> Iterator[bytes]:
    """The characters of base64 that these bytes alone decide, for each of the three places where they may begin."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).rstrip(b"=")
        inner = encoded[(0, 2, 3)[before] : len(encoded) - ((before + len(raw)) % 3 > 0)]
        if len(inner) >= 6:  # what is shorter is found by chance
            yield inner


async def dump_of(database: str) -> dict[str, bytes]:
    """Every row of every table, as `COPY` writes it, and what the planner has noted of them."""
    connection = await asyncpg.connect(database)
    await connection.execute("ANALYZE")
    found: dict[str, bytes] = {}
    for query in [*(f"SELECT * FROM {row[0]}" for row in await connection.fetch(TABLES)), STATISTICS]:
        content = io.BytesIO()
        await connection.copy_from_query(query, output=content)
        found[query] = content.getvalue()
    await connection.close()
    return found


async def found_in(database: str) -> list[tuple[str, str]]:
    """What is found of the tokens, and where."""
    dump = [
        (query, written)
        for query, content in (await dump_of(database)).items()
        for written in {content, content.replace(b"\\\\", b"\\")}
    ]
    return [
        (token, query)
        for token in tokens()
        for form in forms(token)
        for query, written in dump
        if form in written
    ]


def call_of_the_story() -> dict[str, Any]:
    """What a softphone tells of the caller."""
    return {
        "specversion": "1.0", "id": SAID["call_id"], "source": "pbx", "type": "call.ended", "subject": SAID["call_id"],
        "data": {"caller": SAID["phone"], "callee": SAID["phone"], "cause": WROTE["note"], "note": SAID["content"]},
    }  # fmt: skip


async def tell_everything(desk: Desk) -> None:
    """A story over the API, and beside it streams to which everything has happened."""
    new_key = {"id": "zhuge", "roles": ["manager"], "name": STAFF["name"], "staff_no": STAFF["staff_no"]}
    done(await desk.post("admin", "/v1/keys", new_key), 201)
    done(await desk.ask("admin", "PUT", "/v1/recipients/role/manager", REACHED))
    await desk.receive(procedure="hotline-12345", facts={"district": DISTRICT})
    await desk.caught_up()
    await desk.set_clock((desk.service.now() + timedelta(days=40)).isoformat())
    facts = await desk.service.periods.reports_of("hotline-12345")
    assert DISTRICT in {one.key for fact in facts for one in fact.by_district}
    person = {name: SAID[name] for name in ("name", "phone", "email", "address", "customer_no")}
    taken_down = await desk.receive(
        procedure="agent-fault", complainant=person, subject=SAID["subject"], content=SAID["content"],
        wants=SAID["wants"], call_id=SAID["call_id"], accused=[AGAINST[0]], facts={"order_no": SAID["order"]},
        issue_point="wrong-answer",
    )  # fmt: skip
    id = taken_down["id"]
    repeated = complaint(
        procedure="agent-fault", complainant=person, subject=SAID["subject"], content=SAID["content"],
        issue_point="wrong-answer",
    )  # fmt: skip
    assert (await desk.post("li-min", "/v1/complaints", repeated)).status_code == 409
    await desk.step("li-min", id, "classify", category="answer")
    await desk.step("li-min", id, "name-accused", people=[AGAINST[1]])
    await desk.step("li-min", id, "add-note", text=WROTE["note"])
    await desk.step("li-min", id, "attach", name=WROTE["file"], kind="recording", reference=f"https://s3.example.com/{WROTE['file']}")
    await desk.step("chen-li", id, "grade-fault", agent=AGAINST[0], grade=2, findings=WROTE["findings"])
    await record_complaint(desk.service, "open", "kf0001", "complaint", without=())
    await record_incident(desk.service, "incident")
    done(await desk.post("softphone", "/v1/calls/events", call_of_the_story()), 202)
    head = await desk.service.log.head()
    service = desk.service
    for follower in (service.follower, service.calls_follower, service.notifying.follower, service.recurrence):
        assert await follower.reached(head, 20)
        assert await follower.parked() == []


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database, sandbox=True) as desk:
        await tell_everything(desk)
        yield desk


async def test_no_table_names_anybody_and_neither_do_the_logs(
    database: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await found_in(database) == []
    printed = capsys.readouterr()
    assert [token for token in tokens() if token in printed.out + printed.err] == []


async def test_the_same_lists_show_all_of_it_to_who_may_see_it(desk: Desk) -> None:
    await desk.caught_up()
    [row] = done(await desk.get("li-min", f"/v1/tracking?q={SAID['subject']}"))["items"]
    assert (row["subject"], row["customer"]) == (SAID["subject"], SAID["name"])
    events = done(await desk.get("chen-li", f"/v1/audit/events?agent={AGAINST[0]}"))["items"]
    assert [event["data"]["findings"] for event in events] == [WROTE["findings"]]
    assert [event["data"]["grade"] for event in events] == [2]


@pytest.mark.parametrize("column", ["text", "bytea", "jsonb", "text[]"])
async def test_one_name_in_clear_would_be_found(database: str, desk: Desk, column: str) -> None:
    name = SAID["name"]
    planted: dict[str, Any] = {
        "text": f"x {name}", "bytea": json.dumps({"n": base64.b64encode(name.encode()).decode()}).encode(),
        "jsonb": json.dumps({"name": name}), "text[]": ["a", name[1:3]],
    }  # fmt: skip
    connection = await asyncpg.connect(database)
    await connection.execute(f"CREATE TABLE planted (said {column})")
    await connection.execute("INSERT INTO planted SELECT $1 FROM generate_series(1, 9)", planted[column])
    await connection.close()
    assert {query for _, query in await found_in(database)} == {"SELECT * FROM public.planted", STATISTICS}


async def test_who_is_accused_in_a_complaint_whose_key_is_gone_stays_out_and_others_see_no_name(desk: Desk) -> None:
    """Recusal outlives an erasure: it hangs on the deployment's key, not on the complainant's."""
    service = desk.service
    await service.pool.execute("UPDATE complainants SET wrapped_key = NULL")
    service.complainants._opened.clear()
    rows = done(await desk.get("li-min", "/v1/tracking"))["items"]
    assert {(row["subject"], row["customer"]) for row in rows} == {("", None)}
    number = next(row["number"] for row in rows if row["procedure"] == "agent-fault")
    assert done(await desk.get("li-min", f"/v1/tracking?q={SAID['subject']}"))["items"] == []
    assert [row["number"] for row in done(await desk.get("li-min", f"/v1/tracking?q={number}"))["items"]] == [number]
    for id, sees in ((AGAINST[0], False), (AGAINST[1], False), ("somebody-else", True)):
        listed = await service.queries.tracking.rows(Actor(id, ADMIN), TrackingFilter()).page(None, 50)
        assert (number in {row.number for row in listed.items}) == sees


async def test_of_every_table_is_said_what_it_holds(database: str) -> None:
    connection = await asyncpg.connect(database)
    tables = {row[0].removeprefix("public.") for row in await connection.fetch(TABLES)} - {"alembic_version"}
    await connection.close()
    said = DATA.read_text("utf-8")
    assert len(tables) > 20
    assert sorted(table for table in tables if f"`{table}`" not in said) == []
