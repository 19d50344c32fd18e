"""Who may see a complaint and how much of it: roles, units and recusal (当事人回避).

Each role of an actor gives them a pair: which complaints it reaches, and how much of those it sees. Pairs are never
mixed: what one role reaches is not seen with the eyes of another that does not reach it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from domain import errors
from domain.identity import is_among
from domain.procedure.procedure import Procedure, Sight
from domain.titles import titles_of
from domain.values import ADMIN, Actor

Reach = Literal["all", "unit"]
SIGHTS: Final[tuple[Sight, ...]] = ("all", "texts", "none")  # the best first
# What a deployment is kept running by: how far a matter has come and what was said in it, not who complained.
SEEN_BY_ADMINISTRATORS: Final[Sight] = "texts"


@dataclass(frozen=True, slots=True)
class Access:
    """What one role gives in a procedure. `reach`: every complaint, or those that were sent to the actor's unit."""

    role: str
    reach: Reach
    sight: Sight


def accesses(actor: Actor, procedure: Procedure) -> tuple[Access, ...]:
    """What each of the actor's roles gives, of kinds that are not confidential; recusal is for each complaint."""
    return tuple(
        _access(ADMIN, SEEN_BY_ADMINISTRATORS) if role == ADMIN else _access(role, procedure.sees[role])
        for role in actor.roles
        if role == ADMIN or (role in procedure.sees and (role != "unit" or actor.unit is not None))
    )


@lru_cache(maxsize=512)
def _access(role: str, sight: Sight) -> Access:
    return Access(role, "unit" if role == "unit" else "all", sight)


def step_of_others(step: str, roles: Collection[str], procedure: Procedure) -> errors.Forbidden:
    """The refusal of a step to somebody none of whose roles takes it."""
    theirs = titles_of(procedure.steps.get(step, ()), procedure.roles)
    return errors.RoleForbids(roles=theirs or None, administrator=ADMIN in roles or None)


def in_circle(given: Iterable[Access], procedure: Procedure, kind: str) -> tuple[Access, ...]:
    """举报保密: those that are left for this kind of matter; of a confidential one those of its circle's roles.

    Not even an administrator is in it; whoever needs to see it is given the role for it, which the list of keys shows.
    """
    circle = procedure.confidential_to.get(kind)
    return tuple(given) if circle is None else tuple(one for one in given if one.role in circle)


def accesses_to(actor: Actor, procedure: Procedure, *, sent_to: Collection[str], kind: str) -> tuple[Access, ...]:
    """Those that reach one complaint, whoever may be named in it."""
    given = in_circle(accesses(actor, procedure), procedure, kind)
    return tuple(one for one in given if one.reach == "all" or actor.unit in sent_to)


def best_of(given: Iterable[Access]) -> Sight | None:
    """The best that they see; None where there are none."""
    sights = {one.sight for one in given}
    return next((sight for sight in SIGHTS if sight in sights), None)


def least_of(sights: Iterable[Sight | None]) -> Sight | None:
    """What is seen of something that belongs to all of these; None where one of them gives nothing."""
    given = set(sights)
    return None if None in given else next((sight for sight in reversed(SIGHTS) if sight in given), None)


def sight_of(
    actor: Actor, procedure: Procedure, *, accused: Collection[str], sent_to: Collection[str], kind: str
) -> Sight:
    """How much of one complaint the actor sees.

    Raises `Recused` for a person named in it, `Confidential` for whoever is outside the circle of a confidential kind,
    `RoleForbids` for a role without access, `NotSentToYourUnit` for a member of a unit that it was never sent to.
    """
    if is_among(actor.id, accused):
        raise errors.Recused
    sight = best_of(accesses_to(actor, procedure, sent_to=sent_to, kind=kind))
    if sight is not None:
        return sight
    if kind in procedure.confidential_to and "auditor" in actor.roles and "auditor" in procedure.sees:
        return "none"  # that something happened stays provable, what it was stays with the circle
    given = accesses(actor, procedure)
    if in_circle(given, procedure, kind):
        raise errors.NotSentToYourUnit
    raise errors.Confidential if kind in procedure.confidential_to else errors.RoleForbids
