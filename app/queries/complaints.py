"""One complaint as a reader sees it: itself, its history, why its clocks are due when they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.commands.complaints import Complaints
from app.commands.stream import CommandResult, Loaded
from app.queries.complaint_view import complaint_view, status_page
from app.queries.event_view import EventView, event_view, links_of, unreadable_event_view
from app.queries.explanation_view import explanation_view
from app.queries.visibility import Seen, Visibility
from domain.complaint.complaint import Complaint
from domain.errors import Confidential
from domain.identity import is_among
from domain.people import People
from domain.procedure.procedure import Procedure
from domain.titles import Language
from domain.values import Actor


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer about one complaint or incident, and the version and position that it shows.

    `procedure`: by which the complaint that is shown goes on.
    """

    content: Any
    version: int
    position: int
    procedure: Procedure | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That there is a complaint and how far it has come, and nothing of what it says or whom it is about.

    `status_page` is None for what is confidential: whoever reported it has the number, to quote to those of its circle,
    and no page.
    """

    id: UUID
    number: str
    version: int
    position: int
    status: str
    status_page: str | None
    allowed: tuple[()] = ()


@dataclass(frozen=True)
class History:
    """The events of one complaint, in order."""

    items: list[EventView]


@dataclass(frozen=True)
class ComplaintQueries:
    """Every method raises `NotFound`, the `Forbidden` of one who sees nothing, `UnreadableEvent` and `StorageAway`."""

    complaints: Complaints
    visibility: Visibility
    people: Callable[[], People]

    async def one(
        self,
        id: UUID,
        actor: Actor,
        language: Language,
        *,
        as_of: datetime | None = None,
        version: int | None = None,
    ) -> Shown:
        """Now or as it stood; who may see it is asked of what it is now."""
        now = await self.complaints.load(id)
        seen, shown = Seen.of_complaint(now.aggregate, actor), now
        if as_of is not None or version is not None:
            shown = await self.complaints.load(id, as_of=as_of, version=version)
        return await self._shown(shown, actor, seen, language)

    async def history(self, id: UUID, actor: Actor, language: Language) -> Shown:
        """Every event in order, as far as the actor may see what it says."""
        loaded, happened = await self.complaints.history(id)
        seen = Seen.of_complaint(loaded.aggregate, actor)
        if len(happened) > loaded.aggregate.version:
            seen = await self.visibility.seen_beyond(actor, happened[loaded.aggregate.version][0])
        links = {other.id for _, event in happened if event is not None for other in links_of(event)}
        visible = await self.visibility.visible(actor, links)
        items = [
            unreadable_event_view(recorded)
            if event is None
            else event_view(event, recorded, seen, visible, language)
            for recorded, event in happened
        ]
        return Shown(History(items), loaded.aggregate.version, loaded.position)

    async def explanation(
        self,
        id: UUID,
        clock: str,
        actor: Actor,
        language: Language,
        *,
        unit: str | None = None,
        round: int | None = None,
    ) -> Shown:
        """Why a clock is due when it is due. Raises `NoSuchClock`, `ClockHasNotRun`."""
        loaded = await self.complaints.load(id)
        seen = Seen.of_complaint(loaded.aggregate, actor)
        if seen.withheld:
            raise Confidential
        view = explanation_view(loaded.aggregate, clock, seen, language, unit=unit, round=round)
        return Shown(view, loaded.aggregate.version, loaded.position)

    async def answer(self, result: CommandResult[Complaint], actor: Actor, language: Language) -> Shown:
        """What whoever gave a command sees of what became of it."""
        complaint = result.aggregate
        # They have just named themselves, or taken down what is confidential: from now on it is out of their sight.
        if is_among(actor.id, complaint.accused) or result.confidential or complaint.is_withheld_from(actor):
            return _receipt(complaint, result.position)
        return await self._shown(result, actor, Seen.of_complaint(complaint, actor), language)

    async def _shown(
        self, loaded: Loaded[Complaint] | CommandResult[Complaint], actor: Actor, seen: Seen, language: Language
    ) -> Shown:
        complaint = loaded.aggregate
        if seen.withheld:
            return _receipt(complaint, loaded.position)
        visible = await self.visibility.visible(actor, {other.id for other in complaint.linked})
        view = complaint_view(complaint, loaded.position, actor, seen, visible, self.people(), language)
        return Shown(view, complaint.version, loaded.position, complaint.procedure)


def _receipt(complaint: Complaint, position: int) -> Shown:
    receipt = Receipt(
        complaint.id, complaint.number, complaint.version, position, complaint.status, status_page(complaint)
    )
    return Shown(receipt, complaint.version, position)
