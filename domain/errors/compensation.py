"""Money that goes to the customer."""

from domain.errors.families import Invalid, Refused


class ChargeNotVerified(Refused):
    """先查证后退费."""


class OverCompensation(Refused):
    """不允许向客户过度赔付."""


class CreditComesFirst(Refused):
    """账户充值为主，现金返还为辅."""


class CompensationOpen(Refused): ...


class NoCompensationProposed(Refused): ...


class NoCompensationApproved(Refused): ...


class NotTheApprovedCompensation(Refused): ...


class UnknownBasis(Invalid): ...


class AmountMissing(Invalid): ...


class AmountNotNamed(Invalid):
    """Whoever approves says how much they approve."""


class NoSuchWrongCharge(Invalid): ...


class WrongCurrency(Invalid): ...
