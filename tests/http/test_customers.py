"""客户: found by what they gave of themselves, with all that is theirs and nothing that the reader may not see."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest

from app.queries import looking_up
from tests.app.test_dumps_name_nobody import dump_of, forms
from tests.http.desk import Desk, done, problem
from tests.http.test_callers import event, heard

ZHANG: Final = {"name": "张三", "phone": "+8613800138000", "customer_no": "C-1001"}
WHY: Final = {"reason": "客户来电：记错了"}


async def find(desk: Desk, who: str = "li-min", **asked: str) -> list[dict[str, Any]]:
    await desk.caught_up()
    items: list[dict[str, Any]] = done(await desk.get(who, f"/v1/customers?{urlencode(asked)}"))["items"]
    return items


async def one(desk: Desk, id: str, who: str = "li-min") -> dict[str, Any]:
    return done(await desk.get(who, f"/v1/customers/{id}"))


async def tracked(desk: Desk, who: str = "li-min", **asked: str) -> list[str]:
    await desk.caught_up()
    return [row["id"] for row in done(await desk.get(who, f"/v1/tracking?{urlencode(asked)}"))["items"]]


async def test_a_customer_is_found_by_phone_in_any_writing_by_number_by_name_and_by_mail(desk: Desk) -> None:
    made = await desk.receive(complainant={**ZHANG, "email": "zhang.san@example.com"})
    await desk.receive(complainant={"name": "李四", "phone": "+8613900139000"})
    asked: list[dict[str, str]] = [
        {"phone": "+8613800138000"}, {"phone": "138 0013 8000"}, {"phone": "0086-138-0013-8000"},
        {"phone": "１３８００１３８０００"}, {"customer_no": "C-1001"}, {"customer_no": "ｃ-1001"}, {"name": "张三"},
        {"email": "Zhang.San@example.com"}, {"name": "张", "phone": "13800138000"},
    ]  # fmt: skip
    for by in asked:
        [found] = await find(desk, **by)
        assert found["name"] == "张三", by
        assert (found["phone"], found["customer_no"]) == (ZHANG["phone"], ZHANG["customer_no"])
        assert (found["email"], found["complaint_count"], found["open_count"]) == ("zhang.san@example.com", 1, 1)
        assert found["last_received_at"] == made["received_at"]
    for nobody in ({"phone": "13700000000"}, {"customer_no": "C-1"}, {"name": "王"}, {"email": "a@example.com"},
                   {"name": "李", "phone": "13800138000"}):  # fmt: skip
        assert await find(desk, **nobody) == [], nobody


@pytest.mark.parametrize("most_sorted", [10_000, -1])
async def test_a_name_is_found_exact_and_by_its_first_characters_in_either_script(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most_sorted: int
) -> None:
    monkeypatch.setattr(looking_up, "MOST_SORTED", most_sorted)
    for name, phone in (("张国荣", "1"), ("張國立", "2"), ("John Smith", "3"), ("章国", "4")):
        await desk.receive(complainant={"name": name, "phone": f"+861380013800{phone}"}, facts={})
    expected = {
        "张": ["張國立", "张国荣"], "張": ["張國立", "张国荣"], "张国": ["張國立", "张国荣"], "張国立": ["張國立"],
        "张 国荣": ["张国荣"], "国": [], "john": ["John Smith"], "ＪＯＨＮ s": ["John Smith"], "Smith": [],
        "张国荣荣": [],
    }  # fmt: skip
    for asked, names in expected.items():
        assert [row["name"] for row in await find(desk, name=asked)] == names, asked
    long = "Wolfeschlegelsteinhausenbergerdorff"
    await desk.receive(complainant={"name": long}, facts={})
    assert [row["name"] for row in await find(desk, name=long[:20])] == [long]
    assert await find(desk, name=long[:20] + "x") == []


async def test_two_extensions_of_one_switchboard_are_two_people(desk: Desk) -> None:
    for number in ("8001", "8002"):
        await desk.receive(complainant={"name": f"分机{number}", "phone": f"+861088886666;ext={number}"})
    [found] = await find(desk, phone="010-88886666 转 8002")
    assert found["phone"] == "+861088886666;ext=8002"
    assert await find(desk, phone="010-88886666") == []


async def test_what_one_person_gave_at_different_times_is_one_customer_and_strangers_at_one_telephone_are_two(
    desk: Desk,
) -> None:
    phone = "+861088886666"
    first = await desk.receive(complainant={"name": "王五", "phone": phone, "customer_no": "C-1"})
    second = await desk.receive(complainant={"name": "王五", "phone": phone})
    third = await desk.receive(complainant={"customer_no": "C-1", "phone": "+8613700000001"})
    other = await desk.receive(complainant={"name": "赵六", "phone": phone, "customer_no": "C-2"})
    nobodys = await desk.receive(complainant={"phone": phone})  # it might be either's
    found = {row["customer_no"]: row for row in await find(desk, phone=phone)}
    assert {no: row["complaint_count"] for no, row in found.items()} == {"C-1": 3, "C-2": 1, None: 1}
    wang = await one(desk, found["C-1"]["id"])
    assert [row["id"] for row in wang["complaints"]] == [third["id"], second["id"], first["id"]]
    assert (wang["phones"], wang["names"], wang["customer_nos"]) == (["+8613700000001", phone], ["王五"], ["C-1"])
    assert [row["id"] for row in (await one(desk, found["C-2"]["id"]))["complaints"]] == [other["id"]]
    assert [row["id"] for row in (await one(desk, found[None]["id"]))["complaints"]] == [nobodys["id"]]
    assert [row["id"] for row in await find(desk, phone="13700000001")] == [found["C-1"]["id"]]


async def test_who_gave_more_of_themselves_since_is_still_found_by_the_id_they_had(desk: Desk) -> None:
    await desk.receive(complainant={"name": "王五", "phone": "+8613700000001"})
    [before] = await find(desk, phone="13700000001")
    await desk.receive(complainant={"name": "王五", "phone": "+8613700000001", "customer_no": "C-1"})
    [now] = await find(desk, phone="13700000001")
    assert (now["id"] == before["id"], now["complaint_count"]) == (False, 2)
    assert await one(desk, before["id"]) == await one(desk, now["id"])


async def test_one_customer_with_all_complaints_calls_and_notes_of_that_person(desk: Desk) -> None:
    made = await desk.receive(complainant=ZHANG)
    again = await desk.receive(complainant={**ZHANG, "phone": "+8613700000001"})
    stranger = await desk.receive(complainant={"name": "李四", "phone": "+8613900139000"})
    await desk.step("li-min", made["id"], "add-note", text="客户下午在家")
    await desk.step("li-min", again["id"], "add-note", text="改约周五")
    await desk.step("li-min", stranger["id"], "add-note", text="与他人无关")
    await heard(desk, *(event("call.offered", call, caller=caller) for call, caller in (
        ("c-1", "13800138000"), ("c-2", "137 0000 0001"), ("c-3", "13900139000"))))  # fmt: skip
    [found] = await find(desk, customer_no="C-1001")
    customer = await one(desk, found["id"])
    assert [row["id"] for row in customer["complaints"]] == [again["id"], made["id"]]
    assert sorted(call["id"] for call in customer["calls"]) == ["c-1", "c-2"]
    assert [(note["text"], note["by"], note["complaint_id"]) for note in customer["notes"]] == [
        ("改约周五", "li-min", again["id"]), ("客户下午在家", "li-min", made["id"]),
    ]  # fmt: skip
    assert customer["notes"][0]["number"] == again["number"]
    chosen = done(await desk.get("li-min", f"/v1/customers/{found['id']}?fields=id,name"))
    assert chosen == {"id": found["id"], "name": "张三"}


async def test_only_who_sees_complainants_finds_customers(desk: Desk) -> None:
    made = await desk.dispatched("settlement", complainant=ZHANG)
    [found] = await find(desk, phone="13800138000")
    for who in ("partner-bank", "softphone", "admin"):
        for asked in ("phone=13800138000", "phone=13700000000"):
            for path in (f"/v1/customers?{asked}", f"/v1/tracking?{asked}"):
                problem(await desk.get(who, path), 403, "role-forbids")
        for id in (found["id"], made["id"]):
            problem(await desk.get(who, f"/v1/customers/{id}"), 403, "role-forbids")
        problem(await desk.get(who, "/v1/tracking?customer=C-1001"), 403, "role-forbids")
    for who in ("zhou-qi", "chen-li"):  # they see complainants of other procedures
        assert made["id"] in await tracked(desk, who)
        assert await find(desk, who, phone="13800138000") == []
        problem(await desk.get(who, f"/v1/customers/{found['id']}"), 404, "no-such-customer")
        for asked in ("phone=13800138000", "customer=C-1001", f"customer={found['id']}"):
            assert done(await desk.get(who, f"/v1/tracking?{asked}"))["items"] == [], asked
    problem(await desk.get(None, "/v1/customers?phone=13800138000"), 401)


async def test_what_the_reader_may_not_see_makes_no_customer_and_is_counted_nowhere(desk: Desk) -> None:
    await desk.key_of("agent-7")
    about_them = await desk.receive(complainant=ZHANG, accused=["agent-7"])
    [whole] = await find(desk, phone="13800138000")
    assert await find(desk, "agent-7", phone="13800138000") == []
    unknown = await desk.get("agent-7", "/v1/customers/00000000-0000-0000-0000-000000000000")
    hidden = await desk.get("agent-7", f"/v1/customers/{whole['id']}")
    problem(hidden, 404, "no-such-customer")
    assert hidden.content == unknown.content
    assert await tracked(desk, "agent-7", customer=whole["id"]) == []
    other = await desk.receive(complainant={**ZHANG, "email": "zhang@example.com"})
    await desk.receive(complainant={"name": "张三", "phone": ZHANG["phone"]}, accused=["agent-7"])
    [seen] = await find(desk, "agent-7", phone="13800138000")
    assert (seen["complaint_count"], seen["id"]) == (1, whole["id"])
    assert [row["id"] for row in (await one(desk, seen["id"], "agent-7"))["complaints"]] == [other["id"]]
    assert await tracked(desk, "agent-7", phone="13800138000") == [other["id"]]
    assert about_them["id"] in await tracked(desk, phone="13800138000")


async def test_what_is_confidential_is_found_by_its_circle_alone(sandbox: Desk) -> None:
    from tests.http.test_confidential import LEADER, LETTER
    from tests.stories.staff import employ

    await employ(sandbox, {LEADER: ("supervisor", None)})
    letter = {**LETTER, "complainant": {"name": "吹哨人", "phone": "+8613800138000"}, "accused": []}
    done(await sandbox.post("li-min", "/v1/complaints", letter), 201)
    for asked in ({"phone": "13800138000"}, {"name": "吹哨"}):
        [found] = await find(sandbox, LEADER, **asked)
        assert found["complaint_count"] == 1
        for who in ("li-min", "zhao-jing", "he-ping"):
            assert await find(sandbox, who, **asked) == []
            problem(await sandbox.get(who, f"/v1/customers/{found['id']}"), 404, "no-such-customer")


async def test_a_corrected_complainant_is_found_by_the_new_value_and_no_longer_under_the_old_one(desk: Desk) -> None:
    id = (await desk.receive(complainant=ZHANG))["id"]
    new = {"name": "章珊", "phone": "+8613911112222", "customer_no": "C-2002", "email": "zs@example.com"}
    await desk.step("li-min", id, "correct-complainant", **WHY, **new)
    for by in ({"phone": new["phone"]}, {"name": "章"}, {"customer_no": "C-2002"}, {"email": new["email"]}):
        [found] = await find(desk, **by)
        assert (found["name"], found["phone"]) == ("章珊", new["phone"])
    for by in ({"phone": ZHANG["phone"]}, {"name": "张"}, {"customer_no": "C-1001"}):
        assert await find(desk, **by) == []
    assert await tracked(desk, phone=new["phone"]) == [id]
    assert await tracked(desk, phone=ZHANG["phone"]) == []
    summary = done(await desk.get("li-min", f"/v1/callers/{quote(new['phone'])}/summary"))
    assert [one["id"] for one in summary["open"]] == [id]
    summary = done(await desk.get("li-min", f"/v1/callers/{quote(ZHANG['phone'])}/summary"))
    assert (summary["open"], summary["customer"]) == ([], None)


async def test_who_is_accused_sees_no_number_of_who_accuses_them_though_it_was_corrected(desk: Desk) -> None:
    await desk.key_of("agent-7")
    id = (await desk.receive(complainant=ZHANG, accused=["agent-7"]))["id"]
    await desk.step("li-min", id, "correct-complainant", **WHY, phone="+8613911112222")
    await heard(desk, event("call.offered", "c-1", caller="13911112222"))
    for who, number, found in (("li-min", "+8613911112222", 1), ("agent-7", None, 0)):
        [call] = done(await desk.get(who, "/v1/calls"))["items"]
        assert (call["caller"], done(await desk.get(who, "/v1/calls/site-a/c-1"))["caller"]) == (number, number)
        assert len(done(await desk.get(who, "/v1/calls?caller=13911112222"))["items"]) == found
        heard_of = done(await desk.get(who, "/v1/audit/events?type=CallEventReceived"))["items"]
        assert [one["data"]["caller"] for one in heard_of] == [number]
        assert len(done(await desk.get(who, "/v1/callers/13911112222/summary"))["calls"]) == found


async def test_every_finding_and_reading_goes_into_the_access_log_and_nothing_that_was_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await desk.receive(complainant=ZHANG)
    await desk.caught_up()
    [found] = await find(desk, "zhao-jing", phone="13800138000")
    await one(desk, found["id"], "zhao-jing")
    await desk.service.access_log.write()
    rows = done(await desk.get("he-ping", f"/v1/audit/access?complaint={made['id']}&actor=zhao-jing"))["items"]
    assert sorted(row["path"] for row in rows) == ["/v1/customers", "/v1/customers/{id}"]
    total = done(await desk.get("qian-hui", "/v1/customers?phone=13700000000&count=true"))
    assert (total["items"], total["total"]) == ([], 0)
    await desk.service.access_log.write()
    assert done(await desk.get("he-ping", "/v1/audit/access?actor=qian-hui&kind=read"))["items"] == []
    printed = capsys.readouterr()
    assert "13800138000" not in printed.out + printed.err


async def test_what_is_asked_wrongly_is_told(desk: Desk) -> None:
    for asked, pointer in (
        ("", "?phone"), ("phone=12", "?phone"), ("email=a", "?email"), ("name=%20", "?name"), ("nam=a", "?nam"),
        ("phone=13800138000&phone=13800138001", "?phone"), ("name=a&sort=name", "?sort"), ("name=a%00", "?name"),
    ):
        found = problem(await desk.get("li-min", f"/v1/customers?{asked}"), 422)
        assert [error["pointer"] for error in found["errors"]] == [pointer], asked
    problem(await desk.get("li-min", "/v1/tracking?phone=12"), 422)


@pytest.mark.parametrize("most_sorted", [10_000, -1])
async def test_pages_of_customers_are_full_and_stable_and_each_stands_on_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most_sorted: int
) -> None:
    """However many have the beginning of a name in common."""
    monkeypatch.setattr(looking_up, "MOST_SORTED", most_sorted)
    for number in range(7):
        for turn in range(2):
            await desk.receive(complainant={"name": f"王{number}", "phone": f"+86138001380{number:02}"}, facts={})
            if turn == 0 and number % 2:
                await desk.receive(complainant={"name": "李", "phone": f"+86139001390{number:02}"}, facts={})
    await desk.caught_up()
    names: list[str] = []
    path: str | None = "/v1/customers?name=王&limit=3"
    while path is not None:
        page = done(await desk.get("li-min", path))
        names += [row["name"] for row in page["items"]]
        assert len(page["items"]) == 3
        cursor = page["next_cursor"]
        path = None if cursor is None else f"/v1/customers?name=王&limit=3&cursor={cursor}"
        if len(names) == 3:
            await desk.receive(complainant={"name": "王0", "phone": "+8613800138000"}, facts={})
            await desk.caught_up()
    assert names == [f"王{number}" for number in range(6, 0, -1)]  # the last one has come to stand before the first
    assert done(await desk.get("li-min", "/v1/customers?name=王&count=true"))["total"] == 7
    cursor = done(await desk.get("li-min", "/v1/customers?name=王&limit=3"))["next_cursor"]
    problem(await desk.get("li-min", f"/v1/customers?name=李&limit=3&cursor={cursor}"), 422, "invalid-cursor")


@pytest.mark.parametrize("most_named", [10_000, 0, -1])
async def test_the_list_is_filtered_by_customer_phone_order_and_whatever_a_form_marks_as_searchable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most_named: int
) -> None:
    monkeypatch.setattr(looking_up, "MOST_SORTED", most_named)
    made = await desk.receive(complainant=ZHANG, facts={"order_no": "R-2026-0302", "account_no": "88001234"})
    other = await desk.receive(complainant={"name": "李四", "phone": "+8613900139000"}, facts={"order_no": "臺-77"})
    [zhang] = await find(desk, customer_no="C-1001")
    for asked, ids in (
        ({"customer": "C-1001"}, [made["id"]]), ({"customer": zhang["id"]}, [made["id"]]), ({"customer": "C-9"}, []),
        ({"phone": "138-0013-8000"}, [made["id"]]), ({"phone": "13900139000"}, [other["id"]]),
        ({"order_no": "r-2026-0302"}, [made["id"]]), ({"order_no": "Ｒ-2026-0302"}, [made["id"]]),
        ({"order_no": "R-2026"}, []), ({"order_no": "台-77"}, [other["id"]]),
        ({"account_no": "88001234"}, [made["id"]]),
        ({"order_no": "R-2026-0302", "phone": "13900139000"}, []), ({"plate": "京A12345"}, []),
        ({"order_no": "臺-77", "q": "入金", "status": "received"}, [other["id"]]),
    ):  # fmt: skip
        assert await tracked(desk, **asked) == ids, asked
    both = "/v1/tracking?order_no=R-2026-0302&order_no=臺-77&count=true"
    assert done(await desk.get("li-min", both))["total"] == 2
    twice = "/v1/tracking?account_no=88001234&account_no=1"
    assert [row["id"] for row in done(await desk.get("zhou-qi", twice))["items"]] == []
    assert len(done(await desk.get("li-min", twice))["items"]) == 1
    wrong = problem(await desk.get("li-min", "/v1/tracking?amount=5&order_no=1"), 422)
    assert [error["pointer"] for error in wrong["errors"]] == ["?amount"]
    problem(await desk.get("li-min", "/v1/tracking?plate="), 422)


async def test_an_answer_that_is_a_long_text_is_searched_and_not_looked_up(desk: Desk) -> None:
    made = await desk.receive(facts={"order_no": "长" * 300 + "文"})
    assert await tracked(desk, q="长文") == [made["id"]]
    problem(await desk.get("li-min", f"/v1/tracking?order_no={'长' * 300}文"), 422)
    [row] = await desk.service.pool.fetch("SELECT cardinality(found_by) AS hashes FROM reading.lookups")
    other = await desk.receive(complainant={"phone": "+8613900139000", "name": "张三", "customer_no": "C-2"}, facts={})
    await desk.caught_up()
    alike = "SELECT cardinality(found_by) FROM reading.lookups WHERE complaint_id = $1"
    assert await desk.service.pool.fetchval(alike, UUID(other["id"])) == row["hashes"]


async def test_a_partner_who_reads_no_texts_finds_nothing_by_an_answer(desk: Desk) -> None:
    made = await desk.receive(facts={"order_no": "R-1"})
    assert await tracked(desk, "partner-bank", order_no="R-1") == []
    assert made["id"] in await tracked(desk, "partner-bank")


@pytest.mark.parametrize("most_named", [10_000, 0, -1])
async def test_as_it_stood_the_list_goes_by_what_was_known_then(
    sandbox: Desk, monkeypatch: pytest.MonkeyPatch, most_named: int
) -> None:
    monkeypatch.setattr(looking_up, "MOST_SORTED", most_named)
    id = (await sandbox.receive(procedure="general", complainant=ZHANG, facts={"order_no": "R-1"}))["id"]
    before = sandbox.service.now().isoformat()
    await sandbox.set_clock("2026-03-02T10:00:00+08:00")
    await sandbox.step("li-min", id, "correct-complainant", **WHY, phone="+8613911112222")
    await sandbox.step("li-min", id, "complete-form", facts={"order_no": "R-2"})
    for asked, then, now in (
        ({"phone": ZHANG["phone"]}, [id], []), ({"phone": "+8613911112222"}, [], [id]),
        ({"order_no": "R-1"}, [id], []), ({"order_no": "R-2"}, [], [id]), ({"customer": "C-1001"}, [id], [id]),
    ):
        assert await tracked(sandbox, **asked) == now, asked
        assert await tracked(sandbox, **asked, as_of=before) == then, asked


async def test_whose_data_were_erased_is_found_no_more(desk: Desk) -> None:
    await desk.receive(complainant=ZHANG)
    [found] = await find(desk, phone="13800138000")
    await desk.service.pool.execute("UPDATE complainants SET wrapped_key = NULL")
    desk.service.complainants._opened.clear()
    assert await find(desk, phone="13800138000") == []
    problem(await desk.get("li-min", f"/v1/customers/{found['id']}"), 404, "no-such-customer")


async def test_nobody_who_stays_anonymous_is_anybodys_customer(desk: Desk) -> None:
    await desk.receive(complainant={"anonymous": True}, facts={})
    await desk.receive(complainant={"name": "王五"}, facts={})
    await desk.receive(complainant={"name": "王五"}, facts={})
    found = await find(desk, name="王五")
    assert [row["complaint_count"] for row in found] == [1, 1]  # nothing tells whether it is one person
    assert len({row["id"] for row in found}) == 2
    assert (await one(desk, found[0]["id"]))["complaint_count"] == 1


async def test_no_dump_names_whoever_is_looked_up(desk: Desk, database: str) -> None:
    person = {"name": "欧阳修远", "phone": "+8613911112222", "email": "xiuyuan@example.com", "customer_no": "VIP-777-Q",
              "address": "滁州路 9 号"}  # fmt: skip
    await desk.receive(complainant=person, facts={"order_no": "PO-8812-XJ"})
    await desk.step("li-min", (await desk.receive())["id"], "correct-complainant", **WHY, **person)
    await find(desk, name="欧阳")
    dump = await dump_of(database)
    assert any("reading.lookups" in table for table in dump)
    for personal in (*person.values(), "欧阳", "13911112222", "PO-8812-XJ"):
        for form in forms(personal):
            assert [table for table, rows in dump.items() if form in rows] == [], personal


async def test_files_of_customers_have_words_as_headings(desk: Desk) -> None:
    await desk.receive(complainant=ZHANG)
    await desk.caught_up()
    headers = {"Accept": "text/csv", "Accept-Language": "zh"}
    answer = await desk.get("li-min", "/v1/customers?name=张", headers=headers)
    heading, row = answer.text.removeprefix("\ufeff").splitlines()
    assert heading.split(",")[1:5] == ["姓名", "电话", "电子邮件", "地址"]
    assert "张三" in row


async def test_many_at_once_find_the_same(desk: Desk) -> None:
    await asyncio.gather(*(desk.receive(complainant=ZHANG, issue_point=None, facts={}) for _ in range(12)))
    answers = await asyncio.gather(*(find(desk, phone="13800138000") for _ in range(8)))
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert answers[0][0]["complaint_count"] == 12
