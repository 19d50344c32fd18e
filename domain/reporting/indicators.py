"""The indicators: of which shape each figure is, and how what was counted becomes it.

What counts is gathered complaint by complaint in projections/indicator_facts.py; here counted things become figures.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.indicators import Shape


@dataclass(frozen=True)
class Sums:
    """What was counted for one indicator: how many, how many of them fit, and how many were left out of the scoring.

    `amount` sums seconds or money of those that fit; `median` and `p90` are of seconds.
    """

    counted: int
    fitting: int
    excluded: int
    amount: Decimal | None = None
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Figure:
    """An indicator's value: a share from 0 to 1, a number, seconds, or None where nothing was counted.

    `amount` is money, in the currency counted.
    """

    value: float | None
    numerator: float
    denominator: int | None
    excluded: int
    median: float | None = None
    p90: float | None = None
    amount: Decimal | None = None


def figure(shape: Shape, sums: Sums) -> Figure:
    """The figure of an indicator of this shape, for what was counted."""
    match shape:
        case "rate":
            share = round(sums.fitting / sums.counted, 6) if sums.counted else None
            return Figure(share, sums.fitting, sums.counted, sums.excluded)
        case "count":
            return Figure(sums.fitting, sums.fitting, None, sums.excluded)
        case "duration":
            seconds = float(sums.amount or 0)
            mean = round(seconds / sums.counted, 3) if sums.counted else None
            return Figure(mean, seconds, sums.counted, sums.excluded, sums.median, sums.p90)
        case "money":
            return Figure(sums.fitting, sums.fitting, None, sums.excluded, amount=sums.amount)


def rise_of(now: float | None, before: float | None) -> float | None:
    """By how many per cent a figure rose (negative: fell) against the period before; None where nothing was before."""
    if now is None or not before:
        return None
    return round((now - before) / before * 100, 1)


def has_risen(now: float, before: float) -> bool:
    """环比上升: more than in the period before, also where there was nothing before."""
    return now > before
