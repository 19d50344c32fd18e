"""What is owed as a list: by whom, of which complaint, in which state, the nearest due time first.

Whoever owes is asked for one by one, and of each every state by itself, so that each is read in its order from an
index, and no more of it than a page holds. Who there is to ask for, the table says (`OWERS`): what somebody owes who
has left is that of a role, and who has left is known to those who ask.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

from domain.identity import PERSON, ROLE, UNIT
from domain.obligation import OF, ObligationState
from domain.people import People
from domain.procedure.duties import KNOWN_TO_FEW
from domain.values import Actor
from projections.obligations_table import WHAT_IS_OWED
from projections.scope import Conditions, Scope

NAMES: Final = ("ordinal", *(column for column, _, _ in WHAT_IS_OWED))
SHARED: Final = ", ".join(NAMES)
COLUMNS: Final = ("complaint_id", "incident_id", "case_id", "otherwise", "may", "instead", *NAMES)
# Of complaints and of incidents; the kind of a complaint stands in the tracking table, and nobody is kept out of an
# incident or sent one.
TABLES: Final = (
    f"""(SELECT complaint_id, NULL::uuid AS incident_id, complaint_id AS case_id, {SHARED}, accused, sent_to,
    otherwise, may, instead, (SELECT t.kind FROM reading.tracking t WHERE t.id = complaint_id) AS kind
FROM reading.obligations)""",
    f"""(SELECT NULL::uuid AS complaint_id, incident_id, incident_id AS case_id, {SHARED}, '{{}}'::text[] AS accused,
    '{{}}'::text[] AS sent_to, ''::text AS otherwise, '{{}}'::text[] AS may,
    NULL::text AS instead, kind
FROM reading.incident_obligations)""",
)
STATES: Final[tuple[ObligationState, ...]] = get_args(ObligationState)
WAITS_IN: Final[tuple[ObligationState, ...]] = ("open", "missed")
WAITING: Final = "met_at IS NULL AND state IN ('open', 'missed')"
PLACE: Final = "falls_due, case_id, ordinal"
# Everybody who owes something, from one to the next: between two codes, the second one not included.
OWERS: Final = """
WITH RECURSIVE found AS (
    SELECT r.upto, f.owed_by, f.otherwise FROM unnest($1::text[], $2::text[]) AS r (since, upto)
    CROSS JOIN LATERAL (SELECT owed_by, otherwise FROM reading.obligations o
        WHERE o.owed_by >= r.since AND o.owed_by < r.upto ORDER BY o.owed_by, o.otherwise LIMIT 1) f
    UNION ALL
    SELECT b.upto, f.owed_by, f.otherwise FROM found b
    CROSS JOIN LATERAL (SELECT owed_by, otherwise FROM reading.obligations o
        WHERE (o.owed_by, o.otherwise) > (b.owed_by, b.otherwise) AND o.owed_by < b.upto
        ORDER BY o.owed_by, o.otherwise LIMIT 1) f
)
SELECT owed_by, otherwise FROM found
"""
# What waits for somebody who may not do it now, or has left, is that of the role that it falls to.
ABLE: Final = f"array_append(o.may, 'admin') && string_to_array(w.holds, '{OF}')"
AS_OF_NOW: Final = f"w.otherwise = '' OR w.falls = ({WAITING} AND NOT ({ABLE}))"


@dataclass(frozen=True)
class ObligationFilter:
    """What is asked for; of several values any.

    `owed_by`: `me`, `unit:<code>`, `role:<code>` or `person:<id>`. `due_before` is not included.
    `waiting`: what still has to be done, in time or late. `step`: what is done about it.
    """

    owed_by: tuple[str, ...] = ()
    state: tuple[ObligationState, ...] = ()
    waiting: bool | None = None
    unit: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    complaint: tuple[UUID, ...] = ()
    incident: tuple[UUID, ...] = ()
    due_before: datetime | None = None
    step: tuple[str, ...] = ()


@dataclass(frozen=True)
class Owing:
    """Whose rows are read: those of this code and, of a person's, those that are the role's `otherwise` when it falls.

    `holds` are the roles that the person holds now; `falls`: those rows that wait, and that the person may not do.
    """

    owed_by: str
    otherwise: str = ""
    holds: frozenset[str] = frozenset()
    falls: bool = False


@dataclass(frozen=True)
class Wanted:
    """By whom it is owed what is asked for: `codes`, and of the roles in `of_any_unit` also for one unit alone."""

    codes: tuple[str, ...]
    of_any_unit: tuple[str, ...]

    @classmethod
    def by(cls, owed_by: Iterable[str], actor: Actor) -> "Wanted":
        asked = tuple(owed_by)
        codes = dict.fromkeys(code for one in asked for code in _codes(one, actor))
        return cls(tuple(codes), tuple(one for one in asked if one.startswith(ROLE)))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(code.removeprefix(ROLE) for code in self.codes if code.startswith(ROLE))

    @property
    def ranges(self) -> tuple[list[str], list[str]]:
        """Where `OWERS` looks: at persons where a role is asked for, else at those named, and at roles of one unit."""
        persons = [code for code in self.codes if code.startswith(PERSON)]
        looked_at = [(PERSON, _after(PERSON))] if self.roles else [(one, f"{one}\x01") for one in persons]
        looked_at += [(f"{role}{OF}", _after(f"{role}{OF}")) for role in self.of_any_unit]
        return [since for since, _ in looked_at], [upto for _, upto in looked_at]

    def owers(self, found: Iterable[tuple[str, str]], people: People) -> list[Owing]:
        """Whose rows are read, of those who owe anything (`owed_by` and `otherwise`)."""
        owers = [Owing(code) for code in self.codes]
        for code, otherwise in found:
            if code.startswith(ROLE):
                owers.append(Owing(code))
            elif otherwise:
                holds = people.roles_of(code.removeprefix(PERSON))
                if code in self.codes:
                    owers.append(Owing(code, otherwise, holds))
                if otherwise in self.roles and holds.isdisjoint({otherwise, "admin"}):
                    owers.append(Owing(code, otherwise, holds, falls=True))
        return owers


def _after(prefix: str) -> str:
    """What comes after everything that begins so."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _codes(owed_by: str, actor: Actor) -> list[str]:
    """Whom the filter means: `me` is the person, their unit, and their roles, also as they hold them for their unit."""
    if owed_by != "me":
        return [owed_by]
    roles = [f"{ROLE}{role}" for role in sorted(actor.roles - {"unit"})]
    mine = [f"{PERSON}{actor.id}", *roles]
    if actor.unit is None:
        return mine
    mine += [f"{role}{OF}{actor.unit}" for role in roles]
    return [*mine, f"{UNIT}{actor.unit}"] if "unit" in actor.roles else mine


def conditions_of(
    wanted: ObligationFilter, scope: Scope, *, faults_seen: Collection[str], for_readers: Iterable[tuple[str, str]]
) -> Conditions:
    """What is asked for, as far as the reader may see it.

    `faults_seen`: where they see how faults were graded; `for_readers`: by procedure, that of which only those hear who
    read texts.
    """
    conditions = Conditions()
    scope.narrow(conditions)
    scope.leave_out_unread(conditions, "name", for_readers)
    conditions.add("name <> ALL({}::text[]) OR procedure = ANY({}::text[])", list(KNOWN_TO_FEW), list(faults_seen))
    for name in ("unit", "procedure", "step"):
        conditions.among(name, getattr(wanted, name))
    for name in ("complaint", "incident"):
        conditions.among(f"{name}_id", getattr(wanted, name))
    if wanted.waiting is not None:
        conditions.add(f"({WAITING}) = {{}}", wanted.waiting)
    if wanted.due_before is not None:
        conditions.add("falls_due < {} AND due_at IS NOT NULL", wanted.due_before)
    return conditions


def states_of(wanted: ObligationFilter) -> tuple[ObligationState, ...]:
    """The states to look at, each by itself."""
    of_waiting = WAITS_IN if wanted.waiting else STATES
    return tuple(one for one in of_waiting if not wanted.state or one in wanted.state)


@dataclass(frozen=True)
class Query:
    """The rows that fit `conditions`, of these states; `owers`: of these alone, where anybody is named."""

    conditions: Conditions
    states: tuple[ObligationState, ...]
    owers: tuple[Owing, ...] | None = None

    def page(
        self, after: tuple[Any, Any, int] | None, limit: int, columns: Sequence[str] = COLUMNS
    ) -> tuple[str, list[Any]]:
        """The text and the values of one page."""
        conditions = self.conditions.copy()
        if after is not None:
            conditions.add(f"({PLACE}) > ({{}}::timestamptz, {{}}::uuid, {{}})", *after)
        found = self._found(conditions, f"ORDER BY {PLACE} LIMIT {limit}")
        return f"SELECT {', '.join(columns)} FROM {found} ORDER BY {PLACE} LIMIT {limit}", conditions.values

    def count(self) -> tuple[str, list[Any]]:
        conditions = self.conditions.copy()
        return f"SELECT count(*) AS count FROM {self._found(conditions, '')}", conditions.values

    def _found(self, conditions: Conditions, of_each: str) -> str:
        sorts = conditions.placed("unnest({}::text[]) AS s (wanted)", list(self.states))
        own = "o.state = s.wanted"
        if self.owers is not None:
            columns = [
                [one.owed_by for one in self.owers], [one.otherwise for one in self.owers],
                [OF.join(one.holds) for one in self.owers],
                [one.falls for one in self.owers],
            ]  # fmt: skip
            whose = conditions.placed(
                "unnest({}::text[], {}::text[], {}::text[], {}::boolean[]) AS w (owed_by, otherwise, holds, falls)",
                *columns,
            )
            sorts = f"{whose} JOIN {sorts} ON NOT w.falls OR s.wanted IN ('open', 'missed')"
            own = f"o.owed_by = w.owed_by AND o.otherwise = w.otherwise AND ({AS_OF_NOW}) AND {own}"
        parts = (
            f"SELECT x.* FROM {sorts} CROSS JOIN LATERAL "
            f"(SELECT * FROM {table} o WHERE {own} AND {conditions.where} {of_each}) x"
            for table in TABLES
        )
        return f"({' UNION ALL '.join(parts)}) owed"
