"""Reads who and what a procedure is about: kinds, categories, severities and their needs, steps, and who sees what."""

import re
from typing import Final, get_args

from domain.people import MACHINES
from domain.procedure.duties import step_for
from domain.procedure.procedure import ESCALATED, EVIDENCE, REQUIREMENTS, Category, Severity, Sight
from domain.titles import Title
from domain.values import ADMIN
from procedures.sections import incidents
from procedures.sections.words import STEP_NAMES, Words
from procedures.yaml_entry import CODE, Entry, closest
from procedures.yaml_gatherer import Fields, unknown

Circles = dict[str, tuple[str, ...]]  # by kind of matter: roles

CATEGORY_RULES: Final = ("open", "close_needs", "step_needs", "decided_by", "decided", "justified_needs", "found_by")
_CATEGORY: Final = re.compile(rf"{CODE.pattern}(\.{CODE.pattern})*")


class Matters(Words):
    """Kinds, categories, severities, steps and sights."""

    def categories(self, fields: Fields) -> dict[str, Category]:
        found: dict[str, Category] = {}
        entries = self.mapping(fields, "categories")
        for code, entry in entries.items():
            parent = code.rpartition(".")[0]
            if not _CATEGORY.fullmatch(code):
                self.add(entry.error("category-form"))
            elif parent and parent not in entries:
                self.add(entry.error("parent-missing", parent=parent, close=closest(parent, entries)))
            own = self.fields(entry, ("zh", "en"), CATEGORY_RULES)
            found[code] = Category(
                code, self.wording(own), self.value(own, "open", Entry.flag, False), self.needs(own),
                self.step_needs(own), self.names(own, "decided_by", self.roles, "role", least=1), self.decided(own),
                self.needs(own, "justified_needs"), self.names(own, "found_by", self.roles, "role", least=1),
            )  # fmt: skip
            if "decided" in own and "decided_by" not in own:
                self.add(own["decided"].error("decided-by-nobody", field="decided_by"))
        return found

    def decided(self, own: Fields) -> tuple[str, ...]:
        """The steps, beside sending it out, that only those take who decide."""
        return self.names(own, "decided", STEP_NAMES, "step", least=1)

    def grades(self, fields: Fields) -> dict[str, Severity]:
        found: dict[str, Severity] = {}
        for code, entry in self.coded(fields, "severities", 0).items():
            found[code] = self.severity(code, entry)
            if found[code].usual and any(other.usual for other in found.values() if other.code != code):
                self.add(entry.error("usual-twice"))
        return found

    def severity(self, code: str, entry: Entry) -> Severity:
        flags = ("front_line", "approval", "explain_first", "approval_of_each_unit", "usual", "on_the_spot")
        own = self.fields(entry, ("title",), (*flags, "tell", "close_needs", "step_needs", "ended_by"))
        said = {name: self.value(own, name, Entry.flag, False) for name in flags}
        if said["front_line"] and said["explain_first"]:
            self.add(own["explain_first"].error("front-line-explains"))
        return Severity(
            code, self.title(own, "title"), tell=self.tell(own, "tell"), close_needs=self.needs(own),
            step_needs=self.step_needs(own), ended_by=self.names(own, "ended_by", self.roles, "role", least=1),
            **said,
        )  # fmt: skip

    def kinds_of_matter(self, fields: Fields) -> tuple[dict[str, Title], Circles, Circles]:
        """The kinds of matter, who alone sees those that are confidential, and who of them is told at once."""
        titles: dict[str, Title] = {}
        confidential_to: Circles = {}
        tell: Circles = {}
        for code, entry in self.coded(fields, "kinds").items():
            own = self.fields(entry, ("zh", "en"), ("confidential_to", "tell"))
            titles[code] = self.wording(own)
            if "confidential_to" in own:
                named = self.names(own, "confidential_to", self.roles, "role", least=1)
                if ADMIN in named and not self.is_kept:
                    self.add(own["confidential_to"].error("administrator-in-no-circle"))
                confidential_to[code] = tuple(role for role in named if role != ADMIN)
            if "tell" in own:
                tell[code] = self._told_of_confidential(own, confidential_to.get(code))
        return titles, confidential_to, tell

    def _told_of_confidential(self, own: Fields, circle: tuple[str, ...] | None) -> tuple[str, ...]:
        if circle is None:
            self.add(own["tell"].error("tell-without-circle"))
            return ()
        return self.names(own, "tell", circle, "role of confidential_to")

    def needs(self, own: Fields, name: str = "close_needs") -> tuple[str, ...]:
        """What a step needs, each with a step by which it can come about."""
        known = {*REQUIREMENTS, *(EVIDENCE + code for code in self.evidence)}
        known |= {ESCALATED + role for role in self.roles or ()}
        needs = self.names(own, name, known, "requirement")
        for need in needs:
            step = step_for(need)
            if self.steps is not None and step is not None and step not in self.steps:
                self.add(own[name].error("need-without-step", need=need, step=step))
        return needs

    def step_needs(self, own: Fields) -> dict[str, tuple[str, ...]]:
        """What must have happened before a step, by the step's name."""
        entries = self.mapping(own, "step_needs", least=0)
        for step, entry in entries.items():
            if step not in STEP_NAMES:
                self.add(unknown(entry, step, STEP_NAMES, "step"))
        return {step: self.needs(entries, step) for step in entries}

    def who_may(self, fields: Fields) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        known = incidents.STEPS if self.is_for_incidents else STEP_NAMES
        steps = self.mapping(fields, "steps")
        for name, entry in steps.items():
            if name not in known:
                self.add(unknown(entry, name, known, "step"))
            named = self.names(steps, name, self.roles, "role", least=1)
            if ADMIN in named and not self.is_kept:
                self.add(entry.error("administrator-takes-no-step"))
            found[name] = tuple(role for role in named if role != ADMIN)
            for role in found[name]:
                if self.sighted is not None and role not in self.sighted:
                    self.add(entry.error("role-sees-nothing", role=role))
        if "link" in found:
            found.setdefault("unlink", found["link"])  # whoever may link takes a wrong link back
        # Who takes complaints down corrects what was taken down wrong. A machine does not know better by itself.
        if takers := tuple(role for role in found.get("receive", ()) if role not in MACHINES):
            for step in ("correct-complainant", "correct-subject"):
                found.setdefault(step, takers)
        self.dispatchers = found.get("dispatch") or None
        if steps and known[0] not in steps:
            self.add(fields["steps"].missing(known[0]))
        return found

    def sees(self, fields: Fields) -> dict[str, str]:
        entries = self.mapping(fields, "sees")
        for role, entry in entries.items():
            if self.roles is not None and role not in self.roles:
                self.add(unknown(entry, role, self.roles, "role"))
        return {role: self.one_of(entries, role, get_args(Sight), "sight") for role in entries}
