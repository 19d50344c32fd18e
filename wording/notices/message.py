"""A message as people read it, and the parts that all of them are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from domain.clocks.clock import Clock, Judged, rule_judged
from domain.titles import Language, Title
from wording.sentences import COLON, sentence

PROCEDURE: Final = Title("处理流程", "Procedure")
CLOCK: Final = Title("时限", "Time limit")
DUE: Final = Title("到期时间", "Due")
DIGEST: Final = Title("{count} 条消息", "{count} messages")


class Judging(Protocol):
    """A complaint or incident, as far as its clocks go."""

    @property
    def clocks(self) -> tuple[Clock, ...]: ...

    @property
    def judged(self) -> Judged: ...


class Deadline(Protocol):
    """A warning or a miss; of a complaint's with `unit` and `round`."""

    clock: str
    started_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Words:
    """A message: one line as its title, and the lines below it."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def words_of_digest(messages: list[Words], language: Language) -> Words:
    """Several messages to one recipient as one; a single one stays as it is."""
    if len(messages) == 1:
        return messages[0]
    lines: list[str] = []
    for message in messages:
        lines += [message.title, *(f"  {line}" for line in message.lines), ""]
    return Words(sentence(DIGEST, language, count=len(messages)), tuple(lines[:-1]))


def lines_of(facts: Iterable[tuple[Title, str]], language: Language) -> tuple[str, ...]:
    """A line for each fact, its name before it."""
    return tuple(labelled(name, value, language) for name, value in facts)


def labelled(name: Title, value: str, language: Language) -> str:
    return f"{name.in_(language)}{COLON.in_(language)}{value}"


def judged_title(case: Judging, event: Deadline) -> Title:
    """What the clock is called that an event warns of or calls missed."""
    unit, round = getattr(event, "unit", None), getattr(event, "round", 1)
    rule = rule_judged(case.clocks, case.judged, (event.clock, unit, round, event.started_at, event.due_at))
    return Title(event.clock, event.clock) if rule is None else rule.title


def local(at: datetime, zone: str) -> str:
    """An instant as the clocks of the zone show it, with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
