"""重复受理: the same customer with the same issue point in an open complaint is answered with that complaint."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic, perf_counter, process_time
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.commands import duplicates
from app.http.protocol.deadline import Deadlines
from tests.cluster import Cluster
from tests.http.desk import MONDAY_9AM, Desk, complaint, done, make_sandbox, open_desk, problem
from tests.http.test_storage_away import as_owner

MATTER = {"issue_point": "deposit-delay"}
OTHER = "staff-attitude"
PATIENT = Deadlines(request=60.0)
STRANGER = {"name": "李四", "phone": "+8613900000001"}
# Whoever takes a claim over finds that another one was faster.
CLAIMED_AGAIN = """
CREATE FUNCTION claimed_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.complaint_ids := ARRAY[gen_random_uuid()]; RETURN NEW; END $$;
CREATE TRIGGER claimed_again BEFORE UPDATE ON open_matters FOR EACH ROW EXECUTE FUNCTION claimed_again();
"""


async def taken(desk: Desk, who: str = "li-min", **changes: Any) -> httpx.Response:
    return await desk.post(who, "/v1/complaints", complaint(**{**MATTER, **changes}))


async def ended(desk: Desk, id: str) -> None:
    await desk.step("li-min", id, "withdraw", reason="客户撤诉")


async def test_a_second_intake_of_an_open_matter_is_answered_with_its_number_and_how_to_remind(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    refused = problem(await taken(sandbox), 409, "duplicate-complaint")
    assert refused["complaint"] == {
        "id": first["id"], "number": first["number"], "remind": f"/v1/complaints/{first['id']}/remind",
    }  # fmt: skip
    assert first["number"] in refused["detail"]
    assert "force" in refused["detail"]
    reminded = await sandbox.post("li-min", refused["complaint"]["remind"], {"text": "客户第二次来电催办"})
    assert done(reminded)["id"] == first["id"]


async def test_strangers_who_call_from_one_switchboard_do_not_repeat_each_other(sandbox: Desk) -> None:
    mine, theirs = ({"name": name, "phone": "+862550000000", "email": f"{name}@example.com"} for name in ("a", "b"))
    first, second = [done(await taken(sandbox, complainant=person), 201) for person in (mine, theirs)]
    for who, id in ((mine, first["id"]), (theirs, second["id"])):
        refused = problem(await taken(sandbox, complainant=who), 409, "duplicate-complaint")
        assert refused["complaint"]["id"] == id
    by_phone_alone = {"phone": "+862550000000"}
    problem(await taken(sandbox, complainant=by_phone_alone), 409, "duplicate-complaint")
    await ended(sandbox, second["id"])
    refused = problem(await taken(sandbox, complainant=mine), 409, "duplicate-complaint")
    assert refused["complaint"]["id"] == first["id"]


async def test_force_takes_it_down_all_the_same(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    forced = done(await taken(sandbox, force=True), 201)
    assert forced["id"] != first["id"]
    problem(await taken(sandbox), 409, "duplicate-complaint")


@pytest.mark.parametrize(
    "changes",
    [
        {"issue_point": "staff-attitude"},
        {"issue_point": None},
        {"procedure": "general"},
        {"complainant": {"name": "李四", "phone": "+8613900000001"}},
        {"complainant": {"anonymous": True}},
    ],
    ids=["another issue point", "none", "another procedure", "another customer", "nobody known"],
)
async def test_what_is_not_the_same_customer_and_issue_point_is_taken_down(
    sandbox: Desk, changes: dict[str, Any]
) -> None:
    done(await taken(sandbox), 201)
    done(await taken(sandbox, **changes), 201)


async def test_the_same_telephone_written_otherwise_is_the_same_customer(sandbox: Desk) -> None:
    done(await taken(sandbox), 201)
    again = await taken(sandbox, complainant={"name": "张三", "phone": "138 0013 8000"})
    problem(again, 409, "duplicate-complaint")


async def test_whatever_identifies_the_customer_is_compared(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    for person in (
        {"name": "张三", "customer_no": "c-1001"},
        {"name": "张三", "phone": "+8613900000077", "customer_no": "C-1001"},
        {"name": "张三", "phone": "+8613800138000", "customer_no": "C-2002"},
    ):
        answer = problem(await taken(sandbox, complainant=person), 409, "duplicate-complaint")
        assert answer["complaint"]["id"] == first["id"]
    # What was refused holds nothing: the customer number of the last try is free.
    done(await taken(sandbox, complainant={"name": "李四", "customer_no": "C-2002"}), 201)


async def test_while_one_of_several_is_open_another_intake_repeats_it(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    forced = done(await taken(sandbox, force=True), 201)
    await ended(sandbox, first["id"])
    assert problem(await taken(sandbox), 409, "duplicate-complaint")["complaint"]["id"] == forced["id"]
    await ended(sandbox, forced["id"])
    done(await taken(sandbox), 201)


async def test_once_it_has_ended_a_new_complaint_is_taken_down_and_holds_the_matter(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    await ended(sandbox, first["id"])
    second = done(await taken(sandbox), 201)
    assert problem(await taken(sandbox), 409, "duplicate-complaint")["complaint"]["id"] == second["id"]


async def test_an_issue_point_that_the_classification_found_counts_too(sandbox: Desk) -> None:
    first = await sandbox.receive("li-min")
    await sandbox.step(
        "li-min", first["id"], "classify", severity="major", category="process.deposit", issue_point="deposit-delay"
    )
    assert problem(await taken(sandbox), 409, "duplicate-complaint")["complaint"]["id"] == first["id"]
    await sandbox.step("li-min", first["id"], "classify", issue_point="staff-attitude")
    done(await taken(sandbox), 201)


async def test_what_is_counted_as_a_recurrence_is_taken_down_again_and_counted(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    await sandbox.step("li-min", first["id"], "classify", severity="general", category="process.deposit")
    second = done(await taken(sandbox), 201)
    await sandbox.step("li-min", second["id"], "classify", severity="major", category="process.deposit")
    problem(await taken(sandbox), 409, "duplicate-complaint")


async def test_of_many_at_the_same_time_one_is_taken_down_and_the_numbers_stay_without_a_gap(
    cluster: Cluster, database: str
) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    async with open_desk(database, sandbox=True, pool_size=16) as sandbox:
        await sandbox.receive("li-min")
        answers = await asyncio.gather(*(taken(sandbox) for _ in range(12)))
        [made] = [done(answer, 201) for answer in answers if answer.status_code == 201]
        refused = [problem(answer, 409, "duplicate-complaint") for answer in answers if answer.status_code != 201]
        assert {one["complaint"]["id"] for one in refused} == {made["id"]}
        following = done(await taken(sandbox, issue_point="staff-attitude"), 201)
        assert int(following["number"][-6:]) == int(made["number"][-6:]) + 1


async def seconds_of_strangers(desks: Sequence[Desk], number: int, first: int) -> float:
    """How long so many intakes take now that have nothing to do with each other: the measure of those that have."""
    begun = monotonic()
    people = [{"name": f"客户{n}", "phone": f"+8613{n:09d}"} for n in range(first, first + number)]
    for answer in await asyncio.gather(
        *(taken(desks[n % len(desks)], complainant=one, issue_point=OTHER) for n, one in enumerate(people))
    ):
        done(answer, 201)
    return monotonic() - begun


async def test_two_hundred_at_the_same_time_that_insist_are_all_taken_down_and_the_others_repeat_them(
    cluster: Cluster, database: str
) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    # How long it takes is measured, by others beside it: a machine with much else to do sends none of them away.
    async with open_desk(database, sandbox=True, pool_size=16, deadlines=PATIENT) as sandbox:
        await sandbox.receive("li-min")
        before = await seconds_of_strangers([sandbox], 250, 1000)
        begun, worked = monotonic(), process_time()
        answers = await asyncio.gather(*(taken(sandbox, force=n % 5 != 0) for n in range(250)))
        took, worked = monotonic() - begun, process_time() - worked
        after = await seconds_of_strangers([sandbox], 250, 2000)
        assert worked < duplicates.LONGEST_INTAKE
        assert took < 2 * max(before, after) + 1
        insisting = [done(answer, 201) for n, answer in enumerate(answers) if n % 5 != 0]
        others = [answer for n, answer in enumerate(answers) if n % 5 == 0]
        made = insisting + [done(answer, 201) for answer in others if answer.status_code == 201]
        refused = [problem(answer, 409, "duplicate-complaint") for answer in others if answer.status_code != 201]
        assert len(made) in (200, 201)  # none of the others is needed where one that insists was first
        assert {one["complaint"]["id"] for one in refused} <= {one["id"] for one in made}
        assert len({one["number"] for one in made}) == len(made)
        [held] = await sandbox.service.pool.fetch(
            "SELECT DISTINCT complaint_ids FROM open_matters WHERE issue_point <> $1", OTHER
        )
        assert sorted(map(str, held["complaint_ids"])) == sorted(one["id"] for one in made)


def behind_the_switchboard(number: int) -> dict[str, Any]:
    return {"name": f"客户{number}", "phone": "+862550000000", "customer_no": f"S-{number}"}


async def test_a_hundred_strangers_behind_one_switchboard_are_all_taken_down_at_once_at_two_processes(
    cluster: Cluster, database: str
) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    async with (
        open_desk(database, sandbox=True, deadlines=PATIENT) as one,
        open_desk(database, sandbox=True, deadlines=PATIENT) as other,
    ):
        await one.receive("li-min")
        other.keys.update(one.keys)
        before = await seconds_of_strangers((one, other), 100, 1000)
        begun, worked = monotonic(), process_time()
        answers = await asyncio.gather(
            *(taken((one, other)[n % 2], complainant=behind_the_switchboard(n)) for n in range(100))
        )
        took, worked = monotonic() - begun, process_time() - worked
        after = await seconds_of_strangers((one, other), 100, 2000)
        assert worked < duplicates.LONGEST_INTAKE
        assert took < 2 * max(before, after) + 1
        made = [done(answer, 201) for answer in answers]
        assert len({complaint["number"] for complaint in made}) == 100
        held = await one.service.pool.fetch("SELECT complaint_ids FROM open_matters WHERE issue_point <> $1", OTHER)
        assert max(len(row["complaint_ids"]) for row in held) == 100
        assert {id for row in held for id in row["complaint_ids"]} == {UUID(complaint["id"]) for complaint in made}
        # Each of them repeats their own, also the first, behind whom many others stand.
        for number in (0, 50, 99):
            refused = problem(await taken(one, complainant=behind_the_switchboard(number)), 409, "duplicate-complaint")
            assert refused["complaint"]["id"] == made[number]["id"]
            caller = {"name": f"客户{number}", "phone": "+862550000000"}
            refused = problem(await taken(other, complainant=caller), 409, "duplicate-complaint")
            assert refused["complaint"]["id"] == made[number]["id"]


async def test_of_many_behind_one_switchboard_each_customer_is_taken_down_once_at_the_same_time(
    cluster: Cluster, database: str
) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    async with open_desk(database, sandbox=True, pool_size=16) as sandbox:
        await sandbox.receive("li-min")
        answers = await asyncio.gather(
            *(taken(sandbox, complainant=behind_the_switchboard(n % 20)) for n in range(80))
        )
        made = {n % 20: done(answer, 201)["id"] for n, answer in enumerate(answers) if answer.status_code == 201}
        assert len([answer for answer in answers if answer.status_code == 201]) == len(made) == 20
        for n, answer in enumerate(answers):
            if answer.status_code != 201:
                assert problem(answer, 409, "duplicate-complaint")["complaint"]["id"] == made[n % 20]


async def test_who_is_held_up_leaves_nothing_in_what_strangers_hold(cluster: Cluster, database: str) -> None:
    make_sandbox(cluster, database, MONDAY_9AM)
    async with open_desk(database, sandbox=True, pool_size=16) as sandbox:
        before = [
            done(await taken(sandbox, complainant={"name": f"客户{n}", "customer_no": f"S-{n}"}), 201)["id"]
            for n in range(3)
        ]
        answers = await asyncio.gather(*(taken(sandbox, complainant=behind_the_switchboard(n)) for n in range(6)))
        assert [answer.status_code for answer in answers] == [409] * 3 + [201] * 3
        held = await sandbox.service.pool.fetch("SELECT complaint_ids FROM open_matters")
        made = {done(answer, 201)["id"] for answer in answers[3:]}
        assert {str(id) for row in held for id in row["complaint_ids"]} == {*before, *made}


async def test_one_that_insisted_and_is_repeated_holds_the_matter_once(sandbox: Desk) -> None:
    key = {"Idempotency-Key": "call-18"}
    body = complaint(**MATTER, force=True)
    first = done(await taken(sandbox), 201)
    forced = done(await sandbox.post("li-min", "/v1/complaints", body, headers=key), 201)
    assert done(await sandbox.post("li-min", "/v1/complaints", body, headers=key), 201)["id"] == forced["id"]
    [held] = await sandbox.service.pool.fetch(
            "SELECT DISTINCT complaint_ids FROM open_matters WHERE issue_point <> $1", OTHER
        )
    assert list(map(str, held["complaint_ids"])) == [first["id"], forced["id"]]


async def test_a_repeated_request_is_answered_as_the_first_time_not_as_a_duplicate_of_itself(sandbox: Desk) -> None:
    key = {"Idempotency-Key": "call-17"}
    body = complaint(**MATTER)
    first = await sandbox.post("li-min", "/v1/complaints", body, headers=key)
    again = await sandbox.post("li-min", "/v1/complaints", body, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    await ended(sandbox, done(first, 201)["id"])
    assert (await sandbox.post("li-min", "/v1/complaints", body, headers=key)).content == first.content
    done(await taken(sandbox), 201)


async def test_whoever_must_not_see_the_open_complaint_does_not_learn_of_it(sandbox: Desk) -> None:
    done(await taken(sandbox, accused=["agent-7"]), 201)
    done(await taken(sandbox, who="agent-7"), 201)


@pytest.mark.parametrize("since", ["now() + interval '8 hours'", "now()"])
async def test_no_intake_waits_longer_for_a_claim_because_the_clock_of_who_made_it_was_wrong(
    sandbox: Desk, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    monkeypatch.setattr(duplicates, "LONGEST_INTAKE", 0.1)
    first = done(await taken(sandbox), 201)
    await sandbox.service.pool.execute(
        f"UPDATE open_matters SET complaint_ids = ARRAY[gen_random_uuid()], since = {since}"
    )
    async with asyncio.timeout(20):
        second = done(await taken(sandbox), 201)
    assert second["id"] != first["id"]


async def test_an_intake_that_finds_one_claim_after_the_other_is_asked_to_come_again(
    sandbox: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "LONGEST_INTAKE", 0.0)
    done(await taken(sandbox), 201)
    await sandbox.service.pool.execute("UPDATE open_matters SET complaint_ids = ARRAY[gen_random_uuid()]")
    await as_owner(sandbox, CLAIMED_AGAIN)
    answer = await taken(sandbox)
    problem(answer, 409, "claimed-by-another")
    assert answer.headers["retry-after"]


async def test_an_intake_that_died_before_it_was_recorded_does_not_block_the_next(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    await sandbox.service.pool.execute(
        "UPDATE open_matters SET complaint_ids = ARRAY[gen_random_uuid()], since = now() - interval '6 seconds'"
    )
    second = done(await taken(sandbox), 201)
    assert second["id"] != first["id"]


async def test_whoever_sees_nothing_of_a_complaint_does_not_hear_which_one_is_repeated(sandbox: Desk) -> None:
    first = done(await taken(sandbox), 201)
    answer = await taken(sandbox, "softphone")
    refused = problem(answer, 409, "duplicate-complaint")
    assert "complaint" not in refused
    assert first["id"] not in answer.text
    assert first["number"] not in answer.text


@pytest.mark.parametrize("accused", [[], ["agent-7"]], ids=["another customer's", "a hidden one"])
async def test_an_intake_reads_one_complaint_and_reserves_once_whether_one_is_hidden_from_its_caller_or_not(
    sandbox: Desk, monkeypatch: pytest.MonkeyPatch, accused: list[str]
) -> None:
    """How often the storage was asked says what would tell by its time; `make bench ARGS=duplicates` measures it."""
    done(await taken(sandbox, issue_point="staff-attitude"), 201)
    other: dict[str, Any] = {"accused": accused} if accused else {"complainant": STRANGER}
    done(await taken(sandbox, **other), 201)
    asked: list[str] = []
    complaints = sandbox.service.complaints
    reserve, load = sandbox.service.complainants.reserve, complaints.load

    async def counted_reserve(*wanted: Any) -> Any:
        asked.append("reserve")
        return await reserve(*wanted)

    async def counted_load(id: Any, **at: Any) -> Any:
        asked.append("load")
        return await load(id, **at)

    monkeypatch.setattr(sandbox.service.complainants, "reserve", counted_reserve)
    monkeypatch.setattr(complaints, "load", counted_load)
    done(await taken(sandbox, who="agent-7"), 201)
    assert asked == ["load", "reserve"]


async def test_no_refusal_of_a_repeat_is_answered_before_a_full_tenth_of_a_second(sandbox: Desk) -> None:
    """How much had to be read for it, of how long a history, is done by then."""
    done(await taken(sandbox), 201)
    begun = perf_counter()
    problem(await taken(sandbox, "softphone"), 409, "duplicate-complaint")
    assert perf_counter() - begun >= duplicates.REFUSED_EVERY
