"""One line of the table that `python -m bench` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured value; `target` is empty and `met` None for values that are only there to be read."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None
