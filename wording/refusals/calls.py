"""Telephony: what sources post, and the sources themselves."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "NoSuchCall": RefusalWords(Title("没有这通电话。", "There is no such call.")),
    "NoSuchCallSource": RefusalWords(Title("没有此标识的话务来源。", "There is no source of calls with this id.")),
    "CallSourceExists": RefusalWords(
        Title(
            "此话务来源已存在；如需新的密钥，请用 rotate。",
            "There is this source already; rotate it where it needs another secret.",
        )
    ),
    "NotSigned": RefusalWords(
        Title("话务来源的签名未通过。", "The signature of the source does not hold."),
        {
            "malformed": Title(
                "请按 Standard Webhooks 写明 webhook-id、webhook-timestamp 和 webhook-signature（v1,…）。",
                "Send webhook-id, webhook-timestamp and webhook-signature (v1,…) as Standard Webhooks have them.",
            ),
            "stale": Title(
                "webhook-timestamp 与本服务的时间相差超过 5 分钟；请校时后重新签名。",
                "webhook-timestamp is more than five minutes off; set the clock and sign again.",
            ),
            "wrong": Title(
                "签名须由 source 自己的密钥对原样发送的请求体作出。",
                "It has to be made with the secret of the source itself, over the body just as it is sent.",
            ),
        },
    ),
    "SpanTurnedAround": RefusalWords(
        Title("to 须晚于 from。", "to has to be later than from.")
    ),
    "OfOtherDesks": RefusalWords(
        Title("来电弹屏只给本人的座席，或其主管。", "What is offered to a desk is for whose desk it is, or a manager.")
    ),
    "FormInvalid": RefusalWords(
        Title(
            "通话中填写的内容不能受理；places 指明有误之处。",
            "What was filled in during the call cannot be taken; places says where it is wrong.",
        )
    ),
    "AbsurdTimeOfCall": RefusalWords(
        Title(
            "事件时间须在过去一年之内，并且最多比现在早到一天；请检查话务系统的时钟。",
            "An event is at most a year old, and at most a day ahead; look at the clock of the telephone system.",
        )
    ),
}
