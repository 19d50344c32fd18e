"""Money that goes to the customer."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "ChargeNotVerified": RefusalWords(
        Title(
            "查证收费有误之后才能退费；请先查证收费。",
            "A refund comes only after the charge was verified as wrong; verify the charge first.",
        )
    ),
    "OverCompensation": RefusalWords(
        Title(
            "超过了查证的误差所应返还的金额；不得过度赔付。",
            "This is more than the verified error is made good with; customers are not compensated beyond that.",
        ),
        {
            "most": Title("最多还可返还 {most} {currency}。", "At most {most} {currency} is left to make good."),
        },
    ),
    "CreditComesFirst": RefusalWords(
        Title(
            "赔付以账户充值为先；采用其他方式的，请在 why_not_credit 中说明充值为何不可行。",
            "Compensation is credited to the account first; for another way, say in why_not_credit why that does not do.",
        )
    ),
    "CompensationOpen": RefusalWords(
        Title(
            "已获批的赔付尚未支付；请先支付，再提出新的赔付。",
            "An approved compensation has not been paid yet; pay it before another is proposed.",
        )
    ),
    "NoCompensationProposed": RefusalWords(
        Title("没有待审批的赔付；请先提出赔付。", "No compensation waits for approval; propose one first.")
    ),
    "NoCompensationApproved": RefusalWords(
        Title(
            "没有待支付的已获批赔付；须先审批。",
            "No approved compensation waits to be paid; it has to be approved first.",
        )
    ),
    "NotTheApprovedCompensation": RefusalWords(
        Title(
            "与现有的赔付不一致；请重新查看该投诉。",
            "This differs from the compensation that stands; read the complaint again.",
        ),
        {
            "amount": Title(
                "现有的赔付为 {amount} {currency}（{method:payments}），依据为提出时所述。",
                "It is {amount} {currency} as {method:payments}, on the ground that was proposed.",
            ),
        },
    ),
    "UnknownBasis": RefusalWords(
        Title(
            "本流程只按列明的依据赔付，此依据不在其中。",
            "This procedure compensates on listed grounds only, and this is none of them.",
        ),
        {
            "known": Title("可选：{known}。", "They are {known}."),
        },
    ),
    "AmountMissing": RefusalWords(
        Title(
            "请写明金额：此处没有可据以计算的查证结果。",
            "Say how much: here nothing is computed from a verified charge.",
        )
    ),
    "AmountNotNamed": RefusalWords(
        Title("审批须写明所批准的金额。", "Whoever approves a compensation names the amount that they approve."),
        {"amount": Title("待审批的为 {amount} {currency}。", "What waits for approval is {amount} {currency}.")},
    ),
    "NoSuchWrongCharge": RefusalWords(
        Title(
            "这笔收费没有被查证为有误；请写明查证时所用的话单或账单项目。",
            "No charge of this item was verified as wrong; name the call record or line of the bill as it was verified.",
        )
    ),
    "WrongCurrency": RefusalWords(
        Title("本流程只以一种货币赔付。", "This procedure compensates in one currency only."),
        {
            "currency": Title("货币为 {currency}。", "It is {currency}."),
        },
    ),
}
