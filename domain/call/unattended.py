"""无人值守: what a call that nobody took up comes to, though nobody filled anything in."""

from dataclasses import dataclass

from domain.values import Slug


@dataclass(frozen=True, slots=True)
class Unattended:
    """A complaint of this procedure, and of its usual kind where none is named, in the queue of whoever classifies.

    `calendar`: a missed call only outside the hours of this calendar; a voicemail at any time.
    """

    procedure: Slug
    kind: Slug | None = None
    calendar: Slug | None = None


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What there is of a call that nobody took up: that it came, or a voicemail."""

    is_voicemail: bool
