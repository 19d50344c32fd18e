"""What a sentence says of many things."""

import pytest

from domain.titles import Title
from wording.sentences import MOST_LISTED, sentence

MANY = {f"unit-{number}": Title(f"单位{number}", f"Unit {number}") for number in range(2000)}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_more_than_anybody_reads_the_first_are_listed(language: str) -> None:
    for things in (MANY, tuple(MANY)):
        said = sentence(Title("可用 {known}。", "Write one of {known}."), language, known=things)  # type: ignore[arg-type]
        assert said.endswith(("、…。", ", …."))
        assert said.count("unit-") == MOST_LISTED


def test_a_hundred_things_are_all_listed() -> None:
    some = tuple(MANY)[:MOST_LISTED]
    assert sentence(Title("{known}", "{known}"), "en", known=some) == ", ".join(some)
