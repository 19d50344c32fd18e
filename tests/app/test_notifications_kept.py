"""What does not arrive is tried again after growing pauses and kept in sight, also when processes die meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.notifications.channels import Retries
from tests.app.notified_office import SECRET, NotifiedOffice, notified_office, notifying_of
from tests.app.notifying_process import killed_while_sending
from tests.app.service_stories import MONDAY_9AM, eventually, open_office
from tests.http.line import Line

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office(database: str) -> AsyncIterator[NotifiedOffice]:
    async with notified_office(database) as office:
        yield office


async def tried(office: NotifiedOffice, times: int) -> None:
    """Waits until the message that is not taken has been tried so often."""
    await office.becomes(lambda rows: any(row["attempts"] == times and row["state"] != "sending" for row in rows))


async def test_a_gateway_that_fails_is_asked_again_after_pauses_that_double(office: NotifiedOffice) -> None:
    office.web.status = 500
    await office.informed(await office.dispatched())
    for attempt, pause in ((1, MINUTE), (2, 2 * MINUTE)):
        await tried(office, attempt)
        (row,) = await office.rows(channel="sms")
        assert (row["state"], row["error"], row["due_at"]) == ("waiting", "http 500", office.office.moment + pause)
        await office.later(pause)
    await office.all_in_the_end()
    (row,) = await office.rows(channel="sms")
    assert (row["state"], row["attempts"]) == ("dead", 3)
    assert len(office.web.posted) == 3
    assert len({post.headers["idempotency-key"] for post in office.web.posted}) == 1


async def test_before_its_pause_is_over_nothing_is_tried(office: NotifiedOffice) -> None:
    office.web.status = 503
    await office.informed(await office.dispatched())
    await tried(office, 1)
    await office.later(MINUTE - timedelta(seconds=1))
    assert await office.notifying.outbox.claim(office.office.moment) is None
    await office.later(timedelta(seconds=1))
    await tried(office, 2)


async def test_a_dead_letter_is_in_sight_and_is_sent_once_it_is_asked_for_anew(office: NotifiedOffice) -> None:
    office.web.status = 404
    await office.informed(await office.dispatched())
    await office.all_in_the_end()
    (dead,) = await office.rows(state="dead")
    assert (dead["error"], dead["attempts"]) == ("http 404", 1)
    assert await office.notifying.outbox.counts() == (0, 1)
    office.web.status = 200
    assert await office.notifying.outbox.retry(dead["id"], office.office.moment)
    await office.all_in_the_end()
    assert (await office.rows(id=dead["id"]))[0]["state"] == "sent"
    assert not await office.notifying.outbox.retry(dead["id"], office.office.moment)
    first, second = office.web.posted
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_gateway_that_never_answers_is_given_its_time_and_no_more(office: NotifiedOffice) -> None:
    office.web.silent = True
    await office.informed(await office.dispatched())
    await tried(office, 1)
    assert [row["error"] for row in await office.rows(channel="sms")] == ["http timeout"]


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ("451 try later", "waiting", "smtp 451"),
        ("535 who are you", "waiting", "smtp 535"),
        ("550 no such mailbox s@example.com", "dead", "smtp 550"),
        (None, "waiting", "smtp SMTPServerDisconnected"),
    ],
)
async def test_a_mail_server_may_refuse_for_now_or_for_good(
    office: NotifiedOffice, answer: str | None, state: str, error: str
) -> None:
    office.mail.answer = answer
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.dispatched("settlement")
    await tried(office, 1)
    (row,) = await office.rows(channel="email")
    assert (row["state"], row["error"]) == (state, error)


async def test_nobody_at_the_address_is_tried_again(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", webhook_url="http://127.0.0.1:1/", webhook_secret=SECRET)
    await office.dispatched("settlement")
    await tried(office, 1)
    assert [(row["state"], row["error"]) for row in await office.rows(channel="webhook")] == [
        ("waiting", "http ConnectError")
    ]


async def test_one_receiver_that_hangs_does_not_hold_up_the_others(office: NotifiedOffice) -> None:
    office.web.silent = True
    await office.told_how("unit", "settlement", webhook_url=office.web.url(), webhook_secret=SECRET)
    await office.told_how("unit", "trading", email="t@example.com")
    await office.dispatched("settlement", "trading")
    await office.becomes(lambda rows: any(row["channel"] == "email" and row["state"] == "sent" for row in rows))
    assert [row["state"] for row in await office.rows(channel="webhook")] == ["sending"]


async def test_many_messages_and_two_processes_send_each_once(office: NotifiedOffice) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    async with office.another():
        for _ in range(30):
            await office.dispatched("settlement")
        await office.all_in_the_end()
    ids = Counter(mail["Message-ID"] for mail in office.mail.arrived)
    assert (len(ids), set(ids.values())) == (30, {1})
    assert {row["attempts"] for row in await office.rows(channel="email")} == {1}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_killed_around_a_sending_is_made_good_under_the_same_id(
    office: NotifiedOffice, when: str
) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.notifying.__aexit__()
    await office.dispatched("settlement")
    await killed_while_sending(when, office.url, office.mail.port, MONDAY_9AM)
    (row,) = await office.rows(channel="email")
    assert (row["state"], row["attempts"], len(office.mail.arrived)) == ("sending", 1, 0 if when == "before" else 1)

    async with notifying_of(office.office, office.channels) as again:
        await again.follower.reached(await office.office.log.head(), 20)
        assert await again.outbox.claim(office.office.moment) is None
        await office.office.pool.execute("UPDATE notifications SET claimed_until = claimed_until - interval '1 hour'")
        await office.becomes(lambda rows: all(row["state"] == "sent" for row in rows))
    ids = {mail["Message-ID"] for mail in office.mail.arrived}
    assert (len(ids), len(office.mail.arrived)) == (1, 1 if when == "before" else 2)


async def test_a_service_that_stops_lets_what_is_on_its_way_arrive(office: NotifiedOffice) -> None:
    stopping: list[asyncio.Task[None]] = []
    office.mail.when_arrived = lambda: stopping.append(asyncio.create_task(office.notifying.__aexit__()))
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.dispatched("settlement")
    await eventually(lambda: bool(stopping))
    await asyncio.gather(*stopping)
    assert [row["state"] for row in await office.rows(channel="email")] == ["sent"]


async def test_what_was_sent_while_the_storage_is_away_is_noted_when_it_is_back(
    office: NotifiedOffice, database: str
) -> None:
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.notifying.__aexit__()
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(Line(database))
        other = await stack.enter_async_context(open_office(line.url))
        office.mail.when_arrived = line.pull
        await stack.enter_async_context(notifying_of(other, office.channels))
        await office.dispatched("settlement")
        await line.is_pulled()
        assert [row["state"] for row in await office.rows(channel="email")] == ["sending"]
        line.plug_in()
        await office.becomes(lambda rows: all(row["state"] == "sent" for row in rows))
    assert len(office.mail.arrived) == 1


async def test_a_claim_that_ran_out_is_not_ended_by_the_one_who_had_it(office: NotifiedOffice) -> None:
    await office.notifying.sender.__aexit__()
    await office.told_how("unit", "settlement", email="s@example.com")
    await office.dispatched("settlement")
    await office.decided()
    outbox, now = office.notifying.outbox, office.office.moment
    first = await outbox.claim(now)
    assert first is not None
    await office.office.pool.execute("UPDATE notifications SET claimed_until = claimed_until - interval '1 hour'")
    await outbox.run_out()
    second = await outbox.claim(now)
    assert second is not None
    assert second.id == first.id
    await outbox.ended(first, [part.id for part in first.parts], "dead", "late", now)
    assert [row["state"] for row in await office.rows(channel="email")] == ["sending"]
    await outbox.ended(second, [part.id for part in second.parts], "sent", None, now)
    assert [row["state"] for row in await office.rows(channel="email")] == ["sent"]


def test_pauses_double_up_to_the_longest() -> None:
    retries = Retries(attempts=8, pause=timedelta(seconds=30), longest=timedelta(hours=1))
    pauses = [retries.pause_after(attempt).total_seconds() for attempt in range(1, 9)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600]


async def test_while_the_database_is_away_no_attempt_is_spent(database: str) -> None:
    async with Line(database) as line, notified_office(line.url) as office:
        await office.told_how("unit", "settlement", email="settlement@example.com")
        # Asked for between the claim and the message. Not by the statement's text, which a connection sends once only.
        line.pull_when_sent(b"\x00\x00\x00\x04unit\x00\x00\x00\x0asettlement")
        await office.dispatched("settlement")
        await line.is_pulled()
        line.plug_in()
        await eventually(lambda: bool(office.mail.arrived))
        rows = await office.becomes(lambda rows: all(row["state"] == "sent" for row in rows))
        assert {row["attempts"] for row in rows if row["channel"] == "email"} == {1}
