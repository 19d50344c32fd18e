"""`/v1/events` and `/v1/stream`: what happens, told to whoever follows it, resumable from any position."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.http.protocol.access_notes import note_of
from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.event_streams import BEAT, EVENTS, GREETING, LONGEST, event_stream
from app.http.protocol.language import said_in
from app.http.protocol.list_parameters import FeedQuery, StreamQuery
from app.http.protocol.lists import Lists
from app.http.protocol.problems import Problem, Wrong
from app.http.protocol.routes import Routes
from app.queries.audit_events import AuditEvent, AuditFilter
from app.queries.feed import EventFeed
from app.queries.paging import Behind
from domain.titles import Language
from domain.values import Actor
from eventlog.database import StorageAway

MOST_DIGITS: Final = 18


@dataclass(frozen=True)
class EventsTold:
    """Events in the order of the log. `position`: the `after` of the next request; nothing up to there is left out."""

    items: list[AuditEvent]
    position: int


def event_routes(feed: EventFeed, lists: Lists, caller: Caller) -> Routes:
    routes = Routes("events", part="audit")

    @routes.get("/v1/events", EventsTold, summary="What happens, from a position on")
    async def list_events(request: Request, query: Annotated[FeedQuery, Query()]) -> Response:
        """What the caller may see of the history after a position, gapless; with `wait` as soon as there is something.

        Ask again with the answer's `position`. What was kept from the caller and becomes theirs to see (a complaint
        that is sent to their unit) is told from then on; `GET /v1/audit/events` has what was before.
        """
        actor = caller(request)
        wanted = await lists.wanted(request, query, AuditFilter, actor)
        language = lists.language_of(request)
        told = await feed.waited(actor, wanted, language, query.limit, query.wait)
        headers = said_in(language) | {"Redress-Position": str(told.position), "Cache-Control": "no-store"}
        return json_response(EventsTold(list(told.items), told.position), headers=headers)

    @routes.get("/v1/stream", AuditEvent, files=(EVENTS,), summary="What happens, as it happens")
    async def stream_of_events(request: Request, query: Annotated[StreamQuery, Query()]) -> Response:
        """Server-sent events, each as in `/v1/events`; its id is its position.

        Goes on after `Last-Event-ID`, else after `after`, else from now on. Ends every quarter of an hour, and when the
        service stops: come again with the last id.
        """
        actor = caller(request)
        last = _last_event_id(request)
        wanted = await lists.wanted(request, query, AuditFilter, actor)
        after = query.after if last is None else last
        language = lists.language_of(request)
        feed.audit.rows(actor, wanted, language)  # whoever may see nothing is refused before the first word
        position = await feed.head() if after is None else after
        return event_stream(
            request, _told(request, actor, replace(wanted, after=position), language), said_in(language)
        )

    async def _told(request: Request, actor: Actor, wanted: AuditFilter, language: Language) -> AsyncIterator[bytes]:
        note = note_of(request)
        yield GREETING
        try:
            async for told in feed.follow(actor, wanted, language, beat=BEAT, longest=LONGEST):
                content = b"".join(map(_line, told.items))
                if note is not None:
                    note.shows()
                yield content + b"id: %d\n\n" % told.position
        except (Behind, StorageAway):
            return  # whoever listens comes again after a second, and goes on from the last id

    return routes


def _line(event: AuditEvent) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (
        event.position, event.type.encode(), bytes(json_response(event).body)
    )


def _last_event_id(request: Request) -> int | None:
    """Where a browser says that it was. Raises 422 for what is no position."""
    said = request.headers.get("last-event-id")
    if said is None or said == "":
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS):
        raise Problem(422, "invalid-parameters", wrong=[Wrong("Last-Event-ID", "int_parsing")])
    return int(said)
