"""`/v1/calls`: what softphones post, and the calls that it tells of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import Query, Request, Response

from app.access.call_sources import CallSources
from app.access.privileges import POSTS_CALLS
from app.access.refusals import NotAuthenticated
from app.commands.calls import Calls, Taken
from app.http.protocol.answers import json_response
from app.http.protocol.body import read_raw_body
from app.http.protocol.caller import Caller
from app.http.protocol.cloud_events import BATCH, MOST, SINGLE, CallEventPosted, Item, events_in
from app.http.protocol.list_parameters import CallQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem, ProblemDocument, Wrong, problem_of
from app.http.protocol.routes import Routes
from app.queries.calls import CallQueries, CallRow, CallView
from domain.titles import Language
from domain.values import ActedBy
from projections.calls_query import CallFilter

INTEGRATION: Final = "integration"
CallList = page_of("CallList", CallRow)


@dataclass(frozen=True)
class EventTaken:
    """An event is in the log. `skew_seconds`: by how much the source's clock was behind ours when it arrived."""

    call: str | None
    position: int
    recognised: bool
    skew_seconds: float | None


@dataclass(frozen=True)
class BatchItem:
    """What became of one event of a batch: 202 taken, 200 known already, or a problem of its own."""

    id: str | None
    status: int
    position: int | None = None
    problem: ProblemDocument | None = None


@dataclass(frozen=True)
class BatchTaken:
    """One item per event, in their order."""

    items: list[BatchItem]


def call_routes(
    calls: Calls, sources: CallSources, queries: CallQueries, lists: Lists, caller: Caller,
    now: Callable[[], datetime],
) -> Routes:  # fmt: skip
    routes = Routes("calls")
    language_of = lists.language_of

    def signer(request: Request, items: Sequence[Item], body: bytes) -> tuple[ActedBy, str | None]:
        """Who signed what is posted, and the only source they may post for. Raises `NotAuthenticated`, `NotSigned`."""
        if "webhook-signature" not in request.headers:
            raise NotAuthenticated
        source = next((item.source for item in items if item.source is not None), "")
        sources.check(source, request.headers, body, now())
        return ActedBy(source, INTEGRATION), source

    def named_right(item: Item) -> Item:
        """The same, with what is wrong where its source is the id of a person, or a word for somebody else."""
        if item.source is None or not sources.means_another(item.source):
            return item
        return replace(item, posted=None, wrong=(*item.wrong, Wrong("/source", "source-of-others")))

    @routes.post(
        "/v1/calls/events", EventTaken, body=CallEventPosted, sent_as={SINGLE: 1, BATCH: MOST}, status=202, also=(200,),
        or_else=BatchTaken, roles=POSTS_CALLS, summary="Post what a softphone saw",
    )  # fmt: skip
    async def post_call_events(request: Request) -> Response:
        """One CloudEvent (`application/cloudevents+json`, or binary mode) or a batch of 500 at most.

        By a key of the role `integration`, or signed as in Standard Webhooks with the secret of the `source`. The same
        `source` and `id` again is answered as it was at first, for ever. Unknown types are stored and marked.
        """
        actor = caller(request) if "authorization" in request.headers else None
        body = await read_raw_body(request)
        events = events_in(request, body)
        items = [named_right(item) for item in events.items]
        if actor is None:
            by, only = signer(request, items, body)
        else:
            by, only = actor.acting_as(INTEGRATION), None
        language = language_of(request)
        if not events.is_batch:
            return await _single(calls, items[0], by, only)
        taken = await _all(calls, items, by, only)
        parts = zip(items, taken, strict=True)
        return json_response({"items": [_answer(request, *part, language) for part in parts]})

    @routes.get("/v1/calls", CallList, files=TABLES, summary="The calls")
    async def list_calls(request: Request, query: Annotated[CallQuery, Query()]) -> Response:
        """One row per call, the newest first. `caller` is a number in any writing."""
        actor = caller(request)
        rows = await queries.rows(actor, await lists.wanted(request, query, CallFilter, actor))
        return await lists.answer(request, query, rows, "calls", files=TABLES)

    @routes.get("/v1/calls/{source}/{id:path}", CallView, summary="One call")
    async def one_call(request: Request, source: str, id: str) -> Response:
        """What follows from all that was heard of it, the same for every order in which it arrived."""
        actor = caller(request)
        only_parameters(request)
        view, version, position = await queries.one(source, id, actor)
        return json_response(view, headers={"ETag": f'"{version}"', "Redress-Position": str(position)})

    return routes


async def _single(calls: Calls, item: Item, by: ActedBy, only: str | None) -> Response:
    [taken] = await _all(calls, [item], by, only)
    if isinstance(taken, BaseException):
        raise taken
    content = EventTaken(taken.call, taken.position, taken.recognised, taken.skew_seconds)
    headers = {"Redress-Position": str(taken.position)}
    return json_response(content, 200 if taken.replayed else 202, headers, replayed=taken.replayed)


async def _all(
    calls: Calls, items: Sequence[Item], by: ActedBy, only: str | None
) -> list[Taken | BaseException]:
    """What became of each."""
    good = [item.posted for item in items if item.posted is not None and only in (None, item.source)]
    taken = iter(await calls.take_all(good, by))
    return [
        Problem(422, "invalid-body", wrong=item.wrong) if item.posted is None
        else next(taken) if only in (None, item.source)
        else Problem(403, "not-your-source")
        for item in items
    ]  # fmt: skip


def _answer(request: Request, item: Item, taken: Taken | BaseException, language: Language) -> dict[str, Any]:
    """A `BatchItem`, with what there is of it."""
    if isinstance(taken, Taken):
        return {"id": item.id, "status": 200 if taken.replayed else 202, "position": taken.position}
    if not isinstance(taken, Exception):
        raise taken
    status, document = problem_of(request, taken, language)
    return {"id": item.id, "status": status, "problem": msgspec.Raw(document)}
