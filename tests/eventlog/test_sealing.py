"""What was sealed, hashed or signed under a master key stays so for ever, is different each time, and opens only in its
place. The fixed values were written by the first version: where one fails, a deployment's data do not open any more."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import pytest

from app.http.protocol.cursors import cursor_of, read_cursor
from app.http.protocol.problems import Problem
from app.notifications.recipients import RecipientKind, Recipients, RecipientSettings
from app.queries.paging import After
from domain.complaint import events
from eventlog.codec import EventCodec
from eventlog.entries import Recorded
from eventlog.sealing import CannotUnseal, DataKey, MasterKey, MasterKeyInvalid
from tests.facts import COMPLAINT_ID, MONDAY_9AM, OTHER_ID, Fact, capa_submitted, drafted, received

MASTER: Final = MasterKey(b"a master key for the tests only!")
ANOTHER: Final = MasterKey(b"another master key of 32 letters")
IN_BASE64: Final = "YSBtYXN0ZXIga2V5IGZvciB0aGUgdGVzdHMgb25seSE="
ANNA: Final = UUID(int=9)
BERTA: Final = UUID(int=10)
PLACE: Final = b"stream/topic/field"

WRAPPED: Final = bytes.fromhex(
    "000102030405060708090a0b22c47daa1a35e786282e0f2af44ea903c736bfdc"
    "0cf146d15b4644e7b3509b59c9d6a67b9a963c85efd036de7ee77eb1"
)
SEALED: Final = "AAECAwQFBgcICQoLor52/31sVZq4clQq91DN/4VA9KVfQQ=="
SETTING: Final = bytes.fromhex("000102030405060708090a0b3235773dcb0bfb3e2341aa7ff4d6dedca4c21cdfb6c601")
SETTINGS_PLACE: Final = b"webhook/unit/trading"
AFTER: Final = After(datetime(2026, 3, 2, 1, tzinfo=UTC), ANNA, 3)
CURSOR: Final = "6ET1sM2FqVdbIjIwMjYtMDMtMDJUMDE6MDA6MDBaIiwiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDA5IiwzXQ"


def flipped(value: bytes) -> list[bytes]:
    """The value with one bit changed, once for each of its bytes."""
    return [value[:n] + bytes([value[n] ^ 1]) + value[n + 1 :] for n in range(len(value))]


# For ever


def test_a_deployment_knows_its_master_key_by_its_fingerprint() -> None:
    assert MASTER.fingerprint == "e071b2393e29ee5b"
    assert ANOTHER.fingerprint != MASTER.fingerprint


def test_a_customer_is_found_by_the_same_hash() -> None:
    known = "08af92fdc06dcad6ba3a55f285e6029595e3d89ec0df2e03fd031cab06f7197c"
    assert MASTER.lookup_hash("phone", "+8613800138000").hex() == known
    others = {
        MASTER.lookup_hash("phone", "+8613800138001"), MASTER.lookup_hash("email", "+8613800138000"),
        ANOTHER.lookup_hash("phone", "+8613800138000"),
    }  # fmt: skip
    assert len(others) == 3
    assert bytes.fromhex(known) not in others


def test_kind_and_value_of_a_hash_do_not_run_into_each_other() -> None:
    assert MASTER.lookup_hash("phone", "1") != MASTER.lookup_hash("phone1", "")


def test_a_repeated_request_for_a_key_is_answered_with_the_same_secret() -> None:
    assert MASTER.secret_for(UUID(int=5)) == "YuMkoTECg1DoJFCJwbRh_i7LXG1Z2tkolDjvGfChwTI"
    assert len({MASTER.secret_for(UUID(int=5)), MASTER.secret_for(UUID(int=6)), ANOTHER.secret_for(UUID(int=5))}) == 3


def test_what_was_sealed_for_a_customer_opens_with_the_key_that_was_wrapped_for_them() -> None:
    key = MASTER.unwrap(ANNA, WRAPPED)
    assert key.id == ANNA
    assert key.unseal(SEALED, PLACE).decode() == "张三"


def test_a_setting_that_was_sealed_opens() -> None:
    assert MASTER.unseal_setting(SETTING, SETTINGS_PLACE) == b"whsec_x"


def test_a_cursor_that_was_given_out_leads_on() -> None:
    assert cursor_of(MASTER, "tracking", AFTER) == CURSOR
    assert read_cursor(MASTER, "tracking", CURSOR) == AFTER


# Different each time


def test_the_same_words_are_sealed_differently_each_time() -> None:
    key = MASTER.unwrap(ANNA, WRAPPED)
    sealed = {key.seal("张三".encode(), PLACE) for _ in range(8)}
    assert len({one[:16] for one in sealed}) == 8  # the nonces
    assert {key.unseal(one, PLACE).decode() for one in sealed} == {"张三"}


def test_the_same_setting_is_sealed_differently_each_time() -> None:
    sealed = {MASTER.seal_setting(b"whsec_x", SETTINGS_PLACE) for _ in range(8)}
    assert len({one[:12] for one in sealed}) == 8
    assert {MASTER.unseal_setting(one, SETTINGS_PLACE) for one in sealed} == {b"whsec_x"}


def test_every_data_key_is_another_and_wrapped_differently() -> None:
    one, two = MASTER.new_data_key(ANNA), MASTER.new_data_key(ANNA)
    assert one.wrapped[:12] != two.wrapped[:12]
    sealed = one.key.seal(b"x", PLACE)
    assert MASTER.unwrap(ANNA, one.wrapped).unseal(sealed, PLACE) == b"x"
    with pytest.raises(CannotUnseal):
        MASTER.unwrap(ANNA, two.wrapped).unseal(sealed, PLACE)


# Only in its place, and only whole


@pytest.mark.parametrize(
    "opening",
    [
        lambda: MASTER.unwrap(BERTA, WRAPPED),
        lambda: ANOTHER.unwrap(ANNA, WRAPPED),
        lambda: MASTER.unwrap(ANNA, SETTING),
        lambda: MASTER.unseal_setting(SETTING, b"webhook/unit/settlement"),
        lambda: ANOTHER.unseal_setting(SETTING, SETTINGS_PLACE),
        lambda: MASTER.unseal_setting(WRAPPED, ANNA.bytes),
        lambda: MASTER.unseal_setting(b"", SETTINGS_PLACE),
        lambda: MASTER.unwrap(ANNA, WRAPPED).unseal(SEALED, b"stream/topic/another"),
        lambda: MASTER.unwrap(ANNA, WRAPPED).unseal(SEALED[:-4], PLACE),
        lambda: MASTER.unwrap(ANNA, WRAPPED).unseal("no base64", PLACE),
        lambda: MASTER.unwrap(ANNA, WRAPPED).unseal(f"!{SEALED}", PLACE),
        lambda: MASTER.unwrap(ANNA, WRAPPED).unseal("", PLACE),
    ],
    ids=[
        "a key under another's id", "a key under another master key", "a setting as a key",
        "a setting of another", "a setting under another master key", "a key as a setting", "no setting",
        "a value in another field", "a value cut short", "a value that is none",
        "a value with more before it", "no value",
    ],
)  # fmt: skip
def test_nothing_opens_elsewhere(opening: Callable[[], object]) -> None:
    with pytest.raises(CannotUnseal):
        opening()


@pytest.mark.parametrize("changed", flipped(WRAPPED))
def test_a_wrapped_key_that_was_changed_does_not_open(changed: bytes) -> None:
    with pytest.raises(CannotUnseal):
        MASTER.unwrap(ANNA, changed)


@pytest.mark.parametrize("changed", flipped(SETTING))
def test_a_setting_that_was_changed_does_not_open(changed: bytes) -> None:
    with pytest.raises(CannotUnseal):
        MASTER.unseal_setting(changed, SETTINGS_PLACE)


@pytest.mark.parametrize("listing", ["sla", "tracking?status=closed", "track", ""])
def test_a_cursor_leads_on_in_its_own_list_alone(listing: str) -> None:
    with pytest.raises(Problem):
        read_cursor(MASTER, listing, CURSOR)


@pytest.mark.parametrize(
    "cursor", ["", "x", CURSOR[:-1], CURSOR[1:], "7" + CURSOR[1:], CURSOR[:20] + "X" + CURSOR[21:], CURSOR[11:]]
)
def test_a_cursor_that_was_changed_is_refused(cursor: str) -> None:
    with pytest.raises(Problem):
        read_cursor(MASTER, "tracking", cursor)


def test_a_cursor_of_another_deployment_is_refused() -> None:
    with pytest.raises(Problem):
        read_cursor(ANOTHER, "tracking", CURSOR)


# In the log


def stored(fact: Fact, key: DataKey) -> Recorded:
    row = EventCodec(MASTER).stored(fact.event(2), key)
    return Recorded(7, COMPLAINT_ID, 2, row.topic, row.state, "agent-1", MONDAY_9AM)


def altered(recorded: Recorded, **fields: Any) -> Recorded:
    """The row of an event, altered by somebody who may write into the table."""
    return replace(recorded, **fields)


KEY: Final = MASTER.unwrap(ANNA, WRAPPED)
DRAFT: Final = stored(drafted("机密"), KEY)
CAPA: Final = stored(capa_submitted(), KEY)


def test_an_event_opens_in_its_own_stream_with_its_own_key() -> None:
    event = EventCodec(MASTER).event(DRAFT, KEY)
    assert isinstance(event, events.OpinionDrafted)
    assert event.text == "机密"
    assert "机密".encode() not in DRAFT.state


def test_an_event_does_not_open_in_another_stream() -> None:
    with pytest.raises(CannotUnseal):
        EventCodec(MASTER).event(altered(DRAFT, originator_id=OTHER_ID), KEY)


def test_an_event_does_not_open_as_one_of_another_kind() -> None:
    fields = msgspec.json.decode(DRAFT.state)
    note = msgspec.json.encode({name: fields[name] for name in ("actor", "timestamp", "text")})
    with pytest.raises(CannotUnseal):
        EventCodec(MASTER).event(altered(DRAFT, topic=events.NoteAdded.TOPIC, state=note), KEY)


def test_one_field_does_not_open_in_the_place_of_another() -> None:
    fields = msgspec.json.decode(CAPA.state)
    fields["cause"], fields["corrective"] = fields["corrective"], fields["cause"]
    with pytest.raises(CannotUnseal):
        EventCodec(MASTER).event(altered(CAPA, state=msgspec.json.encode(fields)), KEY)


def test_an_event_does_not_open_with_the_key_of_somebody_else() -> None:
    with pytest.raises(CannotUnseal):
        EventCodec(MASTER).event(DRAFT, MASTER.new_data_key(BERTA).key)


def test_who_complains_is_not_in_the_row_of_the_intake() -> None:
    row = stored(received(), KEY)

    for words in ("张三", "13800000000", "入金"):
        assert words.encode() not in row.state


# Settings of recipients


async def secret_of_one(recipients: Recipients, kind: str, code: str) -> str:
    kept = await recipients.one(kind, code)
    assert kept is not None
    return recipients.secret_of(kept)


@pytest.mark.parametrize("moved_to", [("unit", "settlement"), ("role", "trading")])
@pytest.mark.parametrize("column", ["sealed", "webhook_secret"])
async def test_the_settings_of_one_recipient_are_not_used_for_another(
    database: str, moved_to: tuple[RecipientKind, str], column: str
) -> None:
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    settings = RecipientSettings("交易部", webhook_url="https://trading.example/hook", webhook_secret=secret)
    async with asyncpg.create_pool(database, min_size=1, max_size=1) as pool:
        recipients = Recipients(pool, MASTER)
        kept = await recipients.put("unit", "trading", settings)
        assert recipients.secret_of(kept) == secret
        assert await recipients.put("unit", "trading", replace(settings, webhook_secret=None)) == kept
        await recipients.put(*moved_to, replace(settings, webhook_secret=secret))
        await pool.execute(
            f"UPDATE recipients SET {column} = (SELECT {column} FROM recipients WHERE code = 'trading' "
            "AND kind = 'unit') WHERE (kind, code) = ($1, $2)",
            *moved_to,
        )
        with pytest.raises(CannotUnseal):
            await secret_of_one(recipients, *moved_to)


# The master key itself


@pytest.mark.parametrize("secret", [b"", b"short", b"x" * 31, b"x" * 33])
def test_a_master_key_has_32_bytes(secret: bytes) -> None:
    with pytest.raises(MasterKeyInvalid):
        MasterKey(secret)


@pytest.mark.parametrize("text", ["", "too short", "bm90IGVub3VnaA==", "*" * 44, f"!{IN_BASE64}"])
def test_a_master_key_in_base64_is_checked(text: str) -> None:
    with pytest.raises(MasterKeyInvalid):
        MasterKey.from_base64(text)


def test_a_master_key_may_have_a_line_end() -> None:
    assert MasterKey.from_base64(f"{IN_BASE64}\n").fingerprint == MASTER.fingerprint
