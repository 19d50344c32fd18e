"""呼入量异常增长: when the calls of an hour are so many more than usual that the centre has an incident.

Usual for an hour is the mean of the same hour of the days before. Whoever counts the calls, and what follows from a
surge, is elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

COMPLAINTS: Final = "complaints"  # the source that is the complaints received; no telephone system is called so
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class SurgeRule:
    """More than `multiple` times what is usual for the hour, and `at_least` so many calls.

    Usual is the mean over the `days` days before; where fewer than half of them were counted, nothing is usual yet and
    nothing is a surge.
    """

    multiple: float
    at_least: int
    days: int

    @property
    def fewest_days(self) -> int:
        return (self.days + 1) // 2


@dataclass(frozen=True)
class CallSurge:
    """One hour of one source (an ACD, or the complaints received): `usual` is the mean of `days` counted days."""

    source: str
    hour: datetime
    calls: int
    usual: float
    days: int
    multiple: float


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour of UTC that an instant lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def same_hours_before(hour: datetime, days: int) -> list[datetime]:
    """The same hour of each of the days before, the nearest first: 24 hours apart, whatever local clocks do."""
    return [hour - day * DAY for day in range(1, days + 1)]


def surge_in(source: str, hour: datetime, counted: Mapping[datetime, int], rule: SurgeRule) -> CallSurge | None:
    """The surge of this hour, if it is one. `counted` holds calls by hour; an hour that is absent was not counted."""
    calls = counted.get(hour, 0)
    before = [counted[same] for same in same_hours_before(hour, rule.days) if same in counted]
    if calls < rule.at_least or len(before) < rule.fewest_days:
        return None
    usual = sum(before) / len(before)
    if calls <= rule.multiple * usual:
        return None
    return CallSurge(source, hour, calls, round(usual, 2), len(before), rule.multiple)
