"""Whom an event tells and through which channels: read from the log, once, and only of what is recorded from now on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.readmodels.rebuild import Rebuild
from domain.complaint.commands import EscalateComplaint, HandOver, NameAccused, Remind, RequestCAPA, Supervise
from tests.app.notified_office import BOARD_OFFICE, MANAGER, NotifiedOffice, notified_office, notifying_of
from tests.app.service_stories import open_office


@pytest.fixture
async def office(database: str) -> AsyncIterator[NotifiedOffice]:
    async with notified_office(database) as office:
        yield office


async def test_a_dispatch_tells_every_unit_it_is_sent_to_in_the_console(office: NotifiedOffice) -> None:
    await office.dispatched("settlement", "trading")
    assert await office.to("Dispatched") == [
        ("role/board-office", "console"), ("unit/settlement", "console"), ("unit/trading", "console"),
    ]  # fmt: skip
    assert {row["state"] for row in await office.rows()} == {"sent"}


async def test_a_warning_tells_the_clocks_unit_and_a_miss_the_roles_of_the_procedure(office: NotifiedOffice) -> None:
    id = await office.dispatched("settlement")
    (clock,) = [one for one in (await office.office.complaints.load(id)).aggregate.clocks if one.name == "unit-answers"]
    assert clock.warn_at is not None
    await office.judged(id, clock.warn_at)
    assert ("unit/settlement", "console") in await office.to("DeadlineWarned")
    await office.judged(id, clock.due_at)
    told = await office.to("DeadlineMissed")
    assert {("role/manager", "console"), ("role/board-office", "console")} <= set(told)
    assert {row["urgent"] for row in await office.rows(event="DeadlineMissed")} == {True}


async def test_an_escalation_tells_the_role_and_a_capa_order_its_unit(office: NotifiedOffice) -> None:
    id = await office.dispatched("settlement")
    await office.office.does(id, EscalateComplaint("board-office", "请示"))
    await office.step(id, BOARD_OFFICE, RequestCAPA("settlement", "避免再次发生"))
    assert await office.to("Escalated", "CAPARequested") == [
        ("role/board-office", "console"), ("unit/settlement", "console"),
    ]  # fmt: skip


async def test_a_reminder_tells_the_owner_and_the_unit_that_it_names_and_a_card_that_unit(
    office: NotifiedOffice,
) -> None:
    id = await office.dispatched("settlement", "trading")
    await office.step(id, MANAGER, Remind("客户来电催办", "trading"))
    await office.step(id, MANAGER, Supervise("请尽快", "yellow", "settlement"))
    assert await office.to("Reminded") == [("actor/agent-7", "console"), ("unit/trading", "console")]
    assert await office.to("Supervised") == [("unit/settlement", "console")]


async def test_a_hand_over_tells_the_person_it_is_handed_to(office: NotifiedOffice) -> None:
    id = await office.dispatched()
    await office.office.does(id, HandOver("li-min"))
    assert await office.to("HandedOver") == [("actor/li-min", "console")]


async def test_nobody_is_told_of_a_complaint_about_themselves(office: NotifiedOffice) -> None:
    id = await office.dispatched()
    await office.office.does(id, HandOver("li-min"))
    await office.decided()
    await office.office.does(id, NameAccused(("agent-7",)))
    await office.step(id, MANAGER, Remind("催办"))
    assert await office.to("Reminded") == [("unit/settlement", "console")]


async def test_a_recipient_is_told_by_mail_and_webhook_too_and_one_without_console_there_not(
    office: NotifiedOffice,
) -> None:
    secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    url = office.web.url()
    await office.told_how("unit", "settlement", email="s@example.com", webhook_url=url, webhook_secret=secret)
    await office.told_how("unit", "trading", email="t@example.com", console=False)
    await office.dispatched("settlement", "trading")
    assert await office.to("Dispatched") == [
        ("role/board-office", "console"), ("unit/settlement", "console"), ("unit/settlement", "email"),
        ("unit/settlement", "webhook"), ("unit/trading", "email"),
    ]  # fmt: skip


async def test_a_mailbox_that_two_recipients_share_hears_of_one_event_once(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="both@example.com")
    await office.told_how("unit", "trading", email="Both@example.com")
    await office.dispatched("settlement", "trading")
    assert [to for to in await office.to("Dispatched") if to[1] == "email"] == [("unit/settlement", "email")]


async def test_a_recipient_for_other_procedures_is_not_told(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="s@example.com", procedures=["courier"])
    await office.told_how("unit", "trading", email="t@example.com", procedures=["kf0001"])
    await office.dispatched("settlement", "trading")
    told = [to for to in await office.to("Dispatched") if to[0].startswith("unit/")]
    assert told == [("unit/trading", "console"), ("unit/trading", "email")]


async def test_the_customer_is_told_by_the_means_that_the_event_names(office: NotifiedOffice) -> None:
    id = await office.dispatched()
    for means in ("sms", "phone"):
        await office.informed(id, means)
    assert await office.to("CustomerInformed") == [("complainant/", "sms")]


async def test_without_mail_server_and_gateway_nothing_waits_to_be_sent(database: str) -> None:
    async with notified_office(database, mail=None, sms=None, webhooks=False) as office:
        await office.told_how("unit", "settlement", email="s@example.com")
        await office.informed(await office.dispatched("settlement"))
        assert await office.to("Dispatched", "CustomerInformed") == [
            ("role/board-office", "console"), ("unit/settlement", "console"),
        ]  # fmt: skip


async def test_receipt_is_acknowledged_only_where_it_is_switched_on(database: str) -> None:
    async with notified_office(database) as office:
        await office.office.received()
        assert await office.to("Received") == []
    async with notified_office(database, acknowledge=frozenset({"kf0001"})) as office:
        await office.office.received()
        assert await office.to("Received") == [("complainant/", "sms")]


async def test_receipt_is_not_acknowledged_by_sms_to_a_fixed_line(database: str) -> None:
    async with notified_office(database, acknowledge=frozenset({"*"})) as office:
        await office.office.received(phone="+861065551234")
        assert await office.to("Received") == []


async def test_a_first_start_tells_nothing_of_what_is_in_the_log_already(database: str) -> None:
    async with open_office(database) as before:
        await before.general()
        id = await before.received()
    async with notified_office(database) as office:
        await office.office.does(id, EscalateComplaint("manager", "请示"))
        await office.decided()
        assert [row["event"] for row in await office.rows()] == ["Escalated"]


async def test_what_was_recorded_while_nobody_told_is_told_once_somebody_does(
    office: NotifiedOffice, database: str
) -> None:
    await office.notifying.__aexit__()
    await office.dispatched("settlement")
    async with notifying_of(office.office, office.channels) as again:
        assert await again.follower.reached(await office.office.log.head(), 20)
        assert [row["recipient"] for row in await office.rows(event="Dispatched")] == ["board-office", "settlement"]


async def test_a_new_recipient_hears_nothing_of_what_was_recorded_before_it_was_one(office: NotifiedOffice) -> None:
    await office.notifying.__aexit__()
    await office.dispatched("settlement")
    await office.told_how("unit", "settlement", email="s@example.com")
    async with notifying_of(office.office, office.channels) as again:
        assert await again.follower.reached(await office.office.log.head(), 20)
        told = await office.rows(event="Dispatched", recipient="settlement")
        assert [row["channel"] for row in told] == ["console"]


async def test_a_checkpoint_that_others_move_while_it_follows_is_taken_over(office: NotifiedOffice) -> None:
    id = await office.dispatched("settlement")
    await office.decided()
    moved = "UPDATE follower_checkpoints SET position = position + 1 WHERE name = 'notifications'"
    await office.office.pool.execute(moved)
    await office.step(id, MANAGER, Remind("催办"))
    await office.step(id, MANAGER, Remind("再次催办"))
    await office.becomes(lambda rows: sum(row["event"] == "Reminded" for row in rows) == 2)


async def test_rebuilding_the_read_models_tells_nobody_anything(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.dispatched("settlement")
    await office.all_in_the_end()
    before, mails = await office.rows(), len(office.mail.arrived)
    side = office.office
    await Rebuild(side.pool, side.log, side.codec, side.complainants, side.library).run()
    await office.decided()
    assert (await office.rows(), len(office.mail.arrived), mails) == (before, 1, 1)


async def test_a_fact_is_told_once_though_the_log_is_read_again(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.dispatched("settlement")
    await office.all_in_the_end()
    before = await office.rows()
    await office.notifying.__aexit__()
    await office.office.pool.execute("UPDATE follower_checkpoints SET position = 0 WHERE name = 'notifications'")
    async with notifying_of(office.office, office.channels) as again:
        assert await again.follower.reached(await office.office.log.head(), 20)
    assert [row for row in await office.rows() if row["event"] == "Dispatched"] == [
        row for row in before if row["event"] == "Dispatched"
    ]
    assert len(office.mail.arrived) == 1


async def test_of_two_processes_one_tells_and_the_other_takes_over(office: NotifiedOffice) -> None:
    async with office.another() as second:
        await office.dispatched("settlement")
        await office.decided()
        assert (office.notifying.follower.lock.is_leader, second.follower.lock.is_leader) == (True, False)
        await office.notifying.__aexit__()
        await office.dispatched("trading")
        assert await second.follower.reached(await office.office.log.head(), 20)
        assert second.follower.lock.is_leader
    dispatched = await office.rows(event="Dispatched")
    assert [row["recipient"] for row in dispatched] == ["board-office", "settlement", "board-office", "trading"]
