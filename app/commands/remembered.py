"""Requests that leave no event, remembered under their idempotency key beside those that do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.commands.request_identity import CommandRequest
from eventlog.log import CommandIdReused, CommandSeen, EventLog
from eventlog.request_hash import is_same_request


@dataclass(frozen=True)
class RememberedRequests:
    """Both raise `CommandIdReused` where the key belongs to another request, and `StorageAway`."""

    log: EventLog
    now: Callable[[], datetime]

    async def was_done(self, request: CommandRequest) -> bool:
        """Whether this request was remembered before; a repetition does nothing."""
        seen = None if request.request_hash is None else await self.log.command(request.command_id)
        return _is_the_same(seen, request)

    async def remember(self, request: CommandRequest) -> bool:
        """Remembers it, and says whether it was remembered before.

        After it was done: whoever repeats what was cut off before this finds it done, or does it.
        """
        if request.request_hash is None:
            return False
        this = CommandSeen(None, None, None, request.request_hash, left_events=False)
        return _is_the_same(await self.log.remember(request.command_id, this, self.now()), request)


def _is_the_same(seen: CommandSeen | None, request: CommandRequest) -> bool:
    if seen is not None and not is_same_request(seen.request_hash, request.request_hash):
        raise CommandIdReused(request.command_id)
    return seen is not None
