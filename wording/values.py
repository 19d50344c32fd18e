"""What the fixed answers are called that a step's fields take, and other short lists of codes."""

from typing import Final

from domain.procedure.titles import Title

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
    "weekly": Title("周报", "weekly"),
    "monthly": Title("月报", "monthly"),
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
