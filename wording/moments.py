"""What the moments are called that start and stop clocks."""

from typing import Final

from domain.titles import Title
from wording.events import EVENTS

MOMENTS: Final[dict[str, Title]] = {
    "Received": Title("受理", "received"),
    "Classified": Title("分类", "classified"),
    "Dispatched": Title("派单", "dispatched"),
    "UnitAsked": Title("送达责任单位", "unit asked"),
    "Accepted": Title("接收", "accepted"),
    "Returned": Title("退单", "returned"),
    "UnitAnswered": Title("责任单位答复", "unit answered"),
    "OpinionFinal": Title("处理意见定案", "opinion final"),
    "ProgressReported": Title("报告进展", "progress reported"),
    "CustomerInformed": Title("回复客户", "customer informed"),
    "SolutionAgreed": Title("方案商定", "solution agreed"),
    "Executed": Title("执行", "executed"),
    "CAPARequested": Title("责令提交报告", "CAPA requested"),
    "CAPASubmitted": Title("提交报告", "CAPA submitted"),
    "CAPAIssued": Title("下发报告", "CAPA issued"),
    "EffectConfirmed": Title("确认效果", "effect confirmed"),
    "CallbackDone": Title("回访", "callback done"),
    "MeetingHeld": Title("召开会议", "meeting held"),
    "Settled": Title("当场解决", "settled"),
    "Closed": Title("结案", "closed"),
    "Escalated": Title("上报", "escalated"),
    "IncidentOpened": Title("突发事件登记", "incident opened"),
    "Restored": Title("恢复", "restored"),
    "Decided": Title("决定其他适当行动", "decided"),
    "SeverityChanged": Title("定级", "severity set"),
    "ChargeFoundWrong": Title("查明收费有误", "charge found wrong"),
    "ChargesMadeGood": Title("收费差错退清", "wrong charges made good"),
    "EveryUnitExecuted": Title("各单位均已执行", "every unit executed"),
    "Unclassified": Title("待分类", "waits to be classified"),
    "EveryUnitReturned": Title("各单位均已退单", "every unit sent it back"),
    "OpinionDisputed": Title("提出异议", "opinion disputed"),
    "RulingIssued": Title("作出裁定", "ruling issued"),
    "RulingOverturned": Title("裁定推翻处理意见", "opinion overturned"),
    "OpinionRevised": Title("修改处理意见", "opinion revised"),
    "HandedOver": Title("移交待接收", "handed over"),
    "HandoverAccepted": Title("接收移交", "hand-over accepted"),
    # Conditions
    "executed": Title("各单位均已执行", "every unit executed"),
    "final-opinion": Title("处理意见已定案", "opinion is final"),
    "solution-agreed": Title("方案已商定", "solution is agreed"),
    "customer-informed": Title("已将结果回复客户", "customer told the result"),
    "callback": Title("已回访到客户", "customer called back"),
    "callback-answered": Title("客户已表明是否满意", "customer said whether content"),
    "effect-confirmed": Title("效果已确认", "effect confirmed"),
    # Known to clocks alone, and to no file
    "KindKnown": Title("确定事项类别", "kind known"),
    "SeverityKnown": Title("确定严重程度", "severity known"),
    "UnitReleased": Title("责任单位不再负责", "unit released"),
    "RoundOpened": Title("开始新一轮", "round opened"),
    "OfferWithdrawn": Title("移交撤回", "hand-over taken back"),
    "OwnerLeft": Title("负责人回避", "owner withdrawn"),
    "Rejected": Title("不予受理", "rejected"),
    "Withdrawn": Title("撤诉", "withdrawn"),
    "Extended": Title("延期", "extended"),
    "DeadlineMoved": Title("时限调整", "deadline moved"),
    "ClocksPaused": Title("暂停计时", "clocks paused"),
    "ClocksResumed": Title("恢复计时", "clocks resumed"),
    "UnitTakenOff": Title("撤回责任单位", "unit taken off"),
    "UnitJoined": Title("增加责任单位", "unit joined"),
    "DisputeDropped": Title("异议随改派或撤回取消", "dispute gone with its unit"),
    "SolutionRefused": Title("客户不同意方案", "solution refused"),
    "BeatMissed": Title("逾期后重新计时", "counted anew after a miss"),
    **{
        name: EVENTS[name]
        for name in (
            "ApologyMade", "AccusedNamed", "NoticeIssued", "CustomerChecked", "ChargeVerified", "FaultGraded",
            "FormCompleted", "AttachmentAdded", "CompensationProposed", "CompensationApproved",
            "CompensationRefused", "CompensationPaid", "Approved",
        )
    },
}  # fmt: skip
