"""`/v1/keys`: an administrator creates, lists and revokes API keys."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from app.access.keys import ApiKeys, CreatedKey, NewKey, require_role
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.keys import KeyList, KeyQueries
from eventlog.sealing import MasterKey

NEW_KEY: Final = adapter_of(NewKey)


def key_routes(
    keys: ApiKeys, queries: KeyQueries, master: MasterKey, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    routes = Routes("keys")

    @routes.post("/v1/keys", CreatedKey, body=NewKey, status=201, summary="Create a key")
    async def create_key(request: Request) -> Response:
        """For one actor: the id the history will show, a name, roles, and the responsible unit they belong to, if any.

        The key is shown once; only the same request with the same `Idempotency-Key` is answered with it again.
        """
        actor = caller(request)
        require_role(actor, "admin")
        body = await read_body(request)
        new, repeat = parse(body, NEW_KEY), command_request(request, actor, body)
        if repeat.request_hash is None:
            created, _ = await keys.create(new, by=actor.id, at=now())
            return json_response(created, 201)
        created, replayed = await keys.create(
            new,
            by=actor.id,
            at=now(),
            secret=f"rk_{master.secret_for(repeat.command_id)}",
            command_id=repeat.command_id,
            request_hash=repeat.request_hash,
        )
        return json_response(created, 201, replayed=replayed)

    @routes.get("/v1/keys", KeyList, summary="List the keys")
    async def list_keys(request: Request) -> Response:
        found = await queries.all(caller(request))
        only_parameters(request)
        return json_response(found)

    @routes.delete("/v1/keys/{id:path}", status=204, summary="Revoke a key")
    async def revoke_key(request: Request, id: str) -> Response:
        """In force everywhere when this is answered. The last administrator cannot be revoked."""
        actor = caller(request)
        require_role(actor, "admin")
        await keys.revoke(id, by=actor.id, at=now())
        return Response(status_code=204)

    return routes
