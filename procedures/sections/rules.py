"""Reads the rules of a procedure file: what holds beside its steps and clocks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, get_args

from domain.complaint.state import ENDED
from domain.procedure.procedure import (
    OWN_UNIT,
    TELLABLE,
    TELLS,
    Bounds,
    Dissatisfaction,
    Procedure,
    PublicStatusRule,
    Recurrence,
)
from domain.values import Means
from procedures.sections.matters import Matters
from procedures.sections.words import NO_LIMIT, limit
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields, unknown

FLAGS: Final = (
    "settle_unclassified", "anonymous_allowed", "interim_measure_before_extension", "solution_before_execution",
    "word_before_extension", "first_contact_follows", "owner_must_accept", "notice_when_justified",
    "apology_when_at_fault", "duplicates_allowed", "unlisted_issue_points_allowed",
)  # fmt: skip
COUNTS: Final = ("dispute_rounds", "callback_attempts", "occurred_within_years")
LONGEST_APART: Final = 7 * 24 * 60  # minutes
LONGEST_TALK: Final = 600  # seconds
OTHERS: Final = (
    "informs_by", "last_instance", "reopens", "recurrence", "dissatisfaction", "routes", "return_window",
    "close_needs", "carded_clocks", "disagreement", "evidence_examined_by", "step_needs", "extendable", "ladder",
    "returns", "heads", "announced_to", "longest_pause", "public_status", "callback_minutes_apart", "tells",
    "overridable", "bounds", "callback_talk_seconds", "call_recordings",
)  # fmt: skip


class Rules(Matters):
    """Everything under `rules`."""

    def rules(self, fields: Fields, top: Entry) -> dict[str, Any]:
        own = self.fields(fields["rules"], (), (*FLAGS, *COUNTS, *OTHERS)) if "rules" in fields else {}
        found: dict[str, Any] = {name: self.value(own, name, Entry.flag, False) for name in FLAGS if name in own}
        found |= {name: self.value(own, name, lambda entry: entry.whole(1, 100), 1) for name in COUNTS if name in own}
        found |= {name: read(name) for name, read in self._others(fields, own).items() if name in own}
        if "callback_minutes_apart" in own:
            apart = self.value(own, "callback_minutes_apart", lambda entry: entry.whole(0, LONGEST_APART), 0)
            found["callback_apart"] = timedelta(minutes=apart)
        self._check_last_instance(fields, own, top)
        if self.steps is not None and found.get("apology_when_at_fault") and "record-apology" not in self.steps:
            self.add(own["apology_when_at_fault"].error("step-without-role", step="record-apology"))
        if self.steps is not None and found.get("overridable") and "override" not in self.steps:
            self.add(own["overridable"].error("step-without-role", step="override"))
        return found

    def _others(self, fields: Fields, own: Fields) -> dict[str, Callable[[str], Any]]:
        """How each rule is read that is neither a flag nor a count."""
        clocks = {rule.name for rule in self.read_clocks} or None
        windows = {rule.name for rule in self.read_clocks if rule.window} or None
        return {
            "informs_by": lambda name: self.names(own, name, get_args(Means), "means", least=1),
            "reopens": lambda name: frozenset(self.names(own, name, ENDED, "ended status")),
            "bounds": lambda name: self.bounds(own[name]),
            "longest_pause": lambda name: self.value(own, name, limit, NO_LIMIT),
            "last_instance": lambda name: self.one_of(own, name, self.roles, "role"),
            "recurrence": lambda name: self.recurrence(own[name]),
            "public_status": lambda name: self.public_status(own[name]),
            "dissatisfaction": lambda name: self.dissatisfaction(own[name]),
            "disagreement": lambda name: self.dissatisfaction(own[name], decides=False),
            "announced_to": lambda name: self.tell(own, name),
            "heads": lambda name: self.heads(fields, own),
            "returns": lambda name: self.dissatisfaction(own[name], decides=False),
            "evidence_examined_by": lambda name: self.tell(own, name),
            "routes": lambda name: self.routes(fields, own),
            "return_window": lambda name: self.one_of(own, name, windows, "clock that is a window"),
            "close_needs": lambda name: self.needs(own),
            "step_needs": lambda name: self.step_needs(own),
            "tells": lambda name: self.tells(own),
            "overridable": lambda name: self.needs(own, name),
            "ladder": lambda name: self.names(own, name, self.roles, "role", least=2),
            "extendable": lambda name: self.extendable(own),
            "callback_talk_seconds": lambda name: self.value(own, name, lambda it: it.whole(0, LONGEST_TALK), 0),
            "call_recordings": lambda name: self.one_of(own, name, self.evidence, "piece of evidence"),
            "carded_clocks": lambda name: frozenset(self.names(own, name, clocks, "clock")),
        }

    def _check_last_instance(self, fields: Fields, own: Fields, top: Entry) -> None:
        known = "last_instance" in own or not self.roles or Procedure.last_instance in self.roles
        if not known and "issue-ruling" in (self.steps or ()):
            rules = fields.get("rules", top.within(top.node, ".rules"))
            self.add(rules.within(rules.node, ".last_instance").error("last-instance-missing"))

    def tells(self, own: Fields) -> dict[str, tuple[str, ...]]:
        """Event to roles, or `owner`; what the file does not name stays as it is everywhere."""
        entries = self.mapping(own, "tells", 0)
        for name, entry in entries.items():
            if name not in TELLABLE:
                self.add(unknown(entry, name, TELLABLE, "event"))
        heard = None if self.roles is None else ("owner", *self.roles)
        return {**TELLS, **{name: self.names(entries, name, heard, "role") for name in entries}}

    def extendable(self, own: Fields) -> dict[str, tuple[str, ...]]:
        """Role to clocks, both of this file."""
        entries = self.mapping(own, "extendable")
        clocks = {rule.name for rule in self.read_clocks} or None
        for role, entry in entries.items():
            if self.roles is not None and role not in self.roles:
                self.add(unknown(entry, role, self.roles, "role"))
        return {role: self.names(entries, role, clocks, "clock", least=1) for role in entries}

    def dissatisfaction(self, entry: Entry, *, decides: bool = True) -> Dissatisfaction:
        own = self.fields(entry, ("count", "tell"), ("decides", "decided", "notice", "verdict") if decides else ())
        count = self.value(own, "count", lambda number: number.whole(1, 100), 1)
        who_decides = self.names(own, "decides", self.dispatchers, "role that may dispatch", least=1)
        notice = self.value(own, "notice", Entry.flag, False)
        if notice and self.steps is not None and "issue-notice" not in self.steps:
            self.add(own["notice"].error("notice-without-step"))
        if "decided" in own and "decides" not in own:
            self.add(own["decided"].error("decided-by-nobody", field="decides"))
        verdict = self.value(own, "verdict", Entry.flag, False)
        return Dissatisfaction(count, self.tell(own, "tell"), who_decides, notice, self.decided(own), verdict)

    def heads(self, fields: Fields, own: Fields) -> dict[str, str]:
        """Role to unit, both of this file; the latter may be `own`."""
        units, entries = self.keys(fields, "units"), self.mapping(own, "heads")
        for role, entry in entries.items():
            if self.roles is not None and role not in self.roles:
                self.add(unknown(entry, role, self.roles, "role"))
        return {role: self.one_of(entries, role, (OWN_UNIT, *sorted(units)), "unit") for role in entries}

    def routes(self, fields: Fields, own: Fields) -> dict[str, str]:
        """Category to unit, both of this file."""
        categories, units = self.keys(fields, "categories") or None, self.keys(fields, "units") or None
        entries = self.mapping(own, "routes")
        for category, entry in entries.items():
            if categories is not None and category not in categories:
                self.add(unknown(entry, category, categories, "category"))
        return {category: self.one_of(entries, category, units, "unit") for category in entries}

    def bounds(self, entry: Entry) -> Bounds:
        own = self.fields(entry, (), ("extensions", "pauses", "times"))
        said = {name: self.value(own, name, lambda number: number.whole(1, 100), 1) for name in own}
        return Bounds(**said)

    def public_status(self, entry: Entry) -> PublicStatusRule:
        own = self.fields(entry, ("query_code",))
        wanted = self.one_of(own, "query_code", ("optional", "required"), "way")
        return PublicStatusRule(needs_query_code=wanted == "required")

    def recurrence(self, entry: Entry) -> Recurrence:
        own = self.fields(entry, ("severity", "count", "months", "raise_to"), ("of",))
        severity, raise_to = (self.one_of(own, name, self.severities, "severity") for name in ("severity", "raise_to"))
        if severity and severity == raise_to:
            self.add(own["raise_to"].error("raised-to-itself", severity=severity))
        count = self.value(own, "count", lambda number: number.whole(2, 1000), 2)
        months = self.value(own, "months", lambda number: number.whole(1, 120), 1)
        of: Any = self.one_of(own, "of", ("issue-point", "customer"), "thing to count") or Recurrence.of
        return Recurrence(severity, count, months, raise_to, of)
