"""Taking over a running business over HTTP: rows in the shapes that real systems export, and nobody is told."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import Workbook

from tests.http.desk import IN_ENGLISH, Desk, done, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
VOLUMES: Final = "SELECT hour, complaints FROM complaint_volumes"
EXAMPLES: Final = Path(__file__).parent.parent.parent / "docs" / "examples" / "imports"
LETTERS: Final = """留言编号,留言用户,联系电话,留言主题,留言时间,留言详情,一级分类,承办单位,答复意见,答复时间,评价
81001,高女士,0086 139 0000 3347,路灯不亮,2025-03-03 09:15,"
\t\t门口的路灯坏了快一个月。",城乡建设,城管局,您好，已安排人员修复。,2025/03/20 10:00:00,满意
81002,匿名,555转8081,拖欠工资,2025-04-01 13:29,工资一分没拿到。,劳动和社会保障,,,,
81003,邓先生,１３９００００1524,噪音,2025-04-02 23:10,打桩。,环境保护,环保局,已责令停工。,2025/04/09 08:00:00,不满意
81004,邓先生,,没有时间的一封,,不知何时来的信。,,,,,
"""


async def imported(
    house: Desk, file: bytes, mapping: str, *, name: str = "old.csv", dry_run: bool = False, who: str = "admin"
) -> dict[str, Any]:
    """An import that is over, with its report."""
    form = {"file": (name, file), "mapping": ("map.yaml", mapping.encode())}
    headers = {"Authorization": f"Bearer {await house.key_of(who)}", **IN_ENGLISH}
    asked = await house.http.post(
        "/v1/imports", files=form, data={"dry_run": str(dry_run).lower()}, headers=headers
    )
    one = done(asked, 202)
    async with asyncio.timeout(60):
        while one["state"] in ("waiting", "running"):
            await asyncio.sleep(0.02)
            one = done(await house.get(who, f"/v1/imports/{one['id']}?limit=200", headers=IN_ENGLISH))
    return one


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.yaml").read_text("utf-8")


async def letters(house: Desk, text: str = LETTERS, **options: Any) -> dict[str, Any]:
    return await imported(house, text.encode("gb18030"), example("letters"), name="letters.csv", **options)


async def history(house: Desk, id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = done(await house.get("admin", f"/v1/complaints/{id}/history"))["items"]
    return events


async def test_letters_in_gb18030_are_taken_over_with_their_steps_at_their_own_times(house: Desk) -> None:
    one = await letters(house)
    assert one["state"] == "done", one
    assert (one["encoding"], one["counts"]["taken"], one["counts"]["refused"]) == ("GB18030", 3, 1)
    row = one["report"]["items"][0]
    complaint = done(await house.get("li-min", f"/v1/complaints/{row['complaint_id']}"))
    assert complaint["status"] == "closed"
    assert complaint["received_at"] == "2025-03-03T01:15:00Z"
    assert complaint["closed_at"] == "2025-03-20T02:00:00Z"
    assert complaint["complainant"]["phone"] == "+8613900003347"
    assert complaint["number"].startswith("HOTLINE-MAYOR-20250303-")
    events = await history(house, complaint["id"])
    assert {event["actor"]["source"] for event in events} == {"import"}
    origins = [event["data"]["imported"] for event in events]
    assert {(one["by"], one["file"], one["row"]) for one in origins} == {("admin", "letters.csv", 1)}


async def test_a_close_that_the_procedure_would_not_have_taken_is_kept_as_the_other_system_has_it(house: Desk) -> None:
    one = await letters(house, LETTERS.replace("8100", "8200"))
    events = await history(house, one["report"]["items"][0]["complaint_id"])
    close = next(event for event in events if event["type"] == "TakenOver" and event["data"]["step"] == "close")
    assert close["data"]["ended_as"] == "closed"
    assert close["data"]["said"]["outcome"] == "已答复"
    assert close["data"]["missing"]
    never_taken = {"Dispatched", "Executed", "CustomerInformed", "Escalated", "Supervised"}
    assert never_taken.isdisjoint(event["type"] for event in events)


async def test_the_misses_of_then_are_recorded_as_of_then(house: Desk) -> None:
    one = await letters(house, LETTERS.replace("8100", "8300"))
    events = await history(house, one["report"]["items"][2]["complaint_id"])
    missed = [event for event in events if event["type"] == "DeadlineMissed"]
    assert missed
    assert all(event["data"]["due_at"] <= event["occurred_at"] < "2025-04-10" for event in missed)
    assert all(event["data"]["told"] == [] for event in missed)


async def test_nobody_is_told_and_the_figures_fall_into_the_months_they_belong_to(house: Desk) -> None:
    before = len(await house.service.pool.fetch("SELECT id FROM notifications"))
    one = await letters(house, LETTERS.replace("8100", "8400"))
    march = "/v1/indicators?procedure=hotline-mayor&from=2025-03-01&to=2025-03-31"
    position = one["position"]
    assert await house.service.follower.reached(position, 20)
    assert await house.service.notifying.follower.reached(position, 20)
    assert len(await house.service.pool.fetch("SELECT id FROM notifications")) == before
    figures = done(await house.get("admin", march))
    volume = next(row for row in figures["items"] if row["indicator"] == "volume")
    assert volume["numerator"] >= 1


async def test_a_second_import_of_the_same_file_finds_everything_there(house: Desk) -> None:
    text = LETTERS.replace("8100", "8500")
    await letters(house, text)
    head = await house.service.log.head()
    again = await letters(house, text)
    assert again["counts"] == {"already-there": 3, "refused": 1}
    assert await house.service.log.head() == head


async def test_a_later_step_of_a_row_that_was_taken_follows(house: Desk) -> None:
    text = LETTERS.replace("8100", "8600")
    first = await letters(house, text)
    open_one = first["report"]["items"][1]
    assert done(await house.get("admin", f"/v1/complaints/{open_one['complaint_id']}"))["status"] == "classified"
    answered = text.replace("劳动和社会保障,,,,", "劳动和社会保障,人社局,已督促发放。,2025/04/20 09:00:00,")
    again = await letters(house, answered)
    assert again["counts"] == {"already-there": 2, "went-on": 1, "refused": 1, "with-remarks": 1}
    after = done(await house.get("admin", f"/v1/complaints/{open_one['complaint_id']}"))
    assert (after["status"], after["closed_at"]) == ("closed", "2025-04-20T01:00:00Z")


async def test_a_dry_run_reports_the_same_and_takes_nothing(house: Desk) -> None:
    text, head = LETTERS.replace("8100", "8700"), await house.service.log.head()
    dry = await letters(house, text, dry_run=True)
    assert await house.service.log.head() == head
    real = await letters(house, text)
    assert dry["counts"] == real["counts"]
    said = [[remark["text"] for remark in row["remarks"]] for row in dry["report"]["items"]]
    assert said == [[remark["text"] for remark in row["remarks"]] for row in real["report"]["items"]]


async def test_the_report_says_row_by_row_what_was_refused_and_what_was_guessed(house: Desk) -> None:
    one = await letters(house, LETTERS.replace("8100", "8800"), dry_run=True)
    assert [row["outcome"] for row in one["report"]["items"]] == ["taken", "taken", "taken", "refused"]
    assert [remark["code"] for remark in one["report"]["items"][3]["remarks"]] == ["import-no-time"]
    assert "import-phone-as-fact" in {remark["code"] for remark in one["report"]["items"][1]["remarks"]}
    assert not any(name in json.dumps(one, ensure_ascii=False) for name in ("高女士", "邓先生", "3347", "打桩。"))


async def test_a_column_that_does_not_exist_is_refused_with_those_that_are_near(house: Desk) -> None:
    mapping = example("letters").replace("received_at: 留言时间", "received_at: 留言時间")
    form = {"file": ("a.csv", LETTERS.encode("gb18030")), "mapping": ("m.yaml", mapping.encode())}
    headers = {"Authorization": f"Bearer {await house.key_of('admin')}", **IN_ENGLISH}
    refused = problem(await house.http.post("/v1/imports", files=form, headers=headers), 422)
    assert "留言时间" in refused["errors"][0]["detail"]


async def test_only_an_administrator_imports(house: Desk) -> None:
    form = {"file": ("a.csv", b"a\n1\n"), "mapping": ("m.yaml", b"x")}
    headers = {"Authorization": f"Bearer {await house.key_of('li-min')}"}
    assert (await house.http.post("/v1/imports", files=form, headers=headers)).status_code == 403


async def test_a_workbook_and_lines_of_json_are_read_too(house: Desk) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["no", "in", "what"])
    sheet.append(["X-1", "2025-05-05 08:00", "late"])
    file = BytesIO()
    book.save(file)
    mapping = "procedure: general\ncomplaint: {old_number: no, received_at: in, subject: what}\n"
    assert (await imported(house, file.getvalue(), mapping, name="a.xlsx"))["counts"]["taken"] == 1
    lines = json.dumps(
        {
            "no": "N-1", "in": "2025-05-05T08:00:00+08:00", "what": "late", "who": {"name": "高女士"},
            "steps": [
                {
                    "step": "classify", "at": "2025-05-05T09:00:00+08:00", "by": "li-min", "severity": "simple",
                    "category": "service",
                },
                {"step": "withdraw", "at": "2025-05-06T09:00:00+08:00", "by": "老王", "reason": "不投诉了"},
            ],
        }
    )  # fmt: skip
    mapping = """
        procedure: general
        complaint: {old_number: no, received_at: in, subject: what, name: who.name}
        steps: steps
    """
    one = await imported(house, lines.encode(), mapping, name="a.ndjson")
    id = one["report"]["items"][0]["complaint_id"]
    events = {event["type"]: event for event in await history(house, id)}
    classified = events["Classified"]
    assert (classified["actor"]["id"], classified["data"]["imported"]["handler"]) == ("li-min", None)
    assert events["Withdrawn"]["data"]["imported"]["handler"] == "老王"
    assert done(await house.get("admin", f"/v1/complaints/{id}"))["status"] == "withdrawn"


async def test_an_import_that_is_asked_for_twice_also_at_once_is_one(house: Desk) -> None:
    async def ask(file: str) -> Any:
        form = {"file": ("twice.csv", file.encode("gb18030")), "mapping": ("map.yaml", example("letters").encode())}
        headers = {"Authorization": f"Bearer {await house.key_of('admin')}", "Idempotency-Key": "import-once"}
        return await house.http.post("/v1/imports", files=form, data={"dry_run": "true"}, headers=headers)

    answers = await asyncio.gather(*(ask(LETTERS) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, True, True, True]
    problem(await ask(LETTERS.replace("81001", "91001")), 422, "command-id-reused")


async def test_attachments_are_taken_over_with_names_that_lead_nowhere_and_from_safe_addresses_alone(
    house: Desk,
) -> None:
    files = [
        ("a\u202egpj.exe", "https://old.example/1"), ("../../录音.mp3", "https://old.example/2"),
        ("a.pdf", "javascript:alert(1)"), ("b.pdf", "http://old.example/3"),
    ]  # fmt: skip
    steps = [
        {"step": "attach", "at": f"2025-05-05T1{n}:00:00+08:00", "name": name, "kind": "recording", "reference": where}
        for n, (name, where) in enumerate(files)
    ]
    line = json.dumps({"no": "AT-1", "in": "2025-05-05T08:00:00+08:00", "what": "x", "steps": steps})
    mapping = "procedure: general\ncomplaint: {old_number: no, received_at: in, subject: what}\nsteps: steps\n"
    one = await imported(house, line.encode(), mapping, name="a.ndjson")
    row = one["report"]["items"][0]
    said = [(remark["code"], remark["about"]) for remark in row["remarks"]]
    assert said.count(("import-value-unknown", "attach.reference")) == 2
    assert ("import-step-without", "attach") in said
    events = [event for event in await history(house, row["complaint_id"]) if event["type"] == "AttachmentAdded"]
    assert [event["data"]["name"] for event in events] == ["a gpj.exe", "录音.mp3"]
    assert [event["data"]["reference"] for event in events] == ["https://old.example/1", "https://old.example/2"]


async def test_a_value_of_a_step_is_looked_at_as_the_api_looks_at_it(house: Desk) -> None:
    rows = [f"SC-{score},2025-05-05 08:00,x,2025-05-06 08:00,{score}" for score in (9, 4)]
    text = "\n".join(["no,in,what,called,score", *rows])
    mapping = """
procedure: general
complaint: {old_number: no, received_at: in, subject: what}
steps:
  - {step: record-callback, at: called, reached: {value: "true"}, means: {value: phone}, score: score}
"""
    one = await imported(house, text.encode(), mapping)
    remarks = [[(remark["code"], remark["about"]) for remark in row["remarks"]] for row in one["report"]["items"]]
    assert ("import-value-unknown", "record-callback.score") in remarks[0]
    assert ("import-value-unknown", "record-callback.score") not in remarks[1]


async def test_a_mapping_that_makes_up_a_kind_of_attachment_is_refused_with_those_that_there_are(house: Desk) -> None:
    mapping = """
procedure: general
complaint: {received_at: in}
steps:
  - {step: attach, at: in, name: what, kind: {value: recordng}, reference: what}
"""
    form = {"file": ("a.csv", b"in,what\n2025-05-05,x\n"), "mapping": ("m.yaml", mapping.encode())}
    headers = {"Authorization": f"Bearer {await house.key_of('admin')}", **IN_ENGLISH}
    refused = problem(await house.http.post("/v1/imports", files=form, headers=headers), 422)
    assert "recording" in refused["errors"][0]["detail"]


async def test_the_sheet_of_an_outage_is_no_surge_of_calls_and_older_rows_count_for_what_is_usual(house: Desk) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    mapping = "procedure: general\ncomplaint: {old_number: no, received_at: in, subject: what}\n"
    lately = [f"OUT-{n},{(now - timedelta(minutes=1 + n)).isoformat()},x" for n in range(50)]
    before = now - timedelta(days=3)
    earlier = [f"OLD-{n},{before.isoformat()},x" for n in range(7)]
    one = await imported(house, "\n".join(["no,in,what", *lately, *earlier]).encode(), mapping)
    assert one["counts"]["taken"] == 57
    assert await house.service.call_counts.reached(one["position"], 20)
    assert await house.service.follower.reached(await house.service.log.head(), 20)
    assert done(await house.get("admin", "/v1/incidents"))["items"] == []
    volumes = {row["hour"]: row["complaints"] for row in await house.service.pool.fetch(VOLUMES)}
    assert volumes[before.replace(minute=0)] == 7
    assert max(volumes) < now - timedelta(hours=2)
