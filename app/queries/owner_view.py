"""Who owns a case, as answers show it: a person, one who has left, or the queue of a role."""

from dataclasses import dataclass
from typing import Literal

from domain.complaint.state import Owner
from domain.people import People


@dataclass(frozen=True, slots=True)
class OwnerView:
    actor: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class OwnerWhoLeft:
    """Somebody who is not there any more: another one has to take the case."""

    actor: str
    unit: str | None
    left: Literal[True] = True


@dataclass(frozen=True, slots=True)
class QueueOfRole:
    """It waits for somebody of this role, and is nobody's yet."""

    role: str
    actor: None = None
    unit: str | None = None


OwnerShown = OwnerView | OwnerWhoLeft | QueueOfRole


def owner_view(owner: Owner, people: People) -> OwnerShown:
    """`people`: everybody who was ever recorded."""
    if owner.actor is not None and not people.is_present(owner.actor):
        return OwnerWhoLeft(owner.actor, owner.unit)
    if owner.actor is None and owner.role is not None:
        return QueueOfRole(owner.role, unit=owner.unit)
    return OwnerView(owner.actor, owner.unit)
