"""What every decision of a complaint stands on: who asks, the pinned rules, the clocks, and the look-ups they share."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Self
from uuid import UUID

from domain import errors
from domain.clocks.clock import Clock, Judgement, clocks_of, judgements_due, next_judgement_at
from domain.clocks.moves import Move, moves_under
from domain.complaint import events
from domain.complaint.commands import MoveDeadlines
from domain.complaint.memory import ComplaintMemory
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from domain.values import Actor, By

SYSTEM: Final = By("system", "system", source="policy")
CLOCK: Final = By("system", "system", source="clock")
CALENDAR: Final = By("system", "system", source="calendar")


@dataclass(frozen=True)
class Request:
    """Who asks, when, and what exists outside the complaint that a command may name."""

    actor: Actor
    at: datetime
    known_units: Container[str] = frozenset()
    known_complaints: Mapping[UUID, str] = field(default_factory=dict)
    customer_matches: bool | None = None


class Deciding(ComplaintMemory):
    """A complaint with the rules that govern it attached."""

    def __init__(self) -> None:
        super().__init__()
        self._clocks_as_of: tuple[int, tuple[Clock, ...]] | None = None

    def governed_by(
        self, procedure: Procedure, calendar: Calendar, later: Mapping[str, Calendar] = MappingProxyType({})
    ) -> Self:
        """Attach the pinned versions that `Received` named; decisions and clocks need them, remembering does not.

        `later` holds, by version, the calendars that `DeadlineMoved` named.
        """
        self.procedure, self.calendar, self.moved_to = procedure, calendar, later
        self._clocks_as_of = None
        return self

    # Clocks

    @property
    def clocks(self) -> tuple[Clock, ...]:
        if self._clocks_as_of is None or self._clocks_as_of[0] != self.version:
            clocks = clocks_of(self.moments, self.judged, self.procedure, self.calendar, self.moved_to)
            self._clocks_as_of = (self.version, clocks)
        return self._clocks_as_of[1]

    def judge_clocks(self, at: datetime, *, until: datetime | None = None) -> None:
        """Record every warning and miss due by `at`, once each, in the order in which they fell due.

        With `until` only those due by that earlier instant, so that another complaint's may come in between.
        """
        limit = at if until is None else min(at, until)
        while due := judgements_due(self.clocks, self.judged, limit):
            for judgement in due:
                self._record(judgement, at)

    @property
    def next_judgement_at(self) -> datetime | None:
        """When a warning or miss falls due next, if nothing else happens."""
        return next_judgement_at(self.clocks, self.judged)

    def moves_under(self, calendar: Calendar) -> list[Move]:
        """Which clocks another version of this complaint's calendar would move, and to when."""
        return moves_under(self.clocks, self.judged, calendar) if calendar.code == self.calendar_code else []

    def move_deadlines(self, command: MoveDeadlines, calendar: Calendar, at: datetime) -> None:
        """Let the clocks that still run follow another version of the calendar, whether that is sooner or later.

        What fell due before is judged first, as it was; what the move makes overdue is judged at once. Nothing happens
        where nothing moves.
        """
        if not self.moves_under(calendar):
            return
        self.judge_clocks(at)
        moves = self.moves_under(calendar)
        self.governed_by(self.procedure, self.calendar, {**self.moved_to, calendar.version: calendar})
        for move in moves:
            self._trigger(
                events.DeadlineMoved, CALENDAR, at,
                clock=move.clock.name, unit=move.clock.unit, round=move.clock.round, started_at=move.clock.started_at,
                before=move.clock.due_at, after=move.after, calendar_version=calendar.version, **vars(command),
            )  # fmt: skip
        self.judge_clocks(at)

    def _record(self, judgement: Judgement, at: datetime) -> None:
        if judgement.kind == "resumed":
            over = {clock.name: None for clock in self.clocks if clock.paused_until == judgement.at}
            self._trigger(events.ClocksResumed, CLOCK, at, clocks=tuple(over), until=judgement.at)
            return
        clock = judgement.clock
        missed = judgement.kind == "missed"
        told = self._told_at_miss(clock) if missed else clock.rule.tell_at_warning
        facts: dict[str, Any] = {
            "clock": clock.name, "unit": clock.unit, "round": clock.round,
            "started_at": clock.started_at, "due_at": clock.due_at, "told": told,
        }  # fmt: skip
        if missed:
            self._trigger(events.DeadlineMissed, CLOCK, at, **facts)
            self._card(clock, at)
        else:
            self._trigger(events.DeadlineWarned, CLOCK, at, due=judgement.kind == "due", **facts)

    def _told_at_miss(self, clock: Clock) -> tuple[str, ...]:
        """Those told at every miss, and from the second miss of the same name on those above them too."""
        rule = clock.rule
        again = rule.tell_at_second_miss and any(key[0] == rule.name for key, _ in self.missed)
        return tuple(dict.fromkeys((*rule.tell_at_miss, *rule.tell_at_second_miss))) if again else rule.tell_at_miss

    def _card(self, clock: Clock, at: datetime) -> None:
        """电子监察: a unit's first breach of a supervised clock is a yellow card, every later one in this case a red.

        A clock of the whole case is missed by the units that have not done their part; a card that names no unit
        counts for all.
        """
        if clock.name not in self.procedure.carded_clocks:
            return
        for unit in (clock.unit,) if clock.unit is not None else self._units_at_work() or (None,):
            card = "red" if self.cards_of.get(unit) or self.cards_of.get(None) else "yellow"
            text = f"{clock.rule.title.zh}超时"
            self._trigger(events.Supervised, CLOCK, at, card=card, text=text, unit=unit)

    def _units_at_work(self) -> tuple[str | None, ...]:
        """The units that have it and have not executed."""
        now = self.this_round
        return tuple(one.unit for one in now.units if one.state != "returned" and one.unit not in now.executed_by)

    # What the decisions above have in common

    @property
    def _revision(self) -> int:
        return 0 if self.this_round.opinion is None else self.this_round.opinion.revision

    @property
    def _rounds_are_exhausted(self) -> bool:
        return self.this_round.overturned >= self.procedure.dispute_rounds

    def may_rule(self, by: By, actor: Actor) -> bool:
        """Once the bound of dispute rounds is reached, only the last instance rules."""
        return not self._rounds_are_exhausted or by.role == "admin" or self.procedure.last_instance in actor.roles

    def _has_new_interim_measure(self, clock: str) -> bool:
        """Whether an interim measure was reported since this clock was last moved in this round, where one is due."""
        now = self.this_round
        return not self.procedure.interim_measure_before_extension or (
            now.interim_measures > now.extended.get(clock, (0, 0))[0]
        )

    def _has_new_word(self, clock: str) -> bool:
        """Whether the customer had word since this clock was last moved in this round; an anonymous one gets none."""
        now = self.this_round
        return (
            not self.procedure.word_before_extension or self.anonymous or now.words > now.extended.get(clock, (0, 0))[1]
        )

    def _is_prepared(self, clock: str) -> bool:
        return self._has_new_interim_measure(clock) and self._has_new_word(clock)

    def _must_be_prepared(self, clock: str) -> None:
        if not self._has_new_interim_measure(clock):
            raise errors.InterimMeasureMissing("Each further extension of a clock needs a new one.")
        if not self._has_new_word(clock):
            raise errors.CustomerNotTold

    def may_move(self, clock: Clock, by: By) -> bool:
        """Whether this clock can be extended now by somebody who takes the step so."""
        own = by.role != "unit" or clock.unit in (None, by.unit)
        allowed = self.procedure.extendable.get(by.role)
        mine = allowed is None or clock.name in allowed
        return clock.state == "running" and own and mine and self._is_prepared(clock.name)

    def _trigger(self, event: type[events.ComplaintEvent], by: By, at: datetime, /, **facts: Any) -> None:
        self.trigger_event(event, actor=by, timestamp=at, **facts)

    def _tell_at_once(self, roles: Iterable[str], severity: str, at: datetime) -> None:
        title = self.procedure.severities[severity].title.zh
        self._send_up(roles, f"{title}投诉，第一时间反馈", at)

    def _send_up(self, roles: Iterable[str], reason: str, at: datetime) -> None:
        """Escalate to these roles; 举报保密: what is confidential goes to nobody outside its circle."""
        circle = self.procedure.confidential_to.get(self.kind)
        for role in roles:
            if circle is None or role in circle:
                self._trigger(events.Escalated, SYSTEM, at, to_role=role, reason=reason)

    def tell_the_circle(self, at: datetime) -> None:
        """举报保密: nobody else sees it, so its circle hears of it at once, or whom of them the procedure names."""
        circle = self.procedure.confidential_to.get(self.kind, ())
        self._send_up(self.procedure.confidential_tell.get(self.kind, circle), "举报、检举件，及时向分管领导汇报", at)

    def may_send_out(self, by: By, actor: Actor) -> bool:
        """After too many dissatisfied callbacks, and in some categories, only those who decide then may dispatch.

        What is confidential its circle decides: the others do not see it.
        """
        if self.kind in self.procedure.confidential_to:
            return True
        deciders = self.deciders
        return by.role == "admin" or not deciders or not actor.roles.isdisjoint(deciders)

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who alone sends it out now; nobody is named where whoever may dispatch does."""
        rule = self.procedure.dissatisfaction
        if rule is not None and rule.decides and self.dissatisfactions >= rule.count:
            return rule.decides
        return self.procedure.deciders_of(self.category)

    def _must_know_unit(self, unit: str, pointer: str, request: Request) -> None:
        if unit not in self.procedure.units and unit not in request.known_units:
            raise errors.UnknownUnit(pointer)

    def unit_spoken_for(self, named: str | None, by: By) -> str | None:
        """A member of a unit speaks for that unit only; others for the unit they name, or for none."""
        if by.role != "unit":
            return named
        if named not in (None, by.unit):
            raise errors.NotForAnotherUnit
        return by.unit

    def _state_of(self, unit: str) -> str:
        state = self.unit_state(unit)
        if state is None:
            raise errors.UnitNotAsked
        return state.state

    def _unit_that_answers(self, named: str | None, by: By, *, waiting: set[str]) -> str:
        """The unit a step speaks for: a member's own, else the one named, else the only one that is waiting."""
        if by.role == "unit" and by.unit is not None:
            if named not in (None, by.unit):
                raise errors.NotForAnotherUnit
            return by.unit
        if named is not None:
            return named
        open_ones = [unit.unit for unit in self.this_round.units if unit.state in waiting]
        if len(open_ones) != 1:
            raise errors.UnitMustBeNamed("/unit")
        return open_ones[0]

    def _unit_of_capa(self, state: str, named: str | None, by: By) -> str:
        refusal = errors.CapaNotRequested if state == "requested" else errors.CapaNotSubmitted
        if by.role == "unit" and named not in (None, by.unit):
            raise errors.NotForAnotherUnit
        wanted = by.unit if by.role == "unit" else named
        units = [capa.unit for capa in self.capas if capa.state == state and wanted in (None, capa.unit)]
        if not units:
            raise refusal
        if len(units) > 1:
            raise errors.UnitMustBeNamed("/unit")
        return units[0]
