"""Refusals without a rule of their own."""

from collections.abc import Mapping
from typing import Final

from domain.procedure.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "Refused": RefusalWords(Title("现在不能这样做。", "The rules do not allow this now.")),
    "Forbidden": RefusalWords(Title("此密钥无权进行该操作。", "This key may not do that.")),
    "Invalid": RefusalWords(
        Title("请求的格式正确，但其中有的值无效。", "The request is well-formed, but a value in it is not valid.")
    ),
    "NotFound": RefusalWords(Title("没有这件投诉。", "There is no such complaint.")),
    "NoSuchVersion": RefusalWords(
        Title(
            "该投诉尚未达到此版本，或在该时间尚未受理。",
            "The complaint has not come to this version, or was not there yet at that time.",
        )
    ),
}
