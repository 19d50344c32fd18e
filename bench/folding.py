"""Folding: what one more event costs a complaint that is loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from bench.rows import Row
from domain.complaint import events
from domain.values import ActedBy, Complainant

MANY: Final = 20_000
TIMES: Final = 9
TARGET: Final = 2.0  # microseconds
AT: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
ID: Final = UUID(int=1)
HAPPENED: Final[Any] = events  # the library makes their constructors where the type checker does not look
COMMON: Final[dict[str, Any]] = {"originator_id": ID, "timestamp": AT, "actor": ActedBy("agent-1", "agent")}


def run() -> list[Row]:
    happened = [
        HAPPENED.CompensationPaid(**COMMON, originator_version=version, amount=1, currency="CNY", method="credit")
        for version in range(2, MANY + 2)
    ]
    value = min(_microseconds(happened) for _ in range(TIMES))
    return [Row("folding one more event", value, "µs", f"≤ {TARGET:g}", value <= TARGET)]


def _microseconds(happened: list[events.CompensationPaid]) -> float:
    complaint: Any = _received().mutate(None)
    began = perf_counter()
    for event in happened:
        event.mutate(complaint)
    return (perf_counter() - began) / len(happened) * 1e6


def _received() -> Any:
    return HAPPENED.Received(
        **COMMON, originator_version=1, originator_topic="complaint.Complaint", number="KF0001-20260302-000001",
        procedure="kf0001", procedure_version="1", calendar="cn", calendar_version="1", kind="complaint",
        channel="phone", occurred_at=AT, complainant_id=ID, anonymous=False, complainant=Complainant("王"),
        subject="出金未到账", content="出金三日仍未到账",
    )  # fmt: skip
