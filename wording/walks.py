"""What is said of a procedure that was walked through: the steps of an example, and how far the walk came."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording.refusals.sentence import RefusalWords
from wording.sentences import joined, sentence

STEP_BY: Final = Title("{step}（{notes}）", "{step} ({notes})")
ANONYMOUS: Final = Title("匿名", "anonymous")
LONG_AFTER: Final = Title("时限已过", "the time is over")
SAID: Final[Mapping[str, Title]] = {
    "agreed": Title("同意", "agreed"),
    "accepted": Title("接受", "accepted"),
    "reached": Title("联系上", "reached"),
    "satisfied": Title("满意", "satisfied"),
    "approved": Title("批准", "approved"),
    "effective": Title("有效", "effective"),
    "wrong": Title("有误", "wrong"),
    "matches": Title("相符", "matches"),
}
NOT: Final[Mapping[str, Title]] = {
    "agreed": Title("不同意", "not agreed"),
    "accepted": Title("不接受", "not accepted"),
    "reached": Title("未联系上", "not reached"),
    "satisfied": Title("不满意", "not satisfied"),
    "approved": Title("不批准", "not approved"),
    "effective": Title("无效", "not effective"),
    "wrong": Title("无误", "not wrong"),
    "matches": Title("不符", "does not match"),
}
WALKED_WHOLE: Final = Title("已走遍 {states} 个可达状态。", "Walked all of the {states} states that can be reached.")
WALKED_IN_PART: Final = Title(
    "已走过 {states} 个状态，至多 {turns} 个转折的路径均已走遍；其余未走。",
    "Walked {states} states: every way with up to {turns} turns (a dispute, a return, a second unit …), and no more.",
)
WALKED_HARDLY: Final = Title(
    "时间已到：只走过 {states} 个状态，连无转折的路径也未走遍。",
    "The time was over: walked {states} states, and not even every way without a turn.",
)
WARNING: Final = Title("{file}:{line}: {field}：提示：{message}", "{file}:{line}: {field}: warning: {message}")
WALKING: Final = Title("逐步推演", "Walking")
STATES: Final = Title("{states} 个状态", "{states} states")
EXAMPLE: Final = {"example": Title("例：{example:arrows}。", "For example: {example:arrows}.")}
STILL_MISSING: Final = Title("尚缺：{missing}。", "What is missing: {missing}.")
FINDINGS: Final[Mapping[str, RefusalWords]] = {
    "dead-end": RefusalWords(
        Title(
            "案件会停在无法结束之处：除客户撤诉外，谁也无法结案。",
            "A case gets to where nobody can end it, but the customer by withdrawing it.",
        ),
        {"missing": STILL_MISSING, **EXAMPLE},
    ),
    "wrong-unit": RefusalWords(
        Title(
            "派错单位的投诉无法再到正确的单位，也无法结束。",
            "A complaint that was sent to the wrong unit neither gets to the right one nor to an end.",
        ),
        EXAMPLE,
    ),
    "ends-over-money": RefusalWords(
        Title(
            "投诉结束时仍有款项未处理，此后谁也无法处理。",
            "A complaint ends over money that nobody can decide upon or pay any more.",
        ),
        {"missing": STILL_MISSING, **EXAMPLE},
    ),
    "money-left-undone": RefusalWords(
        Title(
            "此步骤之后须有“{following}”，而本文件无人可执行该步骤，款项因此无法了结。",
            "Nobody of the file may take the step that has to follow ({following}), so the money is never settled.",
        )
    ),
    "step-never-taken": RefusalWords(
        Title("任何人在任何状态下都无法执行此步骤。", "Nobody can ever take this step, in no state of a case.")
    ),
    "no-limit-runs": RefusalWords(
        Title("未结束的案件会处于没有任何时限的状态。", "A case that is open gets to where no limit runs that can be missed."),
        EXAMPLE,
    ),
    "limit-never-met": RefusalWords(
        Title("没有哪个步骤能使此时限停止。", "No step that anybody can take stops this limit.")
    ),
    "limit-never-runs": RefusalWords(Title("此时限从不开始。", "This limit never begins to run.")),
    "limits-not-kept-together": RefusalWords(
        Title(
            "各环节用足时限时无法按时完成“{clock}”（{limit}）：{others:clauses}。",
            "{clock} ({limit}) cannot be kept where the limits before it are used up: {others:clauses}.",
        )
    ),
}


def finding_in_words(code: str, facts: Mapping[str, object], language: Language) -> str:
    """What was found, and an example of it."""
    words = FINDINGS[code]
    added = (part for name, part in words.more.items() if facts.get(name))
    return joined((sentence(part, language, **facts) for part in (words.sentence, *added)), language)
