"""What a procedure says beside its steps and clocks: the subject of each rule, and its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.titles import Language, Title
from wording.sentences import sentence


@dataclass(frozen=True)
class RuleWords:
    """`more` is said after it, each part where the fact of its name is given."""

    about: Title
    says: Title
    more: Mapping[str, Title] = field(default_factory=dict)


RULE: Final = Title("规则", "rule")
RULES: Final[Mapping[str, RuleWords]] = {
    "not-anonymous": RuleWords(Title("匿名", "anonymous"), Title("不受理匿名投诉", "not taken")),
    "told-at-once": RuleWords(Title("{severity}投诉", "{severity}"), Title("立即告知{roles}", "told at once: {roles}")),
    "confidential": RuleWords(
        Title("{kind}保密", "{kind}"),
        Title("只有{roles}可见", "seen by {roles} alone"),
        {"announced": Title("；通报{announced}有此事项", "; {announced} hear that one came")},
    ),
    "query-code": RuleWords(
        Title("进度查询", "public status"), Title("须提供查询码", "needs the query code beside the number")
    ),
    "duplicates": RuleWords(Title("重复受理", "duplicates"), Title("不拦截", "are taken")),
    "issue-points": RuleWords(Title("问题点", "issue point"), Title("只可选{points}", "one of {points}")),
    "issue-points-offered": RuleWords(
        Title("问题点", "issue point"), Title("{points}，或其他", "{points}, or another one")
    ),
    "recurrence-in-a-month": RuleWords(
        Title("重复投诉", "recurrence"),
        Title(
            "同一问题点 {months} 个月内第 {count} 次{severity}投诉升为{raised}",
            "complaint {count} ({severity}) of one issue point within {months} month is raised to {raised}",
        ),
    ),
    "recurrence": RuleWords(
        Title("重复投诉", "recurrence"),
        Title(
            "同一问题点 {months} 个月内第 {count} 次{severity}投诉升为{raised}",
            "complaint {count} ({severity}) of one issue point within {months} months is raised to {raised}",
        ),
    ),
    "recurrence-of-a-customer": RuleWords(
        Title("重复投诉", "recurrence"),
        Title(
            "同一客户 {months} 个月内第 {count} 次投诉（{severity}）升为{raised}",
            "complaint {count} ({severity}) of one customer within {months} months is raised to {raised}",
        ),
    ),
    "dispute-rounds": RuleWords(
        Title("异议轮次", "dispute rounds"),
        Title("最多 {rounds} 轮，之后由{role}终裁", "{rounds} at most, then {role} rules for good"),
    ),
    "return-window": RuleWords(Title("退单", "return"), Title("只在时限“{clock}”内", "only within “{clock}”")),
    "approval": RuleWords(
        Title("审批", "approval"), Title("{severities}投诉先审批后执行", "{severities}: before execution")
    ),
    "head-of-own": RuleWords(Title("{role}", "{role}"), Title("只为本部门批准", "approves for their own department")),
    "head-of": RuleWords(Title("{role}", "{role}"), Title("为{unit}批准", "approves for {unit}")),
    "approval-of-each-unit": RuleWords(
        Title("审批", "approval"), Title("{severities}投诉须各部门负责人审批", "{severities}: by every head")
    ),
    "remedies": RuleWords(Title("解决方式", "remedies"), Title("{remedies}", "{remedies}")),
    "cards": RuleWords(
        Title("电子监察", "supervision"),
        Title(
            "{clocks:clauses}：每个单位首次超时黄牌，再次红牌",
            "{clocks:clauses}: a yellow card at a unit's first miss, then red",
        ),
    ),
    "routes": RuleWords(Title("派单去向", "routes"), Title("{routes:clauses}", "{routes:clauses}")),
    "means": RuleWords(Title("回复客户", "means"), Title("{means}", "{means}")),
    "second-miss": RuleWords(
        Title("再次超时", "missed again"), Title("{clock}：另告知{roles}", "{clock}: {roles} too")
    ),
    "pause": RuleWords(Title("暂停计时", "pause"), Title("每次最长 {limit}", "{limit} at a time")),
    "most-pauses": RuleWords(
        Title("暂停次数", "pauses"),
        Title("每个时限最多 {most} 次，合计不超过 {times} 个最长暂停", "{most} of a clock, and {times} longest ones in all"),
    ),
    "most-extensions": RuleWords(
        Title("延期次数", "extensions"),
        Title("每个时限最多 {most} 次，合计不超过原时限的 {times} 倍", "{most} of a clock, and {times} x its limit in all"),
    ),
    "explain-first": RuleWords(
        Title("先行解释", "explain first"), Title("{severities}投诉先解释安抚，再派单", "{severities}")
    ),
    "return-with-evidence": RuleWords(
        Title("退单申诉", "return with evidence"), Title("附证据的由{roles}核实", "goes up to {roles}")
    ),
    "extension-after-measure": RuleWords(
        Title("延期", "extension"), Title("先有书面临时处理措施", "after an interim measure in writing")
    ),
    "extension-after-word": RuleWords(Title("延期", "extension"), Title("先回复客户", "after word to the customer")),
    "solution-first": RuleWords(Title("执行", "execution"), Title("先与客户商定方案", "after the customer agreed")),
    "plans-refused": RuleWords(
        Title("方案未获同意", "plans refused"), Title("第 {count} 次上报{roles}", "after {count} it goes up to {roles}")
    ),
    "returns": RuleWords(
        Title("多次退单", "returns"), Title("每轮第 {count} 次起上报{roles}", "from {count} on to {roles}")
    ),
    "callback": RuleWords(
        Title("回访", "callback"),
        Title(
            "联系上一次，或试过 {tries} 次；不满意则开始新一轮",
            "reached once or tried {tries} times; a dissatisfied one opens a new round",
        ),
    ),
    "dissatisfied": RuleWords(
        Title("多次不满意", "dissatisfied"),
        Title("第 {count} 次起上报{roles}", "from time {count} on it goes up to {roles}"),
        {
            "deciding": Title("，由{deciding}决定是否再派单", "; {deciding} decides"),
            "steps": Title("，以及{steps}", ", also on: {steps}"),
            "notice": Title("；责任属实须通报", "; found justified, it needs a notice"),
            "verdict": Title("；结案须认定是否成立", "; the close says whether it was justified"),
        },
    ),
    "justified": RuleWords(
        Title("投诉成立", "justified"), Title("先责任通报，再结案", "a notice comes before the close")
    ),
    "justified-needs": RuleWords(
        Title("投诉成立（{of}）", "justified ({of})"), Title("先{needs}，再结案", "needs before the close: {needs}")
    ),
    "close-needs": RuleWords(Title("结案", "close"), Title("须{needs}", "needs: {needs}")),
    "close-needs-of": RuleWords(
        Title("结案（{severities}）", "close ({severities})"), Title("须{needs}", "needs: {needs}")
    ),
    "step-needs": RuleWords(Title("{step}", "{step}"), Title("先{needs}", "needs: {needs}")),
    "step-needs-of": RuleWords(Title("{step}（{of}）", "{step} ({of})"), Title("先{needs}", "needs: {needs}")),
    "reopening": RuleWords(Title("重新受理", "reopening of"), Title("{states}", "{states}")),
    "report": RuleWords(Title("{report}", "{report}"), Title("{roles}", "{roles}")),
    "report-and-rise": RuleWords(
        Title("{report}", "{report}"), Title("{roles}；投诉量上升时上报{risen}", "{roles}; a rise goes up to {risen}")
    ),
    "report-of-rise": RuleWords(
        Title("{report}", "{report}"), Title("投诉量上升时上报{risen}", "a rise goes up to {risen}")
    ),
    "apology": RuleWords(
        Title("员工过失", "staff at fault"),
        Title("属实的先由当事人和领导道歉再结案", "the person and the leader apologise before the close"),
    ),
    "first-contact": RuleWords(
        Title("首问责任", "first contact"), Title("首问人跟踪到底", "follows the case to its end")
    ),
    "hand-over": RuleWords(Title("交接", "hand-over"), Title("接收人确认后才换责任人", "the next owner accepts first")),
    "ladder": RuleWords(Title("逐级上报", "ladder"), Title("{roles:arrows}", "{roles:arrows}")),
    "decided-by": RuleWords(
        Title("{category}", "{category}"),
        Title("由{roles}决定派单", "sent out by: {roles}"),
        {"steps": Title("，以及{steps}", "; theirs alone too: {steps}")},
    ),
    "ended-by": RuleWords(
        Title("了结{of}", "end of: {of}"), Title("只由{roles}决定", "by {roles} alone, as is calling it less")
    ),
    "found-by": RuleWords(
        Title("{category}", "{category}"),
        Title("改为此类、按属实结案，只由{roles}认定", "found to be so, and closed as justified, by {roles} alone"),
    ),
    "overridable": RuleWords(
        Title("放行", "override"), Title("{needs}：{roles}注明原因可以放行", "{needs}: by {roles}, with a reason")
    ),
    "extends": RuleWords(Title("{role}可延期", "{role} extends"), Title("{clocks}", "{clocks}")),
    "verified-first": RuleWords(Title("赔付", "compensation"), Title("先查证后退费", "after the charge was verified")),
    "billing-errors": RuleWords(
        Title("收费误差", "billing errors"),
        Title("{times} 倍返还差额：{errors}", "{times} x (charged - due): {errors}"),
    ),
    "credit-first": RuleWords(Title("退费方式", "method"), Title("账户充值为主，现金为辅", "credit before cash")),
    "authority": RuleWords(
        Title("赔付审批", "approval of money"),
        Title("{amount} {currency} 以内：{roles}", "up to {amount} {currency}: {roles}"),
    ),
    "authority-over-any": RuleWords(
        Title("赔付审批", "approval of money"), Title("不限额：{roles}", "any amount: {roles}")
    ),
    # Procedures for incidents
    "must-be-told": RuleWords(Title("{kind}", "{kind}"), Title("须告知{roles}", "must be told: {roles}")),
    "told-of-end": RuleWords(
        Title("恢复后告知", "told of the end"),
        Title("已获知的{roles}（{means}）", "{roles}, if they were told of it ({means})"),
    ),
    "call-surge": RuleWords(
        Title("呼入量异常增长", "call surge"),
        Title(
            "超过前 {days} 天同一小时均值的 {multiple:g} 倍，且不少于 {least} 个",
            "over {multiple:g} times the mean of this hour on {days} days, and {least} calls at least",
        ),
    ),
}


def rule_in_words(code: str, language: Language, /, **facts: object) -> tuple[str, str]:
    """What the rule is about, and what it says."""
    words = RULES[code]
    parts = (words.says, *(part for name, part in words.more.items() if facts.get(name)))
    return sentence(words.about, language, **facts), "".join(sentence(part, language, **facts) for part in parts)
