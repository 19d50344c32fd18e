"""What nobody can guess: the code a complainant asks with, and the numbers that are of no day's sequence."""

import re
from secrets import randbelow
from typing import Final

# Without those that are mistaken for each other when read out or written by hand: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
UNAMBIGUOUS: Final = "34679ACDEFGHJKMNPQRTWXY"
LENGTH: Final = 8  # 23^8 are 78,000,000,000
NO_CODE: Final = "-" * LENGTH
BETWEEN: Final = re.compile(r"[\s-]")


def new_query_code() -> str:
    """Eight characters, at random."""
    code, left = "", randbelow(len(UNAMBIGUOUS) ** LENGTH)  # one look at the system's randomness for all of them
    for _ in range(LENGTH):
        left, at = divmod(left, len(UNAMBIGUOUS))
        code += UNAMBIGUOUS[at]
    return code


def as_query_code(text: str) -> str:
    """As it is compared: small letters, blanks and hyphens make no difference."""
    return BETWEEN.sub("", text[:64]).upper()
