"""The figures over HTTP: grouped, drilled into, exported, and only for those who may see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import openpyxl
import pytest

from app.http.protocol.lists import CSV_TYPE, XLSX_TYPE
from domain.complaint import events
from domain.indicators import INDICATORS
from procedures.library import Library
from tests.facts import (
    ASKED,
    ASKED_TWO,
    CLOSED,
    EXECUTED,
    FRIDAY_9AM,
    MONDAY_9AM,
    NEXT_MONDAY_9AM,
    Fact,
    accused,
    called_back,
    classified,
    confirmed,
    executed,
    happened,
    received,
    reopened,
    settled,
    withdrawn,
)
from tests.http.desk import done, problem
from tests.projections.listing import Listing
from tests.stories.staff import employ

COURIER: Final = Library.ready().procedure("courier")


def on_the(day: Any, *facts: Fact) -> list[Fact]:
    return [fact.at(day) for fact in facts]


async def figure(listing: Listing, who: str, indicator: str, **query: Any) -> dict[str, Any]:
    """The one figure of this indicator."""
    [item] = await listing.items(who, "/v1/indicators", indicator=indicator, **query)
    return item


async def by(listing: Listing, group: str, indicator: str, who: str = "li-min", **query: Any) -> dict[Any, Any]:
    items = await listing.items(who, "/v1/indicators", by=group, indicator=indicator, **query)
    return {item["key"]: (item["numerator"], item["denominator"]) for item in items}


async def drilled(listing: Listing, who: str, name: str, **query: Any) -> list[tuple[int, str, str]]:
    items = await listing.items(who, f"/v1/indicators/{name}/events", **query)
    return [(item["position"], item["type"], item["counts"]) for item in items]


async def test_every_indicator_has_a_figure_also_where_nothing_was_counted(listing: Listing) -> None:
    items = await listing.items("li-min", "/v1/indicators")
    assert [item["indicator"] for item in items] == list(INDICATORS)
    assert {item["value"] for item in items if item["denominator"] is not None} == {None}
    assert {item["value"] for item in items if item["denominator"] is None} == {0}


async def test_a_rate_says_what_it_divides_by_what(listing: Listing) -> None:
    await listing.record("closed", *CLOSED)
    await listing.record("unhappy", *EXECUTED, called_back(satisfied=False), reopened())
    item = await figure(listing, "li-min", "resolution-rate")
    assert (item["value"], item["numerator"], item["denominator"], item["excluded"]) == (0.5, 1, 2, 0)
    assert item["title"] == {"zh": "办结率", "en": "Resolution rate"}
    assert (await figure(listing, "li-min", "satisfaction-rate"))["value"] == 0.5
    assert (await figure(listing, "li-min", "justified"))["numerator"] == 1


async def test_each_figure_leads_to_the_events_that_made_it(listing: Listing) -> None:
    await listing.record("first", *CLOSED)
    await listing.record("second", *EXECUTED, called_back(satisfied=False), reopened())
    assert await drilled(listing, "li-min", "resolution-rate") == [
        (6, "Executed", "numerator"), (10, "Closed", "denominator"), (10, "Closed", "numerator"),
        (17, "CallbackDone", "denominator"),
    ]  # fmt: skip
    [item] = [
        one for one in await listing.items("li-min", "/v1/indicators/resolution-rate/events", limit=1)
        if one["position"] == 6
    ]  # fmt: skip
    assert (item["version"], item["number"], item["unit"]) == (6, received().facts["number"], None)
    for name in INDICATORS:
        shown = await figure(listing, "li-min", name)
        found = [
            one for one in await listing.items("li-min", f"/v1/indicators/{name}/events", limit=3)
            if one["counts"] == "denominator"
        ]  # fmt: skip
        assert len(found) == (shown["denominator"] or 0)


async def test_by_unit_a_case_counts_for_every_unit_that_handled_it(listing: Listing) -> None:
    both = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"), executed("settlement"), executed("trading"))
    await listing.record("both", *both, called_back(satisfied=True))
    await listing.record("one", *ASKED)
    assert await by(listing, "unit", "response-rate") == {"settlement": (1, 2), "trading": (1, 1)}
    assert await by(listing, "unit", "satisfaction-rate") == {"settlement": (1, 1), "trading": (1, 1)}
    assert (await figure(listing, "li-min", "satisfaction-rate"))["denominator"] == 1
    assert (await figure(listing, "li-min", "response-rate"))["denominator"] == 3
    assert (await figure(listing, "li-min", "volume", unit="trading"))["value"] == 1


async def test_figures_are_grouped_by_week_month_category_agent_and_procedure(listing: Listing) -> None:
    await listing.record("monday", *on_the(MONDAY_9AM, received(), classified()))
    await listing.record("next", *on_the(NEXT_MONDAY_9AM, received(), classified(category="service.attitude")))
    await listing.record("new", received().at(FRIDAY_9AM))
    assert await by(listing, "week", "volume") == {"2026-W10": (2, None), "2026-W11": (1, None)}
    assert await by(listing, "month", "volume") == {"2026-03": (3, None)}
    assert await by(listing, "category", "volume") == {
        "-": (1, None), "process.deposit": (1, None), "service.attitude": (1, None)
    }  # fmt: skip
    assert await by(listing, "agent", "volume") == {"agent-1": (3, None)}
    assert await by(listing, "procedure", "volume") == {"kf0001": (3, None)}
    assert await by(listing, "category", "volume", category="-") == {"-": (1, None)}
    assert len(await drilled(listing, "li-min", "volume", agent="agent-1", category="-")) == 1


async def test_days_are_those_of_the_calendar_and_both_are_included(listing: Listing) -> None:
    late_on_sunday = MONDAY_9AM.replace(hour=0, minute=30)  # still Sunday in UTC
    await listing.record("early", received().at(late_on_sunday))
    span = {"from": "2026-03-02", "to": "2026-03-02"}
    assert (await figure(listing, "li-min", "volume", **span))["value"] == 1
    assert (await figure(listing, "li-min", "volume", **{"to": "2026-03-01"}))["value"] == 0
    assert (await figure(listing, "li-min", "volume", **{"from": "2026-03-03"}))["value"] == 0


async def test_time_to_close_has_a_mean_a_median_and_a_ninetieth_percentile(listing: Listing) -> None:
    for number, hours in enumerate((1, 2, 9)):
        closing = settled().at(MONDAY_9AM.replace(hour=9 + hours))
        await listing.record(f"case {number}", received(), closing)
    item = await figure(listing, "li-min", "time-to-close")
    assert (item["value"], item["median"], item["p90"]) == (4 * 3600, 2 * 3600, pytest.approx(7.6 * 3600))


async def test_money_is_summed_per_currency_to_the_cent(listing: Listing) -> None:
    for number, (amount, currency) in enumerate((("0.10", "CNY"), ("0.20", "CNY"), ("5.00", "USD"))):
        paid = happened(events.CompensationPaid, amount=Decimal(amount), currency=currency, method="credit")
        await listing.record(f"case {number}", *EXECUTED, paid)
    items = await listing.items("li-min", "/v1/indicators", indicator="compensation-paid")
    assert [(item["currency"], item["amount"], item["value"]) for item in items] == [
        ("CNY", "0.30", 2), ("USD", "5.00", 1)
    ]  # fmt: skip
    assert len(await drilled(listing, "li-min", "compensation-paid", currency="USD")) == 1


async def test_what_is_excluded_is_in_no_figure_and_is_shown_with_its_event(listing: Listing) -> None:
    out = happened(events.ExcludedFromScoring, reason="不可抗力", evidence="气象局通报", unit=None, indicators=())
    await listing.record("out", *CLOSED, out)
    await listing.record("in", *CLOSED)
    item = await figure(listing, "li-min", "resolution-rate")
    assert (item["numerator"], item["denominator"], item["excluded"]) == (1, 1, 1)
    assert (11, "ExcludedFromScoring", "excluded") in await drilled(listing, "li-min", "resolution-rate")


async def test_a_unit_s_member_sees_only_what_counts_for_that_unit(listing: Listing) -> None:
    both = (*ASKED_TWO, confirmed("settlement"))
    await listing.record("both", *both)
    await listing.record("one", *ASKED)
    assert await by(listing, "unit", "response-rate", "zhou-qi") == {"settlement": (1, 2)}
    assert await by(listing, "unit", "response-rate", "feng-yu") == {"trading": (0, 1)}
    item = await figure(listing, "feng-yu", "response-rate")
    assert (item["numerator"], item["denominator"]) == (0, 1)
    assert await by(listing, "unit", "response-rate", "feng-yu", unit="settlement") == {}
    assert [place for place, _, _ in await drilled(listing, "feng-yu", "response-rate")] == [4]


async def test_whoever_a_complaint_is_about_finds_it_in_no_figure(listing: Listing) -> None:
    await listing.record("about", received(), accused("agent-7"))
    assert (await figure(listing, "li-min", "volume"))["value"] == 1
    assert (await figure(listing, "agent-7", "volume"))["value"] == 0
    assert await drilled(listing, "agent-7", "volume") == []


async def test_a_confidential_matter_is_in_no_figure_of_those_outside_its_circle(listing: Listing) -> None:
    whistle = received(procedure="courier", procedure_version=COURIER.version, kind="whistle-blowing", issue_point=None)
    await listing.record("whistle", whistle)
    await employ(listing.desk, {"wei-lai": (COURIER.confidential_to["whistle-blowing"][0], None)})
    for who, seen in (("wei-lai", 1), ("zhao-jing", 0), ("admin", 0), ("he-ping", 0)):
        assert (await figure(listing, who, "volume", procedure="courier"))["value"] == seen
        assert len(await drilled(listing, who, "volume", procedure="courier")) == seen


@pytest.mark.parametrize("who", ["partner-bank", "softphone"])
async def test_partners_and_connected_systems_get_no_figures(listing: Listing, who: str) -> None:
    for path in ("/v1/indicators", "/v1/indicators/volume/events"):
        problem(await listing.ask(who, path), 403, "role-forbids")


async def test_an_indicator_says_what_it_means_and_where_it_comes_from(listing: Listing) -> None:
    told = done(await listing.ask("li-min", "/v1/indicators/justified"))
    assert told["title"]["zh"] == "有理由投诉"
    assert "有理由投诉量" in told["source"]
    problem(await listing.ask("li-min", "/v1/indicators/happiness"), 404, "no-such-indicator")
    problem(await listing.ask("li-min", "/v1/indicators", indicator="happiness"), 422, "invalid-parameters")


@pytest.mark.parametrize(
    "query", [{"from": "2026-03-02", "to": "2026-03-01"}, {"by": "mood"}, {"since": "2026"}, {"from": "yesterday"}]
)
async def test_a_question_that_makes_no_sense_is_refused(listing: Listing, query: dict[str, str]) -> None:
    problem(await listing.ask("li-min", "/v1/indicators", **query), 422, "invalid-parameters")


async def test_figures_and_their_events_are_exported_whole(listing: Listing) -> None:
    await listing.record("closed", *CLOSED)
    await listing.record("gone", received(), withdrawn())
    lines = await rows_of(listing, "/v1/indicators", by="procedure")
    assert lines[0][:4] == ["indicator", "group", "value", "numerator"]
    figures = [line[1:3] for line in lines[1:] if line[0] == "Complaints"]
    assert figures == [["Customer complaints of an investment group", "2"]]
    book = openpyxl.load_workbook(
        io.BytesIO((await listing.ask("li-min", "/v1/indicators", accept=XLSX_TYPE, by="procedure")).content)
    )
    assert [row[2] for row in book.worksheets[0].values if row[0] == "Complaints"] == [2]
    assert len(await rows_of(listing, "/v1/indicators/volume/events")) == 3


async def rows_of(listing: Listing, path: str, **query: Any) -> list[Sequence[str]]:
    answer = await listing.ask("li-min", path, accept=CSV_TYPE, **query)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
