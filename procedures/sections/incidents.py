"""Reads the section `incidents` of a procedure file: it makes the file one for incidents instead of complaints."""

import re
from collections.abc import Collection
from typing import Final, get_args

from domain.incident.steps import INCIDENT_STEP_NAMES
from domain.procedure.call_surge import SurgeRule
from domain.procedure.incident_rules import CALL_SURGE, IncidentRules, moments_of
from domain.values import Means
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields, Gatherer, unknown

STEPS: Final = INCIDENT_STEP_NAMES
_MULTIPLE: Final = re.compile(r"[1-9][0-9]?(\.[0-9]{1,2})?")


def moments(roles: Collection[str] | None) -> tuple[str, ...] | None:
    """What clocks may name; None where the roles are unreadable."""
    return None if roles is None else moments_of(sorted(roles))


def incident_rules(
    gatherer: Gatherer, entry: Entry, kinds: Collection[str] | None, roles: Collection[str] | None
) -> IncidentRules:
    """Everything in it, each mistake told to the gatherer."""
    own = gatherer.fields(entry, (), ("must_be_told", "told_of_recovery", "recovery_told_by", "surge"))
    by = gatherer.names(own, "recovery_told_by", get_args(Means), "means", least=1)
    return IncidentRules(
        must_be_told=_must_be_told(gatherer, own, kinds, roles),
        told_of_recovery=gatherer.names(own, "told_of_recovery", roles, "role"),
        recovery_told_by=by or IncidentRules().recovery_told_by,
        surge=_surge(gatherer, own, kinds) if "surge" in own else None,
    )


def _must_be_told(
    gatherer: Gatherer, own: Fields, kinds: Collection[str] | None, roles: Collection[str] | None
) -> dict[str, tuple[str, ...]]:
    entries = gatherer.mapping(own, "must_be_told")
    for kind, entry in entries.items():
        if kinds is not None and kind not in kinds:
            gatherer.add(unknown(entry, kind, kinds, "kind"))
    return {kind: gatherer.names(entries, kind, roles, "role", least=1) for kind in entries}


def _surge(gatherer: Gatherer, own: Fields, kinds: Collection[str] | None) -> SurgeRule:
    if kinds is not None and CALL_SURGE not in kinds:
        gatherer.add(own["surge"].error("surge-kind", kind=CALL_SURGE))
    asked = gatherer.fields(own["surge"], ("multiple", "at_least", "days"))
    return SurgeRule(
        multiple=gatherer.value(asked, "multiple", _multiple, 2.0),
        at_least=gatherer.value(asked, "at_least", lambda entry: entry.whole(1, 1_000_000), 1),
        days=gatherer.value(asked, "days", lambda entry: entry.whole(1, 90), 1),
    )


def _multiple(entry: Entry) -> float:
    text = entry.text()
    if not _MULTIPLE.fullmatch(text) or float(text) <= 1:
        raise entry.error("no-multiple")
    return float(text)
