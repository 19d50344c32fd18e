"""Where the complaint stands: too early, too late, or already somewhere else."""

from uuid import UUID

from domain.errors.families import Refused


class StepNotInProcedure(Refused):
    """This procedure has no such step."""


class ComplaintEnded(Refused):
    """The complaint has ended; reopen it first if there is more to do."""


class AlreadyClosed(Refused):
    """The complaint is closed with another outcome; reopen it if that was wrong."""


class StillOpen(Refused):
    """The complaint is still open, so there is nothing to reopen."""


class NotYetClassified(Refused):
    """Classify the complaint first: severity decides how it is handled."""


class AlreadyDispatched(Refused):
    """The handling record has been sent already; this can only be done before."""


class NotYetDispatched(Refused):
    """Nothing has been sent to a responsible unit in this round; dispatch the complaint first."""


class CaseAlreadyOpened(Refused):
    """The case is with the responsible units already, so it can no longer be made one the front line settles."""


class NotForFrontLine(Refused):
    """A complaint of this severity needs a case; only what the front line may settle ends by explanation."""


class FrontLineSettles(Refused):
    """A complaint of this severity is settled by the front line; reclassify it before a unit is asked."""


class NotYetExplained(Refused):
    """A complaint of this severity is explained first and passed on if the customer does not accept that; settle it."""


class ReopenNotAllowed(Refused):
    """This procedure does not reopen a complaint that ended in this way."""


class StepNeedsMore(Refused):
    """Something has to happen before this step."""


class DuplicateComplaint(Refused):
    """This customer has an open complaint about the same issue point; remind on that one instead of opening another."""

    def __init__(self, id: UUID, number: str) -> None:
        self.id, self.number = id, number
        super().__init__(
            f"It is {number}: POST /v1/complaints/{id}/remind; or repeat the intake with force: true to open another."
        )


class NotReadyToClose(Refused):
    """The complaint cannot be closed yet."""


class OwnerIsAccused(Refused):
    """This person is named in the complaint and cannot own it."""


class OwnerChangesByHandOver(Refused):
    """The owner of a case changes only when the next one accepts: hand it over."""


class NothingHandedOver(Refused):
    """Nobody offered this case to you; there is no hand-over that waits to be accepted."""


class OutsideTheCircle(Refused):
    """This matter is confidential, and goes up only to those who may see it."""


class EscalationSkipsRung(Refused):
    """A case climbs the ladder rung by rung; escalate it to the next one."""


class DecidedFurtherUp(Refused):
    """Others decide how this goes on: its category is theirs, or the customer was dissatisfied again; ask them."""
