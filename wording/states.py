"""What the states are called: of complaints, of incidents, and of what lies within a complaint."""

from typing import Final

from domain.titles import Title

COMPLAINT: Final[dict[str, Title]] = {
    "received": Title("已受理", "received"),
    "classified": Title("已分类", "classified"),
    "dispatched": Title("已派单", "dispatched"),
    "disputed": Title("有异议", "disputed"),
    "executing": Title("执行中", "executing"),
    "executed": Title("已执行", "executed"),
    "informed": Title("已回复客户", "informed"),
    "closed": Title("已结案", "closed"),
    "rejected": Title("不予受理", "rejected"),
    "withdrawn": Title("已撤诉", "withdrawn"),
}
CALL: Final[dict[str, Title]] = {
    "offered": Title("呼入", "offered"),
    "ringing": Title("振铃", "ringing"),
    "talking": Title("通话中", "talking"),
    "held": Title("保持", "held"),
    "wrapping-up": Title("话后处理", "wrapping up"),
    "ended": Title("已结束", "ended"),
    "missed": Title("未接", "missed"),
    "presumed-ended": Title("推定结束", "presumed ended"),
}
INCIDENT: Final[dict[str, Title]] = {
    "open": Title("处理中", "ongoing"),
    "restored": Title("已恢复", "restored"),
    "closed": Title("已结案", "closed"),
}
UNIT: Final[dict[str, Title]] = {
    "asked": Title("待答复", "asked"),
    "accepted": Title("已接收", "accepted"),
    "returned": Title("已退单", "returned"),
    "recalled": Title("已撤回", "recalled"),
    "confirmed": Title("已确认", "confirmed"),
    "disputed": Title("有异议", "disputed"),
    "executed": Title("已执行", "executed"),
}
UNIT_ROLES: Final[dict[str, Title]] = {
    "lead": Title("主办", "lead"),
    "support": Title("协办", "support"),
}
OPINION: Final[dict[str, Title]] = {
    "drafted": Title("已拟定", "drafted"),
    "asked": Title("待确认", "asked"),
    "confirmed": Title("已确认", "confirmed"),
    "disputed": Title("有异议", "disputed"),
    "final": Title("已定案", "final"),
}
CAPA: Final[dict[str, Title]] = {
    "requested": Title("待提交", "requested"),
    "submitted": Title("已提交", "submitted"),
    "issued": Title("已下发", "issued"),
}
COMPENSATION: Final[dict[str, Title]] = {
    "proposed": Title("待审批", "proposed"),
    "approved": Title("已批准", "approved"),
    "refused": Title("未批准", "refused"),
    "withdrawn": Title("已撤回", "withdrawn"),
    "paid": Title("已支付", "paid"),
}
CLOCK: Final[dict[str, Title]] = {
    "running": Title("计时中", "running"),
    "met": Title("按时完成", "met"),
    "missed": Title("超时", "missed"),
    "paused": Title("已暂停", "paused"),
    "cancelled": Title("已取消", "cancelled"),
}
NOTIFICATION: Final[dict[str, Title]] = {
    "waiting": Title("待发送", "waiting"),
    "sending": Title("发送中", "sending"),
    "sent": Title("已发送", "sent"),
    "dead": Title("发送失败", "dead"),
    "cancelled": Title("已取消", "cancelled"),
}
MOVE: Final[dict[str, Title]] = {
    "running": Title("调整中", "running"),
    "finished": Title("已完成", "finished"),
}
# The path of a drawing: an incident that is going on has no name of its own among the states of a complaint.
DRAWN: Final[dict[str, Title]] = {
    **COMPLAINT,
    "ongoing": INCIDENT["open"],
    "restored": INCIDENT["restored"],
}
# Of what is owed
OBLIGATION: Final[dict[str, Title]] = {
    "open": Title("待办", "open"),
    "met": Title("已办", "done"),
    "missed": Title("超时", "missed"),
    "waived": Title("无需办理", "void"),
}
IMPORT: Final[dict[str, Title]] = {
    "waiting": Title("等待中", "Waiting"),
    "running": Title("进行中", "Running"),
    "done": Title("已完成", "Done"),
    "failed": Title("已中止", "Failed"),
    "cancelled": Title("已取消", "Cancelled"),
}
