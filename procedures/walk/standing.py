"""Where a complaint stands, as far as it matters to what may follow: two that stand alike are walked on from once.

Taken from all that a complaint remembers, so that what is remembered one day is not forgotten here. Left out is what no
rule asks for (who said what, when, in which words); counters count to the number at which a rule looks at them.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any, Final

from domain.clocks.moments import Moment
from domain.complaint.approving import approvals_of
from domain.complaint.complaint import Complaint
from domain.complaint.requirements import missing_for
from domain.procedure.procedure import Dissatisfaction, Procedure

# Identity, words and records of what was judged: no rule that leads on asks for them.
LEFT_OUT: Final = frozenset({
    "procedure", "calendar", "moved_to", "number", "procedure_code", "procedure_version", "calendar_code",
    "calendar_version", "channel", "occurred_at", "received_at", "received_by", "complainant_id", "complainant",
    "subject", "content", "wants", "call_id", "query_code", "issue_point", "owner", "offer", "cards_of", "exclusions",
    "linked", "unlinked", "pause_reasons", "moments", "warned", "due", "missed", "retracted", "misses", "last_event",
    "last_event_at", "seen_at", "closed_at", "later_calendars", "raised_for_recurrence", "has_customer_system", "id",
    "created_on",
    "modified_on", "version", "outcome", "extended", "interim_measures", "liability", "facts",
    "named", "matched", "accused", "measures", "escalations",
})  # fmt: skip
SETTLED_WITH_THE_OPINION: Final = ("overturned", "ruled", "ruling_is_final")
# What only needs ask for: what is still missing says it, and says it once for all orders in which it came about.
SAID_BY_WHAT_IS_MISSING: Final = frozenset({
    "meeting_held", "apologised", "noticed", "customer_matches", "evidence", "faults", "escalated_to", "informed",
    "effective", "customer_updates", "plans_refused", "returns", "plans", "plans_made", "lead",
})  # fmt: skip


class Standings:
    """The standings of one procedure's complaints."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure, self._most = procedure, _bounds(procedure)
        self._left_out = LEFT_OUT | SAID_BY_WHAT_IS_MISSING | _of_no_consequence(procedure)
        self._steps = ("close", *sorted(procedure.steps_with_needs - {"close"}))

    def of(self, complaint: Complaint) -> object:
        left_out = self._left_out
        memory = {name: of for name, of in vars(complaint).items() if name not in left_out and name[0] != "_"}
        missing = {code for step in self._steps for code in missing_for(step, complaint, self._procedure)}
        memory["this_round"] = None if complaint.has_ended else _still_open(complaint)
        called = complaint.status == "closed" and complaint.standing.reached
        memory["standing"] = called if complaint.has_ended else self._stands(complaint, missing)
        memory["missing"] = missing
        memory["sent_to"] = bool(complaint.sent_to)  # who of a unit may read it brings nothing about
        memory["compensations"] = self._money_of(complaint)
        if complaint.has_ended:
            memory.pop("capas")
        # Several units stand in many ways beside each other, and then what is counted counts for less.
        several = len(complaint.this_round.units) > 1
        return self._levelled(memory, most=1 if several else None)

    def _stands(self, complaint: Complaint, missing: set[str]) -> object:
        """How far its round has come, beside what is missing; tries to reach the customer count while one is owed."""
        stands = complaint.standing
        tries = len(stands.called_at) if any(code.startswith("callback") for code in missing) else 0
        agreed = tuple(unit for unit in (None, *stands.executed) if complaint.holds("solution-agreed", unit))
        done = (stands.whole_executed, tuple(sorted(stands.executed.items())), stands.final, agreed)
        return (*done, min(tries, self._procedure.callback_attempts))

    def _money_of(self, complaint: Complaint) -> object:
        """What was paid and refused counts where it makes a verified charge good; else that something waits."""
        if complaint.charges:
            return complaint.compensations
        return {one.state for one in complaint.compensations} & {"proposed", "approved"}

    def _levelled(self, value: Any, name: str = "", most: int | None = None) -> object:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int):
            return min(value, most or self._most.get(name, 1))
        if isinstance(value, date):
            return True
        if is_dataclass(value):
            value = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, Mapping):
            left = ((str(key), self._levelled(of, key, most)) for key, of in value.items() if key not in self._left_out)
            return tuple(sorted(left, key=_by_name))
        if isinstance(value, list | set | frozenset | tuple):
            return frozenset(self._levelled(one, name, most) for one in value)
        return value


def _still_open(complaint: Complaint) -> dict[str, Any]:
    """What of the round may still make a difference: how its opinion was settled does not, once it is."""
    now = complaint.this_round
    left = dict(vars(now))
    left["units"] = now.at_work
    left["approvals"] = {
        (one.unit, approval.by, approval.unit) for one in now.at_work for approval in approvals_of(complaint, one.unit)
    }
    if now.opinion is not None and now.opinion.state == "final":
        left = {name: of for name, of in left.items() if name not in SETTLED_WITH_THE_OPINION} | {"opinion": "final"}
    return left


def _by_name(item: tuple[str, object]) -> str:
    return item[0]


def _bounds(procedure: Procedure) -> dict[str, int]:
    """Up to which number each counter makes a difference."""
    again = procedure.dissatisfaction
    return {
        "round": 2, "revision": 2, "overturned": procedure.dispute_rounds,
        "dissatisfactions": 0 if again is None else again.count,
    }  # fmt: skip


def _of_no_consequence(procedure: Procedure) -> frozenset[str]:
    """What complaints remember and no rule of this procedure asks for."""
    severities = procedure.severities.values()
    asked = {
        "approvals": any(one.approval or one.approval_of_each_unit for one in severities),
        "explained": any(one.explain_first for one in severities),
        "dissatisfactions": _changes_what_follows(procedure.dissatisfaction),
        "justified": False,
    }  # fmt: skip
    return frozenset(name for names, is_asked in asked.items() if not is_asked for name in names.split())


def _changes_what_follows(again: Dissatisfaction | None) -> bool:
    """Whether dissatisfaction does more than that somebody is told."""
    return again is not None and bool(again.decides or again.notice or again.verdict)


def twin_of(complaint: Complaint) -> Complaint:
    """Another complaint that remembers the same; what happens to one does not happen to the other."""
    twin: Complaint = object.__new__(Complaint)
    vars(twin).update(_copies(vars(complaint)))
    return twin


class _Kinds(dict[type, bool]):
    """By type: whether values of it are parts of a complaint that are written to. A moment is only ever replaced."""

    def __missing__(self, kind: Any) -> bool:
        mutable = is_dataclass(kind) and not getattr(kind, "__dataclass_params__").frozen  # noqa: B009
        self[kind] = kind in (list, set, dict) or (mutable and kind is not Moment)
        return self[kind]


WRITTEN_TO: Final = _Kinds()


def _copies(memory: dict[Any, Any]) -> dict[Any, Any]:
    return {name: _copied(value) if WRITTEN_TO[type(value)] else value for name, value in memory.items()}


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind is list:
        return [_copied(one) for one in value] if value and WRITTEN_TO[type(value[0])] else value.copy()
    if kind is set:
        return value.copy()
    if kind is dict:
        return _copies(value)
    twin = object.__new__(kind)
    vars(twin).update(_copies(vars(value)))
    return twin
