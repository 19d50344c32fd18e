"""The indicators in words: what each says, what it divides by what, by which day it counts, and its source."""

from typing import Final

from domain.titles import Title

INDICATORS: Final[dict[str, Title]] = {
    "volume": Title("投诉量", "Complaints"),
    "response-rate": Title("响应率", "Response rate"),
    "resolution-rate": Title("办结率", "Resolution rate"),
    "satisfaction-rate": Title("满意率", "Satisfaction rate"),
    "first-contact-resolution": Title("首次解决率", "First-contact resolution"),
    "justified": Title("有理由投诉", "Justified complaints"),
    "time-to-close": Title("处理时长", "Time to close"),
    "breaches": Title("超时次数", "Breaches"),
    "returns": Title("退单次数", "Returns"),
    "reopenings": Title("重新受理次数", "Reopenings"),
    "callbacks-due": Title("待回访", "Callbacks due"),
    "compensation-paid": Title("已付赔付", "Compensation paid"),
}
DEFINITIONS: Final[dict[str, Title]] = {
    "volume": Title(
        "受理的投诉件数；按单位统计时，为派给该单位的件数。",
        "Complaints received; of a unit, those that were sent to it.",
    ),
    "response-rate": Title(
        "按时答复的单位数占被派单单位数的比例；尚未答复的也计入被派单单位。",
        "Units that answered in time, of those that were asked; one that has not answered yet counts as asked.",
    ),
    "resolution-rate": Title(
        "办结的轮次占全部结束轮次的比例。",
        "Rounds that ended with the matter settled, of all rounds that ended.",
    ),
    "satisfaction-rate": Title(
        "联系上客户的回访和评价中，客户满意的比例。",
        "Callbacks and ratings in which the customer was satisfied, of those that reached the customer.",
    ),
    "first-contact-resolution": Title(
        "当场解决且未重新受理的投诉占全部受理投诉的比例。",
        "Complaints settled on the spot and not reopened, of all received.",
    ),
    "justified": Title(
        "认定客户有理的投诉件数，及其占结案投诉的比例。",
        "Complaints in which the customer was found right, and their share of those closed.",
    ),
    "time-to-close": Title(
        "从受理到结案的秒数：平均值、中位数和90分位数。",
        "From when the matter reached us to its close, in seconds: mean, median and 90th percentile.",
    ),
    "breaches": Title("硬性时限的超时次数。", "Hard time limits that were missed."),
    "returns": Title("责任单位退回工单的次数。", "Work orders that a unit sent back."),
    "reopenings": Title(
        "应要求重新受理或回访不满意而开始新一轮的次数。",
        "New rounds, asked for or after a dissatisfied callback.",
    ),
    "callbacks-due": Title(
        "尚须回访客户的件数：既未联系上，也未试够规定次数。",
        "Complaints whose customer has still to be called: neither reached nor tried often enough.",
    ),
    "compensation-paid": Title("支付给客户的金额，按币种统计。", "What was paid to customers, per currency."),
}
NUMERATORS: Final[dict[str, Title]] = {
    "volume": Title("投诉件数", "complaints"),
    "response-rate": Title(
        "单位在相关时限超时前接收、答复、退单或办理的次数",
        "times a unit accepted, answered, sent back or acted before a clock on that was missed",
    ),
    "resolution-rate": Title(
        "结案或当场解决，且其后既未评为不满意也未重新受理的轮次",
        "rounds closed or settled, and neither judged unsatisfactory nor reopened afterwards",
    ),
    "satisfaction-rate": Title("客户满意的回访数", "callbacks with a satisfied customer"),
    "first-contact-resolution": Title("当场解决的投诉件数", "complaints settled on the spot"),
    "justified": Title("以投诉成立结案的件数", "complaints closed as justified"),
    "time-to-close": Title("全部结案投诉的秒数之和", "seconds of all closed complaints"),
    "breaches": Title("超时的时限数", "missed time limits"),
    "returns": Title("被退回的工单数", "work orders sent back"),
    "reopenings": Title("新开始的轮次数", "rounds opened anew"),
    "callbacks-due": Title("尚须进行的回访数", "callbacks still to be made"),
    "compensation-paid": Title("已支付金额", "amounts paid"),
}
DENOMINATORS: Final[dict[str, Title]] = {
    "response-rate": Title("向单位派单的次数", "times a unit was asked"),
    "resolution-rate": Title(
        "结案、当场解决或被客户评为不满意的轮次",
        "rounds that were closed, settled or judged unsatisfactory by the customer",
    ),
    "satisfaction-rate": Title("联系上客户的回访数", "callbacks that reached the customer"),
    "first-contact-resolution": Title("受理的投诉件数", "complaints received"),
    "justified": Title("结案的投诉件数", "complaints closed"),
    "time-to-close": Title("结案的投诉件数", "complaints closed"),
}
COUNTED_BY: Final[dict[str, Title]] = {
    "volume": Title("受理之日（按单位统计时：首次派单之日）", "the day it was received (of a unit: first sent)"),
    "response-rate": Title("派单之日", "the day it was asked"),
    "resolution-rate": Title("该轮次结束之日", "the day the round ended"),
    "satisfaction-rate": Title("回访之日", "the day of the callback"),
    "first-contact-resolution": Title("受理之日", "the day it was received"),
    "justified": Title("最后一次结案之日", "the day it was closed last"),
    "time-to-close": Title("最后一次结案之日", "the day it was closed last"),
    "breaches": Title("时限届满之日，24:00 属于当日", "the day at whose end, or in which, the limit ran out"),
    "returns": Title("退单之日", "the day it was sent back"),
    "reopenings": Title("重新受理之日", "the day it was reopened"),
    "callbacks-due": Title("执行或结案之日", "the day of the execution or of the close"),
    "compensation-paid": Title("支付之日", "the day it was paid"),
}
# The sentence of the rules that asks for the figure, in the words of the rules.
SOURCES: Final[dict[str, str]] = {
    "volume": "95598: 统计各呼叫中心客户服务信息受理情况, 对客户咨询、投诉等进行统计分析",
    "response-rate": "12345: 网络测评、问卷调查、即时评价、媒体监督等方式, 多渠道对部门进行评议",
    "resolution-rate": "呼叫中心的管理制度, 绩效考核: 呼叫质量: 包括客户满意度、问题解决率、客户投诉率等",
    "satisfaction-rate": "呼叫中心的管理制度, 绩效考核: 呼叫质量: 包括客户满意度、问题解决率、客户投诉率等",
    "first-contact-resolution": (
        "快递服务站: 客户对受理人的解释表示满意的, 当场归档; 呼叫中心的管理制度, 绩效考核: 问题解决率"
    ),
    "justified": "营业厅, 投诉处理员岗位: 避免有理由投诉量的增加",
    "time-to-close": "呼叫中心如何管理投诉处理流程: 根据投诉的类别和复杂程度, 规定不同的处理时间要求",
    "breaches": "12345: 整个办理过程还将纳入电子监察系统",
    "returns": "400客服投诉处理方案, 申诉: 不属于本部门事务时, 一个工作日内将客户投诉转回客服部门",
    "reopenings": "用户对投诉处理不满意重新处理",
    "callbacks-due": "市场部在收到信息后1-2个工作日内对用户进行电话回访",
    "compensation-paid": "营业厅, 资费争议: 在退费成功后告知客户, 并做好退费记录和统计工作",
}
