"""The states a complaint passes in a procedure, the steps taken in each, and the ways that leave the straight path."""

from dataclasses import dataclass
from typing import Final

from domain.procedure.procedure import Procedure

# (state, steps taken in it, the step that leads on; None at the end)
Stage = tuple[str, tuple[str, ...], str | None]
INCIDENT_STAGES: Final[tuple[Stage, ...]] = (
    ("ongoing", ("inform", "decide"), "restore"),
    ("restored", (), "close"),
    ("closed", (), None),
)
# (step, source, target, for which severities: all when empty, why)
Way = tuple[str, str, str, tuple[str, ...], str]

# The state that a complaint has at the earliest once this is done: closing waits for the furthest of them.
STATE_OF_REQUIREMENT: Final = {
    "final-opinion": "executing",
    "executed": "executed",
    "every-unit-executed": "executed",
    "effect-confirmed": "executed",
    "callback": "executed",
    "customer-informed": "informed",
}
OPINION: Final = ("confirm-opinion", "dispute-opinion", "issue-ruling", "revise-opinion")
AFTER_DISPATCH: Final = ("accept", "return", *OPINION, "agree-solution", "approve", "execute", "confirm-effect")
IMPROVEMENT: Final = ("request-capa", "submit-capa", "issue-capa", "confirm-effect", "record-callback")


@dataclass(frozen=True)
class Path:
    """`front_line` are the severities that no unit is asked about, `settled_in` the state they are settled in.

    `unreachable` are steps that some role may take but that every complaint here would be refused.
    """

    stages: tuple[Stage, ...]
    ways_off: tuple[Way, ...]
    unreachable: frozenset[str]
    front_line: frozenset[str]
    settled_in: str


def path_of(procedure: Procedure) -> Path:
    if procedure.incidents is not None:
        return Path(INCIDENT_STAGES, (), frozenset(), frozenset(), "closed")
    front_line = frozenset(code for code, severity in procedure.severities.items() if severity.front_line)
    stages = _stages(procedure, front_line)
    states = tuple(state for state, *_ in stages)
    ways = tuple(_ways_off(procedure, states))
    used = {step for _, within, onward in stages for step in (*within, onward)} | {step for step, *_ in ways}
    never = {step for step in (*AFTER_DISPATCH, "settle", "dispatch") if step not in used}
    settled_in = "classified" if "classified" in states else "received"
    return Path(stages, ways, frozenset(never), front_line, settled_in)


def _stages(procedure: Procedure, front_line: frozenset[str]) -> tuple[Stage, ...]:
    steps, opinions = procedure.steps, procedure.has_opinions
    a_case = not procedure.severities or len(front_line) < len(procedure.severities)
    dispatched = {"classify", "dispatch"} <= steps.keys() and a_case
    # An opinion becomes final by every unit's confirmation or by a ruling; without opinions accepting is all there is.
    final_by = "confirm-opinion" if opinions and "confirm-opinion" in steps else None
    by_ruling = opinions and {"dispute-opinion", "issue-ruling"} <= steps.keys()
    executing = dispatched and (final_by is not None or by_ruling if opinions else "accept" in steps)
    executed = "execute" in steps and (executing if opinions else dispatched)

    found: list[tuple[str, list[str], str | None]] = [("received", [], "classify" if "classify" in steps else None)]
    if "classify" in steps:
        within = ["hold-meeting", "send-investigators", *(["draft-opinion"] if dispatched else [])]
        found.append(("classified", within, "dispatch" if dispatched else None))
    if dispatched:
        onward = final_by if opinions else ("accept" if executing else None)
        found.append(("dispatched", ["accept"] if opinions else [], onward))
    if executing:
        found.append(("executing", [], None))
    if executed:
        found[-1] = (found[-1][0], [*found[-1][1], "agree-solution", "approve"], "execute")
        found.append(("executed", [], "inform-customer" if "inform-customer" in steps else None))
    if executed and "inform-customer" in steps:
        found.append(("informed", [], None))
    improving = [step for step in IMPROVEMENT if executed or step not in {"confirm-effect", "record-callback"}]
    found[-1][1].extend(improving)
    if "close" in steps:
        last, within, _ = found[-1]
        found[-1] = (last, within, "close")
        found.append(("closed", [] if executed else ["record-callback"], None))
    return tuple((state, tuple(step for step in within if step in steps), onward) for state, within, onward in found)


def _ways_off(procedure: Procedure, states: tuple[str, ...]) -> list[Way]:
    steps = procedure.steps
    found: list[Way] = []
    if "reject" in steps:
        found += [("reject", state, "rejected", (), "") for state in ("received", "classified") if state in states]
    if "settle" in steps and procedure.settle_unclassified:
        found.append(("settle", "received", "closed", (), "unclassified"))
    shorter = _shorter_ways(procedure, states)
    explained = tuple(
        code for code, severity in procedure.severities.items()
        if severity.front_line or severity.explain_first or severity.on_the_spot
    )  # fmt: skip
    if "settle" in steps and explained and "classified" in states:
        found.append(("settle", "classified", "closed", explained, ""))
    if "close" in steps:
        found += [("close", state, "closed", severities, "") for state, severities in shorter.items()]
    if "dispatched" in states:
        found += _disputes(procedure, states)
    if "withdraw" in steps:
        found.append(("withdraw", "open", "withdrawn", (), ""))
    return found + _new_rounds(procedure, states, found)


def _shorter_ways(procedure: Procedure, states: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The states before the last from which some severities may be closed already."""
    open_states = [state for state in states if state not in {"received", "closed"}]
    found: dict[str, tuple[str, ...]] = {}
    for code, severity in procedure.severities.items():
        needs = (*procedure.close_needs, *severity.close_needs)
        wanted = [STATE_OF_REQUIREMENT[need] for need in needs if need in STATE_OF_REQUIREMENT]
        if {"executed", "every-unit-executed"}.isdisjoint(needs):  # then word to the customer at any time is the result
            wanted = [state for state in wanted if state != "informed"]
        reached = [open_states.index(state) for state in wanted if state in open_states]
        earliest = max(reached, default=0)
        if earliest < len(open_states) - 1:
            found[open_states[earliest]] = (*found.get(open_states[earliest], ()), code)
    return found


def _disputes(procedure: Procedure, states: tuple[str, ...]) -> list[Way]:
    steps = procedure.steps
    found: list[Way] = []
    if "return" in steps:
        found.append(("return", "dispatched", "classified", (), ""))
    if not procedure.has_opinions:
        if "execute" in steps and "executing" in states:
            found.append(("execute", "dispatched", "executed", (), ""))
        return found
    if "dispute-opinion" in steps:
        found.append(("dispute-opinion", "dispatched", "disputed", (), ""))
        if "issue-ruling" in steps:
            found.append(("issue-ruling", "disputed", "executing", (), "upheld"))
            if "revise-opinion" in steps:
                found.append(("revise-opinion", "disputed", "dispatched", (), "overturned"))
    return found


def _new_rounds(procedure: Procedure, states: tuple[str, ...], ways: list[Way]) -> list[Way]:
    steps = procedure.steps
    begin = "classified" if "classified" in states else "received"
    reached = {*states, *(target for _, _, target, _, _ in ways)}
    found: list[Way] = []
    if "reopen" in steps:
        ended = [state for state in ("closed", "rejected", "withdrawn") if state in procedure.reopens & reached]
        found += [("reopen", state, begin, (), "new round") for state in ended]
    if "record-callback" in steps and ("executed" in states or "closed" in states):
        last_open = [state for state in states if state != "closed"][-1]
        source = last_open if "executed" in states else "closed"
        found.append(("record-callback", source, begin, (), "dissatisfied"))
    return found
