"""`/v1/status/{number}`: what a complainant may ask without a key, with the number and the tail of their telephone.

A wrong number and a wrong tail get the same answer, and guessing is limited, per number and per caller.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem
from app.http.protocol.tries import TooManyRequests, Tries, caller_of
from app.service import Service
from domain.clocks.clock import next_due_at
from domain.complaint.complaint import Complaint
from projections.tracking_table import complaint_numbered

router = APIRouter(tags=["status"])
TAIL: Final = re.compile(r"[0-9]{4}", re.ASCII)
NUMBER: Final = re.compile(r"[A-Z0-9_.-]{1,80}", re.ASCII)
MINUTE: Final = 60.0


class StatusTries:
    """What one process remembers of the tries: 10 a minute for each number, 60 a minute for each caller."""

    def __init__(self) -> None:
        self.of_number = Tries(10, MINUTE)
        self.of_caller = Tries(60, MINUTE)


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


@router.get("/v1/status/{number}", responses={200: {"model": StatusView}}, summary="Status for the complainant")
async def status_of(
    request: Request, number: str, phone_tail: Annotated[str, Query(description="Last four digits")]
) -> Response:
    """Public: number and the last four digits of the telephone that was left. 10 tries a minute for each number."""
    number = number.upper()
    _limit(request, number)
    only_parameters(request, "phone_tail")
    service: Service = request.app.state.service
    id = await complaint_numbered(service.pool, number) if NUMBER.fullmatch(number) else None
    complaint = None if id is None else (await service.complaints.load(id)).aggregate
    if complaint is None or not TAIL.fullmatch(phone_tail) or not _is_theirs(complaint, phone_tail):
        detail = "There is no complaint with this number and telephone tail."
        raise Problem(404, "no-such-complaint", "Not found", detail)
    view = StatusView(
        complaint.number, complaint.status, complaint.round, complaint.received_at,
        next_due_at(complaint.clocks), complaint.closed_at, _result(complaint),
    )  # fmt: skip
    return json_response(view)


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


def _limit(request: Request, number: str) -> None:
    """Raises 429. The caller is counted first: who tries too much has no say in how often others may."""
    tries: StatusTries = request.app.state.status_tries
    caller = caller_of(request.client.host if request.client is not None else None)
    if not (tries.of_caller.may(caller) and (not NUMBER.fullmatch(number) or tries.of_number.may(number))):
        raise TooManyRequests
