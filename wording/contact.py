"""The ways in and out: by which channel a complaint came, by which means people are reached, how ratings come in."""

from typing import Final

from domain.titles import Title

CHANNELS: Final[dict[str, Title]] = {
    "phone": Title("电话", "phone"),
    "voicemail": Title("语音留言", "voicemail"),
    "walk-in": Title("上门", "walk-in"),
    "letter": Title("信函", "letter"),
    "email": Title("电子邮件", "e-mail"),
    "web": Title("网站", "web form"),
    "sms": Title("短信", "SMS"),
    "chat": Title("在线客服", "chat"),
    "social-media": Title("社交媒体", "social media"),
    "partner": Title("合作方系统", "partner system"),
    "fax": Title("传真", "fax"),
    "regulator": Title("监管部门转办", "regulator"),
}
MEANS: Final[dict[str, Title]] = {
    "sms": Title("短信", "SMS"),
    "phone": Title("电话", "phone"),
    "email": Title("电子邮件", "e-mail"),
    "letter": Title("信函", "letter"),
    "in-person": Title("当面", "in person"),
}
WAYS_OUT: Final[dict[str, Title]] = {
    "email": Title("电子邮件", "e-mail"),
    "sms": Title("短信", "SMS"),
    "webhook": Title("回调地址", "webhook"),
}
RATED_BY: Final[dict[str, Title]] = {
    "instant": Title("即时评价", "instant rating"),
    "questionnaire": Title("问卷", "questionnaire"),
    "web": Title("网络测评", "on the web"),
    "phone": Title("电话", "by phone"),
}
