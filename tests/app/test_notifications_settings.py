"""What a deployment sets for telling people, and what the command line shows of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from app.notifications.channels import Channels, channels_of
from app.settings import Settings
from tests.app.notified_office import NotifiedOffice, notified_office
from tests.http.process import MASTER


def set_up(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Channels:
    """What may leave with these variables in the environment."""
    for name, value in variables.items():
        monkeypatch.setenv(f"REDRESS_{name.upper()}", value)
    return channels_of(Settings())


def test_without_any_setting_only_webhooks_leave_and_nothing_from_a_sandbox() -> None:
    channels = channels_of(Settings())
    assert channels.open_ones(sandbox=False) == {"webhook"}
    assert channels.open_ones(sandbox=True) == frozenset()
    assert not channels.acknowledges("kf0001")


@pytest.mark.parametrize(
    ("url", "port", "tls", "username"),
    [
        ("smtp://mail.internal", 25, "if offered", None),
        ("smtp://mail.internal:2525", 2525, "if offered", None),
        ("smtp://me:p%40ss@mail.internal:2525", 2525, "starttls", "me"),
        ("smtp+starttls://mail.internal", 587, "starttls", None),
        ("smtps://me:p%40ss@mail.internal", 465, "tls", "me"),
    ],
)
def test_a_mail_server_is_one_address_and_a_password_never_goes_in_the_clear(
    monkeypatch: pytest.MonkeyPatch, url: str, port: int, tls: str, username: str | None
) -> None:
    mail = set_up(monkeypatch, smtp_url=url, smtp_from="complaints@example.com").mail
    assert mail is not None
    assert (mail.host, mail.port, mail.tls, mail.username) == ("mail.internal", port, tls, username)
    assert mail.password == (None if username is None else "p@ss")
    assert mail.sender == "complaints@example.com"
    assert "p@ss" not in repr(mail)


def test_a_gateway_has_an_address_headers_a_body_and_a_sign_of_success(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = set_up(
        monkeypatch, sms_url="https://sms.example.com/send", sms_headers='{"Authorization": "secret-token"}',
        sms_body='{"PhoneNumbers": "{phone}", "Content": "{text}"}', sms_form="true", sms_success='"Code":"OK"',
    ).sms  # fmt: skip
    assert gateway is not None
    assert (gateway.url, gateway.form, gateway.success) == ("https://sms.example.com/send", True, '"Code":"OK"')
    assert gateway.body == {"PhoneNumbers": "{phone}", "Content": "{text}"}
    assert "secret-token" not in repr(gateway)
    assert "secret-token" not in repr(Settings())


def test_receipts_are_switched_on_by_procedure_or_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    some = set_up(monkeypatch, notify_receipt="kf0001, courier")
    assert [some.acknowledges(code) for code in ("kf0001", "courier", "general")] == [True, True, False]
    assert set_up(monkeypatch, notify_receipt="*").acknowledges("general")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "http://mail.internal"), ("smtp_url", "smtp://"), ("smtp_from", "nobody"),
        ("sms_url", "ftp://sms.example.com"), ("sms_body", "[]"), ("sms_body", "not json"),
        ("notify_attempts", "0"), ("notify_pause", "0"), ("notify_language", "fr"),
    ],
)  # fmt: skip
def test_a_setting_that_is_not_valid_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        set_up(monkeypatch, **{name: value})


@pytest.fixture
async def office(database: str) -> AsyncIterator[NotifiedOffice]:
    async with notified_office(database) as office:
        yield office


async def command_line(url: str, *arguments: str) -> tuple[int | None, str]:
    """Exit code and output of `redress notifications …`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "notifications", *arguments,
        env={**os.environ, "REDRESS_DATABASE_URL": url, "REDRESS_MASTER_KEY": MASTER, "COLUMNS": "220"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    return process.returncode, told.decode()


async def test_the_command_line_lists_dead_letters_and_sends_them_anew(office: NotifiedOffice) -> None:
    office.web.status = 410
    await office.informed(await office.dispatched())
    await office.all_in_the_end()
    (dead,) = await office.rows(state="dead")
    code, told = await command_line(office.url, "list")
    assert (code, str(dead["id"]) in told, "http 410" in told, "complainant" in told) == (0, True, True, True)

    office.web.status = 200
    code, told = await command_line(office.url, "retry", str(dead["id"]))
    assert (code, told.splitlines()[-1]) == (0, f"{dead['id']} waits to be sent.")
    # The office's time stands still, and the command line's does not.
    await office.office.pool.execute("UPDATE notifications SET due_at = $1", office.office.moment)
    await office.all_in_the_end()
    assert (await office.rows(id=dead["id"]))[0]["state"] == "sent"
    code, told = await command_line(office.url, "retry", str(dead["id"]))
    assert code == 1
    assert "Only a dead letter can be sent anew" in told
