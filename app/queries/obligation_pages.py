"""待办: pages of what is owed, and what is owed of one complaint."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.commands.pinned_rules import procedures_at
from app.queries.paging import After, Listed, Rows, Source
from app.queries.visibility import Seen, Visibility
from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.incident.incident import Incident
from domain.incident.obligations import obligations_of as obligations_of_incident
from domain.obligation import OF, Obligation, ObligationState, OwedBy, ids_of, is_waiting
from domain.people import People
from domain.procedure.duties import KNOWN_TO_FEW
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import Title
from domain.values import Actor
from eventlog.database import fetch, fetch_in_order
from procedures.rules import Rules
from projections.obligations_query import OWERS, ObligationFilter, Owing, Query, Wanted, conditions_of, states_of
from wording.obligations import obligation_title
from wording.states import OBLIGATION
from wording.subjects import title


@dataclass(frozen=True, slots=True)
class Ower:
    """Who owes it: one of the three."""

    unit: str | None = None
    role: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """One thing that is owed of a complaint or of an incident, by whom, until when, and what to do about it.

    `step` is posted to `link`. `due_at` is null where there is no limit; `met_at` is when it was done, late or not.
    States: open, met, missed, waived (void before it was done). Times are UTC.
    """

    id: UUID
    name: str
    titles: Title
    complaint_id: UUID | None
    incident_id: UUID | None
    number: str
    procedure: str
    owed_by: Ower
    unit: str | None
    round: int
    arose_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    soft: bool
    state: ObligationState
    state_titles: Title
    met_at: datetime | None
    step: str
    step_titles: Title
    link: str


@dataclass(frozen=True)
class ObligationTable:
    """What is owed, for every reader."""

    pool: asyncpg.Pool
    rules: Rules
    visibility: Visibility
    source: Source
    people: Callable[[], People]

    def rows(self, actor: Actor, wanted: ObligationFilter) -> Rows[ObligationRow]:
        """The nearest due time first, what has none last. Raises `RoleForbids`."""
        scope, seen = self.visibility.scope(actor), self.visibility.faults_seen(actor)
        readers = self.visibility.for_readers
        conditions = conditions_of(wanted, scope, faults_seen=seen, for_readers=readers)
        states = states_of(wanted)

        async def asked() -> Query:
            return Query(conditions, states, await self._owers(actor, wanted))

        async def page(after: After | None, limit: int) -> Listed[ObligationRow]:
            place = None if after is None else (after.key, after.id, after.ordinal)
            text, values = (await asked()).page(place, limit + 1)
            rows = await fetch_in_order(self.pool, text, *values)
            shown = rows[:limit]
            last = shown[-1] if len(rows) > limit else None
            return Listed(await self._shown(shown), None if last is None else _after(last))

        async def counted() -> int:
            text, values = (await asked()).count()
            return int((await fetch(self.pool, text, *values))[0]["count"])

        return Rows(ObligationRow, self.source, page, counted=counted)

    async def _owers(self, actor: Actor, wanted: ObligationFilter) -> tuple[Owing, ...] | None:
        """Whose rows are read; None: everybody's."""
        if not wanted.owed_by:
            return None
        by = Wanted.by(wanted.owed_by, actor)
        found = await fetch(self.pool, OWERS, *by.ranges)
        return tuple(by.owers([(row["owed_by"], row["otherwise"]) for row in found], self.people()))

    async def _shown(self, rows: Sequence[Any]) -> list[ObligationRow]:
        pinned: dict[str, set[str]] = {}
        for row in rows:
            pinned.setdefault(row["procedure"], set()).add(row["procedure_version"])
        versions = {code: await procedures_at(code, known, self.rules) for code, known in pinned.items()}
        people = self.people()
        return [_row(row, versions[row["procedure"]][row["procedure_version"]], people) for row in rows]


def _after(last: Any) -> After:
    return After(last["falls_due"], last["case_id"], last["ordinal"])


def obligations_seen(complaint: Complaint, people: People, seen: Seen) -> list[ObligationRow]:
    """What is owed of a complaint, as far as a reader may know of it."""
    kept_from = seen.kept_from | (KNOWN_TO_FEW.keys() if seen.faults is None else frozenset())
    return [row for row in _of_case(complaint, obligations_of(complaint), people) if row.name not in kept_from]


def obligations_of_incident_seen(incident: Incident) -> list[ObligationRow]:
    """What is owed of an incident: whoever sees one sees all of that."""
    return _of_case(incident, obligations_of_incident(incident), People())


def _of_case(it: Complaint | Incident, found: Sequence[Obligation], people: People) -> list[ObligationRow]:
    is_complaint = isinstance(it, Complaint)
    of = {"complaint_id": it.id if is_complaint else None, "incident_id": None if is_complaint else it.id}
    known: dict[str, Any] = {**of, "number": it.number, "procedure": it.procedure_code}
    with_ids = zip(found, ids_of(it.id, found), strict=True)
    return [_made({**known, **_own(one, id)}, one.owed_by, people, one.rule, it.procedure) for one, id in with_ids]


def _own(one: Obligation, id: UUID) -> dict[str, Any]:
    return {"id": id, **{name: getattr(one, name) for name in SAME}}


SAME: Final = (
    "name", "unit", "round", "arose_at", "warn_at", "due_at", "soft", "state", "met_at", "step",
)  # fmt: skip


def _row(row: Mapping[str, Any], procedure: Procedure, people: People) -> ObligationRow:
    known = {name: row[name] for name in (*SAME, "id", "complaint_id", "incident_id", "number", "procedure")}
    kind, _, code = row["owed_by"].partition(":")
    code, _, of = code.partition(OF) if kind == "role" else (code, "", "")
    owed_by = OwedBy(kind, code, of or None, row["otherwise"] or None, tuple(row["may"]), row["instead"])
    return _made(known, owed_by, people, procedure.clock_at(row["rule"]), procedure)


def _made(
    known: dict[str, Any], owed_by: OwedBy, people: People, rule: ClockRule | None, procedure: Procedure
) -> ObligationRow:
    """Made in one place, so that the list and the answer about one case say the same."""
    complaint, incident = known["complaint_id"], known["incident_id"]
    waits = is_waiting(known["state"], known["met_at"])
    now = owed_by.at_present(people.roles_of(owed_by.code)) if waits else owed_by
    step = now.instead if now is not owed_by and now.instead is not None else known["step"]
    where = f"complaints/{complaint}" if complaint is not None else f"incidents/{incident}"
    return ObligationRow(
        **{**known, "step": step},
        titles=rule.title if rule is not None else obligation_title(known["name"], procedure),
        owed_by=Ower(**{now.kind: now.code}),
        state_titles=OBLIGATION[known["state"]],
        step_titles=title("steps", step),
        link=f"/v1/{where}/{step}",
    )
