"""Why the service did something by itself, in words."""

from typing import Final

from domain.cause import Cause
from domain.procedure.procedure import Procedure
from domain.titles import Language, Title
from wording.procedures import clock_title, titled
from wording.sentences import sentence

CAUSES: Final[dict[str, Title]] = {
    "severity": Title("{subject}投诉，第一时间反馈", "{subject}: to be told at once"),
    "category": Title("此类投诉由其负责处理", "Decides on complaints of this category"),
    "confidential": Title("举报、检举件，及时向分管领导汇报", "A confidential matter: its circle is told at once"),
    "returned": Title("第{count}次退单", "Returned {count} times by units"),
    "evidence": Title("申诉并附核实材料", "Returned with evidence to be examined"),
    "disputed": Title(
        "{count}轮异议后仍未达成一致，由最高管理者裁定", "No agreement after {count} disputes: the last instance rules"
    ),
    "plan-refused": Title("客户第{count}次不同意处理方案", "The customer refused {count} plans"),
    "dissatisfied": Title("回访时客户第{count}次不满意", "Dissatisfied callbacks: {count}"),
    "missed": Title("{subject}超时", "{subject}: time limit missed"),
}


def cause_in_words(cause: Cause, procedure: Procedure, language: Language, *, rule: int | None = None) -> str:
    """One sentence; a code that only a newer version knows stands for itself.

    `rule`: where the rule of the clock stands that it is about, as far as that was noted.
    """
    template = CAUSES.get(cause.code)
    if template is None:
        return cause.code
    return sentence(template, language, count=cause.count, subject=_title(cause, procedure, rule))


def _title(cause: Cause, procedure: Procedure, rule: int | None) -> Title:
    """What the procedure calls the severity or clock."""
    code = cause.subject or ""
    if cause.code == "severity":
        return titled({name: severity.title for name, severity in procedure.severities.items()}, code)
    its_own = procedure.clock_at(rule)
    return clock_title(procedure, code) if its_own is None else its_own.title
