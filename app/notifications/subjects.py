"""What an event may be about (a complaint, an incident, a report), with one face for those who tell people of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, Protocol, cast

from app.commands.pinned_rules import governed, governed_incident, procedures_at
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.incident.events import IncidentEvent
from domain.incident.incident import Incident
from domain.notices import incidents as notices_of_incidents
from domain.notices import notices
from domain.notices import reports as notices_of_reports
from domain.notices.arising import NOTHING_WAITED, Duty, arisen, waiting_in
from domain.notices.notices import Addressee, Notice, RolesOf
from domain.procedure.procedure import Procedure
from domain.reporting.reports import PeriodReported
from domain.titles import Language
from eventlog.codec import EventCodec
from eventlog.log import Recorded
from eventlog.sealing import DataKey
from eventlog.streams import COMPLAINT, INCIDENT, AnyEvent, kind_of
from procedures.rules import Rules
from wording.notices.complaints import words_for_staff
from wording.notices.incidents import words_of_incident
from wording.notices.message import Words
from wording.notices.reports import words_of_report

About = Literal["complaint", "incident", "report"]
NOTIFYING: Final[tuple[type[AnyEvent], ...]] = (
    *notices.NOTIFYING, *notices_of_incidents.NOTIFYING, *notices_of_reports.NOTIFYING,
)  # fmt: skip
TOPICS: Final = tuple(event.TOPIC for event in NOTIFYING)


class Subject(Protocol):
    """One stream as it stands. `roles` are those of an actor; a role and a unit speak for themselves."""

    @property
    def about(self) -> About: ...

    @property
    def procedure_code(self) -> str: ...

    def number_of(self, event: AnyEvent) -> str:
        """By which number people ask for it."""
        ...

    def notices_of(self, event: AnyEvent, roles_of: RolesOf) -> tuple[Notice, ...]:
        """Who is to be told of the event that was recorded last; `roles_of` gives the roles that an actor holds now."""
        ...

    def may_be_notified(self, to: Addressee, roles: Collection[str]) -> bool:
        """Whether they may hear at all that there is such a subject."""
        ...

    def words_for(self, to: Addressee, roles_of: RolesOf, event: AnyEvent, language: Language) -> Words:
        """What a message to staff says of an event; `roles_of` as for notices."""
        ...


@dataclass(frozen=True)
class OfComplaint:
    """`before`: as it stood before the last event; None where that is the first."""

    complaint: Complaint
    before: Complaint | None
    about: About = "complaint"

    @property
    def procedure_code(self) -> str:
        return self.complaint.procedure_code

    @cached_property
    def waited(self) -> frozenset[Duty]:
        """What was waiting for somebody before the last event."""
        return NOTHING_WAITED if self.before is None else waiting_in(self.before)

    def number_of(self, event: AnyEvent) -> str:
        return self.complaint.number

    def notices_of(self, event: AnyEvent, roles_of: RolesOf) -> tuple[Notice, ...]:
        return notices.notices_of(cast(events.ComplaintEvent, event), self.complaint, self.waited, roles_of)

    def may_be_notified(self, to: Addressee, roles: Collection[str]) -> bool:
        return notices.may_be_notified(to, roles, self.complaint)

    def words_for(self, to: Addressee, roles_of: RolesOf, event: AnyEvent, language: Language) -> Words:
        roles = roles_of(to.code) if to.kind == "actor" else ()
        with_subject = notices.may_read_subject(to, roles, self.complaint)
        happened = cast(events.ComplaintEvent, event)
        owed = [one for one in arisen(self.complaint, self.waited) if notices.addressee_of(one, roles_of) == to]
        return words_for_staff(happened, self.complaint, language, with_subject=with_subject, owed=owed)


@dataclass(frozen=True)
class OfIncident:
    incident: Incident
    about: About = "incident"

    @property
    def procedure_code(self) -> str:
        return self.incident.procedure_code

    def number_of(self, event: AnyEvent) -> str:
        return self.incident.number

    def notices_of(self, event: AnyEvent, roles_of: RolesOf) -> tuple[Notice, ...]:
        return notices_of_incidents.notices_of(cast(IncidentEvent, event), self.incident)

    def may_be_notified(self, to: Addressee, roles: Collection[str]) -> bool:
        return notices_of_incidents.may_be_notified(to, roles, self.incident)

    def words_for(self, to: Addressee, roles_of: RolesOf, event: AnyEvent, language: Language) -> Words:
        with_title = notices_of_incidents.may_read_title(to, self.incident)
        return words_of_incident(cast(IncidentEvent, event), self.incident, language, with_title=with_title)


@dataclass(frozen=True)
class OfReports:
    """The reports of one procedure; `versions` are those of its versions whose rules asked for them."""

    procedure_code: str
    versions: Mapping[str, Procedure]
    about: About = "report"

    def number_of(self, event: AnyEvent) -> str:
        return notices_of_reports.number_of(cast(PeriodReported, event))

    def notices_of(self, event: AnyEvent, roles_of: RolesOf) -> tuple[Notice, ...]:
        return notices_of_reports.notices_of(cast(PeriodReported, event))

    def may_be_notified(self, to: Addressee, roles: Collection[str]) -> bool:
        return True

    def words_for(self, to: Addressee, roles_of: RolesOf, event: AnyEvent, language: Language) -> Words:
        fact = cast(PeriodReported, event)
        rose = to.code in fact.rise_told
        return words_of_report(fact, self.versions[fact.procedure_version], language, rose=rose)


@dataclass(frozen=True)
class Standing:
    """A stream's subject, and its events in order."""

    subject: Subject
    happened: list[AnyEvent]


async def standing(stream: Sequence[Recorded], key: DataKey | None, codec: EventCodec, rules: Rules) -> Standing:
    """A stream as it stands after its last event here; without a key its personal fields are empty."""
    happened = [codec.any_event(recorded, key) for recorded in stream]
    kind = kind_of(stream[0])
    if kind is COMPLAINT:
        return Standing(await _of_complaint(cast(list[events.ComplaintEvent], happened), rules), happened)
    if kind is INCIDENT:
        incident = await governed_incident(INCIDENT.folded(cast(list[IncidentEvent], happened)), rules)
        return Standing(OfIncident(incident), happened)
    reports = cast(list[PeriodReported], happened)
    versions = await procedures_at(reports[0].procedure, {one.procedure_version for one in reports}, rules)
    return Standing(OfReports(reports[0].procedure, versions), happened)


async def _of_complaint(happened: list[events.ComplaintEvent], rules: Rules) -> OfComplaint:
    complaint = await governed(COMPLAINT.folded(happened), rules)
    before = await governed(COMPLAINT.folded(happened[:-1]), rules) if len(happened) > 1 else None
    return OfComplaint(complaint, before)
