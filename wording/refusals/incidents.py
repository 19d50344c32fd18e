"""Incidents of the centre, and the calls that are counted."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "NoSuchIncident": RefusalWords(Title("没有这件突发事件。", "There is no such incident.")),
    "NoSuchIncidentVersion": RefusalWords(
        Title(
            "该突发事件尚未达到此版本，或在该时间尚未登记。",
            "The incident has not come to this version, or was not there yet at that time.",
        )
    ),
    "UnknownIncidentProcedure": RefusalWords(
        Title("没有这个突发事件处理预案。", "There is no such procedure for incidents."),
        {
            "known": Title("可用的预案：{known}。", "There are {known}."),
        },
    ),
    "UnknownIncidentKind": RefusalWords(
        Title("预案中没有这类突发事件。", "The procedure knows no incident of this kind."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "UnknownRoleToInform": RefusalWords(
        Title("预案中没有这个须上报的角色。", "The procedure knows no such role to inform."),
        {
            "known": Title("可选：{known}。", "It knows {known}."),
        },
    ),
    "MeansNotForInforming": RefusalWords(
        Title("预案不以这种方式上报。", "The procedure does not inform people by this means."),
        {
            "known": Title("可用的方式：{known:means}。", "It uses {known:means}."),
        },
    ),
    "NoSuchIncidentMiss": RefusalWords(
        Title("没有这样的超时记录，无可撤销。", "No such miss is in the history, so there is nothing to retract.")
    ),
    "IncidentClockReallyMissed": RefusalWords(
        Title(
            "到期时间确已经过而未办完，此超时属实，不能撤销。",
            "The due time has really passed before it was done, so this miss stands.",
        )
    ),
    "IncidentIsRestored": RefusalWords(
        Title(
            "事件已经结束：此前已恢复。如再次发生，请另行登记。",
            "The incident is over: it was restored before. Open a new one if it has come back.",
        )
    ),
    "IncidentIsClosed": RefusalWords(
        Title(
            "事件已结案，只能补充日志记录。如再次发生，请另行登记。",
            "The incident is closed; only notes can be added. Open a new one if it has come back.",
        )
    ),
    "NotYetRestored": RefusalWords(
        Title(
            "请先记录恢复时间（恢复）：事件日志中开始和结束都要有。",
            "Record first when it was over (restore): beginning and end both stand in the log of an incident.",
        )
    ),
    "IncidentNotReadyToClose": RefusalWords(
        Title("事件还不能结案。", "The incident cannot be closed yet."),
        {
            "missing": Title("尚缺：{missing}。", "Still missing: {missing}."),
        },
    ),
    "SourceIsReserved": RefusalWords(
        Title(
            "此名称代表受理的投诉；请给电话系统另取名称。",
            "This name stands for the complaints received; call the telephone system something else.",
        )
    ),
    "NotWithinOneHour": RefusalWords(
        Title(
            "时段的开始和结束须在同一小时之内；请按小时分别报送。",
            "An interval begins and ends within one hour of the clock; report each hour's part by itself.",
        )
    ),
    "IntervalCountedAlready": RefusalWords(
        Title(
            "此来源在该时段或其一部分的呼入量已经统计，不重复统计。",
            "Calls of this source were counted for this interval, or a part of it, already; they are not counted twice.",
        )
    ),
}
