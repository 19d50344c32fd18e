"""有界: pauses and extensions are bounded in number and in total; files that name no bounds are as before."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.limits.limits import longest, parse_limit
from domain.procedure.procedure import Bounds, Procedure
from procedures.library import Library
from tests.facts import (
    EXECUTING,
    FRIDAY_9AM,
    MANAGER,
    MONDAY_9AM,
    SETTLEMENT,
    TUESDAY_9AM,
    Fact,
    called_back,
    classified,
    closed,
    dispatched,
    executed,
    extended,
    happened,
    informed,
    interim_measure,
    on,
    received,
)
from tests.spec import CN, History, given, kf0001

END_OF_WEDNESDAY: Final = on("2026-03-05", "00:00")  # when execute is due: two working days from Monday
TWICE: Final = Bounds()
READY: Final = Library.ready().procedures.values()


def with_bounds(bounds: Bounds | None, **rules: object) -> Procedure:
    steps = {**kf0001().steps, "pause": ("manager",), "resume": ("manager",)}
    return replace(kf0001(), bounds=bounds, steps=steps, **rules)  # type: ignore[arg-type]


def put_off(day: str, before: datetime) -> tuple[Fact, Fact]:
    return interim_measure(), extended("execute", on(day), before=before, unit="settlement")


def asked(*facts: Fact, bounds: Bounds | None = TWICE) -> History:
    return given(*EXECUTING, *facts, interim_measure(), procedure=with_bounds(bounds))


def until(day: str, clock: str = "09:00") -> c.ExtendDeadline:
    return c.ExtendDeadline("execute", on(day, clock), "等银行回复")


@pytest.mark.parametrize("procedure", READY, ids=lambda procedure: procedure.code)
def test_every_ready_file_that_puts_clocks_off_bounds_it(procedure: Procedure) -> None:
    puts_off = {"extend", "pause"} & procedure.steps.keys()
    assert (procedure.bounds == Bounds(2, 2, 2)) == bool(puts_off)


def test_an_extension_beyond_twice_the_limit_is_refused_with_what_is_left() -> None:
    latest = on("2026-03-11", "00:00")  # two working days, and four more
    asked().when(until("2026-03-11", "00:00"), by=SETTLEMENT).then(happened(events.Extended))
    refusal = asked().when(until("2026-03-11", "00:01"), by=SETTLEMENT).then_refused(errors.ExtendedTooFar)
    assert refusal.facts == {"latest": latest, "left": 2}
    once = put_off("2026-03-09", END_OF_WEDNESDAY)
    refusal = asked(*once).when(until("2026-03-12"), by=SETTLEMENT).then_refused(errors.ExtendedTooFar)
    assert refusal.facts["left"] == 1


def test_a_third_extension_of_a_clock_is_refused() -> None:
    twice = (*put_off("2026-03-06", END_OF_WEDNESDAY), *put_off("2026-03-07", on("2026-03-06")))
    asked(*twice[:2]).when(until("2026-03-09"), by=SETTLEMENT).then(happened(events.Extended))
    asked(*twice).when(until("2026-03-09"), by=SETTLEMENT).then_refused(errors.ExtendedTooOften)
    assert "extend" in asked(*twice[:2]).allowed(SETTLEMENT)


def test_files_that_name_no_bounds_extend_and_pause_as_before() -> None:
    thrice = [
        fact for day, before in (("05", END_OF_WEDNESDAY), ("06", on("2026-03-05")), ("07", on("2026-03-06")))
        for fact in put_off(f"2026-03-{day}", before)
    ]  # fmt: skip
    asked(*thrice, bounds=None).when(until("2026-06-01"), by=SETTLEMENT).then(happened(events.Extended))


def test_a_unit_extends_what_it_owes_itself_and_not_the_whole_case() -> None:
    whole = c.ExtendDeadline("whole-case", on("2026-03-09"), "等银行回复")
    asked().when(whole, by=SETTLEMENT).then_refused(errors.NotYourClock)
    asked().when(whole, by=MANAGER).then(happened(events.Extended, clock="whole-case"))


def test_a_callback_after_the_close_runs_until_the_customer_was_reached() -> None:
    for code, severity, unit in (("outbound", "ordinary", "outbound-group"), ("after-sales", "general", "software")):
        rules = Library.ready().procedures[code]
        about = classified(severity, next(iter(rules.categories)))
        ended = (received(), about, dispatched(unit), executed(unit), informed(), closed())
        for calls, state in (((), "running"), ((called_back(reached=False),), "running"), ((called_back(),), "met")):
            assert given(*ended, *calls, procedure=rules).clock("callback").state == state


def paused(start: datetime, end: datetime) -> Fact:
    return happened(events.ClocksPaused, until=end, reason="等客户资料", clocks=("execute",), clock="execute").at(start)


def resumed(at: datetime) -> Fact:
    return happened(events.ClocksResumed, clocks=("execute",), clock="execute").at(at)


PAUSE: Final = c.PauseClocks("等客户资料", FRIDAY_9AM, "execute")


def test_a_third_pause_of_a_clock_is_refused() -> None:
    hour = timedelta(hours=1)
    once = (paused(MONDAY_9AM + hour, FRIDAY_9AM), resumed(MONDAY_9AM + 2 * hour))
    twice = (*once, paused(TUESDAY_9AM, FRIDAY_9AM), resumed(TUESDAY_9AM + hour))
    procedure = with_bounds(Bounds())
    given(*EXECUTING, *once, procedure=procedure).when(PAUSE, by=MANAGER, at=TUESDAY_9AM).then(
        happened(events.ClocksPaused)
    )
    history = given(*EXECUTING, *twice, procedure=procedure)
    history.when(PAUSE, by=MANAGER, at=TUESDAY_9AM + 2 * hour).then_refused(errors.PausedTooOften)
    free = given(*EXECUTING, *twice, procedure=with_bounds(None))
    free.when(PAUSE, by=MANAGER, at=TUESDAY_9AM + 2 * hour).then(happened(events.ClocksPaused))


def test_pauses_together_are_no_longer_than_the_bound() -> None:
    procedure = with_bounds(Bounds(pauses=5, times=1), longest_pause=parse_limit("48 h"))
    before = (paused(MONDAY_9AM + timedelta(hours=1), FRIDAY_9AM), resumed(TUESDAY_9AM + timedelta(hours=1)))
    history = given(*EXECUTING, *before, procedure=procedure)
    at = TUESDAY_9AM + timedelta(hours=2)
    left = c.PauseClocks("等客户资料", at + timedelta(hours=24), "execute")
    more = c.PauseClocks("等客户资料", at + timedelta(hours=24, minutes=1), "execute")
    history.when(left, by=MANAGER, at=at).then(happened(events.ClocksPaused))
    history.when(more, by=MANAGER, at=at).then_refused(errors.PauseTooLong)


@pytest.mark.parametrize(
    ("limit", "latest"),
    [
        ("24 h", on("2026-03-05")), ("2 WD", on("2026-03-11", "00:00")), ("3 days", on("2026-03-12", "00:00")),
        ("same day", on("2026-03-05", "00:00")), ("by 2026-03-02 19:00", on("2026-03-03", "15:00")),
    ],
)  # fmt: skip
def test_several_limits_after_each_other_end(limit: str, latest: datetime) -> None:
    assert longest(parse_limit(limit), 3, MONDAY_9AM, CN) == latest
    assert longest(parse_limit("9000 h"), 3, MONDAY_9AM, CN) == longest(parse_limit("9999 h"), 1, MONDAY_9AM, CN)
