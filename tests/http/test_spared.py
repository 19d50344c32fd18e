"""What need not be fetched twice, or at all: 304, gzip, chosen fields, totals; and pages that name the next one."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.http.desk import Desk, done, problem
from tests.http.test_filters import LISTS
from tests.http.test_imports import letters

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(house: Desk) -> list[dict[str, Any]]:
    """Three complaints that the lists show."""
    made = [await house.receive(subject=f"第{n}件") for n in range(3)]
    await house.caught_up()
    return made


async def asked(house: Desk, path: str, **headers: str) -> httpx.Response:
    return await house.get("li-min", path, headers={name.replace("_", "-"): said for name, said in headers.items()})


PATHS = ("/v1/tracking", "/v1/sla", "/v1/obligations", "/v1/vocabulary", "/v1/procedures", "/v1/procedures/kf0001")


@pytest.mark.parametrize("path", PATHS)
async def test_what_the_caller_has_already_is_answered_by_304_alone(
    house: Desk, three: list[dict[str, Any]], path: str
) -> None:
    first = await asked(house, path)
    assert first.headers["etag"].startswith('W/"')
    again = await asked(house, path, If_None_Match=f'"old", {first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers
    other = await asked(house, path, If_None_Match='"old"')
    assert (other.status_code, other.content) == (200, first.content)


async def test_a_list_is_another_one_once_a_row_of_it_changed_and_not_before(
    house: Desk, three: list[dict[str, Any]]
) -> None:
    path = f"/v1/tracking?owner=li-min&received_to={three[2]['received_at']}"
    seen = (await asked(house, path)).headers["etag"]
    elsewhere = await house.receive()
    await house.step("li-min", elsewhere["id"], "add-note", text="别的事")
    await house.caught_up()
    assert (await asked(house, path, If_None_Match=seen)).status_code == 304
    await house.step("li-min", three[0]["id"], "add-note", text="这件事")
    await house.caught_up()
    assert (await asked(house, path, If_None_Match=seen)).status_code == 200


async def test_a_complaint_is_sent_again_once_something_happened_to_it(
    house: Desk, three: list[dict[str, Any]]
) -> None:
    path = f"/v1/complaints/{three[1]['id']}"
    tag = (await asked(house, path)).headers["etag"]
    assert (await asked(house, path, If_None_Match=tag)).status_code == 304
    assert (await asked(house, path, If_None_Match="*")).status_code == 304
    await house.step("li-min", three[1]["id"], "add-note", text="补充")
    assert done(await asked(house, path, If_None_Match=tag))["version"] == int(tag.strip('"')) + 1


async def test_a_refusal_and_a_step_are_never_spared(house: Desk, three: list[dict[str, Any]]) -> None:
    problem(await asked(house, "/v1/complaints/nothing", If_None_Match="*"), 404)
    path = f"/v1/complaints/{three[2]['id']}/add-note"
    done(await house.post("li-min", path, {"text": "记"}, headers={"If-None-Match": "*"}))


async def test_a_head_says_the_tag_and_takes_it(house: Desk, three: list[dict[str, Any]]) -> None:
    head = await house.ask("li-min", "HEAD", "/v1/vocabulary")
    again = await house.ask("li-min", "HEAD", "/v1/vocabulary", headers={"If-None-Match": head.headers["etag"]})
    assert (head.status_code, again.status_code) == (200, 304)


async def test_a_long_answer_is_packed_for_those_who_take_it_and_a_short_one_never(house: Desk) -> None:
    async with house.http.stream(
        "GET", "/v1/vocabulary", headers={
            "Accept-Encoding": "gzip", "Authorization": f"Bearer {await house.key_of('li-min')}"
        }
    ) as packed:  # fmt: skip
        raw = b"".join([part async for part in packed.aiter_raw()])
        assert packed.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["vary"]
    plain = await asked(house, "/v1/vocabulary", Accept_Encoding="identity")
    assert gzip.decompress(raw) == plain.content
    assert len(raw) * 3 < len(plain.content)
    assert "content-encoding" not in plain.headers
    short = await asked(house, "/healthz", Accept_Encoding="gzip")
    assert "content-encoding" not in short.headers


async def test_files_are_packed_unless_they_are_already(house: Desk, three: list[dict[str, Any]]) -> None:
    for kind, packed in (("text/csv", True), ("application/x-ndjson", True)):
        answer = await house.get("he-ping", "/v1/audit/events", headers={"Accept": kind, "Accept-Encoding": "gzip"})
        assert (answer.headers.get("content-encoding") == "gzip") is packed, kind
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = await asked(house, "/v1/tracking", Accept=sheet, Accept_Encoding="gzip")
    assert "content-encoding" not in answer.headers
    assert answer.content.startswith(b"PK")


async def test_each_page_names_the_next_one_and_the_first(house: Desk, three: list[dict[str, Any]]) -> None:
    path, seen = "/v1/tracking?limit=1&q=第&procedure=kf0001", []
    first = await asked(house, path)
    while True:
        answer = await asked(house, path)
        links = answer.links
        seen += [row["id"] for row in done(answer)["items"]]
        assert links["first"]["url"] == first.links["first"]["url"]
        assert ("next" in links) is (done(answer)["next_cursor"] is not None)
        if "next" not in links:
            break
        path = links["next"]["url"]
    assert sorted(seen) == sorted(one["id"] for one in three)


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_says_how_many_rows_it_has_where_it_is_asked(
    house: Desk, three: list[dict[str, Any]], path: str
) -> None:
    model = LISTS[path].model_fields
    if "count" not in model:
        return
    who = "he-ping" if path in ("/v1/audit/access", "/v1/customers") else "admin"
    if "{id}" in path:
        path = path.format(id=(await letters(house, dry_run=True))["id"])
    sheet = "limit=2" if "limit" in model else ""
    sheet += "&name=张" if path == "/v1/customers" else ""
    plain, counted = [done(await house.get(who, f"{path}?{sheet}{count}")) for count in ("", "&count=true")]
    assert "total" not in plain
    rows, page = len(counted["items"]), counted
    while page["next_cursor"] is not None:
        page = done(await house.get(who, f"{path}?{sheet}&cursor={page['next_cursor']}"))
        rows += len(page["items"])
    assert counted["total"] == rows


async def test_a_total_counts_what_the_reader_may_see_and_what_was_asked_for(
    house: Desk, three: list[dict[str, Any]]
) -> None:
    async def total(who: str, query: str) -> int:
        return int(done(await house.get(who, f"/v1/tracking?limit=1&count=true&{query}"))["total"])

    assert await total("li-min", "q=第") == await total("li-min", "q=第&as_of=2200-01-01T00:00:00Z") == 3
    assert await total("zhou-qi", "") == 0
    assert await total("li-min", "status=closed") == 0


async def test_of_a_list_and_of_a_complaint_only_the_fields_that_are_asked_for_are_sent(
    house: Desk, three: list[dict[str, Any]]
) -> None:
    page = done(await asked(house, "/v1/tracking?fields=number,status&limit=2"))
    assert all(list(row) == ["number", "status"] for row in page["items"])
    assert page["items"]
    cursor = page["next_cursor"]
    assert done(await asked(house, f"/v1/tracking?fields=id&limit=2&cursor={cursor}"))["items"]
    one = done(await asked(house, f"/v1/complaints/{three[0]['id']}?fields=status,clocks"))
    assert list(one) == ["status", "clocks"]
    assert list(done(await asked(house, f"/v1/complaints/{three[0]['id']}?fields=id&expand=steps"))) == ["id", "steps"]


async def test_a_file_has_the_columns_that_are_asked_for(house: Desk, three: list[dict[str, Any]]) -> None:
    answer = await asked(house, "/v1/tracking?fields=number,status", Accept="text/csv", Accept_Language="en")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {2}
    path = "/v1/audit/events?fields=position,type"
    lines = await house.get("he-ping", path, headers={"Accept": "application/x-ndjson"})
    assert {tuple(json.loads(line)) for line in lines.text.splitlines()} == {("position", "type")}


@pytest.mark.parametrize("path", ["/v1/tracking", "/v1/audit/events", "/v1/complaints/{id}"])
async def test_a_field_that_does_not_exist_is_refused_with_those_written_almost_so(
    house: Desk, three: list[dict[str, Any]], path: str
) -> None:
    answer = await house.get("he-ping", f"{path.format(id=three[0]['id'])}?fields=versio")
    [error] = problem(answer, 422)["errors"]
    assert error["pointer"] == "?fields"
    assert "version" in error["detail"] or path == "/v1/tracking"
    problem(await house.get("he-ping", f"{path.format(id=three[0]['id'])}?fields="), 422)


async def test_what_changed_since_a_time_is_all_that_has_events_recorded_then_or_later(
    house: Desk, three: list[dict[str, Any]]
) -> None:
    async def changed(since: str, also: str = "") -> set[str]:
        page = done(await house.get("li-min", f"/v1/tracking?updated_since={since}&q=第{also}"))
        return {row["subject"] for row in page["items"]}

    history = done(await house.get("li-min", f"/v1/complaints/{three[0]['id']}/history"))["items"]
    noted = await house.step("li-min", three[0]["id"], "add-note", text="又一条")
    await house.caught_up()
    last = done(await house.get("li-min", f"/v1/complaints/{three[0]['id']}/history"))["items"][-1]["recorded_at"]
    for also in ("", "&as_of=2200-01-01T00:00:00Z", "&as_of=2200-01-01T00:00:00Z&sort=due_at"):
        assert await changed(last, also) == {noted["subject"]}
        assert await changed(history[0]["recorded_at"], also) == {"第0件", "第1件", "第2件"}
        assert await changed("2199-01-01T00:00:00Z", also) == set()
    problem(await house.get("li-min", "/v1/tracking?updated_since=yesterday"), 422)
