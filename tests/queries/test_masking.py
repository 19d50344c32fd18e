"""Masking, by the shortest and the longest that people give: enough to tell two apart, never enough to find one."""

from dataclasses import replace
from typing import Any

import pytest

from app.queries.masking import masked_name, masked_phone, seen_complainant, seen_text
from domain.procedure.procedure import Sight
from domain.values import Complainant

MASKING: tuple[Sight, ...] = ("texts", "none")
PERSON = Complainant(
    name="欧阳梦露", phone="+8613912345678", email="menglu@example.com", address="和平路甲5号", customer_no="C-778899"
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, None), ("", "*"), ("张", "张*"), ("张三", "张*"), ("王小明", "王**"), ("欧阳梦露", "欧***"),
        ("阿卜杜拉·买买提", "阿***"), ("Bartholomew Featherstone", "B***"),
    ],
)  # fmt: skip
def test_of_a_name_the_first_letter_is_shown_and_its_length_only_up_to_four(name: str | None, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (None, None), ("", "****"), ("1", "****"), ("12", "****"), ("110", "****"), ("1100", "****"),
        ("95598", "****98"), ("1234567890", "****90"),
        ("12345678901", "123456****8901"), ("+8613912345678", "+86139****5678"), ("+85291234567", "+85291****4567"),
    ],
)  # fmt: skip
def test_of_a_short_number_less_is_shown_and_of_the_shortest_nothing(phone: str | None, shown: str) -> None:
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("customer_no", "shown"),
    [("", "***"), ("7", "***"), ("C1", "***"), ("C-17", "***"), ("C-178", "***78"), ("C-778899", "***99")],
)
def test_of_a_customers_number_two_places_at_most_are_shown(customer_no: str, shown: str) -> None:
    assert seen_complainant(Complainant(customer_no=customer_no), "texts").customer_no == shown


@pytest.mark.parametrize("sight", MASKING)
def test_a_person_with_everything_is_masked_in_everything(sight: Sight) -> None:
    assert seen_complainant(PERSON, sight) == replace(
        PERSON, name="欧***", phone="+86139****5678", email="m***", address="***", customer_no="***99"
    )


@pytest.mark.parametrize("sight", MASKING)
@pytest.mark.parametrize("field", ["name", "phone", "email", "address", "customer_no"])
def test_what_a_person_did_not_give_is_not_made_up(sight: Sight, field: str) -> None:
    without: Any = {field: None}
    masked = seen_complainant(replace(PERSON, **without), sight)
    assert vars(masked) == {**vars(seen_complainant(PERSON, sight)), field: None}


@pytest.mark.parametrize("sight", MASKING)
def test_a_person_with_nothing_but_a_name_or_without_any_stays_so(sight: Sight) -> None:
    assert seen_complainant(Complainant(name="张三"), sight) == Complainant(name="张*")
    assert seen_complainant(Complainant(anonymous=True), sight) == Complainant(anonymous=True)


def test_who_may_see_all_sees_all() -> None:
    assert seen_complainant(PERSON, "all") == PERSON


@pytest.mark.parametrize("text", ["入金未到账", "", ["a", "b"], ("a",), {"account": "88001234"}, None])
def test_texts_are_shown_to_all_but_those_who_see_none(text: Any) -> None:
    for sight in ("all", "texts"):
        assert seen_text(text, sight) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x", "***"), ("", "***"), (["a", "b"], ["***"]), (("a",), ["***"]), ({"a": 1}, {}), (None, None)],
)
def test_of_texts_neither_words_nor_number_nor_keys_are_left(text: Any, shown: Any) -> None:
    assert seen_text(text, "none") == shown


def test_an_extension_is_hidden_with_its_number_and_keeps_two_people_apart() -> None:
    one, other = (masked_phone(f"+861088886666;ext={extension}") for extension in ("8001", "8002"))
    assert (one, other) == ("+86108****6666;ext=***1", "+86108****6666;ext=***2")
    assert masked_phone("+861088886666;ext=1") == "+86108****6666;ext=*"
