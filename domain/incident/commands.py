"""What may be asked for about an incident. The same dataclasses are the request bodies of `/v1/incidents`."""

from dataclasses import dataclass
from datetime import datetime

from domain.values import Line, LongText, Means, Slug, Text


@dataclass(frozen=True)
class IncidentCommand:
    """Anything that can be asked of an incident."""


@dataclass(frozen=True)
class OpenIncident(IncidentCommand):
    """Open an incident. `occurred_at` is when it began, if that was earlier than now; its clocks run from then."""

    kind: Slug
    title: Line
    text: Text
    procedure: Slug = "emergency"
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class InformRole(IncidentCommand):
    """Somebody of a role was told, of the incident or of its end."""

    to_role: Slug
    text: Text
    means: Means = "phone"


@dataclass(frozen=True)
class RestoreIncident(IncidentCommand):
    """It is over. `restored_at` is since when, if that was earlier than now."""

    text: Text
    restored_at: datetime | None = None


@dataclass(frozen=True)
class DecideOnIncident(IncidentCommand):
    """What the leadership decided to do besides."""

    decisions: Text


@dataclass(frozen=True)
class NoteOnIncident(IncidentCommand):
    """Something for the log of the incident."""

    text: LongText


@dataclass(frozen=True)
class RetractIncidentMiss(IncidentCommand):
    """Take back the misses of a clock that was not missed; of one due time where that is named."""

    clock: Slug
    reason: Text
    due_at: datetime | None = None


@dataclass(frozen=True)
class CloseIncident(IncidentCommand):
    """The record of the incident, once it is over and everybody has been told."""

    summary: Text
    cause: Text | None = None
