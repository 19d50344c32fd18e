"""Where the complaint stands: too early, too late, or already somewhere else."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "StepNotInProcedure": RefusalWords(
        Title("本流程没有这个步骤。", "This procedure has no such step."),
        {
            "known": Title("本流程的步骤：{known:steps}。", "The steps are {known:steps}."),
        },
    ),
    "ComplaintEnded": RefusalWords(
        Title(
            "投诉已经结束；如还需处理，请先重新受理。",
            "The complaint has ended; reopen it first if there is more to do.",
        )
    ),
    "AlreadyClosed": RefusalWords(
        Title(
            "投诉已以另一结果结案；如有误，请重新受理。",
            "The complaint is closed with another outcome; reopen it if that was wrong.",
        )
    ),
    "AnonymousStays": RefusalWords(
        Title(
            "匿名投诉没有可更正的投诉人信息；投诉人愿意留名的，请另行受理并关联。",
            "Nothing was taken down of who stays anonymous; where they give their name now, take another complaint down "
            "and link the two.",
        )
    ),
    "StillOpen": RefusalWords(
        Title("投诉尚未结束，无须重新受理。", "The complaint is still open, so there is nothing to reopen.")
    ),
    "NotYetClassified": RefusalWords(
        Title(
            "请先对投诉分类：严重程度决定处理方式。",
            "Classify the complaint first: severity decides how it is handled.",
        )
    ),
    "AlreadyDispatched": RefusalWords(
        Title(
            "处理记录表已经派出；此步骤只能在派单之前进行。",
            "The handling record has been sent already; this can only be done before.",
        )
    ),
    "NotYetDispatched": RefusalWords(
        Title(
            "本轮尚未派单给任何责任单位；请先派单。",
            "Nothing has been sent to a responsible unit in this round; dispatch the complaint first.",
        )
    ),
    "CaseAlreadyOpened": RefusalWords(
        Title(
            "投诉已经派给责任单位，不能再改为由一线当场解决。",
            "The case is with the responsible units already, so it can no longer be made one the front line settles.",
        )
    ),
    "NotForFrontLine": RefusalWords(
        Title(
            "此严重程度的投诉须立案处理；只有一线可以解决的投诉才能以解释结束。",
            "A complaint of this severity needs a case; only what the front line may settle ends by explanation.",
        )
    ),
    "FrontLineSettles": RefusalWords(
        Title(
            "此严重程度的投诉由一线解决；须请责任单位处理的，请先重新分类。",
            "A complaint of this severity is settled by the front line; reclassify it before a unit is asked.",
        )
    ),
    "NotYetExplained": RefusalWords(
        Title(
            "此严重程度的投诉先由一线解释，客户不接受再派单；请先当场解决。",
            "A complaint of this severity is explained first and passed on if the customer does not accept that; settle it.",
        )
    ),
    "ReopenNotAllowed": RefusalWords(
        Title(
            "以此方式结束的投诉，本流程不重新受理。",
            "This procedure does not reopen a complaint that ended in this way.",
        )
    ),
    "NothingAppealed": RefusalWords(
        Title(
            "没有责任单位附证据申诉；不受理和派单由受理部门决定。",
            "No unit has appealed with evidence; whoever takes complaints in rejects this one or sends it out.",
        )
    ),
    "StepNeedsMore": RefusalWords(
        Title("进行此步骤之前还须完成其他事项。", "Something has to happen before this step."),
        {
            "missing": Title("尚缺：{missing}。", "Still missing: {missing}."),
        },
    ),
    "DuplicateComplaint": RefusalWords(
        Title(
            "该客户就同一问题点已有未结案的投诉；请在该投诉上催办，不要另行受理。",
            "This customer has an open complaint about the same issue point; remind on that one instead of opening another.",
        ),
        {
            "number": Title(
                "该投诉编号为 {number}：POST /v1/complaints/{id}/remind；确须另行受理的，请以 force: true 重新提交。",
                "It is {number}: POST /v1/complaints/{id}/remind; or repeat the intake with force: true to open another.",
            ),
        },
    ),
    "NotReadyToClose": RefusalWords(
        Title("投诉还不能结案。", "The complaint cannot be closed yet."),
        {
            "missing": Title("尚缺：{missing}。", "Still missing: {missing}."),
        },
    ),
    "OwnerIsAccused": RefusalWords(
        Title("此人是被投诉人，不能担任责任人。", "This person is named in the complaint and cannot own it.")
    ),
    "ApproverIsAccused": RefusalWords(
        Title("此人是被投诉人，不能审批。", "This person is named in the complaint and approves of nothing in it.")
    ),
    "NothingInTheWay": RefusalWords(
        Title("没有可以放行的未完成事项。", "Nothing that may be overridden stands in the way.")
    ),
    "OwnerChangesByHandOver": RefusalWords(
        Title(
            "接收人接受后才更换责任人：请办理交接。",
            "The owner of a case changes only when the next one accepts: hand it over.",
        )
    ),
    "NothingHandedOver": RefusalWords(
        Title(
            "没有人将此投诉交接给您，没有待接受的交接。",
            "Nobody offered this case to you; there is no hand-over that waits to be accepted.",
        )
    ),
    "OutsideTheCircle": RefusalWords(
        Title(
            "此事项保密，只能上报可以查看它的人员。",
            "This matter is confidential, and goes up only to those who may see it.",
        ),
        {
            "roles": Title("可上报：{roles:roles}。", "They are {roles:roles}."),
        },
    ),
    "EscalationSkipsRung": RefusalWords(
        Title("投诉须逐级上报；请上报下一级。", "A case climbs the ladder rung by rung; escalate it to the next one."),
        {
            "role": Title("下一级是{role:roles}。", "That is {role:roles}."),
        },
    ),
    "DecidedFurtherUp": RefusalWords(
        Title(
            "如何继续由他人决定：此类投诉由其负责，或客户再次不满意；请询问他们。",
            "Others decide how this goes on: its category is theirs, or the customer was dissatisfied again; ask them.",
        ),
        {
            "roles": Title("由{roles:roles}决定。", "They are {roles:roles}."),
        },
    ),
}
