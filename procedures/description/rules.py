"""The rules of a procedure beside its steps and clocks, each as one line: what it is about, and what it says here."""

from domain.procedure.procedure import Procedure
from procedures.description.needs import compensation_told, needs_told, ownership_told
from procedures.incident_words import incident_rules_told
from procedures.wording import (
    MEANS,
    STATES,
    Language,
    need_name,
    role_name,
    role_names,
    said,
    severity_names,
    spoken_limit,
    word,
)

Line = tuple[str, str]


def rules_told(procedure: Procedure, language: Language) -> list[Line]:
    """(subject, sentence) of every rule that can come to bear here, in the order in which a complaint meets them."""
    return [
        *_intake(procedure, language),
        *_handling(procedure, language),
        *ownership_told(procedure, language),
        *compensation_told(procedure, language),
        *_closing(procedure, language),
        *_reports(procedure, language),
        *incident_rules_told(procedure, language),
    ]


def _intake(procedure: Procedure, language: Language) -> list[Line]:
    chinese = language == "zh"
    found: list[Line] = []
    if not procedure.anonymous_allowed:
        found.append(("匿名", "不受理匿名投诉") if chinese else ("anonymous", "not taken"))
    for severity in procedure.severities.values():
        if severity.tell:
            name, told = severity_names(procedure, (severity.code,), language), severity.tell
            roles = role_names(procedure, told, language)
            found.append((f"{name}投诉", f"立即告知{roles}") if chinese else (f"{name}", f"told at once: {roles}"))
    for kind, circle in procedure.confidential_to.items():
        roles, title = role_names(procedure, circle, language), word(dict(procedure.kinds), kind, language)
        found.append((f"{title}保密", f"只有{roles}可见") if chinese else (f"{title}", f"seen by {roles} alone"))
    if procedure.duplicates_allowed:
        found.append(("重复受理", "不拦截") if chinese else ("duplicates", "are taken"))
    recurrence = procedure.recurrence
    if recurrence is not None:
        names = [severity_names(procedure, (code,), language) for code in (recurrence.severity, recurrence.raise_to)]
        count, months = recurrence.count, recurrence.months
        found.append(
            ("重复投诉", f"同一问题点 {months} 个月内第 {count} 次{names[0]}投诉升为{names[1]}")
            if chinese
            else (
                "recurrence",
                f"complaint {count} ({names[0]}) of one issue point within {months} month{'s' * (months > 1)} "
                f"is raised to {names[1]}",
            )
        )
    return found


def _handling(procedure: Procedure, language: Language) -> list[Line]:
    chinese = language == "zh"
    found: list[Line] = []
    if "dispute-opinion" in procedure.steps:
        last, rounds = role_name(procedure, procedure.last_instance, language), procedure.dispute_rounds
        found.append(
            ("异议轮次", f"最多 {rounds} 轮, 之后由{last}终裁")
            if chinese
            else ("dispute rounds", f"{rounds} at most, then {last} rules for good")
        )
    if procedure.return_window is not None:
        rule = procedure.clock_named(procedure.return_window)
        title = rule.title if rule is not None else None
        name = procedure.return_window if title is None else (title.zh if chinese else title.en)
        found.append(("退单", f"只在时限“{name}”内") if chinese else ("return", f"only within “{name}”"))
    found += _conditions(procedure, language)
    approved = tuple(code for code, severity in procedure.severities.items() if severity.approval)
    if approved:
        names = severity_names(procedure, approved, language)
        found.append(("审批", f"{names}投诉先审批后执行") if chinese else ("approval", f"{names}: before execution"))
    each = tuple(code for code, severity in procedure.severities.items() if severity.approval_of_each_unit)
    if each:
        names = severity_names(procedure, each, language)
        found.append(("审批", f"{names}投诉须各部门负责人审批") if chinese else ("approval", f"{names}: by every head"))
    if procedure.remedies:
        found.append(
            ("解决方式", "、".join(title.zh for title in procedure.remedies.values()))
            if chinese
            else ("remedies", ", ".join(title.en for title in procedure.remedies.values()))
        )
    if procedure.carded_clocks:
        titles = dict.fromkeys(rule.title for rule in procedure.clocks if rule.name in procedure.carded_clocks)
        clocks = ("；" if chinese else "; ").join(said(title, language) for title in titles)
        found.append(
            ("电子监察", f"{clocks}: 每个单位首次超时黄牌, 再次红牌")
            if chinese
            else ("supervision", f"{clocks}: a yellow card at a unit's first miss, then red")
        )
    found += _standstill(procedure, language)
    if procedure.routes:
        found.append(("派单去向" if chinese else "routes", _routes(procedure, language)))
    if "inform-customer" in procedure.steps:
        means = ("、" if chinese else ", ").join(word(MEANS, means, language) for means in procedure.informs_by)
        found.append(("告知客户", means) if chinese else ("means", means))
    return found


def _standstill(procedure: Procedure, language: Language) -> list[Line]:
    """How long clocks may stand still, and who hears of it when one is missed again."""
    chinese = language == "zh"
    found: list[Line] = []
    for rule in procedure.clocks:
        if rule.tell_at_second_miss:
            title, roles = said(rule.title, language), role_names(procedure, rule.tell_at_second_miss, language)
            found.append(
                ("再次超时", f"{title}: 另告知{roles}") if chinese else ("missed again", f"{title}: {roles} too")
            )
    if "pause" in procedure.steps:
        longest = spoken_limit(procedure.longest_pause, language)
        found.append(("暂停计时", f"每次最长 {longest}") if chinese else ("pause", f"{longest} at a time"))
    return found


def _conditions(procedure: Procedure, language: Language) -> list[Line]:
    """What comes before something else, and who is heard."""
    chinese = language == "zh"
    found: list[Line] = []
    first = tuple(code for code, severity in procedure.severities.items() if severity.explain_first)
    if first:
        names = severity_names(procedure, first, language)
        found.append(("先行解释", f"{names}投诉先解释安抚, 再派单") if chinese else ("explain first", names))
    if procedure.evidence_examined_by:
        roles = role_names(procedure, procedure.evidence_examined_by, language)
        found.append(
            ("退单申诉", f"附证据的由{roles}核实") if chinese else ("return with evidence", f"goes up to {roles}")
        )
    if "extend" in procedure.steps and procedure.interim_measure_before_extension:
        found.append(
            ("延期", "先有书面临时处理措施") if chinese else ("extension", "after an interim measure in writing")
        )
    if "extend" in procedure.steps and procedure.word_before_extension:
        found.append(("延期", "先告知客户") if chinese else ("extension", "after word to the customer"))
    if procedure.solution_before_execution:
        found.append(("执行", "先与客户商定方案") if chinese else ("execution", "after the customer agreed"))
    if procedure.disagreement is not None:
        count, roles = procedure.disagreement.count, role_names(procedure, procedure.disagreement.tell, language)
        found.append(
            ("方案未获同意", f"第 {count} 次上报{roles}")
            if chinese
            else ("plans refused", f"after {count} it goes up to {roles}")
        )
    if procedure.returns is not None:
        count, roles = procedure.returns.count, role_names(procedure, procedure.returns.tell, language)
        found.append(
            ("多次退单", f"每轮第 {count} 次起上报{roles}") if chinese else ("returns", f"from {count} on to {roles}")
        )
    return found


def _routes(procedure: Procedure, language: Language) -> str:
    """Every `category → unit`, by their titles."""
    categories = {code: category.title for code, category in procedure.categories.items()}
    return ("；" if language == "zh" else "; ").join(
        f"{word(categories, category, language)} → {word(dict(procedure.units), unit, language)}"
        for category, unit in procedure.routes.items()
    )


def _closing(procedure: Procedure, language: Language) -> list[Line]:
    chinese = language == "zh"
    found: list[Line] = []
    if "record-callback" in procedure.steps:
        tries = procedure.callback_attempts
        found.append(
            ("回访", f"联系上一次, 或试过 {tries} 次; 不满意则开始新一轮")
            if chinese
            else ("callback", f"reached once or tried {tries} times; a dissatisfied one opens a new round")
        )
    if procedure.dissatisfaction is not None:
        rule = procedure.dissatisfaction
        roles, deciding = (role_names(procedure, roles, language) for roles in (rule.tell, rule.decides))
        up = f"第 {rule.count} 次起上报{roles}" if chinese else f"from time {rule.count} on it goes up to {roles}"
        who = (f", 由{deciding}决定是否再派单" if chinese else f"; {deciding} decides") if deciding else ""
        notice = ("；责任属实须通报" if chinese else "; found justified, it needs a notice") if rule.notice else ""
        found.append(("多次不满意" if chinese else "dissatisfied", up + who + notice))
    found += needs_told(procedure, language)
    if procedure.notice_when_justified:
        found.append(
            ("投诉成立", "先责任通报, 再结案") if chinese else ("justified", "a notice comes before the close")
        )
    for needs, severities in closing_needs(procedure).items():
        names = severity_names(procedure, severities, language)
        needed = ("、" if chinese else ", ").join(need_name(procedure, need, language) for need in needs)
        about = (f"结案 ({names})" if names else "结案") if chinese else (f"close ({names})" if names else "close")
        found.append((about, f"须{needed}" if chinese else f"needs: {needed}"))
    if "reopen" in procedure.steps and procedure.reopens:
        states = [word(STATES, state, language) for state in sorted(procedure.reopens)]
        found.append(("重新受理", "、".join(states)) if chinese else ("reopening of", ", ".join(states)))
    return found


def _reports(procedure: Procedure, language: Language) -> list[Line]:
    chinese = language == "zh"
    found: list[Line] = []
    for rule in procedure.reports:
        told, risen = (role_names(procedure, roles, language) for roles in (rule.tell, rule.rise_tell))
        parts = [told] if told else []
        if risen:
            parts.append(f"投诉量上升时上报{risen}" if chinese else f"a rise goes up to {risen}")
        found.append((said(rule.title, language), ("；" if chinese else "; ").join(parts)))
    return found


def closing_needs(procedure: Procedure) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What closing needs, and the severities that need just that; only where something is needed."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for code, severity in procedure.severities.items():
        needs = tuple(dict.fromkeys((*procedure.close_needs, *severity.close_needs)))
        if needs:
            found[needs] = (*found.get(needs, ()), code)
    if not procedure.severities and procedure.close_needs:
        found[procedure.close_needs] = ()
    return found
