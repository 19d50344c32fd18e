"""How the sealed fields of events stand in stored rows: what about the complainant, what the deployment itself seals.

A field about the complainant is base64 of its JSON sealed with their data key. Where older rows hold such a field in
clear, the sealed form is a list, `[sealed]`, so that the two are told apart. What is said against people, and places,
are each the list `[tag, sealed]` under the deployment's key: the tag, a keyed hash of a person's levelled name, is what
they are found by, and empty for all else.
"""

from collections.abc import Callable
from typing import Any, Final, get_args, get_origin
from uuid import UUID

import msgspec

from domain.values import AGAINST_PEOPLE, ONCE_CLEAR, PERSONAL, PLACES, Complainant
from eventlog.sealing import DataKey, MasterKey

_ENCODER: Final = msgspec.json.Encoder()
Tagged = tuple[str, str]


class PersonalField:
    """A field that is sealed with the complainant's data key. Without the key it holds `nothing`."""

    def __init__(self, name: str, hint: Any) -> None:
        bare = hint.__origin__
        self._name = name.encode()
        self.once_clear = ONCE_CLEAR in hint.__metadata__
        self.stored_as: Any = tuple[str] | bare if self.once_clear else str | None
        self.nothing: Callable[[], Any] = _nothing(bare)
        self._decoder = msgspec.json.Decoder(bare)

    def stored(self, value: Any, key: DataKey, place: bytes) -> Any:
        """As it is written, None as None; `place` is that of its event, see `place_of`."""
        if value is None:
            return None
        sealed = key.seal(_ENCODER.encode(value), place + self._name)
        return (sealed,) if self.once_clear else sealed

    def read(self, stored: Any, key: DataKey | None, place: bytes) -> Any:
        """What `stored` made, or what an older row holds. Raises `CannotUnseal`."""
        if stored is None:
            return None
        if self.once_clear:
            if not isinstance(stored, tuple):
                return stored
            (stored,) = stored
        return self.nothing() if key is None else self._decoder.decode(key.unseal(stored, place + self._name))


class DeploymentField:
    """A field that names people of the staff, a place, or says how one was judged: sealed with the deployment's key."""

    def __init__(self, name: str, hint: Any) -> None:
        bare = hint.__origin__
        self._is_found_by = AGAINST_PEOPLE in hint.__metadata__
        self._name = name.encode()
        self._many = get_origin(bare) is tuple
        one: Any = get_args(bare)[0] if self._many else bare
        self.stored_as: Any = tuple[Tagged | one, ...] if self._many else Tagged | one
        self._decoder = msgspec.json.Decoder(one)

    def stored(self, value: Any, master: MasterKey, place: bytes) -> Any:
        """As it is written; `place` is that of its event."""
        bound_to = place + self._name
        if self._many:
            return [self._sealed(one, master, bound_to) for one in value]
        return None if value is None else self._sealed(value, master, bound_to)

    def read(self, stored: Any, master: MasterKey, place: bytes) -> Any:
        """What `stored` made, or what an older row holds. Raises `CannotUnseal`."""
        bound_to = place + self._name
        if self._many:
            return tuple(self._opened(one, master, bound_to) for one in stored)
        return self._opened(stored, master, bound_to)

    def _sealed(self, value: Any, master: MasterKey, bound_to: bytes) -> Tagged:
        # Of grades and of districts there are so few that equal ones must not look alike.
        tag = master.tag_of(value) if self._is_found_by and isinstance(value, str) else ""
        return tag, master.seal_name(_ENCODER.encode(value), bound_to)

    def _opened(self, stored: Any, master: MasterKey, bound_to: bytes) -> Any:
        if not isinstance(stored, tuple):
            return stored
        return self._decoder.decode(master.unseal_name(stored[1], bound_to))


def is_personal(hint: Any) -> bool:
    return PERSONAL in getattr(hint, "__metadata__", ())


def is_of_the_deployment(hint: Any) -> bool:
    return not {AGAINST_PEOPLE, PLACES}.isdisjoint(getattr(hint, "__metadata__", ()))


def place_of(stream: UUID, topic: str) -> bytes:
    """What a sealed value of an event is bound to, before its field's name: moved elsewhere, it does not open."""
    return f"{stream}/{topic}/".encode()


def _nothing(bare: Any) -> Callable[[], Any]:
    """What stands in for a personal field that cannot be opened, made anew each time."""
    if bare is Complainant:
        return Complainant
    container = get_origin(bare)
    if container in (tuple, dict):
        return container  # type: ignore[no-any-return]
    return (lambda: None) if type(None) in get_args(bare) else str
