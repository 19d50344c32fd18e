"""话务: what somebody told in a call comes to; only the service itself asks for it, in the name of who talked."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.complaint.commands.command import Command
from domain.values import CallNamed


@dataclass(frozen=True)
class CustomerCalledAgain:
    """催办: the customer called about what is open already; `text` is what the agent noted of it, if anything."""

    text: str = ""


@dataclass(frozen=True)
class CustomerCalledBack:
    """回访: they were called. `answered`: by a person; `talk_seconds`: how long they talked, without what was held."""

    answered: bool
    talk_seconds: float = 0.0


@dataclass(frozen=True)
class CallRated:
    """The customer keyed in how satisfied they are, from 1 to 5, at this time."""

    score: int
    at: datetime


@dataclass(frozen=True)
class CallRecorded:
    """A recording of the call came. `evidence`: which of the procedure's pieces it is, where the source says so."""

    name: str
    reference: str = field(repr=False)
    sha256: str | None = None
    evidence: str | None = None


ToldInCall = CustomerCalledAgain | CustomerCalledBack | CallRated | CallRecorded


@dataclass(frozen=True)
class TakeFromCall(Command):
    """Take what a call comes to as the step that it is, and link the two."""

    call: CallNamed
    told: ToldInCall
