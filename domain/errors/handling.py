"""Handling, reports and time."""

from domain.errors.families import Invalid, Refused


class SolutionNotAgreed(Refused): ...


class ApprovalMissing(Refused): ...


class ApprovalOfEachUnitMissing(Refused):
    """Heads whose department nobody named count for one department each."""


class AlreadyExecuted(Refused): ...


class PlanAlreadyExecuted(Refused):
    """What the customer says of a plan after it was executed is said with the callback."""


class NotYetExecuted(Refused): ...


class MeansNotAllowed(Invalid): ...


class CapaAlreadyRequested(Refused): ...


class CapaNotRequested(Refused): ...


class CapaNotSubmitted(Refused): ...


class InterimMeasureMissing(Refused):
    """Each extension of a clock needs one of its own."""


class CustomerNotTold(Refused):
    """Each extension of a clock needs word of its own."""


class ClockNotRunning(Refused): ...


class ClockIsPaused(Refused): ...


class ClockNotPaused(Refused): ...


class NoSuchMiss(Refused): ...


class ReallyMissed(Refused): ...


class PauseEndsInThePast(Invalid): ...


class PauseTooLong(Invalid): ...


class PausedTooOften(Refused): ...


class ExtendedTooOften(Refused): ...


class ExtendedTooFar(Invalid): ...


class NotLater(Invalid): ...
