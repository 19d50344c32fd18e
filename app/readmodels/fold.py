"""Complaints, incidents and calls folded up to a position of the log, for those who follow it.

The most recently touched ones are kept, so that the next event costs one step and not the whole stream. Only the first
event is opened to be folded, and what was answered or corrected later: by no other personal data does a read model go.
What is to be searched is opened beside it. Incidents are few and calls are short, and folded whole each time. A stream
of any other kind is passed over.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import UUID

from app.commands.pinned_rules import governed, governed_incident
from domain.call.call import call_of, happened_in
from domain.call.consequences import led_nowhere, led_to
from domain.call.events import CallEventReceived, TelephonyEvent
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplainantCorrected, ComplaintEvent, FormCompleted, SubjectCorrected
from domain.incident.events import IncidentEvent
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.complainants import Complainants
from eventlog.database import is_storage_away
from eventlog.log import EventLog, Recorded
from eventlog.row_seals import RowSeal
from eventlog.sealing import DataKey
from eventlog.streams import CALL, COMPLAINT, INCIDENT, kind_of
from procedures.rules import Rules
from projections.case import AnyCase, CallCase, Case, IncidentCase, ReadModel, Told
from projections.ledger import Ledger
from projections.searched_texts import may_hold_text

STREAMS_AT_ONCE: Final = 200
OPENED: Final = frozenset({FormCompleted.TOPIC, ComplainantCorrected.TOPIC, SubjectCorrected.TOPIC})
PAUSE_AFTER: Final = 16  # complaints, a few milliseconds: others want to use the loop too


@dataclass(slots=True)
class _Kept:
    """What is folded of a complaint so far, its first event, what seals its rows, and what opens its texts."""

    complaint: Complaint
    ledger: Ledger
    first: ComplaintEvent
    seal: RowSeal
    begun: int
    key: DataKey | None


@dataclass(frozen=True, slots=True)
class _Texts:
    """Of some events of a complaint those that hold text, opened one after the other; the first one is already."""

    codec: EventCodec
    kept: _Kept
    recorded: Sequence[Recorded]

    def __iter__(self) -> Iterator[Told]:
        for one in self.recorded:
            if may_hold_text(one.topic):
                event = self.kept.first if _is_first(one) else self.codec.event(one, self.kept.key)
                yield Told(one.originator_version, one.position, event)


@dataclass
class Folded:
    """The cases that could be folded, and what was wrong with the others.

    A case that goes on with an event that cannot be read is there as it stood before, and failed.
    """

    cases: list[AnyCase] = field(default_factory=list)
    failed: dict[UUID, Exception] = field(default_factory=dict)
    failed_incidents: dict[UUID, Exception] = field(default_factory=dict)
    failed_calls: dict[UUID, Exception] = field(default_factory=dict)

    @property
    def complaints(self) -> list[Case]:
        """Those that are whole."""
        return [case for case in self.cases if isinstance(case, Case) and case.id not in self.failed]

    def cases_for(self, model: ReadModel) -> list[AnyCase]:
        """Those that this read model is made from."""
        return [case for case in self.cases if isinstance(case, model.of)]

    def failed_for(self, model: ReadModel) -> dict[UUID, Exception]:
        return {IncidentCase: self.failed_incidents, CallCase: self.failed_calls}.get(model.of, self.failed)


class Folding:
    """Folds the complaints that a batch of events touches. Not to be used by two tasks at a time."""

    def __init__(
        self, log: EventLog, codec: EventCodec, complainants: Complainants, rules: Rules, *, keep: int = 1000
    ) -> None:
        self._log, self._codec, self._complainants, self._rules, self._keep = log, codec, complainants, rules, keep
        self._folded: OrderedDict[UUID, _Kept] = OrderedDict()

    def forget(self) -> None:
        """Drops what is kept; to be called when what followed from it was not recorded."""
        self._folded.clear()

    async def up_to(self, batch: Sequence[Recorded]) -> Folded:
        """The complaints that these events (in the order of the log) concern, as they stand at the last of them.

        Raises `StorageAway`.
        """
        parts: OrderedDict[UUID, list[Recorded]] = OrderedDict()
        for recorded in batch:
            parts.setdefault(recorded.originator_id, []).append(recorded)
        unknown = [id for id, part in parts.items() if not self._continues(id, part[0])]
        for start in range(0, len(unknown), STREAMS_AT_ONCE):
            some = unknown[start : start + STREAMS_AT_ONCE]
            parts.update(await self._log.streams(some, until_position=batch[-1].position))
        return await self._fold(parts, batch[0].position)

    async def whole(self, ids: Collection[UUID], position: int) -> Folded:
        """These complaints as they stand at a position, folded from their first event. Raises `StorageAway`."""
        streams = await self._log.streams(ids, until_position=position)
        return await self.streams({id: stream for id, stream in streams.items() if stream})

    async def streams(self, streams: dict[UUID, list[Recorded]]) -> Folded:
        """Complaints from their whole streams. Raises `StorageAway`."""
        for id in streams:
            self._folded.pop(id, None)
        return await self._fold(streams)

    async def _fold(self, parts: dict[UUID, list[Recorded]], since: int = 0) -> Folded:
        """`since`: the position from which on nobody has rows of what was told."""
        result = Folded()
        keys = await self._keys_for(part[0] for part in parts.values() if _is_first(part[0]))
        known = {id: self._folded.get(id) for id in parts}  # remembering one may drop another of them
        for number, (id, part) in enumerate(parts.items(), 1):
            if kind_of(part[0]) is INCIDENT:
                await self._fold_incident(result, part, keys)
            if kind_of(part[0]) is CALL:
                await self._fold_call(result, part)
            if kind_of(part[0]) is not COMPLAINT:
                continue
            try:
                kept, last, unreadable = self._advanced(known[id], part, keys)
                await governed(kept.complaint, self._rules)
            except Exception as error:
                if is_storage_away(error):
                    raise
                self._folded.pop(id, None)
                result.failed[id] = error
                continue
            if unreadable is not None:
                self._folded.pop(id, None)
                result.failed[id] = unreadable
            else:
                self._remember(kept)
            told = [one for one in part if since <= one.position <= last.position]
            case = Case(
                kept.complaint, last.position, last.recorded_at, kept.seal, kept.begun, kept.ledger,
                _Texts(self._codec, kept, told),
            )  # fmt: skip
            result.cases.append(case)
            if number % PAUSE_AFTER == 0:
                await asyncio.sleep(0)
        return result

    async def _fold_incident(
        self, result: Folded, stream: Sequence[Recorded], keys: dict[UUID, DataKey]
    ) -> None:
        id = stream[0].originator_id
        try:
            key = keys.get(self._codec.complainant_of(stream[0]))
            happened = [self._codec.any_event(stream[0], key)]
            for recorded in stream[1:]:
                try:
                    happened.append(self._codec.any_event(recorded, None))
                except UnreadableEvent as error:
                    result.failed_incidents[id] = error
                    break
            incident = INCIDENT.folded(cast("list[IncidentEvent]", happened))
            await governed_incident(incident, self._rules)
        except Exception as error:
            if is_storage_away(error):
                raise
            result.failed_incidents[id] = error
            return
        last = stream[len(happened) - 1]
        seal = self._complainants.row_seal(id, key)
        result.cases.append(IncidentCase(incident, last.position, last.recorded_at, seal))

    async def _fold_call(self, result: Folded, stream: Sequence[Recorded]) -> None:
        """From all of its events, each opened: what they mean follows from the set of them."""
        id, last = stream[0].originator_id, stream[-1]
        try:
            of_events = [self._codec.complainant_of(recorded) for recorded in stream]
            keys = await self._complainants.keys(set(of_events))
            heard = [
                cast("TelephonyEvent", self._codec.any_event(recorded, keys.get(owner)))
                for recorded, owner in zip(stream, of_events, strict=True)
            ]
            seal = self._complainants.row_seal(id, keys.get(of_events[0]))
            called = next((one.call for one in heard if isinstance(one, CallEventReceived)), None)
            complaints = tuple(dict.fromkeys(one.complaint for one in led_to(heard)))
            refused = tuple(dict.fromkeys(one.problem for one in led_nowhere(heard)))
            case = CallCase(
                id, call_of(heard), heard[0].source, called or None, complaints, refused, of_events[0],
                last.originator_version, happened_in(heard)[0].at, heard[-1].timestamp, last.position,
                last.recorded_at, seal,
            )  # fmt: skip
        except Exception as error:
            if is_storage_away(error):
                raise
            result.failed_calls[id] = error
            return
        result.cases.append(case)

    def _continues(self, id: UUID, first: Recorded) -> bool:
        known = self._folded.get(id)
        version = 0 if known is None else known.complaint.version
        return bool(first.originator_version == version + 1)

    async def _keys_for(self, firsts: Iterable[Recorded]) -> dict[UUID, DataKey]:
        owners: set[UUID] = set()
        for first in firsts:
            try:
                owners.add(self._codec.complainant_of(first))
            except Exception:
                continue
        return await self._complainants.keys(owners)

    def _advanced(
        self, known: _Kept | None, part: Sequence[Recorded], keys: dict[UUID, DataKey]
    ) -> tuple[_Kept, Recorded, UnreadableEvent | None]:
        """The complaint after the last event that can be read, which is the second; the third is what stands behind it.

        Raises `UnreadableEvent` where that is the first of them.
        """
        if known is None or _is_first(part[0]):
            complaint, ledger, first, seal, begun, key = None, Ledger(), None, None, part[0].position, None
        else:
            complaint, ledger, first = known.complaint, known.ledger, known.first
            seal, begun, key = known.seal, known.begun, known.key
        last: Recorded | None = None
        unreadable: UnreadableEvent | None = None
        for recorded in part:
            if _is_first(recorded):
                key = keys.get(self._codec.complainant_of(recorded))
                seal = self._complainants.row_seal(recorded.originator_id, key)
            try:
                event = self._codec.event(recorded, key if is_opened(recorded) else None)
            except UnreadableEvent as error:
                unreadable = error
                break
            first = first or event
            complaint = cast("Complaint | None", event.mutate(complaint))
            ledger.take(recorded.position, event)
            last = recorded
        if complaint is None or first is None or seal is None or last is None:
            raise unreadable or ValueError("a complaint has at least one event")
        return _Kept(complaint, ledger, first, seal, begun, key), last, unreadable

    def _remember(self, kept: _Kept) -> None:
        if self._keep == 0:
            return
        id = kept.complaint.id
        self._folded[id] = kept
        self._folded.move_to_end(id)
        if len(self._folded) > self._keep:
            self._folded.popitem(last=False)


def is_opened(recorded: Recorded) -> bool:
    """Whether an event of a complaint is opened to be folded: who complains, of what, and what was answered."""
    return _is_first(recorded) or recorded.topic in OPENED


def _is_first(recorded: Recorded) -> bool:
    return recorded.originator_version == 1
