"""Limits in words: `1 WD` is 1 个工作日, or 1 working day."""

from typing import Final

from domain.limits.limits import (
    HOUR,
    MINUTE,
    Absolute,
    CalendarDays,
    Elapsed,
    Limit,
    SameDay,
    WorkingDays,
    WorkingTime,
)
from domain.titles import Language, Title

SAME_DAY: Final = Title("当天", "same day")
BY: Final = Title("{when} 前", "by {when}")
WORKING_DAY: Final = Title("{count} 个工作日", "{count} working day")
WORKING_DAYS: Final = Title("{count} 个工作日", "{count} working days")
DAY: Final = Title("{count} 天", "{count} day")
DAYS: Final = Title("{count} 天", "{count} days")
HOURS: Final = Title("{count} 小时", "{count} h")
MINUTES: Final = Title("{count} 分钟", "{count} min")
WORKING_HOURS: Final = Title("{count} 个工作小时", "{count} working h")
WORKING_MINUTES: Final = Title("{count} 工作分钟", "{count} working min")


def spoken_limit(limit: Limit, language: Language) -> str:
    match limit:
        case SameDay():
            return SAME_DAY.in_(language)
        case Absolute(day, clock):
            return BY.in_(language).format(when=day if clock is None else f"{day} {clock:%H:%M}")
        case WorkingDays(count):
            return (WORKING_DAY if count == 1 else WORKING_DAYS).in_(language).format(count=count)
        case CalendarDays(count):
            return (DAY if count == 1 else DAYS).in_(language).format(count=count)
        case Elapsed(duration, unit) | WorkingTime(duration, unit):
            in_hours = unit == "h" or (unit is None and not duration % HOUR)
            in_words = (WORKING_HOURS if in_hours else WORKING_MINUTES) if isinstance(limit, WorkingTime) else (
                HOURS if in_hours else MINUTES
            )  # fmt: skip
            return in_words.in_(language).format(count=duration // (HOUR if in_hours else MINUTE))
