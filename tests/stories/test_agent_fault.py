"""情况1至情况3: what an agent's error is graded by, played through the REST API.

Quality grades it as its finding; nobody else grades, and nobody but quality reads the grade.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.staff import employ, look, told_at
from tests.stories.telling import at, due, state

FINDINGS = "答复套餐资费有误，客户多付 30 元。"
CLOSE = {"outcome": "已致歉", "summary": "座席解答失误"}


async def classified(desk: Desk, category: str = "answer", **facts: Any) -> str:
    """A complaint of Monday nine o'clock about agent-7."""
    await at(desk, "03-02 09:00")
    facts = {"subject": "座席答错资费", "issue_point": "wrong-answer", "accused": ["agent-7"], "force": True} | facts
    id: str = (await desk.receive("li-min", procedure="agent-fault", **facts))["id"]
    await desk.step("li-min", id, "classify", category=category)
    return id


async def graded(desk: Desk, grade: int = 2, **facts: Any) -> str:
    id = await classified(desk, **facts)
    await desk.step("chen-li", id, "grade-fault", agent="agent-7", grade=grade, findings=FINDINGS)
    return id


async def grades_in_history(desk: Desk, who: str, id: str) -> list[dict[str, Any]]:
    items = done(await desk.get(who, f"/v1/complaints/{id}/history"))["items"]
    return [event["data"] for event in items if event["type"] == "FaultGraded"]


@pytest.mark.parametrize("category", ["answer", "manner", "process", "conduct", "conduct.abuse"])
async def test_a_complaint_caused_by_an_agent_is_graded_before_it_is_closed(sandbox: Desk, category: str) -> None:
    id = await classified(sandbox, category)
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert (refusal["type"], refusal["missing"]) == (
        "/problems/not-ready-to-close", ["what quality has to do"],
    )  # fmt: skip
    refusal = await sandbox.refused(409, "chen-li", id, "close", **CLOSE)
    assert refusal["missing"] == ["the agent's fault graded"]
    await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=1, findings=FINDINGS)
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=True))["status"] == "closed"


async def test_what_no_agent_caused_is_closed_without_a_grade(sandbox: Desk) -> None:
    id = await classified(sandbox, "not-agent", accused=[])
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=False))["status"] == "closed"


async def test_the_three_grades_are_those_of_the_rules_and_there_is_no_other(sandbox: Desk) -> None:
    told = done(await sandbox.get("chen-li", "/v1/procedures/agent-fault"))["fault_grades"]
    assert [told[grade]["en"].split(",")[0] for grade in ("1", "2", "3")] == [
        "Wrong or incomplete answer without a loss", "Slight loss", "Heavy loss",
    ]  # fmt: skip
    id = await classified(sandbox)
    for grade in (0, 4, "serious"):
        await sandbox.refused(422, "chen-li", id, "grade-fault", agent="agent-7", grade=grade, findings=FINDINGS)
    for grade in (1, 2, 3):
        complaint = await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=grade, findings=FINDINGS)
        assert complaint["faults"][-1]["grade"] == grade


async def test_the_grade_is_part_of_the_finding(sandbox: Desk) -> None:
    id = await classified(sandbox)
    await sandbox.refused(422, "chen-li", id, "grade-fault", agent="agent-7", grade=2)  # a grade says why
    complaint = await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=2, findings=FINDINGS)
    assert complaint["faults"] == [{"agent": "agent-7", "grade": 2, "findings": FINDINGS}]


async def test_only_quality_grades(sandbox: Desk) -> None:
    id = await classified(sandbox)
    await employ(sandbox, {"ban-zhang": ("unit", "team")})
    for who in ("li-min", "zhao-jing", "ban-zhang"):
        await sandbox.refused(403, who, id, "grade-fault", agent="agent-7", grade=1, findings=FINDINGS)


async def test_the_grade_is_visible_to_quality_staff_only(sandbox: Desk) -> None:
    id = await graded(sandbox)
    for who in ("li-min", "zhao-jing"):
        assert (await look(sandbox, id, who))["faults"] == []
        assert await grades_in_history(sandbox, who, id) == []
        listed = (await sandbox.get(who, "/v1/tracking?procedure=agent-fault&min_position=1")).text
        assert FINDINGS not in listed
    assert (await look(sandbox, id, "chen-li"))["faults"][0]["grade"] == 2
    [seen] = await grades_in_history(sandbox, "chen-li", id)
    assert (seen["agent"], seen["grade"], seen["findings"]) == ("agent-7", 2, FINDINGS)


async def test_that_a_fault_was_graded_is_itself_invisible_to_others(sandbox: Desk) -> None:
    id = await graded(sandbox)
    await sandbox.caught_up()
    for who in ("li-min", "zhao-jing"):
        history = done(await sandbox.get(who, f"/v1/complaints/{id}/history"))["items"]
        assert [event["version"] for event in history] == list(range(1, len(history) + 1))  # and no version is missing
        [withheld] = [event for event in history if event["type"] == "Withheld"]
        assert (withheld["data"], withheld["actor"]["id"]) == ({}, "")
        [row] = done(await sandbox.get(who, "/v1/tracking?procedure=agent-fault"))["items"]
        assert row["last_event"] == "Classified"
        for asked in (f"complaint={id}", "actor=chen-li", "type=FaultGraded"):
            told = await sandbox.get(who, f"/v1/audit/events?{asked}")
            assert "FaultGraded" not in told.text
            assert "chen-li" not in told.text
    table = await sandbox.get("li-min", f"/v1/audit/events?complaint={id}", headers={"Accept": "text/csv"})
    assert table.status_code == 200
    assert "FaultGraded" not in table.text
    assert "fault graded" not in table.text


async def test_who_was_graded_is_invisible_to_others_also_where_nobody_had_been_accused(sandbox: Desk) -> None:
    id = await classified(sandbox, accused=[])
    await employ(sandbox, {"ban-zhang": ("unit", "team")})
    await sandbox.step("li-min", id, "dispatch", units=["team"])
    graded_one = await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=2, findings=FINDINGS)
    assert graded_one["accused"] == ["agent-7"]
    await sandbox.caught_up()
    for who in ("li-min", "zhao-jing", "ban-zhang"):
        complaint = await look(sandbox, id, who)
        assert (complaint["accused"], complaint["accused_unmatched"]) == ([], [])
        history = done(await sandbox.get(who, f"/v1/complaints/{id}/history"))["items"]
        assert [event["type"] for event in history][-2:] == ["Withheld", "Withheld"]
        for asked in (f"complaint={id}", "type=AccusedNamed", "actor=system"):
            told = await sandbox.get(who, f"/v1/audit/events?{asked}")
            assert "agent-7" not in told.text
            assert "AccusedNamed" not in told.text
        [row] = done(await sandbox.get(who, "/v1/tracking?procedure=agent-fault"))["items"]
        assert row["last_event"] == "Dispatched"
    seen = done(await sandbox.get("chen-li", f"/v1/complaints/{id}/history"))["items"]
    assert [event["type"] for event in seen][-2:] == ["AccusedNamed", "FaultGraded"]
    assert (await sandbox.get("agent-7", f"/v1/complaints/{id}")).status_code == 403


async def test_who_was_graded_and_is_accused_by_somebody_else_is_seen_by_those_who_see_the_accused(
    sandbox: Desk,
) -> None:
    id = await classified(sandbox, accused=[])
    await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=2, findings=FINDINGS)
    named = await sandbox.step("li-min", id, "name-accused", people=["agent-7"])
    assert named["accused"] == ["agent-7"]
    assert (await look(sandbox, id, "zhao-jing"))["accused"] == ["agent-7"]


async def test_a_grading_answers_the_next_step_of_others_without_the_grade(sandbox: Desk) -> None:
    id = await graded(sandbox)
    complaint = await sandbox.step("li-min", id, "add-note", text="已致歉")
    assert complaint["faults"] == []


async def test_the_agent_at_fault_neither_sees_nor_handles_the_complaint(sandbox: Desk) -> None:
    id = await classified(sandbox, accused=[])
    assert (await look(sandbox, id, "agent-7"))["status"] == "classified"
    complaint = await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=3, findings="辱骂客户")
    assert complaint["accused"] == ["agent-7"]
    assert (await sandbox.get("agent-7", f"/v1/complaints/{id}")).status_code == 403
    await sandbox.refused(403, "agent-7", id, "close", **CLOSE)


async def graded_of(desk: Desk, who: str, agent: str) -> list[int]:
    """The grades of an agent, over all complaints, as this person reads the agent's record."""
    items = done(await desk.get(who, f"/v1/audit/events?agent={agent}&limit=200"))["items"]
    assert {event["data"]["agent"] for event in items} <= {agent}
    return [event["data"]["grade"] for event in items]


async def test_the_grades_of_an_agent_make_their_record_which_quality_reads(sandbox: Desk) -> None:
    for grade in (1, 3):
        await graded(sandbox, grade)
    other = await classified(sandbox, accused=[])
    await sandbox.step("chen-li", other, "grade-fault", agent="agent-9", grade=2, findings="挂断电话")
    await sandbox.caught_up()
    assert await graded_of(sandbox, "chen-li", "agent-7") == [1, 3]
    assert await graded_of(sandbox, "he-ping", "agent-9") == [2]
    for who in ("li-min", "zhao-jing"):
        assert (await sandbox.get(who, "/v1/audit/events?agent=agent-7")).status_code == 403
        told = done(await sandbox.get(who, "/v1/audit/events?type=FaultGraded"))["items"]
        assert told == []


async def test_the_record_of_a_span_of_time_is_read_in_pages_and_as_a_table(sandbox: Desk) -> None:
    ids = [await classified(sandbox) for _ in range(3)]
    for id, day, grade in zip(ids, ("03-02", "03-03", "03-04"), (1, 2, 3), strict=True):
        await at(sandbox, f"{day} 10:00")
        await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=grade, findings=FINDINGS)
    span = "/v1/audit/events?agent=agent-7&from=2026-03-03T00:00:00Z&to=2026-03-04T02:00:00Z"
    items = done(await sandbox.get("chen-li", span))["items"]
    assert [event["data"]["grade"] for event in items] == [2]  # the third comes at the end, which is not in it
    first = done(await sandbox.get("chen-li", "/v1/audit/events?agent=agent-7&limit=2"))
    rest = done(await sandbox.get("chen-li", f"/v1/audit/events?agent=agent-7&limit=2&cursor={first['next_cursor']}"))
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    other = f"{span}&cursor={first['next_cursor']}"
    assert (await sandbox.get("chen-li", other)).status_code == 422  # of another span
    table = await sandbox.get("chen-li", span, headers={"Accept": "text/csv"})
    assert [FINDINGS in line for line in table.text.strip().splitlines()] == [False, True]


async def test_nobody_reads_their_own_record_though_they_are_of_quality(sandbox: Desk) -> None:
    await employ(sandbox, {"agent-9": ("quality", None)})
    id = await classified(sandbox, accused=[])
    await sandbox.step("chen-li", id, "grade-fault", agent="agent-9", grade=2, findings=FINDINGS)
    await sandbox.caught_up()
    assert await graded_of(sandbox, "chen-li", "agent-9") == [2]
    assert await graded_of(sandbox, "agent-9", "agent-9") == []


async def test_a_grade_that_is_put_right_keeps_the_former_one_in_the_history(sandbox: Desk) -> None:
    id = await graded(sandbox, 1)
    await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=2, findings="另有轻微损失")
    await sandbox.step("li-min", id, "close", **CLOSE, justified=True)
    again = await sandbox.step("chen-li", id, "grade-fault", agent="agent-7", grade=3, findings="损失重大")
    assert again["faults"][-1]["grade"] == 3  # found out after the close
    assert [one["grade"] for one in await grades_in_history(sandbox, "chen-li", id)] == [1, 2, 3]


async def test_the_case_is_done_within_the_limit_that_the_deployment_sets(sandbox: Desk) -> None:
    id = await classified(sandbox)
    assert due(await look(sandbox, id), "whole-case") == "2026-03-05T16:00:00Z"  # three working days after Monday
    await at(sandbox, "03-06 00:00")
    assert state(await look(sandbox, id), "whole-case") == "missed"
    # Whom they accused was never said to be anybody: that was owed within a day.
    missed = [("match-accused", ["manager"]), ("whole-case", ["manager", "quality"])]
    assert await told_at(sandbox, id, "DeadlineMissed") == missed


async def test_the_team_makes_it_good_and_the_customer_is_called_back(sandbox: Desk) -> None:
    await employ(sandbox, {"ban-zhang": ("unit", "team")})
    id = await graded(sandbox)
    await sandbox.step("li-min", id, "dispatch", units=["team"])
    await sandbox.step("ban-zhang", id, "execute", measure="补差价并致歉")
    await sandbox.step("ban-zhang", id, "record-apology", by=["agent-7"], leader="ban-zhang", means="phone")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=True))["status"] == "closed"


async def test_a_complaint_stays_open_while_a_team_that_was_sent_it_has_done_nothing(sandbox: Desk) -> None:
    await employ(sandbox, {"ban-zhang": ("unit", "team")})
    id = await classified(sandbox, "not-agent", accused=[])
    await sandbox.step("li-min", id, "dispatch", units=["team"])
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE, justified=False)
    assert refusal["missing"] == ["the execution by every unit that it was sent to"]
    await sandbox.step("ban-zhang", id, "execute", measure="已回电更正")
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=False))["status"] == "closed"
