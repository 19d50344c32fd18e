"""`/v1/customers`: who complained, found by what they gave of themselves, and all that belongs to one of them."""

from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.chosen import chosen_fields, with_fields
from app.http.protocol.list_parameters import FIELDS, CustomerQuery, Fields
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import id_or, only_parameters
from app.http.protocol.routes import Routes
from app.queries.customers import CustomerFilter, CustomerQueries, CustomerRow, CustomerView, NoSuchCustomer

PATH: Final = "/v1/customers"
CustomerList = page_of("CustomerList", CustomerRow)


def customer_routes(queries: CustomerQueries, lists: Lists, caller: Caller) -> Routes:
    routes = Routes("customers", part="complaints")

    @routes.get(PATH, CustomerList, files=TABLES, summary="Find a customer")
    async def find_customers(request: Request, query: Annotated[CustomerQuery, Query()]) -> Response:
        """Whoever gave all that is asked for, at least one thing, the newest complaint first. For those who see
        complainants; who is found, and what is counted, follows from the complaints that the caller sees.
        """
        actor = caller(request)
        rows = queries.rows(actor, await lists.wanted(request, query, CustomerFilter, actor))
        return await lists.answer(request, query, rows, "customers", files=TABLES)

    @routes.get(f"{PATH}/{{id}}", CustomerView, summary="One customer")
    async def one_customer(
        request: Request, id: str, fields: Annotated[Fields | None, Query(description=FIELDS)] = None
    ) -> Response:
        """With all complaints, calls and notes of theirs that the caller may see, the newest 200 of each."""
        actor = caller(request)
        only_parameters(request, "fields")
        chosen = chosen_fields(fields, CustomerView)
        return json_response(with_fields(await queries.one(id_or(NoSuchCustomer, id), actor), chosen))

    return routes
