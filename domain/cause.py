"""Why the service did something by itself: a code and its numbers, never prose. The words are in wording/causes.py."""

from dataclasses import dataclass
from typing import Literal, Self

CauseCode = Literal[
    "severity", "category", "confidential", "returned", "evidence", "disputed", "plan-refused", "dissatisfied", "missed"
]  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """`count`: how many times it has happened; `subject`: the severity or the clock that it is about.

    `severity` and `kind` are the complaint's at that time, where they tell which clock of that name is meant.

    `code` is one of `CauseCode`, or one that a newer version knows.
    """

    code: str
    count: int | None = None
    subject: str | None = None
    severity: str | None = None
    kind: str | None = None

    @classmethod
    def of(cls, code: CauseCode, *, count: int | None = None, subject: str | None = None) -> Self:
        return cls(code, count, subject)

    @classmethod
    def missed(cls, clock: str, severity: str | None, kind: str) -> Self:
        """A clock of such a complaint was missed."""
        return cls("missed", subject=clock, severity=severity, kind=kind)
