"""The way in for complaints: taking one down, every step of the procedure, and what the service itself does to one.

Softphones, people, clocks and policies all come through here.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from app.commands.customer_system import CustomerLookup, looked_up
from app.commands.duplicates import Duplicates
from app.commands.numbers import counted_on, number_of
from app.commands.pinned_rules import governed
from app.commands.query_codes import new_query_code
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult, Decision, Streams
from domain import errors
from domain.complaint.commands import (
    CheckCustomer,
    ClassifyComplaint,
    Command,
    CorrectComplainant,
    LinkComplaints,
    MatchAccused,
    MoveDeadlines,
    NameAccused,
    RaiseSeverity,
    ReceiveComplaint,
    TakeInEmergency,
    UnlinkComplaints,
)
from domain.complaint.commands.command import people_fields
from domain.complaint.complaint import Complaint
from domain.complaint.customers import as_kept
from domain.complaint.deadlines import move_deadlines
from domain.complaint.events import ComplaintEvent
from domain.complaint.in_calls import link_call
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.issue_point import issue_point_named
from domain.complaint.records import show_link
from domain.complaint.recurrence import raise_severity
from domain.complaint.steps import STEP_OF, decide
from domain.limits.calendar import Calendar
from domain.people import People
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import Actor, CallNamed, CustomerAnswer, LinkedComplaint
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import StorageAway
from eventlog.log import EventLog
from eventlog.streams import COMPLAINT
from procedures.rules import Rules

LINKS: Final = UUID("c1b0a4de-6d5f-5b0e-9a8b-2f4f5c0d7e21")  # the name space of the ids of links' other sides


class Complaints(Streams[Complaint, ComplaintEvent, Command]):
    """Every complaint of the deployment."""

    kind, steps, not_found, no_such_version = COMPLAINT, STEP_OF, errors.NotFound, errors.NoSuchVersion

    def __init__(
        self,
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        *,
        now: Callable[[], datetime],
        known_units: Callable[[], Collection[str]],
        people: Callable[[], People] = People,
        customers: CustomerLookup | None = None,
    ) -> None:
        super().__init__(log, codec, complainants, now)
        self._rules, self._known_units, self._customers = rules, known_units, customers
        self._people = people
        self._duplicates = Duplicates(complainants, self._present)

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest, call: CallNamed | None = None
    ) -> CommandResult[Complaint]:
        """Take a complaint down, of what was said in a call where there was one.

        Raises the refusal, `StillInFlight`, `CommandIdReused`, `QueueFull`, `StorageAway`.
        """
        async with self._in_flight.one_at_a_time(request):
            try:
                result = await self._received(command, actor, request, call)
            except (errors.Invalid, errors.DuplicateComplaint):
                # A repeated request is answered as it was, also when the rules have changed since; and the complaint
                # that it finds open is the one it made.
                if (replayed := await self._replayed(None, request)) is None:
                    raise
                result = replayed
        return await self._answerable(result, actor)

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        if isinstance(_step_of(command), CorrectComplainant):
            await self._hold_as_corrected(id, command, actor)
        result = await super().execute(id, command, actor, request)
        command = _step_of(command)
        issue_point = result.aggregate.issue_point
        is_named = isinstance(command, ClassifyComplaint) and command.issue_point is not None
        if is_named and result.appended and issue_point is not None:
            # What it turned out to be about is compared with later intakes, too.
            with suppress(StorageAway):  # the classification stands; a repeat of it would only not be recognised
                await self._duplicates.hold(result.aggregate, issue_point)
        return result

    async def _hold_as_corrected(self, id: UUID, command: Command, actor: Actor) -> None:
        """Lets later intakes of the corrected customer be compared with this complaint, before it is corrected.

        So whoever is taken down a moment later is compared, also where this process dies in between. Who is compared
        with it for nothing is found to be somebody else: that goes by what the complaint says.
        """
        decide_it, complaint = await self._prepared(id, command, actor), await self._present(id)
        with suppress(errors.Declined):  # it is refused where it is decided
            decide_it(complaint)
            if complaint.issue_point is not None and complaint.pending_events:
                await self._duplicates.hold(complaint, complaint.issue_point)

    async def show_link(self, id: UUID, other: UUID, relation: str, position: int) -> None:
        """Let another complaint show that this one is linked to it, or is no more, as this one says by now.

        `position` is that of the event which changed it: of that it is done once. Raises `NotFound`, `VersionConflict`,
        `QueueFull`, `StorageAway`.
        """
        this = await self._present(id)
        is_linked = other in {one.id for one in this.linked}
        shown, said = LinkedComplaint(this.id, this.number), relation if is_linked else None
        command_id = uuid5(LINKS, f"{this.id}/{other}/{position}")
        await self._decided(
            other, lambda complaint: show_link(complaint, shown, said, self._now()), CommandRequest(command_id)
        )

    async def after(self, result: CommandResult[Complaint], command_id: UUID) -> CommandResult[Complaint]:
        """The answer with what this later command of the service itself made of the complaint, if it did anything."""
        seen = await self._log.command(command_id)
        if seen is None:
            return result
        loaded = await self.load(result.aggregate.id, version=seen.version)
        return replace(result, aggregate=loaded.aggregate, position=loaded.position)

    async def raise_severity(self, id: UUID, command: RaiseSeverity, command_id: UUID) -> None:
        """Raise a complaint for recurrence; nothing happens where it was raised already or is no longer general."""
        await self._decided(
            id, lambda complaint: raise_severity(complaint, command, self._now()), CommandRequest(command_id)
        )

    async def move_deadlines(
        self, id: UUID, command: MoveDeadlines, to: Calendar, command_id: UUID
    ) -> CommandResult[Complaint]:
        """Let a complaint's running clocks follow another version of its calendar; nothing happens where none moves.

        Raises `NotFound`, `QueueFull`, `StorageAway`.
        """
        return await self._decided(
            id, lambda complaint: move_deadlines(complaint, command, to, self._now()), CommandRequest(command_id)
        )

    async def _received(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest, call: CallNamed | None
    ) -> CommandResult[Complaint]:
        procedure = self._procedure(command.procedure)
        people = self._people()
        accused = people.with_those_meant(command.accused)
        command = replace(command, complainant=as_kept(command.complainant), accused=accused)
        calendar, at, id = self._rules.calendar(procedure.calendar), self._now(), uuid4()
        by = check_intake(command, procedure, Request(actor, at))
        command = replace(command, issue_point=issue_point_named(command.issue_point, procedure))
        day = calendar.local_date(at)
        counted = counted_on(day, command.kind, procedure)
        reserved = await self._duplicates.reserve(id, command, procedure, counted, actor)
        number, code = number_of(procedure, day, reserved.number), new_query_code()
        complaint = receive(
            command, Identity(id, number, reserved.key.id, code), by, procedure, calendar, at=at, people=people
        )
        complaint.has_customer_system = self._customers is not None
        if call is not None:
            link_call(complaint, call, "complaint", by, at)
        result = await self._append(complaint, request)
        if result.replayed:
            await self._duplicates.give_back(id, command, result.aggregate.id)
        return result

    def _procedure(self, code: str) -> Procedure:
        procedure = self._rules.procedures.get(code)
        if procedure is None or procedure.incidents is not None:
            known = {code: one.title for code, one in self._rules.procedures.items() if one.incidents is None}
            raise errors.UnknownProcedure("/procedure", known=known)
        return procedure

    async def _with_rules(self, aggregate: Complaint) -> Complaint:
        aggregate.has_customer_system = self._customers is not None
        aggregate.seen_at = self._now()
        return await governed(aggregate, self._rules)

    async def _prepared(self, id: UUID, command: Command, actor: Actor) -> Decision[Complaint]:
        asked = self._naming_people(command)
        command = _step_of(asked)
        answer: CustomerAnswer | None = None
        if isinstance(command, CheckCustomer) and self._customers is not None:
            answer = await looked_up(self._customers, await self._present(id), command, actor)
        others = command.complaints if isinstance(command, LinkComplaints | UnlinkComplaints) else ()
        known = {other: number for other in others if (number := await self._number_of(other, actor)) is not None}
        return lambda complaint: decide(
            complaint, asked, Request(actor, self._now(), self._known_units(), known, answer, self._people())
        )

    def _naming_people(self, command: Command) -> Command:
        """Whoever is named by name or staff number is named by id from here on: all that is decided goes by ids."""
        people = self._people()
        match command:
            case TakeInEmergency():
                return replace(command, step=self._naming_people(command.step))
            case NameAccused():
                return replace(command, people=people.with_those_meant(command.people))
            case MatchAccused():  # what was said stays as it was said
                return command if command.person is None else replace(command, person=people.meant_by(command.person))
        of_any: Any = type(command)
        named = {name: said for name in people_fields(of_any) if (said := vars(command)[name]) is not None}
        ids = {
            name: people.meant_by(said) if isinstance(said, str) else people.all_meant_by(said)
            for name, said in named.items()
        }
        return replace(command, **ids) if ids else command

    async def _number_of(self, id: UUID, actor: Actor) -> str | None:
        """The number of another complaint, if there is one that this actor may see."""
        try:
            complaint = await self._present(id)
            complaint.sight_for(actor)
        except errors.Refused:
            return None
        return complaint.number

    async def _present(self, id: UUID) -> Complaint:
        return (await self.load(id)).aggregate


def _step_of(command: Command) -> Command:
    """What is asked for: by whoever may, or in their place."""
    return command.step if isinstance(command, TakeInEmergency) else command
