"""Publishing versions of calendars and procedures: who may, what is refused, and which version is in force where."""

from __future__ import annotations

import asyncio
import threading
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import pytest

import procedures.calendar_reader
import procedures.reader
from app.rules.rules_in_force import EDITIONS
from eventlog.editions import editions_of
from procedures.yaml_entry import Entry, Mistake
from tests.http.desk import Desk, done, open_desk, pointers, problem
from tests.notices import ANNOUNCED_TEXT, PROLONGED_TEXT

CALENDARS: Final = "/v1/calendars/cn/versions"
PROCEDURES: Final = "/v1/procedures/kf0001/versions"
KF0001: Final = (files("procedures") / "kf0001.yaml").read_text("utf-8")


def procedure(version: str, **replaced: str) -> str:
    """kf0001 as another version, with parts of its text replaced."""
    text = KF0001.replace("version: A/1.3", f"version: {version}")
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text


async def publish(desk: Desk, path: str, content: str, **options: Any) -> dict[str, Any]:
    return done(await desk.post("admin", path, {"content": content}, **options), 201)


async def test_a_published_calendar_is_answered_with_code_and_version_and_is_the_current_one(desk: Desk) -> None:
    answer = await desk.post("admin", CALENDARS, {"content": ANNOUNCED_TEXT})
    published = done(answer, 201)
    assert (published["code"], published["version"], published["published_by"]) == ("cn", "2020.1", "admin")
    assert answer.headers["location"] == f"{CALENDARS}/2020.1"
    listed = done(await desk.get("li-min", CALENDARS))["items"]
    assert [(one["version"], one["published_by"], one["current"]) for one in listed] == [
        ("2020.1", "admin", True), ("2026.1", None, False),
    ]  # fmt: skip
    days = done(await desk.get("li-min", "/v1/calendars/cn/days?from=2020-02-01&to=2020-02-01"))
    assert (days["version"], days["items"][0]["kind"]) == ("2020.1", "make-up")
    assert done(await desk.get("li-min", answer.headers["location"]))["content"] == ANNOUNCED_TEXT


async def test_new_complaints_follow_the_version_published_last_and_open_ones_keep_theirs(desk: Desk) -> None:
    before = await desk.receive()
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    await publish(desk, PROCEDURES, procedure("B/2.0", **{"limit: 5 WD": "limit: 7 WD"}))
    after = await desk.receive()
    versions = [(one["procedure"]["version"], one["calendar"]["version"]) for one in (before, after)]
    assert versions == [("A/1.3", "2026.1"), ("B/2.0", "2020.1")]
    again = done(await desk.get("li-min", f"/v1/complaints/{before['id']}"))
    assert again["procedure"]["version"] == "A/1.3"
    assert done(await desk.get("li-min", "/v1/procedures/kf0001"))["version"] == "B/2.0"


async def test_a_version_may_have_a_slash_and_is_found_by_it(desk: Desk) -> None:
    answer = await desk.post("admin", PROCEDURES, {"content": procedure("B/2.0")})
    done(answer, 201)
    assert answer.headers["location"] == f"{PROCEDURES}/{quote('B/2.0', safe='')}"
    for path in (answer.headers["location"], f"{PROCEDURES}/B/2.0"):
        assert done(await desk.get("li-min", path))["version"] == "B/2.0"


async def test_the_same_content_again_changes_nothing_and_another_is_refused(desk: Desk) -> None:
    first = await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    assert await publish(desk, CALENDARS, f"# the same\n{ANNOUNCED_TEXT}") == first
    other = ANNOUNCED_TEXT.replace(", 2020-02-01]", "]")
    refused = problem(await desk.post("admin", CALENDARS, {"content": other}), 409, "version-is-published")
    assert "version of its own" in refused["detail"]
    changed = procedure("A/1.3", **{"limit: 5 WD": "limit: 7 WD"})
    problem(await desk.post("admin", PROCEDURES, {"content": changed}), 409, "version-is-published")


async def test_the_version_published_again_does_not_become_the_current_one_again(desk: Desk) -> None:
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    await publish(desk, CALENDARS, PROLONGED_TEXT)
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    assert (await desk.receive())["calendar"]["version"] == "2020.2"


@pytest.mark.parametrize(
    ("path", "content", "details"),
    [
        (CALENDARS, "code: cn\nversion: '1'\n", ["line 1, zone: The field is missing."]),
        (CALENDARS, "code: [", ["line 1, file: This is no YAML"]),
        (CALENDARS, ANNOUNCED_TEXT.replace("code: cn", "code: de"), ["line 3, code: This is not about cn"]),
        (CALENDARS, ANNOUNCED_TEXT.replace('"2020.1"', "1" * 101), ["line 4, version: A version has 100"]),
        (CALENDARS, "code: cn\nversion: '2'\ndays: fr\n", ["line 3, days: There is no calendar fr."]),
        (
            PROCEDURES,
            procedure("B/1.0", **{"calendar: cn": "calendar: fr", "limit: 5 WD": "limit: 5 weeks"}),
            ["calendar: ", "limit: '5 weeks' is no limit"],
        ),
    ],
)
async def test_every_mistake_of_a_file_is_named_with_line_and_field(
    desk: Desk, path: str, content: str, details: list[str]
) -> None:
    refused = problem(await desk.post("admin", path, {"content": content}), 422, "file-wrong")
    assert pointers(refused) == ["/content"] * len(details)
    for mistake, detail in zip(refused["errors"], details, strict=True):
        assert detail in mistake["detail"]
        assert mistake["detail"].startswith("line ")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "units: There may be 2000 of these at most."), ("zh", "units：此处最多 2000 项。")],
)
async def test_a_file_with_nine_thousand_units_is_refused(desk: Desk, language: str, sentence: str) -> None:
    units = "".join(f"  u{number}: {{zh: 单位, en: Unit}}\n" for number in range(9000))
    content = procedure("B/1.0", **{"\nunits:\n": f"\nunits:\n{units}"})
    answer = await desk.post("admin", PROCEDURES, {"content": content}, headers={"Accept-Language": language})
    [mistake] = problem(answer, 422, "file-wrong")["errors"]
    assert mistake["detail"].endswith(sentence)


async def test_no_file_is_read_where_the_others_requests_are_answered(
    desk: Desk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by: list[threading.Thread] = []
    for reader in (procedures.reader, procedures.calendar_reader):
        whole = reader.compose

        def noting(text: str, kind: type[Mistake], compose: Any = whole) -> Entry:
            read_by.append(threading.current_thread())
            found: Entry = compose(text, kind)
            return found

        monkeypatch.setattr(reader, "compose", noting)
    async with open_desk(database, sandbox=False) as other:
        read_by.clear()
        for path, content in ((PROCEDURES, procedure("B/1.0")), (CALENDARS, ANNOUNCED_TEXT)):
            await publish(desk, path, content)
            await publish(desk, path, f"# the same again\n{content}")
        assert done(await other.get("admin", "/v1/procedures/kf0001"))["version"] == "B/1.0"
    assert len(read_by) >= 10  # each published twice, compared, and learnt by both processes
    assert threading.main_thread() not in read_by


async def test_what_is_not_a_text_is_refused_where_it_stands(desk: Desk) -> None:
    for body, pointer in (({}, "/content"), ({"content": 1}, "/content"), ({"content": ""}, "/content")):
        assert pointers(problem(await desk.post("admin", CALENDARS, body), 422)) == [pointer]
    problem(await desk.post("admin", CALENDARS, {"content": ANNOUNCED_TEXT, "force": True}), 422)
    problem(await desk.post("admin", "/v1/calendars/%00/versions", {"content": ANNOUNCED_TEXT}), 422, "file-wrong")


async def test_only_an_administrator_publishes_previews_and_applies(desk: Desk) -> None:
    for who in ("li-min", "zhao-jing", "he-ping", "partner-bank"):
        for path, body in (
            (CALENDARS, {"content": ANNOUNCED_TEXT}),
            (PROCEDURES, {"content": KF0001}),
            (f"{CALENDARS}/2026.1/preview", None),
            (f"{CALENDARS}/2026.1/apply", {"reason": "x", "approved_by": "y"}),
        ):
            problem(await desk.post(who, path, body), 403, "role-forbids")
    problem(await desk.post(None, CALENDARS, {"content": ANNOUNCED_TEXT}), 401)


async def test_a_request_to_publish_sent_again_is_answered_as_the_first_time(desk: Desk) -> None:
    key = {"Idempotency-Key": "notice-of-2020"}
    first = await desk.post("admin", CALENDARS, {"content": ANNOUNCED_TEXT}, headers=key)
    again = await desk.post("admin", CALENDARS, {"content": ANNOUNCED_TEXT}, headers=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert "idempotency-replayed" not in first.headers
    other = await desk.post("admin", CALENDARS, {"content": PROLONGED_TEXT}, headers=key)
    problem(other, 422, "command-id-reused")
    assert [one["version"] for one in done(await desk.get("admin", CALENDARS))["items"]] == ["2020.1", "2026.1"]


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    for path in ("/v1/calendars/fr/versions", "/v1/calendars/%00/versions", f"{CALENDARS}/0", f"{CALENDARS}/%00"):
        problem(await desk.get("li-min", path), 404, "no-such-calendar")
    for path in ("/v1/procedures/fr/versions", f"{PROCEDURES}/0"):
        problem(await desk.get("li-min", path), 404, "no-such-procedure")
    problem(await desk.post("admin", f"{CALENDARS}/0/preview"), 404, "no-such-calendar")
    problem(await desk.post("admin", f"{CALENDARS}/0/apply", {"reason": "x", "approved_by": "y"}), 404)
    problem(await desk.get("admin", "/v1/calendars/cn/moves/x"), 404, "no-such-move")
    for path in ("/v1/calendars/fr/moves", "/v1/calendars/%00/moves"):
        assert done(await desk.get("admin", path)) == {"items": []}


async def test_another_process_receives_under_a_new_version_as_soon_as_its_publishing_is_answered(
    desk: Desk, database: str
) -> None:
    async with open_desk(database, sandbox=False) as other:
        await publish(desk, CALENDARS, ANNOUNCED_TEXT)
        days = done(await other.get("admin", "/v1/calendars/cn/days?from=2020-02-01&to=2020-02-01"))
        assert days["version"] == "2020.1"
        for number in range(3):
            await publish(desk, PROCEDURES, procedure(f"B/{number}"))
            assert done(await other.get("admin", "/v1/procedures/kf0001"))["version"] == f"B/{number}"


async def test_a_complaint_of_a_version_that_a_process_has_not_learnt_yet_is_read_by_it_at_once(
    desk: Desk, database: str
) -> None:
    async with open_desk(database, sandbox=False) as other:
        await editions_of(other.service.pool).unfollow(EDITIONS)  # it has lost its session, say
        await publish(desk, CALENDARS, ANNOUNCED_TEXT)
        received = await desk.receive()
        read = done(await other.get("admin", f"/v1/complaints/{received['id']}"))
        assert read["calendar"]["version"] == "2020.1"
        await desk.caught_up()
        await other.caught_up()
        for side in (desk, other):
            assert await side.service.follower.parked() == []


async def test_a_version_published_here_stays_the_current_one_after_a_restart(desk: Desk, database: str) -> None:
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    async with open_desk(database, sandbox=False) as restarted:
        assert (await restarted.receive())["calendar"]["version"] == "2020.1"


async def test_a_packaged_file_of_a_later_release_is_the_current_one_from_its_first_start(
    desk: Desk, database: str
) -> None:
    # As if this release's packaged calendar had not been there when the other was published.
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    owner = await asyncpg.connect(database)
    try:
        await owner.execute("DELETE FROM published_rules WHERE version = '2026.1'")
    finally:
        await owner.close()
    async with open_desk(database, sandbox=False) as upgraded:
        assert (await upgraded.receive())["calendar"]["version"] == "2026.1"


async def test_a_role_that_a_new_version_names_is_known_to_the_keys_at_once(desk: Desk) -> None:
    misspelt = {"id": "mo-li", "name": "莫莉", "roles": ["ombudsmann"]}
    more = {"\nroles:\n": "\nroles:\n  ombudsman: {zh: 监察专员, en: Ombudsman}\n"}
    await publish(desk, PROCEDURES, procedure("B/2.0", **more))
    problem(await desk.post("admin", "/v1/keys", misspelt), 422, "role-misspelt")


async def test_a_calendar_that_takes_its_days_from_another_is_kept_with_those_of_its_current_version(
    desk: Desk,
) -> None:
    await publish(desk, CALENDARS, ANNOUNCED_TEXT)
    text = 'code: cn-office\nversion: "2"\ndays: cn\nhours: ["09:00-12:00", "13:30-18:00"]\n'
    kept = await publish(desk, "/v1/calendars/cn-office/versions", text)
    assert kept["version"] == "2-cn-2020.1"
    whole = done(await desk.get("admin", f"/v1/calendars/cn-office/versions/{kept['version']}"))
    assert "\ndays:" not in whole["content"]
    assert "2020-02-01" in whole["content"]


async def test_of_two_contents_published_under_one_version_at_once_one_is_kept(desk: Desk, database: str) -> None:
    async with open_desk(database, sandbox=False) as other:
        contents = [ANNOUNCED_TEXT, ANNOUNCED_TEXT.replace(", 2020-02-01]", "]")]
        answers = await asyncio.gather(
            *(side.post("admin", CALENDARS, {"content": text}) for side in (desk, other) for text in contents)
        )
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
