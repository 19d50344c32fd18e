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
            "old_workbook": Title(
                "它是旧格式（.xls）或加了密码的工作簿：请在 Excel 中去掉密码，另存为 .xlsx。",
                "It is a workbook of the old format (.xls), or one with a password: save it as .xlsx without one.",
            ),
            "web_page": Title(
                "它其实是网页（HTML 或 XML），不是表格：请在 Excel 中打开后另存为 .xlsx。",
                "It is a web page (HTML or XML) and no table: open it in Excel and save it as .xlsx.",
            ),
            "formula": Title(
                "单元格 {formula} 是公式而没有保存结果：请在 Excel 中打开后另存一次。",
                "Cell {formula} is a formula whose result was not saved: open the file in Excel and save it again.",
            ),
        },
    ),
    "RowUnreadable": RefusalWords(
        Title(
            "第 {row} 行（不计标题行）无法读取，多为引号没有成对。",
            "Row {row} (without the heading) cannot be read, mostly for a quote that is never closed.",
        )
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
