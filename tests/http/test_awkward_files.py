"""Files as they come out of spreadsheets and old systems: read as they were meant, or refused with the right word."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final

import pytest
from openpyxl import Workbook

from app.imports import runner
from app.imports.broken import NotATable, RowUnreadable
from app.imports.importer import SHORT
from app.imports.mapping import read_mapping
from app.imports.rows import PastComplaint, RowReader, RowRefused
from app.imports.suggesting import suggested
from app.imports.tables import Table, opened
from app.imports.workbooks import SMALL
from domain.errors import Invalid
from tests.facts import MONDAY_9AM
from tests.http.desk import IN_ENGLISH, Desk, done, problem
from tests.http.test_import_files import RULES
from tests.http.test_imports import imported
from wording.imports import FAILURES
from wording.refusals import refusal_text

MAPPING: Final = """
procedure: general
complaint: {old_number: no, received_at: in, subject: what, name: who, phone: phone}
steps:
  - {step: close, at: closed, outcome: {value: done}, summary: what}
facts: rest
"""
HEADING: Final = "no,in,what,who,phone,closed\n"


def table(content: bytes) -> Table:
    return opened(io.BytesIO(content))


def rows(content: bytes) -> list[Any]:
    return list(table(content).rows)


def taken(row: str) -> PastComplaint:
    found = table((HEADING + row).encode())
    mapping = read_mapping(MAPPING, RULES, found.columns)
    [only] = found.rows
    assert only is not None
    return RowReader(mapping, RULES.procedure("general"), MONDAY_9AM).read(only)


def remarks(row: str) -> list[str]:
    return [remark.code for remark in taken(row).remarks]


def refused(row: str) -> str:
    with pytest.raises(RowRefused) as refusal:
        taken(row)
    return refusal.value.remarks[0].code


def workbook(fill: Callable[[Any, Workbook], None]) -> bytes:
    book = Workbook()
    fill(book.active, book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 1, 6, hour, minute)  # noqa: DTZ001 (as a workbook has it)


def sheet(*lines: list[Any]) -> bytes:
    def fill(active: Any, _: Workbook) -> None:
        for line in lines:
            active.append(line)

    return workbook(fill)


def why(content: bytes) -> str:
    with pytest.raises(NotATable) as mistake:
        rows(content)
    for language in ("zh", "en"):
        assert refusal_text(mistake.value, language)
    return refusal_text(mistake.value, "en")


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_characters_that_few_systems_know_are_read(encoding: str) -> None:
    assert rows("编号,内容\n1,𠮷䶮㐂镕①\n".encode(encoding)) == [{"编号": "1", "内容": "𠮷䶮㐂镕①"}]


def test_ends_of_lines_of_every_kind_and_ends_within_quotes_are_told_apart() -> None:
    assert rows(b'a,b\r\n1,"x\r\ny"\n2,z\r3,"p ""q"""\n') == [
        {"a": "1", "b": "x\r\ny"}, {"a": "2", "b": "z"}, {"a": "3", "b": 'p "q"'},
    ]  # fmt: skip


def test_columns_of_one_name_or_of_none_have_names_of_their_own() -> None:
    assert table("号,内容,,内容, 内 容 (4),内容\n1,a,b,c,d,e\n".encode()).columns == (
        "号", "内容", "#3", "内容 (4)", "内 容 (4)", "内容 (6)",
    )  # fmt: skip


def test_a_title_above_the_table_is_no_heading() -> None:
    assert table("二〇二五年投诉台账,,\n\n编号,内容,人\n1,a,b\n".encode()).columns == ("编号", "内容", "人")
    assert table(b"only\n1\n2\n").columns == ("only",)
    assert rows(b"only\n1\n2\n") == [{"only": "1"}, {"only": "2"}]


def test_rows_keep_their_numbers_over_blank_ones_and_blank_ones_at_the_end_are_none() -> None:
    assert rows(b"a,b\n1,2\n,\n \n3,4\n,,\n\n  ,\n") == [{"a": "1", "b": "2"}, None, None, {"a": "3", "b": "4"}]


def test_a_row_with_too_few_or_too_many_cells_is_taken_and_remarked() -> None:
    assert "import-row-short" in remarks("A-1,2025-01-06 09:00,x")
    past = taken("A-1,2025-01-06 09:00,x,y,,,moved")
    assert "import-row-long" in [remark.code for remark in past.remarks]
    assert past.intake.facts == {"#7": "moved"}


def test_a_quote_that_is_never_closed_is_named_with_its_row() -> None:
    lines = b'a,b\n1,2\n3,"4\n' + b"5,6\n" * 300_000
    with pytest.raises(RowUnreadable) as mistake:
        rows(lines)
    assert mistake.value.row == 2
    assert "never closed" in refusal_text(mistake.value, "en")


# What is no table


def test_what_a_file_is_in_truth_is_said() -> None:
    assert ".xls" in why(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "web page" in why(b"\xef\xbb\xbf <html><table><tr><td>1</td></tr></table></html>")
    assert "no text" in why(b"%PDF-1.7\n\x00\x01")
    assert "does not open" in why(b"PK\x03\x04 no workbook")
    assert "heading" in why(b"")
    assert "heading" in why(b"\n\n\n")


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return file.getvalue()


def test_a_workbook_that_was_made_to_fill_the_disk_is_refused_without_being_unpacked() -> None:
    assert "too large" in why(packed(**{"xl/sharedStrings.xml": b"0" * (SMALL + 1)}))
    assert "does not open" in why(packed(**{"document.xml": b"<a/>"}))


# Workbooks


def test_days_of_a_workbook_are_days_also_where_only_their_number_is_left() -> None:
    found = rows(sheet(["no", "in"], [7, at(9, 30)], ["8", 45663.395833]))
    assert found[0] == {"no": 7, "in": at(9, 30)}
    past = taken("A-1,45663.395833,x,,,45664")
    assert past.received_at.isoformat() == "2025-01-06T01:30:00+00:00"
    assert [remark.code for remark in past.remarks] == ["import-time-serial", "import-time-serial"]
    assert past.remarks[0].value == "45663.395833 → 2025-01-06 09:30"


def test_a_day_without_its_time_in_a_workbook_is_remarked() -> None:
    found = opened(io.BytesIO(sheet(["no", "in", "what"], ["1", at(0), time(9)])))
    mapping = read_mapping("procedure: general\ncomplaint: {received_at: in, subject: what}", RULES, found.columns)
    row = next(found.rows)
    assert row is not None
    past = RowReader(mapping, RULES.procedure("general"), MONDAY_9AM).read(row)
    assert [remark.code for remark in past.remarks] == ["import-time-of-day-unknown"]
    assert past.intake.subject == "09:00:00"


def test_a_merged_cell_is_filled_in_each_row_that_it_reaches() -> None:
    def fill(active: Any, _: Workbook) -> None:
        for line in (["台账", None, None], ["日期", "编号", "内容"], ["2025-01-06", "1", "a"], [None, "2", "b"],
                     [None, "3", "c"], ["2025-01-07", "4", "d"]):  # fmt: skip
            active.append(line)
        active.merge_cells("A1:C1")
        active.merge_cells("A3:A5")

    assert [row["日期"] for row in rows(workbook(fill))] == ["2025-01-06"] * 3 + ["2025-01-07"]


def test_a_formula_without_its_result_is_refused_and_named() -> None:
    assert "Cell B2 is a formula" in why(sheet(["no", "in"], [1, "=TODAY()"]))


def test_a_sheet_is_the_first_that_somebody_sees_and_filled_in_or_the_one_that_the_mapping_names() -> None:
    def fill(active: Any, book: Workbook) -> None:
        active.title = "封面"
        hidden = book.create_sheet("字典")
        hidden.append(["码", "名"])
        hidden.sheet_state = "hidden"
        for name in ("一月", "二月"):
            added = book.create_sheet(name)
            added.append(["no", name])
            added.append(["1", "x"])

    content = io.BytesIO(workbook(fill))
    assert opened(content).columns == ("no", "一月")
    assert opened(content, "二月").columns == ("no", "二月")
    mapping = suggested(content, RULES.procedure("general"), "zh")
    assert 'sheet: 一月 # 二月' in mapping


def test_cells_of_a_workbook_that_share_their_texts_are_read_from_disk() -> None:
    lines = [[f"号{number}", f"内容 {number % 7}", number] for number in range(3_000)]
    assert [list(row.values()) for row in rows(sheet(["a", "b", "c"], *lines))] == lines


# Numbers and days


@pytest.mark.parametrize("number", ["1.38E+10", "1.23457E+17", "1,38E+10"])
def test_a_number_that_a_spreadsheet_has_rounded_is_none_to_know_a_row_by(number: str) -> None:
    assert refused(f'"{number}",2025-01-06 09:00,x,y,') == "import-number-rounded"


def test_a_number_of_a_workbook_that_is_too_long_for_it_is_none_either() -> None:
    found = opened(io.BytesIO(sheet(["no", "in"], [3.1010519900307e17, "2025-01-06"])))
    mapping = read_mapping("procedure: general\ncomplaint: {old_number: no, received_at: in}", RULES, found.columns)
    row = next(found.rows)
    assert row is not None
    with pytest.raises(RowRefused):
        RowReader(mapping, RULES.procedure("general"), MONDAY_9AM).read(row)


def test_a_number_of_which_the_end_may_be_lost_is_remarked() -> None:
    assert "import-number-may-be-cut" in remarks("310105199003070000,2025-01-06 09:00,x,y,,")


def test_a_telephone_number_that_was_rounded_is_said_to_be_and_kept_as_it_is_written() -> None:
    past = taken("A-1,2025-01-06 09:00,x,y,1.38E+10,")
    assert [remark.code for remark in past.remarks] == ["import-number-rounded"]
    assert (past.intake.complainant.phone, past.intake.facts) == (None, {"phone": "1.38E+10"})


@pytest.mark.parametrize("day", ["2023/5/6", "2023年5月6日", "2023-05-06", "2023.5.6"])
def test_a_day_is_read_as_it_is_usually_written(day: str) -> None:
    assert taken(f"A-1,{day},x,y,,").received_at.isoformat() == "2023-05-05T16:00:00+00:00"


def test_a_day_that_may_be_another_is_refused_with_what_to_say_in_the_mapping() -> None:
    assert refused("A-1,5-6-2023,x,y,,") == "import-time-ambiguous"
    assert refused("A-1,25-6-2023,x,y,,") == "import-time-unreadable"
    assert "import-time-ambiguous" in remarks("A-1,2023-05-06,x,y,,5/6/2023")


# At the door


async def asked(house: Desk, content: bytes, mapping: str = MAPPING, name: str = "a.csv") -> Any:
    form = {"file": (name, content), "mapping": ("m.yaml", mapping.encode())}
    headers = {"Authorization": f"Bearer {await house.key_of('admin')}", **IN_ENGLISH}
    return await house.http.post("/v1/imports", files=form, headers=headers)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_file_that_breaks_off_is_refused_at_once_or_before_anything_is_taken(house: Desk) -> None:
    broken = (HEADING + '1,2025-01-06,x,"y\n' + "2,2025-01-06,x,y,,\n" * 100_000).encode()
    assert "Row 1" in json.dumps(problem(await asked(house, broken), 422))
    head = await house.service.log.head()
    good = "".join(f"L-{number},2025-01-06,x,y,,\n" for number in range(SHORT + 100))
    late = (HEADING + good + '3,2025-01-06,x,"y\n' + "2,2025-01-06,x,y,,\n" * 100_000).encode()
    one = await imported(house, late, MAPPING)
    assert (one["state"], one["failure"]) == ("failed", "file-unreadable")
    assert [row["row"] for row in one["report"]["items"]] == [SHORT + 101]
    assert await house.service.log.head() == head


@pytest.mark.asyncio(loop_scope="module")
async def test_a_sheet_that_the_workbook_does_not_have_is_refused_with_those_that_it_has(house: Desk) -> None:
    content = sheet(["no", "in", "what", "who", "phone", "closed"], ["1", "2025-01-06", "x", "y", "", ""])
    refusal = problem(await asked(house, content, f"sheet: Shet\n{MAPPING}", "a.xlsx"), 422)
    assert "Sheet" in json.dumps(refusal)
    assert (await asked(house, content, f"sheet: Sheet\n{MAPPING}", "a.xlsx")).status_code == 202


@pytest.mark.asyncio(loop_scope="module")
async def test_of_several_sheets_none_is_left_out_without_a_word(house: Desk) -> None:
    def fill(active: Any, book: Workbook) -> None:
        for one in (active, book.create_sheet("二月")):
            one.append(["no", "in", "what", "who", "phone", "closed"])
            one.append([f"{one.title}-1", "2025-01-06", "x", "y", "", ""])

    refusal = problem(await asked(house, workbook(fill), MAPPING, "a.xlsx"), 422)
    assert "Sheet, 二月" in json.dumps(refusal, ensure_ascii=False)
    for name in ("Sheet", "二月"):
        one = await imported(house, workbook(fill), f"sheet: {name}\n{MAPPING}", name="a.xlsx")
        assert [row["old_number"] for row in one["report"]["items"]] == [f"{name}-1"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_rows_in_another_file_and_another_order_are_there_already(house: Desk) -> None:
    lines = ["S-1,2025-01-06 09:00,x,y,,", "S-2,2025-01-07 09:00,x,y,,", ",2025-01-08 09:00,x,y,,"]
    first = await imported(house, (HEADING + "\n".join(lines)).encode(), MAPPING)
    again = await imported(house, (HEADING + "\n".join(reversed(lines))).encode("utf-8-sig"), MAPPING, name="b.csv")
    assert (first["counts"], again["counts"]) == ({"taken": 3}, {"already-there": 3})
    ids = [row["complaint_id"] for row in first["report"]["items"]]
    assert [row["complaint_id"] for row in again["report"]["items"]] == ids[::-1]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_row_that_says_otherwise_than_a_complaint_that_has_gone_on_here_changes_nothing_of_it(
    house: Desk,
) -> None:
    line = "G-1,2025-01-06 09:00,x,y,,"
    first = await imported(house, (HEADING + line).encode(), MAPPING)
    id = first["report"]["items"][0]["complaint_id"]
    await house.step("li-min", id, "add-note", text="客户又来电")
    closed = await imported(house, f"{HEADING}G-1,2025-01-06 09:00,x,y,,2025-02-01 09:00\n".encode(), MAPPING)
    row = closed["report"]["items"][0]
    assert row["outcome"] == "already-there"
    assert [remark["code"] for remark in row["remarks"]] == ["import-step-too-early"]
    assert done(await house.get("li-min", f"/v1/complaints/{id}"))["status"] != "closed"


def test_every_part_of_a_refused_file_has_its_words() -> None:
    parts = {"old_workbook": True, "web_page": True, "formula": "A1", "too_large": True, "workbook": True}
    for name, value in parts.items():
        error: Invalid = NotATable("/file", **{name: value})
        assert refusal_text(error, "zh") != refusal_text(NotATable("/file"), "zh")


def test_every_reason_for_which_an_import_fails_has_its_words() -> None:
    assert {*runner.FAILURES.values(), "internal-error"} == set(FAILURES)
