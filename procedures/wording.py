"""What steps, states, moments and rules are called, in Chinese and English, for drawings and tables."""

from typing import Final, Literal

from domain.limits.limits import (
    HOUR,
    MINUTE,
    Absolute,
    CalendarDays,
    Elapsed,
    Limit,
    SameDay,
    WorkingDays,
    WorkingTime,
)
from domain.procedure.procedure import ESCALATED, EVIDENCE, ClockRule, Procedure
from domain.procedure.titles import Title

Language = Literal["zh", "en"]

STATES: Final[dict[str, Title]] = {
    "received": Title("已受理", "received"),
    "classified": Title("已分类", "classified"),
    "dispatched": Title("已派单", "dispatched"),
    "disputed": Title("有异议", "disputed"),
    "executing": Title("执行中", "executing"),
    "executed": Title("已执行", "executed"),
    "informed": Title("已告知客户", "informed"),
    "closed": Title("已结案", "closed"),
    "rejected": Title("不予受理", "rejected"),
    "withdrawn": Title("已撤诉", "withdrawn"),
    "ongoing": Title("处理中", "ongoing"),
    "restored": Title("已恢复", "restored"),
}

STEPS: Final[dict[str, Title]] = {
    "receive": Title("受理", "receive"),
    "classify": Title("分类", "classify"),
    "reject": Title("不予受理", "reject"),
    "settle": Title("当场解决", "settle"),
    "draft-opinion": Title("拟定处理意见", "draft opinion"),
    "dispatch": Title("派单", "dispatch"),
    "accept": Title("接收", "accept"),
    "return": Title("退单", "return"),
    "confirm-opinion": Title("确认处理意见", "confirm opinion"),
    "dispute-opinion": Title("提出异议", "dispute opinion"),
    "issue-ruling": Title("评审裁定", "issue ruling"),
    "revise-opinion": Title("修改处理意见", "revise opinion"),
    "report-progress": Title("报告进展", "report progress"),
    "report-interim-measure": Title("报告临时处理措施", "report interim measure"),
    "extend": Title("延期", "extend"),
    "pause": Title("暂停计时", "pause"),
    "resume": Title("恢复计时", "resume"),
    "hold-meeting": Title("召开专题会议", "hold meeting"),
    "send-investigators": Title("派调查人员", "send investigators"),
    "agree-solution": Title("商定处理方案", "agree solution"),
    "approve": Title("审批", "approve"),
    "execute": Title("执行", "execute"),
    "inform-customer": Title("告知客户", "inform customer"),
    "request-capa": Title("要求纠正/预防措施", "request CAPA"),
    "submit-capa": Title("提交纠正/预防措施报告", "submit CAPA"),
    "issue-capa": Title("下发纠正/预防措施报告", "issue CAPA"),
    "confirm-effect": Title("确认改善效果", "confirm effect"),
    "record-callback": Title("回访", "record callback"),
    "close": Title("结案", "close"),
    "reopen": Title("重新受理", "reopen"),
    "withdraw": Title("撤诉", "withdraw"),
    "escalate": Title("上报", "escalate"),
    "remind": Title("催办", "remind"),
    "supervise": Title("督办", "supervise"),
    "assign": Title("指派", "assign"),
    "hand-over": Title("移交", "hand over"),
    "accept-hand-over": Title("接受移交", "accept hand-over"),
    "check-customer": Title("核对客户信息", "check customer"),
    "complete-form": Title("补全投诉单", "complete form"),
    "verify-charge": Title("查证收费", "verify charge"),
    "propose-compensation": Title("提出补偿", "propose compensation"),
    "approve-compensation": Title("审批补偿", "approve compensation"),
    "pay-compensation": Title("支付补偿", "pay compensation"),
    "grade-fault": Title("差错定级", "grade fault"),
    "record-apology": Title("登记道歉", "record apology"),
    "issue-notice": Title("责任通报", "issue notice"),
    "name-accused": Title("登记被投诉人", "name accused"),
    "attach": Title("添加附件", "attach"),
    "add-note": Title("添加备注", "add note"),
    "link": Title("关联投诉", "link"),
    "open": Title("登记突发事件", "open incident"),
    "inform": Title("上报", "inform"),
    "restore": Title("恢复", "restore"),
    "decide": Title("决定其他行动", "decide"),
    "note": Title("记录", "note"),
    "exclude-from-scoring": Title("不纳入考核", "exclude from scoring"),
    "include-in-scoring": Title("恢复考核", "include in scoring"),
}

MOMENTS: Final[dict[str, Title]] = {
    "Received": Title("受理", "received"),
    "Classified": Title("分类", "classified"),
    "Dispatched": Title("派单", "dispatched"),
    "UnitAsked": Title("送达责任单位", "unit asked"),
    "Accepted": Title("接收", "accepted"),
    "Returned": Title("退单", "returned"),
    "UnitAnswered": Title("责任单位答复", "unit answered"),
    "OpinionFinal": Title("意见确定", "opinion final"),
    "ProgressReported": Title("报告进展", "progress reported"),
    "CustomerInformed": Title("告知客户", "customer informed"),
    "SolutionAgreed": Title("方案商定", "solution agreed"),
    "Executed": Title("执行", "executed"),
    "CAPARequested": Title("要求纠正/预防措施", "CAPA requested"),
    "CAPASubmitted": Title("提交报告", "CAPA submitted"),
    "CAPAIssued": Title("下发报告", "CAPA issued"),
    "EffectConfirmed": Title("确认效果", "effect confirmed"),
    "CallbackDone": Title("回访", "callback done"),
    "MeetingHeld": Title("召开会议", "meeting held"),
    "Settled": Title("当场解决", "settled"),
    "Closed": Title("结案", "closed"),
    "Escalated": Title("上报", "escalated"),
    "IncidentOpened": Title("突发事件登记", "incident opened"),
    "Restored": Title("恢复", "restored"),
    "Decided": Title("决定其他行动", "decided"),
    "SeverityChanged": Title("定级", "severity set"),
    "EveryUnitExecuted": Title("各单位均已执行", "every unit executed"),
}

REQUIREMENTS: Final[dict[str, Title]] = {
    "executed": Title("已执行", "executed"),
    "customer-informed": Title("已告知客户", "customer informed"),
    "effect-confirmed": Title("效果已确认", "effect confirmed"),
    "callback": Title("已回访", "called back"),
    "capa-ordered": Title("已下达整改意见", "a CAPA report ordered"),
    "capa-issued": Title("纠正/预防措施报告已下发", "every CAPA report issued"),
    "meeting-held": Title("专题会议已召开", "special meeting held"),
    "final-opinion": Title("处理意见已确定", "opinion final"),
    "solution-agreed": Title("方案已商定", "solution agreed"),
    "form-complete": Title("投诉单填写完整", "form complete"),
    "apology": Title("当事人和领导已道歉", "apology of the person and the leader"),
    "liability-notice": Title("责任已通报", "liability notice issued"),
    "customer-checked": Title("客户信息已核对", "customer checked"),
    "charge-verified": Title("收费已查证", "charge verified"),
    "compensation-settled": Title("补偿已了结", "compensation settled"),
    "fault-graded": Title("差错已定级", "fault graded"),
    "every-unit-executed": Title("各单位均已执行", "executed by every unit"),
}

GENERAL_ROLES: Final[dict[str, Title]] = {
    "integration": Title("系统对接", "integration"),
    "partner": Title("合作方", "partner"),
    "auditor": Title("审计", "auditor"),
    "quality": Title("质检", "quality"),
    "admin": Title("管理员", "admin"),
}

MEANS: Final[dict[str, Title]] = {
    "sms": Title("短信", "SMS"),
    "phone": Title("电话", "phone"),
    "email": Title("电子邮件", "e-mail"),
    "letter": Title("信函", "letter"),
    "in-person": Title("当面", "in person"),
}


def said(title: Title, language: Language) -> str:
    return title.zh if language == "zh" else title.en


def word(words: dict[str, Title], code: str, language: Language) -> str:
    """What this code is called; the code itself where nobody gave it a name."""
    return said(words[code], language) if code in words else code


def role_name(procedure: Procedure, role: str, language: Language) -> str:
    return word({**GENERAL_ROLES, **procedure.roles}, role, language)


def role_names(procedure: Procedure, roles: tuple[str, ...], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(role_name(procedure, role, language) for role in roles)


def severity_names(procedure: Procedure, severities: tuple[str, ...], language: Language) -> str:
    titles = {code: severity.title for code, severity in procedure.severities.items()}
    return ("、" if language == "zh" else ", ").join(word(titles, code, language) for code in severities)


def need_name(procedure: Procedure, need: str, language: Language) -> str:
    """What a requirement is called; a piece of evidence by the title that the procedure gives it."""
    if need.startswith(EVIDENCE):
        return word(dict(procedure.evidence), need.removeprefix(EVIDENCE), language)
    if need.startswith(ESCALATED):
        role = role_name(procedure, need.removeprefix(ESCALATED), language)
        return f"已上报{role}" if language == "zh" else f"gone up to {role}"
    return word(REQUIREMENTS, need, language)


def spoken_limit(limit: Limit, language: Language) -> str:
    """`1 WD` as `1 个工作日` or `1 working day`."""
    match limit, language:
        case SameDay(), "zh":
            return "当天"
        case Absolute(day, clock), "zh":
            return f"{day} 前" if clock is None else f"{day} {clock:%H:%M} 前"
        case WorkingDays(count), "zh":
            return f"{count} 个工作日"
        case WorkingDays(count), "en":
            return f"{count} working day{'s' if count > 1 else ''}"
        case CalendarDays(count), "zh":
            return f"{count} 天"
        case Elapsed(duration, unit) | WorkingTime(duration, unit), "zh":
            in_hours = unit == "h" or (unit is None and not duration % HOUR)
            count = duration // (HOUR if in_hours else MINUTE)
            working = isinstance(limit, WorkingTime)
            measure = ("个工作小时" if working else "小时") if in_hours else ("工作分钟" if working else "分钟")
            return f"{count} {measure}"
        case _:
            return str(limit)


def conditions_of(procedure: Procedure, rule: ClockRule, language: Language) -> list[str]:
    """For whom a clock runs and how strict it is; empty for one that is hard and for every complaint."""
    chinese = language == "zh"
    found = []
    if rule.severities:
        chosen = tuple(code for code in procedure.severities if code in rule.severities)
        found.append(severity_names(procedure, chosen, language))
    if rule.kinds:
        found.append(
            ("、" if chinese else ", ").join(said(title, language) for code, title in procedure.kinds.items()
                                            if code in rule.kinds)
        )  # fmt: skip
    if rule.per_unit:
        found.append("每个责任单位" if chinese else "each unit")
    if rule.to_roles:
        roles = role_names(procedure, tuple(code for code in procedure.roles if code in rule.to_roles), language)
        found.append(f"上报{roles}" if chinese else f"to {roles}")
    if rule.soft:
        found.append("只预警" if chinese else "warns only")
    if rule.window:
        found.append("期限窗口" if chinese else "window")
    return found
