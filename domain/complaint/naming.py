"""指名: whom somebody may name to own a case, to take it over, to have approved of something, or to be noticed.

They are there, and one of their roles may do what would be theirs to do; a machine owns nothing.
"""

from collections.abc import Collection

from domain import errors
from domain.complaint.complaint import Complaint
from domain.people import People, Person
from domain.procedure.access import accesses_to
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.titles import titles_of
from domain.values import Actor


def must_own(complaint: Complaint, id: str, pointer: str, request: Request, *, asked: Collection[str] = ()) -> None:
    """Raises the refusal where it cannot be their case; `asked` are the units that the same step sends it to."""
    if id in complaint.accused:
        raise errors.OwnerIsAccused
    _must_hold(complaint, id, pointer, request, complaint.procedure.owner_roles, asked)


def must_take_over(
    complaint: Complaint, id: str, pointer: str, request: Request, *, asked: Collection[str] = ()
) -> None:
    """As `must_own`, of somebody who has to accept it first."""
    if id in complaint.accused:
        raise errors.OwnerIsAccused
    _must_hold(complaint, id, pointer, request, takers_of(complaint.procedure), asked)


def takers_of(procedure: Procedure) -> tuple[str, ...]:
    """The roles that a case can be handed over to."""
    accepting = procedure.steps.get("accept-hand-over", procedure.owner_roles)
    return tuple(role for role in procedure.owner_roles if role in accepting)


def must_approve(complaint: Complaint, id: str, pointer: str, request: Request) -> None:
    """Raises the refusal where an approval cannot be theirs."""
    if id in complaint.accused:
        raise errors.ApproverIsAccused
    _must_hold(complaint, id, pointer, request, complaint.procedure.steps.get("approve", ()), ())


def must_hear_of_it(people: Collection[str], pointer: str, request: Request) -> None:
    """Raises the refusal where one of these people cannot be told."""
    for index, id in enumerate(people):
        _there(id, f"{pointer}/{index}", request.people)


def _must_hold(
    complaint: Complaint, id: str, pointer: str, request: Request, roles: Collection[str], asked: Collection[str]
) -> None:
    """Somebody who is there holds one of these roles, and it reaches the complaint."""
    person = _there(id, pointer, request.people, roles)
    able = person.roles.intersection(roles)
    if not able:
        raise errors.RoleCannotTakeIt(pointer, roles=titles_of(roles, complaint.procedure.roles))
    if able.isdisjoint(_reaching(complaint, person, asked)) or not _has_unit_for_it(complaint, person, able, asked):
        raise errors.NotInTheirReach(pointer)


def may_own_it(complaint: Complaint, person: Person) -> bool:
    """Whether nothing stands against it that it is theirs: who may own it for their unit alone has it with the unit."""
    able = person.roles.intersection(complaint.procedure.owner_roles)
    return not able or _has_unit_for_it(complaint, person, able, ())


def _has_unit_for_it(complaint: Complaint, person: Person, able: Collection[str], asked: Collection[str]) -> bool:
    return set(able) != {"unit"} or person.unit in {*(unit.unit for unit in complaint.this_round.at_work), *asked}


def _there(id: str, pointer: str, people: People, roles: Collection[str] | None = None) -> Person:
    person = people.person(id)
    if person is not None and person.present:
        return person
    if person is not None:
        raise errors.PersonHasLeft(pointer)
    raise unknown_person(id, pointer, people, roles)


def unknown_person(id: str, pointer: str, people: People, roles: Collection[str] | None = None) -> errors.Invalid:
    """Why an id is nobody's; near are those who may be meant, of these roles where some are asked for."""
    fitting = (one.id for one in people.near(id) if roles is None or not one.roles.isdisjoint(roles))
    unknown = errors.SeveralOfThisName if len(people.those_called(id)) > 1 else errors.UnknownPerson
    return unknown(pointer, near=tuple(fitting) or None)


def _reaching(complaint: Complaint, person: Person, asked: Collection[str]) -> set[str]:
    """Those of their roles that reach it, also as far as it is being sent to their unit."""
    actor = Actor(person.id, person.roles, person.unit)
    sent_to = {*complaint.sent_to, *asked}
    return {one.role for one in accesses_to(actor, complaint.procedure, sent_to=sent_to, kind=complaint.kind)}
