"""What is owed as a list: by whom, of which complaint, in which state, the nearest due time first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from domain.obligation import OF, ObligationState
from domain.people import People
from domain.procedure.duties import KNOWN_TO_FEW
from domain.values import Actor
from projections.obligations_table import WHAT_IS_OWED
from projections.scope import Conditions, Scope

NAMES: Final = ("ordinal", *(column for column, _, _ in WHAT_IS_OWED))
SHARED: Final = ", ".join(NAMES)
COLUMNS: Final = ("complaint_id", "incident_id", "case_id", "otherwise", "may", *NAMES)
# Of complaints and of incidents; the kind of a complaint stands in the tracking table, and nobody is kept out of an
# incident or sent one.
OWED: Final = f"""
(SELECT complaint_id, NULL::uuid AS incident_id, complaint_id AS case_id, {SHARED}, accused, sent_to,
    otherwise, may, (SELECT t.kind FROM reading.tracking t WHERE t.id = complaint_id) AS kind
FROM reading.obligations
UNION ALL
SELECT NULL, incident_id, incident_id, {SHARED}, '{{}}'::text[], '{{}}'::text[], NULL, '{{}}'::text[], kind
FROM reading.incident_obligations) owed
"""
ROLE, PERSON = "role:", "person:"
HOLDS: Final = f"substr(owed_by, {len(PERSON) + 1}) || ' ' || r"
WITHOUT_LIMIT: Final = datetime(9999, 12, 31, tzinfo=UTC)  # where what has no due time stands: at the end
DUE: Final = f"coalesce(due_at, '{WITHOUT_LIMIT.isoformat()}'::timestamptz)"
WAITING: Final = "met_at IS NULL AND state IN ('open', 'missed')"


@dataclass(frozen=True)
class ObligationFilter:
    """What is asked for; of several values any. `owed_by`: `me`, `unit:<code>`, `role:<code>` or `person:<id>`;
    `due_before` is not included.

    `waiting`: what still has to be done, in time or late.
    """

    owed_by: tuple[str, ...] = ()
    state: tuple[ObligationState, ...] = ()
    waiting: bool | None = None
    unit: tuple[str, ...] = ()
    procedure: tuple[str, ...] = ()
    complaint: tuple[UUID, ...] = ()
    incident: tuple[UUID, ...] = ()
    due_before: datetime | None = None


def owers(owed_by: str, actor: Actor) -> list[str]:
    """Whom the filter means: `me` is the person, their unit, and their roles, also as they hold them for their unit."""
    if owed_by != "me":
        return [owed_by]
    roles = [f"{ROLE}{role}" for role in sorted(actor.roles - {"unit"})]
    mine = [f"{PERSON}{actor.id}", *roles]
    if actor.unit is None:
        return mine
    mine += [f"{role}{OF}{actor.unit}" for role in roles]
    return [*mine, f"unit:{actor.unit}"] if "unit" in actor.roles else mine


def conditions_of(
    wanted: ObligationFilter, actor: Actor, scope: Scope, *, faults_seen: Collection[str], people: People
) -> Conditions:
    """What is asked for, as far as the reader may see it; `faults_seen`: where they see how faults were graded."""
    conditions = Conditions()
    scope.narrow(conditions)
    conditions.add("name <> ALL({}::text[]) OR procedure = ANY({}::text[])", list(KNOWN_TO_FEW), list(faults_seen))
    if wanted.owed_by:
        whom = [ower for one in wanted.owed_by for ower in owers(one, actor)]
        in_any_unit = [f"{one}{OF}" for one in wanted.owed_by if one.startswith(ROLE)]
        _add_owers(conditions, whom, in_any_unit, people)
    for name in ("state", "unit", "procedure"):
        conditions.among(name, getattr(wanted, name))
    for name in ("complaint", "incident"):
        conditions.among(f"{name}_id", getattr(wanted, name))
    if wanted.waiting is not None:
        conditions.add(f"({WAITING}) = {{}}", wanted.waiting)
    if wanted.due_before is not None:
        conditions.add("due_at < {}", wanted.due_before)
    return conditions


def _add_owers(conditions: Conditions, wanted: list[str], in_any_unit: list[str], people: People) -> None:
    """Theirs, and of the roles among them what somebody owes who has left or may not do it."""
    roles = [ower.removeprefix(ROLE) for ower in wanted if ower.startswith(ROLE)]
    unable = [
        f"{PERSON}{id}" for id, person in people.known.items()
        if roles and not (person.present and person.roles.issuperset(roles))
    ]  # fmt: skip
    holding = [f"{id} {role}" for id, person in people.known.items() if person.present for role in person.roles]
    able = f"EXISTS (SELECT FROM unnest(may || '{{{{admin}}}}'::text[]) r WHERE {HOLDS} = ANY({{}}::text[]))"
    now = f"CASE WHEN otherwise IS NULL OR {able} THEN owed_by ELSE '{ROLE}' || otherwise END = ANY({{}}::text[])"
    of_a_unit = "EXISTS (SELECT FROM unnest({}::text[]) r WHERE starts_with(owed_by, r))"
    conditions.add(
        f"owed_by = ANY({{}}::text[]) AND {now} OR {of_a_unit}",
        list(dict.fromkeys((*wanted, *unable))), holding, wanted, in_any_unit,
    )  # fmt: skip


def page_after(conditions: Conditions, after: tuple[Any, Any, int] | None) -> Conditions:
    """The conditions of one page: those of the list, and where the page begins."""
    page = conditions.copy()
    if after is not None:
        page.add(f"({DUE}, case_id, ordinal) > ({{}}::timestamptz, {{}}::uuid, {{}})", *after)
    return page


def statement(page: Conditions, limit: int, columns: Sequence[str] = COLUMNS) -> str:
    """The query of one page."""
    return (
        f"SELECT {', '.join(columns)} FROM {OWED} WHERE {page.where} "
        f"ORDER BY {DUE}, case_id, ordinal LIMIT {limit}"
    )
