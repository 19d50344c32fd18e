"""Reads a procedure file: YAML text in, a validated `Procedure` out, or every mistake in it with line and field.

kf0001.yaml shows the whole shape. `units`, `rules`, `form` and `records` may be left out; so may what has a default in
`Procedure`. Words of the code (steps, moments, requirements for closing) are checked against it, and roles and
severities against the file itself, so that a file which is read can also be run.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

from domain.procedure.procedure import Procedure
from procedures.sections.answers import Answers
from procedures.sections.clocks import Clocks
from procedures.sections.incidents import incident_rules
from procedures.sections.issue_points import read_issue_points
from procedures.sections.reports import read_reports
from procedures.sections.rules import Rules
from procedures.sections.words import GENERAL_ROLES
from procedures.size import refuse_too_large
from procedures.yaml_entry import Entry, Mistake, compose
from procedures.yaml_gatherer import Fields, TooManyMistakes

_VERSION: Final = re.compile(r"\S(.{0,30}\S)?")


class ProcedureError(Mistake):
    """The procedure file is wrong at `line` (from 1), in `field` (a path such as `clocks[3].limit`)."""


class ProcedureErrors(ValueError):
    """Every mistake of a procedure file, in the order of its lines; the first hundred where there are more."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        found = (ProcedureError(mistake.line, mistake.field, mistake.code, mistake.facts) for mistake in mistakes)
        self.mistakes: tuple[ProcedureError, ...] = tuple(sorted(found, key=lambda mistake: mistake.line))
        super().__init__("\n".join(map(str, self.mistakes)))


def read_procedure(text: str, *, calendars: Collection[str], kept: bool = False) -> Procedure:
    """The procedure that the YAML text describes; `calendars` are the codes it may name. Raises ProcedureErrors.

    `kept`: it was published once, perhaps before there were limits to its size or the administrator took no step any
    more (ADR 0030), and stays readable for ever.
    """
    reader = _Reader(calendars, is_kept=kept)
    try:
        top = compose(text, ProcedureError)
        if not kept:
            refuse_too_large(top)
        arguments = reader.procedure(top)
    except Mistake as mistake:
        reader.mistakes.append(mistake)
    except TooManyMistakes:
        pass
    if reader.mistakes:
        raise ProcedureErrors(reader.mistakes)
    return Procedure(**arguments)


class _Reader(Rules, Clocks, Answers):
    """Puts together what a `Procedure` is made of."""

    def procedure(self, top: Entry) -> dict[str, Any]:
        needed = ("code", "version", "title", "source", "calendar", "kinds", "roles")
        optional = (
            "units", "severities", "rules", "form", "records", "evidence", "compensation", "fault_grades", "remedies",
            "reports", "issue_points",
        )  # fmt: skip
        fields = self.fields(top, (*needed, "steps", "sees", "clocks"), ("categories", *optional, "incidents"))
        self.is_for_incidents = "incidents" in fields
        if fields and not self.is_for_incidents and "categories" not in fields:
            self.add(top.missing("categories"))
        roles = self.titles(fields, "roles", least=1)
        self.roles = {*roles, *GENERAL_ROLES} if roles else None
        kinds, confidential_to, confidential_tell = self.kinds_of_matter(fields)
        self.kinds = set(kinds) or None
        evidence = self.titles(fields, "evidence", least=0)
        self.evidence = evidence
        self.severities = self.keys(fields, "severities") or None
        self.steps = self.keys(fields, "steps") or None
        self.sighted = self.keys(fields, "sees") or None
        return {
            "code": self.value(fields, "code", Entry.code, ""),
            "version": self.value(fields, "version", _version, ""),
            "title": self.title(fields, "title"),
            "source": self.value(fields, "source", Entry.text, ""),
            "calendar": self.one_of(fields, "calendar", self.calendars, "calendar"),
            "kinds": kinds,
            "confidential_to": confidential_to,
            "confidential_tell": confidential_tell,
            "evidence": evidence,
            "remedies": self.titles(fields, "remedies", least=0),
            "roles": roles,
            "units": self.titles(fields, "units", least=0),
            "categories": self.categories(fields),
            "issue_points": read_issue_points(self, fields),
            "severities": self.grades(fields),
            "steps": self.who_may(fields),
            "sees": self.sees(fields),
            "clocks": self.clocks(fields),
            "records": self.names(fields, "records"),
            "reports": read_reports(self, fields, self.roles),
            **self.form(fields),
            **self.rules(fields, top),
            **self.money_and_faults(fields),
            **self.incidents(fields),
        }

    def incidents(self, fields: Fields) -> dict[str, Any]:
        if not self.is_for_incidents:
            return {}
        return {"incidents": incident_rules(self, fields["incidents"], self.kinds, self.roles)}


def _version(entry: Entry) -> str:
    if not _VERSION.fullmatch(entry.text()):
        raise entry.error("version-form")
    return entry.text()
