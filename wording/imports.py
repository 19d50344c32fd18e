"""What the report of an import says of a row, and what files of other systems write in words."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording.fields import FIELDS
from wording.refusals import REFUSALS
from wording.sentences import sentence
from wording.steps import STEPS

# How times are written where the mapping does not say; no file says by itself whether 03/04 is March or April.
TIME_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日", "%Y.%m.%d %H:%M", "%Y.%m.%d",
)  # fmt: skip
# What else is met; which of day and month comes first only a person can say.
GUESSED_FORMATS: Final = (
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y%m%d%H%M%S", "%Y%m%d",
)  # fmt: skip
# What a mapping that was guessed says of itself.
SUGGESTED: Final[Mapping[str, Title]] = {
    "head": Title(
        "由列名猜出的初稿：请逐项核对，先用 --dry-run 试导入。",
        "Guessed from the heading: check every line, and try it with --dry-run first.",
    ),
    "no-time": Title("写上受理时间所在的列", "the column of the time at which it came in"),
    "status": Title(
        "状态的含义：open、closed、rejected 或 withdrawn", "what a status means: open, closed, rejected or withdrawn"
    ),
    "category": Title("投诉内容分类的取值，列", "values of the categories, in column"),
    "unit": Title("责任单位的取值，列", "values of the units, in column"),
    "rating": Title("评价的取值，列", "values of the ratings, in column"),
}
# What is written for yes and for no.
YES: Final = frozenset({"true", "yes", "y", "1", "是", "有", "对", "满意"})
NO: Final = frozenset({"false", "no", "n", "0", "否", "无", "不", "不满意"})
REMARKS: Final[Mapping[str, Title]] = {
    # Why a row is not taken
    "import-row-empty": Title("此行没有内容，或不是一个 JSON 对象。", "The row is empty, or no JSON object."),
    "import-number-rounded": Title(
        "{about}“{value}”已被电子表格改写为近似值，不再是原来的号码：请在原系统中按文本重新导出。",
        "{about} {value!r} was rounded by a spreadsheet and is not the number any more: export it as text.",
    ),
    "import-time-ambiguous": Title(
        "{about}：“{value}”可能是两个日期（月日顺序不明）：请在映射的 times.formats 中写明，例如 %d-%m-%Y。",
        "{about}: {value!r} may be two days, day or month first: say which in times.formats, as %d-%m-%Y.",
    ),
    "import-row-unreadable": Title(
        "文件从此行起无法读取，多为引号没有成对；未导入任何投诉。",
        "From this row on the file cannot be read, mostly for a quote that is never closed; nothing was taken.",
    ),
    "import-no-time": Title(
        "没有受理时间，无法判断应归入哪一日。", "It does not say when the matter came in, so it belongs to no day."
    ),
    "import-time-ahead": Title("受理时间 {value} 在将来。", "It says that it came in at {value}, which is yet to come."),
    "import-busy": Title(
        "此投诉正被他人不断修改，稍后请再导入一次。", "Others kept changing this complaint: import it again later."
    ),
    # What was guessed, or left out
    "import-time-unreadable": Title(
        "{about}：“{value}”不符合映射中的任何时间格式。", "{about}: {value!r} fits none of the mapping's time formats."
    ),
    "import-time-of-day-unknown": Title(
        "{about}：只有日期，按当日零点计。", "{about}: only the day is known; taken as its beginning."
    ),
    "import-time-serial": Title(
        "{about}：按电子表格的日期序号理解（{value}）。", "{about}: taken as a day as spreadsheets count them ({value})."
    ),
    "import-number-may-be-cut": Title(
        "{about}“{value}”第 15 位之后全是零，可能已被电子表格截断，请核对。",
        "{about} {value!r} has noughts only behind the 15th digit: a spreadsheet may have cut it, check it.",
    ),
    "import-row-short": Title(
        "此行的列比标题少（{value}），可能被断行：请核对。",
        "The row has fewer cells than the heading ({value}) and may have been cut in two: check it.",
    ),
    "import-row-long": Title(
        "此行的列比标题多（{value}），可能错位；多出的内容记入附加信息，请核对。",
        "The row has more cells than the heading ({value}) and may be moved aside; what is beyond is among the facts.",
    ),
    "import-value-unknown": Title(
        "{about}：“{value}”不是已知的代码，已按原文记入附加信息。",
        "{about}: {value!r} is no known code; kept among the facts as it is written.",
    ),
    "import-phone-as-fact": Title(
        "电话号码不完整或无效，已按原文记入附加信息。",
        "The telephone number is not complete or valid; kept among the facts as it is written.",
    ),
    "import-email-as-fact": Title(
        "电子邮件地址无效，已按原文记入附加信息。",
        "The e-mail address is not valid; kept among the facts as it is written.",
    ),
    "import-kept-as-fact": Title(
        "{about}：过长，已按原文记入附加信息。", "{about}: too long for its field; kept among the facts."
    ),
    "import-subject-shortened": Title(
        "主题过长，已缩短；全文记入附加信息。", "The subject is too long and was shortened; all of it is among the facts."
    ),
    "import-control-characters": Title(
        "{about}：已去掉不可见的控制字符。", "{about}: control characters that nobody sees were left out."
    ),
    "import-step-unknown": Title("没有“{value}”这个步骤，未导入。", "There is no step {value!r}; it was left out."),
    "import-step-without": Title(
        "{about}：缺少 {value}，未导入此步骤。", "{about}: without {value} the step was left out."
    ),
    "import-step-ahead": Title(
        "{about}：时间 {value} 在将来，未导入此步骤。",
        "{about}: {value} is yet to come; the step was left out.",
    ),
    "import-step-before-receipt": Title(
        "{about}：早于受理，按受理时间计；原时间记入附加信息。",
        "{about}: before the receipt; taken as of the receipt, with its own time among the facts.",
    ),
    "import-step-as-it-was": Title(
        "{about}：现行程序不会这样接受（{refusal}）；已按原系统的记载保留。",
        "{about}: the procedure would not have taken it so ({refusal}); kept as the other system has it.",
    ),
    "import-end-guessed": Title(
        "状态为已办结而没有办结时间，按最后一个已知时间计。",
        "It is said to have ended, but not when; taken as of the last time that is known.",
    ),
    "import-open-though-ended": Title(
        "有办结时间而状态为未办结，按未办结导入；该时间记入附加信息。",
        "It has a time of ending and is said to be open; taken as open, with that time among the facts.",
    ),
    # Where it was taken over before
    "import-same-number": Title(
        "与第 {value} 行是同一投诉（编号相同，或内容完全一样）：只补充其后的步骤。",
        "The same complaint as row {value} (one number, or all the same): only later steps follow from it.",
    ),
    "import-step-too-early": Title(
        "{about}：早于已有的最后一步，不插入历史之中。",
        "{about}: before the last step that is there; nothing is put into a history later.",
    ),
    "import-field-changed": Title(
        "{about}：与已导入的不同，未改动；请用更正步骤修改。",
        "{about}: differs from what was taken over, and stays; correct it with a step.",
    ),
}
# Why an import failed.
FAILURES: Final[Mapping[str, Title]] = {
    "file-unreadable": Title(
        "文件无法读到末尾，未导入任何投诉。", "The file cannot be read to its end, and nothing was taken."
    ),
    "rules-changed": Title(
        "映射不再符合现行流程：请核对后重新导入。",
        "The mapping does not fit the rules any more: check it and import again.",
    ),
    "processes-ended": Title(
        "判定用的进程在同一处一再中止，可能是内存不足；已导入的保留，再导入一次即从其后继续。",
        "The processes that decide ended at one place again and again, perhaps for want of memory; what was taken stays.",
    ),
    "internal-error": Title(
        "出现意外错误，已记入日志；已导入的保留。", "Something unexpected happened and is in the logs; what was taken stays."
    ),
}
ENCODINGS: Final[Mapping[str, str]] = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "gb18030": "GB18030", "utf-16": "UTF-16",
}  # fmt: skip


# What only a mapping calls so; a step's time is `at`.
OF_MAPPINGS: Final[Mapping[str, Title]] = {
    "received_at": Title("受理时间", "the time of receipt"),
    "old_number": Title("原编号", "the old number"),
    "handler": Title("经办人", "the handler"),
    "status": Title("状态", "the status"),
    "at": Title("时间", "time"),
}


def remark_in_words(code: str, about: str, value: str, language: Language) -> str:
    """What was remarked of a row."""
    refusal = next((words.sentence for name, words in REFUSALS.items() if _slug(name) == value), Title(value, value))
    said = _field(value) if code == "import-step-without" else value
    return sentence(
        REMARKS[code], language, about=_about(about), value=said, refusal=refusal.in_(language).rstrip("。.")
    )


def _about(about: str) -> Title:
    """A step, a field, or a field of a step (`close.at`)."""
    step, _, field = about.partition(".")
    if not field:
        return STEPS.get(step) or _field(step)
    of_step, of_field = STEPS.get(step) or Title(step, step), _field(field)
    return Title(f"{of_step.zh}的{of_field.zh}", f"{of_field.en} of {of_step.en}")


def _field(name: str) -> Title:
    return OF_MAPPINGS.get(name) or FIELDS.get(name) or Title(name, name)


def _slug(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
