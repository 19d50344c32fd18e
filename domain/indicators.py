"""What is measured (指标), by name: what a complaint may be left out of. Figures are made in domain/reporting."""

from collections.abc import Mapping
from typing import Final, Literal

Shape = Literal["rate", "count", "duration", "money"]

# A rate is numerator over denominator; a count has only a numerator; a duration is the mean of its numerator's seconds;
# money is a sum per currency. What each one says, and by which sentence of the rules, stands in wording/indicators.py.
INDICATORS: Final[Mapping[str, Shape]] = {
    "volume": "count",
    "response-rate": "rate",
    "resolution-rate": "rate",
    "satisfaction-rate": "rate",
    "first-contact-resolution": "rate",
    "justified": "rate",
    "time-to-close": "duration",
    "breaches": "count",
    "returns": "count",
    "reopenings": "count",
    "callbacks-due": "count",
    "compensation-paid": "money",
}
