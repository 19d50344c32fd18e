"""A file and its mapping, looked at before they are accepted."""

from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Final

from app.imports.mapping import ImportMapping, MappingMistake, read_mapping
from app.imports.tables import opened
from domain.errors import Invalid
from procedures.rules import Rules

READ_AT_ONCE: Final = 1 << 20


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
    table = opened(file)
    try:
        read = read_mapping(mapping, rules, table.columns)
    except MappingMistake as mistake:
        raise MappingWrong(mistake) from None
    file.seek(0)
    hashed = sha256()
    while part := file.read(READ_AT_ONCE):
        hashed.update(part)
    return Checked(read, hashed.hexdigest())
