"""Money that goes to the customer."""

from domain.errors.families import Invalid, Refused


class ChargeNotVerified(Refused):
    """A refund comes only after the charge was verified as wrong; verify the charge first."""


class OverCompensation(Refused):
    """This is more than the verified error is made good with; customers are not compensated beyond that."""


class CreditComesFirst(Refused):
    """Compensation is credited to the account first; for cash, say in why_not_credit why that does not do."""


class CompensationOpen(Refused):
    """An approved compensation has not been paid yet; pay it before another is proposed."""


class NoCompensationProposed(Refused):
    """No compensation waits for approval; propose one first."""


class NoCompensationApproved(Refused):
    """No approved compensation waits to be paid; it has to be approved first."""


class NotTheApprovedCompensation(Refused):
    """This differs from the compensation that stands; read the complaint again."""


class UnknownBasis(Invalid):
    """This procedure compensates on listed grounds only, and this is none of them."""


class AmountMissing(Invalid):
    """Say how much: here nothing is computed from a verified charge."""


class WrongCurrency(Invalid):
    """This procedure compensates in one currency only."""
