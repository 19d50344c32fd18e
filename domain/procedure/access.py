"""Who may see a complaint and how much of it: roles, units and recusal (当事人回避)."""

from collections.abc import Collection
from typing import Literal

from domain import errors
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor

Reach = Literal["all", "unit"]


def reach_of(actor: Actor, procedure: Procedure) -> Reach | None:
    """Whether the actor sees every complaint of a procedure, only those sent to their unit, or none.

    Recusal narrows both further, and is checked on each complaint.
    """
    if actor.is_admin or any(role != "unit" and role in procedure.sees for role in actor.roles):
        return "all"
    if "unit" in actor.roles and "unit" in procedure.sees and actor.unit is not None:
        return "unit"
    return None


def is_withheld_from(actor: Actor, procedure: Procedure, kind: str) -> bool:
    """举报保密: whether a matter of this kind is confidential, and the actor is none of those who see it.

    Not even an administrator is; whoever needs to see it is given the role for it, which the list of keys shows.
    """
    circle = procedure.confidential_to.get(kind)
    return circle is not None and actor.roles.isdisjoint(circle)


def sight_of(
    actor: Actor, procedure: Procedure, *, accused: Collection[str], sent_to: Collection[str], kind: str
) -> Sight:
    """How much of one complaint the actor sees.

    Raises `Recused` for a person named in it, `Confidential` for whoever is outside the circle of a confidential kind,
    `RoleForbids` for a role without access, `NotSentToYourUnit` for a member of a unit that it was never sent to.
    """
    if actor.id in accused:
        raise errors.Recused
    if is_withheld_from(actor, procedure, kind):
        if procedure.sees.get("auditor") is not None and "auditor" in actor.roles:
            return "none"  # that something happened stays provable, what it was stays with the circle
        raise errors.Confidential
    reach = reach_of(actor, procedure)
    if reach is None:
        raise errors.RoleForbids
    if reach == "unit" and actor.unit not in sent_to:
        raise errors.NotSentToYourUnit
    return "all" if actor.is_admin else procedure.sight_of(actor.roles) or "none"
