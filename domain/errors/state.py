"""Where the complaint stands: too early, too late, or already somewhere else."""

from uuid import UUID

from domain.errors.families import Incomplete, Refused


class StepNotInProcedure(Refused): ...


class ComplaintEnded(Refused): ...


class AlreadyClosed(Refused): ...


class StillOpen(Refused): ...


class AnonymousStays(Refused): ...


class NotYetClassified(Refused): ...


class AlreadyDispatched(Refused): ...


class NotYetDispatched(Refused): ...


class CaseAlreadyOpened(Refused): ...


class NotForFrontLine(Refused): ...


class FrontLineSettles(Refused): ...


class NotYetExplained(Refused):
    """先行解释: only what the customer does not accept is passed on."""


class ReopenNotAllowed(Refused): ...


class NothingAppealed(Refused):
    """申诉: no unit returned it with evidence, or it was sent out again since."""


class StepNeedsMore(Incomplete): ...


class DuplicateComplaint(Refused):
    """Of the same customer and issue point; taking it down may be forced. Which it is, only those hear who see it."""

    def __init__(self, id: UUID | None = None, number: str | None = None) -> None:
        super().__init__(id=id, number=number)
        self.id, self.number = id, number


class NotReadyToClose(Incomplete): ...


class OwnerIsAccused(Refused): ...


class ApproverIsAccused(Refused): ...


class OwnerChangesByHandOver(Refused): ...


class NothingHandedOver(Refused): ...


class NothingInTheWay(Refused):
    """Nothing that may be overridden is missing."""


class OutsideTheCircle(Refused):
    """A confidential matter goes up only to those who may see it."""


class EscalationSkipsRung(Refused):
    """逐级上报."""


class DecidedFurtherUp(Refused):
    """Of a category that others decide, or after a customer was dissatisfied again."""
