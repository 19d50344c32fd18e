"""Two roles give together what the better of them gives for each case, never one's reach with the other's sight.

Over every pair of roles that is known anywhere, every procedure, every kind and both sides of a unit's reach; over HTTP
pairs of one role of each sort, at every address that shows something of a case. The oracle is what each of the two
roles gives by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from app.access.known import roles_known_to
from app.queries.visibility import Seen
from app.service import Service
from domain.complaint.steps import STEPS, allowed_steps
from domain.errors import Forbidden
from domain.values import Actor
from eventlog.streams import COMPLAINT
from projections.scope import Conditions, Scope
from tests.cluster import Cluster, Template
from tests.http.desk import Desk, open_desk
from tests.queries.combined import PLAIN, Answers, addresses, answers_of, mistakes
from tests.queries.every_case import Case, record_every_case

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS: Final = frozenset(event.__name__ for event in COMPLAINT.events)
SIGHTS: Final = ("all", "texts", "none", None)  # the best first
UNITS: Final = ("settlement", "trading")  # cases were sent to the first


@dataclass
class House:
    """`answers` are those of single roles, each asked for once."""

    desk: Desk
    cases: list[Case]
    incident: UUID
    answers: dict[tuple[str, str], Answers] = field(default_factory=dict)

    async def alone(self, role: str, unit: str) -> Answers:
        if (role, unit) not in self.answers:
            wanted = addresses(self.cases, self.incident)
            self.answers[role, unit] = await answers_of(self.desk, (role,), unit, wanted)
        return self.answers[role, unit]

    @property
    def service(self) -> Service:
        return self.desk.service

    @property
    def roles(self) -> list[str]:
        return [*sorted(roles_known_to(self.service.library)), "board"]  # the last one is of no procedure


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(cluster: Cluster, template: Template) -> AsyncIterator[House]:
    with cluster.copy(template) as url:
        async with open_desk(url, sandbox=True) as desk:
            yield House(desk, *await record_every_case(desk.service, EVENTS))


def person(*roles: str, unit: str = UNITS[0]) -> Actor:
    """A key has a unit also where none of its roles is `unit`."""
    return Actor("somebody", frozenset(roles), unit)


def pairs(roles: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Every two of them, in each unit that makes a difference."""
    for one, other in combinations(roles, 2):
        yield from ((one, other, unit) for unit in (UNITS if "unit" in (one, other) else UNITS[:1]))


def seen(case: Case, actor: Actor) -> Seen | None:
    try:
        return Seen.of_complaint(case.complaint, actor)
    except Forbidden:
        return None


def best(found: Iterable[Any]) -> Any:
    given = set(found)
    return next(sight for sight in SIGHTS if sight in given)


def shown(seen: Seen | None) -> str | None:
    """How much of what a case says; None where it is withheld, or not theirs at all."""
    return None if seen is None or seen.withheld else seen.sight


async def test_of_one_case_a_pair_sees_what_the_better_of_the_two_sees(house: House) -> None:
    single = {
        (role, unit): [seen(case, person(role, unit=unit)) for case in house.cases]
        for role in house.roles for unit in UNITS
    }  # fmt: skip
    assert {shown(one) for found in single.values() for one in found} == set(SIGHTS)
    for one, other, unit in pairs(house.roles):
        pair = person(one, other, unit=unit)
        for case, *alone in zip(house.cases, single[one, unit], single[other, unit], strict=True):
            found = seen(case, pair)
            at = (one, other, unit, case)
            assert shown(found) == best(shown(it) for it in alone), at
            assert (found is None) == (alone == [None, None]), at
            if found is not None:
                assert found.faults == best(None if it is None else it.faults for it in alone), at


async def test_a_pair_is_offered_no_step_that_neither_of_the_two_is_offered(house: House) -> None:
    procedures = house.service.library.procedures
    for case in house.cases:
        roles = [*procedures[case.procedure].sees, "admin"]
        single = {
            (role, unit): set(allowed_steps(case.complaint, person(role, unit=unit)))
            for role in roles for unit in UNITS
        }  # fmt: skip
        assert any(single.values()), case
        for one, other, unit in pairs(roles):
            offered = set(allowed_steps(case.complaint, person(one, other, unit=unit)))
            assert offered == single[one, unit] | single[other, unit], (one, other, unit, case)


async def listed(house: House, condition: str, conditions: Conditions) -> set[Any]:
    query = f"SELECT id FROM reading.tracking WHERE {condition}"
    return {row["id"] for row in await house.service.pool.fetch(query, *conditions.values)}


async def test_in_lists_a_pair_finds_and_reads_what_the_better_of_the_two_does(house: House) -> None:
    library = house.service.library
    single = {
        (role, unit): {case.id: shown(seen(case, person(role, unit=unit))) for case in house.cases}
        for role in house.roles for unit in UNITS
    }  # fmt: skip
    for one, other, unit in pairs(house.roles):
        wanted = {id: best((single[one, unit][id], single[other, unit][id])) for id in single[one, unit]}
        scope = Scope.of(person(one, other, unit=unit), "", library.procedures.values())
        for case in house.cases:
            if wanted[case.id] is not None:
                sight = scope.sight(case.procedure, case.kind, case.complaint.sent_to)
                assert sight == wanted[case.id], (one, other, unit, case)
        conditions = Conditions()
        scope.narrow(conditions)
        found = await listed(house, conditions.where, conditions)
        assert found == {id for id, sight in wanted.items() if sight is not None}, (one, other, unit)
        searched = Conditions()
        readable = scope.read.condition(searched, unit, "kind")
        read = await listed(house, readable, searched)
        assert found & read == {id for id, sight in wanted.items() if sight in ("all", "texts")}, (one, other, unit)


# One role of each sort: no sight, texts, everything, a unit's, those of a circle, general ones, one of no procedure.
SORTS: Final = (
    "partner", "quality", "manager", "unit", "supervisor", "mayor", "operations", "auditor", "admin", "board"
)  # fmt: skip


@pytest.mark.parametrize("first", SORTS[:-1])
async def test_at_every_address_a_pair_gets_what_the_two_get_and_no_mixture(house: House, first: str) -> None:
    wanted = addresses(house.cases, house.incident)
    for one, other, unit in pairs(SORTS):
        if one == first:
            pair = await answers_of(house.desk, (one, other), unit, wanted)
            alone = [await house.alone(role, unit if role == "unit" else PLAIN) for role in (one, other)]
            found = {at: wrong for at in wanted if (wrong := mistakes(pair[at], [answers[at] for answers in alone]))}
            assert found == {}, (one, other, unit)


async def test_every_address_shows_something_of_a_case_to_somebody(house: House) -> None:
    single = [await house.alone(role, PLAIN) for role in SORTS]
    for at in addresses(house.cases, house.incident):
        assert at[0] == "POST" or any(found[at].rows or found[at].sums for found in single), at


async def test_the_table_has_every_procedure_every_kind_and_every_step_in_it(house: House) -> None:
    procedures = [one for one in house.service.library.procedures.values() if one.incidents is None]
    there_are = {(one.code, kind) for one in procedures for kind in one.kinds}
    assert {(case.procedure, case.kind) for case in house.cases} == there_are
    assert len(house.cases) == 2 * len(there_are)
    everybody = [person(role, "supervisor") for role in house.roles]
    offered = {step for case in house.cases for who in everybody for step in allowed_steps(case.complaint, who)}
    assert len(offered) > len(STEPS) / 2
    assert {"unit", "partner", "supervisor", "mayor", "auditor", "admin"} <= set(house.roles)
