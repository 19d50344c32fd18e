"""Reads a procedure file: YAML text in, a validated `Procedure` out, or every mistake in it with line and field.

kf0001.yaml shows the whole shape. `units`, `rules`, `form` and `records` may be left out; so may what has a default in
`Procedure`. Words of the code (steps, moments, requirements for closing) are checked against it, and roles and
severities against the file itself, so that a file which is read can also be run.
"""

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import product
from typing import Any, Final, get_args

from domain.limits import Limit, SameDay, parse_limit
from domain.procedure import (
    ESCALATED,
    EVIDENCE,
    FILLED_FROM,
    MOMENTS,
    REQUIREMENTS,
    Authority,
    Category,
    ClockRule,
    CompensationRule,
    Dissatisfaction,
    FormField,
    Procedure,
    Recurrence,
    Severity,
    Sight,
    Title,
)
from domain.steps import STEPS
from domain.values import ENDED, Means
from procedures import incident_reader
from procedures.report_reader import read_reports
from procedures.yaml_entry import CODE, Entry, Mistake, compose, did_you_mean
from procedures.yaml_gatherer import Fields, Gatherer, TooManyMistakes, unknown

# Roles that every deployment has, whatever its procedures call their own.
GENERAL_ROLES: Final = ("integration", "partner", "auditor", "quality", "admin")
STEP_NAMES: Final = ("receive", *(step.name for step in STEPS))
# The step without which a requirement for closing could never be met.
STEP_NEEDED: Final = {
    "executed": "execute",
    "every-unit-executed": "execute",
    "customer-informed": "inform-customer",
    "effect-confirmed": "confirm-effect",
    "callback": "record-callback",
    "meeting-held": "hold-meeting",
    "capa-ordered": "request-capa",
    "solution-agreed": "agree-solution",
    "form-complete": "complete-form",
    "apology": "record-apology",
    "liability-notice": "issue-notice",
    "customer-checked": "check-customer",
    "charge-verified": "verify-charge",
    "fault-graded": "grade-fault",
    "evidence": "attach",
    "escalated": "escalate",
}
NO_TITLE: Final = Title("", "")
NO_LIMIT: Final[Limit] = SameDay()
NO_ENTRIES: Final[list[Entry]] = []
_CATEGORY: Final = re.compile(rf"{CODE.pattern}(\.{CODE.pattern})*")
_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VERSION: Final = re.compile(r"\S(.{0,30}\S)?")


class ProcedureError(Mistake):
    """The procedure file is wrong at `line` (from 1), in `field` (a path such as `clocks[3].limit`)."""


class ProcedureErrors(ValueError):
    """Every mistake of a procedure file, in the order of its lines; the first hundred where there are more."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        found = (ProcedureError(mistake.line, mistake.field, mistake.message) for mistake in mistakes)
        self.mistakes: tuple[ProcedureError, ...] = tuple(sorted(found, key=lambda mistake: mistake.line))
        super().__init__("\n".join(map(str, self.mistakes)))


def read_procedure(text: str, *, calendars: Collection[str]) -> Procedure:
    """The procedure that the YAML text describes; `calendars` are the codes it may name. Raises ProcedureErrors."""
    reader = _Reader(calendars)
    try:
        arguments = reader.procedure(compose(text, ProcedureError))
    except Mistake as mistake:
        reader.mistakes.append(mistake)
    except TooManyMistakes:
        pass
    if reader.mistakes:
        raise ProcedureErrors(reader.mistakes)
    return Procedure(**arguments)


class _Reader(Gatherer):
    """Gathers what a `Procedure` is made of, one method a section."""

    def __init__(self, calendars: Collection[str]) -> None:
        super().__init__()
        self.calendars = calendars
        # None: the section itself is unreadable, and complaints about what refers to it would only repeat that.
        self.roles: Collection[str] | None = None
        self.severities: Collection[str] | None = None
        self.steps: Collection[str] | None = None
        self.sighted: Collection[str] | None = None
        self.kinds: Collection[str] | None = None
        self.evidence: Collection[str] = ()
        self.read_clocks: tuple[ClockRule, ...] = ()
        self.dispatchers: Collection[str] | None = None
        self.is_for_incidents = False

    def procedure(self, top: Entry) -> dict[str, Any]:
        needed = ("code", "version", "title", "source", "calendar", "kinds", "roles")
        optional = (
            "units", "severities", "rules", "form", "records", "evidence", "compensation", "fault_grades", "remedies",
            "reports",
        )  # fmt: skip
        fields = self.fields(top, (*needed, "steps", "sees", "clocks"), ("categories", *optional, "incidents"))
        self.is_for_incidents = "incidents" in fields
        if fields and not self.is_for_incidents and "categories" not in fields:
            self.add(top.missing("categories"))
        roles = self.titles(fields, "roles", least=1)
        self.roles = {*roles, *GENERAL_ROLES} if roles else None
        kinds, confidential_to = self.kinds_of_matter(fields)
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
            "evidence": evidence,
            "remedies": self.titles(fields, "remedies", least=0),
            "roles": roles,
            "units": self.titles(fields, "units", least=0),
            "categories": self.categories(fields),
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

    # Sections

    def categories(self, fields: Fields) -> dict[str, Category]:
        found: dict[str, Category] = {}
        entries = self.mapping(fields, "categories")
        for code, entry in entries.items():
            parent = code.rpartition(".")[0]
            if not _CATEGORY.fullmatch(code):
                self.add(entry.error("A category is one code, or several with dots: process.deposit."))
            elif parent and parent not in entries:
                self.add(entry.error(f"Its parent {parent} is missing.{did_you_mean(parent, entries)}"))
            own = self.fields(entry, ("zh", "en"), ("open", "close_needs", "step_needs", "decided_by"))
            is_open = self.value(own, "open", Entry.flag, False)
            deciders = self.names(own, "decided_by", self.roles, "role", least=1)
            found[code] = Category(code, self.wording(own), is_open, self.needs(own), self.step_needs(own), deciders)
        return found

    def grades(self, fields: Fields) -> dict[str, Severity]:
        found: dict[str, Severity] = {}
        for code, entry in self.coded(fields, "severities", 0).items():
            found[code] = self.severity(code, entry)
            if found[code].usual and any(other.usual for other in found.values() if other.code != code):
                self.add(entry.error("One severity is the usual one, and another is already."))
        return found

    def severity(self, code: str, entry: Entry) -> Severity:
        flags = ("front_line", "approval", "explain_first", "approval_of_each_unit", "usual", "on_the_spot")
        own = self.fields(entry, ("title",), (*flags, "tell", "close_needs", "step_needs"))
        said = {name: self.value(own, name, Entry.flag, False) for name in flags}
        if said["front_line"] and said["explain_first"]:
            self.add(own["explain_first"].error("What the front line settles by itself is never passed on."))
        return Severity(
            code, self.title(own, "title"), tell=self.tell(own, "tell"), close_needs=self.needs(own),
            step_needs=self.step_needs(own), **said,
        )  # fmt: skip

    def kinds_of_matter(self, fields: Fields) -> tuple[dict[str, Title], dict[str, tuple[str, ...]]]:
        """The kinds of matter, and who alone sees those that are confidential."""
        titles: dict[str, Title] = {}
        confidential_to: dict[str, tuple[str, ...]] = {}
        for code, entry in self.coded(fields, "kinds").items():
            own = self.fields(entry, ("zh", "en"), ("confidential_to",))
            titles[code] = self.wording(own)
            if "confidential_to" in own:
                confidential_to[code] = self.names(own, "confidential_to", self.roles, "role", least=1)
        return titles, confidential_to

    def needs(self, own: Fields, name: str = "close_needs") -> tuple[str, ...]:
        """What a step needs, each with a step by which it can come about."""
        known = {*REQUIREMENTS, *(EVIDENCE + code for code in self.evidence)}
        known |= {ESCALATED + role for role in self.roles or ()}
        needs = self.names(own, name, known, "requirement")
        for need in needs:
            step = STEP_NEEDED.get(need) or STEP_NEEDED.get(need.partition(".")[0], "receive")
            if self.steps is not None and step not in {*self.steps, "receive"}:
                self.add(own[name].error(f"{need} needs the step {step}, which nobody may take."))
        return needs

    def step_needs(self, own: Fields) -> dict[str, tuple[str, ...]]:
        """What must have happened before a step, by the step's name."""
        entries = self.mapping(own, "step_needs", least=0)
        for step, entry in entries.items():
            if step not in STEP_NAMES:
                self.add(entry.error(unknown(step, STEP_NAMES, "step")))
        return {step: self.needs(entries, step) for step in entries}

    def who_may(self, fields: Fields) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        known = incident_reader.STEPS if self.is_for_incidents else STEP_NAMES
        steps = self.mapping(fields, "steps")
        for name, entry in steps.items():
            if name not in known:
                self.add(entry.error(unknown(name, known, "step")))
            found[name] = self.names(steps, name, self.roles, "role", least=1)
            for role in found[name]:
                if self.sighted is not None and role not in {*self.sighted, "admin"}:
                    self.add(entry.error(f"The role {role} sees no complaint: say in sees how much it sees."))
        self.dispatchers = found.get("dispatch") or None
        if steps and known[0] not in steps:
            self.add(fields["steps"].missing(known[0]))
        return found

    def sees(self, fields: Fields) -> dict[str, str]:
        entries = self.mapping(fields, "sees")
        for role, entry in entries.items():
            if self.roles is not None and role not in self.roles:
                self.add(entry.error(unknown(role, self.roles, "role")))
        return {role: self.one_of(entries, role, get_args(Sight), "sight") for role in entries}

    def clocks(self, fields: Fields) -> tuple[ClockRule, ...]:
        found: list[ClockRule] = []
        taken: dict[tuple[str, str, str], int] = {}
        for index, entry in enumerate(self.value(fields, "clocks", Entry.items, NO_ENTRIES)):
            found.append(rule := self.clock(entry))
            for severity, kind in self.concerned(rule):
                first = taken.setdefault((rule.name, severity, kind), index)
                if rule.name and first != index:
                    self.add(entry.error(f"The clock {rule.name} of {severity} {kind}s stands in clocks[{first}]."))
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
            ("per_unit", "once", "window", "kinds", "severities", "to_roles", "soft", "warn_at",
             "tell_at_warning", "tell_at_miss", "tell_at_second_miss"),
        )  # fmt: skip
        moments = incident_reader.moments(self.roles) if self.is_for_incidents else MOMENTS
        severities = self.names(own, "severities", self.severities, "severity", least=1)
        soft, tell_at_miss = self.value(own, "soft", Entry.flag, False), self.tell(own, "tell_at_miss")
        if soft and tell_at_miss:
            self.add(own["tell_at_miss"].error("A soft clock is never missed: name these roles in tell_at_warning."))
        tell_at_second_miss = self.tell(own, "tell_at_second_miss")
        if soft and tell_at_second_miss:
            self.add(own["tell_at_second_miss"].error("A soft clock is never missed, so it has no second miss either."))
        return ClockRule(
            name=self.value(own, "name", Entry.code, ""),
            title=self.title(own, "title"),
            starts=frozenset(self.names(own, "starts", moments, "moment", least=1)),
            stops=frozenset(self.names(own, "stops", moments, "moment", least=1)),
            limit=self.value(own, "limit", _limit, NO_LIMIT),
            source=self.value(own, "source", Entry.text, ""),
            per_unit=self.value(own, "per_unit", Entry.flag, False),
            once=self.value(own, "once", Entry.flag, False),
            window=self.value(own, "window", Entry.flag, False),
            kinds=frozenset(kinds) if (kinds := self.names(own, "kinds", self.kinds, "kind", least=1)) else None,
            severities=frozenset(severities) if severities else None,
            to_roles=frozenset(self.to_roles(own)),
            soft=soft,
            warn_at=self.value(own, "warn_at", Entry.share, ClockRule.warn_at),
            tell_at_warning=self.tell(own, "tell_at_warning"),
            tell_at_miss=tell_at_miss,
            tell_at_second_miss=tell_at_second_miss,
        )

    def to_roles(self, own: Fields) -> tuple[str, ...]:
        """The roles that the case has to go up to before the clock stops."""
        roles = self.names(own, "to_roles", self.roles, "role", least=1)
        if roles and "Escalated" not in self.names(own, "stops"):
            self.add(own["to_roles"].error("Only Escalated is said to a role: name it in stops."))
        return roles

    def form(self, fields: Fields) -> dict[str, Any]:
        own = self.fields(fields["form"], (), ("open", "fields")) if "form" in fields else {}
        questions: list[FormField] = []
        for name, entry in self.mapping(own, "fields", least=0).items():
            if not _FACT.fullmatch(name):
                self.add(entry.error("A field's name has at most 40 small letters, digits and underscores."))
            asked = self.fields(entry, ("zh", "en"), ("kind", "required", "to_close", "filled_from"))
            kind: Any = self.one_of(asked, "kind", ("text", "number", "boolean", "date"), "kind of field") or "text"
            questions.append(
                FormField(
                    name, self.wording(asked), kind, self.value(asked, "required", Entry.flag, False),
                    self.value(asked, "to_close", Entry.flag, False),
                    self.one_of(asked, "filled_from", FILLED_FROM, "source of an answer") or None,
                )
            )  # fmt: skip
        return {"form": tuple(questions), "form_is_open": self.value(own, "open", Entry.flag, Procedure.form_is_open)}

    def rules(self, fields: Fields, top: Entry) -> dict[str, Any]:
        flags = (
            "settle_unclassified", "anonymous_allowed", "interim_measure_before_extension", "solution_before_execution",
            "word_before_extension", "first_contact_follows", "owner_must_accept", "notice_when_justified",
            "apology_when_at_fault", "duplicates_allowed",
        )  # fmt: skip
        counts = ("dispute_rounds", "callback_attempts")
        names = (
            "informs_by", "last_instance", "reopens", "recurrence", "dissatisfaction", "routes", "return_window",
            "close_needs", "carded_clocks", "disagreement", "evidence_examined_by", "step_needs", "extendable",
            "ladder", "returns",
        )  # fmt: skip
        own = self.fields(fields["rules"], (), (*flags, *counts, *names, "longest_pause")) if "rules" in fields else {}
        found: dict[str, Any] = {name: self.value(own, name, Entry.flag, False) for name in flags if name in own}
        found |= {name: self.value(own, name, lambda entry: entry.whole(1, 100), 1) for name in counts if name in own}
        if "informs_by" in own:
            found["informs_by"] = self.names(own, "informs_by", get_args(Means), "means", least=1)
        if "reopens" in own:
            found["reopens"] = frozenset(self.names(own, "reopens", ENDED, "ended status"))
        if "longest_pause" in own:
            found["longest_pause"] = self.value(own, "longest_pause", _limit, NO_LIMIT)
        if "last_instance" in own:
            found["last_instance"] = self.one_of(own, "last_instance", self.roles, "role")
        elif self.roles and Procedure.last_instance not in self.roles and "issue-ruling" in (self.steps or ()):
            rules = fields.get("rules", top.within(top.node, ".rules"))
            self.add(rules.within(rules.node, ".last_instance").error("Name the role that rules when rounds run out."))
        if "recurrence" in own:
            found["recurrence"] = self.recurrence(own["recurrence"])
        if "dissatisfaction" in own:
            found["dissatisfaction"] = self.dissatisfaction(own["dissatisfaction"])
        if "disagreement" in own:
            found["disagreement"] = self.dissatisfaction(own["disagreement"], decides=False)
        if "returns" in own:
            found["returns"] = self.dissatisfaction(own["returns"], decides=False)
        if "evidence_examined_by" in own:
            found["evidence_examined_by"] = self.tell(own, "evidence_examined_by")
        if "routes" in own:
            found["routes"] = self.routes(fields, own)
        if "return_window" in own:
            found["return_window"] = self.one_of(own, "return_window", self.windows(fields), "clock that is a window")
        if self.steps is not None and found.get("apology_when_at_fault") and "record-apology" not in self.steps:
            self.add(own["apology_when_at_fault"].error("It needs the step record-apology, which nobody may take."))
        if "close_needs" in own:
            found["close_needs"] = self.needs(own)
        if "step_needs" in own:
            found["step_needs"] = self.step_needs(own)
        if "ladder" in own:
            found["ladder"] = self.names(own, "ladder", self.roles, "role", least=2)
        if "extendable" in own:
            entries = self.mapping(own, "extendable")
            known = {rule.name for rule in self.read_clocks} or None
            for role, entry in entries.items():
                if self.roles is not None and role not in self.roles:
                    self.add(entry.error(unknown(role, self.roles, "role")))
            found["extendable"] = {role: self.names(entries, role, known, "clock", least=1) for role in entries}
        if "carded_clocks" in own:
            clocks = {rule.name for rule in self.read_clocks} or None
            found["carded_clocks"] = frozenset(self.names(own, "carded_clocks", clocks, "clock"))
        return found

    def dissatisfaction(self, entry: Entry, *, decides: bool = True) -> Dissatisfaction:
        own = self.fields(entry, ("count", "tell"), ("decides", "notice") if decides else ())
        count = self.value(own, "count", lambda number: number.whole(1, 100), 1)
        who_decides = self.names(own, "decides", self.dispatchers, "role that may dispatch", least=1)
        notice = self.value(own, "notice", Entry.flag, False)
        if notice and self.steps is not None and "issue-notice" not in self.steps:
            self.add(own["notice"].error("A notice needs the step issue-notice, which nobody may take."))
        return Dissatisfaction(count, self.tell(own, "tell"), who_decides, notice)

    def routes(self, fields: Fields, own: Fields) -> dict[str, str]:
        """Category to unit, both of this file."""
        categories, units = self.keys(fields, "categories") or None, self.keys(fields, "units") or None
        entries = self.mapping(own, "routes")
        for category, entry in entries.items():
            if categories is not None and category not in categories:
                self.add(entry.error(unknown(category, categories, "category")))
        return {category: self.one_of(entries, category, units, "unit") for category in entries}

    def windows(self, fields: Fields) -> set[str] | None:
        return {rule.name for rule in self.read_clocks if rule.window} or None

    def money_and_faults(self, fields: Fields) -> dict[str, Any]:
        found: dict[str, Any] = {"fault_grades": self.fault_grades(fields)}
        if "compensation" in fields:
            found["compensation"] = self.compensation(fields["compensation"])
        return found

    def fault_grades(self, fields: Fields) -> dict[str, Title]:
        entries = self.mapping(fields, "fault_grades", least=0)
        for grade, entry in entries.items():
            if grade not in {"1", "2", "3"}:
                self.add(entry.error("A fault is graded 1, 2 or 3."))
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

    def recurrence(self, entry: Entry) -> Recurrence:
        own = self.fields(entry, ("severity", "count", "months", "raise_to"))
        severity, raise_to = (self.one_of(own, name, self.severities, "severity") for name in ("severity", "raise_to"))
        if severity and severity == raise_to:
            self.add(own["raise_to"].error(f"A {severity} complaint is raised to another severity than its own."))
        count = self.value(own, "count", lambda number: number.whole(2, 1000), 2)
        return Recurrence(severity, count, self.value(own, "months", lambda number: number.whole(1, 120), 1), raise_to)

    def incidents(self, fields: Fields) -> dict[str, Any]:
        if not self.is_for_incidents:
            return {}
        return {"incidents": incident_reader.incident_rules(self, fields["incidents"], self.kinds, self.roles)}

    # What several sections have in common

    def titles(self, fields: Fields, name: str, least: int = 1) -> dict[str, Title]:
        entries = self.coded(fields, name, least)
        return {code: self.wording(self.fields(entry, ("zh", "en"))) for code, entry in entries.items()}

    def title(self, fields: Fields, name: str) -> Title:
        return self.wording(self.fields(fields[name], ("zh", "en"))) if name in fields else NO_TITLE

    def wording(self, fields: Fields) -> Title:
        return Title(self.value(fields, "zh", Entry.text, ""), self.value(fields, "en", Entry.text, ""))

    def tell(self, fields: Fields, name: str) -> tuple[str, ...]:
        return self.names(fields, name, self.roles, "role")


def _version(entry: Entry) -> str:
    if not _VERSION.fullmatch(entry.text()):
        raise entry.error("A version is one line of at most 32 characters, without spaces around it.")
    return entry.text()


def _limit(entry: Entry) -> Limit:
    try:
        return parse_limit(entry.text())
    except Mistake:
        raise
    except ValueError as wrong:
        raise entry.error(str(wrong)) from None
