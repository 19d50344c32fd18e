"""Reads on past every mistake of a YAML file, with a stand-in for each value that is wrong or left out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from procedures.yaml_entry import CODE, Entry, Mistake, closest

T = TypeVar("T")
Fields = Mapping[str, Entry]

MOST_MISTAKES: Final = 100


class TooManyMistakes(Exception):
    """The file has more mistakes than anybody reads."""


class Gatherer:
    """Gathers mistakes in `mistakes`; what it returned means nothing once there is one.

    Every method that reads may raise `TooManyMistakes`.
    """

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def add(self, mistake: Mistake) -> None:
        self.mistakes.append(mistake)
        if len(self.mistakes) >= MOST_MISTAKES:
            raise TooManyMistakes

    def value(self, fields: Fields, name: str, read: Callable[[Entry], T], otherwise: T) -> T:
        if name in fields:
            try:
                return read(fields[name])
            except Mistake as mistake:
                self.add(mistake)
        return otherwise

    def fields(self, entry: Entry, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Entry]:
        """The fields of an entry whose fields are named by the code."""
        try:
            found = entry.fields((*required, *optional), self.add)
        except Mistake as mistake:
            self.add(mistake)
            return {}
        for name in required:
            if name not in found:
                self.add(entry.missing(name))
        return found

    def mapping(self, fields: Fields, name: str, least: int = 1) -> dict[str, Entry]:
        """The entries of a section whose keys are named by the file."""
        nothing: dict[str, Entry] | None = None
        found = self.value(fields, name, lambda entry: entry.fields(None, self.add), nothing)
        if found is not None and len(found) < least:
            self.add(fields[name].error("none-named"))
        return found or {}

    def keys(self, fields: Fields, name: str) -> frozenset[str]:
        """The keys of a section whose mistakes are gathered elsewhere; none where it is left out or unreadable."""
        try:
            return frozenset(fields[name].fields(None, lambda mistake: None)) if name in fields else frozenset()
        except Mistake:
            return frozenset()

    def coded(self, fields: Fields, name: str, least: int = 1) -> dict[str, Entry]:
        """The entries of a section whose keys are codes."""
        entries = self.mapping(fields, name, least)
        for code, entry in entries.items():
            if not CODE.fullmatch(code):
                self.add(entry.error("code-form"))
        return entries

    def names(
        self, fields: Fields, name: str, known: Collection[str] | None = None, what: str = "name", least: int = 0
    ) -> tuple[str, ...]:
        """A list of words, each once; of the known ones where these are given."""
        nothing: list[Entry] | None = None
        entries = self.value(fields, name, Entry.items, nothing)
        if entries is not None and len(entries) < least:
            self.add(fields[name].error("none-of", what=what))
        found: dict[str, None] = {}
        for entry in entries or ():
            word = self.one_of({name: entry}, name, known, what)
            if word in found:
                self.add(entry.error("listed-twice", word=word))
            if word:
                found[word] = None
        return tuple(found)

    def one_of(self, fields: Fields, name: str, known: Collection[str] | None, what: str) -> str:
        """One word, of the known ones where these are given; empty where it is none of them."""
        word = self.value(fields, name, Entry.text, "")
        if word and known is not None and word not in known:
            self.add(unknown(fields[name], word, known, what))
            return ""
        return word


def unknown(entry: Entry, word: str, known: Collection[str], what: str) -> Mistake:
    """`what` it was to be is one of the nouns in wording/files.py."""
    listed = known if isinstance(known, tuple) else tuple(sorted(known))
    return entry.error("unknown", word=word[:60], what=what, known=listed, close=closest(word, known))
