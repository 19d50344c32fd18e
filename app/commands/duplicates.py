"""重复受理: an intake about a matter that the same customer has open already is answered with that complaint.

An intake claims its matter (customer, procedure, issue point) together with its number, so of two at the same time one
comes first. Whether the complaint that holds a matter is still open, and about that, is asked of its stream.

How long an intake takes tells nothing of a complaint that its caller must not know of. Where nobody holds the matter,
another complaint is read instead; whoever is let in is let in by the same statement, and whoever insists without
anything being read; and every refusal is answered at
a full tenth of a second, whatever had to be read for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from time import monotonic
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from domain import errors
from domain.complaint.commands import ReceiveComplaint
from domain.complaint.complaint import Complaint
from domain.complaint.customers import KNOWN_BY, is_same_customer, known_by
from domain.errors import Busy
from domain.procedure.procedure import Procedure
from domain.values import Actor, Complainant
from eventlog.codec import UnreadableEvent
from eventlog.complainants import Complainants, HeldClaims, IssueClaim, Reservation
from eventlog.database import StorageAway
from eventlog.gathering import Gathering

LONGEST_INTAKE: Final = 5.0  # seconds: a claim older than this without a complaint was left by a crash
LOOK_SECONDS: Final = 0.05
MOST_LOOKED_AT: Final = 20  # of those that were taken down beside each other on purpose
REFUSED_EVERY: Final = 0.1  # seconds

Load = Callable[[UUID], Awaitable[Complaint]]


class ClaimedByAnother(Busy): ...


class Duplicates:
    """Reserves what a new complaint needs, unless it repeats one."""

    def __init__(self, complainants: Complainants, load: Load) -> None:
        self._complainants, self._load = complainants, load
        self._readings: WeakValueDictionary[UUID, Gathering[None, Complaint]] = WeakValueDictionary()

    async def reserve(
        self, id: UUID, command: ReceiveComplaint, procedure: Procedure, day: date | None, actor: Actor
    ) -> Reservation:
        """The new complaint's number and key, after five seconds at most of waiting for those who claim the matter.

        Without a day no number is drawn.
        Raises `DuplicateComplaint`, `ClaimedByAnother`, `StorageAway`.
        """
        if command.issue_point is None or procedure.duplicates_allowed:
            return await self._complainants.reserve(procedure.code, day, command.complainant)
        if command.force:
            claim = IssueClaim(id, command.issue_point, forced=True)
            return await self._complainants.reserve(procedure.code, day, command.complainant, claim)
        begun = monotonic()
        try:
            return await self._claimed(IssueClaim(id, command.issue_point), command, day, actor)
        except errors.DuplicateComplaint:
            await asyncio.sleep((begun - monotonic()) % REFUSED_EVERY)
            raise

    async def _claimed(
        self, claim: IssueClaim, command: ReceiveComplaint, day: date | None, actor: Actor
    ) -> Reservation:
        person, code, until, late = command.complainant, command.procedure, monotonic() + LONGEST_INTAKE, 0
        holders = await self._complainants.holders(code, person, claim.issue_point)
        held = holders.held
        if held is None and holders.beside is not None:
            await self._stood_in_for(holders.beside)
        while True:
            if held is not None:
                beside = await self._are_beside(claim.issue_point, person, held, until, actor)
                claim = replace(claim, known=claim.known + held.complaint_ids, beside=claim.beside or beside)
                late += monotonic() >= until
            reserved = await self._complainants.reserve(code, day, person, claim)
            if reserved.held is None:
                return reserved
            if late > len(KNOWN_BY):  # not what is left of several that died: one after the other claims it
                raise ClaimedByAnother
            held = reserved.held

    async def _are_beside(
        self, issue_point: str, person: Complainant, held: HeldClaims, until: float, actor: Actor
    ) -> bool:
        """Whether they go on holding the matter beside the new complaint; raises `DuplicateComplaint` for a repeat."""
        try:
            repeated, is_of_others = await self._repeated(issue_point, person, held, until, actor)
        except UnreadableEvent:  # it may be open or not: this one is taken down beside it
            return True
        if repeated is None:
            return is_of_others
        # A complaint that the actor must not know of cannot be pointed at: this one is taken down beside it.
        if not _is_seen_by(actor, repeated):
            return True
        # Whoever sees nothing of a complaint does not hear which one it is either.
        if repeated.sight_for(actor) == "none":
            raise errors.DuplicateComplaint
        raise errors.DuplicateComplaint(repeated.id, repeated.number)

    async def _stood_in_for(self, id: UUID) -> None:
        with suppress(errors.NotFound, UnreadableEvent, StorageAway):  # the reservation says that it is away
            await self._read(id)

    async def _read(self, id: UUID) -> Complaint:
        """A complaint as it stands, read once for all intakes that ask for it while it is read for those before them.

        It is shared: nobody decides anything on it.
        """
        reading = self._readings.get(id)
        if reading is None:

            async def read(asked: Sequence[None]) -> Sequence[Complaint]:
                return [await self._load(id)] * len(asked)

            reading = self._readings[id] = Gathering("holder", read)
        return await reading.answer(None)

    async def hold(self, complaint: Complaint, issue_point: str) -> None:
        """What a complaint turned out to be about is compared with later intakes, too. Raises `StorageAway`."""
        claim = IssueClaim(complaint.id, issue_point)
        await self._complainants.join(complaint.procedure_code, complaint.complainant, claim)

    async def give_back(self, id: UUID, command: ReceiveComplaint, to: UUID) -> None:
        """A repeated request made no complaint after all: the matter stays that of the first answer."""
        if command.issue_point is not None:
            claim = IssueClaim(id, command.issue_point)
            await self._complainants.give_back(command.procedure, command.complainant, claim, to)

    async def _repeated(
        self, issue_point: str, person: Complainant, held: HeldClaims, until: float, actor: Actor
    ) -> tuple[Complaint | None, bool]:
        """The newest of the holders that another intake would only repeat, rather one that the actor may see.

        Else the answer would tell that there is another one, which they may not see. And whether the matter is held by
        others too, who have a telephone in common with this person. Raises `UnreadableEvent` where one of the holders
        might be repeated.
        """
        unseen: Complaint | None = None
        is_of_others = False
        known = known_by(person)
        unreadable: UnreadableEvent | None = None
        # By no machine's clock: a claim may have been made in another process, whose clock is wrong.
        until = min(until, monotonic() + LONGEST_INTAKE - held.age)
        for id in held.complaint_ids[: -MOST_LOOKED_AT - 1 : -1]:
            try:
                complaint = await self._recorded(id, until)
            except UnreadableEvent as error:
                unreadable = error
                continue
            if complaint is None or not is_repeated_by(issue_point, complaint):
                continue
            if not is_same_customer(known, known_by(complaint.complainant)):
                is_of_others = True
            elif _is_seen_by(actor, complaint):
                return complaint, is_of_others
            else:
                unseen = unseen or complaint
        if unseen is None and unreadable is not None:
            raise unreadable
        return unseen, is_of_others

    async def _recorded(self, id: UUID, until: float) -> Complaint | None:
        """A complaint that holds a matter, waiting for one that is just being recorded; None if it never was.

        `until` is monotonic time.
        """
        while True:
            try:
                return await self._read(id)
            except errors.NotFound:
                if monotonic() >= until:
                    return None
                await asyncio.sleep(LOOK_SECONDS)


def is_repeated_by(issue_point: str, complaint: Complaint) -> bool:
    """Whether another intake of this issue point by the same customer only repeats the complaint.

    It does while the complaint is open. Where complaints of one issue point are counted (重复投诉), one that counts
    already does not swallow the next: five times within a month would never be reached by who is let down five times.
    """
    recurrence = complaint.procedure.recurrence
    counted = recurrence.severity if recurrence is not None and recurrence.counts_issue_points else None
    counts = counted is not None and (complaint.raised_for_recurrence or complaint.severity == counted)
    return not complaint.has_ended and complaint.issue_point == issue_point and not counts


def _is_seen_by(actor: Actor, complaint: Complaint) -> bool:
    try:
        complaint.sight_for(actor)
    except errors.Forbidden:
        return False
    return True
