"""How a command was asked for, and what follows where it was asked for before, or is based on an old version."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from app.http.protocol.problems import Problem
from eventlog.log import CommandSeen


@dataclass(frozen=True)
class CommandRequest:
    """How a command was asked for: its id and request hash for idempotency, and the version it is conditional on."""

    command_id: UUID
    request_hash: bytes | None = None
    if_version: int | None = None

    @classmethod
    def once(cls) -> "CommandRequest":
        """A command without an idempotency key: its id only guards against losing the connection."""
        return cls(uuid4())

    def must_be_based_on(self, version: int, what: str) -> None:
        """Raises 412 where it is conditional on another version than this; `what` it is about is for the reader."""
        if self.if_version is not None and self.if_version != version:
            raise Problem(
                412, "stale-version", "Changed meanwhile",
                f"The {what} is at version {version} now; read it again and decide anew.",
                headers={"ETag": f'"{version}"'},
            )  # fmt: skip


class InFlight:
    """The commands with an idempotency key that this process is busy with."""

    def __init__(self) -> None:
        self._ids: set[UUID] = set()

    @asynccontextmanager
    async def one_at_a_time(self, request: CommandRequest) -> AsyncIterator[None]:
        """Raises 409 while the same command is being answered."""
        if request.request_hash is None:
            yield
            return
        if request.command_id in self._ids:
            raise Problem(
                409, "still-in-flight", "Still in flight",
                "The first request with this Idempotency-Key has not been answered yet; ask again shortly.",
                headers={"Retry-After": "1"},
            )  # fmt: skip
        self._ids.add(request.command_id)
        try:
            yield
        finally:
            self._ids.discard(request.command_id)


def must_be_the_same(seen: CommandSeen, id: UUID | None, request: CommandRequest) -> UUID:
    """The stream that a known command was about; raises 422 where this request is another one."""
    of = seen.originator_id
    if seen.request_hash != request.request_hash or of is None or id not in (None, of):
        raise Problem(
            422, "command-id-reused", "Not valid",
            "This Idempotency-Key was used before for another request; use a new key for a new request.",
        )  # fmt: skip
    return of
