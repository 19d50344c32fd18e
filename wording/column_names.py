"""By which names columns of other systems are known: what a first mapping is guessed from."""

from typing import Final

# By field, the words that such a column's name is or contains, the surest first.
OF_COMPLAINTS: Final[dict[str, tuple[str, ...]]] = {
    "old_number": ("编号", "单号", "流水号", "工单号", "complaint id", "case number", "unique key", "ticket", "number", "id"),
    "received_at": (
        "受理时间", "登记时间", "来电时间", "留言时间", "投诉时间", "投诉日期", "创建时间", "date received", "received",
        "created date", "created", "opened", "date",
    ),
    "subject": ("主题", "标题", "subject", "title", "complaint type", "issue"),
    "content": ("详情", "内容", "描述", "诉求", "narrative", "description", "content", "details", "text"),
    "name": ("姓名", "投诉人", "客户名称", "留言用户", "联系人", "customer name", "complainant", "name"),
    "phone": ("电话", "手机", "phone", "mobile", "tel"),
    "email": ("邮箱", "电子邮件", "email", "e-mail"),
    "address": ("地址", "address"),
    "customer_no": ("客户编号", "客户号", "会员号", "customer no", "customer id", "account"),
    "channel": ("渠道", "来源", "受理方式", "submitted via", "channel", "source"),
    "handler": ("受理人", "经办人", "坐席", "处理人", "接待人", "handler", "agent", "assigned to", "owner"),
}  # fmt: skip
CATEGORY: Final = ("分类", "类别", "类型", "category", "product", "type")
CLOSED_AT: Final = ("办结时间", "结案时间", "答复时间", "关闭时间", "closed date", "closed", "resolved", "close date")
RESULT: Final = ("答复", "处理结果", "办理结果", "结果", "resolution", "response", "result", "outcome")
STATUS: Final = ("状态", "status")
UNIT: Final = ("承办单位", "责任单位", "责任部门", "办理单位", "部门", "agency", "department", "company")
RATING: Final = ("评价", "满意", "评分", "rating", "satisf", "disputed")
ENDED: Final = ("结", "完", "关闭", "答复", "closed", "resolved", "done", "complete")
# What the values of a column of channels mean.
CHANNELS: Final[dict[str, str]] = {
    "电话": "phone", "来电": "phone", "网": "web", "信": "letter", "来访": "walk-in", "邮件": "email", "微信": "chat", "短信": "sms",
    "传真": "fax", "phone": "phone", "web": "web", "online": "web", "mobile": "web", "app": "web", "mail": "letter",
    "letter": "letter", "fax": "fax", "email": "email", "e-mail": "email", "referral": "regulator", "walk": "walk-in",
    "chat": "chat", "sms": "sms",
}  # fmt: skip
