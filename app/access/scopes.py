"""What a key may be narrowed to: parts of the API, each to be read or written. Nothing here lets anybody do more.

A scope is `<part>:read` or `<part>:write`; every route belongs to one part. `act-for` is apart: it narrows nothing, and
a key has it only where it says so.
"""

from collections.abc import Collection
from typing import Final

from app.access.refusals import UnknownScope
from domain.near import near

# What of the API hangs together; the routes say to which part they belong.
PARTS: Final = (
    "complaints", "incidents", "calls", "rules", "reports", "notifications", "people", "units", "audit", "imports",
    "sandbox",
)  # fmt: skip
ACT_FOR: Final = "act-for"
SCOPES: Final = (*(f"{part}:{way}" for part in PARTS for way in ("read", "write")), ACT_FOR)
READING: Final = frozenset({"GET", "HEAD"})


def scope_of(part: str, method: str) -> str:
    """What a key must be allowed for a request of this method."""
    return f"{part}:{'read' if method in READING else 'write'}"


def allows(scopes: Collection[str] | None, scope: str) -> bool:
    """Whether a key with these scopes may; whoever may write a part may read it."""
    if not _parts_of(scopes):
        return True
    part, _, way = scope.partition(":")
    return scope in _parts_of(scopes) or (way == "read" and scope_of(part, "POST") in _parts_of(scopes))


def may_act_for_others(scopes: Collection[str] | None) -> bool:
    """Whether a key may be used on behalf of somebody else."""
    return scopes is not None and ACT_FOR in scopes


def is_within(asked: Collection[str] | None, own: Collection[str] | None) -> bool:
    """Whether somebody with a narrowed key may make one with the scopes asked for: never one that may do more."""
    if not _parts_of(own):
        return own is None or not may_act_for_others(asked) or may_act_for_others(own)
    acts = not may_act_for_others(asked) or may_act_for_others(own)
    return acts and bool(_parts_of(asked)) and all(allows(own, scope) for scope in _parts_of(asked))


def check_scopes(scopes: Collection[str]) -> None:
    """Raises `UnknownScope`."""
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            close = tuple(near(scope, dict.fromkeys(SCOPES)))
            raise UnknownScope(f"/scopes/{index}", known=SCOPES, near=close or None)


def _parts_of(scopes: Collection[str] | None) -> frozenset[str]:
    return frozenset(scopes or ()) - {ACT_FOR}
