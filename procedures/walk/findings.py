"""What is found about a procedure by walking it: each with the place in its file, and a shortest example."""

import re
from dataclasses import dataclass, field
from typing import Any

from domain.titles import Language, Title
from procedures.yaml_entry import Mistake, compose
from wording.walks import finding_in_words


@dataclass(frozen=True)
class Finding:
    """`code` is one of the mistakes in wording/files.py, `place` a field of the file (`clocks[3]`; empty: the file).

    A warning keeps nobody from publishing the file.
    """

    code: str
    place: str
    facts: dict[str, Any] = field(default_factory=dict)
    example: tuple[Title, ...] = ()
    is_warning: bool = False


class Found(Mistake):
    """A finding at its line of the file."""

    def in_words(self, language: Language) -> str:
        return finding_in_words(self.code, self.facts, language)


def found_in(text: str, finding: Finding) -> Found:
    """The finding where the text of the procedure has what it is about; what follows from an entry of the text and is
    none itself (`steps.unlink`, of `link`) is found where it would stand.
    """
    entry = compose(text, Found)
    for name, index in re.findall(r"([a-z-]+)|\[(\d+)\]", finding.place):
        if name and name not in entry.fields():
            break
        entry = entry.fields()[name] if name else entry.items()[int(index)]
    facts = {**finding.facts, "example": finding.example}
    return Found(entry.node.start_mark.line + 1, finding.place, finding.code, facts)


@dataclass(frozen=True)
class Walked:
    """How far a walk came. `turns`: every way with up to so many turns was walked."""

    states: int
    turns: int
    is_whole: bool


@dataclass(frozen=True)
class Report:
    findings: tuple[Finding, ...]
    walked: Walked

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if not found.is_warning)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.is_warning)
