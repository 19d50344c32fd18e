"""What the fixed answers are called that a step's fields take, and other short lists of codes."""

from typing import Final

from domain.titles import Title

OUTCOMES: Final[dict[str, Title]] = {
    "upheld": Title("维持原意见", "upheld"),
    "overturned": Title("不同意原意见", "overturned"),
}
CARDS: Final[dict[str, Title]] = {
    "yellow": Title("黄牌", "yellow card"),
    "red": Title("红牌", "red card"),
}
APPROVAL_FORMS: Final[dict[str, Title]] = {
    "oral": Title("口头", "oral"),
    "written": Title("书面", "written"),
}
PAYMENTS: Final[dict[str, Title]] = {
    "credit": Title("账户充值", "account credit"),
    "cash": Title("现金", "cash"),
    "transfer": Title("转账", "transfer"),
    "goods": Title("实物", "goods"),
    "service": Title("服务", "service"),
    "voucher": Title("代金券", "voucher"),
}
ATTACHMENTS: Final[dict[str, Title]] = {
    "recording": Title("录音", "recording"),
    "form": Title("表单", "form"),
    "letter": Title("信函", "letter"),
    "picture": Title("图片", "picture"),
    "report": Title("报告", "report"),
    "other": Title("其他", "other"),
}
RELATIONS: Final[dict[str, Title]] = {
    "related": Title("相关", "related"),
    "duplicate": Title("重复受理", "duplicate"),
    "recurrence": Title("重复投诉", "recurrence"),
}
CUSTOMER_CHECKS: Final[dict[str, Title]] = {
    "lookup": Title("客户系统核对", "customer system"),
    "person": Title("人工核对", "by a person"),
}
DAYS: Final[dict[str, Title]] = {
    "workday": Title("工作日", "working day"),
    "weekend": Title("周末", "weekend"),
    "holiday": Title("节假日", "holiday"),
    "make-up": Title("调休上班日", "make-up workday"),
}
PERIODS: Final[dict[str, Title]] = {
    "daily": Title("日报", "daily"),
    "weekly": Title("周报", "weekly"),
    "monthly": Title("月报", "monthly"),
}
DIGESTS: Final[dict[str, Title]] = {
    "hour": Title("每小时一次", "once an hour"),
    "day": Title("每天一次", "once a day"),
}
REACH: Final[dict[str, Title]] = {
    "all": Title("全部投诉", "all complaints"),
    "unit": Title("本单位的投诉", "complaints of one's unit"),
}
SIGHT: Final[dict[str, Title]] = {
    "all": Title("全部内容", "everything"),
    "texts": Title("不含个人信息的文字", "texts without personal data"),
    "none": Title("仅办理情况", "how far it is, and no texts"),
}
ANSWERS: Final[dict[str, Title]] = {
    "text": Title("文字", "text"),
    "number": Title("数字", "number"),
    "boolean": Title("是否", "boolean"),
    "date": Title("日期", "date"),
}
TRUTH: Final[dict[str, Title]] = {
    "true": Title("是", "yes"),
    "false": Title("否", "no"),
}
STREAMS: Final[dict[str, Title]] = {
    "complaint": Title("投诉", "complaint"),
    "incident": Title("突发事件", "incident"),
    "report": Title("周期报告", "report"),
    "call": Title("通话", "call"),
    "seat": Title("座席", "seat"),
    "person": Title("人员", "person"),
    "unit-record": Title("单位", "unit"),
}
CALL_TYPES: Final[dict[str, Title]] = {
    "call.offered": Title("呼入", "offered"),
    "call.ringing": Title("振铃", "ringing"),
    "call.answered": Title("接听", "answered"),
    "call.held": Title("保持", "held"),
    "call.resumed": Title("恢复通话", "resumed"),
    "call.transferred": Title("转接", "transferred"),
    "call.conference_joined": Title("加入会议", "joined to a conference"),
    "call.ended": Title("挂断", "ended"),
    "call.missed": Title("未接", "missed"),
    "call.recording_available": Title("录音就绪", "recording available"),
    "call.wrap_up": Title("话后处理", "wrap-up"),
    "call.satisfaction_keyed": Title("按键评价", "satisfaction keyed in"),
    "callback.attempted": Title("回访外呼", "callback attempted"),
    "agent.state_changed": Title("座席状态变化", "agent's state changed"),
}
DIRECTIONS: Final[dict[str, Title]] = {
    "inbound": Title("呼入", "inbound"),
    "outbound": Title("呼出", "outbound"),
}
GROUPS_OF_CALLS: Final[dict[str, Title]] = {
    "queue": Title("队列", "queue"),
    "agent": Title("座席", "agent"),
    "day": Title("日", "day"),
    "hour": Title("时段", "hour of the day"),
}
# What is to come of a call, and what came of it.
CALL_CONSEQUENCES: Final[dict[str, Title]] = {
    "complaint": Title("投诉", "complaint"),
    "reminder": Title("催办", "reminder"),
    "wrap-up": Title("话后处理", "wrap-up"),
    "callback": Title("回访", "callback"),
    "survey": Title("满意度评价", "survey"),
    "recording": Title("录音", "recording"),
}
# What a customer system did that could not be asked.
CUSTOMER_SYSTEM: Final[dict[str, Title]] = {
    "silent": Title("没有应答", "did not answer"),
    "status": Title("以状态 {status} 应答", "answered with status {status}"),
    "too-large": Title("的应答超过 64 KiB", "answered with more than 64 KiB"),
    "no-object": Title("的应答不是 JSON 对象", "did not answer with a JSON object"),
    "nothing-to-compare": Title(
        "的应答中没有可供核对的 name、phone 或 customer_no", "answered without a name, phone or customer_no to compare"
    ),
}
INTERVALS: Final[dict[str, Title]] = {
    "counted": Title("计入", "counted"),
    "make-up": Title("调休上班日", "make-up workday"),
    "start-day": Title("事件当日", "day of the event"),
    "weekend": Title("周末", "weekend"),
    "holiday": Title("节假日", "holiday"),
    "outside-hours": Title("非工作时间", "outside working hours"),
    "moved": Title("顺延", "moved"),
    "extended": Title("延期", "extended"),
    "paused": Title("暂停计时", "paused"),
}
JUDGEMENTS: Final[dict[str, Title]] = {
    "warned": Title("预警", "warned"),
    "due": Title("到期", "due"),
    "missed": Title("超时", "missed"),
    "resumed": Title("恢复计时", "resumed"),
}
COUNTED_IN: Final[dict[str, Title]] = {
    "days": Title("天", "days"),
    "time": Title("时长", "time"),
    "seconds": Title("秒", "seconds"),
}
TIME: Final[dict[str, Title]] = {
    "min": Title("分钟", "minutes"),
    "h": Title("小时", "hours"),
}
SHAPES: Final[dict[str, Title]] = {
    "rate": Title("比率", "rate"),
    "count": Title("件数", "count"),
    "duration": Title("时长", "duration"),
    "money": Title("金额", "money"),
}
COUNTS: Final[dict[str, Title]] = {
    "numerator": Title("计入分子", "numerator"),
    "denominator": Title("计入分母", "denominator"),
    "excluded": Title("不纳入考核", "excluded"),
}
REPORTED: Final[dict[str, Title]] = {
    "running": Title("进行中", "running"),
    "ended": Title("已结束", "ended"),
    "reported": Title("已报告", "reported"),
}
LANGUAGE_NAMES: Final[dict[str, Title]] = {
    "zh": Title("中文", "Chinese"),
    "en": Title("英文", "English"),
}
# By what complaints recur.
RECURRING: Final[dict[str, Title]] = {
    "issue-point": Title("同一问题点", "of one issue point"),
    "customer": Title("同一客户", "of one customer"),
}
GROUPS: Final[dict[str, Title]] = {
    "unit": Title("责任单位", "unit"),
    "procedure": Title("处理流程", "procedure"),
    "category": Title("投诉内容分类", "category"),
    "kind": Title("事项类别", "kind of matter"),
    "district": Title("区县", "district"),
    "issue_point": Title("问题点", "issue point"),
    "agent": Title("责任人", "owner"),
    "day": Title("日", "day"),
    "month": Title("月", "month"),
    "week": Title("周", "week"),
}
PUBLISHED: Final[dict[str, Title]] = {
    "calendar": Title("日历", "calendar"),
    "procedure": Title("处理流程", "procedure"),
}
IMPORTED: Final[dict[str, Title]] = {
    "taken": Title("已导入", "Taken"),
    "went-on": Title("已补充后续步骤", "Steps added"),
    "already-there": Title("已存在", "Already there"),
    "refused": Title("未导入", "Refused"),
    "with-remarks": Title("其中有说明的", "Of these with remarks"),
}
TABLES: Final[dict[str, Title]] = {
    "csv": Title("CSV 表格", "CSV"),
    "xlsx": Title("Excel 工作簿", "Excel workbook"),
    "ndjson": Title("每行一个 JSON", "lines of JSON"),
}
