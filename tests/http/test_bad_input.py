"""Whatever a body or an address holds, the answer is the right problem, with its place; never a 500."""

import json
from typing import Any

import pytest

from app.http.protocol.body import BODY_LIMIT
from tests.http.desk import Desk, complaint, done, pointers, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

MALFORMED = {
    "broken off": b'{"procedure": "kf0001", "subject": ',
    "not JSON": b"procedure=kf0001",
    "an unquoted name": b"{procedure: 1}",
    "a name that stands twice": b'{"subject": "a", "subject": "b"}',
    "a name that stands twice further in": b'{"complainant": {"name": "a", "name": "b"}}',
    "NaN": b'{"facts": {"amount": NaN}}',
    "infinity": b'{"facts": {"amount": -Infinity}}',
    "a raw NUL": b'{"subject": "a\x00b"}',
    "a raw line break in a text": b'{"subject": "a\nb"}',
    "not UTF-8": b'{"subject": "\xff\xfe"}',
    "UTF-16": '{"subject": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a surrogate in UTF-8": b'{"subject": "\xed\xa0\x80"}',
    "100 000 open lists": b"[" * 100_000,
    "100 000 nested lists": b"[" * 100_000 + b"]" * 100_000,
    "100 000 nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "101 nested lists": b"[" * 101 + b"]" * 101,
    "a number of 5000 digits": b'{"facts": {"amount": ' + b"9" * 5000 + b"}}",
}

INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"secret": 1}, "/secret"),
    "an unknown field further in": ({"complainant": {"surname": "张"}}, "/complainant/surname"),
    "a number for a text": ({"subject": 5}, "/subject"),
    "a text for a truth value": ({"complainant": {"anonymous": "yes"}}, "/complainant/anonymous"),
    "a list for an object": ({"complainant": []}, "/complainant"),
    "null for an object": ({"complainant": None}, "/complainant"),
    "an object for a text": ({"content": {}}, "/content"),
    "a blank text": ({"subject": " \t "}, "/subject"),
    "an empty text": ({"content": ""}, "/content"),
    "a text that is too long": ({"content": "长" * 100_001}, "/content"),
    "an escaped NUL": ({"subject": "a\0b"}, "/subject"),
    "half a surrogate pair": ({"content": "\ud83d"}, "/content"),
    "half a surrogate pair in a list": ({"accused": ["a", "\udc00"]}, "/accused/1"),
    "a name with a slash in it": ({"facts": {"a/b~c": "\0"}}, "/facts/a~1b~0c"),
    "a number beyond 64 bits": ({"facts": {"amount": 2**63}}, "/facts/amount"),
    "a number below 64 bits": ({"facts": {"amount": -(2**63) - 1}}, "/facts/amount"),
    "a number of 4000 digits": ({"facts": {"amount": 10**4000}}, "/facts/amount"),
    "a list among the facts": ({"facts": {"order_no": [1]}}, "/facts/order_no"),
    "a text where the form has a number": ({"facts": {"amount": "much"}}, "/facts/amount"),
    "a blank name among the facts": ({"facts": {" ": 1}}, "/facts/ "),
    "a subject of two lines": ({"subject": "a\nBcc: b"}, "/subject"),
    "a subject that turns around": ({"subject": "a\u202eb"}, "/subject"),
    "a subject that nobody sees": ({"subject": "\u200b\u3164"}, "/subject"),
    "a subject with a line separator": ({"subject": "a\u2028b"}, "/subject"),
    "a content with a bell": ({"content": "a\x07b"}, "/content"),
    "a content that nobody sees": ({"content": "\u200b\n"}, "/content"),
    "a name that nobody sees": ({"complainant": {"name": "\u200b"}}, "/complainant/name"),
    "a name of two lines": ({"complainant": {"name": "a\nb"}}, "/complainant/name"),
    "a fact with an escape": ({"facts": {"order_no": "a\x1bb"}}, "/facts/order_no"),
    "nobody accused": ({"accused": ["\u200b"]}, "/accused/0"),
    "digits for a time": ({"occurred_at": "1740000000"}, "/occurred_at"),
    "a blank for the T": ({"occurred_at": "2026-03-02 09:00:00Z"}, "/occurred_at"),
    "a time in small letters": ({"occurred_at": "2026-03-02t09:00:00z"}, "/occurred_at"),
    "a time without seconds": ({"occurred_at": "2026-03-02T09:00Z"}, "/occurred_at"),
    "an offset without colon": ({"occurred_at": "2026-03-02T09:00:00+0800"}, "/occurred_at"),
    "the 24th hour": ({"occurred_at": "2026-03-02T24:00:00Z"}, "/occurred_at"),
    "an unknown procedure": ({"procedure": "kf9999"}, "/procedure"),
    "an unknown kind": ({"kind": "praise"}, "/kind"),
    "an unknown channel": ({"channel": "telepathy"}, "/channel"),
    "a time without offset": ({"occurred_at": "2026-03-02T09:00:00"}, "/occurred_at"),
    "a time as a number": ({"occurred_at": 1_700_000_000}, "/occurred_at"),
    "a day for a time": ({"occurred_at": "2026-03-02"}, "/occurred_at"),
    "the year 1": ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
    "the year 9999": ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "/occurred_at"),
    "a day that does not exist": ({"occurred_at": "2026-02-30T00:00:00Z"}, "/occurred_at"),
    "an offset that does not exist": ({"occurred_at": "2026-02-03T00:00:00+25:00"}, "/occurred_at"),
    "no telephone number": ({"complainant": {"phone": "call me"}}, "/complainant/phone"),
    "the same person accused twice": ({"accused": ["a", "a"]}, "/accused"),
    "anonymous with a name": ({"complainant": {"anonymous": True, "name": "张三"}}, "/complainant"),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_body_that_is_not_json_is_malformed(house: Desk, body: bytes) -> None:
    problem(await house.post("li-min", "/v1/complaints", body), 400, "malformed-json")


@pytest.mark.parametrize(("changes", "pointer"), INVALID.values(), ids=INVALID.keys())
async def test_a_body_that_is_not_valid_is_told_where(house: Desk, changes: dict[str, Any], pointer: str) -> None:
    answer = await house.post("li-min", "/v1/complaints", json.dumps(complaint(**changes)).encode())
    assert pointers(problem(answer, 422)) == [pointer]


@pytest.mark.parametrize("amount", ["1e999", "-1e400", "1" + "0" * 309 + ".5"])
async def test_a_number_that_is_not_finite_is_refused(house: Desk, amount: str) -> None:
    body = json.dumps(complaint(facts={"amount": 0})).replace('"amount": 0', f'"amount": {amount}')
    assert pointers(problem(await house.post("li-min", "/v1/complaints", body.encode()), 422)) == ["/facts/amount"]


@pytest.mark.parametrize("amount", [2**63 - 1, -(2**63), 0.1, 1e300, 1e-300, True, None, "0" * 19, "1E999"])
async def test_a_fact_that_is_taken_comes_back_as_it_was(house: Desk, amount: Any) -> None:
    taken = await house.receive(facts={"other": amount})
    again = done(await house.get("li-min", f"/v1/complaints/{taken['id']}"))
    assert taken["facts"] == again["facts"] == {"other": amount}


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"5", b"true"])
async def test_a_body_that_is_no_object_is_invalid(house: Desk, body: bytes) -> None:
    assert pointers(problem(await house.post("li-min", "/v1/complaints", body), 422)) == [""]


async def test_an_empty_body_names_all_that_is_missing(house: Desk) -> None:
    found = pointers(problem(await house.post("li-min", "/v1/complaints", b""), 422))
    assert found == ["/procedure", "/channel", "/subject", "/content"]


async def test_texts_that_look_dangerous_are_kept_as_they_are(house: Desk) -> None:
    subject = "'; DROP TABLE stored_events; -- <script>alert(1)</script> {{7*7}} %s 😀"
    content = "\u202e\u200b\ufffe\U0010ffff e\u0301 \\u0000 \r\n\t"
    taken = await house.receive(subject=subject, content=content)
    again = done(await house.get("li-min", f"/v1/complaints/{taken['id']}"))
    assert (again["subject"], again["content"]) == (subject, content)


async def test_a_declared_body_beyond_the_limit_is_too_large(house: Desk) -> None:
    answer = await house.post("li-min", "/v1/complaints", b" " * (BODY_LIMIT + 1))
    problem(answer, 413, "too-large")


async def test_a_body_of_unknown_length_beyond_the_limit_is_too_large(house: Desk) -> None:
    async def two_megabytes() -> Any:
        for _ in range(200):
            yield b" " * 10_000

    headers = {"Authorization": f"Bearer {await house.key_of('li-min')}", "Content-Type": "application/json"}
    answer = await house.http.post("/v1/complaints", content=two_megabytes(), headers=headers)
    problem(answer, 413, "too-large")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_body_of_another_kind_is_not_taken(house: Desk, media_type: str) -> None:
    problem(await house.post("li-min", "/v1/complaints", b"{}", headers={"Content-Type": media_type}), 415, "not-json")


async def test_a_compressed_body_is_not_taken(house: Desk) -> None:
    problem(await house.post("li-min", "/v1/complaints", b"{}", headers={"Content-Encoding": "gzip"}), 415, "not-json")


@pytest.mark.parametrize(
    "id", ["nonsense", "%00", "%ff", "..%2f..", "0", "1" * 5000, "00000000-0000-4000-8000-00000000000g"]
)
async def test_what_is_no_id_names_no_complaint(house: Desk, id: str) -> None:
    problem(await house.get("li-min", f"/v1/complaints/{id}"), 404)
    problem(await house.post("li-min", f"/v1/complaints/{id}/add-note", {"text": "x"}), 404)


STEPS: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "an unknown severity": ("classify", {"severity": "fatal", "category": "other"}, 422, "/severity"),
    "an unknown category": ("classify", {"severity": "major", "category": "weather"}, 422, "/category"),
    "an unknown kind": ("classify", {"severity": "major", "category": "other", "kind": "praise"}, 422, "/kind"),
    "a code with capitals": ("classify", {"severity": "MAJOR", "category": "other"}, 422, "/severity"),
    "an unknown unit": ("dispatch", {"units": ["settlement", "moon"]}, 422, "/units/1"),
    "a unit named twice": ("dispatch", {"units": ["settlement", "settlement"]}, 422, "/units"),
    "no unit": ("dispatch", {"units": []}, 422, "/units"),
    "an unknown role": ("escalate", {"to_role": "emperor", "reason": "x"}, 422, "/to_role"),
    "an unknown complaint": ("link", {"complaints": ["00000000-0000-4000-8000-000000000000"]}, 422, "/complaints/0"),
    "a complaint that is no id": ("link", {"complaints": ["KF0001-20260302-000001"]}, 422, "/complaints/0"),
    "an unknown unit for a report": ("request-capa", {"unit": "moon", "reason": "x"}, 422, "/unit"),
    "a score beyond five": ("record-callback", {"reached": True, "means": "phone", "score": 6}, 422, "/score"),
    "an unknown card": ("supervise", {"text": "x", "card": "green"}, 422, "/card"),
    "a checksum that is none": ("attach", {"name": "a", "kind": "other", "reference": "https://r", "sha256": "z" * 64},
        422, "/sha256"),
}  # fmt: skip


@pytest.mark.parametrize(("step", "body", "status", "pointer"), STEPS.values(), ids=STEPS.keys())
async def test_a_step_that_names_what_does_not_exist_is_told_where(
    house: Desk, step: str, body: dict[str, Any], status: int, pointer: str
) -> None:
    id = (await house.receive())["id"]
    if step not in {"classify", "link", "escalate", "attach", "supervise"}:
        await house.general(id, "other")
        await house.step("li-min", id, "draft-opinion", text="…")
    who = {"request-capa": "qian-hui", "supervise": "zhao-jing"}.get(step, "li-min")
    refusal = problem(await house.post(who, f"/v1/complaints/{id}/{step}", body), status)
    assert pointers(refusal) == [pointer]
    assert done(await house.get("li-min", f"/v1/complaints/{id}"))["version"] in (1, 3)


@pytest.mark.parametrize(
    ("clock", "until", "pointer"),
    [
        ("lunch", "2030-01-01T00:00:00Z", "/clock"),
        ("unit-answers", "2030-01-01T00:00:00", "/until"),
        ("unit-answers", "0001-01-01T00:00:00+14:00", "/until"),
        ("unit-answers", "9999-12-31T23:59:59-14:00", "/until"),
        ("unit-answers", "2026-01-01T00:00:00Z", "/until"),
    ],
)
async def test_an_extension_to_an_absurd_time_or_of_an_unknown_clock_is_told_where(
    house: Desk, clock: str, until: str, pointer: str
) -> None:
    id = (await house.dispatched("settlement"))["id"]
    await house.step("li-min", id, "report-interim-measure", text="x")
    refusal = await house.refused(422, "li-min", id, "extend", clock=clock, until=until, reason="x")
    assert pointers(refusal) == [pointer]


PARAMETERS = [
    "as_of=2026-03-02T09:00:00", "as_of=0001-01-01T00:00:00%2B14:00", "as_of=9999-12-31T23:59:59-14:00", "as_of=",
    "as_of=yesterday", "as_of=%00", "as_of=1e400", "version=0", "version=-1", "version=many",
    "version=99999999999999999999", "versions=1", "as_of=2026-03-02",
]  # fmt: skip


@pytest.mark.parametrize("query", PARAMETERS)
async def test_a_parameter_that_is_not_valid_is_named(house: Desk, query: str) -> None:
    id = (await house.receive())["id"]
    found = pointers(problem(await house.get("li-min", f"/v1/complaints/{id}?{query}"), 422))
    assert found == [f"?{query.partition('=')[0]}"]


@pytest.mark.parametrize(
    "query",
    [
        "from=9999-12-31&to=9999-12-31", "from=0001-01-01&to=0001-01-02", "from=2026-02-01&to=2026-01-01",
        "from=2020-01-01&to=2026-01-01", "from=2026-02-30&to=2026-03-01", "from=2026-01-01",
    ],
)  # fmt: skip
async def test_days_of_a_calendar_are_asked_for_within_reason(house: Desk, query: str) -> None:
    problem(await house.get("li-min", f"/v1/calendars/cn/days?{query}"), 422)


@pytest.mark.parametrize("name", ["a\u202egpj.exe", "a\nb", "../../etc/passwd", "a\\b", "..", "\u200b"])
async def test_the_name_of_an_attachment_is_that_of_a_file(house: Desk, name: str) -> None:
    id = (await house.receive())["id"]
    refusal = await house.refused(422, "li-min", id, "attach", name=name, kind="other", reference="https://a.example/1")
    assert refusal["errors"][0]["pointer"] == "/name"


@pytest.mark.parametrize(
    "reference",
    ["http://a.example/1", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://u:p@a.example/1",
     "//a.example/1", "https://", "https://a.example/a b", "https://[::1", "rec:1", "HTTPS//a"],
)  # fmt: skip
async def test_an_attachment_lies_at_an_https_address_and_nowhere_else(house: Desk, reference: str) -> None:
    id = (await house.receive())["id"]
    refusal = await house.refused(422, "li-min", id, "attach", name="a", kind="other", reference=reference)
    assert refusal["errors"][0]["pointer"] == "/reference"


async def test_long_letters_and_notes_are_taken_and_longer_ones_are_not(house: Desk) -> None:
    long = await house.receive(content="投" * 100_000)
    assert len(done(await house.get("li-min", f"/v1/complaints/{long['id']}"))["content"]) == 100_000
    await house.step("li-min", long["id"], "add-note", text="记" * 100_000)
    await house.refused(422, "li-min", long["id"], "add-note", text="记" * 100_001)
    problem(await house.post("li-min", "/v1/complaints", complaint(content="投" * 100_001)), 422)


async def test_what_happened_longer_ago_than_the_file_allows_is_refused_with_the_limit(house: Desk) -> None:
    await house.receive(occurred_at="2017-03-02T09:00:00+08:00")
    letter = complaint(occurred_at="2015-03-02T09:00:00+08:00")
    refusal = problem(await house.post("li-min", "/v1/complaints", letter), 422)
    assert "10" in refusal["detail"]
