"""What a procedure may require before a step: what it is called, and how it is named when it is missing."""

from typing import Final

from domain.titles import Title

REQUIREMENTS: Final[dict[str, Title]] = {
    "executed": Title("各单位均已执行", "executed by every unit"),
    "customer-informed": Title("已回复客户", "customer informed"),
    "effect-confirmed": Title("效果已确认", "effect confirmed"),
    "accused-matched": Title("被投诉人均已认定", "all the accused matched"),
    "callback": Title("已回访", "called back"),
    "callback-answered": Title("客户已表明是否满意", "customer said whether content"),
    "capa-ordered": Title("已责令提交纠正/预防措施报告", "a CAPA report ordered"),
    "capa-issued": Title("纠正/预防措施报告已下发", "every CAPA report issued"),
    "meeting-held": Title("专题会议已召开", "special meeting held"),
    "final-opinion": Title("处理意见已定案", "opinion final"),
    "solution-agreed": Title("方案已商定", "solution agreed"),
    "form-complete": Title("投诉单填写完整", "form complete"),
    "apology": Title("当事人和领导已道歉", "apology of the person and the leader"),
    "liability-notice": Title("责任已通报", "liability notice issued"),
    "customer-checked": Title("客户信息已核对", "customer checked"),
    "charge-verified": Title("收费已查证", "charge verified"),
    "compensation-settled": Title("赔付已了结", "compensation settled"),
    "fault-graded": Title("差错已定级", "fault graded"),
    "every-unit-executed": Title("各单位均已执行", "executed by every unit"),
    "asked-units-executed": Title("所派单位均已执行", "executed by every unit that was asked, if any was"),
    "accused-named": Title("已登记责任人", "the person at fault named"),
    "no-objection": Title("客户认可或无异议", "customer agreed or raised no objection"),
    "customer-known": Title("客户系统中有该客户", "known to the customer system"),
}
MISSING: Final[dict[str, Title]] = {
    "executed": Title("每个责任单位均已执行", "the execution by every unit that was asked"),
    "customer-informed": Title("将结果回复客户", "word to the customer about the result"),
    "effect-confirmed": Title("确认实施效果", "the effect confirmed"),
    "accused-matched": Title("认定每个被投诉人系何人（match-accused）", "who is meant by each of the accused (match-accused)"),
    "callback": Title("联系上客户的回访", "a callback that reached the customer"),
    "callback-answered": Title("问明客户是否满意的回访", "a callback in which the customer said whether they are content"),
    "capa-ordered": Title("责令提交纠正/预防措施报告", "a CAPA report that was ordered"),
    "capa-issued": Title("责令的每份纠正/预防措施报告均已提交并下发", "every ordered CAPA report submitted and issued"),
    "meeting-held": Title("召开专题会议", "the special meeting"),
    "final-opinion": Title("定案的处理意见", "a final handling opinion"),
    "solution-agreed": Title("客户同意的处理方案", "a solution the customer agreed to"),
    "apology": Title("当事人和领导向客户道歉", "the apology of the person at fault and their leader"),
    "liability-notice": Title("责任通报及处罚", "the named notice and penalty"),
    "customer-checked": Title("与客户系统核对客户信息", "the customer's data checked against the customer system"),
    "charge-verified": Title("查证收费", "the charge verified"),
    "compensation-settled": Title("了结赔付", "the compensation settled"),
    "form-complete": Title("填写完整投诉单", "the form completed"),
    "capa-submitted": Title("提交纠正/预防措施报告", "the CAPA report that was ordered"),
    # What that asks for, one by one.
    "refund-proposed": Title("为查证有误的收费提出退费", "a compensation proposed for each charge verified as wrong"),
    "compensation-approved": Title("审批已提出的赔付", "the proposed compensation approved or refused"),
    "compensation-paid": Title("支付已获批的赔付", "the approved compensation paid"),
    "fault-graded": Title("员工差错定级", "the agent's fault graded"),
    "quality-done": Title("质检处理完毕", "what quality has to do"),
    "every-unit-executed": Title("每个责任单位均已执行", "the execution by every unit that was asked"),
    "asked-units-executed": Title("每个所派单位均已执行", "the execution by every unit that it was sent to"),
    "accused-named": Title("登记责任人（name-accused）", "the person at fault, named in the complaint (name-accused)"),
    "no-objection": Title("客户认可方案或无异议的记录", "the customer's consent, or that they raised no objection"),
    "customer-known": Title(
        "客户系统中有该客户，或由有权人员注明原因予以放行", "a customer that the customer system knows, or an override"
    ),
    "verdict": Title(
        "认定投诉是否成立（justified: true 或 false）", "whether it was justified (justified: true or false)"
    ),
    "plan-approved": Title("部门经理对处理方法的审批", "the approval of the plan by the head of each department"),
    # What the procedure's own file names: a box of its form, a piece of evidence, a role; and roles of an incident.
    "form": Title("填写投诉单中的“{title}”（{code}）", "{title} ({code}) in the form"),
    "evidence": Title("添加“{title}”（添加附件时注明 evidence: {code}）", "{title} (attach with evidence: {code})"),
    "escalated": Title("上报{title}（{code}）", "word to {title} (escalate to {code})"),
    "told": Title("告知{title}（{code}）", "{code} told of it"),
    "told-of-end": Title("恢复后告知{title}（{code}）", "{code} told of its end"),
}
