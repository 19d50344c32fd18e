"""The lists' HTTP parameters, and what all lists have in common: access, pages, waiting for a position."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.http.protocol.cursors import After, cursor_of, read_cursor
from app.http.protocol.parameters import Instant
from app.http.protocol.problems import Problem
from app.service import Service
from eventlog.database import StorageAway, is_storage_away
from projections.tracking_query import Sort

WAIT_SECONDS: Final = 2.0
EXPORT_PAGE: Final = 500
POSITION: Final = "SELECT position FROM follower_checkpoints WHERE name = $1"
CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NDJSON_TYPE: Final = "application/x-ndjson"

Item = TypeVar("Item")


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("Give text without NUL and without half characters.")
    return text


Code = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
Position = Annotated[int, Field(ge=0, le=2**62)]


class ListQuery(BaseModel):
    """What every list takes. An unknown parameter is refused: a filter with a slip in it must not answer everything."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(50, ge=1, le=200, description="Rows of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = Field(
        None, description="`next_cursor` of the page before"
    )
    min_position: Position | None = Field(
        None, description="Wait (2 s at most, then 503) until the list shows what was recorded up to this position"
    )

    def listing(self, name: str) -> str:
        """Names the list with its filters and order: what a cursor of it is good for."""
        filters = self.model_dump(mode="json", exclude={"limit", "cursor", "min_position"}, exclude_none=True)
        return f"{name} {hashlib.sha256(msgspec.json.encode(filters)).hexdigest()}"


class TrackingQuery(ListQuery):
    procedure: Code | None = None
    kind: Code | None = None
    status: Code | None = None
    severity: Code | None = None
    category: Code | None = Field(None, description="Includes its sub-categories")
    unit: Code | None = Field(None, description="Asked in the present round")
    owner: Code | None = Field(None, description="The owner's actor id")
    offered_to: Code | None = Field(None, description="Handed over to this actor, who has not accepted yet")
    channel: Code | None = None
    overdue: bool | None = Field(None, description="Whether the next hard due time has passed")
    received_from: Instant | None = Field(None, description="Included")
    received_to: Instant | None = Field(None, description="Not included")
    q: Code | None = Field(None, description="Words that all occur in number, subject, content or wants; Chinese too")
    sort: Sort = "-received_at"
    as_of: Instant | None = Field(None, description="The table as it stood at this time")


class SlaSummaryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    procedure: Code | None = None
    unit: Code | None = None
    min_position: Position | None = None


class SlaQuery(ListQuery):
    state: Literal["running", "met", "missed", "paused", "cancelled"] | None = None
    unit: Code | None = None
    procedure: Code | None = None
    clock: Code | None = None
    due_before: Instant | None = Field(None, description="Not included")
    sort: Literal["due_at", "-due_at"] = "due_at"


class AuditQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    after: Position = Field(0, description="Only events after this position")
    limit: int = Field(50, ge=1, le=200, description="Events of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = None
    type: Code | None = Field(None, description="As in the history: Received, Dispatched, …")
    actor: Code | None = Field(None, description="The actor's id")
    agent: Code | None = Field(None, description="The agent whose faults were graded: their record, for quality only")
    complaint: UUID | None = Field(None, description="The complaint's id")
    incident: UUID | None = Field(None, description="The incident's id")
    from_: Instant | None = Field(None, alias="from", description="Recorded at this time or later")
    to: Instant | None = Field(None, description="Recorded before this time")
    min_position: Position | None = None


@dataclass(frozen=True)
class Listed(Generic[Item]):
    """Some rows, and where the next ones begin (None: that was all)."""

    items: Sequence[Item]
    after: After | None


Pages = Callable[[After | None, int], Awaitable[Listed[Item]]]


async def wait_for(service: Service, position: int | None) -> None:
    """Raises 503 when the read models have not reached the position in two seconds."""
    if position is not None and not await service.follower.reached(position, WAIT_SECONDS):
        raise Problem(
            503, "read-model-behind", "Temporarily unavailable",
            "The list has not come as far as this position yet; ask again shortly.",
            headers={"Retry-After": "1"},
        )  # fmt: skip


async def position_of(service: Service, model: str) -> int:
    """How far a read model has come. Read it before the rows, which are then at least as new."""
    rows = await fetch(service, POSITION, model)
    return int(rows[0]["position"]) if rows else 0


async def fetch(service: Service, query: str, *values: Any) -> list[Any]:
    """Raises `StorageAway`."""
    try:
        return list(await service.pool.fetch(query, *values))
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise


def begin_at(service: Service, listing: str, cursor: str | None) -> After | None:
    """Where a page begins. Raises 422 for a cursor that is not this list's."""
    return None if cursor is None else read_cursor(service.master, listing, cursor)


def end_at(service: Service, listing: str, after: After | None) -> str | None:
    """The cursor for the next page."""
    return None if after is None else cursor_of(service.master, listing, after)


async def whole(pages: Pages[Item]) -> AsyncIterator[Sequence[Item]]:
    """The whole list, page by page."""
    after: After | None = None
    while True:
        page = await pages(after, EXPORT_PAGE)
        yield page.items
        after = page.after
        if after is None:
            return


async def one_page(rows: Sequence[Item]) -> AsyncIterator[Sequence[Item]]:
    """A list that is whole already, as the exports take it."""
    yield rows


def wanted_type(request: Request, *types: str) -> str | None:
    """Which of these media types the caller asks for; None for JSON."""
    accepted = request.headers.get("accept", "").lower()
    asked = [part.partition(";")[0].strip() for part in accepted.split(",")]
    return next((one for one in asked if one in types), None)
