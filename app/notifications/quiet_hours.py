"""When somebody is told: not in their quiet hours, and together with the rest where they want a digest."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from annotated_types import Predicate
from pydantic import Field

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
ZONES: Final = frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in ZONES


WallTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
Zone = Annotated[str, Predicate(is_zone), Field(examples=["Asia/Shanghai"])]


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day to another, over midnight too (`{"from": "22:00", "to": "08:00"}`)."""

    begin: Annotated[WallTime, Field(alias="from")]
    end: Annotated[WallTime, Field(alias="to")]
    zone: Zone = "Asia/Shanghai"

    def over_at(self, at: datetime) -> datetime:
        """The first moment from `at` on that is not quiet, in UTC; `at` itself where it is not."""
        begin, end, local = _time(self.begin), _time(self.end), at.astimezone(ZoneInfo(self.zone))
        now = local.time()
        if begin <= end:
            quiet, tomorrow = begin <= now < end, False
        else:
            quiet, tomorrow = now >= begin or now < end, now >= begin
        return _on(local + (DAY if tomorrow else timedelta(0)), end) if quiet else at.astimezone(UTC)


@dataclass(frozen=True)
class Digest:
    """One message an hour, or one a day at a time: `{"every": "day", "at": "08:30"}`."""

    every: Literal["hour", "day"]
    at: WallTime = "08:00"
    zone: Zone = "Asia/Shanghai"

    def next_after(self, at: datetime) -> datetime:
        """When the digest is sent that takes in what happens at `at`, in UTC."""
        if self.every == "hour":
            return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
        local = at.astimezone(ZoneInfo(self.zone))
        today = _on(local, _time(self.at))
        return today if today > at else _on(local + DAY, _time(self.at))


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _on(local: datetime, at: time) -> datetime:
    """A wall-clock time on the day of a local moment; one that the zone shows twice means its first showing."""
    return datetime.combine(local.date(), at, local.tzinfo).astimezone(UTC)
