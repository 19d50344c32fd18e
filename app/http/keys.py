"""`/v1/keys`: an administrator creates, lists and revokes API keys."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from app.access.keys import ApiKeys, CreatedKey, NewKey
from app.access.person_keys import check_may_issue
from app.access.privileges import ADMINISTERS
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request, repeat_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.keys import KeyList, KeyQueries
from eventlog.sealing import MasterKey

NEW_KEY: Final = adapter_of(NewKey)


def key_routes(
    keys: ApiKeys, queries: KeyQueries, master: MasterKey, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    routes = Routes("keys", part="people")

    @routes.post("/v1/keys", CreatedKey, body=NewKey, status=201, roles=ADMINISTERS, summary="Create a key")
    async def create_key(request: Request) -> Response:
        """For one actor: the id the history will show, a name, roles, and the responsible unit they belong to, if any.

        The key is shown once; only the same request with the same `Idempotency-Key` is answered with it again.
        """
        actor = caller(request)
        body = await read_body(request)
        new, asked = parse(body, NEW_KEY), command_request(request, actor, body)
        check_may_issue(None, request.state.came.scopes)
        repeat, secret = repeat_of(asked, master)
        created, replayed = await keys.create(new, by=actor.id, at=now(), secret=secret, repeat=repeat)
        return json_response(created, 201, replayed=replayed)

    @routes.get("/v1/keys", KeyList, roles=ADMINISTERS, summary="List the keys")
    async def list_keys(request: Request) -> Response:
        found = await queries.all(caller(request))
        only_parameters(request)
        return json_response(found)

    @routes.delete("/v1/keys/{id:path}", status=204, roles=ADMINISTERS, summary="Revoke a key")
    async def revoke_key(request: Request, id: str) -> Response:
        """In force everywhere when this is answered. The last administrator cannot be revoked."""
        actor = caller(request)
        await keys.revoke(id, by=actor.id, at=now())
        return Response(status_code=204)

    return routes
