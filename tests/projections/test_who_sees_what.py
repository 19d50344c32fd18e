"""Who sees what in every list: roles, units, recusal, and how much of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.complaint import events
from domain.values import Complainant
from eventlog.checkpoints import hold_checkpoints
from projections.progress import READ_MODELS
from tests.facts import (
    ASKED,
    accused,
    capa_requested,
    classified,
    dispatched,
    drafted,
    happened,
    noted,
    received,
)
from tests.http.desk import problem
from tests.projections.listing import Listing

NDJSON = "application/x-ndjson"
LISTS = ("/v1/tracking", "/v1/sla", "/v1/audit/events")
FORMS = ("application/json", "text/csv", "application/x-ndjson")


def story(number: str, unit: str, *people: str) -> tuple[Any, ...]:
    return (
        received(number=number, accused=people, complainant=Complainant("张三丰", "+8613812345678")),
        classified(), drafted("致歉"), dispatched(unit),
    )  # fmt: skip


async def numbers(listing: Listing, who: str, path: str) -> set[str]:
    return {item["number"] for item in await listing.items(who, path, limit=2)}


@pytest.mark.parametrize("path", LISTS)
async def test_a_unit_sees_what_was_sent_to_it_and_nothing_else(listing: Listing, path: str) -> None:
    await listing.record("1", *story("N-1", "settlement"))
    await listing.record("2", *story("N-2", "trading"))
    await listing.record("3", received(number="N-3"), classified())
    await listing.record("2", capa_requested("settlement"))

    assert await numbers(listing, "zhou-qi", path) == {"N-1", "N-2"}
    assert await numbers(listing, "feng-yu", path) == {"N-2"}
    assert await numbers(listing, "wu-hao", path) == set()
    assert await numbers(listing, "he-ping", path) == {"N-1", "N-2", "N-3"}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("who", ["li-min", "zhao-jing", "zhou-qi", "he-ping", "partner-bank", "admin"])
async def test_whoever_is_named_in_a_complaint_finds_no_trace_of_it(listing: Listing, path: str, who: str) -> None:
    await listing.record("1", *story("N-1", "settlement", who))
    await listing.record("2", *story("N-2", "settlement"))
    await listing.record("3", *story("N-3", "settlement"))
    await listing.record("3", accused(who))

    assert await numbers(listing, who, path) == {"N-2"}
    for accept in FORMS:
        text = (await listing.ask(who, path, accept=accept)).text
        assert ("N-2" in text, "N-1" in text, "N-3" in text) == (True, False, False)


async def test_sums_count_only_what_the_reader_may_see(listing: Listing) -> None:
    await listing.record("1", *story("N-1", "settlement"))
    await listing.record("2", *story("N-2", "trading", "li-min"))

    async def sums(who: str, **query: str) -> dict[str | None, tuple[int, int]]:
        page = await listing.page(who, "/v1/sla/summary", **query)
        return {item["unit"]: (item["total"], item["running"]) for item in page["items"]}

    assert await sums("he-ping") == {None: (6, 2), "settlement": (1, 1), "trading": (1, 1)}
    assert await sums("li-min") == {None: (3, 1), "settlement": (1, 1)}
    assert await sums("feng-yu") == {None: (3, 1), "trading": (1, 1)}
    assert await sums("he-ping", unit="trading") == {"trading": (1, 1)}


async def test_the_customer_and_the_texts_are_shown_as_far_as_the_role_sees_them(listing: Listing) -> None:
    await listing.record("1", *story("N-1", "settlement"))
    shown = {}
    for who in ("li-min", "he-ping", "zhou-qi", "chen-li", "partner-bank", "softphone", "admin"):
        [row] = await listing.items(who, "/v1/tracking")
        shown[who] = (row["customer"], row["subject"])

    everything, texts, nothing = ("张三丰", "入金三天未到账"), ("张**", "入金三天未到账"), ("张**", "***")
    assert shown == {
        "li-min": everything, "he-ping": everything, "admin": texts, "zhou-qi": texts, "chen-li": texts,
        "partner-bank": nothing, "softphone": nothing,
    }  # fmt: skip


async def test_who_does_not_see_the_texts_cannot_find_by_them(listing: Listing) -> None:
    await listing.record("1", *story("N-1", "settlement"))
    assert [len(await listing.items("partner-bank", "/v1/tracking", q=q)) for q in ("入金", "n-1", "账")] == [0, 1, 0]
    assert len(await listing.items("zhou-qi", "/v1/tracking", q="入金")) == 1


async def test_nobody_finds_by_a_note_what_they_may_not_read(listing: Listing) -> None:
    """By role, unit, recusal and kind: who may not read the note; of a graded fault nobody finds what it says."""
    note = noted("账户由柜面主管操作")
    graded = happened(events.FaultGraded, agent="agent-9", grade=1, findings="私下承诺")
    await listing.record("1", *story("N-1", "settlement", "li-min"), note, graded)
    await listing.record("2", *story("N-2", "trading"), note, graded)
    secret = received(number="N-3", procedure="courier", kind="report", issue_point=None)
    await listing.record("3", secret, note)

    found = {who: sorted(await listing.numbers(who, "/v1/tracking", q="主管")) for who in (
        "he-ping", "li-min", "zhou-qi", "feng-yu", "chen-li", "partner-bank", "softphone",
    )}  # fmt: skip
    assert found == {
        "he-ping": ["N-1", "N-2"], "li-min": ["N-2"], "zhou-qi": ["N-1"], "feng-yu": ["N-2"], "chen-li": ["N-1", "N-2"],
        "partner-bank": [], "softphone": [],
    }  # fmt: skip
    assert [await listing.numbers(who, "/v1/tracking", q="承诺") for who in ("he-ping", "chen-li", "admin")] == [[]] * 3


async def test_a_file_is_masked_as_the_list_is(listing: Listing) -> None:
    await listing.record("1", *story("N-1", "settlement"))
    for path in ("/v1/tracking", "/v1/audit/events"):
        for accept in ("text/csv", "application/x-ndjson", "application/json"):
            text = (await listing.ask("partner-bank", path, accept=accept)).text
            assert "N-1" in text
            for hidden in ("张三丰", "13812345678", "入金三天", "致歉"):
                assert hidden not in text
            assert "张三丰" not in (await listing.ask("zhou-qi", path, accept=accept)).text
            assert "入金三天" in (await listing.ask("zhou-qi", path, accept=accept)).text


async def test_a_role_that_sees_nothing_is_told_so(listing: Listing) -> None:
    await listing.desk.key_of_before("guest", "guest")
    for path in (*LISTS, "/v1/sla/summary"):
        problem(await listing.ask("guest", path), 403, "role-forbids")
        problem(await listing.desk.get(None, path), 401)


async def test_the_whole_history_comes_in_order_and_without_a_gap(listing: Listing) -> None:
    for number in range(4):
        position = await listing.record(str(number), *ASKED)
    lines = (await listing.ask("he-ping", "/v1/audit/events", accept=NDJSON)).text.splitlines()
    streamed = [json.loads(line) for line in lines]

    assert [event["position"] for event in streamed] == list(range(1, position + 1))
    assert await listing.items("he-ping", "/v1/audit/events", limit=3) == streamed
    assert [event["type"] for event in streamed[:4]] == ["Received", "Classified", "OpinionDrafted", "Dispatched"]
    assert streamed[3]["data"] == {"units": ["settlement"], "owner": None, "note": None, "lead": None}
    assert streamed[3]["actor"] == {"id": "agent-1", "role": "agent", "unit": None, "source": "api", "via": None}
    assert streamed[3] | {"data": 0, "actor": 0, "complaint_id": 0} == {
        "position": 4, "complaint_id": 0, "incident_id": None, "number": "KF0001-20260302-000001",
        "version": 4, "type": "Dispatched",
        "recorded_at": "2026-03-02T01:00:00Z", "occurred_at": "2026-03-02T01:00:00Z", "actor": 0, "data": 0,
        "unreadable": False, "hash": streamed[3]["hash"],
    }  # fmt: skip


async def test_the_history_is_filtered_by_type_actor_complaint_and_position(listing: Listing) -> None:
    await listing.record("1", *ASKED, accused("agent-7"))
    await listing.record("2", received(), capa_requested())

    async def found(**query: Any) -> list[int]:
        return [event["position"] for event in await listing.items("he-ping", "/v1/audit/events", **query)]

    first = (await listing.items("he-ping", "/v1/audit/events"))[0]["complaint_id"]
    assert await found(type="Received") == [1, 6]
    assert await found(actor="board-1") == [7]
    assert await found(complaint=first, limit=2) == [1, 2, 3, 4, 5]
    assert await found(after=5) == [6, 7]
    assert await found(after=7) == await found(type="IncidentOpened") == []


async def test_the_history_is_never_behind_and_hides_at_once(listing: Listing) -> None:
    await listing.record("0", received(number="N-0"))
    async with listing.desk.service.pool.acquire() as connection, connection.transaction():
        await hold_checkpoints(connection, [model.name for model in READ_MODELS])  # the lists cannot move on now
        await listing.side.record("1", received(number="N-1"), classified())
        assert await numbers(listing, "li-min", "/v1/audit/events") == {"N-0", "N-1"}
        await listing.side.record("1", accused("li-min"))
        assert await numbers(listing, "li-min", "/v1/audit/events") == {"N-0"}
        assert await numbers(listing, "agent-7", "/v1/audit/events") == {"N-0", "N-1"}
        assert await numbers(listing, "agent-7", "/v1/tracking") == {"N-0"}
