"""12319城市建设热线: the hotline for what goes wrong in building and running a city, played through the REST API.

The centre answers from what it knows, or sends the matter to the unit of the trade at the second or third level of its
network, which settles it in the set time and reports back; the centre calls the citizen. March 2, 2026 is a Monday.
"""

from __future__ import annotations

import pytest

from tests.http.desk import Desk
from tests.stories.hotline import at_work, look, noted, told_of_misses
from tests.stories.staff import escalated_to
from tests.stories.telling import at, due, state

CODE = "city-12319"
FIVE_DAYS = "2026-03-09T16:00:00Z"


async def sent(desk: Desk, category: str = "water.supply") -> str:
    """A leak that the centre sent to the water company on Monday at nine."""
    await at_work(desk, "jin-bo", "unit", "water-company")
    id = await noted(desk, CODE, "complaint", category)
    await desk.step("li-min", id, "dispatch")
    return id


async def test_a_leak_goes_to_the_third_level_and_the_centre_calls_back(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await look(sandbox, id)
    assert complaint["units"] == [{"unit": "water-company", "state": "asked", "role": "lead"}]
    assert due(complaint, "handle") == FIVE_DAYS

    await sandbox.step("jin-bo", id, "accept")
    await sandbox.refused(403, "li-min", id, "execute", measure="已修复。")  # the unit settles it, not the centre
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step("jin-bo", id, "execute", measure="漏点已修复，15:00恢复供水。")
    assert state(complaint, "handle") == "met"
    assert due(complaint, "callback") == "2026-03-06T16:00:00Z"
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已修复", summary="修漏")
    assert len(refusal["missing"]) == 1  # done is only a claim until the callback

    await sandbox.refused(403, "jin-bo", id, "record-callback", reached=True, satisfied=True, means="phone")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert state(complaint, "callback") == "met"
    complaint = await sandbox.step("li-min", id, "close", outcome="已修复", summary="修漏", justified=True)
    assert complaint["status"] == "closed"


async def test_the_centre_settles_what_it_knows_without_a_unit(sandbox: Desk) -> None:
    complaint = await sandbox.receive("li-min", procedure=CODE, kind="request", channel="fax", facts={})
    complaint = await sandbox.step("li-min", complaint["id"], "settle", explanation="停水公告如下…", accepted=True)
    ended = {one["name"]: one["state"] for one in complaint["clocks"]}
    assert (complaint["status"], ended) == ("closed", {"classify": "met", "dispatch": "met", "whole-case": "met"})


@pytest.mark.parametrize(
    ("category", "unit"),
    [
        ("planning", "planning-bureau"),
        ("housing", "housing-bureau"),
        ("illegal-building", "city-management"),
        ("quality-safety", "quality-safety"),
        ("appearance.signs", "city-management"),
        ("utilities", "municipal-bureau"),
        ("transport", "transport-bureau"),
        ("transport.bus", "bus-company"),
        ("parks", "parks-bureau"),
        ("water", "public-utilities"),
        ("water.supply", "water-company"),
        ("gas", "public-utilities"),
        ("gas.supply", "gas-company"),
        ("heating", "public-utilities"),
        ("heating.supply", "heating-company"),
    ],
)
async def test_every_trade_has_its_unit_at_the_second_or_third_level(sandbox: Desk, category: str, unit: str) -> None:
    id = await noted(sandbox, CODE, "complaint", category)
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert complaint["units"] == [{"unit": unit, "state": "asked", "role": "lead"}]


async def test_a_matter_of_no_trade_is_sent_by_name(sandbox: Desk) -> None:
    id = await noted(sandbox, CODE, "suggestion", "other")
    refusal = await sandbox.refused(422, "li-min", id, "dispatch")
    assert refusal["type"] == "/problems/no-route-known"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["parks-bureau"])
    assert complaint["units"] == [{"unit": "parks-bureau", "state": "asked", "role": "lead"}]


async def test_a_unit_that_is_not_done_in_the_set_time_misses_it(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at(sandbox, "03-09 23:59")
    assert state(await look(sandbox, id), "handle") == "running"
    await at(sandbox, "03-10 00:00")
    assert state(await look(sandbox, id), "handle") == "missed"
    assert await told_of_misses(sandbox, id, "zhao-jing") == {"handle": ["manager"]}


async def test_a_callback_that_comes_late_is_missed(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step("jin-bo", id, "execute", measure="已修复。")
    await at(sandbox, "03-05 00:00")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert state(complaint, "callback") == "missed"


async def test_the_second_level_sends_back_what_is_the_third_s(sandbox: Desk) -> None:
    await at_work(sandbox, "mo-li", "unit", "public-utilities")
    id = await sent(sandbox, "water")
    await sandbox.step("mo-li", id, "return", ground="漏水抢修属自来水公司。", legal_basis="《城市供水条例》第二十七条")
    await sandbox.step("li-min", id, "classify", category="water.supply")
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert {one["unit"]: one["state"] for one in complaint["units"]} == {
        "public-utilities": "returned",
        "water-company": "asked",
    }
    assert due(complaint, "handle") == FIVE_DAYS  # the citizen's time runs on


async def test_a_citizen_who_is_not_satisfied_has_it_sent_out_again(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step("jin-bo", id, "execute", measure="已修复。")
    await at(sandbox, "03-03 09:00")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
    assert (complaint["round"], complaint["status"], complaint["units"]) == (2, "classified", [])
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert due(complaint, "handle") == "2026-03-10T16:00:00Z"


@pytest.mark.parametrize("channel", ["phone", "fax", "web"])
@pytest.mark.parametrize("kind", ["request", "complaint", "suggestion"])
async def test_services_complaints_and_suggestions_come_by_telephone_fax_and_web(
    sandbox: Desk, channel: str, kind: str
) -> None:
    complaint = await sandbox.receive("li-min", procedure=CODE, kind=kind, channel=channel, facts={"place": "解放路"})
    assert (complaint["kind"], complaint["channel"], complaint["status"]) == (kind, channel, "received")


async def test_a_matter_of_two_trades_is_done_when_both_units_have_settled_their_part(sandbox: Desk) -> None:
    await at_work(sandbox, "mo-li", "unit", "municipal-bureau")
    await at_work(sandbox, "jin-bo", "unit", "water-company")
    id = await noted(sandbox, CODE, "complaint", "utilities")
    await sandbox.step("li-min", id, "dispatch", units=["water-company", "municipal-bureau"])
    complaint = await sandbox.step("jin-bo", id, "execute", measure="漏点已修复。")
    assert state(complaint, "handle") == "running"
    assert [one["name"] for one in complaint["clocks"]] == ["handle", "classify", "dispatch", "whole-case"]
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已修复", summary="修漏修路")
    by_all, callback = "the execution by every unit that was asked", "a callback that reached the customer"
    assert refusal["missing"] == [by_all, callback]
    complaint = await sandbox.step("mo-li", id, "execute", measure="路面已恢复。")
    assert (state(complaint, "handle"), state(complaint, "callback")) == ("met", "running")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (await sandbox.step("li-min", id, "close", outcome="已修复", summary="修漏修路"))["status"] == "closed"


async def test_a_matter_that_is_sent_back_a_second_time_goes_up_to_the_centre(sandbox: Desk) -> None:
    await at_work(sandbox, "mo-li", "unit", "public-utilities")
    id = await sent(sandbox)
    back = {"ground": "不属本单位。", "legal_basis": "《城市供水条例》第二十七条"}
    await sandbox.step("jin-bo", id, "return", **back)
    assert await escalated_to(sandbox, id) == []
    await sandbox.step("li-min", id, "dispatch", units=["public-utilities"])
    await sandbox.step("mo-li", id, "return", **back)
    assert await escalated_to(sandbox, id) == ["manager"]
