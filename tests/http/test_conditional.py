"""`ETag` and `If-Match`, `Redress-Position` and `Location`, and a complaint as it stood."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.http.desk import Desk, complaint, done, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_intake_says_where_it_is_which_version_and_how_far_the_log_is(house: Desk) -> None:
    answer = await house.post("li-min", "/v1/complaints", complaint())
    taken = done(answer, 201)
    assert answer.headers["location"] == f"/v1/complaints/{taken['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["redress-position"] == str(taken["position"])
    again = await house.get("li-min", answer.headers["location"])
    assert again.content == answer.content
    assert again.headers["etag"] == '"1"'


async def test_a_step_answers_with_the_version_and_position_of_its_last_event(house: Desk) -> None:
    id = (await house.receive())["id"]
    answer = await house.post("li-min", f"/v1/complaints/{id}/classify", {"severity": "severe", "category": "other"})
    severe = done(answer)
    assert severe["version"] == 5  # Classified, and three roles told at once
    assert answer.headers["etag"] == '"5"'
    assert answer.headers["redress-position"] == str(severe["position"])
    history = done(await house.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert history[-1]["position"] == severe["position"]


async def test_a_step_is_taken_at_the_version_it_is_based_on_and_refused_at_another(house: Desk) -> None:
    id = (await house.receive())["id"]
    path = f"/v1/complaints/{id}/add-note"
    done(await house.post("li-min", path, {"text": "a"}, headers={"If-Match": '"1"'}))
    stale = await house.post("li-min", path, {"text": "b"}, headers={"If-Match": '"1"'})
    assert "version 2" in problem(stale, 412, "stale-version")["detail"]
    assert stale.headers["etag"] == '"2"'
    problem(await house.post("li-min", path, {"text": "b"}, headers={"If-Match": '"3"'}), 412)
    done(await house.post("li-min", path, {"text": "b"}, headers={"If-Match": "*"}))
    done(await house.post("li-min", path, {"text": "c"}, headers={"If-Match": 'W/"3"'}))
    assert done(await house.get("li-min", f"/v1/complaints/{id}"))["version"] == 4


@pytest.mark.parametrize("header", ["1", '"one"', '"1", "2"', '"-1"', '"1" ; x', '"99999999999999999999"', '""'])
async def test_a_version_that_cannot_be_read_is_malformed(house: Desk, header: str) -> None:
    id = (await house.receive())["id"]
    answer = await house.post("li-min", f"/v1/complaints/{id}/add-note", {"text": "x"}, headers={"If-Match": header})
    problem(answer, 400, "malformed-if-match")
    assert done(await house.get("li-min", f"/v1/complaints/{id}"))["version"] == 1


async def test_whoever_may_not_see_a_complaint_is_not_told_its_version(house: Desk) -> None:
    id = (await house.receive(accused=["agent-7"]))["id"]
    stale = {"If-Match": '"9"'}
    answer = await house.post("agent-7", f"/v1/complaints/{id}/add-note", {"text": "x"}, headers=stale)
    problem(answer, 403, "recused")
    assert "etag" not in answer.headers


async def test_a_complaint_is_shown_as_it_stood_at_a_version(house: Desk) -> None:
    id = (await house.receive())["id"]
    await house.general(id, "other")
    await house.step("li-min", id, "withdraw", reason="撤回")
    path = f"/v1/complaints/{id}"
    statuses = [done(await house.get("li-min", f"{path}?version={version}"))["status"] for version in (1, 2, 3)]
    assert statuses == ["received", "classified", "withdrawn"]
    problem(await house.get("li-min", f"{path}?version=4"), 404)


async def test_a_complaint_is_shown_as_it_stood_at_a_time_and_not_before_it_was_there(house: Desk) -> None:
    taken = await house.receive()
    path = f"/v1/complaints/{taken['id']}"
    later = await house.general(taken["id"], "other")
    history = done(await house.get("li-min", f"{path}/history"))["items"]
    first, second = (event["recorded_at"] for event in history)
    assert done(await house.get("li-min", f"{path}?as_of={first}"))["version"] == 1
    assert done(await house.get("li-min", f"{path}?as_of={second}")) == later
    problem(await house.get("li-min", f"{path}?as_of=2026-01-01T00:00:00Z"), 404)


async def test_being_named_later_also_hides_how_it_stood_before(house: Desk) -> None:
    id = (await house.receive())["id"]
    await house.step("li-min", id, "name-accused", people=["agent-7"])
    problem(await house.get("agent-7", f"/v1/complaints/{id}?version=1"), 403, "recused")


async def test_the_intervals_of_an_explanation_sum_up_to_the_limit(house: Desk) -> None:
    id = (await house.dispatched("settlement"))["id"]
    await house.step("qian-hui", id, "request-capa", unit="settlement", reason="x")
    for clock in ("record-out", "unit-answers", "whole-case", "capa-report"):
        why = done(await house.get("li-min", f"/v1/complaints/{id}/clocks/{clock}/explanation"))
        parts = why["intervals"]
        assert why["counted_total"] == why["limit_total"]
        in_days = sum(part["counted_seconds"] for part in parts) / 86_400
        assert in_days == why["counted_total"]
        assert (parts[0]["start"], parts[-1]["end"]) == (why["clock"]["started_at"], why["clock"]["due_at"])
        assert all(one["end"] == next["start"] for one, next in pairwise(parts))


async def test_a_version_that_a_complaint_has_not_come_to_is_named_as_such(house: Desk) -> None:
    id = (await house.receive("li-min"))["id"]
    refusal = problem(await house.get("li-min", f"/v1/complaints/{id}?version=99"), 404, "no-such-version")
    assert "not come to this version" in refusal["detail"]
    earlier = await house.get("li-min", f"/v1/complaints/{id}?as_of=2000-01-01T00:00:00Z")
    problem(earlier, 404, "no-such-version")
