"""不纳入考核: what of a complaint does not count in the indicators, and why; itself an event, with its evidence."""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.state import Exclusion
from domain.indicators import INDICATORS
from domain.request import Request
from domain.values import ActedBy, Actor


def exclude_from_scoring(
    complaint: Complaint, command: commands.ExcludeFromScoring, by: ActedBy, request: Request
) -> None:
    """What is left out already stays so. Raises `UnknownIndicator`, and `UnitNotAsked` for a unit never asked."""
    for index, name in enumerate(command.indicators):
        if name not in INDICATORS:
            raise errors.UnknownIndicator(f"/indicators/{index}", known=tuple(INDICATORS))
    if command.unit is not None and command.unit not in complaint.sent_to:
        raise errors.UnitNotAsked
    if Exclusion(command.unit, command.indicators) in complaint.exclusions:
        return
    complaint.trigger(
        events.ExcludedFromScoring, by, request.at,
        unit=command.unit, indicators=command.indicators, reason=command.reason, evidence=command.evidence,
    )  # fmt: skip


def include_in_scoring(complaint: Complaint, command: commands.IncludeInScoring, by: ActedBy, request: Request) -> None:
    """Everything counts again; nothing happens where everything does."""
    if complaint.exclusions:
        complaint.trigger(events.IncludedInScoring, by, request.at, reason=command.reason)


def may_include_in_scoring(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(complaint.exclusions)


def excluded_from_scoring(complaint: Complaint, event: events.ExcludedFromScoring) -> None:
    complaint.exclusions.append(Exclusion(event.unit, event.indicators))


def included_in_scoring(complaint: Complaint, event: events.IncludedInScoring) -> None:
    complaint.exclusions.clear()
