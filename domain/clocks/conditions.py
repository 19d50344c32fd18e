"""What has to be true before a duty is done: one predicate for the clock that it stops and for the close that asks it.

A condition is judged from what happened in a round, for one unit or for all that were asked. `with_conditions` puts a
moment of its own where a condition becomes true, and one where it ceases to be, so clocks start and stop by conditions
as they do by events. A complaint keeps its own `Standing`, so what asks whether a condition holds now asks the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, cast, get_args

from domain.clocks.moments import Moment
from domain.procedure.moments import Condition, MomentName
from domain.procedure.procedure import Procedure

CONDITIONS: Final[frozenset[str]] = frozenset(get_args(Condition))
CEASED: Final = "not "
Holding = frozenset[tuple[str, str | None]]  # condition, and the unit for which it holds (None: for the whole case)


def ceased(condition: str) -> MomentName:
    """The moment at which a condition holds no longer."""
    return cast(MomentName, CEASED + condition)


@dataclass
class Standing:
    """How far a complaint has come in its present round, as far as conditions ask.

    What is said of the result counts after it: word to the customer, callback and effect from before the last unit has
    executed are void. A customer whom nobody knows is owed no word. A unit that is asked when all others have agreed
    answers first (`answering`): the opinion is final for the others, and not yet for it.
    """

    anonymous: bool = False
    ended: bool = False
    executed: dict[str, bool] = field(default_factory=dict)  # by the units that have it
    whole_executed: bool = False  # by somebody for all of them, as could be done once
    final: bool = False
    answering: set[str] = field(default_factory=set)
    plan_agreed: dict[str | None, bool] = field(default_factory=dict)  # the last word on each; None: on that of all
    told: bool = False
    reached: bool = False
    answered: bool = False
    called_at: list[datetime] = field(default_factory=list)
    effective: bool = False
    effective_for: set[str] = field(default_factory=set)
    unmatched: set[str] = field(default_factory=set)  # of the accused those of whom nobody knows who is meant

    def take(self, moment: Moment) -> None:
        """Go on by what happened."""
        change = CHANGES.get(moment.name)
        if change is not None:
            change(self, moment)

    def _receive(self, moment: Moment) -> None:
        self.anonymous = moment.subject == "anonymous"

    def _open_round(self, moment: Moment) -> None:
        self.__dict__.update(vars(Standing(self.anonymous, unmatched=self.unmatched)))

    def _ask(self, moment: Moment) -> None:
        self._join(moment)
        if moment.unit is not None and self.final:
            self.answering.add(moment.unit)

    def _join(self, moment: Moment) -> None:
        if moment.unit is not None:
            self.executed[moment.unit] = False
            self.plan_agreed.pop(moment.unit, None)
            self._void()

    def _answer(self, moment: Moment) -> None:
        if moment.unit is not None:
            self.answering.discard(moment.unit)

    def _let_go(self, moment: Moment) -> None:
        if moment.unit is None:
            return
        self.executed.pop(moment.unit, None)
        self.effective_for.discard(moment.unit)
        self.plan_agreed.pop(moment.unit, None)
        self.answering.discard(moment.unit)
        if not self.executed.keys() - self.answering:  # nobody is left who agreed to it
            self.final = False
            self.answering.clear()

    def _make_final(self, moment: Moment) -> None:
        self.final = True
        self.answering.clear()

    def _dispute(self, moment: Moment) -> None:
        self.final = False

    def _revise(self, moment: Moment) -> None:
        """What carried out the former opinion does not carry out this one."""
        self.final = self.whole_executed = False
        self.answering.clear()
        self.executed = dict.fromkeys(self.executed, False)
        self._void()

    def _agree(self, moment: Moment) -> None:
        """A word on a plan for all takes the place of those on the units' own."""
        before = self.plan_agreed if moment.unit is not None else {}
        self.plan_agreed = {**before, moment.unit: moment.name == "SolutionAgreed"}
        self.told = self.told and bool(self.executed)

    def _execute(self, moment: Moment) -> None:
        if moment.unit is None:
            self.whole_executed = True
        elif moment.unit in self.executed:
            self.executed[moment.unit] = True
            self.effective_for.discard(moment.unit)
        self._void()

    def _void(self) -> None:
        """What was said of the result before it was there."""
        self.told = self.reached = self.answered = self.effective = False
        self.called_at = []

    def _inform(self, moment: Moment) -> None:
        self.told = self.told or (self.has_result and moment.subject != "support")

    def _call(self, moment: Moment) -> None:
        if not self.hears_of_result:
            return
        self.reached = self.reached or moment.subject in ("reached", "answered")
        self.answered = self.answered or moment.subject == "answered"
        self.called_at.append(moment.at)

    def _confirm(self, moment: Moment) -> None:
        works = moment.subject == "effective"
        if moment.unit is not None:
            (self.effective_for.add if works else self.effective_for.discard)(moment.unit)
        elif self.is_executed:
            self.effective = works

    def _do_anew(self, moment: Moment) -> None:
        self.effective, self.effective_for = False, set()  # it is confirmed of what was done in the end

    def _pay(self, moment: Moment) -> None:
        self.told = False

    def _leave_unmatched(self, moment: Moment) -> None:
        self.unmatched |= {moment.subject or ""}

    def _match(self, moment: Moment) -> None:
        self.unmatched -= {moment.subject or ""}

    def _end(self, moment: Moment) -> None:
        self.ended = True

    @property
    def is_executed(self) -> bool:
        """Whether every unit that has it has done its part."""
        return self.whole_executed or (bool(self.executed) and all(self.executed.values()))

    @property
    def has_result(self) -> bool:
        """Whether there is something to tell: what was executed or, where no unit has it, what was agreed."""
        return self.is_executed or (not self.executed and (self._is_agreed(None) or self.ended))

    @property
    def hears_of_result(self) -> bool:
        """Whether the customer has all that they are asked about in a callback: before the last result none counts."""
        return self.has_result or self.ended

    @property
    def objects(self) -> bool:
        """Whether the customer's last word on any plan was a refusal."""
        return False in self.plan_agreed.values()

    def _is_agreed(self, unit: str | None) -> bool:
        """To its own plan, else to that of all; in the whole case to that of every unit."""
        to_all = self.plan_agreed.get(None, False)
        if unit is not None or not self.executed:
            return self.plan_agreed.get(unit, to_all)
        return all(self.plan_agreed.get(one, to_all) for one in self.executed)

    def holds(self, condition: str, procedure: Procedure, unit: str | None = None) -> bool:
        """Whether a condition holds for a unit, or for the whole case."""
        match condition:
            case "executed":
                return self.is_executed if unit is None else self.whole_executed or self.executed.get(unit, False)
            case "final-opinion":
                return self.final and (unit not in self.answering if unit is not None else not self.answering)
            case "solution-agreed":
                return self._is_agreed(unit)
            case "customer-informed":
                return self.anonymous or self.told
            case "callback" | "callback-answered":
                spoken = self.answered if condition == "callback-answered" else self.reached
                return self.anonymous or spoken or self._is_tried_enough(procedure)
            case "effect-confirmed":
                return self._is_effective(unit)
            case "accused-matched":
                return unit is None and not self.unmatched
        raise ValueError(condition)

    def _is_effective(self, unit: str | None) -> bool:
        if unit is not None:
            return self.effective or unit in self.effective_for
        by_each = bool(self.executed) and self.effective_for >= self.executed.keys()
        return self.effective or (by_each and self.is_executed)

    def _is_tried_enough(self, procedure: Procedure) -> bool:
        """Calls in quick succession are one try."""
        tries, last = 0, None
        for at in self.called_at:
            if last is None or at - last >= procedure.callback_apart:
                tries, last = tries + 1, at
        return tries >= procedure.callback_attempts

    def holding(self, procedure: Procedure) -> Holding:
        """What holds of the conditions that the procedure's clocks go by, for the whole case and for each unit.

        A clock that word to a customer ends among others is ended by no word that nobody gave.
        """
        units = (None, *self.executed)
        return frozenset(
            (one, unit) for one in procedure.conditions for unit in units
            if (self.told if one == "customer-informed" else self.holds(one, procedure, unit))
        )  # fmt: skip


# Only these change what a condition says.
CHANGES: Final[dict[MomentName, Callable[[Standing, Moment], None]]] = {
    "Received": Standing._receive, "RoundOpened": Standing._open_round, "UnitAsked": Standing._ask,
    "UnitJoined": Standing._join, "UnitAnswered": Standing._answer, "Returned": Standing._let_go,
    "UnitTakenOff": Standing._let_go, "Executed": Standing._execute, "OpinionFinal": Standing._make_final,
    "OpinionDisputed": Standing._dispute, "OpinionRevised": Standing._revise, "SolutionAgreed": Standing._agree,
    "SolutionRefused": Standing._agree, "CustomerInformed": Standing._inform, "CallbackDone": Standing._call,
    "EffectConfirmed": Standing._confirm, "CAPARequested": Standing._do_anew, "CAPAIssued": Standing._do_anew,
    "CompensationPaid": Standing._pay, "AccusedUnmatched": Standing._leave_unmatched,
    "AccusedMatched": Standing._match, "Settled": Standing._end, "Closed": Standing._end,
}  # fmt: skip


def with_conditions(moments: Sequence[Moment], procedure: Procedure) -> Sequence[Moment]:
    """The moments, and before each of them those at which a condition began or ceased to hold by it."""
    if not procedure.conditions:
        return moments
    now, before, found = Standing(), Holding(), list[Moment]()
    for moment in moments:
        if moment.name in CHANGES:
            now.take(moment)
            if moment.name == "Received" and not now.anonymous:
                found.append(moment)
                continue  # nothing holds yet: the way of most young complaints, made short
            after = now.holding(procedure)
            if after != before:
                found.extend(_changes(moment, before, after))
                before = after
        found.append(moment)
    return found


def _changes(by: Moment, before: Holding, after: Holding) -> Iterator[Moment]:
    """First what holds no longer, so that what begins by it begins anew."""
    for condition, unit in sorted(before - after, key=str):
        yield _moment(by, ceased(condition), unit)
    for condition, unit in sorted(after - before, key=str):
        yield _moment(by, cast(MomentName, condition), unit)


def _moment(by: Moment, name: MomentName, unit: str | None) -> Moment:
    return replace(by, name=name, unit=unit, subject=None, until=None, started_at=None, calendar_version=None)
