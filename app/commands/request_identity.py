"""How a command was asked for, and what follows where it was asked for before, or is based on an old version."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from uuid import UUID, uuid4

from domain.errors import Busy, TurnedAway
from domain.values import Actor
from eventlog.log import CommandIdReused, CommandSeen
from eventlog.request_hash import RequestHash, is_same_request


class StaleVersion(TurnedAway):
    """It is at `version` now, and the command is conditional on another."""

    def __init__(self, what: str, version: int) -> None:
        super().__init__(what=what, version=version)
        self.version = version


class StillInFlight(Busy): ...


@dataclass(frozen=True)
class CommandRequest:
    """How a command was asked for: its id and request hash for idempotency, and the version it is conditional on."""

    command_id: UUID
    request_hash: bytes | None = None
    if_version: int | None = None

    @classmethod
    def once(cls, if_version: int | None = None) -> Self:
        """A command without an idempotency key: its id only guards against losing the connection."""
        return cls(uuid4(), None, if_version)

    @classmethod
    def keyed(cls, actor: Actor, key: str, what: bytes, if_version: int | None = None) -> Self:
        """A command under an actor's idempotency key; `what` is all that a repetition of it has in common with it.

        A system that acts for somebody has keys of its own for each of them: it knows nothing of those they use.
        """
        asks = actor.id if actor.via is None else f"{actor.via}\0{actor.id}"
        command_id = UUID(bytes=sha256(f"{asks}\0{key}".encode()).digest()[:16])
        return cls(command_id, RequestHash.of(key, what), if_version)

    def must_be_based_on(self, version: int, what: str) -> None:
        """Raises `StaleVersion` where it is conditional on another; `what` it is about is for the reader."""
        if self.if_version is not None and self.if_version != version:
            raise StaleVersion(what, version)

    def must_be_the_same(self, seen: CommandSeen, id: UUID | None) -> UUID:
        """The stream that a known command was about. Raises `CommandIdReused` where this request is another one."""
        of = seen.originator_id
        if not is_same_request(seen.request_hash, self.request_hash) or of is None or id not in (None, of):
            raise CommandIdReused(self.command_id)
        return of


class InFlight:
    """The commands with an idempotency key that this process is busy with."""

    def __init__(self) -> None:
        self._ids: set[UUID] = set()

    @asynccontextmanager
    async def one_at_a_time(self, request: CommandRequest) -> AsyncIterator[None]:
        """Raises `StillInFlight` while the same command is being answered."""
        if request.request_hash is None:
            yield
            return
        if request.command_id in self._ids:
            raise StillInFlight
        self._ids.add(request.command_id)
        try:
            yield
        finally:
            self._ids.discard(request.command_id)
