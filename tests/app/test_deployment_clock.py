"""The one clock of a deployment goes on steadily, whatever the clocks of machines are set to."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from app.deployment_clock import (
    BOUND,
    LONGEST_STEP,
    SETTLES,
    DeploymentClock,
    Reading,
    Reckoning,
    accept_clock,
    compared,
)
from eventlog.database import create_pool
from tests.app.service_stories import HOUR, MONDAY_9AM

SECOND: Final = timedelta(seconds=1)


def reading(seconds: float, leapt: timedelta = timedelta(0)) -> Reading:
    """What the database says so many seconds after nine, when its clock has leapt."""
    return Reading(MONDAY_9AM + seconds * SECOND + leapt, seconds)


def passing(reckoning: Reckoning, first: int, last: int, leapt: timedelta = timedelta(0)) -> None:
    """A comparison each second, as it goes."""
    for second in range(first, last):
        reckoning.take(reading(second, leapt))


@pytest.fixture
def reckoning() -> Reckoning:
    return Reckoning(reading(0))


def test_the_databases_clock_is_followed_while_it_goes_on(reckoning: Reckoning) -> None:
    for second in range(1, 100):  # a little faster than ours
        reckoning.take(reading(second, second * timedelta(milliseconds=5)))
    assert reckoning.agrees
    assert reckoning.now(99.5) == MONDAY_9AM + 99.5 * SECOND + timedelta(milliseconds=495)


@pytest.mark.parametrize("leap", [8 * HOUR, -8 * HOUR, timedelta(seconds=BOUND + 1)])
def test_time_goes_on_as_before_while_the_databases_clock_has_leapt(reckoning: Reckoning, leap: timedelta) -> None:
    passing(reckoning, 1, 10, leap)
    assert not reckoning.agrees
    assert reckoning.leap == leap
    assert reckoning.now(9.5) == MONDAY_9AM + 9.5 * SECOND
    passing(reckoning, 10, 20)
    assert reckoning.agrees
    assert reckoning.leap == timedelta(0)
    assert reckoning.now(19.5) == MONDAY_9AM + 19.5 * SECOND


def test_a_process_that_stood_still_finds_both_clocks_further_on(reckoning: Reckoning) -> None:
    reckoning.take(reading(8 * 3600))
    assert reckoning.agrees
    assert reckoning.now(8 * 3600) == MONDAY_9AM + 8 * HOUR


def test_both_agree_again_after_the_database_was_away_during_a_leap(reckoning: Reckoning) -> None:
    passing(reckoning, 1, 5, 8 * HOUR)
    reckoning.take(reading(600))
    assert reckoning.agrees


def test_a_steady_clock_that_leaps_is_not_believed_either(reckoning: Reckoning) -> None:
    assert reckoning.now(8 * 3600) == MONDAY_9AM + LONGEST_STEP * SECOND
    reckoning.take(Reading(MONDAY_9AM + SECOND, 8 * 3600))
    assert reckoning.agrees


def test_no_moment_is_told_before_one_that_was_told_already(reckoning: Reckoning) -> None:
    told = reckoning.now(3)
    reckoning.take(reading(3.5, timedelta(seconds=-2)))
    assert reckoning.now(3.5) == told
    assert reckoning.now(8) == MONDAY_9AM + 6 * SECOND


def test_a_leap_that_stays_is_believed_in_the_end(reckoning: Reckoning) -> None:
    passing(reckoning, 1, int(SETTLES) + 1, 8 * HOUR)
    assert not reckoning.agrees
    reckoning.take(reading(SETTLES + 1, 8 * HOUR))
    assert reckoning.agrees
    assert reckoning.now(SETTLES + 1) == MONDAY_9AM + 9 * HOUR + SECOND


def test_a_clock_that_leaps_again_and_again_is_not_believed(reckoning: Reckoning) -> None:
    passing(reckoning, 1, int(SETTLES), 8 * HOUR)
    passing(reckoning, int(SETTLES), int(SETTLES) + 100, 9 * HOUR)
    assert not reckoning.agrees


def test_what_was_not_compared_lately_is_not_fresh(reckoning: Reckoning) -> None:
    assert reckoning.is_fresh(LONGEST_STEP)
    assert not reckoning.is_fresh(LONGEST_STEP + 1)


async def test_a_service_that_starts_anew_notices_a_leap_and_an_operator_accepts_it(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=3)
    try:
        assert (await compared(pool))[1] is None
        async with DeploymentClock(pool) as clock:
            await clock.compare()
            assert clock.agrees
        # As if the machine had run for eight hours less than the database's clock says.
        await pool.execute("UPDATE clock_readings SET at = at - interval '8 hours'")
        now, expected = await compared(pool)
        assert expected is not None
        assert abs(now - expected - 8 * HOUR) < SECOND
        await pool.execute(
            "INSERT INTO deployment (only_row, sandbox, master_key_fingerprint) VALUES (true, false, '')"
        )
        async with DeploymentClock(pool) as clock:
            assert not clock.agrees
            assert abs(clock.leap - 8 * 3600) < 1
            assert abs(clock.now() - now + 8 * HOUR) < 2 * SECOND
            await accept_clock(pool)
            await clock.compare()
            assert clock.agrees
            assert now <= clock.now()
    finally:
        pool.terminate()
