"""What a complainant may ask without a key, with the number and what they alone know beside it."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from app.commands.complaints import Complaints
from app.commands.query_codes import NO_CODE, as_query_code
from domain.clocks.clock import next_due_at
from domain.complaint.complaint import Complaint
from domain.errors import NotFound
from domain.phone_numbers import as_digits, tails_of, writings_of
from eventlog.codec import UnreadableEvent
from projections.tracking_table import nearest_numbered

NUMBER: Final = re.compile(r"[A-Z0-9_.-]{1,80}", re.ASCII)
NO_TAIL: Final = "----"


class NoSuchComplaint(NotFound): ...


@dataclass(frozen=True)
class StatusView:
    """Where a complaint stands, without personal data. `result` is the outcome once it is closed."""

    number: str
    status: str
    round: int
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    result: str | None


@dataclass(frozen=True)
class PublicStatus:
    """A wrong number, a wrong tail, a wrong code and what has no page get the same answer, after the same work."""

    pool: asyncpg.Pool
    complaints: Complaints

    async def of(self, number: str, phone_tail: str | None, code: str | None) -> StatusView:
        """Raises `NoSuchComplaint`, `StorageAway`."""
        complaint = await self._nearest(number) if NUMBER.fullmatch(number) else None
        if complaint is None or not _opens(complaint, number, phone_tail, code):
            raise NoSuchComplaint
        return StatusView(
            complaint.number, complaint.status, complaint.round, complaint.received_at,
            next_due_at(complaint.clocks), complaint.closed_at, _result(complaint),
        )  # fmt: skip

    async def _nearest(self, number: str) -> Complaint | None:
        """The complaint with this number, or one that stands in for it: how long it takes tells nothing."""
        id = await nearest_numbered(self.pool, number)
        if id is None:
            return None
        try:
            return (await self.complaints.load(id)).aggregate
        except UnreadableEvent as error:
            if (await self.complaints.load(id, version=1)).aggregate.number == number:
                raise
            raise NoSuchComplaint from error


def _opens(complaint: Complaint, number: str, tail: str | None, code: str | None) -> bool:
    """Whether this opens the complaint's page. Everything is compared, whatever the first comparison says.

    The tail belongs to the telephone that was left; the code stands beside it, or alone where there is none.
    """
    phone, own_code = complaint.complainant.phone, complaint.query_code
    is_this = hmac.compare_digest(complaint.number.encode(), number.encode())
    given = as_digits(tail or "").encode()
    tails = (NO_TAIL,) if phone is None else tails_of(phone)
    tail_fits = sum(hmac.compare_digest(one.encode(), given) for one in tails) > 0
    code_fits = hmac.compare_digest((own_code or NO_CODE).encode(), as_query_code(code or "").encode())
    knows_code = own_code is not None and code_fits
    needs_code = code is not None or phone is None or (own_code is not None and complaint.procedure.requires_query_code)
    knows_tail = phone is None or tail_fits
    return is_this and complaint.has_status_page and knows_tail and (knows_code or not needs_code)


def _result(complaint: Complaint) -> str | None:
    """The outcome, with the person's own data taken out should somebody have written it there."""
    result = complaint.outcome
    for person in (complaint.complainant, *complaint.formerly):
        written = () if person.phone is None else writings_of(person.phone)
        for personal in (person.name, *written, person.email, person.address, person.customer_no):
            if result is not None and personal:
                result = result.replace(personal, "***")
    return result
