"""`/v1/status/{number}`: what a complainant may ask without a key, with the number and the tail of their telephone.

A wrong number and a wrong tail get the same answer, and guessing is limited, per number and per caller.
"""

from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.parameters import only_parameters
from app.http.protocol.rate_limit import RateLimit, TooManyRequests, caller_of
from app.http.protocol.routes import Routes
from app.queries.public_status import NUMBER, PublicStatus, StatusView

MINUTE: Final = 60.0


def status_routes(queries: PublicStatus) -> Routes:
    """One process counts the tries by itself: 10 a minute for each number, 60 a minute for each caller."""
    routes, of_number, of_caller = Routes("status"), RateLimit(10, MINUTE), RateLimit(60, MINUTE)

    def limit(request: Request, number: str) -> None:
        """The caller is counted first: who tries too much has no say in how often others may."""
        caller = caller_of(request.client.host if request.client is not None else None)
        if not (of_caller.allows(caller) and (not NUMBER.fullmatch(number) or of_number.allows(number))):
            raise TooManyRequests

    @routes.get("/v1/status/{number}", StatusView, summary="Status for the complainant")
    async def status_of(
        request: Request, number: str, phone_tail: Annotated[str, Query(description="Last four digits")]
    ) -> Response:
        """Public: number and the last four digits of the telephone that was left. 10 tries a minute for each number."""
        number = number.upper()
        limit(request, number)
        only_parameters(request, "phone_tail")
        return json_response(await queries.of(number, phone_tail))

    return routes
