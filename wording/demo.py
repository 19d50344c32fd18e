"""What the demonstration says between the steps of its story."""

from typing import Final

from domain.titles import Title

STARTING: Final = Title(
    "正在启动沙箱：自带 PostgreSQL 和自己的时钟……", "Starting a sandbox: its own PostgreSQL, its own clock …"
)
ONE_COMPLAINT: Final = Title("一、一件投诉，从来电到结案", "1. One complaint, from the call to its close")
REPLAY: Final = Title("二、回放任何时刻", "2. Any moment of it, from the history")
RECURRENCE: Final = Title(
    "三、同一问题点一个月内第五次", "3. The fifth complaint within a month about one issue point is raised to severe"
)
CALLS: Final = Title(
    "四、一次来电成为投诉，一次回访自动登记", "4. A call becomes a complaint, and a callback by phone is recorded by itself"
)
CALL_CAME: Final = Title("来电", "call")
TALKED: Final = Title("等候 {waited} 秒，通话 {talked} 秒", "waited {waited} seconds, talked for {talked}")
BECAME: Final = Title("话后小结成为投诉 {number}：{subject}", "The wrap-up became {number}: {subject}")
CALLED_BACK: Final = Title("电话回访", "callback by phone")
TAKEN_DOWN: Final = Title("{number}：{subject}", "{number}: {subject}")
REFUSED: Final = Title("拒绝 {status}", "refused {status}")
CLOCK_OF_UNIT: Final = Title("{clock} · {unit}", "{clock} · {unit}")
MISSED: Final = Title("✗  {at}  {clock} 超时", "✗  {at}  {clock}: missed")
SOFT_PASSED: Final = Title(
    "⚠  {at}  {clock} 到期，不计超时", "⚠  {at}  {clock}: its time has come, which is no miss"
)
WARNED: Final = Title("⚠  {at}  {clock} 预警，{due} 到期", "⚠  {at}  {clock}: warned, due {due}")
STARTED: Final = Title("⏱  {clock} 开始，{due} 到期", "⏱  {clock}: started, due {due}")
STARTED_SOFT: Final = Title("⏱  {clock} 开始，{due} 到期（只预警）", "⏱  {clock}: started, due {due} (warns only)")
LATE: Final = Title("✓ 结束（已过到期时间，不计超时）", "✓ done (after its time, which is no miss)")
MET: Final = Title("✓ 按时", "✓ in time")
OVER: Final = Title("✗ 超时", "✗ missed")
CANCELLED: Final = Title("— 取消", "— cancelled")
WHOLE: Final = Title("{count} 个事件，版本 1 至 {last}，无缺号", "{count} events, versions 1 to {last}, none missing")
NOT_WHOLE: Final = Title("{count} 个事件，版本 1 至 {last}，有缺号！", "{count} events, versions 1 to {last}, with gaps!")
THEN: Final = Title(
    "3月2日 17:00 时：{status}，第 {revision} 版处理意见", "On 2 March at 17:00: {status}, opinion of revision {revision}"
)
LIMIT: Final = Title("时限“{clock}”（{limit}，{source}）：", "Time limit “{clock}” ({limit}, {source}):")
TAKEN_AND_CLASSIFIED: Final = Title("受理并分类", "receive and classify")
RAISED: Final = Title("系统升级为“{severity}”，关联 {others}", "Raised to {severity} by itself, linked to {others}")
TOLD: Final = Title("第一时间告知：{roles}", "Told at once: {roles}")
LIABILITY: Final = Title("责任比例 {shares}", "liability {shares}")
LABELLED: Final = Title("{name}：{value}", "{name}: {value}")
