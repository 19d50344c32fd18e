"""Reads the section `reports` of a procedure file: which summaries there are, and who is told of them."""

from collections.abc import Collection
from typing import Any

from domain.procedure.procedure import ReportRule
from domain.reporting.periods import KINDS
from domain.titles import Title
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields, Gatherer

NO_ENTRIES: list[Entry] = []
MOST_COUNTED = 1_000_000


def read_reports(gatherer: Gatherer, fields: Fields, roles: Collection[str] | None) -> tuple[ReportRule, ...]:
    """One rule per day, one per week and one per month at most; `roles` are those the file and the product know."""
    found: list[ReportRule] = []
    for entry in gatherer.value(fields, "reports", Entry.items, NO_ENTRIES):
        own = gatherer.fields(entry, ("period", "title"), ("tell", "rise_tell", "hot_from"))
        period: Any = gatherer.one_of(own, "period", KINDS, "period of reports")
        if period and period in {rule.period for rule in found}:
            gatherer.add(own["period"].error("report-twice", period=period))
        words = gatherer.fields(own["title"], ("zh", "en")) if "title" in own else {}
        title = Title(gatherer.value(words, "zh", Entry.text, ""), gatherer.value(words, "en", Entry.text, ""))
        tell, rise_tell = (gatherer.names(own, name, roles, "role") for name in ("tell", "rise_tell"))
        hot_from = gatherer.value(own, "hot_from", lambda one: one.whole(1, MOST_COUNTED), None)
        found.append(ReportRule(period, title, tell, rise_tell, hot_from))
    return tuple(found)
