"""In which words somebody is told of an event, in Chinese and in English. Never a complainant's name or number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.procedure.titles import Title

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

# What an event is called at the head of a message: "已超时：KF0001-…".
HEADS: Final[dict[str, Title]] = {
    "DeadlineWarned": Title("即将到期", "Due soon"),
    "DeadlineReached": Title("已到期", "Due now"),
    "DeadlineMissed": Title("已超时", "Overdue"),
    "Escalated": Title("上报", "Escalated to you"),
    "Dispatched": Title("新派单", "Sent to your unit"),
    "CAPARequested": Title("请提交纠正/预防措施报告", "CAPA report requested"),
    "Reminded": Title("催办", "Reminder"),
    "Supervised": Title("督办", "Supervision"),
    "SupervisedYellow": Title("督办（黄牌）", "Supervision (yellow card)"),
    "SupervisedRed": Title("督办（红牌）", "Supervision (red card)"),
    "HandedOver": Title("交接待接收", "Handed over to you, please accept"),
    "NoticeIssued": Title("责任通报", "Notice of liability"),
    "CompensationProposed": Title("补偿待审批", "Compensation to approve"),
    "ClocksPaused": Title("暂停计时", "Clocks paused"),
    "ClocksResumed": Title("恢复计时", "Clocks running again"),
    "CustomerInformed": Title("关于您的投诉", "About your complaint"),
    "Received": Title("您的投诉已受理", "Your complaint has been received"),
}
NUMBER: Final = Title("投诉编号", "Complaint")
PROCEDURE: Final = Title("处理程序", "Procedure")
CLOCK: Final = Title("时限", "Time limit")
DUE: Final = Title("应完成时间", "Due")
UNIT: Final = Title("责任部门", "Responsible unit")
AMOUNT: Final = Title("金额", "Amount")
UNTIL: Final = Title("最迟恢复时间", "At the latest until")
SUBJECT: Final = Title("投诉主题", "Subject")
QUERY: Final = Title(
    "查询进度请提供投诉编号和所留电话的后四位。",
    "To ask how far it is, give this number and the last four digits of the telephone you left.",
)
DIGEST: Final = Title("{count} 条消息", "{count} messages")


@dataclass(frozen=True)
class Words:
    """A message: one line as its title, and the lines below it."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def words_for_staff(
    event: events.ComplaintEvent, complaint: Complaint, language: Language, *, with_subject: bool = False
) -> Words:
    """Number, procedure, clock, due time and unit; the subject only for those who may read it."""
    facts = [(NUMBER, complaint.number), (PROCEDURE, in_words(complaint.procedure.title, language))]
    title = f"{head_of(event, language)}{colon(language)}{complaint.number}"
    if isinstance(event, events.DeadlineWarned | events.DeadlineMissed):
        clock = _clock(event.clock, complaint, language)
        facts += [(CLOCK, clock), (DUE, local(event.due_at, complaint.calendar.zone))]
        title = f"{title} {clock}"
    elif isinstance(event, events.CompensationProposed):
        facts.append((AMOUNT, f"{event.amount} {event.currency}"))
    elif isinstance(event, events.ClocksPaused | events.ClocksResumed):
        facts += [(CLOCK, _clock(name, complaint, language)) for name in event.clocks]
        facts += (
            [(UNTIL, local(event.until, complaint.calendar.zone))] if isinstance(event, events.ClocksPaused) else []
        )
    unit = getattr(event, "unit", None)
    if isinstance(unit, str):
        facts.append((UNIT, _unit(unit, complaint, language)))
    if with_subject and complaint.subject:
        facts.append((SUBJECT, complaint.subject))
    return Words(" ".join(title.split()), lines_of(facts, language))


def words_for_complainant(event: events.ComplaintEvent, complaint: Complaint, language: Language) -> Words:
    """What the event says to the complainant, with the number to quote."""
    number = f"{in_words(NUMBER, language)}{colon(language)}{complaint.number}"
    head = head_of(event, language)
    if isinstance(event, events.CustomerInformed):
        return Words(f"{head} {complaint.number}", (event.text, number))
    query = (in_words(QUERY, language),) if complaint.complainant.phone is not None else ()
    stop = "。" if language == "zh" else "."
    return Words(f"{head} {complaint.number}", (f"{head}{stop}", number, *query))


def words_of_digest(messages: list[Words], language: Language) -> Words:
    """Several messages to one recipient as one; a single one stays as it is."""
    if len(messages) == 1:
        return messages[0]
    lines: list[str] = []
    for message in messages:
        lines += [message.title, *(f"  {line}" for line in message.lines), ""]
    return Words(in_words(DIGEST, language).format(count=len(messages)), tuple(lines[:-1]))


def head_of(event: events.ComplaintEvent, language: Language) -> str:
    """What happened, in a word or two."""
    name = type(event).__name__
    if isinstance(event, events.DeadlineWarned) and event.due:
        name = "DeadlineReached"
    elif isinstance(event, events.Supervised) and event.card in ("yellow", "red"):
        name += event.card.capitalize()
    return in_words(HEADS[name], language)


def lines_of(facts: Iterable[tuple[Title, str]], language: Language) -> tuple[str, ...]:
    """A line for each fact, its name before it."""
    return tuple(f"{in_words(name, language)}{colon(language)}{value}" for name, value in facts)


def local(at: datetime, zone: str) -> str:
    """An instant as the clocks of the zone show it, with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def in_words(title: Title, language: Language) -> str:
    return title.zh if language == "zh" else title.en


def colon(language: Language) -> str:
    return "：" if language == "zh" else ": "


def _clock(name: str, complaint: Complaint, language: Language) -> str:
    rule = complaint.procedure.clock_named(name)
    return name if rule is None else in_words(rule.title, language)


def _unit(code: str, complaint: Complaint, language: Language) -> str:
    title = complaint.procedure.units.get(code)
    return code if title is None else in_words(title, language)
