"""`/v1/keys`: an administrator creates, lists and revokes API keys."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.access.keys import CreatedKey, KeyView, NewKey, require_role
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.idempotency import command_request
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem
from app.service import Service

router = APIRouter(tags=["keys"])
NEW_KEY = adapter_of(NewKey)


@dataclass(frozen=True)
class KeyList:
    items: list[KeyView]


@router.post(
    "/v1/keys", status_code=201, responses={201: {"model": CreatedKey}}, summary="Create a key",
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/NewKey"}}}}},
)  # fmt: skip
async def create_key(request: Request) -> Response:
    """For one actor: the id the history will show, a name, roles, and the responsible unit they belong to, if any.

    The key is shown once; only the same request with the same `Idempotency-Key` is answered with it again.
    """
    actor = authenticated(request)
    require_role(actor, "admin")
    service: Service = request.app.state.service
    body = await read_body(request)
    new, repeat = parse(body, NEW_KEY), command_request(request, actor, body)
    if repeat.request_hash is None:
        created, _ = await service.keys.create(new, at=service.now())
        return json_response(created, 201)
    created, replayed = await service.keys.create(
        new,
        at=service.now(),
        secret=f"rk_{service.master.secret_for(repeat.command_id)}",
        command_id=repeat.command_id,
        request_hash=repeat.request_hash,
    )
    return json_response(created, 201, {"Idempotency-Replayed": "true"} if replayed else None)


@router.get("/v1/keys", responses={200: {"model": KeyList}}, summary="List the keys")
async def list_keys(request: Request) -> Response:
    require_role(authenticated(request), "admin")
    only_parameters(request)
    service: Service = request.app.state.service
    return json_response(KeyList(await service.keys.all()))


@router.delete("/v1/keys/{id:path}", status_code=204, summary="Revoke a key")
async def revoke_key(request: Request, id: str) -> Response:
    """In force everywhere within a second. The last administrator cannot be revoked."""
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    if not id.isprintable() or not await service.keys.revoke(id, at=service.now()):
        raise Problem(404, "no-such-key", "Not found", "There is no active key with this id.")
    return Response(status_code=204)
