"""Whole lists as files: CSV and XLSX for people with a spreadsheet, NDJSON for programs. Memory stays bounded.

A list is read page by page while it is sent, so it is as long as it takes and no snapshot of one moment.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, Final, cast

import msgspec
import xlsxwriter

from app.queries.cells import CellWords
from app.queries.paging import Rows
from domain.errors import Invalid

BOM: Final = "\ufeff"  # without it, a spreadsheet takes UTF-8 Chinese for something else
STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_SHEET_ROWS: Final = 1_048_575
LONGEST_CELL: Final = 32_767
CHUNK: Final = 64 * 1024
DATE_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"


class TooManyRows(Invalid): ...


def defused(value: Any) -> str:
    """A value as the text of a cell that no spreadsheet takes for a formula. Times are UTC."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text = str(value)
    if isinstance(value, str) and text.startswith(STARTS_A_FORMULA):
        return f"'{text}"
    return text


async def csv_lines(rows: Rows[Any], words: CellWords) -> AsyncIterator[bytes]:
    """The list as CSV, with the byte order mark that a spreadsheet knows UTF-8 by."""
    before = BOM + _csv_lines([words.headings(rows.shape)])
    async for page in rows.whole():
        yield (before + _csv_lines([map(defused, words.cells(item)) for item in page])).encode()
        before = ""


async def ndjson_lines(rows: Rows[Any]) -> AsyncIterator[bytes]:
    """The list as one JSON object per line."""
    encoder = msgspec.json.Encoder()
    async for page in rows.whole():
        yield b"".join(encoder.encode(item) + b"\n" for item in page)


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
            case datetime():  # a sheet knows no zones: all of its times are UTC
                sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), as_time)
            case int() | float() | Decimal():
                sheet.write_number(row, column, value)
            case _:
                sheet.write_string(row, column, str(value)[:LONGEST_CELL])

    return write


def _csv_lines(rows: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
