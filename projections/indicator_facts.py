"""What one complaint adds to the indicators: samples, folded from its events and nothing else.

A sample says to which indicator something counts, on which day, for which unit, whether it fits the numerator too, and
which events of the log made it so. domain/reporting/indicators.py says what each indicator means.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.complaint import events
from domain.complaint.state import Exclusion
from domain.procedure.procedure import Procedure
from projections.ledger import Happened, Ledger

# What a unit answers with, and which moment that is to the clocks. Where units answer a handling opinion, that is their
# answer; elsewhere it is the first thing they say or do.
ANSWERS: Final[dict[type[events.ComplaintEvent], str]] = {
    events.Returned: "Returned", events.OpinionConfirmed: "UnitAnswered", events.OpinionDisputed: "UnitAnswered",
}  # fmt: skip
ANSWERS_WITHOUT_OPINIONS: Final[dict[type[events.ComplaintEvent], str]] = {
    events.Accepted: "Accepted", events.Returned: "Returned", events.Executed: "Executed",
    events.CustomerInformed: "CustomerInformed", events.ProgressReported: "ProgressReported",
}  # fmt: skip
INSTANT: Final = timedelta(microseconds=1)  # 24:00 is the end of a day, and no part of the next
# Whoever let a clock on one of these pass has not answered in time, whatever they do first. A clock that nothing but
# sending back stops is none of them: it bounds a right, not a duty.
DUE_FIRST: Final = frozenset({"Accepted", "UnitAnswered"})


@dataclass(slots=True)
class Sample:
    """One thing that is counted. `whole`: in figures over whole cases; with a `unit` in those of that unit too.

    `counted` and `fitting` are positions: of the events that made it count, and of those that made it fit.
    """

    indicator: str
    at: datetime
    counted: tuple[int, ...]
    fitting: tuple[int, ...] = ()
    fits: bool = False
    unit: str | None = None
    whole: bool = True
    amount: Decimal | None = None
    currency: str | None = None
    excluded_by: int | None = None


@dataclass(slots=True)
class _Ask:
    """A unit that was asked in some round, and what came of it."""

    unit: str
    happened: Happened
    answer: Happened | None = None
    late: bool = False
    taken: bool = False  # by somebody who corrected who was asked
    missed: set[str] = field(default_factory=set)  # the moments that would have stopped the clocks missed so far


@dataclass(slots=True)
class _Round:
    """One round: who was asked, what was done, how it ended."""

    opened: Happened
    asks: list[_Ask] = field(default_factory=list)
    executed: Happened | None = None
    reached: bool = False
    attempts: int = 0
    ended: Happened | None = None
    undone: Happened | None = None

    @property
    def units(self) -> list[str]:
        """Those that handled it: asked, did not send it back, and kept it."""
        kept = [ask for ask in self.asks if ask.answer is None or type(ask.answer.event) is not events.Returned]
        return list(dict.fromkeys(ask.unit for ask in kept if not ask.taken))


def samples_of(ledger: Ledger, procedure: Procedure, *, callback_since: datetime | None = None) -> list[Sample]:
    """Everything that a complaint counts for, in a fixed order. `callback_since`: from when one is owed that waits."""
    tally, taken_back = _Tally(procedure), _taken_back(ledger)
    tally.callback_since = callback_since
    for happened in ledger:
        if happened.position not in taken_back:
            tally.take(happened)
    return tally.samples()


def _taken_back(ledger: Ledger) -> set[int]:
    """The positions of the misses that were retracted: nothing is counted as if they had never been judged."""
    last: dict[tuple[object, ...], int] = {}
    found: set[int] = set()
    for it in ledger:
        event = it.event
        if isinstance(event, events.DeadlineMissed | events.DeadlineMissRetracted):
            key = (event.clock, event.unit, event.round, event.started_at, event.due_at)
            if isinstance(event, events.DeadlineMissed):
                last[key] = it.position
            elif key in last:
                found.add(last.pop(key))
    return found


class _Tally:
    """Goes through the events once and keeps what the samples are made of."""

    def __init__(self, procedure: Procedure) -> None:
        self._procedure = procedure
        self._rounds: list[_Round] = []
        self._found: list[Sample] = []
        self.callback_since: datetime | None = None
        self._received: Happened | None = None
        self._settled: Happened | None = None
        self._closed: Happened | None = None
        self._exclusions: list[tuple[int, Exclusion]] = []
        self._units: dict[str, Happened] = {}
        self._is_over = self._ruled_for_good = False
        self._answers = ANSWERS if procedure.has_opinions else ANSWERS_WITHOUT_OPINIONS
        self._asked_in_this_round: list[str] = []

    def take(self, it: Happened) -> None:
        event = it.event
        match event:
            case events.Received():
                self._received = it
                self._rounds.append(_Round(it))
            case events.Dispatched():
                self._ask(event.units, it)
            case events.Redirected():
                self._take_from(event.from_unit)
                self._ask((event.to_unit,), it)
            case events.Recalled():
                self._take_from(event.unit)
            case events.UnitAdded():
                self._ask((event.unit,), it)
            case events.RulingIssued():
                self._release()
                self._ruled_for_good = event.final
                self._ask_by_ruling(event, it)
            case events.OpinionRevised():
                self._ask(() if self._ruled_for_good else self._asked_in_this_round, it)
            case events.SettledOnTheSpot() | events.Closed() | events.Rejected() | events.Withdrawn():
                self._end(it)
            case events.TakenOver():
                if event.ended_as is not None:
                    self._end(it)
            case events.CallbackDone():
                self._call(it, event)
            case events.Reopened():
                self._reopen(it)
            case events.DeadlineMissed():
                self._miss(it, event)
            case events.DeadlineMissRetracted():
                pass  # what it takes back never came here
            case events.CompensationPaid():
                self._count("compensation-paid", it, amount=event.amount, currency=event.currency)
            case events.ExcludedFromScoring():
                self._exclusions.append((it.position, Exclusion(event.unit, event.indicators)))
            case events.IncludedInScoring():
                self._exclusions.clear()
            case _:
                self._answer(it)

    @property
    def _round(self) -> _Round:
        return self._rounds[-1]

    def _count(self, indicator: str, it: Happened, unit: str | None = None, **more: object) -> None:
        sample = Sample(indicator, it.event.timestamp, (), (it.position,), True, unit)
        for name, value in more.items():
            setattr(sample, name, value)
        self._found.append(sample)

    # Units

    def _ask(self, units: Iterable[str], it: Happened) -> None:
        for unit in units:
            self._round.asks.append(_Ask(unit, it))
            self._units.setdefault(unit, it)
            if unit not in self._asked_in_this_round:
                self._asked_in_this_round.append(unit)

    def _ask_by_ruling(self, event: events.RulingIssued, it: Happened) -> None:
        """Those it makes liable have the case; only an overturned opinion will be answered, once it is revised."""
        for unit in event.asked:
            self._units.setdefault(unit, it)
        self._asked_in_this_round = list(dict.fromkeys((*self._asked_in_this_round, *event.asked)))

    def _answer(self, it: Happened) -> None:
        event = it.event
        if isinstance(event, events.Returned):
            self._count("returns", it, event.unit)
        if isinstance(event, events.Executed):
            self._round.executed = it
        moment = self._answers.get(type(event))
        if moment is None:
            return
        unit = getattr(event, "unit", None) or (event.actor.unit if event.actor.role == "unit" else None)
        for ask in self._round.asks:
            if ask.unit == unit and ask.answer is None:
                ask.answer, ask.late = it, self._is_late(moment, ask)

    def _is_late(self, moment: str, ask: _Ask) -> bool:
        owed = DUE_FIRST & set(self._answers.values())
        return moment in ask.missed or not owed.isdisjoint(ask.missed)

    def _miss(self, it: Happened, event: events.DeadlineMissed) -> None:
        self._breach(it, event)
        if event.round != len(self._rounds):
            return
        stops = {moment for rule in self._procedure.clocks if rule.name == event.clock for moment in rule.stops}
        if "executed" in stops:
            stops.add("Executed")  # the moment by which a unit fulfils the condition
        for ask in self._round.asks:
            if ask.answer is None and event.unit in (None, ask.unit):
                ask.missed |= stops

    def _breach(self, it: Happened, event: events.DeadlineMissed) -> None:
        """Once for the case, and once for every unit that owed it, on the day that the limit was the end of."""
        at, units = event.due_at - INSTANT, event.charged_to
        self._count("breaches", it, units[0] if len(units) == 1 else None, at=at)
        for unit in units if len(units) > 1 else ():
            self._count("breaches", it, unit, whole=False, at=at)

    def _release(self, unit: str | None = None) -> None:
        """Nobody (of this unit) can answer any more: what was neither answered yet nor late was never owed."""
        owed = set(self._answers.values())
        self._round.asks = [
            ask for ask in self._round.asks
            if ask.answer is not None or ask.missed & owed or unit not in (None, ask.unit)
        ]  # fmt: skip

    def _take_from(self, unit: str) -> None:
        self._release(unit)
        for ask in self._round.asks:
            ask.taken = ask.taken or ask.unit == unit
        self._asked_in_this_round = [asked for asked in self._asked_in_this_round if asked != unit]

    # Ends and rounds

    def _end(self, it: Happened) -> None:
        event = it.event
        if isinstance(event, events.SettledOnTheSpot) and not event.accepted:
            return
        self._is_over = True
        if _is_closed_by(event):
            self._round.ended, self._closed = it, it
        else:
            self._release()
        if _is_settled_by(event) and len(self._rounds) == 1:
            self._settled = it

    def _call(self, it: Happened, event: events.CallbackDone) -> None:
        self._round.attempts += 1
        if not event.reached:
            return
        self._round.reached = True
        fits = (it.position,) if event.satisfied else ()
        units = [event.unit] if event.unit is not None else self._round.units
        for unit in (None, *units):
            whole = unit is None
            self._found.append(
                Sample("satisfaction-rate", event.timestamp, (it.position,), fits, bool(fits), unit, whole)
            )
        if event.satisfied is False:
            self._round.undone = it
            self._round.ended = self._round.ended or it

    def _reopen(self, it: Happened) -> None:
        self._count("reopenings", it)
        if self._round.ended is not None:
            self._round.undone = self._round.undone or it
        self._settled = self._closed = None
        self._is_over = self._ruled_for_good = False
        self._asked_in_this_round = []
        self._rounds.append(_Round(it))

    # What it comes to

    def samples(self) -> list[Sample]:
        received = self._received
        if received is None:
            return []
        self._of_the_case(received)
        for one in self._rounds:
            self._of_a_round(one)
        self._callback_due()
        for sample in self._found:
            sample.excluded_by = self._excluded_by(sample)
        return self._found

    def _of_the_case(self, received: Happened) -> None:
        at, first = received.event.timestamp, (received.position,)
        self._count("volume", received)
        for unit, asked in self._units.items():
            self._count("volume", asked, unit, whole=False)
        settled = () if self._settled is None else (self._settled.position,)
        self._found.append(Sample("first-contact-resolution", at, first, settled, bool(settled)))
        closed = self._closed
        if closed is None:
            return
        ended = closed.event.timestamp
        if isinstance(closed.event, events.Closed | events.TakenOver) and not _is_settled_by(closed.event):
            justified = (closed.position,) if closed.event.justified else ()
            self._found.append(Sample("justified", ended, (closed.position,), justified, bool(justified)))
        began = received.event.occurred_at if isinstance(received.event, events.Received) else at
        seconds = Decimal(str((ended - began).total_seconds()))
        self._found.append(Sample("time-to-close", ended, first, (closed.position,), True, amount=seconds))

    def _of_a_round(self, one: _Round) -> None:
        for ask in one.asks:
            fits = ask.answer is not None and not ask.late
            answered = (ask.answer.position,) if ask.answer is not None and fits else ()
            asked = ask.happened
            self._found.append(
                Sample("response-rate", asked.event.timestamp, (asked.position,), answered, fits, ask.unit)
            )
        ended = one.ended
        if ended is None:
            return
        resolved = one.undone is None
        done = tuple(it.position for it in (one.executed, ended) if it is not None) if resolved else ()
        for unit in (None, *one.units):
            at, counted, whole = ended.event.timestamp, (ended.position,), unit is None
            self._found.append(Sample("resolution-rate", at, counted, done, resolved, unit, whole))

    def _callback_due(self) -> None:
        """One that somebody owes, counted with what it follows: the last execution or, after it, the close."""
        since = self._closed or self._round.executed or self._received
        if self.callback_since is not None and since is not None:
            self._count("callbacks-due", since)

    def _excluded_by(self, sample: Sample) -> int | None:
        return next((position for position, one in self._exclusions if one.covers(sample.indicator, sample.unit)), None)


def _is_closed_by(event: events.ComplaintEvent) -> bool:
    """Whether it ended with a result, here or in the system that it was taken over from."""
    if isinstance(event, events.TakenOver):
        return event.ended_as == "closed"
    return isinstance(event, events.SettledOnTheSpot | events.Closed)


def _is_settled_by(event: events.ComplaintEvent) -> bool:
    return isinstance(event, events.SettledOnTheSpot) or (
        isinstance(event, events.TakenOver) and event.step == "settle"
    )
