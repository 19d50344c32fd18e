"""The handling opinion, the units and what they send back."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "OpinionNotDrafted": RefusalWords(
        Title(
            "请先拟定处理意见：责任单位要确认的就是它。",
            "Draft the handling opinion first: it is what the responsible units are asked to confirm.",
        )
    ),
    "OpinionNotAsked": RefusalWords(
        Title("没有等待答复的处理意见。", "There is no handling opinion that waits for an answer.")
    ),
    "UnitNotAsked": RefusalWords(
        Title(
            "此单位未被派单；只有收到处理记录表的单位才能答复。",
            "This unit was not asked; only a unit that the record was sent to can answer.",
        )
    ),
    "UnitAlreadyAnswered": RefusalWords(
        Title(
            "此单位已经答复；重新答复须先修改处理意见。",
            "This unit has answered already; a new answer needs a revised opinion.",
        )
    ),
    "UnitMustBeNamed": RefusalWords(
        Title("可能涉及多个单位；请写明单位。", "Several units could be meant; name the unit.")
    ),
    "NotThePresentRevision": RefusalWords(
        Title(
            "处理意见已经修改；请阅读现行版本后再答复。",
            "The opinion was revised meanwhile; read the present revision and answer that one.",
        ),
        {
            "present": Title("现行的是第 {present} 版。", "It is revision {present}."),
        },
    ),
    "NothingDisputed": RefusalWords(
        Title("没有单位对处理意见提出异议，无须裁定。", "No unit disputes the opinion, so there is nothing to rule on.")
    ),
    "OpinionStillDisputed": RefusalWords(
        Title(
            "处理意见尚有异议；须在裁定之后，或修改后的处理意见获得确认之后，才能执行。",
            "The opinion is disputed; it can be executed after the ruling, or after the revised opinion is confirmed.",
        )
    ),
    "OpinionNotYetConfirmed": RefusalWords(
        Title(
            "处理意见尚未定案：须先由每个被派单的责任单位确认。",
            "The opinion is not final: every unit that was asked has to confirm it first.",
        )
    ),
    "OpinionNotOverturned": RefusalWords(
        Title(
            "只有裁定不同意原意见之后，才能修改处理意见。", "An opinion is revised only after a ruling overturned it."
        )
    ),
    "RulingAlreadyIssued": RefusalWords(
        Title(
            "此异议已经裁定；现在须修改处理意见。",
            "This dispute has been ruled on already; the opinion has to be revised now.",
        )
    ),
    "RulingIsTheLastInstances": RefusalWords(
        Title(
            "异议轮次已达上限；现在只能由终裁人裁定。",
            "The bound of dispute rounds is reached; only the last instance can rule now.",
        ),
        {
            "role": Title("终裁人是{role:roles}。", "That is the role {role:roles}."),
        },
    ),
    "LiabilityMustSumTo100": RefusalWords(
        Title(
            "责任比例合计须为 100%，每个单位只列一次。",
            "Liability shares must sum to 100 per cent, each unit named once.",
        ),
        {
            "sum": Title("现合计为 {sum}%。", "They sum to {sum}."),
        },
    ),
    "NoRouteKnown": RefusalWords(
        Title(
            "请写明责任单位：本流程没有规定此分类派给哪个单位。",
            "Name the units: no route of this procedure leads from this category to one.",
        )
    ),
    "RouteWasReturned": RefusalWords(
        Title(
            "归口单位已经退单；请重新分类，或写明责任单位。",
            "The competent unit has sent the matter back; classify it anew, or name the units.",
        )
    ),
    "ReturnWindowOver": RefusalWords(
        Title(
            "退单期限已过；请处理此投诉，或申请延期。",
            "The time in which the matter could be sent back is over; handle it, or ask for an extension.",
        )
    ),
    "ReturnedByThisUnit": RefusalWords(
        Title(
            "此单位已经退单，只能查看和添加备注。",
            "This unit has sent the matter back; it may read it and add a note, and nothing else.",
        )
    ),
    "TakenFromThisUnit": RefusalWords(
        Title(
            "此投诉已从此单位撤回或改派，只能查看和添加备注。",
            "This case was taken from this unit; it may read it and add a note, and nothing else.",
        )
    ),
    "UnitHasItAlready": RefusalWords(
        Title("此单位已在办理此投诉；请改派给别的单位。", "This unit has the case already; name another one.")
    ),
    "LeadNotAsked": RefusalWords(
        Title("主办单位须是被派单的单位之一。", "The lead is one of the units that are asked.")
    ),
    "ReturnedBefore": RefusalWords(
        Title(
            "此单位已经退过单，又再次派给它：现在必须由该单位处理。",
            "This unit has sent the matter back before, and it was sent again: now it has to be handled there.",
        )
    ),
}
