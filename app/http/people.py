"""`/v1/people`: who works with the service, what they are and were, and their keys."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Query, Request, Response

from app.access.admission import Admission
from app.access.person_keys import CreatedPersonKey, NewPersonKey, RotateKey, key_view
from app.access.privileges import ADMINISTERS, READS_PEOPLE, READS_PERSONAL_DATA_OF_PEOPLE
from app.access.staffing import ChangePerson, NewPerson
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, given, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request, repeat_of
from app.http.protocol.list_parameters import PeopleQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import Instant, only_parameters
from app.http.protocol.routes import Routes
from app.queries.people import PeopleFilter, PeopleQueries, PersonHistory, PersonKeyList, PersonRow, PersonView
from eventlog.sealing import MasterKey

NEW: Final = adapter_of(NewPerson)
CHANGE: Final = adapter_of(ChangePerson)
NEW_KEY: Final = adapter_of(NewPersonKey)
ROTATE: Final = adapter_of(RotateKey)
PATH: Final = "/v1/people"
ONE: Final = "/v1/people/{id:path}"
PeopleList = page_of("PeopleList", PersonRow, "`position` counts the changes; `next_cursor` is null on the last page.")


def people_routes(
    access: Admission, queries: PeopleQueries, lists: Lists, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    routes = Routes("people")

    @routes.post(PATH, PersonView, body=NewPerson, status=201, roles=ADMINISTERS, summary="Add a person or a machine")
    async def add_person(request: Request) -> Response:
        """Somebody who works with the service; keys are made at `/v1/people/{id}/keys`, any number.

        Roles and units that nobody named are refused, with those that are written almost so.
        """
        actor = caller(request)
        body = await read_body(request)
        new, asked = parse(body, NEW), command_request(request, actor, body)
        repeat, _ = repeat_of(asked, lists.master)
        record, replayed = await access.staffing.create(new, by=actor.id, at=now(), repeat=repeat)
        headers = {"Location": f"{PATH}/{quote(record.id, safe='')}", "ETag": f'"{record.version}"'}
        return json_response(queries.view(record, actor), 201, headers, replayed=replayed)

    @routes.get(PATH, PeopleList, files=TABLES, roles=READS_PEOPLE, summary="Who works with the service")
    async def list_people(request: Request, query: Annotated[PeopleQuery, Query()]) -> Response:
        """One row per person and machine, in the order in which they came, those who left included."""
        actor = caller(request)
        rows = queries.rows(actor, await lists.wanted(request, query, PeopleFilter, actor))
        return await lists.answer(request, query, rows, "people", files=TABLES)

    _add_key_routes(routes, access, queries, lists.master, caller, now)

    @routes.get(
        f"{ONE}/history", PersonHistory, roles=READS_PERSONAL_DATA_OF_PEOPLE, summary="What was recorded of somebody"
    )
    async def person_history(request: Request, id: str) -> Response:
        """Every change with who made it, when, from when it holds and why. Nothing of it can be changed."""
        actor = caller(request)
        only_parameters(request)
        return json_response(queries.history(id, actor))

    @routes.get(ONE, PersonView, roles=READS_PEOPLE, summary="One person")
    async def one_person(
        request: Request,
        id: str,
        as_of: Annotated[Instant | None, Query(description="What they were or will be at this time")] = None,
    ) -> Response:
        actor = caller(request)
        only_parameters(request, "as_of")
        found = queries.one(id, actor, as_of)
        return json_response(found, headers={"ETag": f'"{found.version}"'})

    @routes.patch(ONE, PersonView, body=ChangePerson, roles=ADMINISTERS, summary="Change a person")
    async def change_person(request: Request, id: str) -> Response:
        """What is left out stays; null takes away. Roles and unit hold `from` a moment on, which may lie ahead.

        The person stays who they are: their cases, what they were accused of, what they proposed.
        """
        actor = caller(request)
        body = await read_body(request)
        said, asked = given(body, parse(body, CHANGE)), command_request(request, actor, body)
        based_on = partial(asked.must_be_based_on, what="person")
        record = await access.staffing.change(id, said, by=actor.id, at=now(), based_on=based_on)
        return json_response(queries.view(record, actor), headers={"ETag": f'"{record.version}"'})

    return routes


def _add_key_routes(
    routes: Routes, access: Admission, queries: PeopleQueries, master: MasterKey, caller: Caller,
    now: Callable[[], datetime],
) -> None:  # fmt: skip
    keys = f"{ONE}/keys"

    @routes.post(keys, CreatedPersonKey, body=NewPersonKey, status=201, roles=ADMINISTERS, summary="Give a key")
    async def give_key(request: Request, id: str) -> Response:
        """Shown once; only the same request with the same `Idempotency-Key` is answered with it again.

        `scopes` narrow what the key may be used for: `complaints:read` and so on; `act-for` apart lets a machine act on
        behalf of people.
        """
        actor = caller(request)
        body = await read_body(request)
        new, asked = parse(body, NEW_KEY), command_request(request, actor, body)
        repeat, secret = repeat_of(asked, master)
        key, secret, replayed = await access.person_keys.add(
            id, new, by=actor.id, at=now(), secret=secret, repeat=repeat, own=request.state.came.scopes
        )
        created = CreatedPersonKey(**vars(key_view(key, now(), None)), person=key.person, key=secret)
        return json_response(created, 201, replayed=replayed)

    @routes.get(keys, PersonKeyList, roles=READS_PERSONAL_DATA_OF_PEOPLE, summary="The keys of somebody")
    async def list_person_keys(request: Request, id: str) -> Response:
        """Also those that were revoked or have expired."""
        actor = caller(request)
        only_parameters(request)
        return json_response(await queries.keys(id, actor))

    @routes.post(
        f"{keys}/{{key}}/rotate", CreatedPersonKey, body=RotateKey, status=201, roles=ADMINISTERS,
        summary="Rotate a key",
    )  # fmt: skip
    async def rotate_key(request: Request, id: str, key: str) -> Response:
        """A new key like this one, which holds for another `overlap_hours` (24 where nothing is said)."""
        actor = caller(request)
        body = await read_body(request)
        rotate, asked = parse(body, ROTATE), command_request(request, actor, body)
        repeat, secret = repeat_of(asked, master)
        new, secret, replayed = await access.person_keys.rotate(
            id, key, rotate, by=actor.id, at=now(), secret=secret, repeat=repeat, own=request.state.came.scopes
        )
        shown = vars(key_view(new, now(), None))
        created = CreatedPersonKey(**shown, person=new.person, key=secret, replaces=key)
        return json_response(created, 201, replayed=replayed)

    @routes.delete(f"{keys}/{{key}}", status=204, roles=ADMINISTERS, summary="Take a key away")
    async def revoke_person_key(request: Request, id: str, key: str) -> Response:
        """In force everywhere when this is answered. The person stays; the last administrator keeps a key."""
        actor = caller(request)
        await access.person_keys.revoke(id, key, by=actor.id, at=now())
        return Response(status_code=204)
