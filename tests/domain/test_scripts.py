"""Traditional and simplified characters are one script to whoever compares."""

import pytest

from domain.scripts import simplified


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("王靜", "王静"), ("王静", "王静"), ("張偉", "张伟"), ("臺灣", "台湾"), ("衞裏裡", "卫里里"), ("薴", "苎"),
        ("Staff 7, agent-7", "Staff 7, agent-7"), ("ascii", "ascii"), ("", ""), ("\ud800が한é", "\ud800が한é"),
    ],
)  # fmt: skip
def test_every_traditional_character_reads_as_its_simplified_one(written: str, read: str) -> None:
    assert simplified(written) == read
    assert simplified(read) == read


def test_a_part_comes_out_as_it_does_in_the_whole() -> None:
    # OpenCC itself keeps the first character of 乾隆, and makes 干 of it elsewhere.
    text = "乾隆乾燥頭髮發展"
    assert simplified(text) == "".join(map(simplified, text))
