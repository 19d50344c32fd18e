"""The tracking table as its readers get it: filters, order, pages that stay stable, search, and as it stood."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from app.queries import tracking_search
from domain.complaint import events
from domain.values import Complainant
from projections import search_table
from tests.facts import (
    ASKED,
    CLOSED,
    MONDAY_9AM,
    OPENED,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    accused,
    classified,
    closed,
    confirmed,
    dispatched,
    drafted,
    executed,
    happened,
    informed,
    noted,
    received,
)
from tests.http.desk import done, pointers, problem
from tests.projections.listing import Listing

TRACKING = "/v1/tracking"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def numbered(number: int, **facts: Any) -> Fact:
    """Taken down `number` hours after Monday nine o'clock."""
    return received(number=f"N{number}", **facts).at(MONDAY_9AM + timedelta(hours=number))


async def test_a_row_has_every_field_of_the_contract(listing: Listing) -> None:
    agent = {"id": "agent-1", "name": "陈一", "roles": ["agent"]}
    done(await listing.desk.post("admin", "/v1/keys", agent), 201)
    position = await listing.record("case", *ASKED)
    page = await listing.page("li-min", TRACKING, min_position=position)

    [row] = page["items"]
    assert page["position"] == position
    assert page["next_cursor"] is None
    assert row.pop("id")
    assert row == {
        "number": "KF0001-20260302-000001", "procedure": "kf0001", "kind": "complaint", "status": "dispatched",
        "severity": "general", "category": "process.deposit", "issue_point": "deposit-delay", "channel": "phone",
        "subject": "入金三天未到账", "customer": "张三", "owner": {"actor": "agent-1", "unit": None},
        "units": [{"unit": "settlement", "state": "asked"}], "round": 1, "occurred_at": "2026-03-02T01:00:00Z",
        "received_at": "2026-03-02T01:00:00Z", "due_at": "2026-03-03T16:00:00Z", "overdue": True, "closed_at": None,
        "last_event": "Dispatched", "last_event_at": "2026-03-02T01:00:00Z", "offered_to": None,
    }  # fmt: skip


async def test_each_filter_finds_what_it_names_and_nothing_else(listing: Listing) -> None:
    await listing.record("1", numbered(1), classified("minor", "service.attitude"))
    await listing.record("2", numbered(2, channel="letter"), classified(), drafted(), dispatched("trading"))
    await listing.record("3", numbered(3, occurred_at=MONDAY_9AM), *CLOSED[1:])

    async def found(**query: str) -> str:
        return "".join(sorted(number[1:] for number in await listing.numbers("li-min", TRACKING, **query)))

    assert await found() == "123"
    assert (await found(procedure="kf0001"), await found(procedure="courier")) == ("123", "")
    assert (await found(kind="complaint"), await found(kind="report")) == ("123", "")
    assert (await found(status="closed"), await found(status="dispatched")) == ("3", "2")
    assert (await found(severity="minor"), await found(severity="general")) == ("1", "23")
    assert (await found(category="service"), await found(category="process.deposit")) == ("1", "23")
    assert (await found(category="answer"), await found(category="process")) == ("", "23")
    assert (await found(unit="trading"), await found(unit="settlement")) == ("2", "3")
    assert (await found(owner="agent-1"), await found(owner="admin")) == ("123", "")
    assert (await found(channel="letter"), await found(channel="fax")) == ("2", "")
    assert (await found(overdue="true"), await found(overdue="false")) == ("12", "3")
    assert await found(received_from="2026-03-02T11:00:00+08:00") == "23"
    assert await found(received_to="2026-03-02T11:00:00+08:00") == "1"
    assert await found(severity="general", overdue="true") == "2"


async def test_rows_come_in_the_order_asked_for_and_those_without_a_due_time_last(listing: Listing) -> None:
    await listing.record("1", numbered(1), classified())
    await listing.record("2", numbered(2), *CLOSED[1:])
    await listing.record("3", numbered(3), classified("minor", "service"))
    for limit in (1, 2, 3):
        assert await listing.numbers("li-min", TRACKING, limit=limit, sort="received_at") == ["N1", "N2", "N3"]
        assert await listing.numbers("li-min", TRACKING, limit=limit, sort="-received_at") == ["N3", "N2", "N1"]
        assert await listing.numbers("li-min", TRACKING, limit=limit, sort="due_at") == ["N3", "N1", "N2"]
        assert await listing.numbers("li-min", TRACKING, limit=limit, sort="-due_at") == ["N1", "N3", "N2"]


async def test_pages_neither_repeat_nor_leave_out_a_row_while_rows_move_and_come(listing: Listing) -> None:
    for number in range(7):
        await listing.record(str(number), numbered(number))
    seen: list[str] = []
    cursor = None
    for round in range(10):
        page = await listing.page("li-min", TRACKING, limit=2, sort="received_at", cursor=cursor)
        seen += [row["number"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await listing.record(str(round), classified())
        await listing.record(f"early {round}", numbered(-1 - round))

    assert seen == [f"N{number}" for number in range(7)]


async def test_a_cursor_that_was_changed_or_belongs_elsewhere_is_refused(listing: Listing) -> None:
    for number in range(3):
        await listing.record(str(number), *ASKED)
    cursor = (await listing.page("li-min", TRACKING, limit=1))["next_cursor"]
    other = (await listing.page("li-min", "/v1/sla", limit=1))["next_cursor"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for wrong in (changed, other, "AAAA", "a", "-", cursor[:8]):
        refused = problem(await listing.ask("li-min", TRACKING, limit=1, cursor=wrong), 422, "invalid-cursor")
        assert pointers(refused) == ["?cursor"]
    refused = problem(await listing.ask("li-min", TRACKING, limit=1, cursor=cursor, sort="due_at"), 422)
    assert pointers(refused) == ["?cursor"]
    assert (await listing.ask("li-min", TRACKING, limit=2, cursor=cursor)).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "201"), ("limit", "x"), ("sort", "mood"), ("overdue", "maybe"),
        ("received_from", "yesterday"), ("received_from", "2026-03-02T09:00:00"), ("as_of", "9999-12-31T23:59:59Z"),
        ("statsu", "closed"), ("cursor", "%"), ("min_position", "-1"), ("q", "a\0"), ("procedure", ""),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_named(listing: Listing, name: str, value: str) -> None:
    refused = problem(await listing.ask("li-min", TRACKING, **{name: value}), 422)
    assert pointers(refused) == [f"?{name}"]


async def test_a_position_that_is_not_reached_in_time_is_answered_with_try_again(listing: Listing) -> None:
    answer = await listing.ask("li-min", TRACKING, min_position=1_000_000)
    problem(answer, 503, "read-model-behind")
    assert answer.headers["Retry-After"] == "1"


async def test_chinese_terms_of_one_two_and_four_characters_are_found_in_what_was_said(listing: Listing) -> None:
    await listing.record("1", numbered(1, subject="入金三天未到账", content="银行已扣款", wants="尽快到账"))
    await listing.record("2", numbered(2, subject="出金被拒", content="ＡＢＣ银行 100%_done", wants=None))

    async def found(q: str) -> str:
        return "".join(sorted(number[1:] for number in await listing.numbers("li-min", TRACKING, q=q)))

    assert [await found(q) for q in ("账", "银", "拒")] == ["1", "12", "2"]
    assert [await found(q) for q in ("到账", "银行", "出金", "金出")] == ["1", "12", "2", ""]
    assert [await found(q) for q in ("三天未到", "银行已扣", "银行扣款")] == ["1", "1", ""]
    assert [await found(q) for q in ("abc", "ABC", "100%", "%", "_", "银行 出金", "n2")] == ["2"] * 7
    assert [await found(q) for q in ("张三", "13800000000", "银\\行", "'; --")] == [""] * 4


async def test_whatever_was_written_of_a_complaint_finds_it_in_either_script(listing: Listing) -> None:
    facts = {"order_no": "DD-20260301/17", "amount": 5_000, "nickname": "小王子"}
    await listing.record("1", numbered(1, facts=facts), *OPENED[1:], noted("客户在臺灣出差，下周回电"))
    await listing.record("2", numbered(2), *ASKED[1:], confirmed(), executed(measure="補發禮品卡"), informed())
    await listing.record("3", numbered(3), happened(events.FormCompleted, facts={"account_no": "8800-1234"}))
    await listing.record("4", numbered(4, query_code="Q7XK-31PD"), happened(
        events.AttachmentAdded, name="通话录音.wav", kind="recording", reference="https://files.example.com/secret"
    ))  # fmt: skip

    async def found(q: str) -> str:
        return "".join(sorted(number[1:] for number in await listing.numbers("li-min", TRACKING, q=q)))

    assert [await found(q) for q in ("台湾", "臺灣", "湾", "回电")] == ["1"] * 4
    assert [await found(q) for q in ("礼品卡", "禮品", "补发 入金", "已入账")] == ["2"] * 4
    assert [await found(q) for q in ("dd-20260301/17", "8800-1234", "录音")] == ["1", "3", "4"]
    assert [await found(q) for q in ("小王子", "5000", "q7xk", "secret", "台湾 礼品")] == [""] * 5


async def test_what_was_written_later_finds_nothing_as_it_stood_before(listing: Listing) -> None:
    await listing.record("1", numbered(0))
    await listing.record("1", noted("已联系银行").at(TUESDAY_9AM))
    for sort in ("received_at", "due_at"):
        stood = [
            await listing.numbers("li-min", TRACKING, q="银行", sort=sort, as_of=f"2026-03-0{day}T10:00:00+08:00")
            for day in (2, 3)
        ]
        assert stood == [[], ["N0"]]


SORTS = ("received_at", "-received_at", "due_at", "-due_at", "due_at,-received_at", "-closed_at,number")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("first_look", [2, 500])
async def test_a_units_pages_are_those_of_the_whole_list_that_were_sent_to_it(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, sort: str, first_look: int
) -> None:
    """Also of those sent to several, of those that nothing is owed for, and of the unit that has none."""
    monkeypatch.setattr(search_table, "STRETCH", 3)
    monkeypatch.setattr(tracking_search, "STRETCH", 3)
    monkeypatch.setattr(tracking_search, "MOST_WALKED", 4)
    monkeypatch.setattr(tracking_search, "FIRST_LOOK", first_look)
    for number in range(12):
        often = "甲乙 " if number % 2 else ""
        fact = received(number=f"N{number:02d}", subject=f"{often}丙丁" if number % 5 == 0 else f"{often}戊己")
        units = [unit for unit, each in (("settlement", 2), ("trading", 3)) if number % each == 0]
        sent = [classified(), drafted("致歉"), dispatched(*units)] if units else []
        ended = [happened(events.Withdrawn, reason="撤回")] if number % 4 == 0 else []
        hour = timedelta(hours=number * 5 % 12)
        await listing.record(str(number), *(one.at(MONDAY_9AM + hour) for one in (fact, *sent, *ended)))
    whole = await listing.numbers("li-min", TRACKING, sort=sort, limit=200)
    for who, is_theirs in (
        ("zhou-qi", lambda n: n % 2 == 0), ("feng-yu", lambda n: n % 3 == 0), ("wu-hao", lambda n: False),
    ):  # fmt: skip
        for q, has in (
            (None, lambda n: True), ("甲乙", lambda n: n % 2), ("丙丁", lambda n: n % 5 == 0), ("庚辛", lambda n: False)
        ):  # fmt: skip
            asked = {} if q is None else {"q": q}
            expected = [number for number in whole if is_theirs(int(number[1:])) and has(int(number[1:]))]
            for limit in (1, 2, 200):
                assert await listing.numbers(who, TRACKING, sort=sort, limit=limit, **asked) == expected
            open_ones = [number for number in expected if int(number[1:]) % 4]
            assert await listing.numbers(who, TRACKING, sort=sort, limit=2, status="dispatched", **asked) == open_ones


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(("first_look", "dearest"), [(2, 20_000), (500, 20_000), (2, -1)])
async def test_whatever_the_frequency_of_a_word_its_pages_are_those_of_the_whole_list(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, sort: str, first_look: int, dearest: int
) -> None:
    """Also where times of receipt run back from one stretch of the log to the next, and several are the same.

    Whether a word was said at the intake or in a note, and what of the list is asked for besides.
    """
    monkeypatch.setattr(search_table, "STRETCH", 3)
    monkeypatch.setattr(tracking_search, "STRETCH", 3)
    monkeypatch.setattr(tracking_search, "MOST_WALKED", 4)
    monkeypatch.setattr(tracking_search, "FIRST_LOOK", first_look)
    monkeypatch.setattr(tracking_search, "DEAREST_LOOK", dearest)
    hours = [5, 1, 4, 0, 7, 2, 6, 3, 9, 8, 11, 10, 3, 17, 12, 12, 12, 16, 14, 13, 15]
    for number, hour in enumerate(hours):
        often = "甲乙 " if number % 2 else ""
        fact = received(number=f"N{number:02d}", subject=f"{often}丙丁" if number % 5 == 0 else f"{often}戊己")
        notes = [noted("壬癸"), noted("壬癸 子丑" if number % 8 == 0 else "寅卯")] if number % 4 == 0 else []
        graded = [classified(issue_point=None)] if number % 3 == 0 else []
        await listing.record(str(number), fact.at(MONDAY_9AM + timedelta(hours=hour)), *notes, *graded)
    whole = await listing.numbers("li-min", TRACKING, sort=sort, limit=200)
    assert len(whole) == len(hours)
    for q, has in (
        ("甲乙", lambda n: n % 2), ("丙丁", lambda n: n % 5 == 0), ("甲乙 丙丁", lambda n: n % 2 and n % 5 == 0),
        ("甲", lambda n: n % 2), ("N07", lambda n: n == 7), ("庚辛", lambda n: False), ("壬癸", lambda n: n % 4 == 0),
        ("丙丁 子丑", lambda n: n % 40 == 0), ("子丑 寅卯", lambda n: False),
    ):  # fmt: skip
        expected = [number for number in whole if has(int(number[1:]))]
        for limit in (1, 2, 200):
            assert await listing.numbers("li-min", TRACKING, sort=sort, q=q, limit=limit) == expected
        classed = [number for number in expected if int(number[1:]) % 3 == 0]
        assert await listing.numbers("li-min", TRACKING, sort=sort, q=q, limit=2, status="classified") == classed


async def test_a_file_has_the_whole_list_and_no_formulas(listing: Listing) -> None:
    for number in range(5):
        await listing.record(str(number), numbered(number, subject="=HYPERLINK(1)", complainant=Complainant("@甲")))
    text = await listing.ask("li-min", TRACKING, accept=CSV, limit=1, sort="received_at")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.content.startswith("\ufeffid,number,".encode())
    rows = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == [f"N{number}" for number in range(5)]
    assert {(row["subject"], row["customer"]) for row in rows} == {("'=HYPERLINK(1)", "'@甲")}
    received = "received at (Asia/Shanghai)"  # the zone of the calendars; a sheet knows none
    assert (rows[0][received], rows[0]["owner"]) == ("2026-03-02 09:00:00", "agent-1")

    answer = await listing.ask("li-min", TRACKING, accept=XLSX, sort="received_at")
    [sheet] = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    header, first, *_ = sheet.iter_rows()
    cells = dict(zip((cell.value for cell in header), first, strict=True))
    assert sheet.max_row == 6
    assert (cells["subject"].value, cells["subject"].data_type) == ("=HYPERLINK(1)", "s")
    assert str(cells[received].value) == "2026-03-02 09:00:00"


async def test_the_table_is_shown_as_it_stood(listing: Listing) -> None:
    await listing.record("1", numbered(0))
    await listing.record("1", *(fact.at(TUESDAY_9AM) for fact in ASKED[1:]))
    await listing.record("2", numbered(1).at(WEDNESDAY_9AM))
    await listing.record("1", confirmed().at(WEDNESDAY_9AM), closed().at(WEDNESDAY_9AM))

    async def stood(day: str, **query: Any) -> list[tuple[str, str]]:
        rows = await listing.items("li-min", TRACKING, as_of=f"2026-03-{day}T10:00:00+08:00", limit=1, **query)
        return [(row["number"], row["status"]) for row in rows]

    assert await stood("01") == []
    assert await stood("02") == [("N0", "received")]
    assert await stood("03") == [("N0", "dispatched")]
    for sort in ("received_at", "due_at"):
        assert sorted(await stood("04", sort=sort)) == [("N0", "closed"), ("N1", "received")]
    assert await stood("03", status="closed") == await stood("03", unit="trading") == []
    assert await stood("03", status="dispatched", unit="settlement", sort="-due_at") == [("N0", "dispatched")]
    assert await stood("04", q="入金", status="closed") == [("N0", "closed")]


async def test_overdue_is_judged_at_the_moment_that_is_shown(listing: Listing) -> None:
    await listing.record("1", *OPENED)
    rows = [
        (await listing.items("li-min", TRACKING, as_of=at))[0]["overdue"]
        for at in ("2026-03-03T23:59:59+08:00", "2026-03-04T00:00:00+08:00", "2026-03-04T00:00:01+08:00")
    ]
    assert rows == [False, True, True]  # at 24:00 as the clocks have it


async def test_somebody_named_today_does_not_see_how_it_stood_yesterday_either(listing: Listing) -> None:
    await listing.record("1", numbered(0))
    await listing.record("1", accused("li-min").at(TUESDAY_9AM))
    assert await listing.items("li-min", TRACKING, as_of="2026-03-02T12:00:00+08:00") == []
    assert len(await listing.items("agent-7", TRACKING, as_of="2026-03-02T12:00:00+08:00")) == 1
