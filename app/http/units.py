"""`/v1/units`: the responsible units that procedures name, and the deployment's own."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from fastapi import Request, Response

from app.access.admission import Admission
from app.access.privileges import ADMINISTERS
from app.access.units import ChangeUnit, NewUnit
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, given, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request, repeat_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.units import KnownUnit, UnitList, UnitQueries
from eventlog.sealing import MasterKey

NEW: Final = adapter_of(NewUnit)
CHANGE: Final = adapter_of(ChangeUnit)
PATH: Final = "/v1/units"


def unit_routes(
    access: Admission, queries: UnitQueries, master: MasterKey, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    routes = Routes("units")

    @routes.post(PATH, KnownUnit, body=NewUnit, status=201, roles=ADMINISTERS, summary="Make a unit")
    async def create_unit(request: Request) -> Response:
        """Complaints of every procedure can be sent to it from now on, and people can belong to it."""
        actor = caller(request)
        body = await read_body(request)
        new, asked = parse(body, NEW), command_request(request, actor, body)
        repeat, _ = repeat_of(asked, master)
        unit, replayed = await access.units.create(new, by=actor.id, at=now(), repeat=repeat)
        headers = {"Location": f"{PATH}/{unit.code}", "ETag": f'"{unit.version}"'}
        return json_response(queries.view(unit, actor), 201, headers, replayed=replayed)

    @routes.get(PATH, UnitList, summary="The units")
    async def list_units(request: Request) -> Response:
        """Those that a procedure names, and the deployment's own."""
        actor = caller(request)
        only_parameters(request)
        return json_response(queries.all(actor))

    @routes.get(f"{PATH}/{{code}}", KnownUnit, summary="One unit")
    async def one_unit(request: Request, code: str) -> Response:
        actor = caller(request)
        only_parameters(request)
        found = queries.one(code, actor)
        return json_response(found, headers={"ETag": f'"{found.version}"'})

    @routes.patch(f"{PATH}/{{code}}", KnownUnit, body=ChangeUnit, roles=ADMINISTERS, summary="Change a unit")
    async def change_unit(request: Request, code: str) -> Response:
        """What is left out stays; null takes away. One that a procedure names is described for this deployment."""
        actor = caller(request)
        body = await read_body(request)
        said, asked = given(body, parse(body, CHANGE)), command_request(request, actor, body)
        based_on = partial(asked.must_be_based_on, what="unit-record")
        unit = await access.units.change(code, said, by=actor.id, at=now(), based_on=based_on)
        return json_response(queries.view(unit, actor), headers={"ETag": f'"{unit.version}"'})

    return routes
