"""What read models hold in place of what is personal: sealed columns, tags of people, hashes of what is looked for.

A column is sealed with the data key that seals its stream, and is the same bytes again for the same content.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import msgspec

from eventlog.sealing import CannotUnseal, DataKey, MasterKey

_ENCODER: Final = msgspec.json.Encoder()


class RowSeal:
    """Seals the rows of one stream; without its key (it was destroyed) nothing of it is written."""

    __slots__ = ("_found", "_key", "_last", "_master", "_stream")

    def __init__(self, master: MasterKey, stream: UUID, key: DataKey | None) -> None:
        self._master, self._stream, self._key = master, stream, key
        self._last: dict[str, tuple[Any, bytes]] = {}
        self._found: dict[tuple[str, str], int] = {}

    def column(self, name: str, content: Any) -> bytes | None:
        """The content sealed for this column. What is sealed hardly ever changes, so the last answer is kept."""
        if self._key is None:
            return None
        last = self._last.get(name)
        if last is None or last[0] != content:
            sealed = self._key.seal_column(_ENCODER.encode(content), column_of(self._stream, name))
            last = self._last[name] = content, sealed
        return last[1]

    def tags(self, people: Iterable[str]) -> list[str]:
        """What these are found by."""
        return list(dict.fromkeys(map(self._master.tag_of, people)))

    def place(self, name: str | None) -> str | None:
        """Where it happened, the same again for every stream: what rows are counted by."""
        return None if name is None else self._master.sealed_place(name)

    def lookup(self, kind: str, value: str) -> bytes:
        """What identifies a person, as people are looked up by it."""
        return self._master.lookup_hash(kind, value)

    def found_by(self, sought: Iterable[tuple[str, str]]) -> list[int]:
        """Of each kind and value the beginning of its `lookup`. They hardly ever change, and are kept."""
        return [self._found_by(one) for one in sought]

    def _found_by(self, sought: tuple[str, str]) -> int:
        known = self._found.get(sought)
        if known is None:
            known = self._found[sought] = shortened(self._master.lookup_hash(*sought))
        return known

    def gram_hashes(self, grams: Iterable[str]) -> list[int]:
        """What they are searched by, in ascending order, each once."""
        return sorted(set(self._master.gram_hashes(grams)))


def shortened(lookup: bytes) -> int:
    """What rows hold of a keyed hash: 64 bits of it, signed."""
    return int.from_bytes(lookup[:8], "big", signed=True)


def opened_column(stream: UUID, name: str, sealed: bytes | None, key: DataKey | None) -> Any:
    """What was sealed; None where it does not open or the key is gone."""
    if sealed is None or key is None:
        return None
    try:
        return msgspec.json.decode(key.unseal_column(sealed, column_of(stream, name)))
    except CannotUnseal:
        return None


def column_of(stream: UUID, name: str) -> bytes:
    """What a sealed column is bound to: its stream and itself."""
    return f"{stream}/reading/{name}".encode()
