"""The indicators: what each one says, what it divides by what, and the sentence of the rules it comes from.

What counts is gathered complaint by complaint in projections/indicator_facts.py; here counted things become figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from domain.procedure.titles import Title

Shape = Literal["rate", "count", "duration", "money"]


@dataclass(frozen=True)
class Indicator:
    """One indicator. A rate is numerator over denominator; a count has only a numerator.

    A duration is the mean of its numerator's seconds; money is a sum per currency. `counted_by` is the day by which
    something falls into a period, in the zone of the complaint's calendar. `source` quotes the rules.
    """

    name: str
    title: Title
    shape: Shape
    definition: str
    numerator: str
    denominator: str | None
    counted_by: str
    source: str


def _listed(*indicators: Indicator) -> Mapping[str, Indicator]:
    return {indicator.name: indicator for indicator in indicators}


INDICATORS: Final = _listed(
    Indicator(
        "volume", Title("投诉量", "Complaints"), "count",
        "Complaints received; of a unit, those that were sent to it.",
        "complaints", None, "the day it was received (of a unit: first sent)",
        "95598: 统计各呼叫中心客户服务信息受理情况, 对客户咨询、投诉等进行统计分析",
    ),
    Indicator(
        "response-rate", Title("响应率", "Response rate"), "rate",
        "Units that answered in time, of those that were asked; one that has not answered yet counts as asked.",
        "times a unit accepted, answered, sent back or acted before a clock on that was missed",
        "times a unit was asked", "the day it was asked",
        "12345: 网络测评、问卷调查、即时评价、媒体监督等方式, 多渠道对部门进行评议",
    ),
    Indicator(
        "resolution-rate", Title("办结率", "Resolution rate"), "rate",
        "Rounds that ended with the matter settled, of all rounds that ended.",
        "rounds closed or settled, and neither judged unsatisfactory nor reopened afterwards",
        "rounds that were closed, settled or judged unsatisfactory by the customer", "the day the round ended",
        "呼叫中心的管理制度, 绩效考核: 呼叫质量: 包括客户满意度、问题解决率、客户投诉率等",
    ),
    Indicator(
        "satisfaction-rate", Title("满意率", "Satisfaction rate"), "rate",
        "Callbacks and ratings in which the customer was satisfied, of those that reached the customer.",
        "callbacks with a satisfied customer", "callbacks that reached the customer",
        "the day of the callback",
        "呼叫中心的管理制度, 绩效考核: 呼叫质量: 包括客户满意度、问题解决率、客户投诉率等",
    ),
    Indicator(
        "first-contact-resolution", Title("首次解决率", "First-contact resolution"), "rate",
        "Complaints settled on the spot and not reopened, of all received.",
        "complaints settled on the spot", "complaints received", "the day it was received",
        "快递服务站: 客户对受理人的解释表示满意的, 当场归档; 呼叫中心的管理制度, 绩效考核: 问题解决率",
    ),
    Indicator(
        "justified", Title("有理由投诉", "Justified complaints"), "rate",
        "Complaints in which the customer was found right (有理由投诉量), and their share of those closed.",
        "complaints closed as justified", "complaints closed", "the day it was closed last",
        "营业厅, 投诉处理员岗位: 避免有理由投诉量的增加",
    ),
    Indicator(
        "time-to-close", Title("处理时长", "Time to close"), "duration",
        "From when the matter reached us to its close, in seconds: mean, median and 90th percentile.",
        "seconds of all closed complaints", "complaints closed", "the day it was closed last",
        "呼叫中心如何管理投诉处理流程: 根据投诉的类别和复杂程度, 规定不同的处理时间要求",
    ),
    Indicator(
        "breaches", Title("超时次数", "Breaches"), "count", "Hard time limits that were missed.",
        "missed time limits", None, "the day it was missed", "12345: 整个办理过程还将纳入电子监察系统",
    ),
    Indicator(
        "returns", Title("退单次数", "Returns"), "count", "Work orders that a unit sent back.",
        "work orders sent back", None, "the day it was sent back",
        "400客服投诉处理方案, 申诉: 不属于本部门事务时, 一个工作日内将客户投诉转回客服部门",
    ),
    Indicator(
        "reopenings", Title("重新受理次数", "Reopenings"), "count",
        "New rounds, asked for or after a dissatisfied callback.",
        "rounds opened anew", None, "the day it was reopened", "用户对投诉处理不满意重新处理",
    ),
    Indicator(
        "callbacks-due", Title("待回访", "Callbacks due"), "count",
        "Measures executed about which the customer has still to be called: neither reached nor tried often enough.",
        "callbacks still to be made", None, "the day of the execution",
        "市场部在收到信息后1-2个工作日内对用户进行电话回访",
    ),
    Indicator(
        "compensation-paid", Title("已付补偿", "Compensation paid"), "money",
        "What was paid to customers, per currency.", "amounts paid", None, "the day it was paid",
        "营业厅, 资费争议: 在退费成功后告知客户, 并做好退费记录和统计工作",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """What was counted for one indicator: how many, how many of them fit, and how many were left out of the scoring.

    `amount` sums seconds or money of those that fit; `median` and `p90` are of seconds.
    """

    counted: int
    fitting: int
    excluded: int
    amount: Decimal | None = None
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Figure:
    """An indicator's value: a share from 0 to 1, a number, seconds, or None where nothing was counted.

    `amount` is money, in the currency counted.
    """

    value: float | None
    numerator: float
    denominator: int | None
    excluded: int
    median: float | None = None
    p90: float | None = None
    amount: Decimal | None = None


def figure(indicator: Indicator, sums: Sums) -> Figure:
    """The indicator's figure for what was counted."""
    match indicator.shape:
        case "rate":
            share = round(sums.fitting / sums.counted, 6) if sums.counted else None
            return Figure(share, sums.fitting, sums.counted, sums.excluded)
        case "count":
            return Figure(sums.fitting, sums.fitting, None, sums.excluded)
        case "duration":
            seconds = float(sums.amount or 0)
            mean = round(seconds / sums.counted, 3) if sums.counted else None
            return Figure(mean, seconds, sums.counted, sums.excluded, sums.median, sums.p90)
        case "money":
            return Figure(sums.fitting, sums.fitting, None, sums.excluded, amount=sums.amount)


def rise_of(now: float | None, before: float | None) -> float | None:
    """By how many per cent a figure rose (negative: fell) against the period before; None where nothing was before."""
    if now is None or not before:
        return None
    return round((now - before) / before * 100, 1)


def has_risen(now: float, before: float) -> bool:
    """环比上升: more than in the period before, also where there was nothing before."""
    return now > before
