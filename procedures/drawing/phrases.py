"""The short phrases that both kinds of drawing share."""

from domain.procedure.procedure import Procedure
from procedures.drawing.flow import Passage
from procedures.wording import Language, said, severity_names

WHY = {
    "unclassified": ("误会或技术问题，解释即可", "a misunderstanding, explained"),
    "upheld": ("维持原意见", "upheld"),
    "overturned": ("不同意原意见", "overturned"),
    "new round": ("开始新一轮", "a new round"),
    "dissatisfied": ("客户不满意，开始新一轮", "dissatisfied: a new round"),
}


def heading(procedure: Procedure, language: Language) -> str:
    return f"{said(procedure.title, language)} ({procedure.code} {procedure.version})"


def way_words(procedure: Procedure, passage: Passage, language: Language) -> str:
    """When a way off the main path is taken; empty where the step says it all."""
    if passage.why:
        return WHY[passage.why][0 if language == "zh" else 1]
    return severity_names(procedure, passage.severities, language)
