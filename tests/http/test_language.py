"""`Accept-Language`: which language an answer is in, and where it matters."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final

import pytest
from fastapi import Request

from app.cli.language import spoken_language
from app.http.protocol.language import language_of
from domain.titles import Language
from tests.http.desk import Desk, problem
from wording.columns import COLUMNS


def asked(*headers: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-language", one.encode()) for one in headers]})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("zh", "zh"),
        ("en-US", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hant-TW", "zh"),
        ("EN-gb , ZH;q=0.5", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("fr-FR, en;q=0.1", "en"),
        ("en, zh", "en"),
        ("zh, en", "zh"),
        ("zh;q=0, *", "en"),
        ("zh;q=0.2, *;q=0.5", "en"),
        ("en;q=1.000", "en"),
    ],
)
def test_the_best_liked_language_is_chosen(header: str, language: Language) -> None:
    assert language_of("zh")(asked(header)) == language
    assert language_of("en")(asked(header)) == language


@pytest.mark.parametrize(
    "header", ["", "*", "fr", "*;q=0", "en;q=0", "en;q=0,zh;q=0", "en;q=2", "en;q=x", "english", ";;,,", "e" * 10_000]
)
@pytest.mark.parametrize("default", ["zh", "en"])
def test_what_names_neither_is_answered_in_the_language_of_the_deployment(header: str, default: Language) -> None:
    refused = header == "en;q=0"
    assert language_of(default)(asked(header)) == default or refused
    assert language_of("zh")(asked(header)) == "zh"


def test_several_headers_are_one_list() -> None:
    assert language_of("zh")(asked("fr;q=0.9", "en;q=0.8", "zh;q=0.7")) == "en"


def test_without_the_header_nothing_is_parsed() -> None:
    assert [language_of(default)(asked()) for default in ("zh", "en")] == ["zh", "en"]


CHINESE: Final = re.compile(r"[一-鿿]")
LATIN: Final = re.compile(r"[A-Za-z][a-z]+(?: [a-z]+){2,}")  # three words: a name of the contract has one or two
OTHERS: Final[tuple[tuple[Language, re.Pattern[str]], ...]] = (("en", CHINESE), ("zh", LATIN))


async def refusals(desk: Desk, id: str, language: str) -> list[dict[str, Any]]:
    """Problems of many kinds: of rules, of bodies, of parameters, of addresses."""
    headers = {"Accept-Language": language}
    asked: list[tuple[str | None, str, str, Any]] = [
        ("li-min", "POST", f"/v1/complaints/{id}/dispatch", {"units": ["settlement"]}),
        ("li-min", "POST", f"/v1/complaints/{id}/close", {"outcome": "x", "summary": "x"}),
        ("zhou-qi", "POST", f"/v1/complaints/{id}/classify", {"severity": "general"}),
        ("li-min", "POST", f"/v1/complaints/{id}/classify", {"severity": "grave", "category": "process.deposit"}),
        ("li-min", "POST", f"/v1/complaints/{id}/classify", {"severity": "general", "category": "weather"}),
        ("li-min", "POST", f"/v1/complaints/{id}/no-such-step", {}),
        ("li-min", "POST", f"/v1/complaints/{id}/draft-opinion", {"text": "", "more": 1}),
        ("li-min", "POST", f"/v1/complaints/{id}/record-callback", {"reached": "x", "means": "pigeon", "score": 11}),
        ("li-min", "POST", "/v1/complaints", {"procedure": "none", "channel": "phone", "subject": "x", "content": "x"}),
        ("li-min", "POST", "/v1/complaints", {"procedure": "Kf", "channel": "x", "subject": " ", "occurred_at": "x"}),
        ("li-min", "DELETE", "/v1/complaints", None),
        ("li-min", "GET", "/nowhere", None),
        ("li-min", "GET", "/v1/tracking?limit=1000&received_from=yesterday&cursor=AAAA", None),
        ("li-min", "GET", "/v1/tracking?cursor=AAAA", None),
        ("li-min", "GET", "/v1/sla?sort=mood", None),
        ("li-min", "GET", "/v1/audit/events?from=2026-03-02T09:00:00", None),
        ("li-min", "GET", "/v1/keys", None),
        ("li-min", "GET", "/v1/indicators/happiness", None),
        ("li-min", "GET", f"/v1/complaints/{id}/clocks/none/explanation", None),
        ("li-min", "GET", f"/v1/complaints/{id}?version=99", None),
        (None, "GET", "/v1/tracking", None),
    ]
    found = []
    for who, method, path, body in asked:
        answer = await desk.ask(who, method, path, body, headers=headers)
        assert answer.status_code >= 400, (method, path, answer.text)
        assert answer.headers["content-language"] == language
        assert answer.headers["vary"].split(", ")[0] == "Accept-Language"
        found.append(problem(answer, answer.status_code))
    return found


def said_by(document: dict[str, Any]) -> list[str]:
    more = [mistake["detail"] for mistake in document.get("errors", [])]
    return [document["title"], document["detail"], *more, *document.get("missing", [])]


async def test_no_sentence_of_a_problem_mixes_two_languages(desk: Desk) -> None:
    id = (await desk.receive())["id"]
    english, chinese = await refusals(desk, id, "en"), await refusals(desk, id, "zh")
    assert [one["type"] for one in english] == [one["type"] for one in chinese]
    assert [said for one in english for said in said_by(one) if CHINESE.search(said)] == []
    for one in chinese:
        for said in said_by(one):
            assert CHINESE.search(said), said
            assert not LATIN.search(said), said


async def test_whoever_asks_for_no_language_is_answered_in_that_of_the_deployment(desk: Desk) -> None:
    del desk.http.headers["Accept-Language"]
    answer = await desk.get("li-min", "/nowhere")
    assert answer.headers["content-language"] == "zh"
    assert problem(answer, 404)["title"] == "没有找到"
    assert (await desk.get("li-min", "/v1/indicators/volume")).headers["content-language"] == "zh"


async def test_files_have_headings_and_values_in_words_of_one_language(desk: Desk) -> None:
    complaint = await desk.dispatched("settlement")
    await desk.caught_up()
    codes = ("general", "dispatched", "settlement", "kf0001", "true", "false", "asked", "_", "running", "phone")
    for path in ("/v1/tracking", "/v1/sla", "/v1/indicators?by=unit"):
        for language, other in OTHERS:
            answer = await desk.get("zhao-jing", path, headers={"Accept": "text/csv", "Accept-Language": language})
            assert answer.headers["content-language"] == language
            rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert rows
            written = {heading: {row[heading] for row in rows} for heading in rows[0]}
            own = {COLUMNS[name].in_(language) for name in ("id", "number", "subject", "customer", "owner")}
            for heading, values in written.items():
                assert not other.search(heading)
                if heading not in own:
                    assert [value for value in values if other.search(value)] == []
                    assert values.isdisjoint(codes) or language == "en"
    answer = await desk.get("zhao-jing", "/v1/tracking", headers={"Accept": "text/csv", "Accept-Language": "zh"})
    [row] = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (row["编号"], row["状态"], row["责任单位"], row["是否超时"]) == (
        complaint["number"], "已派单", "结算部（待答复）", "否",
    )  # fmt: skip
    assert (row["严重程度"], row["受理渠道"], row["投诉内容分类"]) == ("一般", "电话", "入金")


async def test_an_explanation_is_told_in_the_reader_s_language(desk: Desk) -> None:
    id = (await desk.dispatched("settlement"))["id"]
    for language, other in OTHERS:
        answer = await desk.get(
            "li-min", f"/v1/complaints/{id}/clocks/unit-answers/explanation", headers={"Accept-Language": language}
        )
        assert answer.headers["content-language"] == language
        assert [part["note"] for part in answer.json()["intervals"] if other.search(part["note"])] == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "en_US", "REDRESS_LANGUAGE": "zh"}, "zh"),
        ({"LANG": "zh_CN", "REDRESS_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_US", "REDRESS_LANGUAGE": ""}, "en"),
    ],
)
def test_the_command_line_speaks_the_language_of_the_setting_or_of_the_locale(
    environment: dict[str, str], language: Language
) -> None:
    assert spoken_language(environment) == language
