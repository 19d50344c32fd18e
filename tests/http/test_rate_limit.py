"""RateLimit are counted exactly enough, by whom they belong to, and in memory that never grows."""

from __future__ import annotations

import sys

import pytest

from app.http.protocol.rate_limit import RateLimit, caller_of


class Watch:
    """Shows the time that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_tries_are_allowed_within_the_time_and_no_more() -> None:
    watch = Watch()
    tries = RateLimit(10, 60, watch)
    assert [tries.allows("a") for _ in range(12)] == [True] * 10 + [False] * 2
    assert tries.allows("b")
    watch.now += 59.9
    assert not tries.allows("a")


def test_tries_come_back_as_time_passes_and_never_more_than_allowed_within_any_minute() -> None:
    watch = Watch()
    tries = RateLimit(10, 60, watch)
    allowed = []
    for _ in range(4000):
        if tries.allows("a"):
            allowed.append(watch.now)
        watch.now += 0.1
    assert len(allowed) >= 60
    for begin in allowed:
        assert sum(begin <= at < begin + 60 for at in allowed) <= 10 + 10 // 2
    assert sum(at < 1060 for at in allowed) == 10


def test_after_a_quiet_time_everything_is_allowed_again() -> None:
    watch = Watch()
    tries = RateLimit(10, 60, watch)
    assert all(tries.allows("a") for _ in range(10))
    watch.now += 120
    assert all(tries.allows("a") for _ in range(10))


def test_memory_is_the_same_after_a_hundred_thousand_different_tries() -> None:
    tries = RateLimit(10, 60, Watch(), places=1024)
    before = sum(sys.getsizeof(value) for value in vars(tries).values())
    allowed = sum(tries.allows(f"KF0001-{number}") for number in range(100_000))
    assert sum(sys.getsizeof(value) for value in vars(tries).values()) == before
    assert allowed == 10 * 1024


def test_who_shares_a_place_with_whom_differs_from_process_to_process() -> None:
    def together() -> list[int]:
        tries = RateLimit(1, 60, Watch(), places=64)
        return [number for number in range(500) if tries.allows(str(number))]

    assert together() != together()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False), ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False), (None, "", True), ("\udcff", "unix", False),
    ],
)  # fmt: skip
def test_a_caller_is_an_ipv4_address_or_an_ipv6_network(one: str | None, other: str | None, same: bool) -> None:
    assert (caller_of(one) == caller_of(other)) is same
    tries = RateLimit(1, 60)
    assert tries.allows(caller_of(one))
    assert tries.allows(caller_of(other)) is not same
