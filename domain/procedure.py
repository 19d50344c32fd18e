"""A procedure: what one organisation's own complaint rules say, as data. Read from YAML by procedures/reader.py.

The words are the code's (steps, moments, requirements for closing), the numbers and who-may-what are the file's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from domain.limits import Limit

Sight = Literal["all", "texts", "none"]

# Facts that start or stop clocks. Most are events; the others follow from several events.
MOMENTS: Final[frozenset[str]] = frozenset(
    {
        "Received", "Dispatched", "UnitAsked", "Accepted", "Returned", "UnitAnswered", "OpinionFinal",
        "ProgressReported", "CustomerInformed", "SolutionAgreed", "Executed", "CAPARequested", "CAPASubmitted",
        "CAPAIssued", "EffectConfirmed", "CallbackDone", "MeetingHeld", "Settled", "Closed", "Escalated", "Classified",
    }
)  # fmt: skip

# What a procedure may require before a complaint is closed; closing.py knows how each is checked.
REQUIREMENTS: Final[frozenset[str]] = frozenset(
    {
        "executed", "customer-informed", "effect-confirmed", "callback", "capa-ordered", "capa-issued", "meeting-held",
        "final-opinion",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Title:
    zh: str
    en: str


@dataclass(frozen=True)
class ClockRule:
    """One time limit: between which moments it runs, for how long, for which severities, and who is told.

    `warn_at` is the share of the way to the due time at which the warning comes. `soft` clocks warn and never miss.
    `per_unit` clocks run once for every unit the moment concerns; one that runs `once` a round is not started anew by a
    second such moment. A `window` is a time in which something may be done: it neither warns nor misses. `kinds` and
    `severities` say which complaints it is for; it starts in the past once they are known. `source` is the sentence of
    the source it comes from.
    """

    name: str
    title: Title
    starts: frozenset[str]
    stops: frozenset[str]
    limit: Limit
    source: str
    per_unit: bool = False
    once: bool = False
    window: bool = False
    kinds: frozenset[str] | None = None
    severities: frozenset[str] | None = None
    soft: bool = False
    warn_at: float = 0.8
    tell_at_warning: tuple[str, ...] = ()
    tell_at_miss: tuple[str, ...] = ()

    @property
    def outlasts_a_round(self) -> bool:
        """Overall and CAPA clocks run on when a new round opens; stages end, and a beat waits for the next dispatch."""
        beats = not self.starts.isdisjoint(self.stops)
        return ("Closed" in self.stops and not beats) or self.starts <= {"CAPARequested", "CAPASubmitted"}


@dataclass(frozen=True)
class Severity:
    """How grave a complaint can be here, and what follows from it.

    `front_line`: the front line settles it and no unit is asked. `explain_first`: it explains first, and passes on only
    what is left. `tell` are the roles told at once. `close_needs` names what must have happened before it is closed.
    `approval`: the plan is approved before it is executed.
    """

    code: str
    title: Title
    front_line: bool = False
    tell: tuple[str, ...] = ()
    close_needs: tuple[str, ...] = ()
    approval: bool = False
    explain_first: bool = False


@dataclass(frozen=True)
class Category:
    """What a complaint is about; `open` categories take sub-categories that the file does not list."""

    code: str
    title: Title
    open: bool = False


@dataclass(frozen=True)
class Recurrence:
    """The `count`-th general complaint of one issue point within `months` is raised to `raise_to`."""

    severity: str
    count: int
    months: int
    raise_to: str


@dataclass(frozen=True)
class Dissatisfaction:
    """After the `count`-th dissatisfied callback (or refused plan) the case goes up to these roles.

    `decides`: only these then send it out again; empty: whoever may dispatch.
    """

    count: int
    tell: tuple[str, ...]
    decides: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormField:
    """One question of the procedure's form, answered in the complaint's `facts`."""

    name: str
    title: Title
    kind: Literal["text", "number", "boolean", "date"] = "text"
    required: bool = False


@dataclass(frozen=True)
class Procedure:
    code: str
    version: str
    title: Title
    calendar: str
    source: str
    kinds: Mapping[str, Title]
    severities: Mapping[str, Severity]
    categories: Mapping[str, Category]
    roles: Mapping[str, Title]
    units: Mapping[str, Title]
    steps: Mapping[str, tuple[str, ...]]
    clocks: tuple[ClockRule, ...]
    sees: Mapping[str, Sight]
    form: tuple[FormField, ...] = ()
    form_is_open: bool = False
    records: tuple[str, ...] = ()
    settle_unclassified: bool = True
    anonymous_allowed: bool = True
    informs_by: tuple[str, ...] = ("sms", "phone", "email", "letter", "in-person")
    recurrence: Recurrence | None = None
    dispute_rounds: int = 5
    last_instance: str = "general-manager"
    callback_attempts: int = 3
    interim_measure_before_extension: bool = True
    solution_before_execution: bool = False
    word_before_extension: bool = False
    evidence_examined_by: tuple[str, ...] = ()
    dissatisfaction: Dissatisfaction | None = None
    disagreement: Dissatisfaction | None = None
    carded_clocks: frozenset[str] = frozenset()
    routes: Mapping[str, str] = field(default_factory=dict)
    return_window: str | None = None
    close_needs: tuple[str, ...] = ()
    reopens: frozenset[str] = field(default_factory=lambda: frozenset({"closed", "rejected", "withdrawn"}))

    def knows_category(self, category: str) -> bool:
        """A category is known when it is listed, or is a sub-category of one that is open."""
        if category in self.categories:
            return True
        parent, dot, child = category.rpartition(".")
        return bool(dot and child and parent in self.categories and self.categories[parent].open)

    def may(self, step: str, roles: frozenset[str]) -> str | None:
        """The first of the step's roles that these roles contain: the role the step is taken in; None if none."""
        return next((role for role in self.steps.get(step, ()) if role in roles), None)

    def sight_of(self, roles: frozenset[str]) -> Sight | None:
        """How much of the personal data these roles see: all, the texts without the person, none; None: no access."""
        granted: set[Sight] = {self.sees[role] for role in roles if role in self.sees}
        order: tuple[Sight, ...] = ("all", "texts", "none")
        return next((sight for sight in order if sight in granted), None)

    @property
    def has_opinions(self) -> bool:
        """Whether units answer a handling opinion here, or simply handle what they are sent."""
        return "draft-opinion" in self.steps

    def route_of(self, category: str | None) -> str | None:
        """The unit competent for a category: its own route, else that of the category above it."""
        while category:
            if category in self.routes:
                return self.routes[category]
            category = category.rpartition(".")[0]
        return None

    def clock_named(self, name: str) -> ClockRule | None:
        return next((rule for rule in self.clocks if rule.name == name), None)

    def __hash__(self) -> int:
        return hash((self.code, self.version))
