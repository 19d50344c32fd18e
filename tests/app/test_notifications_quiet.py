"""Quiet hours delay a message and never drop it; a digest joins what waits for one recipient into one message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.notifications.quiet_hours import Digest, QuietHours
from domain.complaint.commands import Remind
from tests.app.notified_office import MANAGER, SECRET, NotifiedOffice, notified_office
from tests.app.receiving import OK
from tests.facts import on

NIGHT = {"from": "22:00", "to": "08:00"}
MONDAY_11PM = on("2026-03-02", "23:00")
TUESDAY_8AM = on("2026-03-03", "08:00")


@pytest.fixture
async def night(database: str) -> AsyncIterator[NotifiedOffice]:
    """An office at eleven in the evening."""
    async with notified_office(database, MONDAY_11PM) as office:
        yield office


@pytest.fixture
async def morning(database: str) -> AsyncIterator[NotifiedOffice]:
    async with notified_office(database, on("2026-03-02", "09:10")) as office:
        yield office


@pytest.mark.parametrize(
    ("at", "over"),
    [
        (on("2026-03-02", "21:59"), on("2026-03-02", "21:59")),
        (on("2026-03-02", "22:00"), TUESDAY_8AM),
        (on("2026-03-03", "00:00"), TUESDAY_8AM),
        (on("2026-03-03", "07:59"), TUESDAY_8AM),
        (TUESDAY_8AM, TUESDAY_8AM),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(at: datetime, over: datetime) -> None:
    assert QuietHours("22:00", "08:00").over_at(at) == over


def test_quiet_hours_within_a_day_end_on_that_day() -> None:
    noon = QuietHours("12:00", "14:00")
    assert noon.over_at(on("2026-03-02", "13:30")) == on("2026-03-02", "14:00")
    assert noon.over_at(on("2026-03-02", "14:00")) == on("2026-03-02", "14:00")


def test_quiet_hours_from_and_to_the_same_time_are_none() -> None:
    assert QuietHours("08:00", "08:00").over_at(TUESDAY_8AM) == TUESDAY_8AM


def test_quiet_hours_go_by_the_recipients_wall_clock_when_it_changes() -> None:
    # Paris puts its clocks forward on 29 March 2026: eight o'clock is six in UTC then, seven the day before.
    paris = QuietHours("22:00", "08:00", "Europe/Paris")
    saturday, sunday = (datetime.fromisoformat(f"2026-03-{day}T03:30:00+00:00") for day in (28, 29))
    assert paris.over_at(saturday).hour == 7
    assert paris.over_at(sunday).hour == 6


@pytest.mark.parametrize(
    ("digest", "at", "sent"),
    [
        (Digest("hour"), on("2026-03-02", "09:10"), on("2026-03-02", "10:00")),
        (Digest("hour"), on("2026-03-02", "10:00"), on("2026-03-02", "11:00")),
        (Digest("day", "08:30"), on("2026-03-02", "08:29"), on("2026-03-02", "08:30")),
        (Digest("day", "08:30"), on("2026-03-02", "08:30"), on("2026-03-03", "08:30")),
    ],
)
def test_a_digest_is_sent_at_the_end_of_its_hour_or_at_its_time_of_day(
    digest: Digest, at: datetime, sent: datetime
) -> None:
    assert digest.next_after(at) == sent


async def test_a_message_in_the_quiet_hours_waits_for_their_end(night: NotifiedOffice) -> None:
    await night.told_how("unit", "settlement", email="s@example.com", quiet_hours=NIGHT)
    await night.dispatched("settlement")
    await night.decided()
    (row,) = await night.rows(channel="email")
    assert (row["state"], row["due_at"]) == ("waiting", TUESDAY_8AM)
    assert {row["state"] for row in await night.rows(channel="console")} == {"sent"}
    await night.later(timedelta(hours=9))
    await night.all_in_the_end()
    assert len(night.mail.arrived) == 1


async def missed(office: NotifiedOffice, **settings: Any) -> UUID:
    """A complaint of which a hard limit was missed at night; the manager is told as the settings say."""
    await office.told_how("role", "manager", email="b@example.com", quiet_hours=NIGHT, **settings)
    id = await office.dispatched("settlement")
    await office.judged(id, on("2026-03-04", "23:00"))
    await office.decided()
    return id


async def test_a_miss_passes_the_quiet_hours_where_the_recipient_wants_that(night: NotifiedOffice) -> None:
    await missed(night, urgent_passes=True)
    await night.all_in_the_end()
    assert [mail["To"] for mail in night.mail.arrived] == ["b@example.com"]


async def test_a_miss_waits_too_where_the_recipient_does_not(night: NotifiedOffice) -> None:
    await missed(night)
    (row,) = await night.rows(channel="email")
    assert (row["urgent"], row["state"], row["due_at"]) == (True, "waiting", on("2026-03-05", "08:00"))


async def test_a_repetition_that_falls_into_the_quiet_hours_waits_without_counting(database: str) -> None:
    async with notified_office(database, on("2026-03-02", "21:59")) as office:
        office.mail.answer = "451 later"
        await office.told_how("unit", "settlement", email="s@example.com", quiet_hours=NIGHT)
        await office.dispatched("settlement")
        await office.becomes(lambda rows: any(row["error"] == "smtp 451" for row in rows))
        office.mail.answer = OK
        await office.later(timedelta(minutes=1))
        await office.becomes(lambda rows: any(row["due_at"] == TUESDAY_8AM for row in rows))
        (row,) = await office.rows(channel="email")
        assert (row["state"], row["attempts"], office.mail.tried) == ("waiting", 1, 1)


async def reminded(office: NotifiedOffice, times: int) -> None:
    id = await office.dispatched("settlement")
    for _ in range(times):
        await office.step(id, MANAGER, Remind("请尽快"))
    await office.decided()


async def test_a_digest_joins_all_that_waits_for_one_recipient(morning: NotifiedOffice) -> None:
    hourly = {"every": "hour"}
    await morning.told_how("unit", "settlement", email="s@example.com", digest=hourly)
    await morning.told_how("unit", "trading", email="t@example.com", digest=hourly)
    await reminded(morning, 2)
    await morning.dispatched("trading")
    await morning.decided()
    assert {row["due_at"] for row in await morning.rows(channel="email")} == {on("2026-03-02", "10:00")}
    await morning.later(timedelta(minutes=50))
    await morning.all_in_the_end()
    read = {mail["To"]: text for mail, text in zip(morning.mail.arrived, morning.mail.read, strict=True)}
    assert read["s@example.com"].startswith("3 条消息\n新派单：KF0001-20260302-000001\n  投诉编号：")
    assert read["s@example.com"].count("\n催办：KF0001-20260302-000001\n") == 2
    assert read["t@example.com"].startswith("新派单：KF0001-20260302-000002\n")


async def test_a_digest_over_a_webhook_lists_what_it_joins(morning: NotifiedOffice) -> None:
    hook = {"webhook_url": morning.web.url(), "webhook_secret": SECRET}
    await morning.told_how("unit", "settlement", digest={"every": "hour"}, language="en", **hook)
    await reminded(morning, 1)
    await morning.later(timedelta(hours=1))
    await morning.all_in_the_end()
    (post,) = morning.web.posted
    types = [item["type"] for item in post.json["data"]["items"]]
    assert (post.json["type"], types) == ("notifications.digest", ["complaint.Dispatched", "complaint.Reminded"])


async def test_a_digest_that_is_tried_again_is_the_same_message_and_later_ones_are_another(
    morning: NotifiedOffice,
) -> None:
    await morning.told_how("unit", "settlement", email="s@example.com", digest={"every": "hour"})
    morning.mail.answer = "451 later"
    await reminded(morning, 1)
    await morning.later(timedelta(minutes=50))
    await morning.becomes(lambda rows: sum(row["error"] == "smtp 451" for row in rows) == 2)
    (message,) = {row["message_id"] for row in await morning.rows(channel="email")}
    morning.mail.answer = OK
    await reminded(morning, 1)
    await morning.later(timedelta(hours=1))
    await morning.all_in_the_end()
    assert [text.partition("\n")[0] for text in morning.mail.read] == ["2 条消息", "2 条消息"]
    ids = [mail["Message-ID"] for mail in morning.mail.arrived]
    assert f"<{message}@example.com>" in ids
    assert len(set(ids)) == 2


async def test_a_digest_given_up_is_sent_anew_as_a_whole(morning: NotifiedOffice) -> None:
    await morning.told_how("unit", "settlement", email="s@example.com", digest={"every": "hour"})
    morning.mail.answer = "550 no"
    await reminded(morning, 1)
    await morning.later(timedelta(hours=1))
    await morning.becomes(lambda rows: sum(row["state"] == "dead" for row in rows) == 2)
    morning.mail.answer = OK
    await reminded(morning, 0)
    first = (await morning.rows(state="dead"))[0]
    assert await morning.notifying.outbox.retry(first["id"], morning.office.moment)
    await morning.becomes(lambda rows: not any(row["state"] == "dead" for row in rows) and len(morning.mail.read) == 1)
    assert morning.mail.read[0].startswith("2 条消息\n")


async def test_a_digest_holds_two_hundred_messages_and_the_rest_follows(morning: NotifiedOffice) -> None:
    await morning.told_how("unit", "settlement", email="s@example.com", digest={"every": "day", "at": "18:00"})
    await reminded(morning, 204)
    await morning.later(timedelta(hours=9))
    await morning.all_in_the_end()
    assert sorted(text.partition("\n")[0] for text in morning.mail.read) == ["200 条消息", "5 条消息"]


async def test_a_miss_is_not_kept_for_a_digest_where_the_recipient_wants_it_at_once(night: NotifiedOffice) -> None:
    await missed(night, urgent_passes=True, digest={"every": "day", "at": "09:00"})
    await night.all_in_the_end()
    assert len(night.mail.arrived) == 1
