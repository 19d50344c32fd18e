"""`/v1/notifications` and `/v1/recipients`: who was told of what and how that went, and who is told how."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, TypeAdapter

from app.access.keys import require_role
from app.commands.request_identity import CommandRequest
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.cursors import After
from app.http.protocol.idempotency import command_request
from app.http.protocol.list_parameters import ListQuery, begin_at, end_at
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem
from app.notifications.inbox import NotADeadLetter, Notification, Wanted
from app.notifications.recipients import KINDS, Kept, Recipient, RecipientKind, RecipientSettings
from app.service import Service
from domain.notices.notices import Addressee, AddresseeKind
from domain.values import SLUG_CHARACTERS, Actor
from eventlog.log import CommandIdReused, CommandSeen

router = APIRouter(tags=["notifications"])
SEES_ALL: Final = ("admin", "auditor")
WAIT_SECONDS: Final = 2.0
LONGEST_CODE: Final = 64
REPLAYED: Final = {"Idempotency-Replayed": "true"}


class NotificationQuery(ListQuery):
    state: Literal["waiting", "sending", "sent", "dead", "cancelled"] | None = None
    recipient: Annotated[str, Field(max_length=80, pattern=r"^(role|unit|actor|complainant)/[!-~]*$")] | None = Field(
        None, description="Kind and code, as in role/manager"
    )
    mine: bool = Field(False, description="Only what the console shows me; those who do not see all get this anyway")
    unread: bool = Field(False, description="Only what I have not marked as read")


@dataclass(frozen=True)
class NotificationList:
    """The newest first. `position` is how far the log has been told; `next_cursor` is null on the last page."""

    items: list[Notification]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class RecipientView(Recipient):
    """`signed`: a secret for the webhook is kept; nobody is shown it."""

    kind: RecipientKind = "role"
    code: str = ""
    signed: bool = False


@dataclass(frozen=True)
class RecipientList:
    items: list[RecipientView]


SETTINGS: Final = adapter_of(RecipientSettings)
VIEW: Final[TypeAdapter[RecipientView]] = TypeAdapter(RecipientView)
BODY: Final = {"requestBody": {"required": True, "content": {
    "application/json": {"schema": {"$ref": "#/components/schemas/RecipientSettings"}}}}}  # fmt: skip


@router.get("/v1/notifications", responses={200: {"model": NotificationList}}, summary="Who was told of what")
async def notifications(request: Request, query: Annotated[NotificationQuery, Query()]) -> Response:
    """Everybody sees what the console tells them, their roles and their unit; administrators and auditors see all."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    listing = query.listing(f"notifications {actor.id}")
    after = begin_at(service, listing, query.cursor)
    await _wait_for(service, query.min_position)
    mine = query.mine or actor.roles.isdisjoint(SEES_ALL)
    page = await service.notifying.inbox.page(
        actor,
        Wanted(
            mine, query.state, _addressee(query.recipient), query.unread, limit=query.limit,
            before=None if after is None else (after.ordinal, after.id),
        ),
    )  # fmt: skip
    more = None if page.next is None else After(None, page.next[1], page.next[0])
    position = await service.notifying.follower.come_so_far()
    return json_response(NotificationList(page.items, end_at(service, listing, more), position))


@router.post(
    "/v1/notifications/{id}/read", responses={200: {"model": Notification}}, summary="Mark a notification as read"
)
async def mark_read(request: Request, id: str) -> Response:
    """By me: the others of my role or unit still have it before them."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    body = await read_body(request)
    found = await _must_be_there(service, actor, id, mine=True)
    repeat = command_request(request, actor, body)
    if await _was_done(service, repeat):
        return json_response(found, headers=REPLAYED)
    await service.notifying.inbox.mark_read(actor, found.id, service.now())
    await _remember(service, repeat)
    return json_response(await _must_be_there(service, actor, id, mine=True))


@router.post(
    "/v1/notifications/{id}/retry", responses={200: {"model": Notification}}, summary="Send a dead letter anew"
)
async def retry(request: Request, id: str) -> Response:
    """With all its attempts before it again. A digest is sent anew as a whole."""
    actor = authenticated(request)
    require_role(actor, "admin")
    service: Service = request.app.state.service
    body = await read_body(request)
    found = await _must_be_there(service, actor, id, mine=False)
    repeat = command_request(request, actor, body)
    if await _was_done(service, repeat):
        return json_response(found, headers=REPLAYED)
    if not await service.notifying.outbox.retry(found.id, service.now()):
        raise NotADeadLetter
    await _remember(service, repeat)
    service.notifying.sender.look()
    return json_response(await _must_be_there(service, actor, id, mine=False))


@router.get("/v1/recipients", responses={200: {"model": RecipientList}}, summary="Who is told how")
async def recipients(request: Request) -> Response:
    """Roles, units and actors with settings of their own; all others are told in the console only."""
    require_role(authenticated(request), "admin")
    only_parameters(request)
    service: Service = request.app.state.service
    return json_response({"items": [_view(kept) for kept in await service.notifying.recipients.all()]})


@router.get("/v1/recipients/{kind}/{code:path}", responses={200: {"model": RecipientView}}, summary="How one is told")
async def recipient(request: Request, kind: str, code: str) -> Response:
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    kept = await service.notifying.recipients.one(_kind(kind), _code(kind, code))
    if kept is None:
        raise _unknown()
    return json_response(_view(kept))


@router.put(
    "/v1/recipients/{kind}/{code:path}", responses={200: {"model": RecipientView}}, openapi_extra=BODY,
    summary="Say how a role, a unit or an actor is told",
)  # fmt: skip
async def put_recipient(request: Request, kind: str, code: str) -> Response:
    """A new recipient is told of what is recorded from now on, nothing of before."""
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    settings = parse(await read_body(request), SETTINGS)
    return json_response(_view(await service.notifying.recipients.put(_kind(kind), _code(kind, code), settings)))


@router.delete("/v1/recipients/{kind}/{code:path}", status_code=204, summary="Tell them in the console only")
async def remove_recipient(request: Request, kind: str, code: str) -> Response:
    """What waits to be sent to them is cancelled when its time comes."""
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    if not await service.notifying.recipients.remove(_kind(kind), _code(kind, code)):
        raise _unknown()
    return Response(status_code=204)


async def _wait_for(service: Service, position: int | None) -> None:
    if position is not None and not await service.notifying.follower.reached(position, WAIT_SECONDS):
        detail = f"Position {position} has not been told within {WAIT_SECONDS:g} seconds; ask again shortly."
        raise Problem(503, "notifications-behind", "Temporarily unavailable", detail, headers={"Retry-After": "1"})


async def _must_be_there(service: Service, actor: Actor, id: str, *, mine: bool) -> Notification:
    try:
        found = await service.notifying.inbox.one(actor, UUID(id), mine=mine)
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "no-such-notification", "Not found", "There is no notification of this id for you.")
    return found


async def _was_done(service: Service, repeat: CommandRequest) -> bool:
    """Whether this request was made before; a repetition does nothing. Raises 422 for another one of the same key."""
    seen = None if repeat.request_hash is None else await service.log.command(repeat.command_id)
    if seen is not None and seen.request_hash != repeat.request_hash:
        raise CommandIdReused(repeat.command_id)
    return seen is not None


async def _remember(service: Service, repeat: CommandRequest) -> None:
    """After it was done: whoever repeats what was cut off before this finds it done, or does it."""
    if repeat.request_hash is not None:
        this = CommandSeen(None, None, None, repeat.request_hash, left_events=False)
        await service.log.remember(repeat.command_id, this, service.now())


def _addressee(text: str | None) -> Addressee | None:
    if text is None:
        return None
    kind, _, code = text.partition("/")
    return Addressee(cast(AddresseeKind, kind), code)


def _kind(kind: str) -> RecipientKind:
    if kind not in KINDS:
        raise _unknown()
    return kind


def _code(kind: str, code: str) -> str:
    """A role's or a unit's code, or an actor's id as the keys have it."""
    if not 1 <= len(code) <= LONGEST_CODE or not code.isprintable() or code.isspace():
        raise _unknown()
    if kind != "actor" and not SLUG_CHARACTERS.issuperset(code):
        raise _unknown()
    return code


def _view(kept: Kept) -> dict[str, Any]:
    view = RecipientView(
        **vars(kept.recipient), kind=cast(RecipientKind, kept.kind), code=kept.code,
        signed=kept.sealed_secret is not None,
    )  # fmt: skip
    shown: dict[str, Any] = VIEW.dump_python(view, mode="json", by_alias=True)
    return shown


def _unknown() -> Problem:
    detail = "There is no such recipient: the kinds are role, unit and actor, and each has a code."
    return Problem(404, "no-such-recipient", "Not found", detail)
