"""Why the service did something by itself: a code and its numbers, never prose. The words are in wording/causes.py."""

from dataclasses import dataclass
from typing import Literal, Self

CauseCode = Literal[
    "severity", "category", "confidential", "returned", "evidence", "disputed", "plan-refused", "dissatisfied", "missed"
]  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """`count`: how many times it has happened; `subject`: the severity or the clock that it is about.

    `code` is one of `CauseCode`, or one that a newer version knows.
    """

    code: str
    count: int | None = None
    subject: str | None = None

    @classmethod
    def of(cls, code: CauseCode, *, count: int | None = None, subject: str | None = None) -> Self:
        return cls(code, count, subject)
