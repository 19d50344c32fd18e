"""先查证后退费: which verifications are of one charge, what the newest of them says, and what is left to make good.

A charge is known by its item, the call record or line of the bill; where none was named, by what was charged. Numbers
are those of verifications, from 0; a charge has that of its first one.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.complaint.state import Compensation, VerifiedCharge
from domain.identity import levelled

CENT: Final = Decimal("0.01")


def refund_due(charge: VerifiedCharge, times: int) -> Decimal:
    """收费误差，双倍返还: so many times what was charged above what was due; nothing where nothing was."""
    return max(Decimal(0), times * (charge.charged - charge.due)).quantize(CENT, ROUND_HALF_UP)


def in_cents(amount: Decimal) -> Decimal:
    """As money is written: 1E+2 is 100.00, and nothing is never less than nothing."""
    return abs(amount).quantize(CENT)


def charge_of(charges: Sequence[VerifiedCharge], number: int) -> int:
    """The charge that a verification is of; a number that no verification has is of itself, for a fold never fails."""
    again = charges[number].again if number < len(charges) else None
    return number if again is None else again


def known_charge(charges: Sequence[VerifiedCharge], charged: Decimal, item: str | None) -> int | None:
    """The charge that is meant, if it was verified before: that of this item, else one without and as high."""
    if item is not None and (named := charge_named(charges, item)) is not None:
        return named
    as_high = [number for number, verified in enumerate(charges) if verified.charged == charged]
    meant = [number for number in as_high if item is None or _item_of(charges, number) is None]
    return charge_of(charges, meant[-1]) if meant else None


def charge_named(charges: Sequence[VerifiedCharge], item: str) -> int | None:
    """The charge of this call record or line of the bill, if it was verified before."""
    name = _levelled(item)
    named = [number for number, verified in enumerate(charges) if verified.item and _levelled(verified.item) == name]
    return charge_of(charges, named[-1]) if named else None


def newest(charges: Sequence[VerifiedCharge], charge: int) -> int:
    """The verification that counts for a charge: the last one."""
    return max(number for number in range(len(charges)) if charge_of(charges, number) == charge)


def wrong_charges(charges: Sequence[VerifiedCharge]) -> list[int]:
    """The charges that are wrong as far as is known now, first the one verified last."""
    found = sorted({newest(charges, charge_of(charges, number)) for number in range(len(charges))}, reverse=True)
    return [charge_of(charges, number) for number in found if charges[number].wrong]


def left_to_make_good(
    charges: Sequence[VerifiedCharge], compensations: Sequence[Compensation], charge: int, times: int
) -> Decimal:
    """What is due for a charge less what was approved or paid; a proposal that is still open would be replaced."""
    proposed = compensations_of(charges, compensations, charge)
    return _due_beyond([one for one in proposed if one.state in {"approved", "paid"}], charges, charge, times)


def is_made_good(charges: Sequence[VerifiedCharge], compensations: Sequence[Compensation], charge: int) -> bool:
    """Whether nothing is owed for a charge: nothing was charged too much, all of it was paid back, or refused."""
    verified = charges[newest(charges, charge)]
    proposed = compensations_of(charges, compensations, charge)
    paid = [one for one in proposed if one.state == "paid"]
    if verified.charged <= verified.due or _is_refused(charges, proposed, verified):
        return True
    times = [one.times for one in paid if one.times is not None]
    if len(times) < len(paid):
        return True  # recorded when any payment stood for the whole
    return bool(paid) and _due_beyond(paid, charges, charge, max(times)) <= 0


def _due_beyond(given: Sequence[Compensation], charges: Sequence[VerifiedCharge], charge: int, times: int) -> Decimal:
    """What is due for a charge less what these come to."""
    return refund_due(charges[newest(charges, charge)], times) - sum((one.amount for one in given), Decimal(0))


def _is_refused(charges: Sequence[VerifiedCharge], proposed: Sequence[Compensation], verified: VerifiedCharge) -> bool:
    """Whether whoever decides has refused last, knowing of the charge what is known now."""
    last = next((one for one in reversed(proposed) if one.state != "withdrawn"), None)
    if last is None or last.state != "refused":
        return False
    known = last.of_charge is not None and last.of_charge < len(charges)
    return last.times is None or not known or not says_other(verified, charges[last.of_charge or 0])


def says_other(verified: VerifiedCharge, former: VerifiedCharge) -> bool:
    """Whether a verification says something else of a charge than a former one."""
    return (verified.charged, verified.due, verified.wrong) != (former.charged, former.due, former.wrong)


def compensations_of(
    charges: Sequence[VerifiedCharge], compensations: Sequence[Compensation], charge: int
) -> list[Compensation]:
    """Those that were proposed for a charge, the first one first."""
    return [one for one in compensations if one.of_charge is not None and charge_of(charges, one.of_charge) == charge]


def _item_of(charges: Sequence[VerifiedCharge], number: int) -> str | None:
    """The item of the charge that a verification is of, where one of its verifications named it."""
    charge = charge_of(charges, number)
    items = (verified.item for other, verified in enumerate(charges) if charge_of(charges, other) == charge)
    return next((item for item in items if item is not None), None)


def _levelled(item: str) -> str:
    """A call record is the same one in full width, in other case and with blanks."""
    return levelled(item).replace(" ", "")
