"""Somebody can always let others in: the last administrator keeps their role, their time and their key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from app.access.directory import Directory
from app.access.key import Key
from app.access.people import PersonRecord
from app.access.refusals import LastAdministrator

Administrators = tuple[Mapping[str, PersonRecord], Sequence[Key]]


def must_stay_administered(
    directory: Directory, at: datetime, person: PersonRecord | None = None, keys: Iterable[Key] = ()
) -> None:
    """Raises `LastAdministrator` where there is no administrator any more, now or later, once this is so.

    `person` and `keys` are what replaces those of the same id. What had no administrator before is nobody's fault.
    """
    records = directory.records if person is None else {**directory.records, person.id: person}
    after = _administrators(records, {**directory.keys, **{key.secret_hash: key for key in keys}})
    before = _administrators(directory.records, directory.keys)
    moments = {at, *(turn for turn in _turns(*after) if turn > at)}
    if any(_is_administered(*before, moment) and not _is_administered(*after, moment) for moment in moments):
        raise LastAdministrator


def _administrators(records: Mapping[str, PersonRecord], keys: Mapping[bytes, Key]) -> Administrators:
    """Everybody who was ever one or will be, and their keys."""
    ever = {
        id: record
        for id, record in records.items()
        if any("admin" in fact.said.get("roles", ()) for fact in record.facts)
    }
    return ever, [key for key in keys.values() if key.person in ever]


def _turns(records: Mapping[str, PersonRecord], keys: Iterable[Key]) -> Iterator[datetime]:
    for record in records.values():
        yield from record.turns()
    yield from (key.expires_at for key in keys if key.expires_at is not None)


def _is_administered(records: Mapping[str, PersonRecord], keys: Iterable[Key], moment: datetime) -> bool:
    def administers(key: Key) -> bool:
        person = records[key.person].at(moment)
        return key.is_usable(moment) and key.scopes is None and person.is_active(moment) and "admin" in person.roles

    return any(administers(key) for key in keys)
