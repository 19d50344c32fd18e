"""The samples summed up as asked, and the events behind a sum. What the sums mean: domain/reporting/indicators.py."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from domain.indicators import INDICATORS
from domain.reporting.indicators import Figure, Sums, figure
from projections.scope import Conditions, Scope

GroupBy = Literal["unit", "procedure", "kind", "category", "issue_point", "district", "agent", "month", "week", "day"]

# Stands for the agent of a case that nobody owns, for the category of an unclassified one, for whatever is not said.
NOBODY: Final = "-"

KEYS: Final[dict[GroupBy | None, str]] = {
    None: "NULL::text",
    "unit": "unit",
    "procedure": "procedure",
    "category": f"coalesce(category, '{NOBODY}')",
    "issue_point": f"coalesce(issue_point, '{NOBODY}')",
    "district": f"coalesce(CASE WHEN {{told}} THEN district END, '{NOBODY}')",
    "kind": "kind",
    "agent": f"coalesce(agent, '{NOBODY}')",
    "day": "to_char(day, 'YYYY-MM-DD')",
    "month": "to_char(day, 'YYYY-MM')",
    "week": "to_char(day, 'IYYY-\"W\"IW')",
}
FROM: Final = "reading.indicator_samples JOIN reading.indicator_cases USING (complaint_id)"
SUMS: Final = """
SELECT {key} AS key, indicator, currency,
    count(*) FILTER (WHERE excluded_by IS NULL) AS counted,
    count(*) FILTER (WHERE excluded_by IS NULL AND fits) AS fitting,
    count(*) FILTER (WHERE excluded_by IS NOT NULL) AS excluded,
    sum(amount) FILTER (WHERE excluded_by IS NULL AND fits) AS amount,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FILTER (WHERE excluded_by IS NULL AND fits) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY amount) FILTER (WHERE excluded_by IS NULL AND fits) AS p90
FROM {rows} WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
EVENTS: Final = """
SELECT e.notification_id AS position, s.complaint_id, s.number, e.originator_version AS version, e.topic,
    e.recorded_at, s.unit, m.counts, s.ordinal, m.place
FROM (
    SELECT complaint_id, number, ordinal, unit, counted, fitting, excluded_by FROM {rows} WHERE {where}
) s CROSS JOIN LATERAL (
    SELECT unnest(s.counted) AS at, 'denominator' AS counts, 0 AS place WHERE s.excluded_by IS NULL
    UNION ALL SELECT unnest(s.fitting), 'numerator', 1 WHERE s.excluded_by IS NULL
    UNION ALL SELECT s.excluded_by, 'excluded', 2 WHERE s.excluded_by IS NOT NULL
) m JOIN stored_events e ON e.notification_id = m.at
WHERE {beyond} ORDER BY 1, s.complaint_id, s.ordinal, m.place LIMIT {limit}
"""


@dataclass(frozen=True)
class IndicatorFilter:
    """What is asked for; of several values any. Categories match as a whole.

    Days are those of the complaint's calendar, both included.
    """

    procedure: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    by: GroupBy | None = None
    indicator: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndicatorFigure:
    """One indicator's figure of one group (None: of everything); `currency` where it is money."""

    indicator: str
    key: str | None
    currency: str | None
    figure: Figure


def conditions_of(wanted: IndicatorFilter, scope: Scope) -> Conditions:
    """What is asked for, as far as the reader may see it: a unit's member only what counts for that unit."""
    conditions = Conditions()
    scope.narrow(conditions)
    _add_level(conditions, wanted, scope)
    for name in ("procedure", "indicator", "currency"):
        conditions.among(name, getattr(wanted, name))
    for name in ("category", "agent"):
        conditions.among(f"coalesce({name}, '{NOBODY}')", getattr(wanted, name))
    if wanted.first is not None:
        conditions.add("day >= {}", wanted.first)
    if wanted.last is not None:
        conditions.add("day <= {}", wanted.last)
    return conditions


def _add_level(conditions: Conditions, wanted: IndicatorFilter, scope: Scope) -> None:
    conditions.among("unit", wanted.unit)
    by_unit = bool(wanted.unit) or wanted.by == "unit"
    level = "unit IS NOT NULL" if by_unit else "whole"
    if scope.reached.unit_of:
        everybody = scope.reached.whole(conditions, "kind")
        own = conditions.placed("unit = {}", scope.unit)
        conditions.add(f"({everybody} AND {level}) OR (NOT {everybody} AND {own})")
    else:
        conditions.add(level)


def sums(conditions: Conditions, by: GroupBy | None, scope: Scope) -> str:
    """The query of all sums, one row per group, indicator and currency.

    A district is told of those complaints alone of which the reader sees the answers; the others count as not said.
    """
    key = KEYS[by]
    if by == "district":
        key = key.format(told=scope.read.condition(conditions, scope.unit, "kind"))
    return SUMS.format(key=key, rows=FROM, where=conditions.where)


def events(conditions: Conditions, after: tuple[int, Any, int, int] | None, limit: int) -> str:
    """The query of one page of events; `after` names the last one by position, complaint, ordinal and place."""
    where, beyond = conditions.where, "true"
    if after is not None:
        place = "(e.notification_id, s.complaint_id, s.ordinal, m.place)"
        beyond = conditions.placed(f"{place} > ({{}}::bigint, {{}}::uuid, {{}}::integer, {{}}::integer)", *after)
    return EVENTS.format(rows=FROM, where=where, beyond=beyond, limit=limit)


def figures(rows: list[Any], wanted: IndicatorFilter, opened: Callable[[str], str]) -> list[IndicatorFigure]:
    """Of the rows of `sums`: every indicator of every group, also where nothing was counted.

    `opened` is given the name of a district as rows hold it.
    """
    found = _figures(rows, wanted)
    if wanted.by != "district":
        return found
    names = {key: key if key == NOBODY else opened(key) for one in found if (key := one.key) is not None}
    return sorted((replace(one, key=names[one.key or NOBODY]) for one in found), key=lambda one: one.key or NOBODY)


def _figures(rows: list[Any], wanted: IndicatorFilter) -> list[IndicatorFigure]:
    names = [name for name in INDICATORS if not wanted.indicator or name in wanted.indicator]
    keys = list(dict.fromkeys(row["key"] for row in rows)) or ([None] if wanted.by is None else [])
    found: dict[tuple[str | None, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row["key"], row["indicator"]), []).append(row)
    return [
        IndicatorFigure(name, key, None if row is None else row["currency"], figure(INDICATORS[name], _sums_of(row)))
        for key in keys
        for name in names
        for row in found.get((key, name), [None])
    ]


def _sums_of(row: Any) -> Sums:
    if row is None:
        return Sums(0, 0, 0)
    amount: Decimal | None = row["amount"]
    return Sums(row["counted"], row["fitting"], row["excluded"], amount, row["median"], row["p90"])
