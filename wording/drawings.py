"""What stands in the drawings of procedures beside the names of steps, states and clocks."""

from typing import Final

from domain.titles import Title

HEADING: Final = Title("{title} ({code} {version})", "{title} ({code} {version})")
CALENDAR: Final = Title("工作日历 {code}", "calendar {code}")
SOURCE: Final = Title("依据 {source}", "source: {source}")
CONDITIONS: Final = Title("（{conditions}）", "({conditions})")
# Why a way leaves the path.
WHY: Final[dict[str, Title]] = {
    "unclassified": Title("误会或技术问题，解释即可", "a misunderstanding, explained"),
    "upheld": Title("维持原意见", "upheld"),
    "overturned": Title("不同意原意见", "overturned"),
    "new round": Title("开始新一轮", "a new round"),
    "dissatisfied": Title("客户不满意，开始新一轮", "dissatisfied: a new round"),
}
DRAWING: Final[dict[str, Title]] = {
    "open": Title("办理中", "open"),
    "anytime": Title("随时", "At any time"),
    "anytime-steps": Title("随时可做", "At any time"),
    "other-rules": Title("其他规则", "Other rules"),
    "other-ways": Title("其他走向", "other ways"),
    "path": Title("主流程", "the path"),
    "limits": Title("时限", "time limits"),
    "leads-on": Title("进入下一状态", "leads on"),
    "within": Title("状态内可做", "within a state"),
    "hard": Title("到期即超时", "hard"),
    "soft": Title("只预警", "warns only"),
    "until-settled": Title("至当场解决", "until settled on the spot"),
}
