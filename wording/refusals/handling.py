"""Handling, reports and time."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "SolutionNotAgreed": RefusalWords(
        Title(
            "客户尚未同意处理方案；请先商定，未同意的须另拟方案，直至同意为止。",
            "The customer has not agreed to a solution yet; agree on one first, with a new plan as often as it takes.",
        )
    ),
    "ApprovalMissing": RefusalWords(
        Title(
            "此严重程度的投诉，处理方案须经审批才能执行，口头或书面均可。",
            "A plan for a complaint of this severity needs an approval before it is executed, oral or written.",
        )
    ),
    "ApprovalOfEachUnitMissing": RefusalWords(
        Title(
            "处理方案须经每个被派单部门的负责人审批才能执行；尚有部门未审批。",
            "The head of every department that was asked approves this plan before it is executed; one is still missing.",
        )
    ),
    "AlreadyExecuted": RefusalWords(Title("此单位已经报告执行。", "This unit has reported its execution already.")),
    "PlanAlreadyExecuted": RefusalWords(
        Title(
            "该方案已经执行，不能再商定另一方案；客户不满意的，请记入回访，由此重新处理。尚未执行的单位，请指明单位。",
            "This plan was executed, so no other is agreed on; record a customer who is not content with the callback, "
            "which begins anew. For a unit that has not executed yet, name the unit.",
        )
    ),
    "NotYetExecuted": RefusalWords(
        Title("处理措施尚未执行；请先报告执行。", "The measure has not been executed yet; report the execution first.")
    ),
    "MeansNotAllowed": RefusalWords(
        Title("本流程以其他方式回复客户。", "This procedure tells the customer by other means."),
        {
            "known": Title("可用的方式：{known:means}。", "It uses {known:means}."),
        },
    ),
    "CapaAlreadyRequested": RefusalWords(
        Title(
            "此单位已有一份尚未完成的纠正/预防措施报告。",
            "A corrective and preventive action report of this unit is open already.",
        )
    ),
    "CapaNotRequested": RefusalWords(
        Title("没有待提交的纠正/预防措施报告。", "No corrective and preventive action report waits for this.")
    ),
    "CapaNotSubmitted": RefusalWords(
        Title(
            "没有已提交、可以下发的纠正/预防措施报告。",
            "No corrective and preventive action report has been submitted that could be issued.",
        )
    ),
    "InterimMeasureMissing": RefusalWords(
        Title(
            "先有书面的临时处理措施才能延期；请先报告临时处理措施。",
            "A step may be postponed only after a written interim measure; report the interim measure first.",
        ),
        {
            "anew": Title(
                "同一时限每次再延期，都须有新的临时处理措施。", "Each further extension of a clock needs a new one."
            ),
        },
    ),
    "CustomerNotTold": RefusalWords(
        Title(
            "先回复客户才能延期，每次延期都须重新回复；请先回复客户。",
            "A limit is extended only after word to the customer, and anew for each extension; inform the customer first.",
        )
    ),
    "ClockNotRunning": RefusalWords(
        Title("此时限没有在计时，不能延期。", "This clock is not running, so it cannot be moved.")
    ),
    "ClockIsPaused": RefusalWords(Title("此时限已暂停计时；请先恢复计时。", "This clock is paused; resume it first.")),
    "ClockNotPaused": RefusalWords(
        Title("没有已暂停的此项时限，无须恢复计时。", "No such clock is paused, so there is nothing to resume.")
    ),
    "NoSuchMiss": RefusalWords(
        Title("没有这样的超时记录，无可撤销。", "No such miss is in the history, so there is nothing to retract.")
    ),
    "ReallyMissed": RefusalWords(
        Title(
            "到期时间确已经过而未办完，此超时属实，不能撤销；如不应纳入考核，请用“不纳入考核”。",
            "The due time has really passed before it was done, so this miss stands; what is not to count can be excluded "
            "from the scoring.",
        )
    ),
    "PauseEndsInThePast": RefusalWords(
        Title(
            "暂停计时须在现在之后结束；请写明自动恢复计时的时间。",
            "A pause ends later than now; give the time at which the clocks run on by themselves.",
        )
    ),
    "PauseTooLong": RefusalWords(
        Title(
            "本流程中暂停计时不能这么久；请写明较早的结束时间，不够时再次暂停。",
            "A pause may not last so long in this procedure; give an earlier end, and pause again if that is not enough.",
        ),
        {
            "latest": Title("从现在起 {longest}，最晚到 {latest}。", "{longest!s} from now end {latest}."),
        },
    ),
    "PausedTooOften": RefusalWords(
        Title(
            "本流程中同一时限不能再暂停；请继续处理，或申请延期。",
            "A clock is not paused again so often in this procedure; go on, or extend it.",
        ),
        {"most": Title("最多暂停 {most} 次。", "At most {most} times.")},
    ),
    "ExtendedTooOften": RefusalWords(
        Title(
            "本流程中同一时限不能再延期；请办结，或上报。",
            "A clock is not extended again so often in this procedure; finish, or take it further up.",
        ),
        {"most": Title("最多延期 {most} 次。", "At most {most} times.")},
    ),
    "ExtendedTooFar": RefusalWords(
        Title(
            "本流程中延期不能这么久；请写明较早的时间。",
            "A clock is not extended so far in this procedure; give an earlier time.",
        ),
        {
            "latest": Title(
                "最晚到 {latest}，还可延期 {left} 次。", "{latest} at the latest; {left} extensions are left."
            ),
        },
    ),
    "NotLater": RefusalWords(
        Title(
            "新的时间须晚于现在的到期时间，且在其后一年以内。",
            "The new time must be later than the present due time, and within a year of it.",
        )
    ),
}
