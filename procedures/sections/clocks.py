"""Reads the clocks of a procedure file."""

from collections.abc import Collection
from itertools import product
from typing import cast

from domain.procedure.duties import SPELLED_BEFORE
from domain.procedure.moments import MOMENTS, MomentName
from domain.procedure.procedure import ClockRule
from procedures.sections import incidents
from procedures.sections.words import NO_ENTRIES, NO_LIMIT, Words, limit
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields


class Clocks(Words):
    """The time limits."""

    def clocks(self, fields: Fields) -> tuple[ClockRule, ...]:
        found: list[ClockRule] = []
        taken: dict[tuple[str, str, str], int] = {}
        for index, entry in enumerate(self.value(fields, "clocks", Entry.items, NO_ENTRIES)):
            found.append(rule := self.clock(entry))
            for severity, kind in self.concerned(rule):
                first = taken.setdefault((rule.name, severity, kind), index)
                if rule.name and first != index:
                    self.add(entry.error("clock-twice", clock=rule.name, severity=severity, kind=kind, first=first))
                    break
        self.read_clocks = tuple(found)
        return self.read_clocks

    def concerned(self, rule: ClockRule) -> list[tuple[str, str]]:
        """The severities and kinds of matter that a clock is for; an empty word where the file has none."""
        severities, kinds = rule.severities or self.severities or ("",), rule.kinds or self.kinds or ("",)
        return sorted(product(severities, kinds))

    def clock(self, entry: Entry) -> ClockRule:
        own = self.fields(
            entry,
            ("name", "title", "starts", "stops", "limit", "source"),
            ("per_unit", "once", "window", "kinds", "severities", "to_roles", "beats_on", "owed_by", "soft", "warn_at",
             "tell_at_warning", "tell_at_miss", "tell_at_second_miss"),
        )  # fmt: skip
        moments = incidents.moments(self.roles) if self.is_for_incidents else MOMENTS
        severities = self.names(own, "severities", self.severities, "severity", least=1)
        soft, tell_at_miss = self.value(own, "soft", Entry.flag, False), self.tell(own, "tell_at_miss")
        if soft and tell_at_miss:
            self.add(own["tell_at_miss"].error("soft-is-not-missed"))
        tell_at_second_miss = self.tell(own, "tell_at_second_miss")
        if soft and tell_at_second_miss:
            self.add(own["tell_at_second_miss"].error("soft-has-no-second-miss"))
        return ClockRule(
            name=self.value(own, "name", Entry.code, ""),
            title=self.title(own, "title"),
            starts=self._moments(own, "starts", moments),
            stops=self._moments(own, "stops", moments),
            limit=self.value(own, "limit", limit, NO_LIMIT),
            source=self.value(own, "source", Entry.text, ""),
            per_unit=self.value(own, "per_unit", Entry.flag, False),
            once=self.value(own, "once", Entry.flag, False),
            window=self.value(own, "window", Entry.flag, False),
            kinds=frozenset(kinds) if (kinds := self.names(own, "kinds", self.kinds, "kind", least=1)) else None,
            severities=frozenset(severities) if severities else None,
            to_roles=frozenset(self.to_roles(own)),
            beats_on=self.value(own, "beats_on", Entry.flag, False),
            owed_by=self.one_of(own, "owed_by", self.roles, "role") if "owed_by" in own else None,
            soft=soft,
            warn_at=self.value(own, "warn_at", Entry.share, ClockRule.warn_at),
            tell_at_warning=self.tell(own, "tell_at_warning"),
            tell_at_miss=tell_at_miss,
            tell_at_second_miss=tell_at_second_miss,
        )

    def _moments(self, own: Fields, name: str, known: Collection[str] | None) -> frozenset[MomentName]:
        named = self.names(own, name, known, "moment", least=1)
        return frozenset(cast(MomentName, SPELLED_BEFORE.get(moment, moment)) for moment in named)

    def to_roles(self, own: Fields) -> tuple[str, ...]:
        """The roles that the case has to go up to before the clock stops."""
        roles = self.names(own, "to_roles", self.roles, "role", least=1)
        if roles and "Escalated" not in self.names(own, "stops"):
            self.add(own["to_roles"].error("only-escalated"))
        return roles
