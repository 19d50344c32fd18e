"""`POST /v1/calls/volume`: how many calls a telephone system counted, for the warning of a surge."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from app.access.keys import require_role
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.idempotency import command_request
from app.service import Service
from app.surges.call_volumes import ReportCallVolume

router = APIRouter(tags=["calls"])
REPORT: Final = adapter_of(ReportCallVolume)


@dataclass(frozen=True)
class CallVolumeView:
    """What was counted; both times are UTC."""

    source: str
    began_at: datetime
    ended_at: datetime
    calls: int


@router.post(
    "/v1/calls/volume", status_code=201, responses={201: {"model": CallVolumeView}},
    summary="Report how many calls came in",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/ReportCallVolume"}}}}},
)  # fmt: skip
async def report_call_volume(request: Request) -> Response:
    """An interval within one hour, counted once: reported again it is answered the same, overlapping it is refused."""
    actor = authenticated(request)
    require_role(actor, "integration", "admin")
    service: Service = request.app.state.service
    body = await read_body(request)
    command = parse(body, REPORT)
    is_new = await service.call_volumes.report(command, actor, command_request(request, actor, body))
    view = CallVolumeView(command.source, command.from_.astimezone(UTC), command.to.astimezone(UTC), command.calls)
    return json_response(view, 201, None if is_new else {"Idempotency-Replayed": "true"})
