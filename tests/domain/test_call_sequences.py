"""Which of the numbers of a source's events are missing, in whatever order they were heard."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from domain.call.sequences import Stretch, gaps_between, joined, number_of

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def heard(*numbers: int) -> list[Stretch]:
    return [Stretch(number, number, START + timedelta(seconds=number)) for number in numbers]


def test_what_lies_between_two_numbers_that_were_heard_is_missing() -> None:
    [gap] = gaps_between(heard(7, 10))
    assert (gap.first, gap.last, gap.missing, gap.noticed_at) == (8, 9, 2, START + timedelta(seconds=10))


def test_nothing_is_missing_before_the_first_that_was_heard_nor_where_one_was_heard_twice() -> None:
    assert gaps_between(heard(41, 42, 42, 43)) == []
    assert gaps_between([]) == []


@pytest.mark.parametrize("order", list(permutations((1, 2, 4, 5, 9))))
def test_the_order_in_which_they_were_heard_makes_no_difference(order: tuple[int, ...]) -> None:
    stretches: list[Stretch] = []
    for number in order:
        stretches = joined([*stretches, *heard(number)])
    assert [(one.first, one.last) for one in stretches] == [(1, 2), (4, 5), (9, 9)]
    assert [(gap.first, gap.last) for gap in gaps_between(stretches)] == [(3, 3), (6, 8)]


def test_a_number_that_comes_late_closes_its_gap() -> None:
    assert gaps_between(joined([*heard(1, 3), *heard(2)])) == []


@pytest.mark.parametrize(("said", "number"), [("0042", 42), ("7", 7), (None, None), ("a-1", None), ("9" * 19, None)])
def test_only_numbers_are_counted(said: str | None, number: int | None) -> None:
    assert number_of(said) == number
