"""The story that `redress demo` plays: KF0001 whole and a call, as data. People and events are invented."""

from dataclasses import dataclass, field
from typing import Any, Final

PEOPLE: Final = (
    {"id": "li-min", "name": "李敏", "roles": ["agent"]},
    {"id": "zhao-jing", "name": "赵静（客服中心经理）", "roles": ["manager"]},
    {"id": "qian-hui", "name": "钱慧（董事办）", "roles": ["board-office"]},
    {"id": "sun-wei", "name": "孙伟（总经理）", "roles": ["general-manager"]},
    {"id": "zhou-qi", "name": "周琪（结算部）", "roles": ["unit"], "unit": "settlement"},
    {"id": "wu-hao", "name": "吴昊（风控部）", "roles": ["unit"], "unit": "risk-control"},
    {"id": "shi-lei", "name": "石磊（售后部）", "roles": ["unit"], "unit": "after-sales"},
    {"id": "softphone", "name": "软电话", "roles": ["integration"]},
)

COMPLAINT: Final[dict[str, Any]] = {
    "procedure": "kf0001",
    "channel": "phone",
    "complainant": {"name": "张三", "phone": "138 0013 8000", "customer_no": "C-1001"},
    "subject": "出金申请被拒绝",
    "content": "客户2月27日申请出金5万元，系统提示“风控审核未通过”，三次致电均无人解释原因。",
    "wants": "说明原因，尽快出金并道歉",
    "issue_point": "withdrawal-refused",
    "facts": {"account_no": "88001234", "amount": 50000},
}


@dataclass(frozen=True)
class Scene:
    """At this local time somebody takes a step. `refused`: the rules are expected to refuse it, and why matters."""

    at: str
    who: str
    step: str
    body: dict[str, Any] = field(default_factory=dict)
    refused: bool = False


SCENES: Final = (
    Scene("2026-03-02T09:20", "li-min", "classify", {"severity": "general", "category": "process.withdrawal"}),
    Scene("2026-03-02T09:40", "li-min", "dispatch", {"units": ["settlement", "risk-control"]}, refused=True),
    Scene(
        "2026-03-02T10:00", "li-min", "draft-opinion",
        {"text": "结算部当日复核出金申请；风控部说明拦截原因，并向客户致歉。"},
    ),
    Scene("2026-03-02T10:30", "li-min", "dispatch", {"units": ["settlement", "risk-control"]}),
    Scene("2026-03-02T14:00", "zhou-qi", "confirm-opinion"),
    Scene(
        "2026-03-02T16:30", "wu-hao", "dispute-opinion",
        {"reason": "拦截系反洗钱规则触发，结算部未提交补充材料。", "proposal": "责任应由结算部承担。"},
    ),
    Scene("2026-03-02T16:40", "wu-hao", "execute", {"measure": "放行出金"}, refused=True),
    Scene(
        "2026-03-03T10:00", "qian-hui", "issue-ruling",
        {
            "outcome": "overturned",
            "text": "结算部未及时补充材料，负主要责任；风控部未向客户说明，负次要责任。请客服部修改处理意见。",
            "liability": [{"unit": "settlement", "percent": 70}, {"unit": "risk-control", "percent": 30}],
        },
    ),
    Scene(
        "2026-03-03T10:10", "qian-hui", "request-capa",
        {"unit": "settlement", "reason": "出金补充材料无人跟进，需提交纠正/预防措施报告。"},
    ),
    Scene(
        "2026-03-03T11:00", "li-min", "revise-opinion",
        {"text": "结算部今日补齐材料并出金；风控部书面说明原因；客服部电话致歉。"},
    ),
    Scene("2026-03-03T14:00", "zhou-qi", "confirm-opinion"),
    Scene("2026-03-03T15:00", "wu-hao", "confirm-opinion"),
    Scene("2026-03-04T11:00", "zhou-qi", "execute", {"measure": "材料已补齐，5万元已于3月4日10:52出金。"}),
    Scene("2026-03-04T11:20", "wu-hao", "execute", {"measure": "已书面说明拦截原因，并修改拦截提示。"}),
    Scene(
        "2026-03-04T11:30", "li-min", "inform-customer",
        {"means": "sms", "text": "您的出金申请已处理完毕，款项将于今日到账。给您带来不便，深表歉意。"},
    ),
    Scene("2026-03-04T11:35", "li-min", "close", {"outcome": "已解决", "summary": "出金完成"}, refused=True),
    Scene(
        "2026-03-05T17:00", "zhou-qi", "submit-capa",
        {
            "cause": "补充材料的提醒只发邮件，无人值守。", "corrective": "当日补齐全部待补材料。",
            "preventive": "待补材料进入每日晨会清单，超过一个工作日自动催办。",
            "responsible": "结算部经理", "complete_by": "2026-03-20",
        },
    ),
    Scene("2026-03-05T17:40", "qian-hui", "issue-capa"),
    Scene("2026-03-06T09:30", "zhao-jing", "confirm-effect", {"effective": True, "findings": "抽查5笔，均当日处理。"}),
    Scene(
        "2026-03-06T10:00", "li-min", "record-callback",
        {"reached": True, "satisfied": True, "score": 5, "means": "phone", "remarks": "客户表示满意。"},
    ),
    Scene(
        "2026-03-06T10:10", "li-min", "close",
        {"outcome": "已解决", "justified": True, "summary": "出金完成，责任7:3，整改措施已下发。"},
    ),
)  # fmt: skip

RECURRENCES: Final = (
    ("2026-03-09T09:00", "赵六", "139 0013 8001"),
    ("2026-03-10T09:00", "孙七", "139 0013 8002"),
    ("2026-03-11T09:00", "周八", "139 0013 8003"),
    ("2026-03-12T09:00", "吴九", "139 0013 8004"),
)

Heard = tuple[str, int, dict[str, Any]]
SOURCE: Final = "desk-7"
AGENT: Final = {"agent": "li-min"}
# What a softphone posts of a call: type, seconds since it began, what it says.
CALL: Final[tuple[Heard, ...]] = (
    ("call.offered", 0, {"direction": "inbound", "caller": "139 0013 8009", "callee": "4008001234"}),
    ("call.answered", 6, AGENT),
    ("call.ended", 246, {}),
    (
        "call.wrap_up", 290,
        {
            **AGENT,
            "form": {
                "procedure": "call-centre", "kind": "complaint", "channel": "phone", "subject": "新车导航故障",
                "content": "导航行驶中反复重启，两次到店未修好。",
                "complainant": {"name": "郑十", "phone": "139 0013 8009"},
            },
        },
    ),
)  # fmt: skip
AFTER_THE_CALL: Final = (
    Scene("2026-03-16T09:10", "li-min", "classify", {"category": "product"}),
    Scene("2026-03-16T09:12", "li-min", "escalate", {"to_role": "manager", "reason": "两次未修好，超出座席权限"}),
    Scene("2026-03-16T09:30", "zhao-jing", "dispatch", {"units": ["after-sales"]}),
    Scene("2026-03-16T15:00", "shi-lei", "execute", {"measure": "更换导航主机，路试一小时正常。"}),
)
# The callback, of which nobody writes anything down.
CALLED_BACK: Final[tuple[Heard, ...]] = (
    ("callback.attempted", 0, {**AGENT, "direction": "outbound", "callee": "139 0013 8009"}),
    ("call.answered", 8, AGENT),
    ("call.satisfaction_keyed", 95, {"score": 5}),
    ("call.ended", 98, {}),
)
