"""A procedure: what one organisation's own complaint rules say, as data. Read from YAML by procedures/reader.py.

The words are the code's (steps, moments, requirements for closing), the numbers and who-may-what are the file's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal, get_args

from domain.limits.limits import Limit, WorkingDays
from domain.people import MACHINES
from domain.procedure.compensation_rule import CompensationRule
from domain.procedure.incident_rules import IncidentRules
from domain.procedure.issue_points import IssuePoint
from domain.procedure.moments import Condition, MomentName
from domain.titles import Title

Sight = Literal["all", "texts", "none"]

# What a procedure may require before a step is taken; requirements.py knows how each is checked. `evidence.<code>` asks
# for one of the procedure's own pieces of evidence, `escalated.<role>` for the case having gone up to that role.
REQUIREMENTS: Final[frozenset[str]] = frozenset(
    {
        *get_args(Condition), "every-unit-executed", "capa-ordered", "capa-issued", "meeting-held", "form-complete",
        "apology", "liability-notice", "customer-checked", "charge-verified", "compensation-settled", "fault-graded",
        "asked-units-executed", "accused-named", "no-objection", "customer-known",
    }
)  # fmt: skip
EVIDENCE: Final = "evidence."
LONGEST_PAUSE: Final[Limit] = WorkingDays(10)
ESCALATED: Final = "escalated."
MATCHED: Final = "accused-matched"
PLAN_APPROVED: Final = "plan-approved"  # what no file names: it follows where a severity asks for approval
OWN_UNIT: Final = "own"  # of heads: the unit that whoever holds the role belongs to
# Who hears of what others did about their case, besides those for whom something to do arises: by the event's name.
TELLS: Final[Mapping[str, tuple[str, ...]]] = {
    "Executed": ("owner",), "Returned": ("owner",), "ProgressReported": ("owner",), "Extended": ("owner",),
    "InterimMeasureReported": ("owner",), "CAPAIssued": ("owner",),
}  # fmt: skip
TELLABLE: Final = (
    "Received", "Classified", "Dispatched", "Accepted", "Returned", "OpinionConfirmed", "OpinionDisputed",
    "RulingIssued", "OpinionRevised", "ProgressReported", "InterimMeasureReported", "Extended", "Executed",
    "SolutionAgreed", "CAPASubmitted", "CAPAIssued", "HandedOver", "HandoverAccepted", "ChargeVerified",
    "CompensationApproved", "CompensationPaid", "Reopened", "Closed", "Withdrawn", "Rejected",
)
# What fills a box of the form by itself; forms.py knows where it stands.
FILLED_FROM: Final = ("complainant-name", "complainant-contact")
# The steps by which whoever owns a case brings it to its end.
CARRY_ON: Final = ("settle", "dispatch", "agree-solution", "execute", "inform-customer", "close", "accept-hand-over")
Needs = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ClockRule:
    """One time limit: between which moments it runs, for how long, for which severities, and who is told.

    `warn_at` is the share of the way to the due time at which the warning comes. `soft` clocks warn and never miss.
    `tell_at_second_miss` are told besides those of `tell_at_miss` when a complaint misses it again.
    `per_unit` clocks run once for every unit the moment concerns; one that runs `once` a round is not started anew by a
    second such moment. A `window` is a time in which something may be done: it neither warns nor misses. `kinds` and
    `severities` say which complaints it is for; it starts in the past once they are known. With `to_roles` an
    `Escalated` stops it only when the case has gone up to every one of them since it started. `source` is the sentence
    of the source it comes from.
    """

    name: str
    title: Title
    starts: frozenset[MomentName]
    stops: frozenset[MomentName]
    limit: Limit
    source: str
    per_unit: bool = False
    once: bool = False
    window: bool = False
    kinds: frozenset[str] | None = None
    severities: frozenset[str] | None = None
    to_roles: frozenset[str] = frozenset()
    beats_on: bool = False
    owed_by: str | None = None
    soft: bool = False
    warn_at: float = 0.8
    tell_at_warning: tuple[str, ...] = ()
    tell_at_miss: tuple[str, ...] = ()
    tell_at_second_miss: tuple[str, ...] = ()

    def is_for(self, severity: str | None, kind: str | None) -> bool:
        """Whether it is for such complaints. Of the rules that share a name at most one is."""
        return (self.severities is None or severity in self.severities) and (self.kinds is None or kind in self.kinds)

    @property
    def tells_of_accused(self) -> bool:
        """Whether that it runs tells that somebody of the staff is accused."""
        return "AccusedUnmatched" in self.starts or MATCHED in self.stops

    @property
    def outlasts_a_round(self) -> bool:
        """Overall, CAPA and refund clocks run on over a new round; stages end, a beat waits for the next dispatch."""
        is_overall = "Received" in self.starts and "Closed" in self.stops
        return is_overall or self.is_of_reports or self.is_of_refunds

    @property
    def is_for_word_to_customer(self) -> bool:
        """Whether nothing but word ends it, so that nobody owes it to a customer whom nobody knows."""
        word = {"CustomerInformed", "customer-informed"}
        return bool(self.stops & word) and self.stops <= word | {"Settled"}

    @property
    def is_of_refunds(self) -> bool:
        """Whether it is about what the customer paid too much, which is owed until it is made good."""
        return "ChargesMadeGood" in self.stops

    @property
    def is_of_reports(self) -> bool:
        """Whether it is about a CAPA report, which a unit owes whatever becomes of the case."""
        return self.starts <= {"CAPARequested", "CAPASubmitted"}


@dataclass(frozen=True)
class Severity:
    """How grave a complaint can be here, and what follows from it.

    `front_line`: the front line settles it and no unit is asked. `on_the_spot`: it may settle it, or pass it on.
    `explain_first`: it explains first, and passes on only what is left. `tell` are the roles told at once.
    `close_needs` names what must have happened before it is closed.
    `approval`: the plan is approved before it is executed; `approval_of_each_unit`: by the head of every unit that was
    asked. `usual`: what a first classification that names no severity means. `step_needs` names what must have happened
    before a step, by the step's name. `ended_by`: the roles who alone reject, withdraw or settle such a complaint, or
    classify it as less; empty: whoever may take the step.
    """

    code: str
    title: Title
    front_line: bool = False
    tell: tuple[str, ...] = ()
    close_needs: tuple[str, ...] = ()
    approval: bool = False
    explain_first: bool = False
    approval_of_each_unit: bool = False
    usual: bool = False
    on_the_spot: bool = False
    step_needs: Needs = field(default_factory=dict)
    ended_by: tuple[str, ...] = ()

    @property
    def asks_approval(self) -> bool:
        return self.approval or self.approval_of_each_unit


@dataclass(frozen=True)
class Category:
    """What a complaint is about; `open` categories take sub-categories that the file does not list.

    `close_needs` and `step_needs` are what complaints of this category (and those below it) need besides. `decided_by`
    are the roles who alone send them out; they are told of them at once. `decided` are other steps that are theirs
    alone too; `classify` is so where it leads away from them. `justified_needs`: what a justified one needs besides.
    `found_by` are the roles who alone find that a complaint of another category is one of these, and who alone close
    one of these as justified.
    """

    code: str
    title: Title
    open: bool = False
    close_needs: tuple[str, ...] = ()
    step_needs: Needs = field(default_factory=dict)
    decided_by: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    justified_needs: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recurrence:
    """The `count`-th general complaint of one issue point within `months` is raised to `raise_to`.

    `of` a customer: the `count`-th that this customer has made, about whatever and however grave the others were.
    """

    severity: str
    count: int
    months: int
    raise_to: str
    of: Literal["issue-point", "customer"] = "issue-point"

    @property
    def counts_issue_points(self) -> bool:
        return self.of == "issue-point"


@dataclass(frozen=True)
class Dissatisfaction:
    """After the `count`-th dissatisfied callback (or refused plan) the case goes up to these roles.

    `decides`: only these then send it out again; empty: whoever may dispatch. `decided`: other steps that are theirs
    alone then too. `notice`: what is then found justified is closed only after a named notice to those liable.
    `verdict`: the close then says whether it was justified.
    """

    count: int
    tell: tuple[str, ...]
    decides: tuple[str, ...] = ()
    notice: bool = False
    decided: tuple[str, ...] = ()
    verdict: bool = False


@dataclass(frozen=True)
class FormField:
    """One question of the procedure's form, answered in the complaint's `facts`.

    `required`: at intake already; `to_close`: before the complaint is closed, where the form must be complete; of some
    `severities` only, where it names them. `filled_from`: what the complaint holds anyway and answers it (FILLED_FROM).
    `close_needs`: what must have happened before the close where the answer is yes. `searchable`: complaints are found
    by the answer, as by an order's number.
    """

    name: str
    title: Title
    kind: Literal["text", "number", "boolean", "date"] = "text"
    required: bool = False
    to_close: bool = False
    filled_from: str | None = None
    severities: tuple[str, ...] = ()
    close_needs: tuple[str, ...] = ()
    searchable: bool = False


@dataclass(frozen=True)
class ReportRule:
    """日报、周报、月报: a summary of every such period: who is told of it, and who of a rise against the one before.

    `hot_from`: so many complaints make an issue point one of the hot spots (热点); None: the most frequent ones are.
    """

    period: Literal["daily", "weekly", "monthly"]
    title: Title
    tell: tuple[str, ...] = ()
    rise_tell: tuple[str, ...] = ()
    hot_from: int | None = None


@dataclass(frozen=True)
class Bounds:
    """How often a clock may be extended and paused, and how far in all.

    `times`: its extensions come to so many times its limit at most, and its pauses to so many times the longest pause.
    """

    extensions: int = 2
    pauses: int = 2
    times: int = 2


@dataclass(frozen=True)
class PublicStatusRule:
    """What a complainant gives beside the number to see how far it has come: the query code, or the telephone alone."""

    needs_query_code: bool = False


@dataclass(frozen=True)
class Procedure:
    """One procedure. Besides what its sections say by their names:

    `confidential_to`: kinds of matter that only these roles ever see. `confidential_tell`: those of them who are told
    at once, where not all. `announced_to`: who, outside that circle, hears that one came, and no more.
    `tells`: by an event's name, who hears of it besides those who then have to act: roles, `owner`, `unit` (those
    asked). `callback_apart`: the least time between two calls that count as two tries. `callback_talk_seconds`: how
    long a customer who was called back has to talk to have been reached. `call_recordings`: which piece of evidence the
    recording of a call is that something of the case came of.
    `step_needs`: what must have happened before a step. `first_contact_follows`: whoever took it down follows it to its
    end. `owner_must_accept`: the owner changes only when the next one has accepted. `extendable`: the clocks that a
    role may extend, where not all. `ladder`: the roles that a case climbs, rung by rung. `returns`: from its `count`-th
    return in a round on, these roles are told. `heads`: role to the unit that it is the head of (OWN_UNIT: that of
    whoever holds it); each then approves for that unit alone, and of the plan as it stands. `remedies`: the kinds of
    solution that a customer may be offered. `issue_points`: what goes wrong here; where some are listed, others are
    taken with `unlisted_issue_points_allowed` alone. `overridable`: the needs that may be set aside for one complaint,
    with a reason. `bounds`: those of extensions and pauses; None: a file that names none, as before there were any.
    `incidents`: it is for incidents of the centre and takes no complaints.
    """

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
    longest_pause: Limit = LONGEST_PAUSE
    bounds: Bounds | None = None
    dispute_rounds: int = 5
    last_instance: str = "general-manager"
    callback_attempts: int = 3
    occurred_within_years: int = 10
    callback_apart: timedelta = timedelta(0)
    callback_talk_seconds: int = 10
    call_recordings: str | None = None
    interim_measure_before_extension: bool = True
    solution_before_execution: bool = False
    word_before_extension: bool = False
    evidence_examined_by: tuple[str, ...] = ()
    dissatisfaction: Dissatisfaction | None = None
    disagreement: Dissatisfaction | None = None
    returns: Dissatisfaction | None = None
    heads: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, Title] = field(default_factory=dict)
    carded_clocks: frozenset[str] = frozenset()
    routes: Mapping[str, str] = field(default_factory=dict)
    return_window: str | None = None
    close_needs: tuple[str, ...] = ()
    step_needs: Needs = field(default_factory=dict)
    evidence: Mapping[str, Title] = field(default_factory=dict)
    issue_points: Mapping[str, IssuePoint] = field(default_factory=dict)
    unlisted_issue_points_allowed: bool = False
    confidential_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confidential_tell: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    announced_to: tuple[str, ...] = ()
    compensation: CompensationRule = field(default_factory=CompensationRule)
    fault_grades: Mapping[str, Title] = field(default_factory=dict)
    first_contact_follows: bool = False
    owner_must_accept: bool = False
    notice_when_justified: bool = False
    apology_when_at_fault: bool = False
    duplicates_allowed: bool = False
    public_status: PublicStatusRule = field(default_factory=PublicStatusRule)
    extendable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ladder: tuple[str, ...] = ()
    overridable: tuple[str, ...] = ()
    incidents: IncidentRules | None = None
    reports: tuple[ReportRule, ...] = ()
    tells: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: TELLS)
    reopens: frozenset[str] = field(default_factory=lambda: frozenset({"closed", "rejected", "withdrawn"}))

    def knows_category(self, category: str) -> bool:
        """A category is known when it is listed, or is a sub-category of one that is open."""
        if category in self.categories:
            return True
        parent, dot, child = category.rpartition(".")
        return bool(dot and child and parent in self.categories and self.categories[parent].open)

    @cached_property
    def conditions(self) -> frozenset[str]:
        """The conditions that start or stop any of its clocks, or that a close may need or wait for."""
        named = {moment for rule in self.clocks for moment in (*rule.starts, *rule.stops)}
        sources: list[Procedure | Severity | Category] = [self, *self.severities.values(), *self.categories.values()]
        needed = {need for source in sources for need in source.close_needs}
        of_a_result = {"executed"} if needed else set()
        return frozenset((named | needed | of_a_result) & frozenset(get_args(Condition)))

    @cached_property
    def usual_severity(self) -> str | None:
        """The severity of a complaint that is classified without one."""
        return next((code for code, severity in self.severities.items() if severity.usual), None)

    @cached_property
    def steps_with_needs(self) -> frozenset[str]:
        """The steps other than closing that need something in some complaints."""
        sources: list[Procedure | Severity | Category] = [self, *self.severities.values(), *self.categories.values()]
        return frozenset(step for source in sources for step in source.step_needs)

    def needs_of(self, step: str, severity: str | None, category: str | None) -> tuple[str, ...]:
        """What must have happened before this step: asked of every complaint, of its severity, of its category."""
        sources: list[Severity | Category | Procedure] = [self]
        if severity is not None and severity in self.severities:
            sources.append(self.severities[severity])
        sources += self._categories_of(category)
        found = [need for source in sources for need in source.step_needs.get(step, ())]
        if step == "close":
            found += [need for source in sources for need in source.close_needs]
            grade = self.severities.get(severity or "")
            found += [PLAN_APPROVED] if grade is not None and grade.asks_approval else []
        return tuple(dict.fromkeys(found))

    def _categories_of(self, category: str | None) -> list[Category]:
        """The category and those above it, as far as the file lists them."""
        found: list[Category] = []
        while category:
            if category in self.categories:
                found.append(self.categories[category])
            category = category.rpartition(".")[0]
        return found

    def deciders_of(self, category: str | None) -> tuple[str, ...]:
        """The roles who alone send out what is of this category; empty: whoever may dispatch."""
        decided = self._decided(category)
        return () if decided is None else decided.decided_by

    def deciders_of_step(self, step: str, category: str | None) -> tuple[str, ...]:
        """The roles who alone take this step, other than sending it out, with what is of this category."""
        decided = self._decided(category)
        return () if decided is None or step not in decided.decided else decided.decided_by

    def _decided(self, category: str | None) -> Category | None:
        return next((found for found in self._categories_of(category) if found.decided_by), None)

    def justified_needs_of(self, category: str | None) -> tuple[str, ...]:
        """What closing needs besides where a complaint of this category proved justified."""
        found = [need for category in self._categories_of(category) for need in category.justified_needs]
        return tuple(dict.fromkeys(found))

    def finders_of(self, category: str | None) -> tuple[str, ...]:
        """The roles who alone find that something is of this category; empty: whoever may classify."""
        return next((found.found_by for found in self._categories_of(category) if found.found_by), ())

    def only_examines(self, role: str) -> bool:
        """Whether a role has to do with complaints only as units appeal to it, with evidence."""
        return role in self.evidence_examined_by and role not in self.steps.get("classify", ())

    def head_role_of(self, unit: str) -> str | None:
        """The role whose holder speaks for a unit as its head; None where the file does not say."""
        its_own = (role for role, headed in self.heads.items() if headed == unit)
        any_unit = (role for role, headed in self.heads.items() if headed == OWN_UNIT)
        return next(its_own, None) or next(any_unit, None)

    def sees_faults(self, role: str) -> bool:
        """Whether a role sees how agents' faults were graded: those who grade, and the auditor."""
        return role in ("quality", "auditor", "admin") or role in self.steps.get("grade-fault", ())

    def may(self, step: str, roles: frozenset[str]) -> str | None:
        """The first of the step's roles that these roles contain: the role the step is taken in; None if none."""
        return next((role for role in self.steps.get(step, ()) if role in roles), None)

    @cached_property
    def telling_of_accused(self) -> frozenset[str]:
        """The names of clocks and obligations that tell that somebody of the staff is accused."""
        return frozenset({MATCHED, *(rule.name for rule in self.clocks if rule.tells_of_accused)})

    @property
    def requires_query_code(self) -> bool:
        return self.public_status.needs_query_code

    @cached_property
    def owner_roles(self) -> tuple[str, ...]:
        """The roles that can own a case: those that may carry it on."""
        return tuple(role for role in self.roles if any(role in self.steps.get(step, ()) for step in CARRY_ON))

    @property
    def queue_role(self) -> str | None:
        """The role in whose queue a case waits that is nobody's yet."""
        people = (role for role in self.steps.get("classify", ()) if role not in MACHINES)
        return next(people, None)

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

    def clock_titles(self, severity: str | None, kind: str) -> dict[str, Title]:
        """What each clock is called in such a complaint: where rules share a name, by the one that is for it."""
        its_own = [rule for rule in self.clocks if rule.is_for(severity, kind)]
        return {rule.name: rule.title for rule in (*reversed(self.clocks), *its_own)}

    def place_of(self, rule: ClockRule) -> int:
        """Where it stands in `clocks`, from nought."""
        return self._places[rule.name, rule.severities, rule.kinds]

    @cached_property
    def _places(self) -> dict[tuple[str, frozenset[str] | None, frozenset[str] | None], int]:
        return {(rule.name, rule.severities, rule.kinds): place for place, rule in enumerate(self.clocks)}

    def clock_at(self, place: int | None) -> ClockRule | None:
        """The rule of this place in `clocks`; None where there is none."""
        return self.clocks[place] if place is not None and 0 <= place < len(self.clocks) else None

    def clock_named(self, name: str) -> ClockRule | None:
        return next((rule for rule in self.clocks if rule.name == name), None)

    def __hash__(self) -> int:
        return hash((self.code, self.version))
