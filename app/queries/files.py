"""Whole lists as files: CSV and XLSX for people with a spreadsheet, NDJSON for programs. Memory stays bounded.

A list is read page by page while it is sent, so it is as long as it takes and no snapshot of one moment.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final, cast
from unicodedata import normalize

import msgspec
import xlsxwriter

from app.queries.cells import CellWords
from app.queries.paging import Rows
from domain.errors import Invalid
from domain.identity import is_invisible

BOM: Final = "\ufeff"  # without it, a spreadsheet takes UTF-8 Chinese for something else
STARTS_A_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")  # in any width: some take ＝ for =
# Spreadsheets show the first digits of a longer number and forget the others, and drop the noughts before it.
LONGEST_NUMBER: Final = 11
MOST_SHEET_ROWS: Final = 1_048_575
LONGEST_CELL: Final = 32_767
CHUNK: Final = 64 * 1024
DATE_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"


class TooManyRows(Invalid): ...


def defused(value: Any) -> str:
    """A value as the text of a cell that no spreadsheet takes for a formula, or for a number where it is none."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and (_may_be_formula(text) or _may_be_number(text)) else text


def _may_be_formula(text: str) -> bool:
    """Whatever stands before the sign that nobody sees: blanks, ends of lines, marks of direction."""
    seen = next((one for one in text if not one.isspace() and not is_invisible(one)), "")
    return text[:1] in ("\t", "\r", "\n") or any(one in STARTS_A_FORMULA for one in normalize("NFKC", seen)[:1])


def _may_be_number(text: str) -> bool:
    digits = normalize("NFKC", text).strip()
    return digits.isascii() and digits.isdigit() and (len(digits) > LONGEST_NUMBER or (digits[0] == "0" < digits[1:]))


async def csv_lines(rows: Rows[Any], words: CellWords) -> AsyncIterator[bytes]:
    """The list as CSV, with the byte order mark that a spreadsheet knows UTF-8 by."""
    before = BOM + _csv_lines([words.headings(rows.shape)])
    async for page in rows.whole():
        yield (before + _csv_lines([map(defused, words.cells(item)) for item in page])).encode()
        before = ""


def _as_it_is(item: Any) -> Any:
    return item


async def ndjson_lines(rows: Rows[Any], shown: Callable[[Any], Any] = _as_it_is) -> AsyncIterator[bytes]:
    """The list as one JSON object per line; `shown` is what is said of a row."""
    encoder = msgspec.json.Encoder()
    async for page in rows.whole():
        yield b"".join(encoder.encode(shown(item)) + b"\n" for item in page)


async def sheet(rows: Rows[Any], words: CellWords) -> AsyncIterator[bytes]:
    """The list as XLSX, written to a temporary file before this answers. Raises `TooManyRows`."""
    file = cast(IO[bytes], await asyncio.to_thread(tempfile.TemporaryFile))
    try:
        await _write_sheet(file, rows, words)
    except BaseException:
        file.close()
        raise

    async def chunks() -> AsyncIterator[bytes]:
        try:
            file.seek(0)
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
        finally:
            file.close()

    return chunks()


async def _write_sheet(file: IO[bytes], rows: Rows[Any], words: CellWords) -> None:
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    write = _cell_writer(sheet, book.add_format({"num_format": DATE_FORMAT}))
    sheet.write_row(0, 0, words.headings(rows.shape))
    sheet.freeze_panes(1, 0)
    number = 0
    try:
        async for page in rows.whole():
            if number + len(page) > MOST_SHEET_ROWS:
                raise TooManyRows("Accept")
            await asyncio.to_thread(_write_rows, write, number + 1, [words.cells(item) for item in page])
            number += len(page)
    finally:
        await asyncio.to_thread(book.close)


def _write_rows(write: Callable[[int, int, Any], None], first: int, rows: Iterable[Iterable[Any]]) -> None:
    for row, cells in enumerate(rows, first):
        for column, value in enumerate(cells):
            write(row, column, value)


def _cell_writer(sheet: Any, as_time: Any) -> Callable[[int, int, Any], None]:
    def write(row: int, column: int, value: Any) -> None:
        match value:
            case None:
                return
            case datetime():  # a sheet knows no zones: the heading names that of its times
                sheet.write_datetime(row, column, value.replace(tzinfo=None), as_time)
            case int() | float() | Decimal():
                sheet.write_number(row, column, value)
            case _:
                sheet.write_string(row, column, str(value)[:LONGEST_CELL])

    return write


def _csv_lines(rows: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
