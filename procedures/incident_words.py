"""What a procedure for incidents says beside its steps and clocks, in Chinese and English, for drawings and tables."""

from typing import Final

from domain.procedure.procedure import Procedure
from domain.procedure.titles import Title
from procedures.wording import MEANS, Language, role_names, said, word

INCIDENT_STAGES: Final[tuple[tuple[str, tuple[str, ...], str | None], ...]] = (
    ("ongoing", ("inform", "decide"), "restore"),
    ("restored", (), "close"),
    ("closed", (), None),
)


def incident_rules_told(procedure: Procedure, language: Language) -> list[tuple[str, str]]:
    """Each rule as a name and a sentence; none where the procedure is for complaints."""
    rules, chinese = procedure.incidents, language == "zh"
    if rules is None:
        return []
    found = []
    for kind, roles in rules.must_be_told.items():
        name = said(procedure.kinds.get(kind, Title(kind, kind)), language)
        told = role_names(procedure, roles, language)
        found.append((name, f"须告知{told}") if chinese else (name, f"must be told: {told}"))
    if rules.told_of_recovery:
        told = role_names(procedure, rules.told_of_recovery, language)
        by = ("、" if chinese else ", ").join(word(MEANS, means, language) for means in rules.recovery_told_by)
        found.append(
            ("恢复后告知", f"已获知的{told} ({by})")
            if chinese
            else ("told of the end", f"{told}, if they were told of it ({by})")
        )
    surge = rules.surge
    if surge is not None:
        often, days, least = f"{surge.multiple:g}", surge.days, surge.at_least
        found.append(
            ("呼入量异常增长", f"超过前 {days} 天同一小时均值的 {often} 倍, 且不少于 {least} 个")
            if chinese
            else ("call surge", f"over {often} times the mean of this hour on {days} days, and {least} calls at least")
        )
    return found
