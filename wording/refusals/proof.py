"""The proof of the history: what is not there, or not yet."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "NoSuchProof": RefusalWords(
        Title(
            "日志中没有这么多已封存的事件；position 从 1 起，不超过 size。",
            "The log has not so many sealed events; a position counts from 1 and is at most the size.",
        )
    ),
}
