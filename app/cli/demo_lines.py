"""Lines of the demo's timeline: Chinese and English in one text, broken where both may be broken."""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.text import Text

# What stays together: words and numbers of ASCII, with the blanks after them and Chinese punctuation, which must not
# begin a line; opening brackets go with what follows. Every other character may end a line.
PIECE: Final = re.compile(r"[（「《“]*(?:[!-~]+|[^ ])[，。；：、！？）」》” ]*")


def indented(text: Text, width: int, indent: int, hanging: int = 0) -> Iterator[Text]:
    """`text` in lines of at most `width` cells, each `indent` cells in, those after the first `hanging` more."""
    breaks, used, room = [], 0, width - indent
    for piece in PIECE.finditer(text.plain, len(text.plain) - len(text.plain.lstrip())):
        wide = cell_len(piece[0].rstrip())
        if used and used + wide > room:
            breaks.append(piece.start())
            used, room = 0, width - indent - hanging
        used += cell_len(piece[0]) + (piece.start() if not used and not breaks else 0)
    for number, line in enumerate(text.divide(breaks)):
        line.rstrip()
        yield Text(" " * (indent + (hanging if number else 0))) + line
