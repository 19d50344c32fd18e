"""Where nobody gets on: no end can be reached, or a case stays with a unit that is not competent for it."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.complaint.compensation import unsettled
from domain.complaint.requirements import FORM, missing_for
from domain.titles import Title
from procedures.walk.findings import Finding
from procedures.walk.walk import State, Walk, ends_from
from procedures.walk.ways import Steps, Ways
from wording.procedures import need_title

MOST_EXAMPLES: Final = 5
MOST_SEARCHED: Final = 250  # states, for an end behind turns that the walk did not take
# What a unit does that says it is not competent.
WORDS_OF_THE_WRONG: Final = frozenset({"return", "dispute-opinion"})


def dead_ends(walk: Walk, ways: Ways) -> Iterator[Finding]:
    """States from which nothing but the customer's own withdrawal ends the case; one example for each cause."""
    alive = ways.leading_to(_is_an_end, lambda _, steps: not _withdraws(steps))
    for_certain = ways.leading_to(_is_an_end, lambda _, steps: not _withdraws(steps), cut_short_counts=False)
    waiting = [
        state for state in walk.states
        if state.is_open and state.is_walked_on and len(state.turns) <= walk.turns and state not in for_certain
    ]  # fmt: skip
    seen: set[object] = set()
    found = 0
    for state in ways.nearest(waiting):
        missing = missing_for("close", state.complaint, walk.procedure) if state.complaint.category else {}
        cause = (state.complaint.severity, state.complaint.status, frozenset(missing))
        if cause in seen or found >= MOST_EXAMPLES:
            continue
        seen.add(cause)
        if state not in alive or not ends_from(walk, state, for_certain, MOST_SEARCHED):
            found += 1
            facts = {"missing": _titles(walk, missing)} if missing else {}
            yield Finding("dead-end", "steps", facts, ways.told(state))


def _titles(walk: Walk, codes: Iterable[str]) -> tuple[Title, ...]:
    fields = {f"{FORM}{field.name}": field.title for field in walk.procedure.form}
    return tuple(fields.get(code) or need_title(walk.procedure, code) for code in codes)


def _withdraws(steps: Steps) -> bool:
    return any(played.ask is not None and played.ask.step == "withdraw" for played in steps)


def _is_an_end(state: State) -> bool:
    """Withdrawing is the customer's to decide, so nobody may count on it."""
    return state.complaint.status in {"closed", "rejected"}


def left_with_the_wrong_unit(walk: Walk, ways: Ways) -> Iterator[Finding]:
    """A case that was sent to a unit which is not competent, and which nobody can take from it or end."""
    wrong = walk.people.right

    def others_do(_: State, steps: Steps) -> bool:
        return not _withdraws(steps) and all(
            played.ask is None or played.actor is None or played.ask.step in WORDS_OF_THE_WRONG
            or wrong not in (played.actor.unit, vars(played.ask.command).get("unit"))
            for played in steps
        )  # fmt: skip

    alive = ways.leading_to(_is_an_end, others_do)
    sent = (
        reached for state in walk.states for steps, reached in state.leads_to
        if steps[-1].ask is not None and steps[-1].ask.step == "dispatch"
        and [unit.unit for unit in reached.complaint.this_round.units] == [wrong]
        and not reached.complaint.this_round.returned_by
    )  # fmt: skip
    stuck = [state for state in dict.fromkeys(sent) if state not in alive]
    for state in ways.nearest(stuck)[:1]:
        yield Finding("wrong-unit", "steps", {}, ways.told(state))


def ends_over_money(walk: Walk, ways: Ways) -> Iterator[Finding]:
    """A case that ended while money is still owed, which nobody can pay or decide upon any more."""

    def is_owed(state: State) -> bool:
        return state.complaint.has_ended and bool(unsettled(state.complaint))

    def stays_ended(state: State, _: Steps) -> bool:
        return state.complaint.has_ended

    settled = ways.leading_to(lambda it: it.complaint.has_ended and not is_owed(it), stays_ended)
    owing = [state for state in walk.states if is_owed(state) and state not in settled]
    for state in ways.nearest(owing)[:1]:
        facts = {"missing": _titles(walk, unsettled(state.complaint))}
        yield Finding("ends-over-money", "steps", facts, ways.told(state))
