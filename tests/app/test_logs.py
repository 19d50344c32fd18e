"""What libraries log: without their words, and without what is nobody's failure."""

from __future__ import annotations

import json
import logging

import asyncpg
import pytest

from app.logs import _NamesOnly, is_of_interest

NOT_RETRIEVED = "Future exception was never retrieved\nfuture: <Future finished exception=…>"


def logged(message: str, error: Exception | None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, None)
    return logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, None, info)


@pytest.mark.parametrize(
    "error", [asyncpg.ConnectionDoesNotExistError("张三"), asyncpg.CannotConnectNowError(), OSError()]
)
def test_a_connection_lost_after_it_was_given_up_is_no_error_of_the_program(error: Exception) -> None:
    assert not is_of_interest(logged(NOT_RETRIEVED, error))


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (NOT_RETRIEVED, ValueError()), (NOT_RETRIEVED, asyncpg.UniqueViolationError()), (NOT_RETRIEVED, None),
        ("Task exception", asyncpg.ConnectionDoesNotExistError()),
    ],
)  # fmt: skip
def test_everything_else_is(message: str, error: Exception | None) -> None:
    assert is_of_interest(logged(message, error))


def test_a_library_is_named_and_its_words_are_not_repeated() -> None:
    line = _NamesOnly().format(logged("王五 was not found", ValueError("李四")))
    assert json.loads(line) == {"level": "error", "event": "library", "logger": "asyncio", "error": "ValueError"}
