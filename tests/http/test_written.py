"""How values are written in bodies: in one spelling, in every command there is."""

import json
from dataclasses import fields, make_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest

from app.http.protocol.body import adapter_of, parse
from app.http.protocol.problems import Problem
from domain.complaint.steps import STEPS
from domain.incident.steps import INCIDENT_STEPS
from domain.values import Complainant, Line, Money, Score, Text, as_one_line, is_one_line, is_plain_text

Every = make_dataclass("Every", [
    (name, kind | None, None)
    for name, kind in {"at": datetime, "day": date, "money": Money, "score": Score}.items()
], frozen=True)  # fmt: skip


def taken(**written: Any) -> Any:
    return parse(json.dumps(written).encode(), adapter_of(Every))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("money", text) for text in (
            "1_0", "１２", "1e2", "1E2", "+5", " 5", "5 ", "NaN", "Infinity", "-Infinity", "0x1", "5.", ".5",
            "1,000", "", "007", "٣", "100.000", "12.505", "-0", "-0.00", True,
        )),
        *(("at", text) for text in (
            "1740000000", 1740000000, "2026-03-02", "2026-03-02T09:00Z", "2026-03-02t09:00:00Z", "2026-03-02T09:00:00z",
            "2026-03-02 09:00:00Z", "2026-03-02T09:00:00", "2026-03-02T24:00:00Z", "2026-03-02T09:00:00+0800",
            "2026-03-02T09:00:00+24:00", "２０２６-03-02T09:00:00Z", "2026-W10-1T09:00:00Z", "",
        )),
        *(("day", text) for text in ("20260302", "2026-3-2", "1740000000", "2026-03-02T00:00:00Z", 20260302)),
        *(("score", text) for text in (True, "5", 5.0, "٥")),
    ],
)  # fmt: skip
def test_another_spelling_of_a_value_is_refused(name: str, written: Any) -> None:
    with pytest.raises(Problem) as refused:
        taken(**{name: written})
    assert [(refused.value.status, one.pointer) for one in refused.value.wrong] == [(422, f"/{name}")]


@pytest.mark.parametrize("number", ["1e2", "1E+2", "1e0", "100.000", "12.505", "-0", "-0.0", "-0e1", "5e-1", "0.000"])
def test_another_spelling_of_an_amount_is_refused_without_quotes_too(number: str) -> None:
    for body in (f'{{"money": {number}}}', f'{{"score": "x", "money":{number} }}'):
        with pytest.raises(Problem) as refused:
            parse(body.encode(), adapter_of(Every))
        assert ("/money", "money-misspelt") in [(one.pointer, one.kind) for one in refused.value.wrong]


@pytest.mark.parametrize("number", ["100", "100.5", "0", "0.05", "12.50"])
def test_a_plain_number_is_an_amount(number: str) -> None:
    assert parse(f'{{"money": {number}}}'.encode(), adapter_of(Every)).money == Decimal(number)


def test_a_number_that_is_no_amount_may_have_an_exponent() -> None:
    answers = make_dataclass("Answers", [("facts", dict[str, int | float | str])], frozen=True)
    body = b'{"facts": {"share": 1e2, "length": 12.505, "name": "1e2 -0"}}'
    assert parse(body, adapter_of(answers)).facts == {"share": 100.0, "length": 12.505, "name": "1e2 -0"}


def test_the_one_spelling_is_taken() -> None:
    every = taken(at="2026-03-02T09:00:00.5+08:00", day="2026-03-02", money="12.50", score=5)
    assert (every.at.isoformat(), every.day, every.money, every.score) == (
        "2026-03-02T09:00:00.500000+08:00", date(2026, 3, 2), Decimal("12.50"), 5
    )  # fmt: skip
    assert taken(money=5).money == 5


COMMANDS: list[type[Any]] = [step.command for step in STEPS] + [
    *(step.command for step in INCIDENT_STEPS), Complainant
]  # fmt: skip
LINES = [
    (command, field.name)
    for command in COMMANDS
    for field in fields(command)
    if Line in (hint := get_type_hints(command, include_extras=True)[field.name], *get_args(hint))
]


TEXTS = [
    (command, name)
    for command in COMMANDS
    for name, hint in get_type_hints(command, include_extras=True).items()
    if Text in (hint, *get_args(hint))
]


@pytest.mark.parametrize("commanding", ["a\x1b[2J", "a\x07", "a\x0bb", "a\x9bb", "a\x7fb"])
@pytest.mark.parametrize(("command", "name"), TEXTS)
def test_no_text_of_any_command_commands_a_terminal(command: type[Any], name: str, commanding: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(json.dumps({name: commanding}).encode(), adapter_of(command))
    assert f"/{name}" in [one.pointer for one in refused.value.wrong]


def _text_fields() -> list[tuple[type[Any], str]]:
    def is_free(hint: Any) -> bool:
        return getattr(hint, "__origin__", None) is str or any(map(is_free, get_args(hint)))

    return [
        (command, name)
        for command in COMMANDS
        for name, hint in get_type_hints(command, include_extras=True).items()
        if is_free(hint)
    ]


@pytest.mark.parametrize("hidden", ["\u200b", "\u3164", "\u2060\ufeff", "\x07", "\x85\u200b", "\u2800", "\u0301"])
@pytest.mark.parametrize(("command", "name"), _text_fields())
def test_no_text_of_any_command_is_one_that_nobody_sees(command: type[Any], name: str, hidden: str) -> None:
    hint = get_type_hints(command, include_extras=True)[name]
    several = any(getattr(part, "__origin__", None) is tuple for part in (hint, getattr(hint, "__origin__", None)))
    with pytest.raises(Problem) as refused:
        parse(json.dumps({name: [hidden] if several else hidden}).encode(), adapter_of(command))
    assert any(one.pointer.startswith(f"/{name}") for one in refused.value.wrong)


@pytest.mark.parametrize("broken", ["a\nb", "a\r\nBcc: x", "a\u2028b", "a\u202eb", "a\tb", "a\x85b"])
@pytest.mark.parametrize(("command", "name"), LINES)
def test_no_line_of_any_command_breaks_or_turns(command: type[Any], name: str, broken: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(json.dumps({name: broken}).encode(), adapter_of(command))
    assert f"/{name}" in [one.pointer for one in refused.value.wrong]


def test_what_older_events_hold_is_put_into_one_line() -> None:
    assert as_one_line("a\r\nBcc: b\u202e ") == "a Bcc: b"
    assert is_one_line(as_one_line("a\u2028b"))
    assert is_plain_text("a\r\n\tb")
