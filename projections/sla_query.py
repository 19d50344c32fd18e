"""The clocks as a list, the nearest due time first, and their sums per procedure and unit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from projections.scope import Conditions, Scope

SlaSort = Literal["due_at", "-due_at"]

COLUMNS: Final = (
    "complaint_id", "number", "procedure", "clock", "unit", "round", "started_at", "warn_at", "due_at", "stopped_at",
    "state", "soft", "provisional", "procedure_version", "rule", "owed_by",
)  # fmt: skip

KIND: Final = "(SELECT t.kind FROM reading.tracking t WHERE t.id = complaint_id)"
SUMMARY: Final = """
SELECT procedure, charged AS unit, count(*) AS total,
    count(*) FILTER (WHERE state = 'running') AS running, count(*) FILTER (WHERE state = 'met') AS met,
    count(*) FILTER (WHERE state = 'missed') AS missed, count(*) FILTER (WHERE state = 'paused') AS paused,
    count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE state = 'running' AND warn_at <= {now}) AS warned,
    min(due_at) FILTER (WHERE state = 'running') AS next_due_at
FROM (
    SELECT *, unnest(CASE WHEN unit IS NULL OR owed_by = '{{}}' THEN owed_by || NULL::text ELSE owed_by END) AS charged
    FROM reading.sla WHERE {where}
) charges WHERE {charged} GROUP BY procedure, charged ORDER BY procedure, charged NULLS FIRST
"""


@dataclass(frozen=True)
class SlaFilter:
    """What is asked for; of several values any. `unit`: that it is charged to. `due_before` is UTC and not included."""

    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    clock: tuple[str, ...] = ()
    due_before: datetime | None = None


def conditions_of(wanted: SlaFilter, scope: Scope, for_readers: Iterable[tuple[str, str]]) -> Conditions:
    """What is asked for, as far as the reader may see it.

    `for_readers`: by procedure, the clocks of which only those hear who read texts.
    """
    conditions = Conditions()
    scope.narrow(conditions, kind=KIND)
    scope.leave_out_unread(conditions, "clock", for_readers, kind=KIND)
    for name in ("state", "procedure", "clock"):
        conditions.among(name, getattr(wanted, name))
    if wanted.unit:
        conditions.add("owed_by && {}::text[]", list(wanted.unit))
    if wanted.due_before is not None:
        conditions.add("due_at < {}", wanted.due_before)
    return conditions


def page_after(conditions: Conditions, sort: SlaSort, after: tuple[Any, Any, int] | None) -> Conditions:
    """The conditions of one page: those of the list, and where the page begins."""
    page = conditions.copy()
    if after is not None:
        beyond = "<" if sort.startswith("-") else ">"
        page.add(f"(due_at, complaint_id, ordinal) {beyond} ({{}}, {{}}, {{}})", *after)
    return page


def statement(page: Conditions, sort: SlaSort, limit: int) -> str:
    """The query of one page; the ordinal comes last."""
    direction = "DESC" if sort.startswith("-") else "ASC"
    return (
        f"SELECT {', '.join(COLUMNS)}, ordinal FROM reading.sla WHERE {page.where} "
        f"ORDER BY due_at {direction}, complaint_id {direction}, ordinal {direction} LIMIT {limit}"
    )


def summary(conditions: Conditions, wanted: SlaFilter, now: datetime) -> str:
    """The query of the sums; `warned` are running clocks past their warning.

    A clock counts for every unit that it is charged to; one of the whole case, or that no unit owes, for no unit too.
    """
    charged = conditions.placed("charged = ANY({}::text[])", list(wanted.unit)) if wanted.unit else "true"
    placed = conditions.placed("{}::timestamptz", now)
    return SUMMARY.format(now=placed, where=conditions.where, charged=charged)
