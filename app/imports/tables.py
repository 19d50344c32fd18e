"""The rows of a file, one after the other and never all at once: CSV (UTF-8 or GB18030), XLSX, or NDJSON.

A row is a mapping from column to what stands there: text, or in XLSX and NDJSON numbers, times and truth values too.
Rows are counted from 1, without the heading; a blank row between others is None, and blank rows at the end are none at
all. Columns of objects within objects are written `complainant.name`.
"""

import csv
import io
import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, Final, Literal, cast

from app.imports.broken import NotATable, RowUnreadable
from app.imports.workbooks import cells_of

Row = Mapping[str, Any]
Format = Literal["csv", "xlsx", "ndjson"]
LONGEST_CELL: Final = 1_000_000  # characters
LOOKED_AT: Final = 1 << 20  # bytes read at a time to tell the encoding
DELIMITERS: Final = ",;\t"
MOST_TITLES: Final = 3  # rows above the heading
ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"  # .xls, and whatever Office has encrypted
MARKS: Final = {BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}

csv.field_size_limit(LONGEST_CELL)


class SheetRow(dict[str, Any]):
    """A row of a sheet: `written` cells under a heading of `headed`."""

    written = headed = 0


@dataclass(frozen=True)
class Table:
    """An opened file: how it is written (`encoding` of text alone), its columns, and its rows as they are read."""

    format: Format
    encoding: str | None
    columns: tuple[str, ...]
    rows: Iterator[Row | None]


def opened(file: IO[bytes], sheet: str | None = None) -> Table:
    """A file from its beginning, which stays open as long as rows are read. `sheet`: which one of a workbook.

    Raises `NotATable`, and its rows `RowUnreadable`.
    """
    file.seek(0)
    begins = file.read(512)
    file.seek(0)
    if begins.startswith(ZIP):
        return _workbook(file, sheet)
    if begins.startswith(OLE):
        raise NotATable("/file", old_workbook=True)
    if begins.removeprefix(BOM_UTF8).lstrip()[:1] == b"<":
        raise NotATable("/file", web_page=True)
    encoding = _encoding_of(file)
    text = io.TextIOWrapper(cast(Any, _Unclosed(file)), encoding, newline="")
    first = next((line for line in text if line.strip()), "")
    text.seek(0)
    if first.lstrip().startswith("{"):
        return _lines(text, encoding)
    return _sheet(text, first, encoding)


class _Unclosed(io.BufferedIOBase):
    """Whoever reads the text does not close the file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    read = read1

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _encoding_of(file: IO[bytes]) -> str:
    """UTF-8 where all of it is, else GB18030, which reads GBK and GB2312 too; UTF-16 by its mark.

    Raises `NotATable` for none of them.
    """
    file.seek(0)
    marked = MARKS.get(file.read(2))
    if marked is not None:
        file.seek(0)
        return marked
    for encoding in ("utf-8", "gb18030"):
        decoder = getincrementaldecoder(encoding)()
        file.seek(0)
        has_mark = file.read(len(BOM_UTF8)) == BOM_UTF8
        file.seek(0)
        try:
            while part := file.read(LOOKED_AT):
                if "\0" in decoder.decode(part):
                    raise NotATable("/file", binary=True)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        file.seek(0)
        return "utf-8-sig" if has_mark and encoding == "utf-8" else encoding
    raise NotATable("/file", encoding=True)


def _sheet(text: io.TextIOWrapper, first: str, encoding: str) -> Table:
    delimiter = max(DELIMITERS, key=first.count)
    records = _records(csv.reader(text, delimiter=delimiter))
    heading, rest = _with_heading(records)
    columns = _columns(heading)
    return Table("csv", encoding, columns, _rows(columns, rest))


def _records(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The records, with a word for what the library cannot read: mostly a quote that is never closed."""
    number = -1  # the heading comes first
    try:
        for number, cells in enumerate(reader):  # noqa: B007 (where it stopped)
            yield cells
    except (csv.Error, UnicodeDecodeError):
        raise RowUnreadable(number + 1) from None


def _workbook(file: IO[bytes], sheet: str | None) -> Table:
    heading, records = _with_heading(cells_of(file, sheet))
    columns = _columns(["" if cell is None else str(cell) for cell in heading])
    filled = ([("" if cell is None else cell) for cell in cells] for cells in records)
    return Table("xlsx", None, columns, _rows(columns, filled))


def _with_heading(records: Iterator[Sequence[Any]]) -> tuple[Sequence[Any], Iterator[Sequence[Any]]]:
    """The heading, and what follows it. A title that stands alone above a table is none of the two."""
    first: list[Sequence[Any]] = []
    for cells in records:
        if not _is_blank(cells):
            first.append(cells)
        if sum(not _is_blank([cell]) for cell in cells) > 1:
            return first[-1], records
        if len(first) > MOST_TITLES:
            break
    return (first[0] if first else []), chain(first[1:], records)


def _rows(columns: tuple[str, ...], records: Iterable[Sequence[Any]]) -> Iterator[Row | None]:
    blank = 0
    for cells in records:
        if _is_blank(cells):
            blank += 1
            continue
        yield from (None for _ in range(blank))
        blank = 0
        yield _as_row(columns, cells)


def _is_blank(cells: Sequence[Any]) -> bool:
    return not any(cell.strip() if isinstance(cell, str) else cell is not None for cell in cells)


def _lines(text: io.TextIOWrapper, encoding: str) -> Table:
    columns: dict[str, None] = {}
    for _, line in zip(range(200), text, strict=False):
        columns.update(dict.fromkeys(_read(line)))
    text.seek(0)

    def rows() -> Iterator[Row | None]:
        blank = 0
        for line in text:
            if not line.strip():
                blank += 1
                continue
            yield from (None for _ in range(blank))
            blank = 0
            yield _read(line)

    return Table("ndjson", encoding, tuple(columns), rows())


def _read(line: str) -> dict[str, Any]:
    """An object as a row; a line that is none is an empty row, which is refused as such."""
    try:
        found = json.loads(line) if line.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return dict(_flat(found)) if isinstance(found, dict) else {}


def _flat(found: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", "" if value is None else value


def _columns(heading: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, each once: a second one of a name has its number behind it."""
    names: list[str] = []
    for number, cell in enumerate(heading, 1):
        name = " ".join(cell.lstrip("\ufeff").split()) or f"#{number}"
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    if not names:
        raise NotATable("/file", heading=True)
    return tuple(names)


def _as_row(columns: tuple[str, ...], cells: Sequence[Any]) -> Row:
    row = SheetRow(zip(columns, cells, strict=False))
    row.written, row.headed = len(cells), len(columns)
    for number, cell in enumerate(cells[len(columns) :], len(columns) + 1):
        if cell not in ("", None):
            row[f"#{number}"] = cell  # beyond the heading: kept, whatever it is
    return row
