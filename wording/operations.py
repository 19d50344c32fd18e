"""What the operations of the API are called: by their English summary in the description, and in Chinese."""

from typing import Final

from domain.titles import Title
from wording.steps import STEPS

OF_INCIDENTS: Final = "incident"
IN_CHINESE: Final[dict[str, str]] = {
    "Take a complaint down": "受理投诉",
    "One complaint": "单件投诉",
    "Its history": "投诉的历史",
    "Why a clock is due when it is due": "时限到期时间的由来",
    "One complaint by its number": "按编号查投诉",
    "Find a customer": "查找客户",
    "One customer": "单个客户",
    "The tracking table": "追踪表",
    "The clocks": "各项时限",
    "The clocks per procedure and unit": "按流程和单位汇总的时限",
    "What is owed: the work list": "待办",
    "The whole history": "全部历史",
    "What happens, from a position on": "从某一位置起的事件",
    "What happens, as it happens": "事件实时推送",
    "The access log": "查阅日志",
    "The signed checkpoints": "已签名的检查点",
    "Sign a checkpoint now": "立即签署检查点",
    "The newest checkpoint, as a note": "最新检查点（签名文本）",
    "That an event is in the log": "某一事件已在日志中的证明",
    "That the log only grew": "日志只增不改的证明",
    "The keys that sign checkpoints": "签署检查点的公钥",
    "The procedures": "各流程",
    "One procedure, whole": "单个流程全文",
    "The days of a calendar": "日历中的各日",
    "What every code is called": "代码与名称对照",
    "Publish a version of a calendar": "发布日历版本",
    "The versions of a calendar": "日历的各版本",
    "One version of a calendar": "日历的某一版本",
    "Publish a version of a procedure": "发布流程版本",
    "The versions of a procedure": "流程的各版本",
    "One version of a procedure": "流程的某一版本",
    "What would move if open complaints followed this version": "预览：未结投诉改按此版本时的变动",
    "Let open complaints follow this version": "未结投诉改按此版本",
    "Moves to versions of a calendar": "日历版本的切换",
    "How far a move has come": "切换的进度",
    "List the keys": "密钥列表",
    "Create a key": "新建密钥",
    "Revoke a key": "吊销密钥",
    "Add a person or a machine": "登记人员或机器",
    "Who works with the service": "人员与机器",
    "Give a key": "发放密钥",
    "The keys of somebody": "某人的密钥",
    "Rotate a key": "更换密钥",
    "Take a key away": "收回密钥",
    "What was recorded of somebody": "某人的变更记录",
    "One person": "单个人员",
    "Change a person": "修改人员",
    "The units": "各单位",
    "Make a unit": "新建单位",
    "One unit": "单个单位",
    "Change a unit": "修改单位",
    "Who was told of what": "已发通知",
    "Mark a notification as read": "将通知标为已读",
    "Send a dead letter anew": "重发未送达的通知",
    "Who is told how": "各接收人的通知方式",
    "How one is told": "某一接收人的通知方式",
    "Say how a role, a unit or an actor is told": "设定角色、单位或人员的通知方式",
    "Tell them in the console only": "改为仅在系统内通知",
    "Status for the complainant": "投诉人查询进度",
    "The figures": "各项指标",
    "What an indicator means": "指标的含义",
    "The events behind a figure": "指标所依据的事件",
    "Periodic work that is due": "到期的定期工作",
    "The periods of a procedure": "流程的各报告期",
    "A day, week or month of a procedure": "流程的日报、周报或月报",
    "What a problem means": "某一拒绝原因的含义",
    "Is the process alive": "进程是否存活",
    "Is it ready": "是否就绪",
    "Prometheus metrics": "Prometheus 指标",
    "Open an incident": "登记突发事件",
    "The incidents": "各突发事件",
    "One incident": "单个突发事件",
    "Its history (incident)": "突发事件的历史",
    "Complaints entered after it was over": "事件结束后补录的投诉",
    "Report how many calls came in": "报送来电数量",
    "Post what a softphone saw": "报送话务事件",
    "The calls": "各通话",
    "One call": "单次通话",
    "Who is ready, at a call or away": "座席当前状态",
    "The states of a seat over a span": "座席在一段时间内的状态",
    "What came in, by queue, agent, day or hour": "按队列、座席、日或小时统计的话务指标",
    "The calls that are offered to a desk, as they come": "推送到座席的来电",
    "What is known of a number": "来电号码的已知情况",
    "Who may post": "话务系统列表",
    "Let a telephone system post": "接入话务系统",
    "Another secret": "更换话务系统的密钥",
    "Let a source post no more": "停用话务系统",
    "What a source never told of": "话务系统漏报的序号",
    "Take complaints of another system over": "导入其他系统的投诉",
    "The newest imports": "最近的导入",
    "How far an import has come, and its report by row": "导入进度与逐行报告",
    "What became of every row": "导入的逐行结果",
    "Cancel an import": "取消导入",
    "The sandbox's time": "沙箱时间",
    "Set the sandbox's time": "设定沙箱时间",
    "Who I am": "当前身份",
}


def summary_of_step(step: str, of: str = "") -> str:
    """The English summary of the operation that takes a step; `of`: of which aggregate, where not of a complaint."""
    return _named(STEPS[step].en[:1].upper() + STEPS[step].en[1:], f" ({of})" if of else "")


def operation_title(summary: str) -> Title:
    """Both titles of the operation with this summary. Raises KeyError for one that has no Chinese title."""
    return Title(IN_CHINESE[summary] if summary in IN_CHINESE else _STEPS_IN_CHINESE[summary], summary)


def _named(title: str, of: str) -> str:
    return f"{title}{of}"


_STEPS_IN_CHINESE: Final = {
    summary_of_step(step, of): _named(title.zh, "（突发事件）" if of else "")
    for step, title in STEPS.items() for of in ("", OF_INCIDENTS)
}  # fmt: skip
