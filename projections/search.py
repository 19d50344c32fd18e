"""Full-text search that also finds Chinese: texts are cut into characters and pairs of neighbouring characters.

A term is looked up by its pairs (a single character by itself) in an index of keyed hashes, and then checked as a whole
on the opened text. Widths, cases and scripts are levelled (NFKC, case folding, simplified characters), so 'ＡＢＣ' is
found by 'abc' and 臺灣 by 台湾.
"""

import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from operator import add

from domain.scripts import simplified

MAX_TERMS = 10


def levelled(texts: Iterable[str | None]) -> str:
    """The texts as they are searched: one line each, words separated by one space."""
    lines = (" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts if text)
    return simplified("\n".join(lines).replace("\0", ""))


def grams(text: str) -> set[str]:
    """The distinct characters and pairs of neighbouring characters of every word of a levelled text."""
    found: set[str] = set()
    for word in text.split():
        found.update(word)
        found.update(map(add, word, word[1:]))
    return found


def grams_of_term(term: str) -> list[str]:
    """What every text that holds this term has among its `grams`, and few others have."""
    return sorted(set(map("".join, pairwise(term)))) if len(term) > 1 else [term]


def terms(asked: str) -> list[str]:
    """The words asked for, levelled; all of them have to occur. Empty when nothing but space was asked for."""
    return levelled([asked]).split()[:MAX_TERMS]


def like(term: str) -> str:
    """The LIKE pattern for a text that contains the term."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
