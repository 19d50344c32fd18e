"""YAML read so that every mistake in it can be named by line and field: `compose` gives the top entry of a file.

A file is one plain tree: aliases, deep nesting and huge files are refused before anything is built from them.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

import yaml

from domain.limits.calendar import FIRST_YEAR, LAST_YEAR
from domain.titles import Language
from wording.files import FILE, file_mistake_in_words

# Generous for a file that a person writes; a bomb of aliases or brackets is far beyond it or refused outright.
MOST_CHARACTERS: Final = 400_000
DEEPEST: Final = 20
MOST_COMPARED: Final = 200
CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
# PostgreSQL cannot store U+0000, UTF-8 cannot encode half a surrogate pair, and nobody can read the others.
_UNREADABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
# libyaml's parser is ten times as fast; PyYAML may be installed without it.
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Mistake(ValueError):
    """A file is wrong at `line` (from 1), in `field` (a path such as `clocks[3].limit`; empty: the file).

    What is wrong is a code with its facts; the words are in wording/files.py.
    """

    def __init__(self, line: int, field: str, code: str, facts: Mapping[str, object]) -> None:
        super().__init__(line, field, code, facts)
        self.line, self.field, self.code, self.facts = line, field, code, facts

    def __str__(self) -> str:
        return f"line {self.line}, {self.field or FILE.en}: {self.in_words('en')}"

    def in_words(self, language: Language) -> str:
        return file_mistake_in_words(self.code, self.facts, language)


@dataclass(frozen=True, slots=True)
class Entry:
    """A YAML node and the path that led to it, so that every complaint about it can say where it stands.

    Its methods raise the `kind` of mistake that the file's reader names. `fields` hands its mistakes to `report`
    instead where that is given, and goes on with what is right.
    """

    node: yaml.Node
    path: str
    kind: type[Mistake]

    def error(self, code: str, /, **facts: object) -> Mistake:
        """One of the mistakes in wording/files.py."""
        return self.kind(self.node.start_mark.line + 1, self.path, code, facts)

    def within(self, node: yaml.Node, step: str) -> "Entry":
        return Entry(node, f"{self.path}{step}".lstrip("."), self.kind)

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag == "tag:yaml.org,2002:null"

    def text(self) -> str:
        """What is written here, whatever YAML would make of it: `no` and `1.0` are texts too."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null or not self.node.value.strip():
            raise self.error("no-text")
        if _UNREADABLE.search(self.node.value):
            raise self.error("control-characters")
        return str(self.node.value)

    def code(self) -> str:
        if not CODE.fullmatch(self.text()):
            raise self.error("code-form")
        return self.text()

    def flag(self) -> bool:
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in {"true", "false"} or self.node.style:
            raise self.error("no-flag")
        return bool(self.node.value == "true")

    def whole(self, least: int, most: int) -> int:
        if not _WHOLE.fullmatch(self.text()) or not least <= int(self.text()) <= most:
            raise self.error("no-whole-number", least=least, most=most)
        return int(self.text())

    def share(self) -> float:
        if not _NUMBER.fullmatch(self.text()) or not 0 < float(self.text()) < 1:
            raise self.error("no-share")
        return float(self.text())

    def day(self) -> date:
        try:
            day = date.fromisoformat(self.text())
            if day.isoformat() != self.text():
                raise ValueError("another spelling of ISO 8601")
        except ValueError:
            raise self.error("no-date", text=self.text()) from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise self.error("date-outside", first=FIRST_YEAR, last=LAST_YEAR)
        return day

    def items(self) -> list["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("no-list")
        return [self.within(node, f"[{index}]") for index, node in enumerate(self.node.value)]

    def fields(
        self, allowed: Collection[str] | None = None, report: Callable[[Mistake], None] | None = None
    ) -> dict[str, "Entry"]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("no-fields")
        found: dict[str, Entry] = {}
        for key_node, node in self.node.value:
            try:
                key = Entry(key_node, self.path, self.kind).text()
                named = self.within(key_node, f".{key}")
                if allowed is not None and key not in allowed:
                    close = closest(key, allowed)
                    # {en: Whole case, general} has a field "general" without a value.
                    comma = close is None and self.within(node, "").is_null
                    raise named.error("unknown-field", known=tuple(allowed), close=close, comma=comma)
                if key in found:
                    raise named.error("field-twice")
                found[key] = self.within(node, f".{key}")
            except self.kind as mistake:
                if report is None:
                    raise
                report(mistake)
        return found

    def missing(self, name: str) -> Mistake:
        return self.within(self.node, f".{name}").error("field-missing")

    def require(self, fields: dict[str, "Entry"], name: str) -> "Entry":
        if name not in fields:
            raise self.missing(name)
        return fields[name]


def closest(word: str, known: Collection[str]) -> str | None:
    """The known word that may have been meant; None where none is close."""
    close = get_close_matches(word, sorted(known), n=1) if len(known) <= MOST_COMPARED else []
    return close[0] if close else None


def compose(text: str, kind: type[Mistake]) -> Entry:
    """The top entry of the one document in the text. Raises the `kind` of mistake where it is no such YAML."""
    if len(text) > MOST_CHARACTERS:
        raise kind(1, "", "file-too-long", {"most": MOST_CHARACTERS})
    try:
        _check_tree(text, kind)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line, max(0, len(text.splitlines()) - 1)) if mark else 0
        raise kind(line + 1, "", *_no_yaml(text, line, error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise kind(line + 1, "", "no-yaml", {"message": error.reason}) from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start)
        raise kind(line + 1, "", "half-character", {}) from None
    except yaml.YAMLError as error:
        raise kind(1, "", "no-yaml", {"message": error}) from None
    if node is None:
        raise kind(1, "", "empty", {})
    return Entry(node, "", kind)


def _check_tree(text: str, kind: type[Mistake]) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise kind(line, "", "alias", {"anchor": event.anchor})
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise kind(line, "", "too-deep", {"most": DEEPEST})


def _no_yaml(text: str, line: int, error: yaml.MarkedYAMLError) -> tuple[str, dict[str, object]]:
    lines = text.splitlines()
    written = lines[line] if line < len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "tabs", {}
    return "no-yaml", {"message": error.problem}
