"""`Idempotency-Key` and `If-Match`: what a request says about being repeated and about what it is based on."""

import re

from fastapi import Request

from app.access.changes import ONCE, Repeat
from app.access.key import BEGINNING
from app.commands.request_identity import CommandRequest
from app.http.protocol.problems import Problem, Wrong
from domain.values import Actor
from eventlog.sealing import MasterKey

_KEY = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
_VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"', re.ASCII)


def command_request(request: Request, actor: Actor, body: bytes) -> CommandRequest:
    """The command's id, derived from actor and key, and the hash of what was asked. Raises 422 and 400."""
    if_version = _if_version(request.headers.get("if-match"))
    key = request.headers.get("idempotency-key")
    if key is None:
        return CommandRequest.once(if_version)
    if not _KEY.fullmatch(key):
        raise Problem(422, "invalid-idempotency-key", wrong=[Wrong("Idempotency-Key")])
    return CommandRequest.keyed(actor, key, f"{request.method} {request.url.path}\0".encode() + body, if_version)


def repeat_of(asked: CommandRequest, master: MasterKey) -> tuple[Repeat, str | None]:
    """How a request for a key is known again, and the key it is answered with then; None: one is made at random."""
    if asked.request_hash is None:
        return ONCE, None
    return Repeat(asked.command_id, asked.request_hash), f"{BEGINNING}{master.secret_for(asked.command_id)}"


def _if_version(header: str | None) -> int | None:
    if header is None or header.strip() == "*":
        return None
    found = _VERSION.fullmatch(header.strip())
    if found is None:
        raise Problem(400, "malformed-if-match")
    return int(found[1])
