"""同一客户: when two complaints are one customer's."""

from itertools import permutations
from typing import Any

import pytest

from domain.complaint.customers import customers_among, identifiers_of, is_same_customer, known_by, spelled
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


def told_apart(**complaints: dict[str, Any]) -> set[str]:
    """Whose complaints are one customer's, in whatever order they are asked for: `ab` and `c`."""
    found = {
        frozenset(
            "".join(sorted(order[number] for number in numbers))
            for numbers in customers_among([known_by(Complainant(**complaints[name])) for name in order])
        )
        for order in permutations(complaints)
    }
    assert len(found) == 1
    return set(found.pop())


def test_those_with_one_customer_number_are_one_customers_whatever_else_they_gave() -> None:
    assert told_apart(a=NUMBER | PHONE | WANG, b=NUMBER | MAIL, c=NUMBER | LI) == {"abc"}
    assert told_apart(a=MAIL | PHONE, b=MAIL, c=OTHER_MAIL) == {"ab", "c"}
    assert told_apart(a=PHONE, b=PHONE | WANG, c=PHONE | LI) == {"abc"}


def test_who_gave_less_belongs_to_the_one_customer_whom_it_fits() -> None:
    assert told_apart(a=PHONE, b=PHONE | MAIL, c=MAIL | NUMBER) == {"abc"}
    assert told_apart(a=PHONE | WANG, b=PHONE | NUMBER | LI) == {"ab"}
    assert told_apart(a=MAIL | PHONE, b=PHONE | NUMBER) == {"ab"}


def test_strangers_at_one_telephone_stay_two_also_where_somebody_called_who_might_be_either() -> None:
    strangers = {"a": PHONE | NUMBER | WANG, "b": PHONE | OTHER_NUMBER | LI}
    assert told_apart(**strangers) == {"a", "b"}
    assert told_apart(**strangers, c=PHONE) == {"a", "b", "c"}
    assert told_apart(**strangers, c=PHONE | WANG, d=PHONE | LI) == {"ac", "bd"}
    assert told_apart(**strangers, c=PHONE | MAIL, d=PHONE | {"name": "赵六"}) == {"a", "b", "c", "d"}


def test_one_name_at_one_telephone_joins_what_was_taken_down_under_two_numbers() -> None:
    assert told_apart(a=PHONE | NUMBER | WANG, b=PHONE | OTHER_NUMBER | {"name": "王 五"}, c=OTHER_NUMBER) == {
        "a", "bc"
    }  # fmt: skip
    assert told_apart(a=PHONE | NUMBER | {"name": "張三"}, b=PHONE | OTHER_NUMBER | {"name": "张三"}) == {"ab"}


def test_who_gave_nothing_but_a_name_is_nobody_elses_customer() -> None:
    assert told_apart(a=WANG, b=WANG, c=WANG | PHONE) == {"a", "b", "c"}
    assert customers_among([]) == []


def test_a_name_is_looked_for_in_whatever_script_width_and_spacing() -> None:
    assert spelled("張 三") == spelled("张三") == "张三"
    assert spelled("Ｊohn  SMITH") == "johnsmith"
