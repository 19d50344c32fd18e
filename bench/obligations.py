"""The work list at size: 200,000 things that are or were owed; a page of it for an agent, a manager, a unit, a role.

The rows are written into the read model's tables as a large service has them: most of them are done long since, a few
hundred people own the cases, and some of those have left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import uvloop

from app.queries.obligation_pages import ObligationTable
from app.queries.visibility import Visibility
from bench.database import bench_database
from bench.rows import Row
from bench.search import Whatever
from domain.people import People, Person
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.database import create_pool
from eventlog.sealing import MasterKey
from procedures.library import Library
from projections.obligations_query import ObligationFilter
from projections.obligations_table import WITHOUT_LIMIT, obligations

OWED: Final = 200_000
OF_A_COMPLAINT: Final = 10
OWNERS: Final = 300
LEFT: Final = 20
UNITS: Final = 20
ASKED: Final = 300  # times each
TARGET: Final = 20.0  # milliseconds, 99th percentile
BEGINNING: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
MAY: Final = ["agent", "manager"]
# What is done stays on the list for good, so most of what is there is.
STATES: Final = (*["met"] * 85, *["open"] * 9, *["missed"] * 4, *["waived"] * 2)
OWERS: Final = (*["person"] * 5, *["unit"] * 3, "role:manager", "role:board-office")
STEPS: Final = ("execute", "record-callback", "close", "inform-customer", "confirm-effect")


def run() -> list[Row]:
    """Takes about a minute."""
    with bench_database() as url:
        return uvloop.run(_measure(url))


async def _measure(url: str) -> list[Row]:
    pool = await create_pool(url)
    codec, rules = EventCodec(MasterKey(bytes(32))), Library.ready()
    await pool.execute("TRUNCATE reading.obligations")
    columns = [column.name for column in obligations.columns]
    await pool.copy_records_to_table(
        "obligations", schema_name="reading", columns=columns, records=list(_rows(columns)), timeout=600
    )
    await pool.execute("VACUUM ANALYZE reading.obligations", timeout=600)
    here = People.of(
        Person(f"agent-{n}", roles=frozenset({"agent"}), present=n >= LEFT) for n in range(OWNERS)
    )
    table = ObligationTable(pool, rules, Visibility(pool, codec, rules), Whatever(), lambda: here)
    agent = Actor(f"agent-{OWNERS - 1}", frozenset({"agent"}))
    manager = Actor("manager-1", frozenset({"agent", "manager"}))
    member = Actor("member-1", frozenset({"unit"}), "unit-1")
    rows: list[Row] = []
    for name, actor, wanted in (
        ("an agent's, all states", agent, ObligationFilter(("me",))),
        ("an agent's, open", agent, ObligationFilter(("me",), ("open",))),
        ("a manager's, open", manager, ObligationFilter(("me",), ("open",))),
        ("a manager's, all states", manager, ObligationFilter(("me",))),
        ("a unit's, open", member, ObligationFilter(("me",), ("open",))),
        ("of a role, open", manager, ObligationFilter(("role:agent",), ("open",))),
        ("everybody's, open", manager, ObligationFilter((), ("open",))),
    ):
        rows += await _asked(table, name, actor, wanted)
    await pool.close()
    return rows


async def _asked(table: ObligationTable, name: str, actor: Actor, wanted: ObligationFilter) -> list[Row]:
    times: list[float] = []
    for _ in range(ASKED):
        begun = perf_counter()
        await table.rows(actor, wanted).page(None, 50)
        times.append(1000 * (perf_counter() - begun))
    times.sort()
    p99 = times[int(0.99 * len(times))]
    return [
        Row(f"the work list, {name}, median", times[len(times) // 2], "ms"),
        Row("  99th percentile", p99, "ms", f"< {TARGET:.0f}", p99 < TARGET),
    ]


def _rows(columns: list[str]) -> Iterator[tuple[Any, ...]]:
    chance = Random(1)
    for number in range(OWED):
        complaint, ordinal = divmod(number, OF_A_COMPLAINT)
        arose = BEGINNING + timedelta(minutes=complaint)
        state, sort = chance.choice(STATES), chance.choice(OWERS)
        due = arose + timedelta(days=2) if ordinal % 3 else None
        unit = f"unit-{chance.randrange(UNITS)}"
        owed_by = {"person": f"person:agent-{chance.randrange(OWNERS)}", "unit": f"unit:{unit}"}.get(sort, sort)
        row: dict[str, Any] = {
            "complaint_id": UUID(int=complaint), "ordinal": ordinal, "position": number + 1,
            "number": f"KF0001-20260302-{complaint:06d}", "procedure": "kf0001",
            "procedure_version": Library.ready().procedure("kf0001").version, "name": "execute", "rule": None,
            "owed_by": owed_by, "step": chance.choice(STEPS), "unit": unit if sort == "unit" else None, "round": 1,
            "arose_at": arose, "warn_at": None, "due_at": due, "soft": False, "state": state,
            "met_at": arose if state == "met" else None, "id": UUID(int=number), "falls_due": due or WITHOUT_LIMIT,
            "accused": [], "sent_to": [unit], "otherwise": "agent" if sort == "person" else "",
            "may": MAY if sort == "person" else [], "instead": None,
        }  # fmt: skip
        yield tuple(row[column] for column in columns)
