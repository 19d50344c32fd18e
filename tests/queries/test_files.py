"""What a spreadsheet makes of a cell: no formula, no number that was none, and times as people read them."""

import pytest

from app.queries.cells import CellWords
from app.queries.files import defused
from app.queries.sla_pages import ClockRow
from procedures.library import Library

FORMULAS = (
    "=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u200b=1", "\ufeff=1", "\u202e=1",
    "\u3000＝1", "＝HYPERLINK(1)", "＋1", "－1", "＠A1", "﹢1", "\N{MINUS SIGN}1", "\x00=1", "+8613800000000",
)
NUMBERS = ("20260302000000001234", "013800000000", "007", "１２３４５６７８９０１２", " 123456789012 ")
PLAIN = ("", "12345", "0", "12 345", "a=1", "1=1", "KF0001-20260302-000001", "张三", "’=1", "12.50")


@pytest.mark.parametrize("text", FORMULAS)
def test_whatever_could_be_taken_for_a_formula_is_defused_whatever_stands_before_the_sign(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", NUMBERS)
def test_long_digit_strings_and_noughts_at_the_front_stay_text(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


def test_numbers_of_the_product_stay_numbers() -> None:
    assert [defused(value) for value in (-3, 123456789012, None)] == ["-3", "123456789012", ""]


def test_the_heading_of_a_time_names_the_zone_it_is_told_in() -> None:
    headings = CellWords(Library.ready(), "zh").headings(ClockRow)
    assert "到期时间（Asia/Shanghai）" in headings
