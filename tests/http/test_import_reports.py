"""What became of every row of an import, page by page and as a file that a clerk opens."""

import csv
import io
from typing import Any, Final

import openpyxl
import pytest

from app.http.protocol.lists import CSV_TYPE, XLSX_TYPE
from tests.http.desk import IN_ENGLISH, Desk, done, problem
from tests.http.test_imports import LETTERS, imported, letters

pytestmark = pytest.mark.asyncio(loop_scope="module")
MAPPING: Final = "procedure: general\ncomplaint: {old_number: no, received_at: in, subject: what, name: who}\n"
IN_CHINESE: Final = {"Accept-Language": "zh"}


async def report(house: Desk, one: dict[str, Any], query: str = "", who: str = "admin", **headers: str) -> Any:
    return await house.get(who, f"/v1/imports/{one['id']}/report{query}", headers=IN_ENGLISH | headers)


async def test_the_report_of_an_import_is_a_list_like_the_others(house: Desk) -> None:
    one = await letters(house, LETTERS.replace("8100", "1100"))
    page = done(await report(house, one, "?limit=3&count=true"))
    assert ([row["row"] for row in page["items"]], page["total"]) == ([1, 2, 3], 4)
    rest = done(await report(house, one, f"?limit=3&cursor={page['next_cursor']}"))
    assert ([row["row"] for row in rest["items"]], rest["next_cursor"]) == ([4], None)
    refused = done(await report(house, one, "?outcome=refused&outcome=went-on"))["items"]
    assert [row["remarks"][0]["code"] for row in refused] == ["import-no-time"]
    assert page["items"] + rest["items"] == one["report"]["items"]
    of_two = done(await house.get("admin", f"/v1/imports/{one['id']}?outcome=refused&outcome=taken"))
    assert len(of_two["report"]["items"]) == 4
    problem(await report(house, one, "?outcome=lost"), 422)
    problem(await house.get("admin", "/v1/imports/00000000-0000-0000-0000-000000000000/report"), 404)


async def test_the_report_is_a_file_of_csv_or_xlsx_in_the_readers_language(house: Desk) -> None:
    one = await letters(house, LETTERS.replace("8100", "1200"))
    answer = await report(house, one, Accept=CSV_TYPE)
    assert 'filename="import-report.csv"' in answer.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["row (without the heading)", "outcome", "number", "old number", "complaint id", "remarks"]
    assert [line[:2] for line in lines[1:]] == [["1", "Taken"], ["2", "Taken"], ["3", "Taken"], ["4", "Refused"]]
    assert "belongs to no day" in lines[4][5]
    assert lines[1][3] == "12001"
    workbook = await report(house, one, Accept=XLSX_TYPE, **IN_CHINESE)
    rows = list(openpyxl.load_workbook(io.BytesIO(workbook.content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][:2] == ("行（不计标题行）", "结果")
    assert rows[4][1] == "未导入"
    assert "没有受理时间" in str(rows[4][5])
    only = await report(house, one, "?outcome=refused&fields=row,remarks", Accept=CSV_TYPE)
    assert only.content.decode("utf-8-sig").splitlines()[0] == "row (without the heading),remarks"
    assert len(only.content.decode("utf-8-sig").splitlines()) == 2


async def test_what_a_spreadsheet_takes_for_a_formula_is_none_in_the_report(house: Desk) -> None:
    one = await imported(house, b"no,in,what,who\n=1+1,2025-01-06,x,y\n", MAPPING)
    lines = (await report(house, one, Accept=CSV_TYPE)).content.decode("utf-8-sig").splitlines()
    assert "'=1+1" in lines[1]


async def test_an_auditor_reads_the_report_and_an_agent_does_not(house: Desk) -> None:
    one = await letters(house, dry_run=True)
    done(await report(house, one, who="he-ping"))
    assert (await report(house, one, who="li-min")).status_code == 403


async def test_a_number_that_stands_twice_in_a_file_is_one_complaint_in_the_dry_run_too(house: Desk) -> None:
    rows = ["no,in,what,who", "T-1,2025-01-06,a,b", "T-2,2025-01-06,a,b", "T-1,2025-01-06,c,b", "T-1,2025-01-06,a,b"]
    text = "\n".join(rows).encode()
    dry, real = await imported(house, text, MAPPING, dry_run=True), await imported(house, text, MAPPING)
    for one in (dry, real):
        assert (one["counts"]["taken"], one["counts"]["already-there"]) == (2, 2)
        remarks = [[remark["code"] for remark in row["remarks"]] for row in one["report"]["items"]]
        assert "import-same-number" in remarks[2]
        assert "import-same-number" in remarks[3]
        assert "row 1" in one["report"]["items"][2]["remarks"][0]["text"]
    assert [row["number"] for row in dry["report"]["items"]] == [None] * 4


async def test_rows_of_one_number_that_lie_far_apart_are_known_in_the_dry_run_too(house: Desk) -> None:
    rows = [f"F-{number},2025-01-06,a,b" for number in range(450)]
    text = "\n".join(["no,in,what,who", *rows, "F-3,2025-01-06,z,b"]).encode()
    dry, real = await imported(house, text, MAPPING, dry_run=True), await imported(house, text, MAPPING)
    assert dry["counts"]["taken"] == real["counts"]["taken"] == 450
    assert dry["counts"]["already-there"] == real["counts"]["already-there"] == 1
