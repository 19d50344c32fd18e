"""待办: one row per thing that is owed of a complaint or an incident, by whom, until when.

`rule` is the place of its clock's rule in the pinned version of the procedure; None for what the close needs without a
limit. `owed_by` is `unit:<code>`, `role:<code>` (`role:<code>/<unit>` of those of a unit) or `person:<id>`; what waits
for a person is that of the role `otherwise` (empty: nobody else's) where they have left or hold no role of `may`.
Then the step is `instead`, where there is one. `falls_due` is `due_at`, and the end of time where there is none.
"""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid

from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.incident.incident import Incident
from domain.incident.obligations import obligations_of as obligations_of_incident
from domain.obligation import Obligation, ids_of
from migrations.metadata import metadata
from projections.case import Case, IncidentCase, Row, Target
from projections.tracking_table import SCHEMA

WITHOUT_LIMIT: Final = datetime(9999, 12, 31, tzinfo=UTC)
# What is the same of complaints and incidents, in the order of the columns.
WHAT_IS_OWED: Final = (
    ("position", BigInteger, False), ("number", Text, False), ("procedure", Text, False),
    ("procedure_version", Text, False), ("name", Text, False), ("rule", Integer, True),
    ("owed_by", Text(collation="C"), False),  # so that those of a kind stand together
    ("step", Text, False), ("unit", Text, True), ("round", Integer, False),
    ("arose_at", DateTime(timezone=True), False), ("warn_at", DateTime(timezone=True), True),
    ("due_at", DateTime(timezone=True), True), ("soft", Boolean, False), ("state", Text, False),
    ("met_at", DateTime(timezone=True), True), ("id", Uuid, False), ("falls_due", DateTime(timezone=True), False),
)  # fmt: skip


def _table(name: str, owner: str, *own: Column[Any], whose: tuple[str, ...] = ("owed_by",)) -> Table:
    """`whose`: the columns by which those of one ower are found, of each state in order."""
    table = Table(
        name,
        metadata,
        Column(owner, Uuid, primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        *(Column(column, kind, nullable=nullable) for column, kind, nullable in WHAT_IS_OWED),
        *own,
        schema=SCHEMA,
    )
    in_order = (table.c.state, table.c.falls_due, table.c[owner], table.c.ordinal)
    Index(f"{name}_owed_by_in_order_idx", *(table.c[column] for column in whose), *in_order)
    Index(f"{name}_in_order_idx", *in_order)
    return table


obligations = _table(
    "obligations", "complaint_id",
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    Column("otherwise", Text, nullable=False),
    Column("may", ARRAY(Text), nullable=False),
    Column("instead", Text),
    whose=("owed_by", "otherwise"),
)  # fmt: skip
incident_obligations = _table("incident_obligations", "incident_id", Column("kind", Text, nullable=False))


def _owed(it: Complaint | Incident, ordinal: int, position: int, one: Obligation, id: UUID) -> Row:
    return (
        it.id, ordinal, position, it.number, it.procedure_code, it.procedure_version, one.name,
        None if one.rule is None else it.procedure.place_of(one.rule), str(one.owed_by), one.step, one.unit,
        one.round, one.arose_at, one.warn_at, one.due_at, one.soft, one.state, one.met_at,
        id, one.due_at or WITHOUT_LIMIT,
    )  # fmt: skip


def obligation_rows(case: Case) -> list[Row]:
    """A row for everything that was ever owed, in the order of the table's columns."""
    it = case.complaint
    accused, sent_to = case.seal.tags(it.accused), sorted(it.sent_to)
    found = obligations_of(it)
    return [
        (
            *_owed(it, ordinal, case.position, one, id), accused, sent_to,
            one.owed_by.otherwise or "", one.owed_by.may, one.owed_by.instead,
        )
        for ordinal, (one, id) in enumerate(zip(found, ids_of(it.id, found), strict=True))
    ]


def incident_obligation_rows(case: IncidentCase) -> list[Row]:
    """As for a complaint."""
    it = case.incident
    found = obligations_of_incident(it)
    with_ids = enumerate(zip(found, ids_of(it.id, found), strict=True))
    return [(*_owed(it, ordinal, case.position, one, id), it.kind) for ordinal, (one, id) in with_ids]


OBLIGATIONS: Final = Target(obligations, obligation_rows, owner="complaint_id", many=True)
INCIDENT_OBLIGATIONS: Final = Target(
    incident_obligations, incident_obligation_rows, owner="incident_id", many=True
)
