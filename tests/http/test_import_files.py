"""What files of other systems look like, and what a mapping may get wrong."""

from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from app.imports.broken import NotATable
from app.imports.mapping import MappingMistake, read_mapping
from app.imports.rows import RowReader, RowRefused, read_time
from app.imports.suggesting import suggested
from app.imports.tables import opened
from procedures.library import Library
from tests.facts import MONDAY_9AM
from tests.http.test_imports import EXAMPLES

RULES = Library.ready()
FINANCE = """Date received,Product,Issue,Consumer narrative,Company,State,Submitted via,Date sent to company,Company response,Timely response?,Consumer disputed?,Complaint ID
03/21/2020,Debt collection,Contact after request to stop,"I asked about ""contact"";
nothing happened.",Bank 5,,Postal mail,03/22/2020,In progress,No,No,900031
09/10/2018,Mortgage,Payment posted late,,Bank 2,NY,Web,09/10/2018,Closed with explanation,Yes,N/A,900124
"""  # noqa: E501 (a row of the export)
CITY = """Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor,Incident Zip,Status,Resolution Description,Open Data Channel Type
93000001,10/14/2016 04:41:00 PM,11/04/2016 12:41:00 PM,NYPD,Noise,Banging,00083,Closed,"=HYPERLINK(""x"")",ONLINE
93000002,10/23/2023 02:42:00 PM,,DEP,Water System,No Water,00083,Open,,PHONE
"""  # noqa: E501 (a row of the export)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("编号,内容\n1,路灯\n".encode(), "utf-8"),
        ("编号,内容\n1,路灯\n".encode("utf-8-sig"), "utf-8-sig"),
        ("编号,内容\n1,路灯\n".encode("gb18030"), "gb18030"),
        ("编号;内容\n1;路灯\n".encode("gbk"), "gb18030"),
    ],
)
def test_the_encoding_is_found_out(content: bytes, encoding: str) -> None:
    table = opened(BytesIO(content))
    assert (table.encoding, table.columns) == (encoding, ("编号", "内容"))
    assert list(table.rows) == [{"编号": "1", "内容": "路灯"}]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"\xff\xff\xff\xff,", b"PK\x03\x04 no workbook"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(NotATable):
        opened(BytesIO(content))


@pytest.mark.parametrize(("name", "text"), [("finance", FINANCE), ("city-311", CITY)])
def test_the_examples_read_rows_of_the_shapes_that_they_are_for(name: str, text: str) -> None:
    table = opened(BytesIO(text.encode()))
    mapping = read_mapping((EXAMPLES / f"{name}.yaml").read_text("utf-8"), RULES, table.columns)
    reader = RowReader(mapping, RULES.procedure(mapping.procedure), MONDAY_9AM)
    first, second = (reader.read(row) for row in table.rows if row is not None)
    assert first.old_number
    assert first.intake.complainant.anonymous
    closing = [[type(step.command).__name__ for step in past.steps].count("CloseComplaint") for past in (first, second)]
    assert closing == ([0, 1] if name == "finance" else [1, 0])


def test_a_time_that_the_zone_shows_twice_or_never_is_a_time_all_the_same() -> None:
    zone = ZoneInfo("America/New_York")
    twice, never = (read_time(text, ("%m/%d/%Y %H:%M",), zone) for text in ("11/01/2026 01:30", "03/08/2026 02:30"))
    assert twice is not None
    assert twice[0].isoformat() == "2026-11-01T05:30:00+00:00"
    assert never is not None


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ("procedure: genral\ncomplaint: {received_at: in}", "import-unknown"),
        ("procedure: general\ncomplaint: {recieved_at: in}", "unknown-field"),
        ("procedure: general\ncomplaint: {subject: in}", "field-missing"),
        ("procedure: general\ncomplaint: {received_at: im}", "import-column"),
        ("procedure: general\ntimes: {zone: Asia/Shangai}\ncomplaint: {received_at: in}", "import-zone"),
        ("procedure: general\ncomplaint: {received_at: in, channel: {value: fone}}", "import-unknown"),
        ("procedure: general\ncomplaint: {received_at: in}\nsteps: [{step: clsify, at: in}]", "import-unknown"),
        ("procedure: general\ncomplaint: {received_at: in}\nsteps: [{step: close, at: in}]", "field-missing"),
        ("procedure: general\ncomplaint: {received_at: in}\nstatus: {column: in, otherwise: done}", "import-unknown"),
        ("- a", "no-fields"),
    ],
)
def test_a_slip_in_a_mapping_is_named_with_its_line(mapping: str, code: str) -> None:
    with pytest.raises(MappingMistake) as mistake:
        read_mapping(mapping, RULES, ("in", "what"))
    assert mistake.value.code == code
    assert mistake.value.in_words("zh")
    assert mistake.value.in_words("en")


def test_a_row_of_tomorrow_is_refused_and_a_very_old_and_long_one_is_not() -> None:
    mapping = read_mapping("procedure: general\ncomplaint: {received_at: in, subject: what, content: what}", RULES)
    reader = RowReader(mapping, RULES.procedure("general"), MONDAY_9AM)
    with pytest.raises(RowRefused) as refused:
        reader.read({"in": "2026-03-03 09:00", "what": "x"})
    assert [remark.code for remark in refused.value.remarks] == ["import-time-ahead"]
    past = reader.read({"in": "1999-03-03 09:00", "what": "长" * 20_000})
    assert len(past.intake.content) == 20_000
    assert (len(past.intake.subject), len(str(past.intake.facts["subject"]))) == (200, 20_000)


@pytest.mark.parametrize("text", [FINANCE, CITY])
def test_a_mapping_that_is_suggested_can_be_used_at_once(text: str) -> None:
    file = BytesIO(text.encode())
    mapping = suggested(file, RULES.procedure("general"), "en")
    read = read_mapping(mapping, RULES, opened(file).columns)
    assert read.complaint.keys() >= {"old_number", "received_at", "subject", "channel"}
