"""What complaints are searched by: one row for each event that holds text, which never changes.

It holds keyed hashes of the pairs of characters of that text; the text itself is in the log and nowhere else.

The log is cut into stretches, and each hash is mixed with the number of the stretch in which its complaint began. So
the index gives those of one stretch alone: whoever wants the newest fifty need not have all thousands of them.
"""

from typing import Final

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Uuid

from domain.procedure.forms import searchable_questions
from migrations.metadata import metadata
from projections.case import Case, ReadModel, Row, Target
from projections.search import grams
from projections.searched_texts import searched_text
from projections.tracking_table import SCHEMA, sent_rows, tracking, tracking_rows, tracking_sent

STRETCH: Final = 1 << 16  # positions of the log: at most so many complaints begin in one

tracking_search = Table(
    "tracking_search",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),  # of the event
    Column("stretch", Integer, nullable=False),  # in which the complaint began
    Column("received_at", DateTime(timezone=True), nullable=False),  # the complaint's
    Column("grams", ARRAY(Integer), nullable=False),  # keyed hashes of characters and pairs, each # stretch
    Column("version", Integer, nullable=False),  # of the event
    PrimaryKeyConstraint("id", "version"),
    schema=SCHEMA,
)

Index(None, tracking_search.c.grams, postgresql_using="gin")
# Every complaint begins with an event that holds text.
Index(None, tracking_search.c.stretch, tracking_search.c.received_at, postgresql_where=tracking_search.c.version == 1)


def search_rows(case: Case) -> list[Row]:
    """What the texts that were told last are searched by."""
    stretch, received_at, rows = case.begun // STRETCH, case.complaint.received_at, []
    searchable = searchable_questions(case.complaint.procedure)
    for told in case.told:
        if text := searched_text(told.event, searchable):
            mixed = sorted(gram ^ stretch for gram in case.seal.gram_hashes(grams(text)))
            rows.append((case.id, told.position, stretch, received_at, mixed, told.version))
    return rows


TRACKING: Final = ReadModel(
    "tracking",
    (
        Target(tracking, tracking_rows, owner="id"),
        Target(tracking_sent, sent_rows, owner="complaint_id", many=True),
        Target(tracking_search, search_rows, owner="id"),
    ),
)
