"""The cells of a workbook's sheet, row by row. Nothing of it is held in memory whole: not its texts, not its rows.

What a person sees in it counts: a merged cell is filled in each row that it reaches, hidden sheets are none, and a
formula is its result. One whose result was never written into the file is refused: it would be read as nothing.
"""

import re
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Final

from app.imports.broken import NotATable, RowUnreadable

Cells = Sequence[Any]
MOST_UNPACKED: Final = 2 << 30  # bytes of a workbook
# No sheet that somebody wrote shrinks to less than a hundredth; what was made to fill a disk shrinks to a thousandth.
MOST_SHRUNK: Final = 200
SMALL: Final = 32 << 20  # bytes that do no harm, however much they shrink
CHUNK: Final = 1 << 20
LOOKED_AT: Final = 100  # rows
REACH: Final = 1 << 16  # bytes that a cell with its formula has at most, where it is looked for over two chunks
MOST_MERGED: Final = 100_000
Merged = dict[int, dict[int, int]]  # by first row and column the last row
MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):[A-Z]+(\d+)"')
WITHOUT_RESULT: Final = re.compile(
    rb'<c r="([A-Z]+\d+)"[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


def cells_of(file: IO[bytes], sheet: str | None = None) -> Iterator[Cells]:
    """Every row, also blank ones. Raises `NotATable`, and later `RowUnreadable`."""
    with zipfile.ZipFile(_checked(file)) as packed:
        try:
            book = _opened(file)
            chosen = _chosen(book, sheet)
            looks = _looks_of(packed, chosen._worksheet_path)
        except NotATable:
            raise
        except Exception:  # whatever a spoilt workbook makes of the library
            raise NotATable("/file", workbook=True) from None
    chosen.reset_dimensions()  # what a sheet says of its size may be wrong
    return _filled(_numbered(chosen.iter_rows()), looks)


def sheets_of(file: IO[bytes]) -> list[str]:
    """The names of the sheets that a person sees and that have rows under a heading. Raises `NotATable`."""
    try:
        return [one.title for one in _seen(_opened(_checked(file))) if _rows_in(one) > 1]
    except NotATable:
        raise
    except Exception:
        raise NotATable("/file", workbook=True) from None


def _checked(file: IO[bytes]) -> IO[bytes]:
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except Exception:
        raise NotATable("/file", workbook=True) from None
    swollen = any(part.file_size > max(SMALL, MOST_SHRUNK * part.compress_size) for part in parts)
    if swollen or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotATable("/file", too_large=True)
    return file


def _opened(file: IO[bytes]) -> Any:
    from openpyxl.reader.excel import ExcelReader  # a third of a second, for those who need it
    from openpyxl.xml.constants import SHARED_STRINGS

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            package: Any = self.package
            part = package.find(SHARED_STRINGS)
            if part is not None:
                with self.archive.open(part.PartName[1:]) as source:
                    self.shared_strings: Any = Texts(source)

    reader = Reader(file, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


class Texts:
    """The texts that the cells of a workbook share, on disk; where each begins in memory."""

    def __init__(self, source: IO[bytes]) -> None:
        from openpyxl.cell.text import Text
        from openpyxl.xml.constants import SHEET_MAIN_NS
        from openpyxl.xml.functions import iterparse

        self._file, self._begins = TemporaryFile(prefix="redress-import-"), array("Q", [0])
        elements = iterparse(source, ("start", "end"))
        _, root = next(elements)
        for when, element in elements:
            if when == "end" and element.tag == f"{{{SHEET_MAIN_NS}}}si":
                shared: Any = Text.from_tree(element)
                text = shared.content.replace("x005F_", "")
                self._begins.append(self._begins[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))
                root.clear()
        self._at = lru_cache(maxsize=10_000)(self._read)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._begins) - 1:
            raise IndexError(number)
        return self._at(number)

    def _read(self, number: int) -> str:
        self._file.seek(self._begins[number])
        return self._file.read(self._begins[number + 1] - self._begins[number]).decode("utf-8", "surrogatepass")


def _chosen(book: Any, name: str | None) -> Any:
    """The sheet of this name, or else the first that a person sees and that has rows under a heading."""
    seen = _seen(book)
    if name is not None:
        return next((one for one in seen if one.title.strip() == name), seen[0])
    for least in (2, 1):
        for one in seen:
            if _rows_in(one) >= least:
                return one
    return seen[0]


def _seen(book: Any) -> list[Any]:
    return [one for one in book.worksheets if one.sheet_state == "visible"] or list(book.worksheets)


def _rows_in(sheet: Any) -> int:
    """Of its first hundred rows those that are not blank: none, one, or two for all others."""
    found = 0
    for row in islice(sheet.iter_rows(values_only=True), LOOKED_AT):
        found += any(cell not in (None, "") for cell in row)
        if found > 1:
            break
    return found


def _looks_of(packed: zipfile.ZipFile, path: str) -> Merged:
    """The merged cells of a sheet. Raises `NotATable` for a formula without its result."""
    found: Merged = {}
    number = 0
    with packed.open(path) as source:
        before = b""
        while part := source.read(CHUNK):
            text = before + part
            if (formula := WITHOUT_RESULT.search(text)) is not None:
                raise NotATable("/file", formula=formula[1].decode())
            for match in MERGED.finditer(text):
                if match.end() > len(before) and number < MOST_MERGED:  # else it was found before
                    number += 1
                    found.setdefault(int(match[2]), {})[_column(match[1])] = int(match[3])
            before = text[-REACH:]
    return found


def _column(letters: bytes) -> int:
    """Counted from 0."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1


def _numbered(rows: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            yield number, [cell.value for cell in row]
    except Exception:  # whatever a spoilt sheet makes of the library
        raise RowUnreadable(number) from None


def _filled(rows: Iterator[tuple[int, list[Any]]], merged: Merged) -> Iterator[Cells]:
    """What stands in a merged cell stands in each row that it reaches."""
    reaching: dict[int, tuple[int, Any]] = {}  # by column: up to which row, and what
    for number, cells in rows:
        for column, last in merged.get(number, {}).items():
            reaching[column] = (last, cells[column] if column < len(cells) else None)
        for column, (last, value) in list(reaching.items()):
            if last < number:
                del reaching[column]
            elif column < len(cells) and cells[column] is None:
                cells[column] = value
        yield cells
