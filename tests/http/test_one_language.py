"""Every address that answers text answers it in one language: the reader's, and says which.

What people write here is written in neither language, so whatever is found in the other one is the product's own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

import openpyxl
import pytest
import pytest_asyncio
from httpx import Response

from app.http.protocol.lists import CSV_TYPE, NDJSON_TYPE, XLSX_TYPE
from domain.indicators import INDICATORS
from domain.titles import LANGUAGES, Language
from procedures.library import Library
from tests.cluster import Cluster, Template
from tests.http.desk import MONDAY_9AM, PEOPLE, Desk, done, make_sandbox, open_desk
from tests.stories.staff import employ
from tests.stories.test_emergency import a_counting_centre, counted, surges

CHINESE: Final = re.compile(r"[一-鿿]")
ENGLISH: Final = re.compile(r"[A-Za-z][a-z]+(?: [a-z]+){2,}")  # three words: a name of the contract has one or two
OTHER: Final[dict[Language, re.Pattern[str]]] = {"zh": ENGLISH, "en": CHINESE}
NEUTRAL: Final[dict[str, Any]] = {
    "complainant": {"name": "J. D.", "phone": "+8613800138000"}, "subject": "T-1", "content": "T-2", "wants": "T-3",
}  # fmt: skip
PRODUCT: Final = {
    "customer_code": "K-208", "order_date": "2026-01-12", "maker": "M-2", "shipping_date": "2026-02-20",
    "product": "P-40", "unit_price": 1280.5, "delivery_date": "2026-02-25", "quantity": 40, "amount": 51220,
    "defective_quantity": 3, "invoice_date": "2026-02-26", "invoice_no": "044001", "lot": "L-2601",
}  # fmt: skip
# In the words of files that are published: the sentence of the rules behind, the text of a version, a holiday, a form.
OF_FILES: Final = {"source", "content", "name", "records", "synonyms"}
# What the description of the API calls an address, which is in English; and how people are called.
OF_THE_API: Final = {"summary"}
NAMES: Final = {person["name"] for person in PEOPLE.values()}
# What has to be asked for.
ASKED: Final = {"/v1/audit/proof": "?position=1&size=1", "/v1/audit/consistency": "?from=0&to=1",
         "/v1/customers": "?name=J"}  # fmt: skip
FOR_AUDITORS: Final = ("/v1/audit/access", "/v1/customers")
FOR_MACHINES: Final = {"/metrics", "/v1/audit/checkpoints/latest", "/v1/callers/stream", "/v1/stream"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(cluster: Cluster, template: Template) -> AsyncIterator[tuple[Desk, dict[str, str]]]:
    """A week in which something of everything happened, and what stands for the parts of an address."""
    with cluster.copy(template) as url:
        make_sandbox(cluster, url, MONDAY_9AM)
        async with open_desk(url, sandbox=True) as desk:
            yield desk, await _week(desk)


async def _week(desk: Desk) -> dict[str, str]:
    ids: dict[str, str] = {}
    for number, severity in enumerate(("general", "severe")):
        person = {"complainant": {"name": "J. D.", "phone": f"+861380013800{number}"}}
        complaint = await desk.receive(**NEUTRAL | person, facts={})
        ids[severity], ids["number"] = complaint["id"], complaint["number"]
        await desk.step("li-min", complaint["id"], "classify", severity=severity, category="process.deposit",
                        issue_point="deposit-delay")  # fmt: skip
        await desk.step("li-min", complaint["id"], "draft-opinion", text="T-4")
        await desk.step("li-min", complaint["id"], "dispatch", units=["settlement"])
    await employ(desk, {"o-1": ("unit", "east")})
    market = (await desk.receive(**NEUTRAL, procedure="market-30min", facts=PRODUCT))["id"]
    await desk.step("li-min", market, "classify", severity="general", category="product.leak")
    await desk.step("zhao-jing", market, "dispatch", units=["east"], owner="o-1")
    offered = {"specversion": "1.0", "id": "e-1", "source": "site-a", "type": "call.offered", "subject": "c-1"}
    done(await desk.post("softphone", "/v1/calls/events", offered), 202)
    await a_counting_centre(desk)  # a fortnight later, and by then most has been missed
    await counted(desk, 41)
    [surge] = await surges(desk)
    [customer] = done(await desk.get("he-ping", "/v1/customers?phone=%2B8613800138001"))["items"]
    return {**ids, "market": market, "incident": surge["id"], "customer": customer["id"]}


def addresses(ids: dict[str, str]) -> dict[str, list[str]]:
    """For every address of the description that answers GET, what is asked there."""
    one, incident = f"/v1/complaints/{ids['severe']}", f"/v1/incidents/{ids['incident']}"
    version = Library.ready().calendar("cn").version
    return {
        "/v1/complaints/{id}": [one, f"/v1/complaints/{ids['general']}", f"/v1/complaints/{ids['market']}"],
        "/v1/complaints/by-number/{number}": [f"/v1/complaints/by-number/{ids['number']}"],
        "/v1/people/{id}": ["/v1/people/li-min"],
        "/v1/people/{id}/keys": ["/v1/people/li-min/keys"],
        "/v1/people/{id}/history": ["/v1/people/li-min/history"],
        "/v1/units/{code}": ["/v1/units/settlement"],
        "/v1/imports/{id}": [],  # tests/http/test_import_reports.py reads its report in both
        "/v1/imports/{id}/report": [],
        "/v1/complaints/{id}/history": [f"{one}/history", f"/v1/complaints/{ids['market']}/history"],
        "/v1/complaints/{id}/clocks/{clock}/explanation": [f"{one}/clocks/whole-case/explanation"],
        "/v1/calendars/{code}/days": ["/v1/calendars/cn/days?from=2026-02-01&to=2026-03-01"],
        "/v1/calendars/{code}/versions": ["/v1/calendars/cn/versions"],
        "/v1/calendars/{code}/versions/{version}": [f"/v1/calendars/cn/versions/{version}"],
        "/v1/calendars/{code}/moves": ["/v1/calendars/cn/moves"],
        "/v1/calendars/{code}/moves/{id}": [],  # none was asked for; it holds nothing but figures
        "/v1/procedures/{code}": ["/v1/procedures/kf0001", "/v1/procedures/emergency"],
        "/v1/procedures/{code}/versions": ["/v1/procedures/kf0001/versions"],
        "/v1/procedures/{code}/versions/{version}": ["/v1/procedures/kf0001/versions/A/1.3"],
        "/v1/recipients/{kind}/{code}": [],  # settings of a person, without a word of ours
        "/problems/{slug}": ["/problems/not-ready-to-close"],
        "/v1/status/{number}": [f"/v1/status/{ids['number']}?phone_tail=8001"],
        "/v1/indicators/{name}": [f"/v1/indicators/{name}" for name in INDICATORS],
        "/v1/indicators/{name}/events": ["/v1/indicators/volume/events"],
        "/v1/reports/{procedure}": ["/v1/reports/market-30min"],
        "/v1/reports/{procedure}/{kind}/{period}": ["/v1/reports/market-30min/weekly/2026-W10"],
        "/v1/customers/{id}": [f"/v1/customers/{ids['customer']}"],
        "/v1/incidents/{id}": [incident],
        "/v1/incidents/{id}/history": [f"{incident}/history"],
        "/v1/calls/{source}/{id}": ["/v1/calls/site-a/c-1"],
        # Numbers, codes and times, without a word of ours.
        "/v1/call-sources/{id}/gaps": [],
        "/v1/agents/{id}/states": [],
        "/v1/callers/{phone}/summary": [],
        "/v1/incidents/{id}/late-intakes": [f"{incident}/late-intakes"],
    }


def said(thing: object, language: Language) -> Iterator[str]:
    """Every text of an answer, but what stands in both languages side by side: of that the reader's."""
    match thing:
        case {"zh": str(zh), "en": str(en), **others} if not others:
            yield zh if language == "zh" else en
        case dict():
            for name, inner in thing.items():
                if name not in OF_FILES | OF_THE_API or (name == "name" and "title" in thing):
                    yield from said(inner, language)
        case list():
            for inner in thing:
                yield from said(inner, language)
        case str():
            yield thing


def in_sheet(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [str(cell) for row in book.worksheets[0].values for cell in row if cell is not None]


def texts(answer: Response, language: Language) -> list[str]:
    """As a reader meets them: the texts of JSON, the cells of tables."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == XLSX_TYPE:
        return in_sheet(answer.content)
    if kind == CSV_TYPE:
        return [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
    lines = answer.text.splitlines() if kind == NDJSON_TYPE else [answer.text]
    return [text for line in lines for text in said(json.loads(line), language)]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_address_that_answers_text_answers_it_in_one_language(
    told: tuple[Desk, dict[str, str]], language: Language
) -> None:
    desk, ids = told
    found, known = [], addresses(ids)
    for path, operations in desk.app.openapi()["paths"].items():
        if "get" not in operations or path in FOR_MACHINES:
            continue
        for address in known[path] if "{" in path else [path + ASKED.get(path, "")]:
            for kind in operations["get"]["responses"]["200"].get("content", {"application/json": {}}):
                who = "he-ping" if address.startswith(FOR_AUDITORS) else "admin"
                answer = await desk.get(who, address, headers={"Accept": kind, "Accept-Language": language})
                assert answer.status_code == 200, (address, answer.text)
                assert answer.headers["content-type"].startswith(kind), address
                found += [
                    (address, kind, text) for text in texts(answer, language)
                    if OTHER[language].search(text) and text not in NAMES
                ]  # fmt: skip
                assert answer.headers.get("content-language", language) == language
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whatever_holds_words_of_the_service_says_in_which_language(
    told: tuple[Desk, dict[str, str]], language: Language
) -> None:
    desk, ids = told
    case, incident = f"/v1/complaints/{ids['severe']}", f"/v1/incidents/{ids['incident']}"
    spoken = [
        case, f"{case}?expand=steps", f"{case}/history", f"{case}/clocks/whole-case/explanation", incident,
        f"{incident}/history", "/v1/incidents", "/v1/sla", "/v1/audit/events", "/v1/due-work", "/v1/indicators/volume",
    ]  # fmt: skip
    for address in spoken:
        answer = await desk.get("admin", address, headers={"Accept-Language": language})
        assert answer.headers["content-language"] == language, address
        assert answer.headers["vary"].split(", ")[0] == "Accept-Language", address


CAUSE: Final = {"zh": "严重投诉，第一时间反馈", "en": "Severe: to be told at once"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["application/json", CSV_TYPE, NDJSON_TYPE])
async def test_the_history_and_the_audit_feed_tell_a_cause_alike(
    told: tuple[Desk, dict[str, str]], kind: str, language: Language
) -> None:
    desk, ids = told
    headers = {"Accept": kind, "Accept-Language": language}
    history = await desk.get("admin", f"/v1/complaints/{ids['severe']}/history", headers=headers)
    feed = await desk.get("admin", f"/v1/audit/events?complaint={ids['severe']}", headers=headers)
    assert CAUSE[language] in texts(history, language)
    assert any(CAUSE[language] in text for text in texts(feed, language))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_clock_is_called_by_its_own_rule_wherever_several_share_its_name(
    told: tuple[Desk, dict[str, str]], language: Language
) -> None:
    desk, ids = told
    titles = {
        "zh": ("一般投诉全程处理", "重大/严重投诉全程处理"),
        "en": ("Whole case, general", "Whole case, major or severe"),
    }[language]
    headers = {"Accept-Language": language}
    for severity, title in zip(("general", "severe"), titles, strict=True):
        case = f"/v1/complaints/{ids[severity]}"
        shown = done(await desk.get("admin", case, headers=headers))
        assert [clock["title"] for clock in shown["clocks"] if clock["name"] == "whole-case"] == [title]
        explained = done(await desk.get("admin", f"{case}/clocks/whole-case/explanation", headers=headers))
        assert explained["clock"]["title"] == title
        rows = done(await desk.get("admin", "/v1/sla?clock=whole-case&procedure=kf0001", headers=headers))["items"]
        assert [row["clock_title"] for row in rows if row["complaint_id"] == ids[severity]] == [title]
    answer = await desk.get("admin", "/v1/sla?clock=whole-case", headers={**headers, "Accept": CSV_TYPE})
    assert set(titles) <= set(texts(answer, language))
    notices = done(await desk.get("admin", "/v1/notifications?limit=200", headers=headers))["items"]
    missed = {one["complaint_id"]: one["title"][language] for one in notices if one["clock"] == "whole-case"}
    for severity, title in zip(("general", "severe"), titles, strict=True):
        assert missed[ids[severity]].endswith(f" {title}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_surge_is_recorded_as_figures_and_told_in_words(
    told: tuple[Desk, dict[str, str]], language: Language
) -> None:
    desk, ids = told
    headers, address = {"Accept-Language": language}, f"/v1/incidents/{ids['incident']}"
    title, text = {
        "zh": (
            "呼入量异常增长",
            "acd-1：2026-03-16 10:00 起的一小时内 41 个，平时 20 个（前 14 天同一小时的均值），超过 2 倍。",
        ),
        "en": (
            "Call surge",
            "acd-1: 41 calls in the hour from 2026-03-16 10:00; usual are 20 (mean of this hour on 14 days), so more "
            "than 2 times that.",
        ),
    }[language]
    incident = done(await desk.get("admin", address, headers=headers))
    assert (incident["title"], incident["text"]) == (title, text)
    opened = done(await desk.get("admin", f"{address}/history", headers=headers))["items"][0]["data"]
    assert (opened["title"], opened["text"]) == (title, text)
    [row] = done(await desk.get("admin", "/v1/incidents?kind=call-surge", headers=headers))["items"]
    assert row["title"] == title
    loaded = (await desk.service.incidents.load(UUID(ids["incident"]))).aggregate
    assert (loaded.title, loaded.text) == ("", "")
