"""客户: who complains, found by what they gave of themselves, and all that belongs to one of them.

Who is one customer is the rule of domain/complaint/customers.py, asked of the complaints that the reader sees and of no
others: what they may not see makes no customer, joins none and is counted nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.access.trail import shown_in_clear
from app.queries.calls import CallQueries, CallRow
from app.queries.looking_up import are_many
from app.queries.paging import After, Listed, Looked, Rows, Source, full_page
from app.queries.tracking_pages import TrackingRow, TrackingTable
from app.queries.visibility import Visibility
from domain.complaint.customers import IDENTIFIERS, customers_among, known_by, most_personal, spelled
from domain.complaint.events import NoteAdded
from domain.emails import as_email
from domain.errors import Invalid, NotFound, RoleForbids
from domain.identity import levelled
from domain.phone_numbers import as_phone_number
from domain.procedure.forms import searchable_questions
from domain.values import Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.entries import Recorded
from eventlog.row_seals import opened_column, shortened
from eventlog.sealing import MasterKey
from procedures.rules import Rules, every_procedure
from projections.calls_table import CALLER
from projections.lookups_query import LookedUp, beside, found
from projections.lookups_table import CUSTOMER, PERSON, Sought, of_answer, of_name, whose
from projections.scope import Conditions
from projections.tracking_query import TrackingFilter

MOST_OF_ONE: Final = 1_000  # complaints that are told apart for one page; of more the newest
ROUNDS: Final = 3  # from one that gave a telephone over one that gave an address too to one with a customer number
SHOWN: Final = 200  # complaints, calls and notes of one customer each
NOTES: Final = f"""
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = $2 ORDER BY notification_id DESC LIMIT {SHOWN}
"""


class NoSuchCustomer(NotFound): ...


class NothingToFindBy(Invalid): ...


@dataclass(frozen=True)
class CustomerFilter:
    """By what a customer is looked for, all of it; `name` is how it begins."""

    phone: str | None = None
    customer_no: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer, as they gave themselves last, in complaints that the reader sees; those alone are counted."""

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    customer_no: str | None
    complaint_count: int
    open_count: int
    first_received_at: datetime
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerNote:
    """A note on a complaint of theirs; `at` is UTC, `by` the id of who made it."""

    complaint_id: UUID
    number: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class CustomerView:
    """One customer with everything that they gave of themselves, the newest first.

    Of complaints, calls and notes the newest 200 each; all the complaints are listed by `/v1/tracking?customer=<id>`.
    """

    id: UUID
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    customer_no: str | None
    names: list[str]
    phones: list[str]
    emails: list[str]
    addresses: list[str]
    customer_nos: list[str]
    complaint_count: int
    open_count: int
    first_received_at: datetime
    last_received_at: datetime
    complaints: list[TrackingRow]
    calls: list[CallRow]
    notes: list[CustomerNote]
    position: int


@dataclass(frozen=True, slots=True)
class _Known:
    """A complaint of which the reader sees who complained, and what that is compared by."""

    id: UUID
    number: str
    received_at: datetime
    is_open: bool
    key_id: UUID
    person: Complainant
    known: Mapping[str, str]

    @property
    def after(self) -> After:
        return After(self.received_at, self.id)


@dataclass(frozen=True, slots=True)
class _Customer:
    """Somebody's complaints, the newest first, and the id that these give them."""

    id: UUID
    complaints: Sequence[_Known]


@dataclass(frozen=True)
class CustomerQueries:
    """For those alone who see complainants. Every method raises `RoleForbids` for others, and `StorageAway`."""

    pool: asyncpg.Pool
    codec: EventCodec
    complainants: Complainants
    master: MasterKey
    rules: Rules
    visibility: Visibility
    tracking: TrackingTable
    calls: CallQueries
    source: Source

    def rows(self, actor: Actor, wanted: CustomerFilter) -> Rows[CustomerRow]:
        """Whoever gave all of this, in the order of their newest complaint in which they did.

        Raises `NotAPhoneNumber`, `NotAnEmail`, and `NothingToFindBy`.
        """
        seen, question = self._seen_by(actor), _Question.of(wanted)

        async def look(after: After | None, count: int) -> Looked[_Customer]:
            place = None if after is None or after.key is None else (after.key, after.id)
            hashes = self.complainants.found_by(question.sought)
            many = question.is_of_many and await are_many(self.pool, hashes)
            rows = await fetch(self.pool, *found(seen, hashes, place, count, many=many))
            fitting = [one for one in await self._opened(rows) if question.fits(one.person)]
            first: dict[UUID, _Customer] = {}  # by the newest complaint of theirs that fits
            for customer in await self._customers_of(seen, fitting):
                first[next(one.id for one in customer.complaints if question.fits(one.person))] = customer
            shown = [(one.after, first[one.id]) for one in fitting if one.id in first]
            return Looked(shown, After(rows[-1]["received_at"], rows[-1]["id"]) if len(rows) == count else None)

        async def page(after: After | None, limit: int) -> Listed[CustomerRow]:
            listed = await full_page(look, after, limit)
            return Listed([_row(one) for one in listed.items], listed.after)

        return Rows(CustomerRow, self.source, page)

    async def one(self, id: UUID, actor: Actor) -> CustomerView:
        """A customer with all that the reader sees of them. Raises `NoSuchCustomer`."""
        position = await self.source.position()
        customer = await self._one(id, actor)
        shown = customer.complaints[:SHOWN]
        wanted = TrackingFilter(looked_up=(LookedUp((), tuple(one.id for one in shown), personal=True),))
        complaints = await self.tracking.rows(actor, wanted).page(None, SHOWN)
        row, given = _row(customer), _given(customer)
        return CustomerView(
            id=customer.id,
            name=row.name, phone=row.phone, email=row.email, address=row.address, customer_no=row.customer_no,
            names=given["name"], phones=given["phone"], emails=given["email"], addresses=given["address"],
            customer_nos=given["customer_no"],
            complaint_count=row.complaint_count,
            open_count=row.open_count,
            first_received_at=row.first_received_at,
            last_received_at=row.last_received_at,
            complaints=list(complaints.items),
            calls=await self._calls_of(customer, given["phone"], actor),
            notes=await self._notes_of(customer),
            position=position,
        )  # fmt: skip

    @property
    def questions(self) -> frozenset[str]:
        """The questions by whose answers complaints are found, of every version of every procedure."""
        return frozenset(name for one in every_procedure(self.rules) for name in searchable_questions(one))

    def answers(self, asked: Mapping[str, Sequence[str]]) -> list[LookedUp]:
        """What complaints with these answers, any of several, are looked up by."""
        return [LookedUp(tuple(of_answer(name, one) for one in answers)) for name, answers in asked.items()]

    async def looked_up(self, customers: Sequence[str], phones: Sequence[str], actor: Actor) -> list[LookedUp]:
        """What the complaints of these customers, by id or customer number, and of these telephones are looked up by.

        Raises `NotAPhoneNumber`.
        """
        if not customers and not phones:
            return []
        self._seen_by(actor)
        asked: list[LookedUp] = []
        if customers:
            ids: list[UUID] = []
            for one in customers:
                ids += await self._complaints_of(one, actor)
            numbers = tuple(("customer_no", levelled(one)) for one in customers)
            asked.append(LookedUp(numbers, tuple(ids), personal=True))
        if phones:
            numbers = tuple(("phone", as_phone_number(one, "?phone")) for one in phones)
            asked.append(LookedUp(numbers, personal=True))
        return asked

    async def _complaints_of(self, customer: str, actor: Actor) -> list[UUID]:
        """Those of a customer who is named by id."""
        try:
            found_one = await self._one(UUID(customer), actor)
        except (ValueError, NoSuchCustomer):
            return []
        return [one.id for one in found_one.complaints]

    async def _one(self, id: UUID, actor: Actor) -> _Customer:
        """Raises `NoSuchCustomer`."""
        seen = self._seen_by(actor)
        rows = await fetch(self.pool, *found(seen, [shortened(id.bytes)], None, MOST_OF_ONE))
        complaints = [one for one in await self._opened(rows) if self._id_of(one) == id]
        customers = await self._customers_of(seen, complaints)
        # One who gave more of themselves since is found by what they gave before, as long as that is theirs alone.
        own = [one for one in customers if one.id == id] or customers
        if len(own) != 1:
            raise NoSuchCustomer
        visible = await self.visibility.visible(actor, {one.id for one in own[0].complaints})
        left = [one for one in own[0].complaints if one.id in visible]  # who was just named is out at once
        if not left:
            raise NoSuchCustomer
        return _Customer(own[0].id, left)

    def _seen_by(self, actor: Actor) -> Conditions:
        """The complaints of which the actor sees who complained."""
        if not self.visibility.scope(actor).names_anybody:
            raise RoleForbids
        conditions = Conditions()
        self.visibility.only_named(conditions, actor)
        return conditions

    async def _opened(self, rows: Sequence[Any]) -> list[_Known]:
        """Whom they are of; nobody whose data were erased."""
        keys = await self.complainants.keys({row["key_id"] for row in rows})
        opened: list[_Known] = []
        for row in rows:
            given = opened_column(row["id"], PERSON, row["person"], keys.get(row["key_id"]))
            if given is not None:
                person = Complainant(*given)
                opened.append(
                    _Known(
                        row["id"], row["number"], row["received_at"], row["closed_at"] is None, row["key_id"], person,
                        known_by(person),
                    )
                )  # fmt: skip
        return opened

    async def _customers_of(self, seen: Conditions, complaints: Sequence[_Known]) -> list[_Customer]:
        """Whose complaints these are, each with all others of theirs."""
        of_them = {one.id for one in complaints}
        around = {one.id: one for one in complaints}
        asked: set[Sought] = set()
        customers = _told_apart(around, of_them)
        for _ in range(ROUNDS):
            given = {pair for customer in customers for one in customer for pair in one.known.items()} - asked
            if not given:
                break
            asked |= given
            rows = await fetch(self.pool, *beside(seen, self.complainants.found_by(sorted(given)), MOST_OF_ONE))
            around.update({one.id: one for one in await self._opened(rows)})
            customers = _told_apart(around, of_them)
        return [self._customer(one) for one in customers]

    def _customer(self, complaints: Sequence[_Known]) -> _Customer:
        """The id is that of the most personal they gave, and of several the first one."""
        newest_first = sorted(complaints, key=lambda one: (one.received_at, one.id), reverse=True)
        ids = [(-_level(one), id) for one in complaints if (id := self._id_of(one)) is not None]
        return _Customer(min(ids)[1], newest_first)

    def _id_of(self, one: _Known) -> UUID | None:
        customer = whose(one.person, one.id)
        return None if customer is None else UUID(bytes=self.master.lookup_hash(CUSTOMER, customer)[:16])

    async def _calls_of(self, customer: _Customer, phones: Collection[str], actor: Actor) -> list[CallRow]:
        """From their telephones, and those of which something came in a complaint of theirs; for who sees calls."""
        if self.visibility.calls_sight(actor) is None:
            return []
        callers = [self.master.lookup_hash(CALLER, phone) for phone in phones]
        return await self.calls.of_customer(callers, [one.id for one in customer.complaints], actor, SHOWN)

    async def _notes_of(self, customer: _Customer) -> list[CustomerNote]:
        of = {one.id: one for one in customer.complaints}
        rows = [Recorded(*row) for row in await fetch(self.pool, NOTES, list(of), NoteAdded.TOPIC)]
        keys = await self.complainants.keys({one.key_id for one in customer.complaints})
        notes = []
        for row in rows:
            complaint = of[row.originator_id]
            event = self.codec.event_or_none(row, keys.get(complaint.key_id))
            if isinstance(event, NoteAdded):
                at = event.timestamp.astimezone(UTC)
                notes.append(CustomerNote(complaint.id, complaint.number, at, event.actor.id, event.text))
        return notes


@dataclass(frozen=True)
class _Question:
    """What is asked for, as it is compared."""

    sought: tuple[Sought, ...]
    name: str

    @classmethod
    def of(cls, wanted: CustomerFilter) -> _Question:
        """Raises `NotAPhoneNumber`, `NotAnEmail`, `NothingToFindBy`."""
        sought: list[Sought] = []
        if wanted.phone is not None:
            sought.append(("phone", as_phone_number(wanted.phone, "?phone")))
        if wanted.email is not None:
            sought.append(("email", levelled(as_email(wanted.email, "?email"))))
        if wanted.customer_no is not None:
            sought.append(("customer_no", levelled(wanted.customer_no)))
        name = spelled(wanted.name or "")
        if name:
            sought.append(of_name(name))
        if not sought:
            raise NothingToFindBy("?name" if wanted.name else "?phone")
        return cls(tuple(sought), name)

    @property
    def is_of_many(self) -> bool:
        """Whether many may have that in common."""
        return all(kind not in IDENTIFIERS for kind, _ in self.sought)

    def fits(self, person: Complainant) -> bool:
        known = known_by(person)
        given = (pair for pair in self.sought if pair[0] in IDENTIFIERS)
        return all(known.get(kind) == value for kind, value in given) and spelled(person.name or "").startswith(
            self.name
        )


def _told_apart(around: Mapping[UUID, _Known], of_them: Collection[UUID]) -> list[list[_Known]]:
    """Those customers to whom some of these complaints belong."""
    complaints = sorted(around.values(), key=lambda one: one.id)
    customers = customers_among([one.known for one in complaints])
    told = [[complaints[number] for number in numbers] for numbers in customers]
    return [customer for customer in told if any(one.id in of_them for one in customer)]


def _level(one: _Known) -> int:
    best = most_personal(one.known)
    return -1 if best is None else IDENTIFIERS.index(best[0])


def _given(customer: _Customer) -> dict[str, list[str]]:
    """Everything that they gave of themselves, each once, the newest first; it is shown, which is noted."""
    given: dict[str, dict[str, None]] = {
        name: {} for name in ("name", "phone", "email", "address", "customer_no")
    }  # fmt: skip
    for one in customer.complaints:
        shown_in_clear(one.id)
        for name, values in given.items():
            if (value := getattr(one.person, name)) is not None:
                values.setdefault(value)
    return {name: list(values) for name, values in given.items()}


def _row(customer: _Customer) -> CustomerRow:
    given = {name: next(iter(values), None) for name, values in _given(customer).items()}
    complaints = customer.complaints
    return CustomerRow(
        id=customer.id, **given, complaint_count=len(complaints), open_count=sum(one.is_open for one in complaints),
        first_received_at=complaints[-1].received_at, last_received_at=complaints[0].received_at,
    )  # fmt: skip
