"""Cursors of lists: where the next page begins, opaque and signed.

A cursor belongs to one list with its filters and order; anywhere else, or changed, it is refused.
"""

import base64
from datetime import datetime
from hmac import compare_digest
from typing import Final
from uuid import UUID

import msgspec

from app.http.protocol.problems import Problem, Wrong
from app.queries.paging import After
from eventlog.sealing import MasterKey

TAG_BYTES: Final = 8


class _Place(msgspec.Struct, array_like=True):
    key: datetime | None
    id: UUID
    ordinal: int
    keys: tuple[str | None, ...] = ()


def cursor_of(master: MasterKey, listing: str, after: After) -> str:
    """`listing` names the list with its filters and order."""
    content = msgspec.json.encode((after.key, after.id, after.ordinal, *([after.keys] if after.keys else ())))
    tag = master.cursor_tag(listing.encode() + b"\0" + content)
    return base64.urlsafe_b64encode(tag + content).decode().rstrip("=")


def read_cursor(master: MasterKey, listing: str, cursor: str) -> After:
    """Raises 422 for a cursor that was not made here for this list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        tag, content = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not compare_digest(tag, master.cursor_tag(listing.encode() + b"\0" + content)):
            raise ValueError
        place = msgspec.json.decode(content, type=_Place)
        return After(place.key, place.id, place.ordinal, place.keys)
    except ValueError:
        raise Problem(422, "invalid-cursor", wrong=[Wrong("?cursor")]) from None
