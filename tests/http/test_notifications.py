"""`/v1/notifications` and `/v1/recipients`: an inbox for everybody, all for administrators, secrets for nobody."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from app.access.keys import NewKey
from app.http.protocol.lists import XLSX_TYPE
from app.main import build
from app.service import Service
from tests.app.notified_office import SECRET, channels_of
from tests.app.receiving import MailRoom, WebServer, mail_room, web_server
from tests.http.desk import ADMIN_KEY, MASTER, Desk, done, pointers, problem

UNIT: Final = {"name": "结算部", "email": "settlement@example.com", "language": "zh"}


async def listed(desk: Desk, who: str, **query: Any) -> list[dict[str, Any]]:
    """A person's notifications, when everything recorded so far has been told."""
    position = await desk.service.log.head()
    asked = "&".join(f"{name}={value}" for name, value in {"min_position": position, **query}.items())
    found: list[dict[str, Any]] = done(await desk.get(who, f"/v1/notifications?{asked}"))["items"]
    return found


async def test_everybody_has_an_inbox_of_what_concerns_them_their_role_and_their_unit(desk: Desk) -> None:
    sent = await desk.dispatched("settlement")
    await desk.step("li-min", sent["id"], "escalate", to_role="manager", reason="请示")
    await desk.key_of("agent-7")
    await desk.step("li-min", sent["id"], "hand-over", to="agent-7")
    assert [item["event"] for item in await listed(desk, "zhou-qi")] == ["Dispatched"]
    assert await listed(desk, "wu-hao") == []
    assert [item["event"] for item in await listed(desk, "zhao-jing")] == ["Escalated"]
    (mine,) = await listed(desk, "agent-7")
    assert {name: mine[name] for name in ("complaint_id", "number", "procedure", "recipient", "channel", "state")} == {
        "complaint_id": sent["id"], "number": sent["number"], "procedure": "kf0001", "channel": "console",
        "recipient": {"kind": "actor", "code": "agent-7"}, "state": "sent",
    }  # fmt: skip
    assert mine["title"] == {
        "zh": f"交接待接收：{sent['number']}", "en": f"Handed over to you, please accept: {sent['number']}",
    }  # fmt: skip


async def test_an_administrator_sees_all_and_their_own_when_they_ask_for_it(desk: Desk) -> None:
    await desk.dispatched("settlement", "trading")
    assert len(await listed(desk, "admin")) == 3  # both units, and the board office
    assert len(await listed(desk, "he-ping")) == 3  # the auditor reads everything
    assert await listed(desk, "admin", mine="true") == []
    assert len(await listed(desk, "admin", recipient="unit/trading")) == 1
    assert await listed(desk, "admin", state="dead") == []


async def test_notifications_are_a_file_of_csv_or_xlsx_as_other_lists_are(desk: Desk) -> None:
    sent = await desk.dispatched("settlement", "trading")
    await listed(desk, "admin")
    answer = await desk.get("admin", "/v1/notifications", headers={"Accept": "text/csv", "Accept-Language": "zh"})
    assert 'filename="notifications.csv"' in answer.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:7] == ["产生时间（Asia/Shanghai）", "编号", "通知", "接收人", "通知方式", "紧急", "状态"]
    assert sorted(line[3] for line in lines[1:]) == ["role/board-office", "unit/settlement", "unit/trading"]
    assert {line[1] for line in lines[1:]} == {sent["number"]}
    theirs = await desk.get("wu-hao", "/v1/notifications", headers={"Accept": "text/csv"})
    assert len(theirs.content.decode("utf-8-sig").splitlines()) == 1
    xlsx = await desk.get("admin", "/v1/notifications", headers={"Accept": XLSX_TYPE})
    assert xlsx.content.startswith(b"PK")


async def test_the_newest_comes_first_and_pages_follow_each_other(desk: Desk) -> None:
    sent = await desk.dispatched("settlement")
    for _ in range(4):
        await desk.step("li-min", sent["id"], "remind", text="请尽快")
    position, cursor, seen = await desk.service.log.head(), "", []
    while cursor is not None:
        path = f"/v1/notifications?limit=2&min_position={position}" + (f"&cursor={cursor}" if cursor else "")
        page = done(await desk.get("zhou-qi", path))
        seen += [item["position"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert page["position"] >= position
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


async def test_what_one_has_read_the_others_of_the_unit_still_have_before_them(desk: Desk) -> None:
    await desk.key_of("zhou-qi")
    created = await desk.post("admin", "/v1/keys", {"id": "zhu", "name": "朱", "roles": ["unit"], "unit": "settlement"})
    desk.keys["zhu"] = done(created, 201)["key"]
    await desk.dispatched("settlement")
    (item,) = await listed(desk, "zhou-qi", unread="true")
    read = done(await desk.post("zhou-qi", f"/v1/notifications/{item['id']}/read"))
    assert read["read_at"] is not None
    assert await listed(desk, "zhou-qi", unread="true") == []
    assert [one["read_at"] for one in await listed(desk, "zhu", unread="true")] == [None]


async def test_nobody_reads_anothers_notifications(desk: Desk) -> None:
    await desk.dispatched("settlement")
    (item,) = await listed(desk, "zhou-qi")
    for who in ("wu-hao", "li-min", "admin"):
        problem(await desk.post(who, f"/v1/notifications/{item['id']}/read"), 404, "no-such-notification")
    problem(await desk.post("zhou-qi", "/v1/notifications/nonsense/read"), 404, "no-such-notification")
    problem(await desk.get(None, "/v1/notifications"), 401)


async def test_a_person_named_in_a_complaint_does_not_see_its_notifications_any_more(desk: Desk) -> None:
    sent = await desk.dispatched("settlement")
    assert len(await listed(desk, "zhou-qi")) == 1
    await desk.step("li-min", sent["id"], "name-accused", people=["zhou-qi"])
    assert await listed(desk, "zhou-qi") == []


async def test_only_an_administrator_says_who_is_told_how(desk: Desk) -> None:
    for method in ("GET", "PUT", "DELETE"):
        body = UNIT if method == "PUT" else None
        problem(await desk.ask("zhao-jing", method, "/v1/recipients/unit/settlement", body), 403)
    problem(await desk.get("zhao-jing", "/v1/recipients"), 403)


async def test_a_recipient_is_put_shown_listed_and_removed(desk: Desk) -> None:
    more = {
        "quiet_hours": {"from": "22:00", "to": "08:00", "zone": "Europe/Paris"},
        "digest": {"every": "day", "at": "09:00"},
        "urgent_passes": True, "procedures": ["kf0001"],
    }  # fmt: skip
    path = "/v1/recipients/unit/settlement"
    put = done(await desk.ask("admin", "PUT", path, {**UNIT, **more}))
    assert put == {
        **UNIT, **more, "digest": {"every": "day", "at": "09:00", "zone": "Asia/Shanghai"}, "kind": "unit",
        "code": "settlement", "console": True, "webhook_url": None, "signed": False,
    }  # fmt: skip
    assert done(await desk.get("admin", path)) == put
    assert done(await desk.get("admin", "/v1/recipients"))["items"] == [put]
    assert (await desk.ask("admin", "DELETE", path)).status_code == 204
    problem(await desk.ask("admin", "DELETE", path), 404, "no-such-recipient")
    problem(await desk.get("admin", path), 404, "no-such-recipient")
    problem(await desk.get("admin", "/v1/recipients/mailbox/settlement"), 404, "no-such-recipient")


async def test_a_webhooks_secret_is_sealed_and_never_shown(desk: Desk) -> None:
    path, hook = "/v1/recipients/role/manager", {"name": "经理", "webhook_url": "https://hooks.example.com/a"}
    mistakes = problem(await desk.ask("admin", "PUT", path, hook), 422, "webhook-secret-missing")
    assert pointers(mistakes) == ["/webhook_secret"]
    put = await desk.ask("admin", "PUT", path, {**hook, "webhook_secret": SECRET})
    assert done(put)["signed"] is True
    again = await desk.ask("admin", "PUT", path, {**hook, "name": "客服经理"})
    for answer in (put, again, await desk.get("admin", path), await desk.get("admin", "/v1/recipients")):
        assert SECRET not in answer.text
        assert "whsec" not in answer.text
    rows = await desk.service.pool.fetch("SELECT sealed, webhook_secret FROM recipients")
    assert SECRET.encode() not in rows[0]["webhook_secret"] + rows[0]["sealed"]
    kept = await desk.service.notifying.recipients.one("role", "manager")
    assert kept is not None
    assert desk.service.notifying.recipients.secret_of(kept) == SECRET
    moved = await desk.ask("admin", "PUT", path, {**hook, "webhook_url": "https://elsewhere.example.com/"})
    problem(moved, 422, "webhook-secret-missing")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"webhook_url": "ftp://example.com/", "webhook_secret": SECRET}, "/webhook_url"),
        ({"webhook_url": "file:///etc/passwd", "webhook_secret": SECRET}, "/webhook_url"),
        ({"webhook_url": "https://user:word@example.com/", "webhook_secret": SECRET}, "/webhook_url"),
        ({"webhook_url": "https://example.com:x/", "webhook_secret": SECRET}, "/webhook_url"),
        ({"webhook_url": "https://example.com/", "webhook_secret": "whsec_c2hvcnQ="}, "/webhook_secret"),
        ({"webhook_url": "https://example.com/", "webhook_secret": "whsec_" + "!" * 40}, "/webhook_secret"),
        ({"email": "not an address"}, "/email"),
        ({"email": "a@b@example.com"}, "/email"),
        ({"email": "a@example.com\r\nBcc: c@example.com"}, "/email"),
        ({"language": "fr"}, "/language"),
        ({"name": " "}, "/name"),
        ({"quiet_hours": {"from": "25:00", "to": "08:00"}}, "/quiet_hours/from"),
        ({"quiet_hours": {"from": "22:00", "to": "08:00", "zone": "Mars/Olympus"}}, "/quiet_hours/zone"),
        ({"quiet_hours": {"begin": "22:00", "end": "08:00"}}, "/quiet_hours/from"),
        ({"digest": {"every": "week"}}, "/digest/every"),
        ({"secret": "x"}, "/secret"),
    ],
)
async def test_settings_that_are_not_valid_are_told_where(desk: Desk, changes: dict[str, Any], pointer: str) -> None:
    answer = await desk.ask("admin", "PUT", "/v1/recipients/unit/settlement", {**UNIT, **changes})
    assert pointer in pointers(problem(answer, 422))
    assert SECRET not in answer.text


@dataclass
class Sending:
    """The whole service at a desk, with a mail server and an SMS gateway outside."""

    desk: Desk
    mail: MailRoom
    web: WebServer

    async def ends(self, state: str, channel: str = "sms") -> dict[str, Any]:
        """Waits until a notification of this channel has come to this state."""
        async with asyncio.timeout(20):
            while True:
                for found in await listed(self.desk, "admin", state=state):
                    if found["channel"] == channel:
                        return found
                await asyncio.sleep(0.02)


@pytest.fixture
async def sending(database: str) -> AsyncIterator[Sending]:
    async with mail_room() as room, web_server() as web, AsyncExitStack() as stack:
        service = Service(database, MASTER, channels=channels_of(room, web))
        app = build(service)
        await stack.enter_async_context(app.router.lifespan_context(app))
        admin = NewKey(id="admin", name="Administrator", roles=("admin",))
        await service.keys.create(admin, at=service.now(), secret=ADMIN_KEY)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://redress.test", timeout=60)
        await stack.enter_async_context(http)
        yield Sending(Desk(app, service, http), room, web)


async def test_what_one_does_over_http_arrives_as_mail_and_sms(sending: Sending) -> None:
    desk = sending.desk
    done(await desk.ask("admin", "PUT", "/v1/recipients/unit/settlement", UNIT))
    sent = await desk.dispatched("settlement")
    await desk.step("li-min", sent["id"], "inform-customer", means="sms", text="款项今日入账")
    await sending.ends("sent", "email")
    await sending.ends("sent", "sms")
    assert [mail["To"] for mail in sending.mail.arrived] == ["settlement@example.com"]
    assert [post.json["to"] for post in sending.web.posted] == ["+8613800138000"]
    assert "13800138000" not in str(await listed(desk, "admin"))


async def test_the_same_request_again_sends_nothing_again(sending: Sending) -> None:
    desk = sending.desk
    id = (await desk.dispatched("settlement"))["id"]
    told, headers = {"means": "sms", "text": "款项今日入账"}, {"Idempotency-Key": "inform-1"}
    for _ in range(2):
        answer = await desk.post("li-min", f"/v1/complaints/{id}/inform-customer", told, headers=headers)
        done(answer)
    assert answer.headers["Idempotency-Replayed"] == "true"
    await sending.ends("sent")
    assert len([item for item in await listed(desk, "admin") if item["channel"] == "sms"]) == 1


async def test_a_dead_letter_is_shown_with_its_error_and_sent_anew_once(sending: Sending) -> None:
    desk, sending.web.status = sending.desk, 400
    id = (await desk.dispatched("settlement"))["id"]
    await desk.step("li-min", id, "inform-customer", means="sms", text="款项今日入账")
    dead = await sending.ends("dead")
    assert (dead["error"], dead["attempts"], dead["recipient"]) == ("http 400", 1, {"kind": "complainant", "code": ""})
    assert dead["title"]["en"].startswith("About your complaint KF0001-")
    metrics = (await desk.get(None, "/metrics")).text
    assert "redress_notifications_dead 1.0" in metrics
    path, key = f"/v1/notifications/{dead['id']}/retry", {"Idempotency-Key": "retry-1"}
    problem(await desk.post("zhao-jing", path), 403)

    sending.web.status = 200
    done(await desk.post("admin", path, headers=key))
    found = await sending.ends("sent")
    again = await desk.post("admin", path, headers=key)
    assert (done(again)["state"], again.headers["Idempotency-Replayed"]) == ("sent", "true")
    problem(await desk.post("admin", path), 409, "not-a-dead-letter")
    assert (found["id"], found["error"], len(sending.web.posted)) == (dead["id"], None, 2)


async def test_a_key_used_for_one_notification_is_not_taken_for_another(desk: Desk) -> None:
    await desk.dispatched("settlement")
    await desk.dispatched("settlement", complainant={"name": "李四", "phone": "+8613800138001"})
    first, second = await listed(desk, "zhou-qi")
    key = {"Idempotency-Key": "read-1"}
    done(await desk.post("zhou-qi", f"/v1/notifications/{first['id']}/read", headers=key))
    reused = await desk.post("zhou-qi", f"/v1/notifications/{second['id']}/read", headers=key)
    problem(reused, 422, "command-id-reused")
    assert len(await listed(desk, "zhou-qi", unread="true")) == 1


async def test_a_sandbox_tells_in_the_console_what_fell_due_on_the_way(sandbox: Desk) -> None:
    done(await sandbox.ask("admin", "PUT", "/v1/recipients/role/manager", {**UNIT, "email": "m@example.com"}))
    await sandbox.dispatched("settlement")
    await sandbox.set_clock("2026-03-05T09:00:00+08:00")
    missed = [item for item in await listed(sandbox, "zhao-jing") if item["event"] == "DeadlineMissed"]
    assert missed
    assert missed[0]["due_at"] is not None
    assert {item["channel"] for item in await listed(sandbox, "admin")} == {"console"}
