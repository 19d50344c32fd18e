"""The rows of a file, one after the other and never all at once: CSV (UTF-8 or GB18030), XLSX, or NDJSON.

A row is a mapping from column to what stands there: text, or in XLSX and NDJSON numbers, times and truth values too.
Rows are counted from 1, without the heading. Columns of objects within objects are written `complainant.name`.
"""

import csv
import io
import json
import zipfile
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Literal, cast

from domain.errors import Invalid

Row = Mapping[str, Any]
Format = Literal["csv", "xlsx", "ndjson"]
LONGEST_CELL: Final = 1_000_000  # characters
LOOKED_AT: Final = 1 << 20  # bytes read at a time to tell the encoding
MOST_UNPACKED: Final = 2 << 30  # bytes of a workbook
DELIMITERS: Final = ",;\t"

csv.field_size_limit(LONGEST_CELL)


class NotATable(Invalid):
    """Neither CSV, XLSX nor NDJSON, or without a heading."""


@dataclass(frozen=True)
class Table:
    """An opened file: how it is written (`encoding` of text alone), its columns, and its rows as they are read."""

    format: Format
    encoding: str | None
    columns: tuple[str, ...]
    rows: Iterator[Row]


def opened(file: IO[bytes]) -> Table:
    """A file from its beginning, which stays open as long as rows are read. Raises `NotATable`."""
    file.seek(0)
    begins = file.read(4)
    file.seek(0)
    if begins == b"PK\x03\x04":
        return _workbook(file)
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
    """UTF-8 where all of it is, else GB18030, which reads GBK and GB2312 too. Raises `NotATable` for neither."""
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
    reader = csv.reader(text, delimiter=delimiter)
    columns = _columns(next((row for row in reader if any(map(str.strip, row))), []))

    def rows() -> Iterator[Row]:
        for cells in reader:
            if any(cells):
                yield _as_row(columns, cells)

    return Table("csv", encoding, columns, rows())


def _workbook(file: IO[bytes]) -> Table:
    from openpyxl import load_workbook  # a third of a second, for those who need it

    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise NotATable("/file", too_large=True)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        cells = iter(book.worksheets[0].iter_rows(values_only=True))
    except NotATable:
        raise
    except Exception:  # whatever a spoilt workbook makes of the library
        raise NotATable("/file", workbook=True) from None
    heading = next((row for row in cells if any(cell is not None for cell in row)), ())
    columns = _columns(["" if cell is None else str(cell) for cell in heading])

    def rows() -> Iterator[Row]:
        for row in cells:
            if any(cell is not None for cell in row):
                yield _as_row(columns, ["" if cell is None else cell for cell in row])

    return Table("xlsx", None, columns, rows())


def _lines(text: io.TextIOWrapper, encoding: str) -> Table:
    columns: dict[str, None] = {}
    for _, line in zip(range(200), text, strict=False):
        columns.update(dict.fromkeys(_read(line)))
    text.seek(0)

    def rows() -> Iterator[Row]:
        for line in text:
            if line.strip():
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


def _columns(heading: list[str]) -> tuple[str, ...]:
    """The names of the columns, each once: a second one of a name has its number behind it."""
    names: list[str] = []
    for number, cell in enumerate(heading, 1):
        name = cell.lstrip("\ufeff").strip() or f"#{number}"
        names.append(name if name not in names else f"{name} ({number})")
    if not names:
        raise NotATable("/file", heading=True)
    return tuple(names)


def _as_row(columns: tuple[str, ...], cells: list[Any]) -> dict[str, Any]:
    row = dict(zip(columns, cells, strict=False))
    for number, cell in enumerate(cells[len(columns) :], len(columns) + 1):
        if cell not in ("", None):
            row[f"#{number}"] = cell  # beyond the heading: kept, whatever it is
    return row
