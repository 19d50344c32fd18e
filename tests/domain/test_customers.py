"""同一客户: when two complaints are one customer's."""

from typing import Any

import pytest

from domain.complaint.customers import identifiers_of, is_same_customer, known_by
from domain.values import Complainant

PHONE, MAIL, NUMBER = {"phone": "+8613800000000"}, {"email": "a@example.com"}, {"customer_no": "K-1"}
OTHER_MAIL, OTHER_NUMBER = {"email": "b@example.com"}, {"customer_no": "K-2"}
WANG, LI = {"name": "王五"}, {"name": "李四"}


def is_one(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = known_by(Complainant(**one)), known_by(Complainant(**other))
    assert is_same_customer(first, second) == is_same_customer(second, first)
    return is_same_customer(first, second)


@pytest.mark.parametrize("shared", [PHONE, MAIL, NUMBER])
@pytest.mark.parametrize("one", [{}, PHONE, WANG])
@pytest.mark.parametrize("other", [{}, LI])
def test_anything_that_both_gave_will_do(shared: dict[str, str], one: dict[str, str], other: dict[str, str]) -> None:
    assert is_one(shared | one, shared | other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PHONE | MAIL, PHONE | OTHER_MAIL), (PHONE | NUMBER, PHONE | OTHER_NUMBER),
        (PHONE | WANG | MAIL, PHONE | LI | OTHER_MAIL), (MAIL | NUMBER, MAIL | OTHER_NUMBER),
    ],
)  # fmt: skip
def test_the_most_personal_that_both_gave_decides_between_strangers(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert not is_one(one, other)


def test_one_name_at_one_telephone_is_one_customer_though_a_number_was_taken_down_wrong() -> None:
    assert is_one(PHONE | WANG | NUMBER, PHONE | {"name": " 王五 "} | OTHER_NUMBER)
    assert is_one(PHONE | {"name": "Lisa Wang"} | MAIL, PHONE | {"name": "ＬＩＳＡ wang"} | OTHER_MAIL)


def test_nobody_is_the_customer_of_another_complaint_by_what_they_did_not_give() -> None:
    assert not is_one(WANG, WANG)
    assert not is_one(PHONE, MAIL)
    anonymous = Complainant(anonymous=True)
    assert (identifiers_of(anonymous), known_by(anonymous)) == ({}, {})
    assert not is_same_customer(known_by(anonymous), known_by(anonymous))


def test_letters_are_compared_in_whatever_case() -> None:
    assert is_one({"email": "A@Example.com"}, MAIL)
    assert is_one({"customer_no": "k-1"}, NUMBER)
