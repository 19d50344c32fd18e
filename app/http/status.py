"""`/v1/status/{number}`: what a complainant may ask without a key, with the number and what they know of it.

A wrong number, a wrong tail and a wrong code get the same answer, and so does what has no page at all. Guessing is
limited, per number and per caller.
"""

from typing import Annotated

from fastapi import Query, Request, Response

from app.access.tries import StatusTries
from app.http.protocol.answers import json_response
from app.http.protocol.parameters import only_parameters
from app.http.protocol.proxies import counted_as
from app.http.protocol.routes import Routes
from app.queries.public_status import NUMBER, NoSuchComplaint, PublicStatus, StatusView
from domain.identity import as_number


def status_routes(queries: PublicStatus, tries: StatusTries) -> Routes:
    routes = Routes("status", public=True)

    @routes.get("/v1/status/{number}", StatusView, summary="Status for the complainant")
    async def public_status(
        request: Request,
        number: str,
        phone_tail: Annotated[str | None, Query(description="Last four digits of the telephone that was left")] = None,
        code: Annotated[str | None, Query(description="The query code of the receipt")] = None,
    ) -> Response:
        """Public: by the number and the last four digits of the telephone, or the query code, or both.

        Who left a telephone names its last digits, and beside them the code where the procedure requires one; without a
        telephone the code alone opens it. A confidential matter has no page. Wrong tries are counted: with digits alone
        5 a minute and 10 a day for each caller and 10 a minute and 30 a day for each number, with a code 10 a minute
        and 50 a day for each caller.
        """
        only_parameters(request, "phone_tail", "code")
        number, caller = as_number(number), counted_as(request.client.host if request.client is not None else None)
        asked_for = number if NUMBER.fullmatch(number) else None
        taken = await tries.take(caller, asked_for, with_code=code is not None)
        try:
            view = await queries.of(number, phone_tail, code)
        except NoSuchComplaint:
            await tries.was_wrong()
            raise
        await tries.was_right(taken)
        return json_response(view)

    return routes
