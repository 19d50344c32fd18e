"""What leads where in a procedure: the main path row by row, the ways off it, and the span of every clock on it.

Derived from the same facts as the guards in domain/complaint/guards.py: a way that every complaint
would be refused is not in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.procedure.duties import STEPS_OF_MOMENT
from domain.procedure.moments import INFORMED
from domain.procedure.procedure import ClockRule, Procedure
from procedures.drawing.paths import Path, path_of

# Steps that may be taken in many states: they stand on the path only where a clock needs them there.
ROVING: Final[dict[str, str]] = {"report-progress": "ProgressReported", "escalate": "Escalated"}


@dataclass(frozen=True)
class Row:
    """One line of the main path: a state, or a step and the roles that may take it.

    `leads_on`: the step leads to the next state; the others are taken within a state.
    """

    state: str | None = None
    step: str = ""
    roles: tuple[str, ...] = ()
    leads_on: bool = False


@dataclass(frozen=True)
class Passage:
    """A way off the main path: `step` leads from `source` to `target`, for some severities only, or upheld/overturned.

    An empty `step` is what happens by itself.
    """

    step: str
    source: str
    target: str
    roles: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Span:
    """A clock between two rows of the path; `again`: what stops it starts the next, until the complaint is closed."""

    rule: ClockRule
    first: int
    last: int
    again: bool


@dataclass(frozen=True)
class Flow:
    procedure: Procedure
    rows: tuple[Row, ...]
    passages: tuple[Passage, ...]
    at_any_time: tuple[Row, ...]
    spans: tuple[Span, ...]
    unplaced: tuple[ClockRule, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state that a complaint can reach: the main path's in their order, then the side ends."""
        path = tuple(row.state for row in self.rows if row.state is not None)
        return tuple(dict.fromkeys((*path, *(passage.target for passage in self.passages))))


def flow_of(procedure: Procedure) -> Flow:
    path = path_of(procedure)
    rows = _rows(procedure, path)
    placed = {row.step for row in rows} | {step for step, *_ in path.ways_off}
    at_any_time = tuple(
        Row(step=step, roles=roles)
        for step, roles in procedure.steps.items()
        if step not in placed and step not in path.unreachable
    )
    passages = tuple(
        Passage(step, source, target, procedure.steps.get(step, ()), severities, why)
        for step, source, target, severities, why in path.ways_off
    )
    spans = [(rule, _span(rule, rows, path)) for rule in procedure.clocks]
    return Flow(
        procedure, rows, passages, at_any_time,
        tuple(span for _, span in spans if span is not None),
        tuple(rule for rule, span in spans if span is None),
    )  # fmt: skip


def _rows(procedure: Procedure, path: Path) -> tuple[Row, ...]:
    steps = procedure.steps
    first = "receive" if procedure.incidents is None else "open"
    rows = [Row(step=first, roles=steps.get(first, ()), leads_on=True)]
    for state, within, onward in path.stages:
        rows.append(Row(state=state))
        rows += [Row(step=step, roles=steps[step]) for step in within]
        if onward is not None:
            rows.append(Row(step=onward, roles=steps[onward], leads_on=True))
    for step, moment in ROVING.items():
        place = _place_of_roving(moment, procedure.clocks, rows)
        if step in steps and place is not None:
            rows.insert(place, Row(step=step, roles=steps[step]))
    return tuple(rows)


def _place_of_roving(moment: str, clocks: Iterable[ClockRule], rows: list[Row]) -> int | None:
    """Behind the state that the last of the clocks which wait for this moment starts with."""
    starts = [
        row
        for rule in clocks
        if moment in rule.stops
        for start in rule.starts - {moment}
        if (row := _row_of(start, rows)) is not None
    ]
    if not starts:
        return None
    after = max(starts) + 1
    is_state = after < len(rows) and rows[after].state is not None
    return after + 1 if is_state else after


def _row_of(moment: str, rows: Iterable[Row]) -> int | None:
    steps = ("inform",) if moment.startswith(INFORMED) else STEPS_OF_MOMENT.get(moment, ())
    return next((index for index, row in enumerate(rows) if row.step in steps), None)


def _span(rule: ClockRule, rows: tuple[Row, ...], path: Path) -> Span | None:
    """From the first moment that starts it to the first after that which stops it.

    That it also stops when the complaint is closed says nothing where something else stops it before.
    """
    first = min((row for start in rule.starts if (row := _row_of(start, rows)) is not None), default=None)
    if first is None:
        return None
    again = bool(rule.starts & rule.stops)
    if rule.severities and rule.severities <= path.front_line and "Settled" in rule.stops:
        settled = next((index for index, row in enumerate(rows) if row.state == path.settled_in), None)
        return Span(rule, first, settled, again) if settled is not None else None
    stops = {row for stop in rule.stops if (row := _row_of(stop, rows)) is not None and row > first}
    return Span(rule, first, min(stops), again) if stops else None
