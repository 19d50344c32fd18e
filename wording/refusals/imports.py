"""Imports: what is no file to import, and what becomes of one that is asked about."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "NotATable": RefusalWords(
        Title(
            "文件不是 CSV（UTF-8 或 GB18030）、XLSX 或 NDJSON 表格。",
            "The file is no table: send CSV (UTF-8 or GB18030), XLSX or NDJSON.",
        ),
        {
            "binary": Title("其中有不属于文本的字节。", "It holds bytes that are no text."),
            "encoding": Title("文本既不是 UTF-8，也不是 GB18030。", "Its text is neither UTF-8 nor GB18030."),
            "heading": Title("它没有标题行。", "It has no heading."),
            "workbook": Title("工作簿无法打开。", "The workbook does not open."),
            "too_large": Title("工作簿解压后过大。", "The workbook is too large when unpacked."),
        },
    ),
    "MappingWrong": RefusalWords(
        Title("映射文件有误，未导入；见 errors。", "The mapping is wrong, and nothing was taken over; see errors.")
    ),
    "NoSuchImport": RefusalWords(Title("没有此标识的导入。", "There is no import with this id.")),
    "ImportIsOver": RefusalWords(
        Title("此导入已结束，不能取消；已导入的投诉保留。", "The import is over; what it took over stays.")
    ),
    "FileTooLarge": RefusalWords(
        Title("文件超过 {megabytes} MB。", "The file is larger than {megabytes} MB."),
    ),
    "TooManyImports": RefusalWords(
        Title("等待中的导入已太多，请稍后再试。", "So many imports wait already: try again later.")
    ),
}
