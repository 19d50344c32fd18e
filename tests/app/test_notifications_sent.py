"""How messages leave and what they say: by mail, through an SMS gateway and as signed webhooks, in two languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook

from app.commands.incidents import Incidents
from app.commands.request_identity import CommandRequest
from app.notifications.channels import SmsGateway
from app.queries.period_counts import counts_for
from app.reports.period_runner import PeriodRunner
from domain.complaint.commands import HandOver, NameAccused, ReceiveComplaint, Remind
from domain.incident.commands import OpenIncident
from domain.values import Actor, Complainant
from tests.app.notified_office import MANAGER, SECRET, NotifiedOffice, notified_office, notifying_of
from tests.app.receiving import OK
from tests.app.service_stories import AGENT, MONDAY_9AM, PHONE
from tests.facts import SHANGHAI

PERSONAL = ("张三", PHONE, PHONE[3:], "sun@example.com")


@pytest.fixture
async def office(database: str) -> AsyncIterator[NotifiedOffice]:
    async with notified_office(database) as office:
        yield office


async def mailed(office: NotifiedOffice, **settings: Any) -> str:
    """What the settlement unit reads in its mail when something is dispatched to it: subject and text."""
    await office.told_how("unit", "settlement", email="settlement@example.com", **settings)
    await office.dispatched("settlement")
    await office.all_in_the_end()
    (read,) = office.mail.read
    return read


async def test_a_mail_says_number_procedure_and_subject_in_chinese(office: NotifiedOffice) -> None:
    assert await mailed(office) == (
        "新派单：KF0001-20260302-000001\n投诉编号：KF0001-20260302-000001\n处理流程：客户投诉管理办法及处理流程\n"
        "待办：责任单位确认处理意见\n到期时间：2026-03-04 00:00 (Asia/Shanghai)\n投诉主题：入金三天未到账\n"
    )
    (mail,) = office.mail.arrived
    (row,) = await office.rows(channel="email")
    assert (mail["From"], mail["To"]) == ("redress@example.com", "settlement@example.com")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (f"<{row['id']}@example.com>", "auto-generated")
    assert (row["state"], row["attempts"], row["error"]) == ("sent", 1, None)


async def test_a_mail_says_the_same_in_english(office: NotifiedOffice) -> None:
    told = await mailed(office, language="en")
    assert told.startswith("Sent to your unit: KF0001-20260302-000001\nComplaint: KF0001-20260302-000001\nProcedure: ")


async def test_a_miss_names_the_clock_and_its_due_time_in_the_calendars_zone(office: NotifiedOffice) -> None:
    await office.told_how("role", "manager", email="manager@example.com", language="en")
    id = await office.office.general()
    clock = next(one for one in (await office.office.complaints.load(id)).aggregate.clocks if one.name == "record-out")
    await office.judged(id, clock.due_at)
    await office.all_in_the_end()
    (read,) = office.mail.read
    assert read.startswith("Overdue: KF0001-20260302-000001 Handling record sent\n")
    assert "Time limit: Handling record sent\n" in read
    assert f"Due: {clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} (Asia/Shanghai)\n" in read


async def test_staff_never_read_who_complains_in_a_message(office: NotifiedOffice) -> None:
    hook = {"webhook_url": office.web.url(), "webhook_secret": SECRET}
    await office.told_how("unit", "settlement", email="s@example.com", **hook)
    await office.told_how("role", "manager", email="m@example.com")
    id = await office.dispatched("settlement")
    await office.step(id, MANAGER, Remind("张三 +8613800000000 来电"))
    await office.judged(id, MONDAY_9AM + timedelta(days=30))
    await office.all_in_the_end()
    told = "".join(office.mail.read)
    told += "".join(str(post.json) for post in office.web.posted)
    assert len(office.mail.arrived) > 3
    assert [word for word in PERSONAL if word in told] == []


async def test_where_people_are_accused_the_subject_stays_out_of_messages(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    id = await office.dispatched("settlement")
    await office.all_in_the_end()
    await office.office.does(id, NameAccused(("zhou-qi",)))
    await office.step(id, MANAGER, Remind("请尽快"))
    await office.all_in_the_end()
    assert ["入金" in read for read in office.mail.read] == [True, False]


async def test_the_outbox_holds_nothing_personal(office: NotifiedOffice) -> None:
    id = await office.dispatched("settlement")
    await office.informed(id, text="张三您好，款项今日入账")
    await office.all_in_the_end()
    kept = "".join(str(dict(row)) for row in await office.rows())
    assert [word for word in (*PERSONAL, "入账", "入金") if word in kept] == []


async def test_the_customer_gets_the_events_own_text_by_sms_through_the_gateway(office: NotifiedOffice) -> None:
    await office.informed(await office.dispatched())
    await office.all_in_the_end()
    (post,) = office.web.posted
    (row,) = await office.rows(channel="sms")
    text = "款项今日入账\n投诉编号：KF0001-20260302-000001"
    assert post.json == {"to": PHONE, "msg": {"text": text}, "ref": str(row["id"])}
    assert (post.path, post.headers["x-token"], post.headers["idempotency-key"]) == (
        "/sms", "gateway-token", str(row["id"]),
    )  # fmt: skip


async def test_a_gateway_may_want_a_form_and_say_in_its_answer_whether_it_took_it(database: str) -> None:
    async with notified_office(database) as office:
        gateway = SmsGateway(office.web.url("/form"), {}, {"to": "{phone}", "text": "{text}"}, True, '"code":"OK"')
        await office.notifying.__aexit__()
        async with notifying_of(office.office, replace(office.channels, sms=gateway)):
            office.web.body = b'{"code":"LIMIT"}'
            await office.informed(await office.dispatched(), text="{phone} & {id}")
            await office.becomes(lambda rows: any(row["error"] for row in rows))
            office.web.body = b'{"code":"OK"}'
            office.office.moment += timedelta(hours=1)
            await office.becomes(lambda rows: any(row["channel"] == "sms" and row["state"] == "sent" for row in rows))
        first, second = office.web.posted
        assert first.headers["content-type"] == "application/x-www-form-urlencoded"
        assert first.body == second.body
        assert b"to=%2B8613800000000&text=%7Bphone%7D+%26+%7Bid%7D" in first.body


async def received(office: NotifiedOffice, **person: Any) -> UUID:
    command = ReceiveComplaint(
        procedure="kf0001", channel="phone", complainant=Complainant(**person), subject="入金", content="未到账"
    )
    return (await office.office.complaints.receive(command, AGENT, CommandRequest.once())).aggregate.id


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "您的投诉已受理。\n投诉编号：{number}\n查询码：{code}\n查询进度请提供投诉编号和所留电话的后四位。"),
        (
            "en",
            "Your complaint has been received.\nComplaint: {number}\nQuery code: {code}\n"
            "To ask how far it is, give this number and the last four digits of the telephone you left.",
        ),
    ],
)
async def test_a_receipt_tells_the_number_and_how_to_ask(database: str, language: str, said: str) -> None:
    async with notified_office(database, acknowledge=frozenset({"*"}), language=language) as office:
        id = await received(office, name="孙", phone=PHONE)
        code = (await office.office.complaints.load(id)).aggregate.query_code
        await office.all_in_the_end()
        (post,) = office.web.posted
        assert post.json["msg"]["text"] == said.format(number="KF0001-20260302-000001", code=code)


async def test_a_receipt_goes_by_mail_to_one_who_left_no_telephone_and_not_to_an_anonymous_one(database: str) -> None:
    async with notified_office(database, acknowledge=frozenset({"*"})) as office:
        await received(office, anonymous=True)
        id = await received(office, name="孙", email="sun@example.com")
        code = (await office.office.complaints.load(id)).aggregate.query_code
        await office.all_in_the_end()
        (mail,) = office.mail.arrived
        number = "KF0001-20260302-000002"
        assert mail["To"] == "sun@example.com"
        how = f"查询码：{code}\n查询进度请提供投诉编号和查询码。"
        assert office.mail.read == [f"您的投诉已受理 {number}\n您的投诉已受理。\n投诉编号：{number}\n{how}\n"]
        assert len(await office.rows()) == 1


async def test_a_webhook_is_signed_as_standard_webhooks_has_it(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", webhook_url=office.web.url("/hook?a=b"), webhook_secret=SECRET)
    id = await office.dispatched("settlement")
    await office.all_in_the_end()
    (post,) = office.web.posted
    (row,) = await office.rows(channel="webhook")
    assert Webhook(SECRET).verify(post.body, post.headers) == post.json
    assert (post.path, post.headers["webhook-id"]) == ("/hook?a=b", str(row["id"]))
    told, data = post.json["type"], post.json["data"]
    assert (told, data["id"], data["number"]) == ("complaint.Dispatched", str(id), "KF0001-20260302-000001")


async def test_a_redirect_is_not_followed_and_ends_in_a_dead_letter(office: NotifiedOffice) -> None:
    office.web.status, office.web.more_headers = 302, f"location: {office.web.url('/elsewhere')}\r\n"
    await office.told_how("unit", "settlement", webhook_url=office.web.url(), webhook_secret=SECRET)
    await office.dispatched("settlement")
    await office.all_in_the_end()
    (row,) = await office.rows(channel="webhook")
    assert (row["state"], row["error"], row["attempts"]) == ("dead", "http 302", 1)
    assert [post.path for post in office.web.posted] == ["/hook"]


async def test_an_endless_answer_is_not_read_to_its_end(office: NotifiedOffice) -> None:
    office.web.body = b"x" * 5_000_000
    await office.told_how("unit", "settlement", webhook_url=office.web.url(), webhook_secret=SECRET)
    await office.dispatched("settlement")
    await office.all_in_the_end()
    assert [row["state"] for row in await office.rows(channel="webhook")] == ["sent"]


async def test_a_message_to_a_customer_whose_data_were_erased_is_cancelled(office: NotifiedOffice) -> None:
    office.web.status = 500
    await office.informed(await office.dispatched())
    await office.becomes(lambda rows: any(row["error"] == "http 500" for row in rows))
    await office.office.pool.execute("UPDATE complainants SET wrapped_key = NULL")
    await office.later(timedelta(hours=1))
    await office.all_in_the_end()
    (row,) = await office.rows(channel="sms")
    assert (row["state"], row["error"]) == ("cancelled", "the complainant's data were erased")
    assert len(office.web.posted) == 1


async def test_a_message_to_a_removed_recipient_or_address_is_cancelled(office: NotifiedOffice) -> None:
    office.mail.answer = "451 later"
    for unit in ("settlement", "trading"):
        await office.told_how("unit", unit, email=f"{unit}@example.com")
    await office.dispatched("settlement", "trading")
    await office.becomes(lambda rows: sum(row["error"] == "smtp 451" for row in rows) == 2)
    office.mail.answer = OK
    await office.notifying.recipients.remove("unit", "settlement")
    await office.told_how("unit", "trading")
    await office.later(timedelta(hours=1))
    await office.all_in_the_end()
    assert [row["error"] for row in await office.rows(channel="email")] == [
        "the recipient was removed", "the recipient has no such address any more",
    ]  # fmt: skip
    assert office.mail.arrived == []


async def test_a_person_accused_meanwhile_is_not_told_any_more(office: NotifiedOffice) -> None:
    office.mail.answer = "451 later"
    await office.told_how("actor", "li-min", email="agent@example.com")
    id = await office.dispatched()
    await office.office.does(id, HandOver("li-min"))
    await office.becomes(lambda rows: any(row["error"] == "smtp 451" for row in rows))
    office.mail.answer = OK
    await office.step(id, MANAGER, NameAccused(("li-min",)))
    await office.later(timedelta(hours=1))
    await office.all_in_the_end()
    (row,) = await office.rows(channel="email")
    assert (row["state"], row["error"]) == ("cancelled", "not theirs to know")


async def test_in_a_sandbox_only_the_console_tells_unless_the_deployment_says_so(database: str) -> None:
    async with notified_office(database) as office:
        await office.notifying.__aexit__()
        await office.told_how("unit", "settlement", email="s@example.com")
        async with notifying_of(office.office, office.channels, sandbox=True) as sandbox:
            await office.dispatched("settlement")
            assert await sandbox.follower.reached(await office.office.log.head(), 20)
        assert {row["channel"] for row in await office.rows()} == {"console"}
        allowed = replace(office.channels, from_a_sandbox=True)
        async with notifying_of(office.office, allowed, sandbox=True) as sandbox:
            await office.dispatched("settlement")
            assert await sandbox.follower.reached(await office.office.log.head(), 20)
            await office.becomes(lambda rows: len(rows) == 5 and all(row["state"] == "sent" for row in rows))
        assert len(office.mail.arrived) == 1


async def test_an_incident_that_is_not_reported_upwards_in_five_minutes_is_mailed_to_the_manager_once(
    office: NotifiedOffice,
) -> None:
    await office.told_how("role", "manager", email="manager@example.com", language="en", procedures=["emergency"])
    it = office.office
    incidents = Incidents(it.log, it.codec, it.complainants, it.library, now=it.now)
    opened = OpenIncident("acd-failure", "ACD失灵", "张三来电称系统坏了")
    by = Actor("gu-fang", frozenset({"supervisor"}))
    id = (await incidents.open(opened, by, CommandRequest.once())).aggregate.id
    it.moment = MONDAY_9AM + timedelta(minutes=5)
    for _ in range(2):
        await incidents.judge(id, it.moment, until=it.moment)
    await office.all_in_the_end()
    new, overdue = office.mail.read
    assert new.startswith("Incident: EMERGENCY-20260302-000001\n")
    assert overdue == (
        "Incident, overdue: EMERGENCY-20260302-000001 Customer service manager informed\n"
        "Incident: EMERGENCY-20260302-000001\nProcedure: Call-centre emergencies\nKind: ACD failure\n"
        "Began: 2026-03-02 09:00 (Asia/Shanghai)\nTime limit: Customer service manager informed\n"
        "Due: 2026-03-02 09:05 (Asia/Shanghai)\nWhat: ACD失灵\n"
    )
    assert "张三" not in new + overdue


async def test_a_month_s_report_is_mailed_with_its_figures_and_a_rise_to_the_vice_president_once(
    office: NotifiedOffice,
) -> None:
    await office.told_how("role", "project-office", email="office@example.com")
    await office.told_how(
        "role", "vice-president", email="vp@example.com", webhook_url=office.web.url(), webhook_secret=SECRET
    )
    it, by = office.office, Actor("agent-7", frozenset({"agent"}))
    person = Complainant(name="张三", phone=PHONE)
    command = ReceiveComplaint("after-sales", "phone", "阵列掉盘", "业务中断", person, kind="request")
    for days in (-20, 0, 1):  # one in the month before, which is the first and no rise
        it.moment = MONDAY_9AM + timedelta(days=days)
        another = replace(command, complainant=replace(person, phone=f"+86138001380{20 + days:02}"))
        await it.complaints.receive(another, by, CommandRequest.once())
    it.moment = MONDAY_9AM + timedelta(days=30)
    async with it.follower() as follower:
        for _ in range(2):
            periods = PeriodRunner(
                it.pool, it.log, it.codec, follower, it.library, counts_for(it.pool, it.codec, it.library), it.now
            )
            await periods.run_pass(it.now())
    async with office.another() as second:
        assert await second.follower.reached(await it.log.head(), 20)
    await office.all_in_the_end()
    assert sorted(read.partition("\n")[0] for read in office.mail.read) == [
        "周期报告：Case月度分析 2026-02", "周期报告：Case月度分析 2026-03", "投诉量上升：Case月度分析 2026-03",
    ]  # fmt: skip
    march = [read for read in office.mail.read if "2026-03" in read.partition("\n")[0]]
    assert [re.findall(r"投诉量：.*", read) for read in march] == [["投诉量：2 (上期 1, +100 %)"]] * 2
    (post,) = office.web.posted
    assert (post.json["type"], post.json["data"]["number"]) == ("report.PeriodReported", "AFTER-SALES-2026-03")
    assert "张三" not in str(post.json)
