"""The samples of every complaint as rows, and beside them by what figures are grouped and who may see them."""

from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Index, Integer, Numeric, Table, Text, Uuid

from domain.complaint.complaint import Complaint
from domain.complaint.obligations import obligations_of
from migrations.metadata import metadata
from projections.case import Case, ReadModel, Row, Target
from projections.indicator_facts import samples_of
from projections.tracking_table import SCHEMA

indicator_cases = Table(
    "indicator_cases",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("category", Text),
    Column("agent", Text),  # who owns it
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    Column("issue_point", Text),
    Column("district", Text),  # sealed, the same again for the same
    schema=SCHEMA,
)

indicator_samples = Table(
    "indicator_samples",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("day", Date, nullable=False),  # in the zone of the complaint's calendar
    Column("unit", Text),
    Column("whole", Boolean, nullable=False),  # in figures over whole cases; with a unit in those of units
    Column("fits", Boolean, nullable=False),
    Column("amount", Numeric),  # seconds, or money
    Column("currency", Text),
    Column("excluded_by", BigInteger),  # the position of the event that left it out of the scoring
    Column("counted", ARRAY(BigInteger), nullable=False),  # positions of the events that made it count
    Column("fitting", ARRAY(BigInteger), nullable=False),  # positions of those that made it fit
    schema=SCHEMA,
)

Index(None, indicator_samples.c.day, indicator_samples.c.indicator)


def case_rows(case: Case) -> list[Row]:
    """The complaint's one row, in the order of the table's columns."""
    it = case.complaint
    return [
        (
            it.id, case.position, it.number, it.procedure_code, it.kind, it.category, it.owner.actor,
            case.seal.tags(it.accused), sorted(it.sent_to), it.issue_point,
            case.seal.place(it.district),
        )
    ]  # fmt: skip


def callback_since(complaint: Complaint) -> datetime | None:
    """From when a callback is owed that nobody has made yet; before there is a result nobody can call."""
    if not (complaint.standing.has_result or complaint.standing.ended):
        return None
    owed = (one.arose_at for one in obligations_of(complaint) if one.step == "record-callback" and one.waits)
    return min(owed, default=None)


def sample_rows(case: Case) -> list[Row]:
    """A row for everything that the complaint counts for, in the order of the table's columns."""
    id, position, calendar = case.id, case.position, case.complaint.calendar
    return [
        (
            id, ordinal, position, one.indicator, calendar.local_date(one.at), one.unit, one.whole, one.fits,
            one.amount, one.currency, one.excluded_by, one.counted, one.fitting,
        )
        for ordinal, one in enumerate(
            samples_of(case.ledger, case.complaint.procedure, callback_since=callback_since(case.complaint))
        )
    ]  # fmt: skip


INDICATOR_ROWS: Final = ReadModel(
    "indicators",
    (
        Target(indicator_cases, case_rows, owner="complaint_id"),
        Target(indicator_samples, sample_rows, owner="complaint_id", many=True),
    ),
)
