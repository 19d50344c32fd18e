"""What a read model is made from, and what a read model is.

A projection is a function from a folded complaint, or incident, to the rows of one or more tables. It knows nothing of
the log, of the clock or of HTTP; applying it twice, or late, changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Table

from domain.call.call import Call
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.incident.incident import Incident
from projections.ledger import Ledger

Row = tuple[Any, ...]


class Seal(Protocol):
    """What a row holds in place of what is personal in its case."""

    def column(self, name: str, content: Any) -> bytes | None:
        """The content sealed with the case's key for the column of this name; None where the key is gone."""
        ...

    def tags(self, people: Iterable[str]) -> list[str]:
        """What people who are named are found by."""
        ...

    def place(self, name: str | None) -> str | None:
        """A place by which rows are counted, the same again in every case."""
        ...

    def gram_hashes(self, grams: Iterable[str]) -> list[int]:
        """What pairs of characters are searched by."""
        ...

    def found_by(self, sought: Iterable[tuple[str, str]]) -> list[int]:
        """Of each kind and value the keyed hash by which complaints are looked up."""
        ...

    def lookup(self, kind: str, value: str) -> bytes:
        """The keyed hash by which something that identifies a person is found."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it was told: opened, so that its texts can be read."""

    version: int
    position: int
    event: ComplaintEvent


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint as it stands at `position`, the log position of its last event, recorded at `recorded_at` (UTC).

    `begun` is the position of its first event, the same in every version of it.
    Procedure and calendar are attached, personal fields opened as far as rows need them. `ledger` holds
    its events that count in the indicators. `told` gives those events that hold text and of which no rows can be there
    yet; they are opened when they are asked for.
    """

    complaint: Complaint
    position: int
    recorded_at: datetime
    seal: Seal
    begun: int
    ledger: Ledger = field(default_factory=Ledger)
    told: Iterable[Told] = ()

    @property
    def id(self) -> UUID:
        return self.complaint.id


@dataclass(frozen=True, slots=True)
class IncidentCase:
    """An incident as it stands at `position`, with its procedure and calendar attached; otherwise as `Case`."""

    incident: Incident
    position: int
    recorded_at: datetime
    seal: Seal

    @property
    def id(self) -> UUID:
        return self.incident.id


@dataclass(frozen=True, slots=True)
class CallCase:
    """A call as it stands at `position`. `called` is its id at its source, None where the events name none.

    `complaints` are those that something of it came to, `refused` codes of why something came to nothing.
    `began_at` is when the first of its events happened, `heard_at` when the last one arrived.
    """

    id: UUID
    call: Call
    source: str
    called: str | None
    complaints: tuple[UUID, ...]
    refused: tuple[str, ...]
    key_id: UUID
    version: int
    began_at: datetime
    heard_at: datetime
    position: int
    recorded_at: datetime
    seal: Seal


AnyCase = Case | IncidentCase | CallCase


@dataclass(frozen=True)
class Target:
    """One table of a read model: its rows for a case, in the order of its columns.

    The table has a column `position` and the complaint's id in the column `owner`. With `many` a complaint has several
    rows, told apart by `ordinal` (0, 1, …), and those beyond its last are removed.
    """

    table: Table
    rows: Callable[[Any], Sequence[Row]]  # of a `Case`, or of what its read model is made from
    owner: str
    many: bool = False

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.table.columns]


@dataclass(frozen=True)
class ReadModel:
    """A named set of tables that is filled, checkpointed, rebuilt and switched as one; `of`: what it is made from."""

    name: str
    targets: tuple[Target, ...]
    of: type[Case] | type[IncidentCase] | type[CallCase] = Case
