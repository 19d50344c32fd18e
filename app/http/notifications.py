"""`/v1/notifications` and `/v1/recipients`: who was told of what and how that went, and who is told how."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.access.privileges import ADMINISTERS
from app.commands.remembered import RememberedRequests
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.list_parameters import NotificationQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.notifications.outbox import NotADeadLetter, Outbox
from app.notifications.recipients import Recipients, RecipientSettings
from app.notifications.sender import Sender
from app.queries.notifications import Notification, NotificationFilter, NotificationQueries
from app.queries.recipients import (
    NoSuchRecipient,
    RecipientList,
    RecipientQueries,
    RecipientView,
    recipient_named,
    recipient_view,
)
from domain.identity import levelled

SETTINGS: Final = adapter_of(RecipientSettings)
NotificationList = page_of(
    "NotificationList", Notification,
    "The newest first. `position` is how far the log has been told; `next_cursor` is null on the last page.",
)  # fmt: skip
RECIPIENT: Final = "/v1/recipients/{kind}/{code:path}"


def notification_routes(
    queries: NotificationQueries,
    outbox: Outbox,
    sender: Sender,
    remembered: RememberedRequests,
    lists: Lists,
    caller: Caller,
    now: Callable[[], datetime],
) -> Routes:
    routes = Routes("notifications")

    @routes.get("/v1/notifications", NotificationList, files=TABLES, summary="Who was told of what")
    async def notifications(request: Request, query: Annotated[NotificationQuery, Query()]) -> Response:
        """Everybody sees what the console tells them, their roles and unit; administrators and auditors see all.

        `Accept: text/csv` or XLSX gives the whole list.
        """
        actor = caller(request)
        wanted = await lists.wanted(request, query, NotificationFilter, actor)
        return await lists.answer(
            request, query, queries.rows(actor, wanted), f"notifications {actor.id}", file="notifications",
            files=TABLES, in_file=queries.lines(actor, wanted, lists.language_of(request)),
        )  # fmt: skip

    @routes.post("/v1/notifications/{id}/read", Notification, summary="Mark a notification as read")
    async def mark_notification_read(request: Request, id: str) -> Response:
        """By me: the others of my role or unit still have it before them."""
        actor = caller(request)
        body = await read_body(request)
        found = await queries.one(actor, id, mine=True)
        repeat = command_request(request, actor, body)
        if await remembered.was_done(repeat):
            return json_response(found, replayed=True)
        await outbox.mark_read(found.id, levelled(actor.id), now())
        await remembered.remember(repeat)
        return json_response(await queries.one(actor, id, mine=True))

    @routes.post("/v1/notifications/{id}/retry", Notification, roles=ADMINISTERS, summary="Send a dead letter anew")
    async def retry_notification(request: Request, id: str) -> Response:
        """With all its attempts before it again. A digest is sent anew as a whole."""
        actor = caller(request)
        body = await read_body(request)
        found = await queries.one(actor, id, mine=False)
        repeat = command_request(request, actor, body)
        if await remembered.was_done(repeat):
            return json_response(found, replayed=True)
        if not await outbox.retry(found.id, now()):
            raise NotADeadLetter
        await remembered.remember(repeat)
        sender.look()
        return json_response(await queries.one(actor, id, mine=False))

    return routes


def recipient_routes(kept: Recipients, queries: RecipientQueries, caller: Caller) -> Routes:
    routes = Routes("notifications")

    @routes.get("/v1/recipients", RecipientList, roles=ADMINISTERS, summary="Who is told how")
    async def recipients(request: Request) -> Response:
        """Roles, units and actors with settings of their own; all others are told in the console only."""
        found = await queries.all(caller(request))
        only_parameters(request)
        return json_response(found)

    @routes.get(RECIPIENT, RecipientView, roles=ADMINISTERS, summary="How one is told")
    async def recipient(request: Request, kind: str, code: str) -> Response:
        return json_response(await queries.one(kind, code, caller(request)))

    @routes.put(
        RECIPIENT, RecipientView, body=RecipientSettings, roles=ADMINISTERS,
        summary="Say how a role, a unit or an actor is told",
    )  # fmt: skip
    async def put_recipient(request: Request, kind: str, code: str) -> Response:
        """A new recipient is told of what is recorded from now on, nothing of before."""
        caller(request)
        settings = parse(await read_body(request), SETTINGS)
        return json_response(recipient_view(await kept.put(*recipient_named(kind, code), settings)))

    @routes.delete(RECIPIENT, status=204, roles=ADMINISTERS, summary="Tell them in the console only")
    async def remove_recipient(request: Request, kind: str, code: str) -> Response:
        """What waits to be sent to them is cancelled when its time comes."""
        caller(request)
        if not await kept.remove(*recipient_named(kind, code)):
            raise NoSuchRecipient
        return Response(status_code=204)

    return routes
