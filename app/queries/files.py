"""Whole lists as files: CSV and XLSX for people with a spreadsheet, NDJSON for programs. Memory stays bounded.

A list is read page by page while it is sent, so it is as long as it takes and no snapshot of one moment.
"""

import asyncio
import csv
import dataclasses
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, Final, cast

import msgspec
import xlsxwriter

from app.queries.paging import Rows
from domain.complaint.state import Owner, UnitState
from domain.errors import Invalid
from domain.procedure.titles import Title
from domain.values import ActedBy

BOM: Final = "\ufeff"  # without it, a spreadsheet takes UTF-8 Chinese for something else
STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_SHEET_ROWS: Final = 1_048_575
LONGEST_CELL: Final = 32_767
CHUNK: Final = 64 * 1024
DATE_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"


class TooManyRows(Invalid):
    """A sheet has 1048575 rows; narrow the list, or ask for text/csv."""


def flat(item: Any) -> dict[str, Any]:
    """A row of a list as columns: owner and actor become one column per field, lists become text."""
    columns: dict[str, Any] = {}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if isinstance(value, Owner | ActedBy):
            columns |= {f"{field.name}_{part.name}": getattr(value, part.name) for part in dataclasses.fields(value)}
        elif isinstance(value, Title):
            columns |= {f"{field.name}_zh": value.zh, f"{field.name}_en": value.en}
        elif isinstance(value, list) and all(isinstance(part, UnitState) for part in value):
            columns[field.name] = "; ".join(f"{part.unit} ({part.state})" for part in value)
        elif isinstance(value, dict | list | tuple):
            columns[field.name] = msgspec.json.encode(value).decode()
        else:
            columns[field.name] = value
    return columns


def columns_of(shape: type[Any]) -> list[str]:
    """The header of a list of such rows."""
    names: list[str] = []
    for field in dataclasses.fields(shape):
        parts: list[str] = []
        if field.type in (Owner, ActedBy, Title):
            parts = [f"{field.name}_{part.name}" for part in dataclasses.fields(cast(Any, field.type))]
        names += parts or [field.name]
    return names


def defused(value: Any) -> str:
    """A value as the text of a cell that no spreadsheet takes for a formula. Times are UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text = str(value)
    if isinstance(value, str) and text.startswith(STARTS_A_FORMULA):
        return f"'{text}"
    return text


async def csv_lines(rows: Rows[Any]) -> AsyncIterator[bytes]:
    """The list as CSV, with the byte order mark that a spreadsheet knows UTF-8 by."""
    yield (BOM + _csv_lines([columns_of(rows.shape)])).encode()
    async for page in rows.whole():
        yield _csv_lines([map(defused, flat(item).values()) for item in page]).encode()


async def ndjson_lines(rows: Rows[Any]) -> AsyncIterator[bytes]:
    """The list as one JSON object per line."""
    encoder = msgspec.json.Encoder()
    async for page in rows.whole():
        yield b"".join(encoder.encode(item) + b"\n" for item in page)


async def sheet(rows: Rows[Any]) -> AsyncIterator[bytes]:
    """The list as XLSX, written to a temporary file before this answers. Raises `TooManyRows`."""
    file = cast(IO[bytes], await asyncio.to_thread(tempfile.TemporaryFile))
    try:
        await _write_sheet(file, rows)
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


async def _write_sheet(file: IO[bytes], rows: Rows[Any]) -> None:
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    write = _cell_writer(sheet, book.add_format({"num_format": DATE_FORMAT}))
    sheet.write_row(0, 0, columns_of(rows.shape))
    sheet.freeze_panes(1, 0)
    number = 0
    try:
        async for page in rows.whole():
            if number + len(page) > MOST_SHEET_ROWS:
                raise TooManyRows("Accept")
            await asyncio.to_thread(_write_rows, write, number + 1, page)
            number += len(page)
    finally:
        await asyncio.to_thread(book.close)


def _write_rows(write: Callable[[int, int, Any], None], first: int, page: Sequence[Any]) -> None:
    for row, item in enumerate(page, first):
        for column, value in enumerate(flat(item).values()):
            write(row, column, value)


def _cell_writer(sheet: Any, as_time: Any) -> Callable[[int, int, Any], None]:
    def write(row: int, column: int, value: Any) -> None:
        match value:
            case None:
                return
            case bool():
                sheet.write_boolean(row, column, value)
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
