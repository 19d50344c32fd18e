"""`POST /v1/calls/volume`: how many calls a telephone system counted, for the warning of a surge."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import Request, Response

from app.access.privileges import REPORTS_CALL_VOLUMES
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.routes import Routes
from app.surges.call_volumes import CallVolumes, ReportCallVolume

REPORT: Final = adapter_of(ReportCallVolume)


@dataclass(frozen=True)
class CallVolumeView:
    """What was counted; both times are UTC."""

    source: str
    began_at: datetime
    ended_at: datetime
    calls: int


def call_volume_routes(volumes: CallVolumes, caller: Caller) -> Routes:
    routes = Routes("calls")

    @routes.post(
        "/v1/calls/volume", CallVolumeView, body=ReportCallVolume, status=201, roles=REPORTS_CALL_VOLUMES,
        summary="Report how many calls came in",
    )  # fmt: skip
    async def report_call_volume(request: Request) -> Response:
        """An interval within one hour, counted once.

        Reported again it is answered the same, overlapping it is refused.
        """
        actor = caller(request)
        body = await read_body(request)
        command = parse(body, REPORT)
        is_new = await volumes.report(command, actor, command_request(request, actor, body))
        view = CallVolumeView(command.source, command.from_.astimezone(UTC), command.to.astimezone(UTC), command.calls)
        return json_response(view, 201, replayed=not is_new)

    return routes
