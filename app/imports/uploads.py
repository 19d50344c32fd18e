"""A file and its mapping, looked at before they are accepted."""

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import IO, Final

from app.imports.mapping import ImportMapping, MappingMistake, must_name_a_sheet, read_mapping, sheet_in
from app.imports.tables import opened
from app.imports.workbooks import sheets_of
from domain.errors import Invalid
from procedures.rules import Rules

READ_AT_ONCE: Final = 1 << 20
LOOKED_AT: Final = 2_000  # rows


class MappingWrong(Invalid):
    """`mistakes` say where and what; `pointer` is always /mapping."""

    def __init__(self, *mistakes: MappingMistake) -> None:
        super().__init__("/mapping")
        self.mistakes = mistakes


@dataclass(frozen=True)
class Checked:
    mapping: ImportMapping
    sha256: str


def checked(file: IO[bytes], mapping: str, rules: Rules) -> Checked:
    """Raises `NotATable`, `MappingWrong`."""
    try:
        sheet = sheet_in(mapping)
        table = opened(file, sheet)
        if table.format == "xlsx":
            must_name_a_sheet(mapping, sheets_of(file))
        read = read_mapping(mapping, rules, table.columns)
        for _ in islice(table.rows, LOOKED_AT):
            pass  # what cannot be read at all is refused at once
    except MappingMistake as mistake:
        raise MappingWrong(mistake) from None
    file.seek(0)
    hashed = sha256()
    while part := file.read(READ_AT_ONCE):
        hashed.update(part)
    return Checked(read, hashed.hexdigest())
