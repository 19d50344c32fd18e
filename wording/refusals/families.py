"""Complaints that are not there."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "NotFound": RefusalWords(Title("没有这件投诉。", "There is no such complaint.")),
    "NoSuchVersion": RefusalWords(
        Title(
            "该投诉尚未达到此版本，或在该时间尚未受理。",
            "The complaint has not come to this version, or was not there yet at that time.",
        )
    ),
}
