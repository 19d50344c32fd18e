"""The status for the complainant: without a key, with number and telephone tail, and with nothing that is personal."""

from __future__ import annotations

import re

import httpx

from tests.http.desk import Desk, done, problem
from tests.stories.test_kf0001 import handled


async def status(desk: Desk, number: str, tail: str) -> httpx.Response:
    await desk.caught_up()
    return await desk.get(None, f"/v1/status/{number}?phone_tail={tail}")


async def test_the_complainant_learns_status_due_time_and_result_and_nothing_personal(sandbox: Desk) -> None:
    taken = await sandbox.receive()
    number, id = taken["number"], taken["id"]
    assert done(await status(sandbox, number, "8000"))["status"] == "received"
    await sandbox.general(id)
    answer = await status(sandbox, number, "8000")
    assert done(answer) == {
        "number": number, "status": "classified", "round": 1, "received_at": "2026-03-02T01:00:00Z",
        "due_at": "2026-03-03T16:00:00Z", "closed_at": None, "result": None,
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    await handled(sandbox, id)
    outcome = "已向张三（+8613800138000，C-1001）入账"
    await sandbox.step("li-min", id, "close", outcome=outcome, summary="入账")
    closed = done(await status(sandbox, number.lower(), "8000"))
    assert (closed["status"], closed["due_at"]) == ("closed", None)
    assert closed["result"] == "已向***（***，***）入账"


async def test_the_number_and_the_tail_are_known_in_whatever_width_and_case_they_are_typed(sandbox: Desk) -> None:
    number = (await sandbox.receive())["number"]
    for typed in (" " + number.lower(), "ｋｆ０００１－20260302-000001", number):
        assert done(await status(sandbox, typed, "８０００"))["number"] == number


async def test_a_wrong_tail_and_a_wrong_number_get_the_same_answer(sandbox: Desk) -> None:
    number = (await sandbox.receive())["number"]
    anonymous = (await sandbox.receive(complainant={"anonymous": True}))["number"]
    answers = [
        await status(sandbox, number, "8001"),
        await status(sandbox, number, "800"),
        await status(sandbox, number, "00138000"),
        await status(sandbox, number, "٨٠٠٠"),
        await status(sandbox, number, ""),
        await status(sandbox, anonymous, "8000"),
        await status(sandbox, "KF0001-20260302-999999", "8000"),
        await status(sandbox, "%00", "8000"),
        await status(sandbox, "'%20OR%201=1", "8000"),
        await status(sandbox, "1" * 2000, "8000"),
    ]
    for answer in answers:
        problem(answer, 404, "no-such-complaint")
        assert answer.content == answers[0].content


async def test_guessing_the_tail_of_a_number_is_limited(sandbox: Desk) -> None:
    taken, other = await sandbox.receive(), await sandbox.receive()
    for tail in range(5):
        problem(await status(sandbox, taken["number"], f"{tail:04}"), 404)
    limited = await status(sandbox, taken["number"].lower(), "8000")
    problem(limited, 429, "too-many-requests")
    assert limited.headers["retry-after"] == "60"
    done(await status(sandbox, other["number"], "8000"))


async def test_a_caller_who_tries_many_numbers_is_limited(sandbox: Desk) -> None:
    await sandbox.caught_up()
    tries = [await sandbox.get(None, f"/v1/status/KF0001-{number}?phone_tail=1234") for number in range(61)]
    assert [answer.status_code for answer in tries] == [404] * 60 + [429]


async def test_a_caller_who_tried_too_much_uses_up_no_tries_of_the_complainant(sandbox: Desk) -> None:
    number = (await sandbox.receive())["number"]
    await sandbox.caught_up()
    for other in range(60):
        await sandbox.get(None, f"/v1/status/KF0001-{other}?phone_tail=1234")
    for _ in range(20):
        problem(await status(sandbox, number, "0000"), 429)
    transport = httpx.ASGITransport(sandbox.app, client=("127.9.9.9", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://redress.test") as complainant:
        done(await complainant.get(f"/v1/status/{number}?phone_tail=8000"))


async def test_the_query_code_is_told_once_to_whoever_sees_the_complainant(sandbox: Desk) -> None:
    taken = await sandbox.dispatched("settlement")
    assert re.fullmatch(r"[34679ACDEFGHJKMNPQRTWXY]{8}", taken["query_code"])
    assert taken["status_page"] == f"/v1/status/{taken['number']}"
    path = f"/v1/complaints/{taken['id']}"
    assert done(await sandbox.get("zhao-jing", path))["query_code"] == taken["query_code"]
    for who in ("zhou-qi", "chen-li", "partner-bank"):
        for shown in (path, f"{path}/history", f"/v1/audit/events?complaint={taken['id']}"):
            answer = await sandbox.get(who, shown)
            assert answer.status_code == 200
            assert taken["query_code"] not in answer.text


async def test_without_a_telephone_the_code_alone_opens_the_page(sandbox: Desk) -> None:
    taken = await sandbox.receive(complainant={"anonymous": True})
    code = taken["query_code"]
    spoken = f"{code[:4]}-{code[4:]}".lower()
    await sandbox.caught_up()
    for query in (f"code={code}", f"code={spoken}", f"code={code}&phone_tail=1234"):
        done(await sandbox.get(None, f"/v1/status/{taken['number']}?{query}"))
    problem(await sandbox.get(None, f"/v1/status/{taken['number']}?code={code[:-1]}"), 404, "no-such-complaint")
    problem(await status(sandbox, taken["number"], "1234"), 404, "no-such-complaint")


async def test_a_procedure_may_require_the_code_beside_the_tail(sandbox: Desk) -> None:
    taken = await sandbox.receive(procedure="courier", facts={})
    page, code = f"/v1/status/{taken['number']}", taken["query_code"]
    await sandbox.caught_up()
    done(await sandbox.get(None, f"{page}?phone_tail=8000&code={code}"))
    for query in ("phone_tail=8000", f"code={code}", f"phone_tail=8001&code={code}", "phone_tail=8000&code=33333333"):
        problem(await sandbox.get(None, f"{page}?{query}"), 404, "no-such-complaint")


async def test_where_none_is_required_a_wrong_code_is_still_wrong(sandbox: Desk) -> None:
    taken = await sandbox.receive()
    page = f"/v1/status/{taken['number']}"
    await sandbox.caught_up()
    done(await sandbox.get(None, f"{page}?phone_tail=8000"))
    done(await sandbox.get(None, f"{page}?phone_tail=8000&code={taken['query_code']}"))
    for query in ("phone_tail=8000&code=33333333", f"code={taken['query_code']}"):
        problem(await sandbox.get(None, f"{page}?{query}"), 404, "no-such-complaint")
