"""The parameters of the lists: filters, order, pages. What they ask for is answered by app/queries."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, TypeVar, get_origin
from uuid import UUID

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.access.people import Kind
from app.access.trail import AccessKind, Outcome
from app.commands.written import misspelt
from app.http.protocol.parameters import Day, InDigits, Instant
from app.http.protocol.problems import Problem, Wrong
from app.imports.jobs import Outcome as RowOutcome
from app.queries.paging import MOST_KEYS, are_keys
from app.queries.people import PeopleState
from domain.call.call import CallStatus
from domain.clocks.clock import ClockState
from domain.identity import levelled
from domain.incident.incident import IncidentStatus
from domain.obligation import ObligationState
from projections.incidents_query import KEYS as INCIDENT_KEYS
from projections.indicators_query import GroupBy
from projections.tracking_query import KEYS as TRACKING_KEYS

Filter = TypeVar("Filter")
NOT_OF_THE_LIST = {"after", "limit", "cursor", "min_position", "fields", "count"}


def _are_codes(values: Sequence[Any]) -> bool:
    return len(values) <= MOST_VALUES and all(isinstance(one, str) and _is_code(one) for one in values)


def _is_code(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_CODE and not _is_not_storable(text)


def _storable(text: str) -> str:
    if _is_not_storable(text):
        raise misspelt("not-storable")
    return text


def _is_not_storable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True)
class CodesOf:
    """Marks a filter whose values are codes of a subject: one that does not exist is refused."""

    subject: str


LONGEST_CODE = 200
Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE), AfterValidator(_storable)]
Person = Annotated[Code, AfterValidator(levelled)]  # as lists hold them
MOST_VALUES = 50
One = TypeVar("One")
# Given more than once, a parameter means any of its values.
AnyOf = Annotated[tuple[One, ...], Field(max_length=MOST_VALUES)]
Procedures = Annotated[AnyOf[Code], CodesOf("procedures")]
Kinds = Annotated[AnyOf[Code], CodesOf("kinds")]
Severities = Annotated[AnyOf[Code], CodesOf("severities")]
Statuses = Annotated[AnyOf[Code], CodesOf("states")]
Channels = Annotated[AnyOf[Code], CodesOf("channels")]
Categories = Annotated[AnyOf[Code], CodesOf("categories")]
Units = Annotated[AnyOf[Code], CodesOf("units")]
Clocks = Annotated[AnyOf[Code], CodesOf("clocks")]
Events = Annotated[AnyOf[Code], CodesOf("events")]
Indicators = Annotated[AnyOf[Code], CodesOf("indicators")]
People = Annotated[AnyOf[Person], CodesOf("people")]
Owners = Annotated[AnyOf[Person], CodesOf("owners")]
Position = Annotated[int, Field(ge=0, le=2**62), InDigits]
Limit = Annotated[int, Field(ge=1, le=200), InDigits]
Fields = Annotated[str, Field(max_length=1000, pattern=r"^[a-z0-9_]+(,[a-z0-9_]+)*$")]
FIELDS = "Only these fields, separated by commas"


def sort_of(keys: Collection[str], usual: str) -> Any:
    """A parameter that names some of these keys, as `due_at,-received_at` does."""
    either = f"-?({'|'.join(keys)})"
    return Field(
        usual, max_length=200, json_schema_extra={"pattern": f"^{either}(,{either})*$"},
        description=f"One key or several, {MOST_KEYS} at most, separated by commas, those that go down behind a minus: "
        f"{', '.join(keys)}. What lacks a key comes last",
    )  # fmt: skip


def sorts_by(keys: Collection[str]) -> AfterValidator:
    """Refuses a key that there is not, and one that is there twice."""

    def check(text: str) -> str:
        if not are_keys(text, keys):
            raise misspelt("sort-keys", known=", ".join(keys))
        return text

    return AfterValidator(check)


class Parameters(BaseModel):
    """An unknown parameter is refused: a filter with a slip in it must not answer everything.

    One that takes several values means any of them.
    """

    model_config = ConfigDict(extra="forbid")

    fields: Fields | None = Field(None, description=f"{FIELDS}: of the rows, or the columns of a file")

    def listing(self, name: str) -> str:
        """Names the list with its filters and order: what a cursor of it is good for."""
        filters = self.model_dump(mode="json", exclude=NOT_OF_THE_LIST, exclude_none=True)
        return f"{name} {hashlib.sha256(msgspec.json.encode(filters)).hexdigest()}"

    def wanted(self, shape: type[Filter]) -> Filter:
        """What is asked for, as `app/queries` takes it."""
        names = [field.name for field in fields(shape) if field.name in type(self).model_fields]  # type: ignore[arg-type]
        return shape(**{name: getattr(self, name) for name in names})

    def codes(self) -> Iterator[tuple[str, str, str]]:
        """Of every code that is asked for: the parameter, what it is a code of, and the code."""
        for name, parameter in type(self).model_fields.items():
            for mark in parameter.metadata:
                if isinstance(mark, CodesOf):
                    yield from ((parameter.alias or name, mark.subject, code) for code in getattr(self, name))

    @classmethod
    def of_one_value(cls) -> set[str]:
        """The parameters that mean one thing, so that two of them mean nothing."""
        return {
            parameter.alias or name for name, parameter in cls.model_fields.items()
            if get_origin(parameter.annotation) is not tuple
        }  # fmt: skip


COUNT = "With `total`: how many rows there are on all pages, null where more than 10,000 would have to be opened for it"


class ListQuery(Parameters):
    """What every list takes."""

    limit: Limit = Field(50, description="Rows of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = Field(
        None, description="`next_cursor` of the page before"
    )
    min_position: Position | None = Field(
        None, description="Wait (2 s at most, then 503) until the list shows what was recorded up to this position"
    )
    count: bool = Field(False, description=COUNT)


Q = "Words that all occur in its number, its texts, notes and steps, or its searchable answers; in either script"
UPDATED_SINCE = "Something was recorded of it at this time or later"


ANSWER = "What is answered to this question of the form; so may any question be asked for that a form marks searchable"


class TrackingQuery(ListQuery):
    model_config = ConfigDict(extra="allow")  # the questions of forms, which `answers` knows

    procedure: Procedures = ()
    kind: Kinds = ()
    status: Statuses = ()
    severity: Severities = ()
    category: Categories = Field((), description="Includes its sub-categories")
    unit: Units = Field((), description="Asked in the present round")
    owner: Owners = Field((), description="The owner's actor id, or role:agent for the queue of a role")
    offered_to: People = Field((), description="Handed over to this actor, who has not accepted yet")
    owner_left: bool | None = Field(None, description="Open, and its owner has left: give it to another")
    accused_unmatched: bool | None = Field(
        None, description="Somebody is accused who matches nobody, or several: decide by match-accused"
    )
    channel: Channels = ()
    overdue: bool | None = Field(None, description="Whether the next hard due time has passed")
    received_from: Instant | None = Field(None, description="Included")
    received_to: Instant | None = Field(None, description="Not included")
    updated_since: Instant | None = Field(None, description=UPDATED_SINCE)
    q: Code | None = Field(None, description=Q)
    customer: AnyOf[Code] = Field((), description="Of this customer, by the id of /v1/customers or customer number")
    phone: AnyOf[Code] = Field((), description="The complainant's telephone, in any writing")
    order_no: AnyOf[Code] = Field((), description=ANSWER)
    sort: Annotated[str, sorts_by(TRACKING_KEYS)] = sort_of(TRACKING_KEYS, "-received_at")
    as_of: Instant | None = Field(None, description="The table as it stood at this time")

    def answers(self, questions: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The answers to the form that are asked for, by question. Raises 422 for what is no searchable question."""
        given: dict[str, Any] = self.model_extra or {}
        unknown = [name for name in given if name not in questions]
        if unknown:
            wrong = [Wrong(f"?{name[:40]}", "extra_forbidden") for name in unknown[:20]]
            raise Problem(422, "invalid-parameters", wrong=wrong)
        asked = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in given.items()}
        wrong = [Wrong(f"?{name}") for name, values in asked.items() if not _are_codes(values)]
        if wrong:
            raise Problem(422, "invalid-parameters", wrong=wrong)
        return asked | ({"order_no": self.order_no} if self.order_no else {})


class CustomerQuery(ListQuery):
    phone: Code | None = Field(None, description="In any writing, with its extension where it has one")
    customer_no: Code | None = None
    name: Code | None = Field(None, description="How the name begins, in either script")
    email: Code | None = None


class ImportRowsQuery(ListQuery):
    outcome: AnyOf[RowOutcome] = ()


class SlaSummaryQuery(Parameters):
    procedure: Procedures = ()
    unit: Units = ()
    min_position: Position | None = None


class SlaQuery(ListQuery):
    state: AnyOf[ClockState] = ()
    unit: Units = ()
    procedure: Procedures = ()
    clock: Clocks = ()
    due_before: Instant | None = Field(None, description="Not included")
    sort: Literal["due_at", "-due_at"] = "due_at"


def _ower(text: str) -> str:
    kind, colon, code = text.partition(":")
    return f"{kind}:{levelled(code)}" if colon else kind


OwedBy = Annotated[str, Field(pattern=r"^(me|(unit|role|person):[^\x00-\x1f]{1,120})$"), AfterValidator(_ower)]


class ObligationQuery(ListQuery):
    owed_by: Annotated[AnyOf[OwedBy], CodesOf("owers")] = Field(
        (), description="me, unit:<code>, role:<code> or person:<id>"
    )
    state: AnyOf[ObligationState] = ()
    waiting: bool | None = Field(None, description="What still has to be done, in time or late")
    unit: Units = ()
    procedure: Procedures = ()
    complaint: AnyOf[UUID] = Field((), description="The complaint's id")
    incident: AnyOf[UUID] = Field((), description="The incident's id")
    due_before: Instant | None = Field(None, description="Not included")


class CallQuery(ListQuery):
    state: AnyOf[CallStatus] = ()
    source: AnyOf[Code] = ()
    agent: AnyOf[Person] = Field((), description="Talked in it")
    queue: AnyOf[Code] = ()
    caller: Code | None = Field(None, description="The caller's number, in any writing")
    complaint: AnyOf[UUID] = Field((), description="Something of this complaint came of it")
    incident: AnyOf[UUID] = Field((), description="Began while this incident went on")
    refused: bool | None = Field(None, description="Something should have come of it, and was refused")
    from_: Instant | None = Field(None, alias="from", description="Began at this time or later")
    to: Instant | None = Field(None, description="Began before this time")


class AuditQuery(Parameters):
    after: Position = Field(0, description="Only events after this position")
    limit: Limit = Field(50, description="Events of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = None
    count: bool = Field(False, description=COUNT)
    type: Events = Field((), description="As in the history: Received, Dispatched, …")
    actor: Annotated[AnyOf[Code], CodesOf("people")] = Field((), description="The actor's id")
    agent: AnyOf[Code] = Field((), description="The agent whose faults were graded: their record, for quality only")
    complaint: AnyOf[UUID] = Field((), description="The complaint's id")
    incident: AnyOf[UUID] = Field((), description="The incident's id")
    procedure: Procedures = Field((), description="Of its cases and reports")
    unit: Units = Field((), description="Of complaints that this unit ever saw")
    from_: Instant | None = Field(None, alias="from", description="Recorded at this time or later")
    to: Instant | None = Field(None, description="Recorded before this time")
    min_position: Position | None = None


class _EventQuery(Parameters):
    type: Events = Field((), description="As in the history: Received, Dispatched, …")
    procedure: Procedures = Field((), description="Of its cases and reports")
    unit: Units = Field((), description="Of complaints that this unit ever saw")


class StreamQuery(_EventQuery):
    after: Position | None = Field(None, description="Only events after this position; without it, from now on")


class FeedQuery(_EventQuery):
    after: Position = Field(0, description="Only events after this position; that of the answer before")
    limit: Limit = Field(50, description="Events of an answer")
    wait: Annotated[int, Field(ge=0, le=30), InDigits] = Field(
        0, description="Seconds that the answer may wait for something to tell"
    )


class PeopleQuery(ListQuery):
    kind: AnyOf[Kind] = ()
    role: Annotated[AnyOf[Code], CodesOf("roles")] = ()
    unit: Units = ()
    state: AnyOf[PeopleState] = ()


class AccessQuery(Parameters):
    limit: Limit = Field(50, description="Rows of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = None
    count: bool = Field(False, description=COUNT)
    actor: Annotated[AnyOf[Code], CodesOf("people")] = Field((), description="The actor's id")
    kind: AnyOf[AccessKind] = ()
    outcome: AnyOf[Outcome] = ()
    path: AnyOf[Code] = Field((), description="As here, with `{id}`: /v1/complaints/{id}")
    complaint: AnyOf[UUID] = Field((), description="The complaint's id")
    incident: AnyOf[UUID] = Field((), description="The incident's id")
    from_: Instant | None = Field(None, alias="from", description="At this time or later")
    to: Instant | None = Field(None, description="Before this time")
    sort: Literal["at", "-at"] = "-at"


class CheckpointQuery(Parameters):
    limit: Limit = Field(50, description="Rows of a page")
    cursor: Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] | None = None
    count: bool = Field(False, description=COUNT)


Size = Annotated[int, Field(ge=1, le=2**62), InDigits]


class InclusionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    position: Size | None = Field(None, description="Of the event; required")
    size: Size | None = Field(None, description="Over how many events; of the newest checkpoint")


class ConsistencyQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")
    from_: Position | None = Field(None, alias="from", description="How many events there were; required")
    to: Position | None = Field(None, description="How many there are; required")


class IncidentQuery(ListQuery):
    procedure: Procedures = ()
    kind: Kinds = ()
    state: AnyOf[IncidentStatus] = ()
    opened_from: Instant | None = Field(None, description="Included")
    opened_to: Instant | None = Field(None, description="Not included")
    updated_since: Instant | None = Field(None, description=UPDATED_SINCE)
    sort: Annotated[str, sorts_by(INCIDENT_KEYS)] = sort_of(INCIDENT_KEYS, "-opened_at")


class _Chosen(Parameters):
    model_config = ConfigDict(populate_by_name=True)
    procedure: Procedures = ()
    unit: Units = Field((), description="Only what counts for this unit")
    category: Categories = Field((), description="This very category; - for the unclassified")
    agent: People = Field((), description="The owner's actor id; - for nobody")
    first: Annotated[Day | None, Field(alias="from", description="First day, in the zone of the calendar")] = None
    last: Annotated[Day | None, Field(alias="to", description="Last day, included")] = None


class IndicatorQuery(_Chosen):
    by: GroupBy | None = Field(None, description="What the figures are grouped by")
    indicator: Indicators = Field((), description="This one only")
    min_position: Position | None = None


class DrillQuery(ListQuery, _Chosen):
    currency: AnyOf[Code] = Field((), description="Of money: only this currency")


Recipient = Annotated[str, Field(max_length=80, pattern=r"^(role|unit|actor|complainant)/[!-~]*$")]


class NotificationQuery(ListQuery):
    state: AnyOf[Literal["waiting", "sending", "sent", "dead", "cancelled"]] = ()
    recipient: AnyOf[Recipient] = Field((), description="Kind and code, as in role/manager")
    mine: bool = Field(False, description="Only what the console shows me; those who do not see all get this anyway")
    unread: bool = Field(False, description="Only what I have not marked as read")
