"""The same application with nothing behind it: what an intake costs when it is only checked, decided and answered.

Key, body, validation, the complaint's decision and the answer are the product's own code; sealing, encoding, reserving
and appending are left out, because they serve the storage. It exists for this comparison alone.
"""

import asyncio
import hashlib
import sys
from datetime import UTC, date, datetime
from itertools import count
from typing import Self
from uuid import uuid4

import uvicorn

from app import logs
from app.access.keys import ApiKeys
from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.main import build
from app.service import Service
from domain.complaint.complaint import Complaint
from domain.values import Actor, Complainant
from eventlog.complainants import Complainants, IssueClaim, Reservation
from eventlog.sealing import DataKey, MasterKey
from procedures.library import Library


class NumbersFromNowhere(Complainants):
    """Gives out numbers and one key without asking a database."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._key = DataKey(uuid4(), bytes(32))

    async def reserve(
        self, prefix: str, day: date, complainant: Complainant, claim: IssueClaim | None = None
    ) -> Reservation:
        return Reservation(next(self._numbers), self._key)


class ForgetfulComplaints(Complaints):
    """Decides and answers, and records nothing."""

    async def _append(self, aggregate: Complaint, request: CommandRequest) -> CommandResult[Complaint]:
        aggregate.collect_events()
        return CommandResult(aggregate, 1)


class ServiceWithoutStorage(Service):
    """Opens no database."""

    async def __aenter__(self) -> Self:
        self.library = Library.ready()  # type: ignore[assignment]  # nothing is published
        self.keys = OneKey(sys.argv[2])
        self.complaints = ForgetfulComplaints(
            None, self.codec, NumbersFromNowhere(), self.library,  # type: ignore[arg-type]  # never appended to
            now=lambda: datetime.now(UTC), known_units=lambda: (),
        )  # fmt: skip
        await asyncio.sleep(0)
        return self


class OneKey(ApiKeys):
    """Knows one key."""

    def __init__(self, key: str) -> None:
        self._actors = {hashlib.sha256(key.encode()).digest(): Actor("bench", frozenset({"agent"}))}


if __name__ == "__main__":
    logs.configure("info")
    service = ServiceWithoutStorage("", MasterKey(bytes(32)))
    uvicorn.run(
        build(service), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False,
        log_config=None,
    )  # fmt: skip
