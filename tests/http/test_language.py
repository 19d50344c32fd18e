"""`Accept-Language`: which language an answer is in, and where it matters."""

from __future__ import annotations

import pytest
from fastapi import Request

from app.http.protocol.language import language_of
from domain.titles import Language


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
