"""The processes of a service: for how long one may be silent before it is taken for dead."""

import pytest
from uvicorn import Config

from app.cli.workers import LOOKS_UNANSWERED, LOOKS_UNTIL_LOADED, Worker


@pytest.fixture
def worker() -> Worker:
    """One that has not been started: it answers when the test does so for it."""
    return Worker(Config("app.cli.worker:worker_application", factory=True, log_config=None), [])


def looked(worker: Worker, times: int) -> bool:
    """Whether it is taken for frozen after so many looks."""
    for _ in range(times):
        worker.look()
    return worker.is_frozen


def answer(worker: Worker, *, ready: bool) -> None:
    assert worker.child_conn.recv() == b"ping"
    worker.child_conn.send(ready)


def test_a_worker_that_is_still_being_loaded_is_given_minutes(worker: Worker) -> None:
    assert not looked(worker, LOOKS_UNTIL_LOADED)
    assert looked(worker, 1)


def test_a_worker_that_answers_may_take_for_ever_to_be_ready(worker: Worker) -> None:
    for _ in range(3 * LOOKS_UNTIL_LOADED):
        assert not looked(worker, 1)
        answer(worker, ready=False)
    assert not worker.ready


def test_a_worker_that_has_answered_once_and_is_silent_now_is_frozen(worker: Worker) -> None:
    looked(worker, LOOKS_UNTIL_LOADED)
    answer(worker, ready=True)
    assert not looked(worker, LOOKS_UNANSWERED)
    assert worker.ready
    assert looked(worker, 1)


def test_a_worker_that_thaws_is_asked_once_and_not_once_for_each_look(worker: Worker) -> None:
    looked(worker, LOOKS_UNANSWERED)
    answer(worker, ready=False)
    assert not worker.child_conn.poll()
