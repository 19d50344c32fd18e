"""What is wrong with one value of a request: by the kind of the mistake, as the validator names it or as we do."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Language, Title
from wording.sentences import sentence

OTHER: Final = Title("此值无效。", "The value is not allowed.")
MISTAKES: Final[Mapping[str, Title]] = {
    # Fields
    "missing": Title("必须填写此字段。", "This field is required."),
    "unexpected_keyword_argument": Title("没有这个字段。", "There is no such field."),
    "extra_forbidden": Title("没有这个参数。", "There is no such parameter."),
    "several-kinds": Title("此处不接受这种类型的值。", "The value is of a kind that is not taken here."),
    "dataclass_type": Title("此处应为对象。", "An object belongs here."),
    "dict_type": Title("此处应为对象。", "An object belongs here."),
    "tuple_type": Title("此处应为数组。", "An array belongs here."),
    "list_type": Title("此处应为数组。", "An array belongs here."),
    # Texts
    "string_type": Title("此处应为文字。", "A text belongs here."),
    "string_too_short": Title("至少 {min_length} 个字符。", "At least {min_length} characters."),
    "string_too_long": Title("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_pattern_mismatch": Title("写法不符合要求的格式。", "The text is not of the form that is asked for."),
    "is_filled_in": Title("文字不能为空，也不能只含看不见的字符。", "The text is blank, or nobody sees what it holds."),
    "is_one_line": Title(
        "只能写一行：不能含换行、控制字符或改变书写方向的字符。",
        "Write it in one line, without control characters and characters that turn the direction of writing.",
    ),
    "is_plain_text": Title("文字中除换行外不能含控制字符。", "The text holds control characters other than line breaks."),
    "is_slug": Title(
        "只能使用小写字母、数字、“-”、“_”和“.”。", "Use lower-case letters, digits, '-', '_' and '.' only."
    ),
    "not-a-source": Title("source 不能含有空格和“/”。", "A source has neither blanks nor slashes."),
    "is_file_name": Title(
        "请写文件名：不能含“/”“\\”、控制字符或改变书写方向的字符。",
        "Write the name of a file, without slashes, control characters and characters that turn the writing.",
    ),
    "is_safe_address": Title(
        "请写 https 地址，不含用户名和密码。", "Write an https address without a user and a password."
    ),
    "is_hex": Title("请用十六进制数字填写。", "Write it in hexadecimal digits."),
    "sort-keys": Title(
        "排序字段须为其中一个或几个，各写一次，降序在前面加“-”：{known}。",
        "Name one or several of these keys, each once, with - before those that go down: {known}.",
    ),
    "not-storable": Title(
        "文字中含有 U+0000 或半个代理对，无法保存。",
        "The text holds U+0000 or half a surrogate pair, which cannot be stored.",
    ),
    # Numbers and truth
    "int_type": Title("此处应为整数。", "A whole number belongs here."),
    "int_parsing": Title("此处应为整数。", "A whole number belongs here."),
    "int_from_float": Title("此处应为整数。", "A whole number belongs here."),
    "float_type": Title("此处应为数字。", "A number belongs here."),
    "decimal_type": Title('请以文字写明金额，如 "12.50"。', 'Give the amount as text, as in "12.50".'),
    "decimal_parsing": Title('请以文字写明金额，如 "12.50"。', 'Give the amount as text, as in "12.50".'),
    "decimal_max_digits": Title("最多 {max_digits} 位数字。", "At most {max_digits} digits."),
    "decimal_max_places": Title("最多 {decimal_places} 位小数。", "At most {decimal_places} decimal places."),
    "finite_number": Title("此处应为有限的数字。", "A finite number belongs here."),
    "bool_type": Title("此处应为 true 或 false。", "true or false belongs here."),
    "bool_parsing": Title("此处应为 true 或 false。", "true or false belongs here."),
    "greater_than": Title("必须大于 {gt}。", "It must be more than {gt}."),
    "greater_than_equal": Title("至少为 {ge}。", "It must be at least {ge}."),
    "less_than": Title("必须小于 {lt}。", "It must be less than {lt}."),
    "less_than_equal": Title("最多为 {le}。", "It must be at most {le}."),
    "too-large": Title("数字过大。", "The number is too large."),
    # Several, and choices
    "too_short": Title("至少 {min_length} 项。", "At least {min_length} of them."),
    "too_long": Title("最多 {max_length} 项。", "At most {max_length} of them."),
    "has_no_repeats": Title("每一项只写一次。", "Name each one once."),
    "literal_error": Title("可用的值：{expected}。", "It is one of {expected}."),
    "given-twice": Title("此参数只能写一次。", "This parameter is given once."),
    "no-such-code": Title("没有“{code}”。", "There is no '{code}'."),
    "no-such-code-near": Title("没有“{code}”；相近的有：{near}。", "There is no '{code}'; there is {near}."),
    # Ids, days and times
    "uuid_type": Title("此处应为标识（UUID）。", "An id (UUID) belongs here."),
    "uuid_parsing": Title("此处应为标识（UUID）。", "An id (UUID) belongs here."),
    "date_type": Title("请填写日期，如 2026-03-02。", "Give a day, as in 2026-03-02."),
    "date_parsing": Title("请填写日期，如 2026-03-02。", "Give a day, as in 2026-03-02."),
    "date_from_datetime_parsing": Title("请填写日期，如 2026-03-02。", "Give a day, as in 2026-03-02."),
    "date_from_datetime_inexact": Title("请填写日期，如 2026-03-02。", "Give a day, as in 2026-03-02."),
    "datetime_type": Title(
        "请填写带时差的时间，如 2026-03-02T09:00:00+08:00。",
        "Give a time with its offset, as in 2026-03-02T09:00:00+08:00.",
    ),
    "datetime_parsing": Title(
        "请填写带时差的时间，如 2026-03-02T09:00:00+08:00。",
        "Give a time with its offset, as in 2026-03-02T09:00:00+08:00.",
    ),
    "datetime_from_date_parsing": Title(
        "请填写带时差的时间，如 2026-03-02T09:00:00+08:00。",
        "Give a time with its offset, as in 2026-03-02T09:00:00+08:00.",
    ),
    "money-misspelt": Title(
        '金额请只用数字和小数点书写，小数最多两位，如 "12.50"。',
        'Write the amount in digits and a point only, with two places at most, as in "12.50".',
    ),
    "time-misspelt": Title(
        "请填写带时差的时间，如 2026-03-02T09:00:00Z 或 2026-03-02T09:00:00+08:00（在网址中“+”写作 %2B）。",
        "Give a time with its offset, as in 2026-03-02T09:00:00Z or 2026-03-02T09:00:00+08:00 (in an address, + is %2B).",
    ),
    "source-of-others": Title(
        "这是人员的标识，或指系统本身、不特定的人；电话系统请另取名称。",
        "This is the id of a person, or a word for the service or nobody in particular: name it otherwise.",
    ),
    "time-lost-plus": Title(
        "时差的“+”传到时成了空格：请写作 %2B，如 09:00:00%2B08:00。",
        "The + of the offset has arrived as a blank: write it as %2B, as in 09:00:00%2B08:00.",
    ),
    "time-without-offset": Title(
        "请注明与协调世界时的时差：Z，或如 +08:00（在网址中“+”写作 %2B）。",
        "Give the time with its offset from UTC: Z, or for example +08:00 (in an address, + is %2B).",
    ),
    "time-out-of-range": Title("请填写 1900 年至 9000 年之间的时间。", "Give a time between the years 1900 and 9000."),
    "day-misspelt": Title("请填写日期，如 2026-03-02。", "Give a day, as in 2026-03-02."),
}


def mistake_in_words(kind: str, facts: Mapping[str, object], language: Language) -> str:
    return sentence(MISTAKES.get(kind, OTHER), language, **facts)
