"""`/v1/keys`: an administrator creates, lists and revokes API keys."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.answers import json_response
from app.body import adapter_of, parse, read_body
from app.keys import CreatedKey, KeyView, NewKey, authenticated, require_role
from app.problems import Problem
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

    The key is shown once. Keys take no `Idempotency-Key`: the id is what cannot be given out twice.
    """
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    new = parse(await read_body(request), NEW_KEY)
    return json_response(await service.keys.create(new, at=service.now()), 201)


@router.get("/v1/keys", responses={200: {"model": KeyList}}, summary="List the keys")
async def list_keys(request: Request) -> Response:
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    return json_response(KeyList(await service.keys.all()))


@router.delete("/v1/keys/{id}", status_code=204, summary="Revoke a key")
async def revoke_key(request: Request, id: str) -> Response:
    """In force everywhere within a second. The last administrator cannot be revoked."""
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    if not await service.keys.revoke(id, at=service.now()):
        raise Problem(404, "no-such-key", "Not found", "There is no active key with this id.")
    return Response(status_code=204)
