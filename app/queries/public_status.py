"""What a complainant may ask without a key, with the number and the tail of their telephone."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from app.commands.complaints import Complaints
from domain.clocks.clock import next_due_at
from domain.complaint.complaint import Complaint
from domain.errors import NotFound
from projections.tracking_table import complaint_numbered

TAIL: Final = re.compile(r"[0-9]{4}", re.ASCII)
NUMBER: Final = re.compile(r"[A-Z0-9_.-]{1,80}", re.ASCII)


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
    """A wrong number and a wrong tail get the same answer."""

    pool: asyncpg.Pool
    complaints: Complaints

    async def of(self, number: str, phone_tail: str) -> StatusView:
        """Raises `NoSuchComplaint`, `StorageAway`."""
        id = await complaint_numbered(self.pool, number) if NUMBER.fullmatch(number) else None
        complaint = None if id is None else (await self.complaints.load(id)).aggregate
        if complaint is None or not TAIL.fullmatch(phone_tail) or not _is_theirs(complaint, phone_tail):
            raise NoSuchComplaint
        return StatusView(
            complaint.number, complaint.status, complaint.round, complaint.received_at,
            next_due_at(complaint.clocks), complaint.closed_at, _result(complaint),
        )  # fmt: skip


def _is_theirs(complaint: Complaint, tail: str) -> bool:
    phone = complaint.complainant.phone
    return phone is not None and hmac.compare_digest(phone[-4:], tail)


def _result(complaint: Complaint) -> str | None:
    """The outcome, with the person's own data taken out should somebody have written it there."""
    result = complaint.outcome
    person = complaint.complainant
    for personal in (person.name, person.phone, person.email, person.address, person.customer_no):
        if result is not None and personal:
            result = result.replace(personal, "***")
    return result
