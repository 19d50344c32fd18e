"""`/v1/audit/checkpoints`, `…/proof`, `…/consistency`, `…/public-key`: what somebody needs who does not believe us."""

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import PlainTextResponse

from app.access.privileges import READS_PROOF
from app.http.protocol.answers import json_response
from app.http.protocol.body import read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.list_parameters import CheckpointQuery, ConsistencyQuery, InclusionQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import given_once, only_parameters, required
from app.http.protocol.routes import Routes
from app.queries.proof import CheckpointRow, ConsistencyProof, InclusionProof, Proofs, PublicKeys

CheckpointList = page_of("CheckpointList", CheckpointRow, "`position`: over how many events the newest one is.")


def proof_routes(proofs: Proofs, lists: Lists, caller: Caller) -> Routes:
    routes = Routes("proof", part="audit")

    @routes.get(
        "/v1/audit/checkpoints", CheckpointList, files=TABLES, roles=READS_PROOF, summary="The signed checkpoints"
    )  # fmt: skip
    async def checkpoints(request: Request, query: Annotated[CheckpointQuery, Query()]) -> Response:
        """How many events there were, and the root over them, signed: newest first, one for each minute with events."""
        rows = proofs.rows(caller(request))
        return await lists.answer(request, query, rows, "checkpoints", files=TABLES)

    @routes.post("/v1/audit/checkpoints", CheckpointRow, status=201, roles=READS_PROOF, summary="Sign a checkpoint now")
    async def make_checkpoint(request: Request) -> Response:
        """Over all that is sealed by now; the newest one again where nothing was recorded since."""
        actor = caller(request)
        command_request(request, actor, await read_body(request))
        made = await proofs.make(actor)
        return json_response(CheckpointRow(made.size, made.made_at, made.note), 201)

    @routes.get(
        "/v1/audit/checkpoints/latest", roles=READS_PROOF, response_class=PlainTextResponse,
        summary="The newest checkpoint, as a note",
    )  # fmt: skip
    async def latest_checkpoint(request: Request) -> Response:
        """A signed note (C2SP) in plain text: origin, size, root, time, the signature. Keep it outside."""
        only_parameters(request)
        return PlainTextResponse((await proofs.newest(caller(request))).note)

    @routes.get("/v1/audit/proof", InclusionProof, roles=READS_PROOF, summary="That an event is in the log")
    async def inclusion_proof(request: Request, query: Annotated[InclusionQuery, Query()]) -> Response:
        """For the event of a `position` among the first `size` events; without one, of the newest checkpoint."""
        actor = caller(request)
        given_once(request, ("position", "size"))
        [position] = required(position=query.position)
        return json_response(await proofs.inclusion(position, query.size, actor))

    @routes.get("/v1/audit/consistency", ConsistencyProof, roles=READS_PROOF, summary="That the log only grew")
    async def consistency_proof(request: Request, query: Annotated[ConsistencyQuery, Query()]) -> Response:
        """That the first `from` of `to` events are those of which somebody holds a checkpoint."""
        actor = caller(request)
        given_once(request, ("from", "to"))
        before, size = required(**{"from": query.from_, "to": query.to})
        return json_response(await proofs.consistency(before, size, actor))

    @routes.get("/v1/audit/public-key", PublicKeys, roles=READS_PROOF, summary="The keys that sign checkpoints")
    async def public_key(request: Request) -> Response:
        """Take it down once, on a way that you trust: whoever has it needs to believe nobody here."""
        only_parameters(request)
        return json_response(await proofs.public_keys(caller(request)))

    return routes
