"""Issue points over REST: where they are offered, refused, counted and shown."""

import csv
import io
from typing import Any

import pytest

from app.http.protocol.lists import CSV_TYPE
from tests.http.desk import Desk, complaint, done, problem

in_the_house = pytest.mark.asyncio(loop_scope="module")
OPEN = ("hotline-mayor", "hotline-12345", "power-95598", "city-12319", "general", "retail-400")
GENERAL = {"severity": "general", "category": "process.deposit"}


@in_the_house
async def test_a_general_complaint_without_one_is_refused_with_those_there_are(house: Desk) -> None:
    id = (await house.receive())["id"]
    refused = await house.refused(422, "li-min", id, "classify", **GENERAL)
    assert refused["type"] == "/problems/issue-point-missing"
    assert [one["pointer"] for one in refused["errors"]] == ["/issue_point"]
    assert "It knows deposit-delay, " in refused["errors"][0]["detail"]  # the category's own comes first
    assert done(await house.get("li-min", f"/v1/complaints/{id}"))["version"] == 1


@in_the_house
@pytest.mark.parametrize("door", ["the intake", "the classification"])
async def test_an_unknown_one_is_refused_with_near_misses(house: Desk, door: str) -> None:
    if door == "the intake":
        refused = problem(await house.post("li-min", "/v1/complaints", complaint(issue_point="deposit-dely")), 422)
    else:
        id = (await house.receive())["id"]
        refused = await house.refused(422, "li-min", id, "classify", **GENERAL, issue_point="deposit-dely")
    assert refused["type"] == "/problems/unknown-issue-point"
    assert [one["pointer"] for one in refused["errors"]] == ["/issue_point"]
    titles = {"zh": "入金未到账", "en": "Deposit not credited"}
    assert refused["near_misses"] == [{"code": "deposit-delay", "titles": titles}]
    assert "Did you mean deposit-delay?" in refused["detail"]


@pytest.mark.parametrize("said", ["入金未到账", "入金延迟", "Deposit not credited"])
async def test_a_title_or_synonym_is_the_code_in_every_answer(sandbox: Desk, said: str) -> None:
    taken = await sandbox.receive(issue_point=said)
    assert taken["issue_point"] == "deposit-delay"
    repeated = problem(await sandbox.post("li-min", "/v1/complaints", complaint(issue_point="deposit-delay")), 409)
    assert repeated["complaint"]["id"] == taken["id"]
    other = await sandbox.receive(complainant={"name": "李四", "phone": "+8613900139000"})
    classified = await sandbox.step("li-min", other["id"], "classify", **GENERAL, issue_point=said)
    assert classified["issue_point"] == "deposit-delay"


async def test_recurrence_is_counted_by_the_code_whatever_it_was_called(sandbox: Desk) -> None:
    called = ("deposit-delay", "入金未到账", "入金延迟", "LATE DEPOSIT", "Deposit not credited")
    raised = [
        (await sandbox.step("li-min", (await sandbox.receive())["id"], "classify", **GENERAL, issue_point=said))
        for said in called
    ]
    assert [one["severity"] for one in raised] == ["general"] * 4 + ["severe"]
    assert len(raised[-1]["linked"]) == 4


@pytest.mark.parametrize("code", OPEN)
async def test_an_unlisted_one_is_taken_where_others_are_and_a_listed_one_shows_duplicates(
    sandbox: Desk, code: str
) -> None:
    unlisted = await sandbox.receive(procedure=code, issue_point="lost-umbrella", facts={})
    assert unlisted["issue_point"] == "lost-umbrella"
    rules = done(await sandbox.get("li-min", f"/v1/procedures/{code}"))
    point = next(iter(rules["issue_points"].values()))
    taken = await sandbox.receive(procedure=code, issue_point=point["title"]["zh"], facts={})
    assert taken["issue_point"] == point["code"]
    again = complaint(procedure=code, issue_point=point["synonyms"][0], facts={})
    assert problem(await sandbox.post("li-min", "/v1/complaints", again), 409)["complaint"]["id"] == taken["id"]
    refused = problem(await sandbox.post("li-min", "/v1/complaints", {**again, "issue_point": "一把伞"}), 422)
    assert (refused["type"], refused["errors"][0]["pointer"]) == ("/problems/not-an-issue-point-code", "/issue_point")


@in_the_house
async def test_a_procedure_shows_them_with_titles_synonyms_and_categories(house: Desk) -> None:
    rules = done(await house.get("li-min", "/v1/procedures/kf0001"))
    assert rules["issue_points"]["deposit-delay"] == {
        "code": "deposit-delay", "title": {"zh": "入金未到账", "en": "Deposit not credited"},
        "synonyms": ["入金延迟", "入金迟迟不到账", "late deposit"], "categories": ["process.deposit"],
    }  # fmt: skip
    assert rules["unlisted_issue_points_allowed"] is False
    assert done(await house.get("li-min", "/v1/procedures/courier"))["issue_points"] == {}
    words = done(await house.get("li-min", "/v1/vocabulary"))["procedures"]["kf0001"]["issue-points"]
    assert words["deposit-delay"] == {"zh": "入金未到账", "en": "Deposit not credited"}


async def field(desk: Desk, id: str) -> dict[str, Any]:
    """What the form of a classification says of the issue point."""
    steps = done(await desk.get("li-min", f"/v1/complaints/{id}?expand=steps"))["steps"]
    [form] = [step for step in steps if step["code"] == "classify"]
    found: dict[str, Any] = form["fields"]["properties"]["issue_point"]
    return found


@in_the_house
async def test_the_form_of_a_classification_lists_them_and_says_whether_others_are_taken(house: Desk) -> None:
    closed = await field(house, (await house.receive())["id"])
    assert {"code": "deposit-delay", "titles": {"zh": "入金未到账", "en": "Deposit not credited"}} in closed["choices"]
    assert closed["enum"] == [*(one["code"] for one in closed["choices"]), None]
    offered = await field(house, (await house.receive(procedure="general", facts={}))["id"])
    assert offered["examples"] == [one["code"] for one in offered["choices"]]
    assert "enum" not in offered
    free = await field(house, (await house.receive(procedure="courier", facts={}))["id"])
    assert {"choices", "enum", "examples"}.isdisjoint(free)


@pytest.mark.parametrize(("language", "title"), [("zh", "入金未到账"), ("en", "Deposit not credited")])
async def test_an_exported_list_says_its_title(sandbox: Desk, language: str, title: str) -> None:
    await sandbox.receive(issue_point="deposit-delay")
    await sandbox.receive(procedure="general", issue_point="lost-umbrella", facts={})
    await sandbox.caught_up()
    headers = {"Accept": CSV_TYPE, "Accept-Language": language}
    text = (await sandbox.get("li-min", "/v1/tracking", headers=headers)).text
    column = {"zh": "问题点", "en": "issue point"}[language]
    assert {row[column] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))} == {title, "lost-umbrella"}


async def test_a_deployment_adds_its_own_by_publishing_a_version(sandbox: Desk) -> None:
    """What was taken down before stays under the version that did not know it."""
    before = await sandbox.receive()
    path = "/v1/procedures/kf0001/versions"
    [current, *_] = done(await sandbox.get("admin", path))["items"]
    text: str = done(await sandbox.get("admin", f"{path}/{current['version']}"))["content"]
    own = text.replace(f"version: {current['version']}", "version: A/9.9").replace(
        "issue_points:\n", "issue_points:\n  coupon-lost: {zh: 优惠券丢失, en: Coupon lost}\n"
    )
    done(await sandbox.post("admin", path, {"content": own}), 201)
    await sandbox.refused(422, "li-min", before["id"], "classify", **GENERAL, issue_point="优惠券丢失")
    after = await sandbox.receive()
    sorted_out = await sandbox.step("li-min", after["id"], "classify", **GENERAL, issue_point="优惠券丢失")
    assert sorted_out["issue_point"] == "coupon-lost"


async def test_a_version_without_a_list_takes_any_code_as_before(sandbox: Desk) -> None:
    path = "/v1/procedures/kf0001/versions"
    [current, *_] = done(await sandbox.get("admin", path))["items"]
    text: str = done(await sandbox.get("admin", f"{path}/{current['version']}"))["content"]
    start, end = text.index("\nissue_points:"), text.index("\nseverities:")
    bare = text[:start] + text[end:]
    named = bare.replace(f"version: {current['version']}", "version: A/9.9")
    done(await sandbox.post("admin", path, {"content": named}), 201)
    taken = await sandbox.receive(issue_point="late-money")
    assert (await sandbox.step("li-min", taken["id"], "classify", **GENERAL))["issue_point"] == "late-money"
