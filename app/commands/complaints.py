"""The one door in: a command is decided by the complaint and its events are appended, exactly once.

Softphones, people, clocks and policies all come through here. A command with an idempotency key is remembered by the
log itself, in the same commit as its events; asking again gives the first answer again.
"""

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid4

from app.clocks.judging import Judging
from app.commands.customer_system import CustomerLookup, looked_up
from app.commands.duplicates import Duplicates
from app.commands.phone_numbers import normalised
from app.commands.pinned_rules import governed
from app.commands.request_identity import CommandRequest, InFlight, must_be_the_same
from app.commands.stream import CommandResult, Loaded
from domain import errors
from domain.complaint import events
from domain.complaint.commands import (
    ClassifyComplaint,
    Command,
    LinkComplaints,
    MoveDeadlines,
    RaiseSeverity,
    ReceiveComplaint,
)
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import Request
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.steps import decide
from domain.limits.calendar import Calendar
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import StorageAway
from eventlog.log import Append, CommandSeen, EventLog, Recorded, VersionConflict
from eventlog.streams import COMPLAINT, kind_of
from procedures.rules import Rules

ATTEMPTS: Final = 8


class Complaints:
    """Loads, decides, appends."""

    def __init__(
        self,
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        *,
        now: Callable[[], datetime],
        known_units: Callable[[], Collection[str]],
        customers: CustomerLookup | None = None,
    ) -> None:
        self._log, self._codec, self._complainants, self._rules = log, codec, complainants, rules
        self._now, self._known_units, self._customers = now, known_units, customers
        self._in_flight = InFlight()
        self._duplicates = Duplicates(complainants, self._present)
        self.judging = Judging(log, codec, complainants, rules)

    # Reading

    async def load(self, id: UUID, *, as_of: datetime | None = None, version: int | None = None) -> Loaded[Complaint]:
        """A complaint folded from its stream, now or as it stood. Raises `NotFound`, `StorageAway`."""
        recorded = await self._log.stream(id, until_version=version, until_time=as_of)
        if recorded and kind_of(recorded[0]) is not COMPLAINT:
            raise errors.NotFound
        if version is not None and (not recorded or recorded[-1].originator_version != version):
            raise errors.NoSuchVersion
        if not recorded:
            raise errors.NotFound if as_of is None else errors.NoSuchVersion
        return await self._folded(recorded)

    async def history(self, id: UUID) -> tuple[Loaded[Complaint], list[tuple[Recorded, events.ComplaintEvent]]]:
        """A complaint and all of its events, in order. Raises `NotFound`, `StorageAway`."""
        recorded = await self._log.stream(id)
        if not recorded or kind_of(recorded[0]) is not COMPLAINT:
            raise errors.NotFound
        key = await self._complainants.key(self._codec.complainant_of(recorded[0]))
        happened = [self._codec.event(one, key) for one in recorded]
        complaint = await governed(COMPLAINT.folded(happened), self._rules)
        return Loaded(complaint, recorded[-1].position), list(zip(recorded, happened, strict=True))

    async def _folded(self, recorded: list[Recorded]) -> Loaded[Complaint]:
        key = await self._complainants.key(self._codec.complainant_of(recorded[0]))
        complaint = COMPLAINT.folded(self._codec.event(one, key) for one in recorded)
        complaint.has_customer_system = self._customers is not None
        return Loaded(await governed(complaint, self._rules), recorded[-1].position)

    # Writing

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        """Take a complaint down. Raises the refusal, `CommandIdReused`, `QueueFull` or `StorageAway`."""
        procedure = self._rules.procedures.get(command.procedure)
        if procedure is None or procedure.incidents is not None:
            known = [code for code, one in self._rules.procedures.items() if one.incidents is None]
            raise errors.UnknownProcedure("/procedure", f"There are {', '.join(known)}.")
        command = replace(command, complainant=normalised(command.complainant))
        calendar = self._rules.calendar(procedure.calendar)
        at = self._now()
        async with self._in_flight.one_at_a_time(request):
            try:
                by = check_intake(command, procedure, Request(actor, at))
            except errors.Invalid:
                # A repeated request is answered as it was, also when the rules have changed since.
                if (replayed := await self._replayed(None, actor, request)) is None:
                    raise
                return replayed
            day = calendar.local_date(at)
            id = uuid4()
            try:
                reserved = await self._duplicates.reserve(id, command, procedure, day, actor)
            except errors.DuplicateComplaint:
                # The complaint that a repeated request finds open is the one it made.
                if (replayed := await self._replayed(None, actor, request)) is None:
                    raise
                return replayed
            number = f"{procedure.code.upper()}-{day:%Y%m%d}-{reserved.number:06d}"
            complaint = receive(command, Identity(id, number, reserved.key.id), by, procedure, calendar, at=at)
            complaint.has_customer_system = self._customers is not None
            result = await self._append(complaint, request, at)
        if result.replayed:
            await self._duplicates.give_back(id, command, result.aggregate.id)
            return await self._answerable(result, actor)
        return result

    async def after(self, result: CommandResult[Complaint], command_id: UUID) -> CommandResult[Complaint]:
        """The answer with what this later command of the service itself made of the complaint, if it did anything."""
        seen = await self._log.command(command_id)
        if seen is None:
            return result
        loaded = await self.load(result.aggregate.id, version=seen.version)
        return replace(result, aggregate=loaded.aggregate, position=loaded.position)

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        """Let a complaint decide a command. Somebody else's change in between is decided anew, not refused.

        Raises the refusal, `NotFound`, `CommandIdReused`, `QueueFull`, `StorageAway`, or 412 for a stale version.
        """
        async with self._in_flight.one_at_a_time(request):
            replayed = await self._replayed(id, actor, request)
            if replayed is not None:
                return replayed
            result = await self._decided(id, lambda loaded: self._decide(loaded, command, actor, request), request)
        if isinstance(command, ClassifyComplaint) and command.issue_point is not None and result.appended:
            await self._hold_matter(result.aggregate, command.issue_point)
        return result

    async def _hold_matter(self, complaint: Complaint, issue_point: str) -> None:
        """What the complaint turned out to be about is compared with later intakes, too."""
        with suppress(StorageAway):  # the classification stands; a repeat of it would only not be recognised
            await self._duplicates.hold(complaint, issue_point)

    async def _present(self, id: UUID) -> Complaint:
        return (await self.load(id)).aggregate

    async def raise_severity(self, id: UUID, command: RaiseSeverity, command_id: UUID) -> None:
        """Raise a complaint for recurrence; nothing happens where it was raised already or is no longer general."""

        async def raise_it(loaded: Loaded[Complaint]) -> datetime:
            at = self._now()
            loaded.aggregate.raise_severity(command, at)
            return at

        await self._decided(id, raise_it, CommandRequest(command_id))

    async def move_deadlines(
        self, id: UUID, command: MoveDeadlines, to: Calendar, command_id: UUID
    ) -> CommandResult[Complaint]:
        """Let a complaint's running clocks follow another version of its calendar; nothing happens where none moves.

        Raises `NotFound`, `QueueFull`, `StorageAway`.
        """

        async def move_them(loaded: Loaded[Complaint]) -> datetime:
            at = self._now()
            loaded.aggregate.move_deadlines(command, to, at)
            return at

        return await self._decided(id, move_them, CommandRequest(command_id))

    async def _decide(
        self, loaded: Loaded[Complaint], command: Command, actor: Actor, request: CommandRequest
    ) -> datetime:
        command, matches = await looked_up(self._customers, loaded.aggregate, command, actor)
        complaint, at = loaded.aggregate, self._now()
        complaint.sight_for(actor)
        request.must_be_based_on(complaint.version, "complaint")
        others = command.complaints if isinstance(command, LinkComplaints) else ()
        known = {other: number for other in others if (number := await self._number_of(other, actor)) is not None}
        decide(complaint, command, Request(actor, at, self._known_units(), known, matches))
        return at

    async def _decided(
        self, id: UUID, decision: Callable[[Loaded[Complaint]], Awaitable[datetime]], request: CommandRequest
    ) -> CommandResult[Complaint]:
        for attempt in range(ATTEMPTS):
            loaded = await self.load(id)
            at = await decision(loaded)
            if not loaded.aggregate.pending_events:
                return await self._nothing_to_do(loaded, request, at)
            try:
                return await self._append(loaded.aggregate, request, at)
            except VersionConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def _nothing_to_do(
        self, loaded: Loaded[Complaint], request: CommandRequest, at: datetime
    ) -> CommandResult[Complaint]:
        """The answer to a command that leaves no event: remembered, for a later repetition might find much to do."""
        complaint, position = loaded.aggregate, loaded.position
        if request.request_hash is not None:
            this = CommandSeen(complaint.id, complaint.version, position, request.request_hash, left_events=False)
            seen = await self._log.remember(request.command_id, this, at)
            if seen is not None:
                return await self._first_answer(must_be_the_same(seen, complaint.id, request), seen)
        return CommandResult(complaint, position, unchanged=True)

    async def _append(self, complaint: Complaint, request: CommandRequest, at: datetime) -> CommandResult[Complaint]:
        key = await self._complainants.key(complaint.complainant_id)
        if key is None:
            raise errors.NotFound
        happened = cast(list[events.ComplaintEvent], list(complaint.collect_events()))
        appended = await self._log.append(
            Append(
                request.command_id,
                request.request_hash,
                [self._codec.stored(event, key) for event in happened],
                [event.actor.id for event in happened],
                at,
            )
        )
        if appended.seen_before:
            first = await self.load(appended.originator_id, version=appended.version)
            return CommandResult(first.aggregate, first.position, replayed=True)
        return CommandResult(complaint, appended.position, appended=tuple(happened))

    async def _replayed(
        self, id: UUID | None, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint] | None:
        """The first answer to this command, if there was one; `id` is None for an intake."""
        if request.request_hash is None:
            return None
        seen = await self._log.command(request.command_id)
        if seen is None:
            return None
        of = must_be_the_same(seen, id, request)
        return await self._answerable(await self._first_answer(of, seen), actor)

    async def _first_answer(self, id: UUID, seen: CommandSeen) -> CommandResult[Complaint]:
        first = await self.load(id, version=seen.version)
        return CommandResult(first.aggregate, first.position, replayed=True, unchanged=not seen.left_events)

    async def _number_of(self, id: UUID, actor: Actor) -> str | None:
        """The number of another complaint, if there is one that this actor may see."""
        try:
            return (await self._must_be_visible(id, actor)).number
        except errors.Refused:
            return None

    async def _answerable(self, result: CommandResult[Complaint], actor: Actor) -> CommandResult[Complaint]:
        """Raises the refusal when this actor may not see the complaint (any more).

        Of what is confidential, by now or from the start, they get a receipt again, which says nothing of it.
        """
        try:
            await self._must_be_visible(result.aggregate.id, actor)
        except errors.Confidential:
            return replace(result, confidential=True)
        return result

    async def _must_be_visible(self, id: UUID, actor: Actor) -> Complaint:
        """The complaint as it stands now; raises the refusal when this actor may not see it (any more)."""
        complaint = (await self.load(id)).aggregate
        complaint.sight_for(actor)
        return complaint
