"""Who acts and who is told: the roles that every procedure may use, the kinds of addressees, and the doors of entry."""

from typing import Final

from domain.titles import Title

ROLES: Final[dict[str, Title]] = {
    "agent": Title("客服人员", "customer service"),
    "manager": Title("客服经理", "customer service manager"),
    "unit": Title("责任单位", "responsible unit"),
    "quality": Title("质检", "quality"),
    "auditor": Title("审计", "auditor"),
    "integration": Title("系统对接", "integration"),
    "partner": Title("合作方", "partner"),
    "admin": Title("管理员", "admin"),
    "system": Title("系统", "system"),
}
ADDRESSEES: Final[dict[str, Title]] = {
    "role": Title("角色", "role"),
    "unit": Title("责任单位", "unit"),
    "actor": Title("人员", "person"),
    "person": Title("人员", "person"),  # who owes something
    "complainant": Title("投诉人", "complainant"),
}
KINDS: Final[dict[str, Title]] = {
    "person": Title("人员", "person"),
    "machine": Title("系统", "machine"),
}
PEOPLE_STATES: Final[dict[str, Title]] = {
    "coming": Title("尚未到岗", "has not begun yet"),
    "active": Title("在岗", "is there"),
    "left": Title("已离岗", "has left"),
}
SOURCES: Final[dict[str, Title]] = {
    "api": Title("接口", "API"),
    "clock": Title("计时", "clock"),
    "policy": Title("规则", "policy"),
    "calendar": Title("日历", "calendar"),
    "import": Title("导入", "import"),
    "call": Title("话务", "telephony"),
}
