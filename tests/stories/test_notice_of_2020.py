"""The notice of 27 January 2020: it moved the end of the Spring Festival from 30 January to 2 February while it ran.

What an organisation does on such a day: publish the new days, look at what would move, and apply them. What was due by
the days that changed is due later, with the reason in its history; what had been judged stays as it was judged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from tests.http.desk import Desk, done, open_desk, problem
from tests.notices import ANNOUNCED_TEXT, PROLONGED_TEXT, REASON

VERSIONS: Final = "/v1/calendars/cn/versions"
APPLY: Final = {"reason": REASON, "approved_by": "sun-wei"}
THURSDAY: Final = "2020-01-23T15:00:00+08:00"  # the last working day before the holiday
THE_NOTICE: Final = "2020-01-27T12:00:00+08:00"
OLD_DUE: Final = "2020-01-31T16:00:00Z"  # the end of Friday, 31 January
NEW_DUE: Final = "2020-02-03T16:00:00Z"  # the end of Monday, 3 February


@pytest.fixture
async def january(database: str) -> AsyncIterator[Desk]:
    """A sandbox on the Thursday before the holiday, with the days as they were announced in November."""
    async with open_desk(database, sandbox=True) as opened:
        await opened.set_clock(THURSDAY)
        done(await opened.post("admin", VERSIONS, {"content": ANNOUNCED_TEXT}), 201)
        yield opened


async def classified(desk: Desk, severity: str = "general") -> str:
    """A complaint of this severity; its id."""
    id: str = (await desk.receive())["id"]
    await desk.step("li-min", id, "classify", severity=severity, category="process.deposit",
                    issue_point=next(desk.points))  # fmt: skip
    return id


async def the_notice(desk: Desk) -> None:
    await desk.set_clock(THE_NOTICE)
    done(await desk.post("admin", VERSIONS, {"content": PROLONGED_TEXT}), 201)


async def applied(desk: Desk, version: str = "2020.2", **options: Any) -> dict[str, Any]:
    return done(await desk.post("admin", f"{VERSIONS}/{version}/apply", APPLY, **options))


async def due(desk: Desk, id: str, clock: str, query: str = "") -> str:
    complaint = done(await desk.get("li-min", f"/v1/complaints/{id}{query}"))
    [found] = [one["due_at"] for one in complaint["clocks"] if one["name"] == clock]
    return str(found)


async def history(desk: Desk, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(await desk.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    return items


async def test_the_notice_from_publication_to_the_last_clock(january: Desk) -> None:
    id = await classified(january)
    assert await due(january, id, "record-out") == OLD_DUE
    await the_notice(january)

    assert await due(january, id, "record-out") == OLD_DUE  # published, and nothing has moved by that
    preview = done(await january.post("admin", f"{VERSIONS}/2020.2/preview"))
    assert (preview["complaints"], preview["clocks"], preview["overdue"]) == (1, 2, 0)
    assert [(one["complaint_id"], one["clock"], one["unit"]) for one in preview["items"]] == [
        (id, "record-out", None), (id, "whole-case", None),
    ]  # fmt: skip
    assert {(one["before"], one["after"]) for one in preview["items"]} == {(OLD_DUE, NEW_DUE)}

    move = await applied(january)
    assert (move["state"], move["complaints"], move["clocks"], move["overdue"]) == ("finished", 1, 2, 0)
    assert await due(january, id, "record-out") == NEW_DUE
    event = (await history(january, id))[-2]
    assert (event["type"], event["recorded_at"]) == ("DeadlineMoved", "2020-01-27T04:00:00Z")
    told = {name: event["data"][name] for name in ("clock", "before", "after", "calendar_version", "reason")}
    assert told == {
        "clock": "record-out", "before": OLD_DUE, "after": NEW_DUE, "calendar_version": "2020.2", "reason": REASON,
    }  # fmt: skip
    assert (event["data"]["approved_by"], event["data"]["asked_by"]) == ("sun-wei", "admin")

    # On the day on which it would have been due it is not, and on the new one it is.
    await january.set_clock("2020-02-01T12:00:00+08:00")
    assert "DeadlineMissed" not in [one["type"] for one in await history(january, id)]
    await january.set_clock("2020-02-04T09:00:00+08:00")
    [missed] = [one for one in await history(january, id) if one["type"] == "DeadlineMissed"]
    assert (missed["data"]["due_at"], missed["recorded_at"]) == (NEW_DUE, NEW_DUE)


async def test_a_judgement_from_before_the_notice_stays_and_so_does_its_due_time(january: Desk) -> None:
    id = await classified(january, "severe")
    await january.set_clock("2020-02-01T09:00:00+08:00")  # the notice reaches us late: Friday has been missed
    before = await history(january, id)
    assert [one["type"] for one in before][-2:] == ["DeadlineWarned", "DeadlineMissed"]
    done(await january.post("admin", VERSIONS, {"content": PROLONGED_TEXT}), 201)
    assert done(await january.post("admin", f"{VERSIONS}/2020.2/preview"))["complaints"] == 0
    assert (await applied(january))["complaints"] == 0
    assert await history(january, id) == before
    assert await due(january, id, "whole-case") == OLD_DUE


async def test_lists_follow_and_show_the_due_times_as_they_stood_then(january: Desk) -> None:
    id = await classified(january)
    await the_notice(january)
    position = (await january.post("admin", f"{VERSIONS}/2020.2/apply", APPLY)).headers["redress-position"]
    now = f"min_position={position}"
    for path, expected in (
        (f"/v1/tracking?{now}", NEW_DUE),
        ("/v1/tracking?as_of=2020-01-27T03:59:59Z", OLD_DUE),
        ("/v1/tracking?as_of=2020-01-27T04:00:00Z", NEW_DUE),
        (f"/v1/sla?clock=record-out&{now}", NEW_DUE),
    ):
        [row] = done(await january.get("zhao-jing", path))["items"]
        assert row["due_at"] == expected
    assert await due(january, id, "record-out", "?as_of=2020-01-27T03:59:59Z") == OLD_DUE
    assert await due(january, id, "record-out", "?version=2") == OLD_DUE
    audited = done(await january.get("he-ping", f"/v1/audit/events?type=DeadlineMoved&{now}"))["items"]
    assert [(one["complaint_id"], one["data"]["before"], one["actor"]["source"]) for one in audited] == [
        (id, OLD_DUE, "calendar"),
        (id, OLD_DUE, "calendar"),
    ]


async def test_the_explanation_tells_the_days_of_the_version_that_counts(january: Desk) -> None:
    id = await classified(january)
    await the_notice(january)
    await applied(january)
    told = done(await january.get("li-min", f"/v1/complaints/{id}/clocks/record-out/explanation"))
    assert (told["calendar_version"], told["counted_total"], told["limit_total"]) == ("2020.2", 1, 1)
    kinds = [part["kind"] for part in told["intervals"]]
    assert kinds == ["start-day", *["holiday"] * 10, "counted"]


async def test_what_starts_after_the_move_follows_the_new_days(january: Desk) -> None:
    id = await classified(january)
    await january.step("li-min", id, "draft-opinion", text="补入账")
    await the_notice(january)
    await applied(january)
    await january.step("li-min", id, "dispatch", units=["settlement"])
    assert await due(january, id, "unit-answers") == NEW_DUE
    assert (await january.receive())["calendar"]["version"] == "2020.2"


async def test_applying_again_moves_nothing_and_the_same_request_is_done_once(january: Desk) -> None:
    id = await classified(january)
    await the_notice(january)
    key = {"Idempotency-Key": "the-notice"}
    first = await applied(january, headers=key)
    again = await january.post("admin", f"{VERSIONS}/2020.2/apply", APPLY, headers=key)
    assert (done(again), again.headers["idempotency-replayed"]) == (first, "true")
    other = {**APPLY, "reason": "x"}
    problem(await january.post("admin", f"{VERSIONS}/2020.2/apply", other, headers=key), 422, "command-id-reused")
    second = await applied(january)
    assert (second["complaints"], second["id"] != first["id"]) == (0, True)
    assert [one["type"] for one in await history(january, id)].count("DeadlineMoved") == 2  # of two clocks
    moves = done(await january.get("he-ping", "/v1/calendars/cn/moves"))["items"]
    assert moves == [second, first]
    assert done(await january.get("he-ping", f"/v1/calendars/cn/moves/{first['id']}")) == first


async def test_a_version_taken_back_makes_overdue_what_the_preview_said(january: Desk) -> None:
    await the_notice(january)
    late, early = await classified(january, "severe"), await classified(january, "minor")
    await january.set_clock("2020-02-02T09:00:00+08:00")
    assert await due(january, late, "whole-case") == NEW_DUE

    preview = done(await january.post("admin", f"{VERSIONS}/2020.1/preview"))
    assert (preview["complaints"], preview["overdue"]) == (1, 1)
    assert [(one["complaint_id"], one["overdue"]) for one in preview["items"]] == [(late, True)]
    assert (await applied(january, "2020.1"))["overdue"] == 1

    events = [one["type"] for one in await history(january, late)]
    assert events[-3:] == ["DeadlineMoved", "DeadlineWarned", "DeadlineMissed"]
    assert "DeadlineMoved" not in [one["type"] for one in await history(january, early)]


async def test_provisional_due_times_become_final_with_the_notice_of_their_year(january: Desk) -> None:
    await january.set_clock("2020-12-30T15:00:00+08:00")
    id = await classified(january)
    clocks = done(await january.get("li-min", f"/v1/complaints/{id}"))["clocks"]
    assert {one["name"]: one["provisional"] for one in clocks} == {
        "classify": False, "record-out": False, "whole-case": True,
    }  # fmt: skip
    with_2021 = PROLONGED_TEXT.replace('"2020.2"', '"2021.1"')
    new_year = "    - {name: 元旦, from: 2021-01-01, to: 2021-01-03}\n"
    done(await january.post("admin", VERSIONS, {"content": f"{with_2021}  2021:\n{new_year}"}), 201)

    [item] = done(await january.post("admin", f"{VERSIONS}/2021.1/preview"))["items"]
    assert (item["clock"], item["provisional"]) == ("whole-case", False)
    assert (item["before"], item["after"]) == ("2021-01-04T16:00:00Z", "2021-01-04T16:00:00Z")
    await applied(january, "2021.1")

    clocks = done(await january.get("li-min", f"/v1/complaints/{id}"))["clocks"]
    assert {one["name"]: one["provisional"] for one in clocks} == dict.fromkeys(
        ("classify", "record-out", "whole-case"), False
    )


async def test_a_complaint_about_the_administrator_moves_and_is_not_shown_to_them(january: Desk) -> None:
    id = await classified(january)
    await january.step("zhao-jing", id, "name-accused", people=["admin"])
    await the_notice(january)
    preview = done(await january.post("admin", f"{VERSIONS}/2020.2/preview"))
    assert (preview["complaints"], preview["items"]) == (1, [])
    assert (await applied(january))["complaints"] == 1


async def test_only_complaints_of_that_calendar_move(january: Desk) -> None:
    await classified(january)
    other = ANNOUNCED_TEXT.replace("code: cn", "code: elsewhere")
    done(await january.post("admin", "/v1/calendars/elsewhere/versions", {"content": other}), 201)
    await january.set_clock(THE_NOTICE)
    changed = PROLONGED_TEXT.replace("code: cn", "code: elsewhere")
    done(await january.post("admin", "/v1/calendars/elsewhere/versions", {"content": changed}), 201)
    assert done(await january.post("admin", "/v1/calendars/elsewhere/versions/2020.2/preview"))["complaints"] == 0
    answer = await january.post("admin", "/v1/calendars/elsewhere/versions/2020.2/apply", APPLY)
    assert done(answer)["complaints"] == 0
