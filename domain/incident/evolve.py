"""Which event changes what of an incident: one table. For the event of a step it stands in the row of the step."""

from typing import Any

from domain.incident import deadlines, events, opening
from domain.incident.incident import FOLDS, Fold, Incident
from domain.incident.steps import INCIDENT_STEPS


def nothing(incident: Incident, event: Any) -> None:
    """It happened, and that is all there is to remember of it."""


BESIDE_THE_STEPS: dict[type[events.IncidentEvent], Fold] = {
    events.IncidentOpened: opening.incident_opened,
    events.DeadlineWarned: deadlines.deadline_warned,
    events.DeadlineMissed: deadlines.deadline_missed,
}
FOLDS.update({step.event: step.fold or nothing for step in INCIDENT_STEPS} | BESIDE_THE_STEPS)
