"""The clocks as their readers get them, and the instant at which each is judged next."""

from __future__ import annotations

from typing import Any, Final

from domain.complaint import events
from procedures.library import Library
from tests.facts import (
    ASKED,
    ASKED_TWO,
    MONDAY_9AM,
    TUESDAY_9AM,
    accepted,
    classified,
    confirmed,
    dispatched,
    executed,
    happened,
    missed,
    on,
    received,
    warned,
)
from tests.http.desk import pointers, problem
from tests.projections.listing import Listing

SLA = "/v1/sla"
HOTLINE: Final = Library.ready().procedure("hotline-12345")
FIFTEEN_DAYS: Final = on("2026-03-24", "00:00")


async def test_a_clock_has_every_field_of_the_contract(listing: Listing) -> None:
    await listing.record("case", received(), classified())
    first = next(row for row in await listing.items("li-min", SLA) if row["clock"] == "record-out")
    assert first.pop("complaint_id")
    assert first == {
        "number": "KF0001-20260302-000001", "procedure": "kf0001", "clock": "record-out", "unit": None, "round": 1,
        "clock_title": "Handling record sent",
        "started_at": "2026-03-02T01:00:00Z", "warn_at": first["warn_at"], "due_at": "2026-03-03T16:00:00Z",
        "stopped_at": None, "state": "running", "soft": False, "provisional": False, "owed_by": [],
    }  # fmt: skip
    assert first["started_at"] < first["warn_at"] < first["due_at"]


async def test_each_filter_of_the_clocks_finds_what_it_names(listing: Listing) -> None:
    await listing.record("case", *ASKED_TWO)
    await listing.record("case", confirmed("trading").at(TUESDAY_9AM))

    async def found(**query: Any) -> list[tuple[str, str | None]]:
        return sorted((row["clock"], row["unit"] or "") for row in await listing.items("li-min", SLA, **query))

    both = [("unit-answers", "settlement"), ("unit-answers", "trading")]
    assert await found() == [("classify", ""), ("record-out", ""), *both, ("whole-case", "")]
    assert await found(clock="unit-answers") == both
    assert await found(unit="trading") == [both[1]]
    assert await found(state="met") == [("classify", ""), ("record-out", ""), both[1]]
    assert await found(due_before="2026-03-04T00:00:01+08:00", state="running") == [both[0]]
    assert await found(procedure="courier") == []


async def test_the_clocks_come_by_due_time_and_page_by_page(listing: Listing) -> None:
    for number, start in enumerate((TUESDAY_9AM, MONDAY_9AM, on("2026-03-09"))):
        await listing.record(str(number), *(fact.at(start) for fact in ASKED))
    whole = [row["due_at"] for row in await listing.items("li-min", SLA, limit=200)]
    assert whole == sorted(whole)
    assert len(whole) == 12
    for limit in (1, 2, 4):
        assert [row["due_at"] for row in await listing.items("li-min", SLA, limit=limit)] == whole
        backwards = await listing.items("li-min", SLA, limit=limit, sort="-due_at")
        assert [row["due_at"] for row in backwards] == whole[::-1]


async def test_a_wrong_parameter_of_the_clocks_is_named(listing: Listing) -> None:
    for name, value in (("state", "late"), ("due_before", "soon"), ("sort", "number"), ("until", "x")):
        assert pointers(problem(await listing.ask("li-min", SLA, **{name: value}), 422)) == [f"?{name}"]


async def test_a_clock_is_judged_next_at_its_warning_then_at_its_due_time_then_never(listing: Listing) -> None:
    async def next_at() -> Any:
        rows = await listing.side.rows("sla")
        return next((row["warn_at"], row["due_at"], row["next_at"]) for row in rows if row["clock"] == "whole-case")

    await listing.record("case", received(), classified())
    warn_at, due_at, judged_next = await next_at()
    assert judged_next == warn_at < due_at
    facts = {"started_at": MONDAY_9AM, "due_at": due_at}
    await listing.record("case", warned("whole-case", **facts).at(warn_at))
    assert (await next_at())[2] == due_at
    await listing.record("case", warned("whole-case", due=True, **facts).at(due_at))
    assert (await next_at())[2] is None


async def of_two_departments(listing: Listing) -> None:
    """A matter that one of two departments has done, and the other has missed."""
    sent: dict[str, Any] = {"procedure": "hotline-12345", "procedure_version": HOTLINE.version, "issue_point": None}
    miss = missed("handle", started_at=MONDAY_9AM, due_at=FIFTEEN_DAYS, owed_by=("market",))
    await listing.record(
        "case", received(**sent), happened(events.Classified, severity=None, category="education"),
        dispatched("education", "market"), accepted("education"), accepted("market"), executed("education"),
        miss.at(FIFTEEN_DAYS), executed("market").at(FIFTEEN_DAYS),
    )  # fmt: skip


async def test_a_clock_of_the_whole_case_is_found_by_the_unit_that_it_is_charged_to(listing: Listing) -> None:
    await of_two_departments(listing)
    [handle] = await listing.items("admin", SLA, unit="market", state="missed")
    assert (handle["clock"], handle["unit"], handle["owed_by"]) == ("handle", None, ["market"])
    assert [one["clock"] for one in await listing.items("admin", SLA, unit="education")] == ["accept"]


async def test_the_sums_of_a_unit_hold_what_it_is_charged_with(listing: Listing) -> None:
    await of_two_departments(listing)
    items = (await listing.page("admin", f"{SLA}/summary"))["items"]
    assert {one["unit"]: (one["met"], one["missed"]) for one in items} == {
        None: (2, 1), "education": (1, 0), "market": (1, 1),
    }  # fmt: skip
    page = await listing.page("admin", f"{SLA}/summary", unit="market")
    assert [(one["unit"], one["missed"]) for one in page["items"]] == [("market", 1)]


async def test_an_exported_clock_names_whom_it_is_charged_to_by_title(listing: Listing) -> None:
    await of_two_departments(listing)
    text = (await listing.ask("admin", SLA, accept="text/csv", state="missed")).text
    assert text.splitlines()[0].split(",")[-1] == "owed by"
    assert text.splitlines()[1].split(",")[-1] == HOTLINE.units["market"].en
