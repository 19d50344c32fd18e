"""Every number of the ready procedures' tables of time limits: where it comes from, what it means, and when it ends.

Each row is a line of an organisation's own rules. Both starts lie before a long holiday with make-up workdays, so a
limit that counts the wrong days comes out wrong. The due instants were worked out by hand from the notices.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import pytest

from domain.clocks.clock import Clock, Judged, clocks_of
from domain.clocks.moments import Moment
from domain.procedure.moments import MomentName
from procedures.library import Library
from tests.facts import on

LIBRARY: Final = Library.ready()
UNIT: Final = "unit-1"

# Friday before the Spring Festival: Saturday the 14th and the 28th are worked, 15 to 23 February are not.
BEFORE_SPRING_FESTIVAL: Final = on("2026-02-13", "16:00")
# Wednesday before National Day: 1 to 7 October are not worked, Saturday the 10th is.
BEFORE_NATIONAL_DAY: Final = on("2026-09-30", "10:00")

# Limit -> when it ends after each of the two starts, in UTC; a day ends at 16:00, which is 24:00 in Shanghai.
DUE: Final[dict[str, tuple[str, str]]] = {
    "5 min": ("2026-02-13T08:05", "2026-09-30T02:05"),
    "10 min": ("2026-02-13T08:10", "2026-09-30T02:10"),
    "15 min": ("2026-02-13T08:15", "2026-09-30T02:15"),
    "30 min": ("2026-02-13T08:30", "2026-09-30T02:30"),
    "60 min": ("2026-02-13T09:00", "2026-09-30T03:00"),
    "1 h": ("2026-02-13T09:00", "2026-09-30T03:00"),
    "2 h": ("2026-02-13T10:00", "2026-09-30T04:00"),
    "4 h": ("2026-02-13T12:00", "2026-09-30T06:00"),
    "12 h": ("2026-02-13T20:00", "2026-09-30T14:00"),
    "24 h": ("2026-02-14T08:00", "2026-10-01T02:00"),
    "36 h": ("2026-02-14T20:00", "2026-10-01T14:00"),
    "48 h": ("2026-02-15T08:00", "2026-10-02T02:00"),
    "72 h": ("2026-02-16T08:00", "2026-10-03T02:00"),
    "same day": ("2026-02-13T16:00", "2026-09-30T16:00"),
    "1 WD": ("2026-02-14T16:00", "2026-10-08T16:00"),
    "2 WD": ("2026-02-24T16:00", "2026-10-09T16:00"),
    "3 WD": ("2026-02-25T16:00", "2026-10-10T16:00"),
    "5 WD": ("2026-02-27T16:00", "2026-10-13T16:00"),
    "10 WD": ("2026-03-05T16:00", "2026-10-20T16:00"),
    "15 WD": ("2026-03-12T16:00", "2026-10-27T16:00"),
    "20 WD": ("2026-03-19T16:00", "2026-11-03T16:00"),
    "30 WD": ("2026-04-02T16:00", "2026-11-17T16:00"),
    "35 WD": ("2026-04-10T16:00", "2026-11-24T16:00"),  # 4 to 6 April are not worked
    "3 days": ("2026-02-24T16:00", "2026-10-08T16:00"),  # the third day is a holiday: the next working day
}


@dataclass(frozen=True)
class Row:
    """One line of a table; `of` is the severity or the kind of matter it is for, `source` what the rules say."""

    procedure: str
    clock: str
    starts: str
    stops: str
    limit: str
    source: str
    of: str = ""
    soft: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.procedure, self.clock, self.of, self.starts)))


Plain = tuple[str, str, str, str, str]
Line = Plain | tuple[str, str, str, str, str, str]


def rows(procedure: str, *lines: Line) -> list[Row]:
    return [
        Row(procedure, line[0].removeprefix("~"), *line[1:5], "".join(line[5:]), line[0].startswith("~"))
        for line in lines
    ]


WITHOUT_A_UNIT: Final = ("EveryUnitReturned", "WaitsToBeSentOn", "AppealWaits")
OURS: Final = "原文未定时限, 由使用单位设定"
SET_BY_USERS: Final = "期限由使用单位规定"


def classify(limit: str) -> tuple[Plain, ...]:
    return tuple(("classify", "Unclassified", stop, limit, OURS) for stop in ("Classified", "Settled"))


def send_on(limit: str, begins: str = "EveryUnitReturned") -> tuple[Plain, ...]:
    return tuple(("send-on", begins, stop, limit, OURS) for stop in ("UnitAsked", "Settled", "Closed"))


def answer_customer(limit: str) -> Line:
    return ("answer-customer", "executed", "customer-informed", limit, OURS)


def whole_case(limit: str, *of: str) -> tuple[Line, ...]:
    return tuple(("whole-case", "Received", stop, limit, OURS, one) for stop in ("Closed", "Settled") for one in of)


def power(kind: str) -> tuple[Line, ...]:
    """What the power utility's service number has for each kind of matter: a fault is quicker than the rest."""
    is_fault = kind == "fault-repair"
    handle = {"fault-repair": "24 h", "complaint": "5 WD", "business": "5 WD"}.get(kind, "1 WD")
    return (
        ("dispatch", "Received", "Dispatched", "15 min" if is_fault else "2 h", SET_BY_USERS, kind),
        ("handle", "Dispatched", "executed", handle, SET_BY_USERS, kind),
        *((*line, kind) for line in classify("10 min" if is_fault else "1 h")),
        *((*line, kind) for line in send_on("15 min" if is_fault else "2 h")),
        *whole_case("10 WD" if handle == "5 WD" else "3 WD", kind),
    )


# `~` before a clock: never missed, as the rules say "generally", or as it is the time in which something may be done.
HOTLINE: Final = (
    ("accept", "UnitAsked", "Accepted", "1 WD", "1个工作日内受理"),
    ("accept", "UnitAsked", "Returned", "1 WD", "1个工作日内受理"),
    ("handle", "Dispatched", "executed", "5 WD", "咨询", "consultation"),
    ("handle", "Dispatched", "executed", "5 WD", "咨询", "suggestion"),
    ("handle", "Dispatched", "executed", "5 WD", "咨询", "praise"),
    ("handle", "Dispatched", "executed", "15 WD", "投诉", "complaint"),
    ("handle", "Dispatched", "executed", "15 WD", "投诉", "request"),
    ("handle", "Dispatched", "executed", "30 WD", "举报", "report"),
    *classify("same day"),
    ("dispatch", "Received", "Dispatched", "1 WD", OURS),
    ("dispatch", "Received", "Settled", "1 WD", OURS),
    *send_on("1 WD"),
    answer_customer("1 WD"),
    *whole_case("10 WD", "consultation", "suggestion", "praise"),
    *whole_case("20 WD", "complaint", "request"),
    *whole_case("35 WD", "report"),
)
HAND_OVER: Final = ("hand-over", "HandedOver", "HandoverAccepted", "1 WD", "没有接收移交的时限；一个工作日为本文件所定")
SYSTEM_FAILURES: Final = ("application-failure", "network-failure", "acd-failure", "system-outage")
TECHNICAL: Final = (*SYSTEM_FAILURES, "seat-fault", "power-cut")
TABLE: Final = [
    *rows(
        "kf0001",
        ("settle", "Received", "Settled", "same day", "当天受理当天解决", "minor"),
        ("settle", "Received", "Closed", "same day", "当天受理当天解决", "minor"),
        ("record-out", "Received", "Dispatched", "1 WD", "自投诉受理起，客服部一个工作日内", "general"),
        ("unit-answers", "UnitAsked", "UnitAnswered", "1 WD", "一个工作日内书面确认处理意见"),
        ("execute", "final-opinion", "executed", "2 WD", "自意见确认起两个工作日执行意见"),
        ("~whole-case", "Received", "Closed", "3 days", "一般投诉全程处理时间一般不超过三天", "general"),
        ("whole-case", "Received", "Closed", "1 WD", "重大/严重投诉全程处理时间一般不超过一个工作日", "major"),
        ("whole-case", "Received", "Closed", "1 WD", "重大/严重投诉全程处理时间一般不超过一个工作日", "severe"),
        ("capa-report", "CAPARequested", "CAPASubmitted", "5 WD", "五个工作日内提交到董事办"),
        ("capa-issue", "CAPASubmitted", "CAPAIssued", "same day", "董事办于当天内下发给客服部"),
        HAND_OVER,
        ("ruling", "OpinionDisputed", "RulingIssued", "1 WD", OURS),
        ("revision", "RulingOverturned", "OpinionRevised", "1 WD", OURS),
        *classify("same day"),
        *send_on("1 WD"),
        answer_customer("1 WD"),
        ("close-out", "executed", "Closed", "15 WD", OURS, "general"),
    ),
    *rows(
        "market-30min",
        ("dispatch", "Received", "Dispatched", "30 min", "最迟不能够超出30分钟"),
        ("progress", "UnitAsked", "ProgressReported", "30 min", "每30分钟将处理情况反馈给市场部"),
        ("progress", "ProgressReported", "ProgressReported", "30 min", "每30分钟将处理情况反馈给市场部"),
        ("progress", "ProgressReported", "Closed", "30 min", "直至投诉结案"),
        ("contact", "UnitAsked", "CustomerInformed", "3 WD", "需在三个工作日内(特殊情况除外)回访用户"),
        ("result-report", "solution-agreed", "executed", "same day", "在当日就将处理结果反馈至市场部"),
        ("callback", "executed", "callback-answered", "2 WD", "1-2个工作日内对用户进行电话回访"),
        ("classify", "Unclassified", "Classified", "15 min", OURS),
        *send_on("30 min")[::2],
        ("whole-case", "Received", "Closed", "10 WD", OURS),
    ),
    *rows(
        "courier",
        ("forward", "Received", "Dispatched", "1 h", "在受理客户投诉后1小时内，转发给相关责任部门"),
        ("contact", "UnitAsked", "CustomerInformed", "24 h", "24小时内与客户进行联系"),
        ("handle", "UnitAsked", "executed", "3 WD", "3个工作日内处理完毕"),
        ("callback", "executed", "callback", "3 WD", "1-3个工作日"),
        HAND_OVER,
        *classify("30 min"),
        *send_on("1 h"),
        answer_customer("1 WD"),
        *whole_case("10 WD", ""),
    ),
    *rows("hotline-12345", *HOTLINE),
    *rows("hotline-mayor", *HOTLINE),
    *rows(
        "general",
        ("answer", "Received", "customer-informed", "24 h", "24小时内给出解决方案", "simple"),
        ("answer", "Received", "customer-informed", "5 WD", "3-5个工作日内完成处理", "complex"),
        *classify("4 h"),
        *send_on("4 h"),
        *whole_case("10 WD", ""),
    ),
    *[
        row
        for kind in SYSTEM_FAILURES
        for row in rows(
            "emergency",
            ("inform-manager", "IncidentOpened", "Informed.manager", "5 min", "5分钟内，上报客服部经理", kind),
            (
                "inform-vp",
                "IncidentOpened",
                "Informed.vp-operations",
                "10 min",
                "10分钟内恢复，应立即通知运营副总",
                kind,
            ),
            ("leadership", "IncidentOpened", "Decided", "60 min", "60分钟内仍未解决", kind),
            ("inform-manager", "IncidentOpened", "Restored", "5 min", "5分钟内，上报客服部经理", kind),
            ("inform-vp", "IncidentOpened", "Restored", "10 min", "10分钟内恢复，应立即通知运营副总", kind),
            ("leadership", "IncidentOpened", "Restored", "60 min", "60分钟内仍未解决", kind),
        )
    ],
    *[
        row
        for kind in LIBRARY.procedures["emergency"].kinds
        for row in rows(
            "emergency",
            ("restored", "IncidentOpened", "Restored", "24 h" if kind in TECHNICAL else "3 WD", OURS, kind),
            ("recorded", "Restored", "Closed", "1 WD", OURS, kind),
        )
    ],
    *rows(
        "retail-400",
        ("shop-contact", "Received", "Accepted", "12 h", "12小时内联系门店相关负责人确认责任人"),
        ("result", "Received", "executed", "48 h", "48小时给出处理结果"),
        ("callback", "Received", "callback", "72 h", "72小时内安排回访客户"),
        ("~appeal", "UnitAsked", "Returned", "1 WD", "一个工作日内将客户投诉转回客服部门"),
        *classify("2 h"),
        *send_on("4 h", "WaitsToBeSentOn"),
        *(("examine-appeal", "AppealWaits", stop, "1 WD", OURS) for stop in ("UnitAsked", "Settled", "Closed")),
        *whole_case("5 WD", ""),
    ),
    *rows(
        "dealer-4s",
        ("result-report", "Executed", "ProgressReported", "24 h", "在处理完毕后的24小时内将处理结果反馈至集团客服部"),
        ("pre-warning", "SeverityChanged", "Escalated", "24 h", "24小时内向品牌事业部/管理部、法务部预警报备", "major"),
        HAND_OVER,
        *classify("4 h"),
        ("dispatch", "Received", "Dispatched", "1 WD", OURS),
        ("handle", "UnitAsked", "executed", "3 WD", OURS),
        ("callback", "executed", "callback", "2 WD", OURS),
        *send_on("1 WD"),
        *whole_case("10 WD", ""),
    ),
    *rows(
        "outbound",
        ("~same-day", "Received", "Closed", "same day", "工单当天尽量处理完成"),
        ("whole-case", "Received", "Closed", "36 h", "最迟不超过36小时处理完毕"),
        ("callback", "Closed", "callback", "3 WD", "由后台回访用户后审核"),
        HAND_OVER,
        *classify("4 h"),
        *send_on("4 h"),
        answer_customer("12 h"),
    ),
    *rows(
        "after-sales",
        ("response", "Unclassified", "Classified", "1 h", "开Case的时间作为用户请求/投诉的响应时间"),
        ("response", "Unclassified", "Settled", "1 h", "开Case的时间作为用户请求/投诉的响应时间"),
        ("handle", "Dispatched", "executed", "3 WD", "若在规定的时限内不能处理完毕", "general"),
        ("handle", "Dispatched", "executed", "1 WD", "若在规定的时限内不能处理完毕", "major"),
        ("callback", "Closed", "callback", "3 WD", "在Case关闭后"),
        (*HAND_OVER[:4], "原文没有接收移交的时限，一个工作日为本文件所定"),
        ("dispatch", "Received", "Dispatched", "4 h", OURS),
        ("dispatch", "Received", "Settled", "4 h", OURS),
        *send_on("4 h"),
        answer_customer("1 WD"),
        *whole_case("10 WD", ""),
    ),
    *rows(
        "power-95598",
        *[
            line
            for kind in ("fault-repair", "outage-info", "complaint", "usage-query", "consultation", "business")
            for line in power(kind)
        ],
        ("accept", "UnitAsked", "Accepted", "30 min", SET_BY_USERS, "fault-repair"),
        ("accept", "UnitAsked", "Returned", "30 min", SET_BY_USERS, "fault-repair"),
        ("reply", "executed", "customer-informed", "1 WD", SET_BY_USERS),
        ("follow-up", "UnitAsked", "ProgressReported", "1 WD", SET_BY_USERS, "major"),
        ("follow-up", "ProgressReported", "Closed", "1 WD", SET_BY_USERS, "major"),
    ),
    *rows(
        "agent-fault",
        ("whole-case", "Received", "Closed", "3 WD", OURS),
        HAND_OVER,
        ("classify", "Unclassified", "Classified", "4 h", OURS),
        *send_on("4 h")[::2],
    ),
]
# Who is accused and means nobody is decided about, in each of them.
MATCHED: Final = ("match-accused", "AccusedUnmatched", "accused-matched", "1 WD", OURS)
TABLE.extend(row for code in sorted({row.procedure for row in TABLE} - {"emergency"}) for row in rows(code, MATCHED))
STARTS: Final = [(BEFORE_SPRING_FESTIVAL, 0), (BEFORE_NATIONAL_DAY, 1)]


def clock_of(row: Row, start: datetime, *later: Moment) -> Clock:
    """The row's clock of a matter for which nothing happened but what starts it; what ends it comes `later`."""
    procedure = LIBRARY.procedures[row.procedure]
    before = [Moment("Received", start, 1), Moment("KindKnown", start, 1, subject=row.of or "complaint")]
    if row.of in procedure.severities:
        before[1:] = [
            Moment("KindKnown", start, 1, subject="complaint"),
            Moment("SeverityKnown", start, 1, subject=row.of),
        ]
    first = [] if row.starts == "Received" else happening(row.starts, start, row.of or None)
    found = clocks_of([*before, *first, *later], Judged(), procedure, LIBRARY.calendar(procedure.calendar)).clocks
    started = [clock for clock in found if clock.name == row.clock and clock.started_at == start]
    running = [clock for clock in started if clock.state != "cancelled"]
    assert len(running) == 1, f"{row} has {len(running)} clocks"
    return running[0]


# What makes a condition true.
BRINGING: Final[dict[str, tuple[tuple[MomentName, str | None], ...]]] = {
    "executed": (("UnitAsked", None), ("Executed", None)),
    "final-opinion": (("UnitAsked", None), ("OpinionFinal", None)),
    "solution-agreed": (("UnitAsked", None), ("SolutionAgreed", None)),
    "customer-informed": (("UnitAsked", None), ("Executed", None), ("CustomerInformed", None)),
    "callback": (("UnitAsked", None), ("Executed", None), ("CallbackDone", "reached")),
    "callback-answered": (("UnitAsked", None), ("Executed", None), ("CallbackDone", "answered")),
    "accused-matched": (("AccusedMatched", None),),
}


def happening(name: str, at: datetime, subject: str | None) -> list[Moment]:
    """What happens to one unit when a moment comes or a condition becomes true."""
    plain = ((cast(MomentName, name), subject),)
    return [Moment(moment, at, 1, UNIT, what) for moment, what in BRINGING.get(name, plain)]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_limit_of_the_table_ends_when_its_source_says(row: Row) -> None:
    for start, column in STARTS:
        clock = clock_of(row, start)
        assert (str(clock.rule.limit), clock.soft) == (row.limit, row.soft)
        assert clock.due_at == datetime.fromisoformat(DUE[row.limit][column]).replace(tzinfo=UTC)
        assert row.source in clock.rule.source, clock.rule.source


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_limit_of_the_table_is_met_by_what_its_source_asks_for(row: Row) -> None:
    done_at = BEFORE_SPRING_FESTIVAL + timedelta(minutes=1)
    roles = {role for rule in LIBRARY.procedures[row.procedure].clocks for role in rule.to_roles} or {""}
    asked = Moment("UnitAsked", BEFORE_SPRING_FESTIVAL, 1, UNIT)
    ending = [moment for role in roles for moment in happening(row.stops, done_at, role)]
    later = [moment for moment in ending if moment.name == row.stops or moment.name != asked.name]
    done = later if row.starts in {"UnitAsked", *WITHOUT_A_UNIT, *BRINGING} else [asked, *later]
    clock = clock_of(row, BEFORE_SPRING_FESTIVAL, *done)
    assert (clock.state, clock.stopped_at) == ("met", done_at)


@pytest.mark.parametrize("code", sorted({row.procedure for row in TABLE}))
def test_no_limit_of_these_procedures_is_missing_from_the_table(code: str) -> None:
    written = {(row.clock, row.limit, row.starts) for row in TABLE if row.procedure == code}
    rules = LIBRARY.procedures[code].clocks
    assert written == {(rule.name, str(rule.limit), start) for rule in rules for start in rule.starts}


def test_the_holidays_that_the_table_was_worked_out_with_are_those_of_the_calendar() -> None:
    cn = LIBRARY.calendar("cn")
    days = [datetime(2026, 2, 13, tzinfo=UTC) + timedelta(days=number) for number in range(17)]
    worked = [day.day for day in days if cn.is_workday(day.date())]
    assert worked == [13, 14, 24, 25, 26, 27, 28]
    autumn = [day for day in range(1, 12) if cn.is_workday(datetime(2026, 10, day, tzinfo=UTC).date())]
    assert autumn == [8, 9, 10]
