"""What a repeated request is known by: a hash that says nothing of its content to who has the database alone."""

from __future__ import annotations

from hashlib import sha256


class RequestHash(bytes):
    """Of all that a repetition has in common with the first request, under the caller's own idempotency key.

    The key is random and stored nowhere. Of the content alone, as versions before had it (`former`), a hash would tell
    who is accused to anybody who tries the names of the staff.
    """

    former: bytes

    @classmethod
    def of(cls, key: str, what: bytes) -> RequestHash:
        made = cls(sha256(key.encode() + b"\0" + what).digest())
        made.former = sha256(what).digest()
        return made


def is_same_request(stored: bytes | None, given: bytes | None) -> bool:
    """Whether what was stored is the hash of the given request, also as a version before stored it."""
    return stored == given or (isinstance(given, RequestHash) and stored == given.former)
