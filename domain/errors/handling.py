"""Handling, reports and time."""

from domain.errors.families import Invalid, Refused


class SolutionNotAgreed(Refused):
    """The customer has not agreed to a solution yet; agree on one first, with a new plan as often as it takes."""


class ApprovalMissing(Refused):
    """A plan for a complaint of this severity needs an approval before it is executed, oral or written."""


class ApprovalOfEachUnitMissing(Refused):
    """The head of every department that was asked approves this plan before it is executed; one is still missing."""


class AlreadyExecuted(Refused):
    """This unit has reported its execution already."""


class NotYetExecuted(Refused):
    """The measure has not been executed yet; report the execution first."""


class MeansNotAllowed(Invalid):
    """This procedure tells the customer by other means."""


class CapaAlreadyRequested(Refused):
    """A corrective and preventive action report of this unit is open already."""


class CapaNotRequested(Refused):
    """No corrective and preventive action report waits for this."""


class CapaNotSubmitted(Refused):
    """No corrective and preventive action report has been submitted that could be issued."""


class InterimMeasureMissing(Refused):
    """A step may be postponed only after a written interim measure; report the interim measure first."""


class CustomerNotTold(Refused):
    """A limit is extended only after word to the customer, and anew for each extension; inform the customer first."""


class ClockNotRunning(Refused):
    """This clock is not running, so it cannot be moved."""


class ClockIsPaused(Refused):
    """This clock is paused; resume it first."""


class ClockNotPaused(Refused):
    """No such clock is paused, so there is nothing to resume."""


class PauseEndsInThePast(Invalid):
    """A pause ends later than now; give the time at which the clocks run on by themselves."""


class PauseTooLong(Invalid):
    """A pause may not last so long in this procedure; give an earlier end, and pause again if that is not enough."""


class NotLater(Invalid):
    """The new time must be later than the present due time, and within a year of it."""
