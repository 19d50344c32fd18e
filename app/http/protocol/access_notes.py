"""What a request is in the access log: told by the route, the actor and the answer, never by what a caller wrote."""

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.types import Scope

from app.access.sessions import Sessions
from app.access.trail import Access, AccessKind, InClear, Outcome, Trail, begin
from app.http.protocol.proxies import counted_as
from eventlog.sealing import MasterKey

REFUSED: Final = frozenset({401, 403, 404, 429})  # access, that is; a 409 is a rule's no to somebody who may ask
READING: Final = frozenset({"GET", "HEAD"})
NAMES: Final = {"/v1/complaints/": "complaint", "/v1/incidents/": "incident"}  # what the {id} of an address is of
HASH_BYTES: Final = 8


class AccessNotes:
    """Makes a note of every request of this process."""

    def __init__(self, trail: Trail, master: MasterKey) -> None:
        self.trail, self.sessions = trail, Sessions()

        @lru_cache(maxsize=4096)
        def hashed(host: str) -> str:
            digest = master.lookup_hash("caller in the access log", counted_as(host))
            return digest[:HASH_BYTES].hex()

        self.hashed = hashed

    def begin(self, scope: Scope) -> "AccessNote":
        """One request, before it is answered."""
        note = AccessNote(self, scope)
        scope.setdefault("state", {})["access"] = note
        return note


class AccessNote:
    """One request of which it is not known yet what it will be."""

    __slots__ = ("_in_clear", "_is_export", "_notes", "_scope")

    def __init__(self, notes: AccessNotes, scope: Scope) -> None:
        self._notes, self._scope, self._is_export = notes, scope, False
        self._in_clear = InClear(self._shown)
        begin(self._in_clear)

    def makes_file(self) -> None:
        """What is shown from here on is shown in a file."""
        self._is_export = True

    def shows(self) -> None:
        """Part of an answer that goes on leaves now: what it shows is written down at once."""
        if self._in_clear.people:
            self._shown(self._in_clear)

    def exports(self) -> None:
        """The file begins to leave."""
        self._add("export", 200)

    def end(self, status: int) -> None:
        """It was answered with this status."""
        if "route" not in self._scope:
            return
        state = self._scope["state"]
        actor = state.get("actor")
        if actor is not None and self._notes.sessions.begins(actor.id, state.get("credential"), self._caller):
            self._add("sign-in", status)
        if self._in_clear.people:
            self._shown(self._in_clear, status)
        if status in REFUSED:
            kind: AccessKind = "read" if self._scope["method"] in READING else "command"
            self._add("sign-in" if status == 401 else kind, status, state.get("problem"), outcome="refused")

    @property
    def _caller(self) -> str | None:
        client = self._scope.get("client")
        return None if client is None else self._notes.hashed(client[0])

    def _shown(self, in_clear: InClear, status: int = 200) -> None:
        shown, people = in_clear.taken()
        self._add("export" if self._is_export else "read", status, shown=shown, people=people)

    def _add(
        self,
        kind: AccessKind,
        status: int,
        problem: str | None = None,
        *,
        outcome: Outcome = "granted",
        shown: tuple[UUID, ...] = (),
        people: int = 0,
    ) -> None:
        scope = self._scope
        state: dict[str, Any] = scope["state"]
        actor, path = state.get("actor"), scope["route"].path_format
        who, via = (None, None) if actor is None else (actor.id, actor.via)
        what, id = _named(path, scope.get("path_params", {}))
        complaint, incident = (id if what == one else None for one in ("complaint", "incident"))
        if complaint is not None:
            shown = tuple(one for one in shown if one != complaint)
        self._notes.trail.add(
            Access(
                kind, outcome, who, via, scope["method"], path, status, problem,
                complaint, incident, shown, people, state.get("credential"), self._caller,
            )
        )  # fmt: skip


def note_of(request: Request) -> AccessNote | None:
    """Where the service keeps an access log."""
    note: AccessNote | None = getattr(request.state, "access", None)
    return note


def _named(path: str, parameters: dict[str, Any]) -> tuple[str, UUID | None]:
    """The complaint or incident that an address names, where what stands there is an id at all."""
    for start, what in NAMES.items():
        if path.startswith(start) and "id" in parameters:
            try:
                return what, UUID(str(parameters["id"]))
            except ValueError:
                break
    return "", None
