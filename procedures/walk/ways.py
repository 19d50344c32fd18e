"""The ways of a walk: the shortest to a state, and the states from which an end can be reached."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from domain.procedure.procedure import Procedure
from domain.titles import Title
from procedures.walk.played import Played
from procedures.walk.walk import State, Walk

Steps = tuple[Played, ...]


class Ways:
    """What leads where; asked of a walk that is over."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._came: dict[State, tuple[State | None, Steps]] = {}
        waiting = deque[State]()
        for played, state in walk.begins:
            if state not in self._came:
                self._came[state] = (None, (played,))
                waiting.append(state)
        while waiting:
            state = waiting.popleft()
            for steps, reached in state.leads_to:
                if reached not in self._came:
                    self._came[reached] = (state, steps)
                    waiting.append(reached)

    def shortest(self, state: State) -> Steps:
        """The fewest steps that lead to the state, the first one first."""
        came, steps = self._came[state]
        return (*(() if came is None else self.shortest(came)), *steps)

    def told(self, state: State) -> tuple[Title, ...]:
        procedure: Procedure = self._walk.procedure
        return tuple(played.told(procedure) for played in self.shortest(state))

    def nearest(self, states: Iterable[State]) -> list[State]:
        """These states, those with the shortest way first."""
        return sorted(states, key=lambda state: len(self.shortest(state)))

    def leading_to(
        self,
        ends: Callable[[State], bool],
        counts: Callable[[State, Steps], bool] = lambda *_: True,
        *,
        cut_short_counts: bool = True,
    ) -> set[State]:
        """The states from which one of the ends can be reached by steps that count.

        What was not walked on from may lead anywhere: where that counts, it is taken to lead there.
        """
        before: dict[State, list[State]] = defaultdict(list)
        for state in self._walk.states:
            for steps, reached in state.leads_to:
                if counts(state, steps):
                    before[reached].append(state)
        waiting = [state for state in self._walk.states if ends(state) or (cut_short_counts and not state.is_walked_on)]
        found = set(waiting)
        while waiting:
            for state in before[waiting.pop()]:
                if state not in found:
                    found.add(state)
                    waiting.append(state)
        return found
