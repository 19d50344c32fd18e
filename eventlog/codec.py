"""Events to bytes and back: msgspec JSON, explicit topics, personal fields sealed on the way in.

The stored state of an event is one JSON object: its fields by name, without id and version (they are columns). How the
fields marked `PERSONAL`, `AGAINST_PEOPLE` and `PLACES` stand in it is said in sealed_fields.py. Old rows load for ever:
missing fields take their defaults, and what they hold in clear is read as it is.
"""

import dataclasses
from collections.abc import Collection
from functools import cache
from typing import Any, Final, TypedDict, cast, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from domain.complaint.events import ComplaintEvent
from domain.errors import Unavailable
from eventlog.entries import Recorded
from eventlog.sealed_fields import DeploymentField, PersonalField, is_of_the_deployment, is_personal, place_of
from eventlog.sealing import DataKey, MasterKey
from eventlog.streams import KINDS, AnyEvent, kind_of

NOT_STORED = {"originator_id", "originator_version"}
# Of a topic that is not known, of another shape, without a field, or no JSON at all.
CANNOT_BE_READ: Final = (KeyError, ValueError, msgspec.MsgspecError)


class _Plan:
    """How one class of events is written and read."""

    def __init__(self, event: type[AnyEvent]) -> None:
        self.event = event
        hints = get_type_hints(event, include_extras=True)
        names = [field.name for field in dataclasses.fields(event) if field.name not in NOT_STORED]
        self.fields = len(names)
        self.personal = {name: PersonalField(name, hints[name]) for name in names if is_personal(hints[name])}
        self.housed = {name: DeploymentField(name, hints[name]) for name in names if is_of_the_deployment(hints[name])}
        sealed: dict[str, PersonalField | DeploymentField] = {**self.personal, **self.housed}
        stored = {name: sealed[name].stored_as if name in sealed else _bare(hints[name]) for name in names}
        shape = TypedDict(f"Stored{event.__name__}", stored, total=False)  # type: ignore[misc]
        self.decoder: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(cast(Any, shape))
        self.defaults = {
            field.name: field.default_factory if field.default_factory is not dataclasses.MISSING else field.default
            for field in dataclasses.fields(event)
            if field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        }

    def complete(self, state: dict[str, Any]) -> None:
        """Adds what old rows do not have. Raises KeyError for a field that every row has."""
        for name, default in self.defaults.items():
            if name not in state:
                state[name] = default() if callable(default) else default
        if len(state) != self.fields:
            raise KeyError("fields are missing")


class UnreadableEvent(Unavailable):
    """A newer version recorded it; this one cannot read it until the upgrade is finished."""

    retry_after = 60

    def __init__(self, recorded: Recorded) -> None:
        super().__init__(position=recorded.position, topic=recorded.topic)
        self.position, self.topic = recorded.position, recorded.topic
        self.stream, self.version = recorded.originator_id, recorded.originator_version


@cache
def _plans() -> dict[str, _Plan]:
    """By topic; made once for the process, which takes it about 12 ms."""
    return {event.TOPIC: _Plan(event) for kind in KINDS.values() for event in kind.events}


class KeyIsGone(Exception):
    """The complainant's data was erased or their key does not open: nothing more about them can be sealed."""


class EventCodec:
    """Writes events as the library's `StoredEvent`, and reads them back.

    `master` seals what is said against people, and places; what is said about a complainant needs their data key
    besides.
    """

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._plans = _plans()
        self._encoder = msgspec.json.Encoder()
        self._key_ids = {kind: _key_id(kind.key_field) for kind in KINDS.values() if kind.key_field is not None}

    @property
    def topics(self) -> Collection[str]:
        """Every kind of event that this version knows."""
        return self._plans.keys()

    def is_sealed(self, event: AnyEvent) -> bool:
        """Whether an event says anything that must be sealed before it is stored."""
        return any(getattr(event, name) is not None for name in self._plans[event.TOPIC].personal)

    def stored(self, event: AnyEvent, key: DataKey | None) -> StoredEvent:
        """One event, its personal fields sealed with the complainant's key. Raises `KeyIsGone` where it needs one."""
        if key is None and self.is_sealed(event):
            raise KeyIsGone
        plan = self._plans[event.TOPIC]
        state = {name: value for name, value in vars(event).items() if name not in NOT_STORED}
        place = place_of(event.originator_id, event.TOPIC)
        if key is not None:
            for name, field in plan.personal.items():
                state[name] = field.stored(state[name], key, place)
        for name, housed in plan.housed.items():
            state[name] = housed.stored(state[name], self._master, place)
        return StoredEvent(event.originator_id, event.originator_version, event.TOPIC, self._encoder.encode(state))

    def event(self, recorded: Recorded, key: DataKey | None) -> ComplaintEvent:
        """One event of a complaint back. Without a key its personal fields are empty.

        Raises `UnreadableEvent`, `CannotUnseal`.
        """
        return cast(ComplaintEvent, self.any_event(recorded, key))

    def any_event(self, recorded: Recorded, key: DataKey | None) -> AnyEvent:
        """As `event`, of a complaint, an incident or a report."""
        try:
            return self._read(recorded, key)
        except CANNOT_BE_READ as error:
            raise UnreadableEvent(recorded) from error

    def event_or_none(self, recorded: Recorded, key: DataKey | None) -> AnyEvent | None:
        """As `any_event`; None where this version cannot read it. For those who show the rest."""
        try:
            return self.any_event(recorded, key)
        except UnreadableEvent:
            return None

    def _read(self, recorded: Recorded, key: DataKey | None) -> AnyEvent:
        plan = self._plans[recorded.topic]
        state = plan.decoder.decode(recorded.state)
        place = place_of(recorded.originator_id, recorded.topic)
        for name, field in plan.personal.items():
            if state.get(name) is not None:
                state[name] = field.read(state[name], key, place)
        for name, housed in plan.housed.items():
            if name in state:
                state[name] = housed.read(state[name], self._master, place)
        plan.complete(state)
        state["originator_id"] = recorded.originator_id
        state["originator_version"] = recorded.originator_version
        event = object.__new__(plan.event)
        object.__setattr__(event, "__dict__", state)
        return event

    def tag_of(self, person: str) -> str:
        """What somebody is found by where they are named: in sealed fields of events, and in read models."""
        return self._master.tag_of(person)

    def opened_place(self, stored: str) -> str:
        """A place as read models hold it. Raises `CannotUnseal`."""
        return self._master.opened_place(stored)

    def sealed_actor(self, id: str) -> str:
        """An actor as an addressee, the same again for the same."""
        return self._master.sealed_actor(id)

    def opened_actor(self, stored: str) -> str:
        """What `sealed_actor` sealed, and older rows hold in clear. Raises `CannotUnseal`."""
        return self._master.opened_actor(stored)

    def complainant_of(self, first: Recorded) -> UUID:
        """Whose data key opens a stream: read from its first event without opening anything.

        An incident has a key of its own. Raises `UnreadableEvent` for an event that names none.
        """
        kind = kind_of(first)
        if kind is None or kind.key_field is None:
            raise UnreadableEvent(first)
        try:
            found: UUID = getattr(self._key_ids[kind].decode(first.state), kind.key_field)
        except CANNOT_BE_READ as error:
            raise UnreadableEvent(first) from error
        return found


class _Marked(msgspec.Struct):
    imported: msgspec.Raw = msgspec.Raw(b"null")


_MARKED: Final = msgspec.json.Decoder(_Marked)


def is_imported(recorded: Recorded) -> bool:
    """Whether an event was taken over from another system, read without opening anything."""
    try:
        return bytes(_MARKED.decode(recorded.state).imported) != b"null"
    except CANNOT_BE_READ:
        return False


def personal_fields(event: type[AnyEvent]) -> frozenset[str]:
    """The names of the fields that are sealed with the complainant's key."""
    hints = get_type_hints(event, include_extras=True)
    return frozenset(name for name, hint in hints.items() if is_personal(hint))


def fields_of_the_deployment(event: type[AnyEvent]) -> frozenset[str]:
    """The names of the fields that are sealed with the deployment's key."""
    hints = get_type_hints(event, include_extras=True)
    return frozenset(name for name, hint in hints.items() if is_of_the_deployment(hint))


def _key_id(field: str) -> msgspec.json.Decoder[msgspec.Struct]:
    """Reads this field of an event and nothing else."""
    return msgspec.json.Decoder(msgspec.defstruct("Begun", [(field, UUID)]))


def _bare(hint: Any) -> Any:
    return hint.__origin__ if hasattr(hint, "__metadata__") else hint
