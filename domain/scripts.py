"""繁简: what is written in traditional characters reads as in simplified ones, so that both are compared and found.

Character by character, whatever stands beside it: a part of a text comes out as it does in the whole. Which character
stands for which is OpenCC's knowledge, read once, when the first Chinese character is asked for.
"""

import unicodedata
from functools import cache
from typing import Final

from opencc import OpenCC

# Traditional characters as Hong Kong writes them: those of Taiwan and of the mainland's own books are among them.
_FROM: Final = "hk2s"


def simplified(text: str) -> str:
    """The text with every traditional character as its simplified one; twice changes nothing more.

    Several may become one (髮 and 發 are 发), so it is for comparing and finding, never for showing.
    """
    return text if text.isascii() else text.translate(_SIMPLIFIED)


class _Simplified(dict[int, str]):
    """The letters that were asked for once, by code point; others are looked up. Nothing else has two scripts."""

    def __missing__(self, code: int) -> str:
        before, after = "", chr(code)
        if unicodedata.category(after) != "Lo":
            return after
        while after != before:  # 薴 is 苧 is 苎
            before, after = after, _converter().convert(after)
        self[code] = after
        return after


_SIMPLIFIED: Final = _Simplified()


@cache
def _converter() -> OpenCC:
    return OpenCC(_FROM)
