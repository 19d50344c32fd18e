"""Which event changes what of a complaint: one table. For the event of a step it stands in the row of the step."""

from typing import Any

from domain.complaint import compensation, deadlines, events, in_calls, intake, ownership, recurrence, taking_over
from domain.complaint.complaint import FOLDS, Complaint, Fold
from domain.complaint.steps import STEPS


def nothing(complaint: Complaint, event: Any) -> None:
    """It happened, and that is all there is to remember of it."""


BESIDE_THE_STEPS: dict[type[events.ComplaintEvent], Fold] = {
    events.Received: intake.received,
    events.OwnerReleased: ownership.owner_released,
    events.SeverityRaised: recurrence.severity_raised,
    events.Overridden: nothing,
    events.CompensationRefused: compensation.compensation_refused,
    events.DeadlineWarned: deadlines.deadline_warned,
    events.DeadlineMissed: deadlines.deadline_missed,
    events.DeadlineMoved: deadlines.deadline_moved,
    events.TakenOver: taking_over.taken_over,
    events.CallLinked: in_calls.call_linked,
}
FOLDS.update({step.event: step.fold or nothing for step in STEPS} | BESIDE_THE_STEPS)
