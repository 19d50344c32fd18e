"""Who may not."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "RoleForbids": RefusalWords(
        Title(
            "在本流程中您的角色不能进行此步骤；请由有权的角色办理。",
            "Your role may not take this step in this procedure; ask one of the roles that may.",
        ),
        {
            "roles": Title("有权的角色：{roles:roles}。", "They are {roles:roles}."),
            "administrator": Title(
                "管理员管理人员、密钥、单位、规则和设置，不办理流程步骤；请为办理人建立有权角色的密钥（POST /v1/keys），"
                "紧急情况可用 override 步骤代办，须写明原因，并通知审计。",
                "An administrator administers people, keys, units, rules and settings and takes no steps: make a key with a "
                "role that may (POST /v1/keys), or in an emergency take the step override, with a reason, of which the "
                "auditor is told.",
            ),
        },
    ),
    "NotInAnEmergency": RefusalWords(
        Title(
            "此步骤即使在紧急情况下也不能代办：审批、赔付、定责定级和计分更正只由有权的角色办理。请为有权的人建立密钥。",
            "Not even in an emergency is this step taken in another's place: approvals, money, findings against people and "
            "corrections of figures are left to their own roles. Make a key for somebody who has the role.",
        )
    ),
    "Recused": RefusalWords(
        Title(
            "您是被投诉人，须回避：不能查看也不能处理此投诉，由同事接办。",
            "You are named in this complaint, so you can neither see nor handle it; a colleague takes over.",
        )
    ),
    "NotSentToYourUnit": RefusalWords(Title("此投诉没有派给您的单位。", "This complaint was not sent to your unit.")),
    "Confidential": RefusalWords(
        Title(
            "此事项保密：只有流程为此类事项指定的人员可以查看。",
            "This matter is confidential: only those whom the procedure names for its kind see it.",
        )
    ),
    "NotTheFirstContact": RefusalWords(
        Title(
            "首问责任：最先受理的人跟踪到底；此步骤由首问人、责任人或领导办理。",
            "Whoever received this complaint first follows it to its end; it is theirs, the owner's or a leader's to take.",
        )
    ),
    "NotTheOwner": RefusalWords(
        Title(
            "只有责任人或有权指派的人才能办理交接。", "Only the owner hands a case over, or somebody who may assign it."
        )
    ),
    "HandOverNotToYou": RefusalWords(
        Title(
            "此投诉交接给了另一人；只有接收人才能接受。",
            "This case was handed over to somebody else; only they can accept it.",
        )
    ),
    "AmountAboveAuthority": RefusalWords(
        Title(
            "此金额超出您的审批权限；请由有权限的人审批。",
            "This amount is above what your role may approve; ask one of those who may.",
        ),
        {
            "roles": Title("有权限的角色：{roles:roles}。", "They are {roles:roles}."),
            "nobody": Title("无人有此权限。", "They are nobody."),
        },
    ),
    "EndedByOthers": RefusalWords(
        Title(
            "此严重程度的投诉只能由有权的角色不予受理、登记撤回、当场了结或改为较轻的等级。",
            "Only some may reject, withdraw or settle a complaint as grave as this, or classify it as less; ask one of them.",
        ),
        {
            "roles": Title("有权的角色：{roles}。", "They are {roles}."),
        },
    ),
    "FoundByOthers": RefusalWords(
        Title(
            "只有有权的角色才能把投诉改为此类，或将此类投诉按属实结案。",
            "Only some may find that a complaint is of this category, or close one of it as justified; ask one of them.",
        ),
        {
            "roles": Title("有权的角色：{roles}。", "They are {roles}."),
        },
    ),
    "OwnProposal": RefusalWords(
        Title(
            "不得审批自己提出的赔付；请由另一人审批。",
            "Nobody approves the compensation they proposed; ask a second person.",
        )
    ),
    "NotYourClock": RefusalWords(
        Title("在本流程中您的角色只能延期其他时限。", "Your role may extend other clocks of this procedure only."),
        {
            "clocks": Title("可延期：{clocks}。", "They are {clocks}."),
        },
    ),
    "NotForAnotherUnit": RefusalWords(Title("您只能代表自己的单位答复。", "You can answer for your own unit only.")),
}
