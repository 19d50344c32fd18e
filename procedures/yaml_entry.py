"""YAML read so that every mistake in it can be named by line and field: `compose` gives the top entry of a file.

A file is one plain tree: aliases, deep nesting and huge files are refused before anything is built from them.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

import yaml

from domain.limits.calendar import FIRST_YEAR, LAST_YEAR

# Generous for a file that a person writes; a bomb of aliases or brackets is far beyond it or refused outright.
MOST_CHARACTERS: Final = 400_000
DEEPEST: Final = 20
MOST_COMPARED: Final = 200
CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
CODE_FORM: Final = "A code has at most 40 small letters, digits and hyphens, and begins with a letter."
# PostgreSQL cannot store U+0000, UTF-8 cannot encode half a surrogate pair, and nobody can read the others.
_UNREADABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
# libyaml's parser is ten times as fast; PyYAML may be installed without it.
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Mistake(ValueError):
    """A file is wrong at `line` (from 1), in `field` (a path such as `clocks[3].limit`; empty: the file)."""

    def __init__(self, line: int, field: str, message: str) -> None:
        super().__init__(f"line {line}, {field or 'file'}: {message}")
        self.line, self.field, self.message = line, field, message


@dataclass(frozen=True, slots=True)
class Entry:
    """A YAML node and the path that led to it, so that every complaint about it can say where it stands.

    Its methods raise the `kind` of mistake that the file's reader names. `fields` hands its mistakes to `report`
    instead where that is given, and goes on with what is right.
    """

    node: yaml.Node
    path: str
    kind: type[Mistake]

    def error(self, message: str) -> Mistake:
        return self.kind(self.node.start_mark.line + 1, self.path, message)

    def within(self, node: yaml.Node, step: str) -> "Entry":
        return Entry(node, f"{self.path}{step}".lstrip("."), self.kind)

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag == "tag:yaml.org,2002:null"

    def text(self) -> str:
        """What is written here, whatever YAML would make of it: `no` and `1.0` are texts too."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null or not self.node.value.strip():
            raise self.error("Write a text here.")
        if _UNREADABLE.search(self.node.value):
            raise self.error("Write a text without control characters here.")
        return str(self.node.value)

    def code(self) -> str:
        if not CODE.fullmatch(self.text()):
            raise self.error(CODE_FORM)
        return self.text()

    def flag(self) -> bool:
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in {"true", "false"} or self.node.style:
            raise self.error("Write true or false here.")
        return bool(self.node.value == "true")

    def whole(self, least: int, most: int) -> int:
        if not _WHOLE.fullmatch(self.text()) or not least <= int(self.text()) <= most:
            raise self.error(f"Write a whole number from {least} to {most} here.")
        return int(self.text())

    def share(self) -> float:
        if not _NUMBER.fullmatch(self.text()) or not 0 < float(self.text()) < 1:
            raise self.error("Write a share between 0 and 1 here, such as 0.8.")
        return float(self.text())

    def day(self) -> date:
        try:
            day = date.fromisoformat(self.text())
            if day.isoformat() != self.text():
                raise ValueError("another spelling of ISO 8601")
        except ValueError:
            raise self.error(f"{self.text()!r} is no date: write it as 2026-02-14.") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise self.error(f"Dates lie between {FIRST_YEAR} and {LAST_YEAR}.")
        return day

    def items(self) -> list["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("Write a list here.")
        return [self.within(node, f"[{index}]") for index, node in enumerate(self.node.value)]

    def fields(
        self, allowed: Collection[str] | None = None, report: Callable[[Mistake], None] | None = None
    ) -> dict[str, "Entry"]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("Write fields here, each as `name: value`.")
        found: dict[str, Entry] = {}
        for key_node, node in self.node.value:
            try:
                key = Entry(key_node, self.path, self.kind).text()
                named = self.within(key_node, f".{key}")
                if allowed is not None and key not in allowed:
                    hint = did_you_mean(key, allowed) or self._comma_hint(node)
                    raise named.error(f"There is no such field; there are {', '.join(allowed)}.{hint}")
                if key in found:
                    raise named.error("The field stands here a second time.")
                found[key] = self.within(node, f".{key}")
            except self.kind as mistake:
                if report is None:
                    raise
                report(mistake)
        return found

    def _comma_hint(self, node: yaml.Node) -> str:
        # {en: Whole case, general} has a field "general" without a value.
        return " A text with a comma in it stands in quotes." if self.within(node, "").is_null else ""

    def missing(self, name: str) -> Mistake:
        return self.within(self.node, f".{name}").error("The field is missing.")

    def require(self, fields: dict[str, "Entry"], name: str) -> "Entry":
        if name not in fields:
            raise self.missing(name)
        return fields[name]


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A sentence, with a space before it, that names the closest of the known words; empty when none is close."""
    close = get_close_matches(word, sorted(known), n=1) if len(known) <= MOST_COMPARED else []
    return f" Did you mean {close[0]}?" if close else ""


def compose(text: str, kind: type[Mistake]) -> Entry:
    """The top entry of the one document in the text. Raises the `kind` of mistake where it is no such YAML."""
    if len(text) > MOST_CHARACTERS:
        raise kind(1, "", f"The file is longer than {MOST_CHARACTERS} characters.")
    try:
        _check_tree(text, kind)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line, max(0, len(text.splitlines()) - 1)) if mark else 0
        raise kind(line + 1, "", _no_yaml(text, line, error)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise kind(line + 1, "", f"This is no YAML: {error.reason}.") from None
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start)
        raise kind(line + 1, "", "This is no YAML: half a character stands here.") from None
    except yaml.YAMLError as error:
        raise kind(1, "", f"This is no YAML: {error}.") from None
    if node is None:
        raise kind(1, "", "The file is empty.")
    return Entry(node, "", kind)


def _check_tree(text: str, kind: type[Mistake]) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise kind(line, "", f"Write the value out here: {event.anchor!r} would be an alias or its anchor.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise kind(line, "", f"Fields lie in one another more than {DEEPEST} deep.")


def _no_yaml(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    written = lines[line] if line < len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "Indent with spaces, not with tabs."
    return f"This is no YAML: {error.problem}."
