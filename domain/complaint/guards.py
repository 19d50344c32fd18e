"""What must be true of the complaint before a step may be taken at all, whatever its fields say.

Each guard returns the refusal, or None. They depend on the state alone, so they also give the list of allowed steps.
"""

from collections.abc import Callable

from domain import errors
from domain.complaint.complaint import Complaint
from domain.complaint.state import UNANSWERED
from domain.procedure.procedure import Procedure

Refusal = type[errors.Refused] | None
Guard = Callable[[Complaint, Procedure], Refusal]


def is_open(complaint: Complaint, _: Procedure) -> Refusal:
    return errors.ComplaintEnded if complaint.has_ended else None


def is_closed_or_open(complaint: Complaint, _: Procedure) -> Refusal:
    """Rejected and withdrawn complaints stay as they are; a closed one is still called back."""
    return errors.ComplaintEnded if complaint.status in {"rejected", "withdrawn"} else None


def may_reopen(complaint: Complaint, procedure: Procedure) -> Refusal:
    if not complaint.has_ended:
        return errors.StillOpen
    return None if complaint.status in procedure.reopens else errors.ReopenNotAllowed


def is_classified(complaint: Complaint, _: Procedure) -> Refusal:
    return errors.NotYetClassified if complaint.category is None else None


def is_not_dispatched(complaint: Complaint, _: Procedure) -> Refusal:
    return errors.AlreadyDispatched if complaint.is_with_units else None


def is_dispatched(complaint: Complaint, _: Procedure) -> Refusal:
    return None if complaint.is_with_units else errors.NotYetDispatched


def needs_a_case(complaint: Complaint, procedure: Procedure) -> Refusal:
    severity = procedure.severities.get(complaint.severity or "")
    return errors.FrontLineSettles if severity is not None and severity.front_line else None


def front_line_may_settle(complaint: Complaint, procedure: Procedure) -> Refusal:
    if complaint.severity is None:
        return None if procedure.settle_unclassified else errors.NotYetClassified
    severity = procedure.severities[complaint.severity]
    settles = severity.front_line or severity.explain_first or severity.on_the_spot
    return None if settles else errors.NotForFrontLine


def was_explained(complaint: Complaint, procedure: Procedure) -> Refusal:
    severity = procedure.severities.get(complaint.severity or "")
    if severity is None or not severity.explain_first or complaint.explained or complaint.anonymous:
        return None
    return errors.NotYetExplained


def has_opinion(complaint: Complaint, procedure: Procedure) -> Refusal:
    if not procedure.has_opinions:
        return None
    if complaint.this_round.ruled == "overturned":
        return errors.RulingAlreadyIssued
    return errors.OpinionNotDrafted if complaint.this_round.opinion is None else None


def waits_for_an_answer(complaint: Complaint, _: Procedure) -> Refusal:
    now = complaint.this_round
    if now.opinion is None or now.opinion.state == "drafted" or now.ruled is not None or now.opinion_binds:
        return errors.OpinionNotAsked
    # A unit that was asked after all others had agreed still answers.
    answered = all(unit.state not in UNANSWERED for unit in now.at_work)
    return errors.OpinionNotAsked if now.opinion.state == "final" and answered else None


def is_disputed(complaint: Complaint, _: Procedure) -> Refusal:
    if complaint.this_round.ruled == "overturned":
        return errors.RulingAlreadyIssued
    return None if complaint.status == "disputed" else errors.NothingDisputed


def was_overturned(complaint: Complaint, _: Procedure) -> Refusal:
    return None if complaint.this_round.ruled == "overturned" else errors.OpinionNotOverturned


def opinion_is_final(complaint: Complaint, procedure: Procedure) -> Refusal:
    if not procedure.has_opinions:
        return None
    opinion = complaint.this_round.opinion
    if opinion is not None and opinion.state == "final":
        return None
    return errors.OpinionStillDisputed if complaint.status == "disputed" else errors.OpinionNotYetConfirmed


def is_executed(complaint: Complaint, _: Procedure) -> Refusal:
    return None if complaint.this_round.executed_by else errors.NotYetExecuted


def may_be_called_back(complaint: Complaint, _: Procedure) -> Refusal:
    if complaint.status == "closed" or complaint.this_round.executed_by:
        return None
    return errors.NotYetExecuted


def capa_is_requested(complaint: Complaint, _: Procedure) -> Refusal:
    return None if any(capa.state == "requested" for capa in complaint.capas) else errors.CapaNotRequested


def capa_is_submitted(complaint: Complaint, _: Procedure) -> Refusal:
    return None if any(capa.state == "submitted" for capa in complaint.capas) else errors.CapaNotSubmitted


def interim_measure_was_reported(complaint: Complaint, procedure: Procedure) -> Refusal:
    if procedure.interim_measure_before_extension and not complaint.this_round.interim_measures:
        return errors.InterimMeasureMissing
    return None


def customer_was_told(complaint: Complaint, procedure: Procedure) -> Refusal:
    if procedure.word_before_extension and not complaint.this_round.customer_updated and not complaint.anonymous:
        return errors.CustomerNotTold
    return None
