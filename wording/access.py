"""What the access log says: what somebody wanted to do with people's data, and whether they were let."""

from typing import Final

from domain.titles import Title

KINDS: Final[dict[str, Title]] = {
    "sign-in": Title("登录", "sign-in"),
    "read": Title("查看", "read"),
    "export": Title("导出", "export"),
    "command": Title("办理", "command"),
}
OUTCOMES: Final[dict[str, Title]] = {
    "granted": Title("允许", "granted"),
    "refused": Title("拒绝", "refused"),
}
