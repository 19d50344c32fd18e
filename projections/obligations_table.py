"""待办: one row per thing that is owed of a complaint or an incident, by whom, until when.

`rule` is the place of its clock's rule in the pinned version of the procedure; None for what the close needs without a
limit. `owed_by` is `unit:<code>`, `role:<code>` (`role:<code>/<unit>` of those of a unit) or `person:<id>`; what is a
person's is that of the role `otherwise` where they have left or hold none of the roles `may`.
"""

from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, text

from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from domain.incident.incident import Incident
from domain.incident.obligations import obligations_of as obligations_of_incident
from domain.obligation import Obligation
from migrations.metadata import metadata
from projections.case import Case, IncidentCase, Row, Target
from projections.tracking_table import SCHEMA

# What is the same of complaints and incidents, in the order of the columns.
WHAT_IS_OWED: Final = (
    ("position", BigInteger, False), ("number", Text, False), ("procedure", Text, False),
    ("procedure_version", Text, False), ("name", Text, False), ("rule", Integer, True), ("owed_by", Text, False),
    ("step", Text, False), ("unit", Text, True), ("round", Integer, False),
    ("arose_at", DateTime(timezone=True), False), ("warn_at", DateTime(timezone=True), True),
    ("due_at", DateTime(timezone=True), True), ("soft", Boolean, False), ("state", Text, False),
    ("met_at", DateTime(timezone=True), True),
)  # fmt: skip


def _table(name: str, owner: str, *own: Column[Any]) -> Table:
    table = Table(
        name,
        metadata,
        Column(owner, Uuid, primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        *(Column(column, kind, nullable=nullable) for column, kind, nullable in WHAT_IS_OWED),
        *own,
        schema=SCHEMA,
    )
    Index(
        None, table.c.owed_by, table.c.due_at,
        postgresql_where=text("met_at IS NULL AND state IN ('open', 'missed')"),
    )  # fmt: skip
    Index(None, table.c.due_at, table.c[owner], table.c.ordinal)
    return table


obligations = _table(
    "obligations", "complaint_id",
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    Column("otherwise", Text),
    Column("may", ARRAY(Text), nullable=False),
)  # fmt: skip
incident_obligations = _table("incident_obligations", "incident_id", Column("kind", Text, nullable=False))


def _owed(it: Complaint | Incident, ordinal: int, position: int, one: Obligation) -> Row:
    return (
        it.id, ordinal, position, it.number, it.procedure_code, it.procedure_version, one.name,
        None if one.rule is None else it.procedure.place_of(one.rule), str(one.owed_by), one.step, one.unit,
        one.round, one.arose_at, one.warn_at, one.due_at, one.soft, one.state, one.met_at,
    )  # fmt: skip


def obligation_rows(case: Case) -> list[Row]:
    """A row for everything that was ever owed, in the order of the table's columns."""
    it = case.complaint
    accused, sent_to = case.seal.tags(it.accused), sorted(it.sent_to)
    found = enumerate(obligations_of(it))
    return [
        (*_owed(it, ordinal, case.position, one), accused, sent_to, one.owed_by.otherwise, list(one.owed_by.may))
        for ordinal, one in found
    ]


def incident_obligation_rows(case: IncidentCase) -> list[Row]:
    """As for a complaint."""
    it = case.incident
    found = enumerate(obligations_of_incident(it))
    return [(*_owed(it, ordinal, case.position, one), it.kind) for ordinal, one in found]


OBLIGATIONS: Final = Target(obligations, obligation_rows, owner="complaint_id", many=True)
INCIDENT_OBLIGATIONS: Final = Target(
    incident_obligations, incident_obligation_rows, owner="incident_id", many=True
)
