"""Reads what is asked of and given to the customer: the form, compensation; and how agents' faults are graded."""

import re
from decimal import Decimal
from typing import Any, Final

from domain.procedure.compensation_rule import Authority, CompensationRule
from domain.procedure.procedure import FILLED_FROM, FormField, Procedure
from domain.titles import Title
from procedures.sections.matters import Matters
from procedures.sections.words import NO_ENTRIES
from procedures.yaml_entry import Entry
from procedures.yaml_gatherer import Fields

_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Answers(Matters):
    """The form, compensation and fault grades."""

    def form(self, fields: Fields) -> dict[str, Any]:
        own = self.fields(fields["form"], (), ("open", "fields")) if "form" in fields else {}
        questions: list[FormField] = []
        for name, entry in self.mapping(own, "fields", least=0).items():
            if not _FACT.fullmatch(name):
                self.add(entry.error("fact-name"))
            more = ("kind", "required", "to_close", "filled_from", "severities", "close_needs", "searchable")
            asked = self.fields(entry, ("zh", "en"), more)
            kind: Any = self.one_of(asked, "kind", ("text", "number", "boolean", "date"), "kind of field") or "text"
            questions.append(
                FormField(
                    name, self.wording(asked), kind, self.value(asked, "required", Entry.flag, False),
                    self.value(asked, "to_close", Entry.flag, False),
                    self.one_of(asked, "filled_from", FILLED_FROM, "source of an answer") or None,
                    self.names(asked, "severities", self.severities, "severity", least=1),
                    self.needs(asked), self.value(asked, "searchable", Entry.flag, False),
                )
            )  # fmt: skip
        return {"form": tuple(questions), "form_is_open": self.value(own, "open", Entry.flag, Procedure.form_is_open)}

    def money_and_faults(self, fields: Fields) -> dict[str, Any]:
        found: dict[str, Any] = {"fault_grades": self.fault_grades(fields)}
        if "compensation" in fields:
            found["compensation"] = self.compensation(fields["compensation"])
        return found

    def fault_grades(self, fields: Fields) -> dict[str, Title]:
        entries = self.mapping(fields, "fault_grades", least=0)
        for grade, entry in entries.items():
            if grade not in {"1", "2", "3"}:
                self.add(entry.error("fault-grade"))
        return {grade: self.wording(self.fields(entry, ("zh", "en"))) for grade, entry in entries.items()}

    def compensation(self, entry: Entry) -> CompensationRule:
        flags = ("verified_first", "other_bases", "credit_first")
        own = self.fields(entry, (), (*flags, "currency", "times", "billing_errors", "authority"))
        said: dict[str, Any] = {name: self.value(own, name, Entry.flag, False) for name in flags if name in own}
        if "currency" in own:
            said["currency"] = self.value(own, "currency", Entry.text, "")
        return CompensationRule(
            times=self.value(own, "times", lambda number: number.whole(1, 10), 1),
            billing_errors=self.titles(own, "billing_errors", least=0),
            authority=tuple(self.authority(line) for line in self.value(own, "authority", Entry.items, NO_ENTRIES)),
            **said,
        )

    def authority(self, entry: Entry) -> Authority:
        own = self.fields(entry, ("roles",), ("up_to",))
        up_to = self.value(own, "up_to", lambda number: number.whole(1, 1_000_000_000), 0)
        return Authority(self.names(own, "roles", self.roles, "role", least=1), Decimal(up_to) if up_to else None)
