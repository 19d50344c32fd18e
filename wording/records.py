"""What the service itself found out, in words: of a customer who was looked up, of calls that surged."""

from typing import Final
from zoneinfo import ZoneInfo

from domain.incident.events import IncidentOpened
from domain.incident.incident import Incident
from domain.procedure.call_surge import COMPLAINTS, CallSurge
from domain.titles import Language, Title
from domain.values import CustomerAnswer
from wording.sentences import sentence

COMPARED: Final[dict[str, Title]] = {
    "name": Title("姓名", "name"),
    "phone": Title("电话", "phone"),
    "customer_no": Title("客户编号", "customer number"),
}
CUSTOMER_ANSWERS: Final[dict[str, Title]] = {
    "no-such-customer": Title("客户系统中没有该客户", "The customer system has no such customer"),
    "agrees": Title("与客户系统一致：{fields}", "Agrees with the customer system: {fields}"),
    "differs": Title("与客户系统不一致：{fields}", "Differs from the customer system: {fields}"),
}
SURGE: Final = Title("呼入量异常增长", "Call surge")
SURGE_FACTS: Final = Title(
    "{source}：{since} 起的一小时内 {calls} 个，平时 {usual:g} 个（前 {days} 天同一小时的均值），超过 {multiple:g} 倍。",
    "{source}: {calls} calls in the hour from {since}; usual are {usual:g} (mean of this hour on {days} days), so more than {multiple:g} times that.",
)
COUNTED: Final[dict[str, Title]] = {COMPLAINTS: Title("受理的投诉", "complaints received")}


def customer_answer_in_words(answer: CustomerAnswer, language: Language) -> str:
    """One sentence; a code that only a newer version knows stands for itself."""
    template = CUSTOMER_ANSWERS.get(answer.code)
    if template is None:
        return answer.code
    return sentence(template, language, fields=tuple(COMPARED.get(name, name) for name in answer.fields))


def counted_surge(opened: Incident | IncidentOpened) -> CallSurge | None:
    """What was counted, where the service opened the incident itself and so has to say it in words.

    None where its title and text were written: by a person, or by a version of before.
    """
    return opened.surge if not opened.title else None


def surge_title(language: Language) -> str:
    return SURGE.in_(language)


def surge_text(surge: CallSurge, zone: str, language: Language) -> str:
    """The time is that of the zone (IANA name)."""
    since = f"{surge.hour.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    facts = {"calls": surge.calls, "usual": surge.usual, "days": surge.days, "multiple": surge.multiple}
    return sentence(SURGE_FACTS, language, source=COUNTED.get(surge.source, surge.source), since=since, **facts)
