"""Full-text search that also finds Chinese: texts are cut into pairs of neighbouring characters.

A term of two or more characters is looked up by its pairs in an index and then checked as a whole; a single character
is checked only. Widths and cases are levelled (NFKC, case folding), so 'ＡＢＣ' is found by 'abc'.
"""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

MAX_TERMS = 10


def levelled(texts: Iterable[str | None]) -> str:
    """The texts as they are searched: one line each, words separated by one space."""
    lines = (" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts if text)
    return "\n".join(lines).replace("\0", "")


def grams(text: str) -> list[str]:
    """The distinct pairs of neighbouring characters of every word of a levelled text, in a fixed order."""
    pairs: set[str] = set()
    for word in text.split():
        pairs.update(map("".join, pairwise(word)))
    return sorted(pairs)


def terms(asked: str) -> list[str]:
    """The words asked for, levelled; all of them have to occur. Empty when nothing but space was asked for."""
    return levelled([asked]).split()[:MAX_TERMS]


def like(term: str) -> str:
    """The LIKE pattern for a text that contains the term."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
