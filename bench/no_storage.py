"""The same application with nothing behind it: what an intake costs when it is only checked, decided and answered.

Key, body, validation, the complaint's decision and the answer are the product's own code; sealing, encoding, reserving
and appending are left out, because they serve the storage. It exists for this comparison alone.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Final
from uuid import uuid4

import uvicorn
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from app import logs
from app.access.admission import Admission
from app.access.entrance import Entrance
from app.access.key import Key, hash_of
from app.access.people import PersonFact, PersonRecord
from app.access.rates import KeyRates
from app.access.tries import WrongKeys
from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.http.complaints import complaint_routes
from app.http.protocol.caller import caller_of
from app.http.protocol.language import language_of
from app.main import serving
from app.queries.complaints import ComplaintQueries
from app.queries.visibility import Visibility
from domain.complaint.complaint import Complaint
from domain.people import People
from domain.values import Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants, Holders, IssueClaim, Reservation
from eventlog.sealing import DataKey, MasterKey
from procedures.library import Library

LANGUAGE_OF: Final = language_of("zh")


class NumbersFromNowhere(Complainants):
    """Gives out numbers and one key without asking a database."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._key = DataKey(uuid4(), bytes(32))

    async def reserve(
        self, prefix: str, day: date | None, complainant: Complainant, claim: IssueClaim | None = None
    ) -> Reservation:
        return Reservation(next(self._numbers), self._key)

    async def holders(self, prefix: str, complainant: Complainant, issue_point: str) -> Holders:
        return Holders(None)


class ForgetfulComplaints(Complaints):
    """Decides and answers, and records nothing."""

    async def _append(self, aggregate: Complaint, request: CommandRequest) -> CommandResult[Complaint]:
        aggregate.collect_events()
        return CommandResult(aggregate, 1)


def with_one_key(secret: str, library: Library) -> Admission:
    """Knows one agent with one key."""
    began = datetime.now(UTC)
    access = Admission(None, MasterKey(bytes(32)), library, lambda: datetime.now(UTC))
    said = {"kind": "person", "name": "bench", "roles": ("agent",)}
    access.directory.records["bench"] = PersonRecord((PersonFact(1, "bench", began, "root", None, said),))
    key = Key("k-1", "bench", None, "rk_", hash_of(secret), None, began, None, None, None)
    access.directory.keys[key.secret_hash] = key
    return access


@asynccontextmanager
async def without_storage() -> AsyncIterator[list[BaseRoute]]:
    """The routes of complaints alone, and no database."""
    library = Library.ready()
    codec = EventCodec(MasterKey(bytes(32)))
    complaints = ForgetfulComplaints(
        None, codec, NumbersFromNowhere(), library,  # type: ignore[arg-type]  # never appended to
        now=lambda: datetime.now(UTC), known_units=lambda: (),
    )  # fmt: skip
    visibility = Visibility(None, codec, library)  # nothing is linked
    queries = ComplaintQueries(complaints, visibility, People)
    yield complaint_routes(complaints, queries, caller_of, LANGUAGE_OF)


if __name__ == "__main__":
    logs.configure("info")
    nobody, wall = WrongKeys(None, MasterKey(bytes(32))), lambda: datetime.now(UTC).timestamp()
    entrance = Entrance(with_one_key(sys.argv[2], Library.ready()), nobody, KeyRates(None, wall))
    uvicorn.run(
        serving(without_storage, CollectorRegistry(), LANGUAGE_OF, entrance=lambda: entrance),
        host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_config=None,
    )  # fmt: skip
