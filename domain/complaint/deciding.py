"""谁来决定: who alone takes a step, above all sends a case out, in some categories and after dissatisfied callbacks.

What is confidential its circle decides: the others do not see it.
"""

from functools import partial

from domain import errors
from domain.complaint.complaint import Complaint
from domain.titles import titles_of
from domain.values import ActedBy, Actor

# Theirs always who decide: to whom it is sent, and who was asked. Others are named by the procedure.
SENDING_OUT = frozenset({"dispatch", "redirect", "recall", "add-unit"})
# Sorting a complaint is everybody's; only the way out of a category is its deciders'.
BY_WHAT_IT_SAYS = "classify"


def decided_further_up(step: str, complaint: Complaint, by: ActedBy, actor: Actor) -> errors.Refused | None:
    """The refusal of a step that only others take; None where the actor may take it."""
    deciders = _deciders(step, complaint)
    if by.in_emergency or not deciders or not actor.roles.isdisjoint(deciders):
        return None
    return errors.DecidedFurtherUp(roles=titles_of(deciders, complaint.procedure.roles))


def must_decide_the_way_out(complaint: Complaint, category: str, kind: str, by: ActedBy, actor: Actor) -> None:
    """Raises `DecidedFurtherUp` where another category, or a secret kind, takes it from those who decide it."""
    procedure = complaint.procedure
    is_hidden = kind != complaint.kind and kind in procedure.confidential_to
    if not is_hidden and procedure.deciders_of(category) == procedure.deciders_of(complaint.category):
        return
    refusal = decided_further_up(BY_WHAT_IT_SAYS, complaint, by, actor)
    if refusal is not None:
        raise refusal


def who_may(step: str, complaint: Complaint) -> tuple[str, ...]:
    """The roles that take a step of this complaint as it stands, the usual first; none where the procedure has it not.

    Those who alone decide, the last instance once the rounds of disputes are over, and of what is confidential nobody
    outside its circle.
    """
    procedure, circle = complaint.procedure, complaint.circle
    if step == "issue-ruling" and rulings_are_exhausted(complaint):
        return (procedure.last_instance,)
    may = _deciders(step, complaint) or procedure.steps.get(step, ())
    return may if circle is None else tuple(role for role in may if role in circle) or circle


def rulings_are_exhausted(complaint: Complaint) -> bool:
    """Whether so many opinions were overturned that only the last instance rules."""
    return complaint.this_round.overturned >= complaint.procedure.dispute_rounds


def _deciders(step: str, complaint: Complaint) -> tuple[str, ...]:
    procedure, again = complaint.procedure, complaint.procedure.dissatisfaction
    if complaint.kind in procedure.confidential_to:
        return ()
    sends_out = step in SENDING_OUT
    theirs = again is not None and bool(again.decides) and (sends_out or step in again.decided)
    if again is not None and theirs and complaint.dissatisfactions >= again.count:
        return again.decides
    of_category = procedure.deciders_of if sends_out else partial(procedure.deciders_of_step, step)
    return of_category(complaint.category)
