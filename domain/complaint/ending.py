"""谁能了结: of grave matters only some let go, early or by calling them less; and some findings are theirs alone."""

from domain import errors
from domain.complaint.complaint import Complaint
from domain.procedure.procedure import Procedure
from domain.titles import titles_of
from domain.values import ActedBy, Actor


def may_end(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Whether somebody may end it before its close."""
    return _is_one_of(enders(complaint.procedure, complaint.severity), by, actor)


def may_judge(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """申诉: who only examines what units appeal against lets nothing else go, and sends nothing else out again."""
    return complaint.this_round.appealed or not complaint.procedure.only_examines(by.role)


def enders(procedure: Procedure, severity: str | None) -> tuple[str, ...]:
    """The roles who alone end a complaint of this severity before its close; empty: whoever may take the step."""
    found = procedure.severities.get(severity or "")
    return () if found is None else found.ended_by


def must_may_reclassify(complaint: Complaint, severity: str | None, category: str, by: ActedBy, actor: Actor) -> None:
    """A grave complaint is made less by those who may end it, and some categories are found by some roles alone.

    Raises `EndedByOthers`, `FoundByOthers`.
    """
    procedure = complaint.procedure
    alone, kept = enders(procedure, complaint.severity), enders(procedure, severity)
    if severity != complaint.severity and not set(alone) >= set(kept) > set() and not _is_one_of(alone, by, actor):
        raise errors.EndedByOthers(roles=titles_of(alone, procedure.roles))
    if complaint.category is not None and procedure.finders_of(category) != procedure.finders_of(complaint.category):
        must_may_find(complaint, category, by, actor)


def must_may_find(complaint: Complaint, category: str | None, by: ActedBy, actor: Actor) -> None:
    """Raises `FoundByOthers`."""
    alone = complaint.procedure.finders_of(category)
    if not _is_one_of(alone, by, actor):
        raise errors.FoundByOthers(roles=titles_of(alone, complaint.procedure.roles))


def _is_one_of(alone: tuple[str, ...], by: ActedBy, actor: Actor) -> bool:
    return not alone or by.in_emergency or not actor.roles.isdisjoint(alone)
