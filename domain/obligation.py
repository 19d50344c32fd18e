"""义务、待办: one thing that somebody owes of a complaint or an incident, and who that is."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid5

from domain.clocks.clock import Clock, ClockState
from domain.procedure.procedure import ClockRule

ObligationState = Literal["open", "met", "missed", "waived"]
OwerKind = Literal["unit", "role", "person"]
OF: Final = "/"  # what no code of a role or unit has in it
IDS: Final = UUID("0d6dd2f4-6d0c-5c0e-9d6b-3f1c1b2d9a70")  # the name space of the ids of obligations

STATE_OF_CLOCK: Final[Mapping[ClockState, ObligationState]] = {
    "running": "open", "paused": "open", "met": "met", "missed": "missed", "cancelled": "waived",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwedBy:
    """Who has to do it: a unit, a role, or a person, by their code; `of`: of a role those of this unit alone.

    A person owes it while they are there and hold one of the roles `may`; else whoever is of the role `otherwise`, and
    takes the step `instead` where another one is needed then.
    Who is there is not in the history, so that is asked where it is shown and told. What is done stays theirs.
    """

    kind: OwerKind
    code: str
    of: str | None = None
    otherwise: str | None = None
    may: tuple[str, ...] = ()
    instead: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.of is None else f"{self.kind}:{self.code}{OF}{self.of}"

    def at_present(self, roles: Collection[str]) -> "OwedBy":
        """Who owes it now that the person holds these roles: none, where they have left."""
        if self.kind != "person" or self.otherwise is None or not set(self.may).isdisjoint(roles):
            return self
        return OwedBy("role", self.otherwise, instead=self.instead)


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing that somebody owes.

    `step` is what they do about it. `arose_at` and `arose_by` are the moment from which it is owed and the version of
    the complaint that brought it. `due_at` and `warn_at` are None where it has no limit. A `soft` one is never missed.
    `met_at` is when it was done, late or not. Times are UTC.
    """

    name: str
    owed_by: OwedBy
    step: str
    round: int
    arose_at: datetime
    arose_by: int | None
    state: ObligationState
    unit: str | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    soft: bool = False
    met_at: datetime | None = None
    rule: ClockRule | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to do it, in time or late."""
        return is_waiting(self.state, self.met_at)


def is_waiting(state: ObligationState, met_at: datetime | None) -> bool:
    """Whether somebody still has to do what is in this state, in time or late."""
    return state == "open" or (state == "missed" and met_at is None)


def with_limit(clock: Clock, owed_by: OwedBy, step: str, met_at: datetime | None) -> Obligation:
    """What a clock asks for; it is waived where the clock is not for the severity that the matter has now."""
    state = STATE_OF_CLOCK[clock.state] if clock.of_present_severity else "waived"
    return Obligation(
        clock.name, owed_by, step, clock.round, clock.started_at, clock.started_by, state,
        clock.unit, clock.warn_at, clock.due_at, clock.soft, met_at if state in {"met", "missed"} else None, clock.rule,
    )  # fmt: skip


def ids_of(case: UUID, found: Sequence[Obligation]) -> list[UUID]:
    """An id for each thing that is owed of a case, no two the same: a unit that has it again owes its own again."""
    before, ids = Counter[str](), list[UUID]()
    for one in found:
        said = " ".join(map(str, (case, *_told_apart(one))))
        ids.append(uuid5(IDS, f"{said} {before[said]}" if before[said] else said))
        before[said] += 1
    return ids


def _told_apart(one: Obligation) -> list[object]:
    told: list[object] = [one.name, one.owed_by.kind, one.owed_by.code, one.round, one.arose_at.isoformat()]
    if one.owed_by.kind != "unit" and one.unit is not None:
        told.append(one.unit)
    for sorts in () if one.rule is None else (one.rule.severities, one.rule.kinds):
        told += sorted(sorts or ())  # a limit of one name for each severity is several
    return told
