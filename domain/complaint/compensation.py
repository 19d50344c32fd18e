"""补偿: the charge is verified, a compensation proposed, approved by whoever has the authority, and paid.

Money is counted in whole cents (分) with `Decimal`, and rounded half up where a sum has to be.
"""

from decimal import Decimal

from domain import errors
from domain.complaint import commands, events
from domain.complaint.charges import (
    charge_named,
    compensations_of,
    in_cents,
    is_made_good,
    known_charge,
    left_to_make_good,
    newest,
    says_other,
    wrong_charges,
)
from domain.complaint.complaint import Complaint
from domain.complaint.state import Compensation, CompensationStatus, VerifiedCharge
from domain.identity import is_same, levelled
from domain.procedure.duties import approvers_of
from domain.request import Request
from domain.titles import titles_of
from domain.values import ActedBy, Actor


def verify_charge(complaint: Complaint, command: commands.VerifyCharge, by: ActedBy, request: Request) -> None:
    charged, due = in_cents(command.charged), in_cents(command.due)
    verified = VerifiedCharge(charged, due, command.wrong, command.item)
    known = known_charge(complaint.charges, charged, command.item)
    former = _newest_of(complaint, known)
    if former is not None and not says_other(verified, former) and command.item in (None, former.item):
        return  # that is known
    charge = len(complaint.charges) if known is None else known
    facts = {**vars(command), "charged": charged, "due": due, "charge": charge}
    complaint.trigger(events.ChargeVerified, by, request.at, **facts)


def charge_verified(complaint: Complaint, event: events.ChargeVerified) -> None:
    """What was proposed or approved for this charge and not paid yet was for what was known before: it is void."""
    was_all_good, again = all_made_good(complaint), _verified_before(complaint, event)
    former = _newest_of(complaint, again)
    verified = VerifiedCharge(event.charged, event.due, event.wrong, event.item, again)
    complaint.charges.append(verified)
    if again is not None and former is not None and says_other(verified, former):
        for one in compensations_of(complaint.charges, complaint.compensations, again):
            if one.state in {"proposed", "approved"}:
                one.state = "withdrawn"
    complaint.add_moment("ChargeVerified", event)
    _note_what_is_owed(complaint, event, was_all_good=was_all_good)


def _verified_before(complaint: Complaint, event: events.ChargeVerified) -> int | None:
    """The charge that is verified again; None of one that is verified for the first time."""
    if event.charge is None:
        return known_charge(complaint.charges, event.charged, event.item)
    return event.charge if event.charge < len(complaint.charges) else None


def _newest_of(complaint: Complaint, charge: int | None) -> VerifiedCharge | None:
    """What was verified of a charge last, if it was before."""
    return None if charge is None else complaint.charges[newest(complaint.charges, charge)]


def all_made_good(complaint: Complaint) -> bool:
    """Whether each charge that was found wrong was made good, or decided upon."""
    charges, paid = complaint.charges, complaint.compensations
    return not charges or all(is_made_good(charges, paid, charge) for charge in wrong_charges(charges))


def unsettled(complaint: Complaint) -> tuple[str, ...]:
    """What is left to do with the money, by its codes in wording/requirements.py."""
    left = {
        "refund-proposed": any(_waits_for_a_proposal(complaint, charge) for charge in wrong_charges(complaint.charges)),
        "compensation-approved": complaint.compensation_in("proposed") is not None,
        "compensation-paid": complaint.compensation_in("approved") is not None,
    }
    return tuple(code for code, is_left in left.items() if is_left)


def _waits_for_a_proposal(complaint: Complaint, charge: int) -> bool:
    charges, compensations = complaint.charges, complaint.compensations
    states = {one.state for one in compensations_of(charges, compensations, charge)}
    return states.isdisjoint({"proposed", "approved"}) and not is_made_good(charges, compensations, charge)


def _note_what_is_owed(complaint: Complaint, event: events.ComplaintEvent, *, was_all_good: bool) -> None:
    """在规定时限内: a refund is owed from the first charge that is found wrong until none is left."""
    is_all_good = all_made_good(complaint)
    if was_all_good != is_all_good:
        complaint.add_moment("ChargesMadeGood" if is_all_good else "ChargeFoundWrong", event)


def propose_compensation(
    complaint: Complaint, command: commands.ProposeCompensation, by: ActedBy, request: Request
) -> None:
    rule = complaint.procedure.compensation
    if complaint.compensation_in("approved") is not None:
        raise errors.CompensationOpen
    if command.currency != rule.currency:
        raise errors.WrongCurrency("/currency", currency=rule.currency)
    if command.item is not None and _charge_to_make_good(complaint, command.item) is None:
        raise errors.NoSuchWrongCharge("/item")
    if rule.verified_first and _charge_to_make_good(complaint) is None:
        raise errors.ChargeNotVerified
    if rule.credit_first and command.method != "credit" and command.why_not_credit is None:
        raise errors.CreditComesFirst
    of_charge, times, amount = _amount_proposed(complaint, command)
    complaint.trigger(
        events.CompensationProposed, by, request.at,
        amount=amount, currency=command.currency, basis=command.basis, method=command.method,
        of_charge=of_charge, times=times, why_not_credit=command.why_not_credit,
    )  # fmt: skip


def may_propose_compensation(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Nothing approved waits to be paid, and where a charge decides how much, something is left to make good."""
    rule, charge = complaint.procedure.compensation, _charge_to_make_good(complaint)
    if complaint.compensation_in("approved") is not None or (rule.verified_first and charge is None):
        return False
    if charge is None or (rule.other_bases and not rule.verified_first):
        return True
    return _left(complaint, charge, listed=bool(rule.billing_errors)) > 0


def compensation_proposed(complaint: Complaint, event: events.CompensationProposed) -> None:
    """A new proposal takes the place of the former."""
    _end_compensation(complaint, "proposed", "withdrawn")
    complaint.compensations.append(
        Compensation(
            event.amount,
            event.currency,
            event.basis,
            event.method,
            levelled(event.actor.id),
            of_charge=event.of_charge,
            times=event.times,
        )
    )
    complaint.add_moment("CompensationProposed", event, subject=f"{event.amount}/{event.actor.role}")


def _amount_proposed(
    complaint: Complaint, command: commands.ProposeCompensation
) -> tuple[int | None, int | None, Decimal]:
    """Which verified charge the proposal makes good, how many times over, and with how much."""
    rule = complaint.procedure.compensation
    listed = rule.is_billing_error(command.basis)
    if not listed and not rule.other_bases:
        raise errors.UnknownBasis("/basis", known=rule.billing_errors)
    of_charge = _charge_to_make_good(complaint, command.item) if listed or rule.verified_first else None
    if of_charge is None:
        if command.amount is None or not command.amount:
            raise errors.AmountMissing("/amount")
        return None, None, in_cents(command.amount)
    most = _left(complaint, of_charge, listed=listed)
    amount = most if command.amount is None else in_cents(command.amount)
    if amount > most or most <= 0:
        raise errors.OverCompensation(most=max(most, Decimal(0)), currency=rule.currency)
    if not amount:
        raise errors.AmountMissing("/amount")
    return newest(complaint.charges, of_charge), _times(complaint, listed=listed), amount


def _charge_to_make_good(complaint: Complaint, item: str | None = None) -> int | None:
    """The wrong charge of this item; without one the latest for which something is left, else the latest."""
    wrong = wrong_charges(complaint.charges)
    if item is not None:
        named = charge_named(complaint.charges, item)
        return named if named in wrong else None
    listed = bool(complaint.procedure.compensation.billing_errors)
    return next((charge for charge in wrong if _left(complaint, charge, listed=listed) > 0), next(iter(wrong), None))


def _left(complaint: Complaint, charge: int, *, listed: bool) -> Decimal:
    """What is left to make good of a charge; errors of the listed kinds are made good several times over."""
    times = _times(complaint, listed=listed)
    return left_to_make_good(complaint.charges, complaint.compensations, charge, times)


def _times(complaint: Complaint, *, listed: bool) -> int:
    return complaint.procedure.compensation.times if listed else 1


def approve_compensation(
    complaint: Complaint, command: commands.ApproveCompensation, by: ActedBy, request: Request
) -> None:
    proposed = complaint.compensation_in("proposed")
    if proposed is None:
        if _is_repeated(complaint, command, "approved" if command.approved else "refused"):
            return
        raise errors.NoCompensationProposed
    _must_be_that(command, proposed)
    if is_same(proposed.proposed_by, by.id):
        raise errors.OwnProposal
    if command.approved:
        _must_have_authority(complaint, proposed.amount, request)
        if command.amount is None:
            raise errors.AmountNotNamed("/amount", amount=proposed.amount, currency=proposed.currency)
    event = events.CompensationApproved if command.approved else events.CompensationRefused
    complaint.trigger(
        event, by, request.at, amount=proposed.amount, currency=proposed.currency, remarks=command.remarks
    )


def may_approve_compensation(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    proposed = complaint.compensation_in("proposed")
    return proposed is not None and not is_same(proposed.proposed_by, by.id)


def compensation_approved(complaint: Complaint, event: events.CompensationApproved) -> None:
    _end_compensation(complaint, "proposed", "approved")
    complaint.add_moment("CompensationApproved", event)


def compensation_refused(complaint: Complaint, event: events.CompensationRefused) -> None:
    was_all_good = all_made_good(complaint)
    _end_compensation(complaint, "proposed", "refused")
    complaint.add_moment("CompensationRefused", event)
    _note_what_is_owed(complaint, event, was_all_good=was_all_good)


def _is_repeated(
    complaint: Complaint, command: commands.ApproveCompensation | commands.PayCompensation, state: CompensationStatus
) -> bool:
    """Whether the same was said of the latest compensation before."""
    latest = complaint.compensations[-1] if complaint.compensations else None
    return latest is not None and latest.state == state and _is_that(command, latest)


def _must_be_that(command: commands.ApproveCompensation | commands.PayCompensation, standing: Compensation) -> None:
    if not _is_that(command, standing):
        raise errors.NotTheApprovedCompensation(
            amount=standing.amount, currency=standing.currency, method=standing.method
        )


def _is_that(command: commands.ApproveCompensation | commands.PayCompensation, standing: Compensation) -> bool:
    """Whether all that the command says of the compensation is so; what it leaves out is taken as it stands."""
    return (
        command.amount in (None, standing.amount)
        and command.currency in (None, standing.currency)
        and command.basis in (None, standing.basis)
        and command.method in (None, standing.method)
    )


def _must_have_authority(complaint: Complaint, amount: Decimal, request: Request) -> None:
    allowed = approvers_of(amount, complaint.procedure)
    if request.actor.roles.isdisjoint(allowed):
        roles = titles_of(allowed, complaint.procedure.roles)
        raise errors.AmountAboveAuthority(roles=roles or None, nobody=not roles)


def pay_compensation(complaint: Complaint, command: commands.PayCompensation, by: ActedBy, request: Request) -> None:
    approved = complaint.compensation_in("approved")
    if approved is None:
        if _is_repeated(complaint, command, "paid"):
            return
        raise errors.NoCompensationApproved
    _must_be_that(command, approved)
    complaint.trigger(
        events.CompensationPaid, by, request.at,
        amount=approved.amount, currency=approved.currency, method=approved.method, reference=command.reference,
    )  # fmt: skip


def may_pay_compensation(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return complaint.compensation_in("approved") is not None


def compensation_paid(complaint: Complaint, event: events.CompensationPaid) -> None:
    was_all_good = all_made_good(complaint)
    _end_compensation(complaint, "approved", "paid")
    complaint.add_moment("CompensationPaid", event)
    _note_what_is_owed(complaint, event, was_all_good=was_all_good)


def _end_compensation(complaint: Complaint, state: CompensationStatus, next_state: CompensationStatus) -> None:
    """Of old histories, whose charge was verified anew in between, the compensation was withdrawn when it is ended."""
    compensation = complaint.compensation_in(state) or (
        complaint.compensation_in("withdrawn") if next_state in {"approved", "paid", "refused"} else None
    )
    if compensation is not None:
        compensation.state = next_state
