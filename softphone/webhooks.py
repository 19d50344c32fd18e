"""Telephone systems that call an address for each event: `newCall`, `answer` and `hangup` with form fields.

So do many hosted exchanges. Each is answered when it is in the spool and not before, so that the exchange posts it
again otherwise; what it posts twice is one event. Read by the public descriptions of such interfaces.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from softphone.said import OpenCall, Said

ANSWERS: Final = '<?xml version="1.0" encoding="UTF-8"?><Response onAnswer={0} onHangup={0}/>'
MOST_BYTES: Final = 100_000
Taken = Callable[[Sequence[Said]], Awaitable[None]]


class Webhooks:
    """Reads what is posted. `calls` as for an adapter."""

    def __init__(self, calls: Iterable[OpenCall] = ()) -> None:
        self.calls: dict[str, OpenCall] = {call.id: call for call in calls}

    def take(self, fields: Mapping[str, str]) -> Iterator[Said]:
        """Raises ValueError for what is no event of a call."""
        id, event = fields.get("callId", "").strip(), fields.get("event", "")
        if not id or not event:
            raise ValueError("event and callId are needed")
        call = self.calls.get(id)
        known = f"{id} {event} {fields.get('answeringNumber') or fields.get('user') or ''}".strip()
        match event:
            case "newCall":
                if call is None:
                    call = self.calls[id] = _begun(id, fields)
                yield Said("call.offered", id, call.facts(), key=known)
            case "answer":
                call = call or self.calls.setdefault(id, _begun(id, fields))
                call.answered, call.agent = True, fields.get("user") or fields.get("answeringNumber") or call.agent
                yield Said("call.answered", id, call.facts(), key=known)
            case "hangup":
                call = self.calls.pop(id, None) or _begun(id, fields, answered=True)  # nobody knows: so not missed
                yield Said(call.end, id, call.facts(cause=fields.get("cause")), key=f"{id} hangup")
            case _:
                yield Said(f"call.{event}", id, dict(fields), key=known)


def _begun(id: str, fields: Mapping[str, str], *, answered: bool = False) -> OpenCall:
    is_outbound = fields.get("direction") == "out"
    user = fields.get("user") if is_outbound else None
    return OpenCall(
        id, "outbound" if is_outbound else "inbound", fields.get("from") or None, fields.get("to") or None, user,
        answered=answered,
    )  # fmt: skip


def receiver(webhooks: Webhooks, keep: Taken) -> Starlette:
    """The address that a telephone system calls; `keep` puts what it says into the spool."""

    async def posted(request: Request) -> Response:
        if int(request.headers.get("content-length", "0") or 0) > MOST_BYTES:
            return Response(status_code=413)
        async with request.form(max_fields=100, max_files=0) as form:
            fields = _texts(form)
        try:
            said = list(webhooks.take(fields))
        except ValueError as error:
            return Response(str(error), 422, media_type="text/plain")
        await keep(said)
        # An exchange that asks where to call next is told here, again.
        return Response(ANSWERS.format(quoteattr(str(request.url))), media_type="application/xml")

    return Starlette(routes=[Route("/{rest:path}", posted, methods=["POST"])])


def _texts(form: FormData) -> dict[str, str]:
    """Of a field that comes several times the first (`user[]` names all who are rung)."""
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and value:
            found.setdefault(name.removesuffix("[]"), value)
    return found
