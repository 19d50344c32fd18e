"""补偿: the charge is verified, a compensation proposed, approved by whoever has the authority, and paid.

Money is counted in whole cents (分) with `Decimal`, and rounded half up where a sum has to be.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain import errors
from domain.complaint import commands, events
from domain.complaint.deciding import Deciding, Request
from domain.values import By, Compensation, VerifiedCharge

CENT: Final = Decimal("0.01")
REFUSED: Final = frozenset({"refused", "withdrawn"})


def made_good(charge: VerifiedCharge, times: int) -> Decimal:
    """收费误差，双倍返还: so many times what was charged above what was due; nothing where nothing was."""
    return max(Decimal(0), times * (charge.charged - charge.due)).quantize(CENT, ROUND_HALF_UP)


def in_cents(amount: Decimal) -> Decimal:
    """As money is written: 1E+2 is 100.00, and nothing is never less than nothing."""
    return abs(amount).quantize(CENT)


class Compensating(Deciding):
    """The decisions about money that goes to the customer."""

    def verify_charge(self, command: commands.VerifyCharge, by: By, request: Request) -> None:
        charged, due = in_cents(command.charged), in_cents(command.due)
        if VerifiedCharge(charged, due, command.wrong, command.item) in self.charges:
            return  # verified once: said again, it is not owed a second time
        facts = {**vars(command), "charged": charged, "due": due}
        self._trigger(events.ChargeVerified, by, request.at, **facts)

    def propose_compensation(self, command: commands.ProposeCompensation, by: By, request: Request) -> None:
        rule = self.procedure.compensation
        if self.compensation_in("approved") is not None:
            raise errors.CompensationOpen
        if command.currency != rule.currency:
            raise errors.WrongCurrency("/currency", f"It is {rule.currency}.")
        if rule.verified_first and not any(charge.wrong for charge in self.charges):
            raise errors.ChargeNotVerified
        if rule.credit_first and command.method == "cash" and command.why_not_credit is None:
            raise errors.CreditComesFirst
        of_charge, amount = self._reckoned(command)
        self._trigger(
            events.CompensationProposed, by, request.at,
            amount=amount, currency=command.currency, basis=command.basis, method=command.method,
            of_charge=of_charge, why_not_credit=command.why_not_credit,
        )  # fmt: skip

    def _reckoned(self, command: commands.ProposeCompensation) -> tuple[int | None, Decimal]:
        """Which verified charge the proposal makes good, and with how much."""
        rule = self.procedure.compensation
        listed = rule.is_billing_error(command.basis)
        if not listed and not rule.other_bases:
            raise errors.UnknownBasis("/basis", f"They are {', '.join(rule.billing_errors)}.")
        of_charge = self._charge_to_make_good() if listed or rule.verified_first else None
        if of_charge is None:
            if command.amount is None or not command.amount:
                raise errors.AmountMissing("/amount")
            return None, in_cents(command.amount)
        most = made_good(self.charges[of_charge], rule.times if listed else 1) - self._made_good_already(of_charge)
        amount = most if command.amount is None else in_cents(command.amount)
        if amount > most or most <= 0:
            raise errors.OverCompensation(f"At most {max(most, Decimal(0))} {rule.currency} is left to make good.")
        if not amount:
            raise errors.AmountMissing("/amount")
        return of_charge, amount

    def _charge_to_make_good(self) -> int | None:
        """The latest charge that was verified as wrong."""
        wrong = [index for index, charge in enumerate(self.charges) if charge.wrong]
        return wrong[-1] if wrong else None

    def _made_good_already(self, charge: int) -> Decimal:
        """What was approved or paid for it; a proposal that is still open would be replaced."""
        counted = [c.amount for c in self.compensations if c.of_charge == charge and c.state in {"approved", "paid"}]
        return sum(counted, Decimal(0))

    def approve_compensation(self, command: commands.ApproveCompensation, by: By, request: Request) -> None:
        proposed = self.compensation_in("proposed")
        if proposed is None:
            if self._is_repeated(command, "approved" if command.approved else "refused"):
                return
            raise errors.NoCompensationProposed
        self._must_be_that(command, proposed)
        if proposed.proposed_by == by.id and by.role != "admin":
            raise errors.OwnProposal
        if command.approved:
            self._must_have_authority(proposed.amount, by, request)
        event = events.CompensationApproved if command.approved else events.CompensationRefused
        self._trigger(
            event, by, request.at, amount=proposed.amount, currency=proposed.currency, remarks=command.remarks
        )

    def _is_repeated(self, command: commands.ApproveCompensation | commands.PayCompensation, state: str) -> bool:
        """Whether the same was said of the latest compensation before."""
        latest = self.compensations[-1] if self.compensations else None
        return latest is not None and latest.state == state and self._is_that(command, latest)

    def _must_be_that(
        self, command: commands.ApproveCompensation | commands.PayCompensation, standing: Compensation
    ) -> None:
        if not self._is_that(command, standing):
            told = f"It is {standing.amount} {standing.currency} as {standing.method}, on the ground that was proposed."
            raise errors.NotTheApprovedCompensation(told)

    @staticmethod
    def _is_that(command: commands.ApproveCompensation | commands.PayCompensation, standing: Compensation) -> bool:
        """Whether all that the command says of the compensation is so; what it leaves out is taken as it stands."""
        return (
            command.amount in (None, standing.amount)
            and command.currency in (None, standing.currency)
            and command.basis in (None, standing.basis)
            and command.method in (None, standing.method)
        )

    def _must_have_authority(self, amount: Decimal, by: By, request: Request) -> None:
        allowed = self.procedure.compensation.may_approve(amount)
        if allowed is not None and by.role != "admin" and request.actor.roles.isdisjoint(allowed):
            raise errors.AmountAboveAuthority(f"They are {', '.join(allowed) or 'nobody'}.")

    def pay_compensation(self, command: commands.PayCompensation, by: By, request: Request) -> None:
        approved = self.compensation_in("approved")
        if approved is None:
            if self._is_repeated(command, "paid"):
                return
            raise errors.NoCompensationApproved
        self._must_be_that(command, approved)
        self._trigger(
            events.CompensationPaid, by, request.at,
            amount=approved.amount, currency=approved.currency, method=approved.method, reference=command.reference,
        )  # fmt: skip
