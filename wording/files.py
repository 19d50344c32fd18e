"""What is wrong with a file of rules, a procedure's or a calendar's: by the code of the mistake."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording.refusals.sentence import RefusalWords
from wording.sentences import joined, sentence

FILE: Final = Title("文件", "file")
LINE_OF_FILE: Final = Title("第 {line} 行，{field}：{message}", "line {line}, {field}: {message}")
CLOSE: Final = {"close": Title("您是否想写 {close}？", "Did you mean {close}?")}
# What a word of the file was to be.
NOUNS: Final[Mapping[str, Title]] = {
    "name": Title("名称", "name"),
    "calendar": Title("日历", "calendar"),
    "role": Title("角色", "role"),
    "role of confidential_to": Title("confidential_to 中的角色", "role of confidential_to"),
    "role that may dispatch": Title("可以派单的角色", "role that may dispatch"),
    "severity": Title("严重程度", "severity"),
    "kind": Title("事项类别", "kind"),
    "category": Title("投诉内容分类", "category"),
    "unit": Title("责任单位", "unit"),
    "step": Title("步骤", "step"),
    "clock": Title("时限", "clock"),
    "piece of evidence": Title("证据", "piece of evidence"),
    "clock that is a window": Title("期限窗口类的时限", "clock that is a window"),
    "moment": Title("时点", "moment"),
    "requirement": Title("条件", "requirement"),
    "sight": Title("可见范围", "sight"),
    "means": Title("联系方式", "means"),
    "kind of field": Title("字段类型", "kind of field"),
    "source of an answer": Title("答案来源", "source of an answer"),
    "ended status": Title("终结状态", "ended status"),
    "period of reports": Title("报告周期", "period of reports"),
}
FILE_MISTAKES: Final[Mapping[str, RefusalWords]] = {
    "administrator-in-no-circle": RefusalWords(
        Title(
            "管理员（admin）不在保密事项的知情范围内：请去掉；须知情的人另授以相应角色。",
            "The administrator (admin) is in no circle of a confidential matter: whoever has to see it is given the role "
            "for it.",
        )
    ),
    "administrator-takes-no-step": RefusalWords(
        Title(
            "管理员（admin）不办理流程中的步骤：请去掉，由有权的角色办理；紧急时管理员可以代办（override）。",
            "The administrator (admin) takes no step of a procedure: name the role whose it is. In an emergency an "
            "administrator takes one in its place (override).",
        )
    ),
    # YAML
    "empty": RefusalWords(Title("文件是空的。", "The file is empty.")),
    # Mappings of imports
    "import-unknown": RefusalWords(
        Title("没有“{said}”。", "There is no {said!r}."),
        {**CLOSE, "known": Title("可用的有：{known}。", "There are {known}.")},
    ),
    "import-column": RefusalWords(
        Title("文件中没有“{said}”这一列。", "The file has no column {said!r}."),
        {**CLOSE, "known": Title("文件中的列：{known}。", "Its columns are {known}.")},
    ),
    "import-sheets": RefusalWords(
        Title(
            "工作簿有几个工作表（{known}）：请以 sheet 写明这次导入哪一个，其余的分别导入。",
            "The workbook has several sheets ({known}): say by `sheet` which one is meant; each is an import of its own.",
        )
    ),
    "import-zone": RefusalWords(
        Title(
            "“{said}”不是时区名称，应写作 Asia/Shanghai 这样的形式。",
            "{said!r} is no time zone: write it as Asia/Shanghai.",
        )
    ),
    "file-too-long": RefusalWords(
        Title("文件超过 {most} 个字符。", "The file is longer than {most} characters.")
    ),
    "no-yaml": RefusalWords(Title("不是有效的 YAML。", "This is no YAML: {message}.")),
    "half-character": RefusalWords(
        Title("不是有效的 YAML：此处有半个字符。", "This is no YAML: half a character stands here.")
    ),
    "tabs": RefusalWords(Title("请用空格缩进，不用制表符。", "Indent with spaces, not with tabs.")),
    "alias": RefusalWords(
        Title(
            "请在此写出值本身：“{anchor}”会成为别名或其锚点。",
            "Write the value out here: {anchor!r} would be an alias or its anchor.",
        )
    ),
    "too-many": RefusalWords(Title("此处最多 {most} 项。", "There may be {most} of these at most.")),
    "too-deep": RefusalWords(Title("字段嵌套超过 {most} 层。", "Fields lie in one another more than {most} deep.")),
    # Single values
    "no-text": RefusalWords(Title("请在此填写文字。", "Write a text here.")),
    "control-characters": RefusalWords(
        Title("请在此填写不含控制字符的文字。", "Write a text without control characters here.")
    ),
    "code-form": RefusalWords(
        Title(
            "代码最多 40 个字符，只用小写字母、数字和连字符，以字母开头。",
            "A code has at most 40 small letters, digits and hyphens, and begins with a letter.",
        )
    ),
    "no-flag": RefusalWords(Title("请在此填写 true 或 false。", "Write true or false here.")),
    "no-whole-number": RefusalWords(
        Title("请在此填写 {least} 至 {most} 的整数。", "Write a whole number from {least} to {most} here.")
    ),
    "no-share": RefusalWords(
        Title("请在此填写 0 与 1 之间的比例，如 0.8。", "Write a share between 0 and 1 here, such as 0.8.")
    ),
    "no-multiple": RefusalWords(
        Title(
            "请在此填写大于 1、小于 100 的数，如 2 或 1.5。",
            "Write a number above 1 and below 100 here, such as 2 or 1.5.",
        )
    ),
    "no-date": RefusalWords(
        Title("“{text}”不是日期：请写作 2026-02-14。", "{text!r} is no date: write it as 2026-02-14.")
    ),
    "date-outside": RefusalWords(
        Title("日期须在 {first} 年至 {last} 年之间。", "Dates lie between {first} and {last}.")
    ),
    "no-list": RefusalWords(Title("请在此填写列表。", "Write a list here.")),
    "version-form": RefusalWords(
        Title(
            "版本为一行，最多 32 个字符，前后没有空格。",
            "A version is one line of at most 32 characters, without spaces around it.",
        )
    ),
    "version-too-long": RefusalWords(Title("版本最多 {most} 个字符。", "A version has {most} characters at most.")),
    "another-code": RefusalWords(
        Title("此文件不是 {code} 的版本。", "This is not about {code}, whose version it was to be.")
    ),
    # Fields and names
    "no-fields": RefusalWords(
        Title("请在此填写字段，每个写作 `name: value`。", "Write fields here, each as `name: value`.")
    ),
    "unknown-field": RefusalWords(
        Title("没有这个字段；可用 {known}。", "There is no such field; there are {known}."),
        {**CLOSE, "comma": Title("含有逗号的文字须加引号。", "A text with a comma in it stands in quotes.")},
    ),
    "field-twice": RefusalWords(Title("此字段重复出现。", "The field stands here a second time.")),
    "field-missing": RefusalWords(Title("缺少此字段。", "The field is missing.")),
    "none-named": RefusalWords(Title("请至少列出一项。", "Name at least one.")),
    "none-of": RefusalWords(Title("请至少列出一个{what}。", "Name at least one {what}.")),
    "listed-twice": RefusalWords(Title("{word} 已在列表中。", "{word} stands in this list already.")),
    "unknown": RefusalWords(
        Title("“{word}”不是{what}：可用 {known}。", "{word!r} is no {what}: write one of {known}."), CLOSE
    ),
    # Sections of a procedure
    "fact-name": RefusalWords(
        Title(
            "字段名最多 40 个字符，只用小写字母、数字和下划线。",
            "A field's name has at most 40 small letters, digits and underscores.",
        )
    ),
    "fault-grade": RefusalWords(Title("差错分为 1、2、3 级。", "A fault is graded 1, 2 or 3.")),
    "clock-twice": RefusalWords(
        Title(
            "{severity} {kind} 的时限 {clock} 已在 clocks[{first}] 中。",
            "The clock {clock} of {severity} {kind}s stands in clocks[{first}].",
        )
    ),
    "soft-is-not-missed": RefusalWords(
        Title(
            "只预警的时限不会超时：请把这些角色写在 tell_at_warning 中。",
            "A soft clock is never missed: name these roles in tell_at_warning.",
        )
    ),
    "soft-has-no-second-miss": RefusalWords(
        Title(
            "只预警的时限不会超时，也就没有第二次超时。",
            "A soft clock is never missed, so it has no second miss either.",
        )
    ),
    "only-escalated": RefusalWords(
        Title("只有 Escalated 是对某个角色的：请写在 stops 中。", "Only Escalated is said to a role: name it in stops.")
    ),
    "surge-kind": RefusalWords(
        Title(
            "由此登记的事件属于 {kind} 类：请在 kinds 中列出。",
            "What it opens is of the kind {kind}: name that among the kinds.",
        )
    ),
    "issue-point-named-twice": RefusalWords(
        Title("“{word}”也是问题点 {other} 的名称。", "The issue point {other} is called {word!r}, too.")
    ),
    "category-form": RefusalWords(
        Title(
            "分类为一个代码，或以点分隔的多个代码：process.deposit。",
            "A category is one code, or several with dots: process.deposit.",
        )
    ),
    "parent-missing": RefusalWords(Title("缺少上级分类 {parent}。", "Its parent {parent} is missing."), CLOSE),
    "usual-twice": RefusalWords(
        Title("通常的严重程度只有一个，已另有一个。", "One severity is the usual one, and another is already.")
    ),
    "front-line-explains": RefusalWords(
        Title("由一线自行解决的不再转出。", "What the front line settles by itself is never passed on.")
    ),
    "tell-without-circle": RefusalWords(
        Title(
            "只有保密的类别才自动告知：请一并写明 confidential_to。",
            "Only a confidential kind tells somebody by itself: write confidential_to too.",
        )
    ),
    "need-without-step": RefusalWords(
        Title("{need} 需要步骤 {step}，而没有人可以执行。", "{need} needs the step {step}, which nobody may take.")
    ),
    "step-without-role": RefusalWords(
        Title("它需要步骤 {step}，而没有人可以执行。", "It needs the step {step}, which nobody may take.")
    ),
    "decided-by-nobody": RefusalWords(
        Title("请一并写明由谁决定：{field}。", "Say who decides too: write {field}.")
    ),
    "notice-without-step": RefusalWords(
        Title(
            "责任通报需要步骤 issue-notice，而没有人可以执行。",
            "A notice needs the step issue-notice, which nobody may take.",
        )
    ),
    "role-sees-nothing": RefusalWords(
        Title(
            "角色 {role} 看不到任何投诉：请在 sees 中写明可见范围。",
            "The role {role} sees no complaint: say in sees how much it sees.",
        )
    ),
    "report-twice": RefusalWords(
        Title(
            "已有 {period} 报告：请把所有被告知的角色写在一处。",
            "There is a {period} report already: name all who are told in one.",
        )
    ),
    "last-instance-missing": RefusalWords(
        Title("请写明轮次用尽时由哪个角色裁定。", "Name the role that rules when rounds run out.")
    ),
    "raised-to-itself": RefusalWords(
        Title(
            "{severity} 级投诉须升级为其他严重程度。",
            "A {severity} complaint is raised to another severity than its own.",
        )
    ),
    # Limits
    "no-limit": RefusalWords(
        Title(
            "“{text}”不是时限：请写作 '30 min'、'24 h'、'30 working min'、'8 working h'、'1 WD'、'3 days' 或 'same day'，"
            "数字为 1 至 9999 的整数；或写日期：'by 2026-12-31'、'by 2026-12-31 18:00'。",
            "{text!r} is no limit: write '30 min', '24 h', '30 working min', '8 working h', '1 WD', '3 days' or"
            " 'same day', with a whole number from 1 to 9999, or a date: 'by 2026-12-31', 'by 2026-12-31 18:00'.",
        )
    ),
    "no-such-date": RefusalWords(
        Title("“{text}”不是时限：没有这个日期或时间。", "{text!r} is no limit: there is no such date or time.")
    ),
    "no-duration": RefusalWords(
        Title(
            "时限为 1 至 9999 的整分钟；以小时填写的为整小时。",
            "A limit lasts whole minutes, or whole hours where it is written in hours, from 1 to 9999.",
        )
    ),
    "no-day-count": RefusalWords(Title("时限为 1 至 9999 天。", "A limit lasts from 1 to 9999 days.")),
    # Calendars
    "holiday-without-days": RefusalWords(
        Title(
            "请用 from 和 to 写明放假的日子，或用 make-up 写明上班的日子。",
            "Name days off with from and to, or days worked with make-up.",
        )
    ),
    "working-day-anyway": RefusalWords(
        Title("{day} 本是工作日，不能用来调休。", "{day} is a working day anyway, so it cannot make up for one.")
    ),
    "of-another-notice": RefusalWords(
        Title("{day} 不属于 {year} 年的通知。", "{day} does not belong to the notice of {year}.")
    ),
    "day-taken": RefusalWords(Title("{day} 已用于{taken}。", "{day} is named already, for {taken}.")),
    "days-shared": RefusalWords(
        Title(
            "此日历的 {field} 已取自 {calendar}。", "The calendar takes its {field} from {calendar} already."
        )
    ),
    "no-calendar": RefusalWords(Title("没有日历 {calendar}。", "There is no calendar {calendar}.")),
    "no-zone": RefusalWords(
        Title(
            "“{text}”不是时区：请写 IANA 名称，如 Asia/Shanghai。",
            "{text!r} is no time zone: write an IANA name such as Asia/Shanghai.",
        )
    ),
    "no-weekday-worked": RefusalWords(Title("每周至少有一天上班。", "Work on at least one weekday.")),
    "no-weekday": RefusalWords(
        Title("“{text}”不是星期：可用 {known}。", "{text!r} is no weekday: write one of {known}.")
    ),
    "no-year": RefusalWords(
        Title("“{text}”不是 {first} 至 {last} 之间的年份。", "{text!r} is no year between {first} and {last}.")
    ),
    "days-off-backwards": RefusalWords(
        Title(
            "最后一天不早于第一天，共不超过 {most} 天。",
            "The last day comes on or after the first, at most {most} days in all.",
        )
    ),
    "no-window": RefusalWords(
        Title("请至少写明一个时段，如 09:00-12:00。", "Name at least one window, such as 09:00-12:00.")
    ),
    "window-too-early": RefusalWords(
        Title("{after} 在 {before} 结束之前开始。", "{after} begins before {before} has ended.")
    ),
    "no-hours": RefusalWords(
        Title("“{text}”不是时段：请写作 09:00-12:00。", "{text!r} are no hours: write them as 09:00-12:00.")
    ),
    "after-midnight": RefusalWords(Title("一天到 24:00 结束。", "A day ends at 24:00.")),
    "no-weekday-in-calendar": RefusalWords(
        Title("日历每周至少有一天上班。", "A calendar works on at least one weekday, numbered 0 (Monday) to 6 (Sunday).")
    ),
    "holiday-and-make-up": RefusalWords(
        Title("{day} 不能既放假又调休上班。", "{day} cannot be both a holiday and a make-up workday.")
    ),
    "weekday-without-hours": RefusalWords(
        Title(
            "每周第 {weekday} 天（0 为星期一）上班而没有时段：请写明每个工作日的时段。",
            "Weekday {weekday} is worked but has no hours: name those of every working weekday.",
        )
    ),
    "make-up-without-hours": RefusalWords(
        Title(
            "{day} 调休上班而没有时段：请写明调休日的时段。",
            "{day} is a make-up workday without hours: name the hours of make-up days.",
        )
    ),
    "hours-overlap": RefusalWords(
        Title("时段 {before} 与 {after} 重叠或次序颠倒。", "The hours {before} and {after} overlap or are out of order.")
    ),
    "hours-into-next-day": RefusalWords(
        Title("时段 {today} 延续到次日的 {tomorrow}。", "The hours {today} run into the next day's {tomorrow}.")
    ),
}


def file_mistake_in_words(code: str, facts: Mapping[str, object], language: Language) -> str:
    """Its sentences; a fact that is None or False is not given."""
    words = FILE_MISTAKES[code]
    if "what" in facts:
        facts = {**facts, "what": NOUNS[str(facts["what"])]}
    added = (part for name, part in words.more.items() if facts.get(name))
    return joined((sentence(part, language, **facts) for part in (words.sentence, *added)), language)
