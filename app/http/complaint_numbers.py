"""`/v1/complaints/by-number/{number}`: one complaint by the number that people quote."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.http.protocol.answers import one_response
from app.http.protocol.caller import Caller
from app.http.protocol.chosen import chosen_fields
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.list_parameters import FIELDS, Fields
from app.http.protocol.parameters import Instant, only_parameters
from app.http.protocol.routes import Routes
from app.queries.complaint_numbers import ComplaintNumbers
from app.queries.complaint_view import ComplaintView


def number_routes(queries: ComplaintNumbers, caller: Caller, language_of: LanguageOf) -> Routes:
    routes = Routes("complaints")

    @routes.get("/v1/complaints/by-number/{number}", ComplaintView, summary="One complaint by its number")
    async def complaint_by_number(
        request: Request,
        number: str,
        as_of: Annotated[Instant | None, Query(description="As it stood at this time")] = None,
        fields: Annotated[Fields | None, Query(description=FIELDS)] = None,
    ) -> Response:
        """As by its id; `ETag` is its version. Also by the number that another system gave it, where it was taken over.

        A number that is nobody's and one of a complaint that the caller may not see get the same answer. Where several
        systems gave one number, 409 names the complaints.
        """
        actor = caller(request)
        only_parameters(request, "as_of", "fields")
        chosen, language = chosen_fields(fields, ComplaintView), language_of(request)
        shown = await queries.one(number, actor, language, as_of=as_of)
        return one_response(shown, said_in(language), chosen=chosen)

    return routes
