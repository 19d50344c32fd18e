"""What may have been meant by a code that does not exist."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, TypeVar

NEAR: Final = 0.6  # of the letters in common
MOST_NEAR: Final = 3
T = TypeVar("T")


def near(said: str, known: Mapping[str, T]) -> dict[str, T]:
    """Those that are written almost so, the nearest first, with what stands for them."""
    return {code: known[code] for code in get_close_matches(said, sorted(known), MOST_NEAR, NEAR)}
