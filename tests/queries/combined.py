"""What every address answers to a reader, and whether two roles together were answered as each of them is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import openpyxl

from app.access.keys import NewKey
from tests.http.desk import Desk, key_of_before
from tests.queries.every_case import Case
from tests.queries.full_streams import PERSONS

PLAIN: Final = "settlement"
NDJSON, CSV = "application/x-ndjson", "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# By what an item is known again; it may show more or less of the rest.
KNOWN_BY: Final = (
    "id", "complaint_id", "position", "number", "procedure", "clock", "unit", "round", "started_at", "kind",
    "period", "key",
)  # fmt: skip
# Steps and grades are for each role by itself, and compared where they are asked of the complaint.
BESIDE: Final = frozenset({"allowed", "faults"})
SINGLE: Final = ("courier/report/sent", "courier/complaint/received", "hotline-12345/report/sent",
                 "hotline-12345/report/received", "kf0001/complaint/sent")  # fmt: skip
LISTS: Final = (
    "/v1/tracking?limit=200", "/v1/tracking?limit=200&q=open", "/v1/tracking?limit=200&as_of=2026-03-03T00:00:00Z",
    "/v1/sla?limit=200&procedure=courier", "/v1/sla?limit=200&procedure=hotline-12345", "/v1/sla/summary",
    "/v1/obligations?limit=200",
    "/v1/notifications?limit=200", "/v1/notifications?limit=200&mine=true", "/v1/incidents",
    "/v1/indicators?by=procedure&indicator=volume", "/v1/indicators?by=unit&indicator=volume",
    "/v1/indicators/volume/events?limit=200", "/v1/due-work", "/v1/reports/courier",
    "/v1/reports/courier/weekly/2026-W10", "/v1/reports/hotline-12345/monthly/2026-03",
)  # fmt: skip
FILES: Final = (
    ("/v1/audit/events", NDJSON), ("/v1/tracking", CSV), ("/v1/tracking", XLSX),
    ("/v1/reports/courier/weekly/2026-W10", CSV), ("/v1/reports/hotline-12345/monthly/2026-03", CSV),
)  # fmt: skip


@dataclass
class Answered:
    """`rows` are what it says of single cases, by what they are known by; `sums` are counts over many."""

    status: int
    text: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    sums: dict[str, float] = field(default_factory=dict)


Answers = dict[tuple[str, str, str], Answered]


def addresses(cases: Iterable[Case], incident: UUID) -> list[tuple[str, str, str]]:
    """Method, path and the form that is asked for, of every address that shows something of a case."""
    found = [("GET", path, "application/json") for path in LISTS]
    found += [("GET", path, form) for path, form in FILES]
    found += [("GET", f"/v1/incidents/{incident}{end}", "application/json") for end in ("", "/history")]
    for case in cases:
        if repr(case) in SINGLE:
            path, clocks = f"/v1/complaints/{case.id}", case.complaint.clocks
            ends = ["", "?version=1", "/history", *(f"/clocks/{clock.name}/explanation" for clock in clocks[:1])]
            found += [("GET", path + end, "application/json") for end in ends]
            found += [("GET", f"/v1/audit/events?complaint={case.id}", form) for form in ("application/json", CSV)]
            # Refused to everybody, by what they may know.
            found += [("POST", f"{path}/{step}", "application/json") for step in ("add-note", "accept-hand-over")]
    return found


async def answers_of(desk: Desk, roles: Sequence[str], unit: str, wanted: Iterable[tuple[str, str, str]]) -> Answers:
    """What a reader with these roles is answered."""
    who = "+".join((*sorted(roles), unit))
    if who not in desk.keys:
        # Also with a role that no procedure knows, and with a unit that only cases of before name.
        desk.keys[who] = await key_of_before(desk.service, NewKey(id=who, name=who, roles=tuple(roles), unit=unit))
    found: Answers = {}
    for method, path, form in wanted:
        body = {"text": "不会记下"} if path.endswith("add-note") else None if method == "GET" else {}
        headers = {"Accept": form, **({"If-Match": '"999"'} if method == "POST" else {})}
        answer = await desk.ask(who, method, path, body, headers=headers)
        read = found[method, path, form] = _read(answer.status_code, answer.content, form)
        while form == "application/json" and (cursor := answer.json().get("next_cursor")) is not None:
            answer = await desk.ask(who, method, f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
            read.rows.update(_read(answer.status_code, answer.content, form).rows)
    return found


def _read(status: int, content: bytes, form: str) -> Answered:
    if status != 200:
        return Answered(status, content.decode())
    if form == NDJSON:
        return Answered(status, rows=_rows(json.loads(line) for line in content.splitlines()))
    if form == CSV:
        return Answered(status, rows=_lines(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))))
    if form == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        return Answered(status, rows=_lines([[str(cell) for cell in line] for line in sheet.values]))
    return _of_json(status, json.loads(content))


def _of_json(status: int, found: Mapping[str, Any]) -> Answered:
    """Lists within an answer are taken apart; what stands alone is one row."""
    parts = ("items", "callbacks", "bulletins", "reports", "causes")
    rows = _rows(item for part in parts for item in found.get(part, ()))
    sums = {f"by_category {one['key']}": one["count"] for one in found.get("by_category", ())}
    for item in found.get("items", ()):
        if (count := item.get("total", item.get("numerator"))) is not None:
            sums[_key(item)] = count
    if sums:
        rows = {key: row for key, row in rows.items() if key not in sums}
    if not any(part in found for part in parts):
        rows = {"it": _row(found)}
    return Answered(status, rows=rows, sums=sums)


def _rows(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {_key(item): _row(item) for item in items}


def _row(item: Mapping[str, Any]) -> str:
    return json.dumps({name: it for name, it in _compared(item).items() if name not in BESIDE}, ensure_ascii=False)


def _key(item: Mapping[str, Any]) -> str:
    return json.dumps({name: it for name, it in _compared(item).items() if name in KNOWN_BY})


def _compared(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the events behind a figure, which complaints they are of: they count for a unit, or for the whole."""
    return {"complaint_id": item["complaint_id"], "number": item["number"]} if "counts" in item else item


def _lines(lines: Sequence[Sequence[Any]]) -> dict[str, str]:
    return {str(line[0]): json.dumps(line, ensure_ascii=False) for line in lines}


def _shown(row: str) -> tuple[int, int]:
    """How much a row shows: what is personal in it first of all."""
    person = PERSONS["open"]
    parts = (person.name, person.phone, person.email, person.address, person.customer_no)
    return row.count("⟪") + sum(str(part) in row for part in parts), len(row)


def mistakes(pair: Answered, alone: Sequence[Answered]) -> list[str]:
    """In what two roles together were answered otherwise than as the better of the two."""
    if all(one.status != 200 for one in alone):
        told = [(one.status, one.text) for one in alone]
        best = min(told, key=lambda one: one[0] == 403)
        fits = (pair.status, pair.text) in told and (pair.status == 403) == (best[0] == 403)
        return [] if fits else [f"answered {pair.status} {pair.text}, and alone {told}"]
    if pair.status != 200:
        return [f"answered {pair.status} {pair.text}"]
    return [*_mixed(pair.rows, [one.rows for one in alone]), *_summed(pair.sums, [one.sums for one in alone])]


def _mixed(rows: Mapping[str, str], alone: Sequence[Mapping[str, str]]) -> Iterator[str]:
    known = {key for one in alone for key in one}
    yield from (f"mixed up: {key}" for key in rows.keys() - known)
    yield from (f"missing: {key}" for key in known - rows.keys())
    for key in rows.keys() & known:
        best = max((one[key] for one in alone if key in one), key=_shown)
        if rows[key] != best:
            yield f"{key}: {rows[key]} instead of {best}"


def _summed(sums: Mapping[str, float], alone: Sequence[Mapping[str, float]]) -> Iterator[str]:
    """Of which cases each role sees, a sum does not tell: it is at least the larger, at most both together."""
    for key in {*sums, *(key for one in alone for key in one)}:
        counts = [one.get(key, 0) for one in alone]
        if not max(counts) <= sums.get(key, 0) <= sum(counts):
            yield f"{key}: {sums.get(key, 0)} of {counts}"
