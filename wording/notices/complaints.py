"""What messages say of an event of a complaint: to staff, and to the complainant."""

from collections.abc import Iterator, Sequence
from typing import Final

from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.obligation import Obligation
from domain.titles import Language, Title
from domain.values import as_one_line
from wording.events import EVENTS
from wording.notices.message import CLOCK, DUE, PROCEDURE, Words, judged_title, labelled, lines_of, local
from wording.obligations import obligation_title
from wording.procedures import titled, unit_title
from wording.sentences import COLON, STOP
from wording.steps import STEPS

# What an event is called at the head of a message: "已超时：KF0001-…".
HEADS: Final[dict[str, Title]] = {
    "DeadlineWarned": Title("即将到期", "Due soon"),
    "DeadlineReached": Title("已到期", "Due now"),
    "DeadlineMissed": Title("已超时", "Overdue"),
    "DeadlineMissRetracted": Title("超时已撤销", "Not overdue after all"),
    "Escalated": Title("上报", "Escalated to you"),
    "Dispatched": Title("新派单", "Sent to your unit"),
    "Redirected": Title("改派", "Redirected"),
    "Recalled": Title("派单已撤回", "Taken from your unit"),
    "UnitAdded": Title("增派", "Sent to your unit as well"),
    "CAPARequested": Title("责令提交纠正/预防措施报告", "CAPA report requested"),
    "Reminded": Title("催办", "Reminder"),
    "Supervised": Title("督办", "Supervision"),
    "SupervisedYellow": Title("督办（黄牌）", "Supervision (yellow card)"),
    "SupervisedRed": Title("督办（红牌）", "Supervision (red card)"),
    "HandedOver": Title("交接待接收", "Handed over to you, please accept"),
    "NoticeIssued": Title("责任通报", "Notice of liability"),
    "NeedOverridden": Title("放行", "A need was overridden"),
    "Overridden": Title("紧急代办", "A step was taken in an emergency"),
    "CompensationProposed": Title("赔付待审批", "Compensation to approve"),
    "ClocksPaused": Title("暂停计时", "Clocks paused"),
    "ClocksResumed": Title("恢复计时", "Clocks running again"),
    "CustomerInformed": Title("关于您的投诉", "About your complaint"),
    "Received": Title("您的投诉已受理", "Your complaint has been received"),
}
# To staff an event may be something else than to who complains; and what has no word of its own is called as it is.
TO_STAFF: Final[dict[str, Title]] = {
    "Received": Title("新投诉", "New complaint"),
    # Who is named stands in no head of a message: whoever of the role reads it only learns that it is theirs now.
    "AccusedNamed": Title("待接办的投诉", "A complaint without an owner"),
    "AccusedMatched": Title("待接办的投诉", "A complaint without an owner"),
}
TO_DO: Final = Title("待办", "To do")
NUMBER: Final = Title("投诉编号", "Complaint")
UNIT: Final = Title("责任单位", "Responsible unit")
STEP: Final = Title("步骤", "Step")
AMOUNT: Final = Title("金额", "Amount")
UNTIL: Final = Title("最迟恢复时间", "At the latest until")
SUBJECT: Final = Title("投诉主题", "Subject")
QUERY: Final = Title(
    "查询进度请提供投诉编号和所留电话的后四位。",
    "To ask how far it is, give this number and the last four digits of the telephone you left.",
)
QUERY_WITH_CODE: Final = Title(
    "查询进度请提供投诉编号、所留电话的后四位和查询码。",
    "To ask how far it is, give this number, the last four digits of the telephone you left, and the query code.",
)
QUERY_BY_CODE: Final = Title(
    "查询进度请提供投诉编号和查询码。", "To ask how far it is, give this number and the query code."
)
QUERY_CODE: Final = Title("查询码", "Query code")


def words_for_staff(
    event: events.ComplaintEvent,
    complaint: Complaint,
    language: Language,
    *,
    with_subject: bool = False,
    owed: Sequence[Obligation] = (),
) -> Words:
    """Number, procedure, clock, due time, unit, what they `owed` from now on; the subject if they may read it."""
    facts = [(NUMBER, complaint.number), (PROCEDURE, complaint.procedure.title.in_(language))]
    title = f"{_head_to_staff(event, language)}{COLON.in_(language)}{complaint.number}"
    if isinstance(event, events.DeadlineWarned | events.DeadlineMissed | events.DeadlineMissRetracted):
        clock = judged_title(complaint, event).in_(language)
        facts += [(CLOCK, clock), (DUE, local(event.due_at, complaint.calendar.zone))]
        title = f"{title} {clock}"
    elif isinstance(event, events.CompensationProposed):
        facts.append((AMOUNT, f"{event.amount} {event.currency}"))
    elif isinstance(event, events.Overridden):
        facts.append((STEP, STEPS[event.step].in_(language)))
    elif isinstance(event, events.ClocksPaused | events.ClocksResumed):
        facts += [(CLOCK, titled(complaint.clock_titles, name).in_(language)) for name in event.clocks]
        facts += (
            [(UNTIL, local(event.until, complaint.calendar.zone))] if isinstance(event, events.ClocksPaused) else []
        )
    unit = getattr(event, "unit", None)
    if isinstance(unit, str):
        facts.append((UNIT, unit_title(complaint.procedure, unit).in_(language)))
    for one in owed:
        to_do = obligation_title(one.name, complaint.procedure) if one.rule is None else one.rule.title
        facts.append((TO_DO, to_do.in_(language)))
        facts += [] if one.due_at is None else [(DUE, local(one.due_at, complaint.calendar.zone))]
    if with_subject and complaint.subject:
        facts.append((SUBJECT, as_one_line(complaint.subject)))
    return Words(" ".join(title.split()), lines_of(facts, language))


def words_for_complainant(event: events.ComplaintEvent, complaint: Complaint, language: Language) -> Words:
    """What the event says to the complainant, with the number to quote."""
    number = labelled(NUMBER, complaint.number, language)
    head = head_of(event, language)
    if isinstance(event, events.CustomerInformed):
        return Words(f"{head} {complaint.number}", (event.text, number))
    lines = (f"{head}{STOP.in_(language)}", number, *_how_to_ask(complaint, language))
    return Words(f"{head} {complaint.number}", lines)


def _how_to_ask(complaint: Complaint, language: Language) -> Iterator[str]:
    """The query code, and what to give beside the number; nothing where there is no page to ask."""
    phone, code = complaint.complainant.phone, complaint.query_code
    if not complaint.has_status_page:
        return
    if code is not None:
        yield labelled(QUERY_CODE, code, language)
    if phone is None:
        yield from (QUERY_BY_CODE.in_(language),) if code is not None else ()
    else:
        needs_code = code is not None and complaint.procedure.requires_query_code
        yield (QUERY_WITH_CODE if needs_code else QUERY).in_(language)


def _head_to_staff(event: events.ComplaintEvent, language: Language) -> str:
    title = TO_STAFF.get(type(event).__name__)
    return head_of(event, language) if title is None else title.in_(language)


def head_of(event: events.ComplaintEvent, language: Language) -> str:
    """What happened, in a word or two."""
    name = type(event).__name__
    if isinstance(event, events.DeadlineWarned) and event.due:
        name = "DeadlineReached"
    elif isinstance(event, events.Supervised) and event.card in ("yellow", "red"):
        name += event.card.capitalize()
    return (HEADS.get(name) or EVENTS[name]).in_(language)
