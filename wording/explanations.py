"""Why a stretch of time counts for a limit or not, and what the holidays are called."""

from typing import Final

from domain.limits.explanation import Note
from domain.titles import Language, Title
from wording.sentences import COMMA, joined, listed, sentence

NOTES: Final[dict[str, Title]] = {
    "by-the-clock": Title("按钟点计时，每天都计入。", "Runs by the clock, every day."),
    "working-day": Title("工作日。", "A working day."),
    "make-up": Title("{holiday}调休上班日。", "A make-up workday for {holiday}."),
    "every-day": Title("每天都计入。", "Every day counts."),
    "start-day": Title(
        "事件当日不计入（《民法典》第二百零一条）。", "The day of the event is not counted (Civil Code, article 201)."
    ),
    "day-off": Title("{day} 是{off}。", "{day} is {off}."),
    "outside-hours": Title("非工作时间。", "Outside working hours."),
    "paused": Title("暂停计时，不计入。", "Paused: nothing is counted."),
    "extended": Title("时限本身已到期：到期时间作过调整。", "Past the limit's own end: the due time was moved."),
    "moved-here": Title("顺延至此：最后一日 {last} 是{last_off}。", "Moved here: the last day, {last}, is {last_off}."),
    "moved-past": Title(
        "{day} 是{off}，继续顺延：最后一日 {last} 是{last_off}。",
        "Moved past, as {day} is {off}: the last day, {last}, is {last_off}.",
    ),
    "moved-past-pause": Title(
        "{day} 在暂停计时中结束，继续顺延：最后一日 {last} 是{last_off}。",
        "Moved past, as {day} ends in a pause: the last day, {last}, is {last_off}.",
    ),
}
PAST_MIDNIGHT: Final = Title("{shift} 的工作时段延续到午夜之后。", "Hours of {shift} that run past midnight.")
HOLIDAY: Final = Title("节假日（{name}）", "a holiday ({name})")
WEEKEND: Final = Title("周末", "a weekend day")
# By the name in the calendar's file; a deployment's own holidays keep the name that they have there.
HOLIDAYS: Final[dict[str, Title]] = {
    "元旦": Title("元旦", "New Year's Day"),
    "春节": Title("春节", "Spring Festival"),
    "清明节": Title("清明节", "Qingming Festival"),
    "劳动节": Title("劳动节", "Labour Day"),
    "端午节": Title("端午节", "Dragon Boat Festival"),
    "中秋节": Title("中秋节", "Mid-Autumn Festival"),
    "国庆节": Title("国庆节", "National Day"),
}


def note_in_words(note: Note, language: Language) -> str:
    facts = dict(note.facts)
    facts["holiday"] = _holiday(str(facts.get("name") or ""), language)
    for name, of in (("off", "name"), ("last_off", "last_name")):
        facts[name] = _day_off(str(facts.get(of) or ""), language)
    said = sentence(NOTES[note.code], language, **facts)
    return joined((said, sentence(PAST_MIDNIGHT, language, **facts) if "shift" in facts else ""), language)


def _day_off(name: str, language: Language) -> str:
    return sentence(HOLIDAY, language, name=_holiday(name, language)) if name else WEEKEND.in_(language)


def _holiday(name: str, language: Language) -> str:
    """A name may stand for two holidays, as 国庆节、中秋节 does."""
    return listed([HOLIDAYS.get(one) or Title(one, one) for one in name.split(COMMA.zh)], language)
