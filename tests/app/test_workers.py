"""The processes of a service: for how long one may be silent before it is taken for dead."""

import os
import time
from multiprocessing import connection, get_context
from threading import Event

import pytest
from uvicorn import Config

from app.cli.workers import LOOKS_UNANSWERED, LOOKS_UNTIL_LOADED, Worker, Workers

LINGERS = 60.0  # seconds


def configured() -> Config:
    return Config("app.cli.worker:worker_application", factory=True, log_config=None)


def lingers(*, ending: bool) -> None:
    """A process that stays; with `ending` as the kernel has one that is about to end: its files are closed."""
    if ending:
        os.closerange(3, 256)
    time.sleep(LINGERS)


@pytest.fixture
def worker() -> Worker:
    """One that has not been started: it answers when the test does so for it."""
    return Worker(configured(), [])


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


def test_while_one_takes_its_time_to_end_no_other_is_taken_for_frozen() -> None:
    workers = Workers(configured(), [], Event())
    for ending in (True, False):
        worker = Worker(configured(), [])
        worker.process = get_context("spawn").Process(target=lingers, kwargs={"ending": ending})
        worker.process.start()
        workers._workers.append(worker)
    ends, stays = workers._workers
    try:
        assert connection.wait([ends.process.sentinel], LINGERS)
        limit, looks = time.monotonic() + 2, 0
        while time.monotonic() < limit:
            workers._look_after_them(workers._wait())
            looks += 1
        assert ends.process.is_alive()
        assert stays.process.is_alive()
        assert looks < 10
        assert not stays.is_frozen
        assert looked(stays, LOOKS_UNTIL_LOADED)  # were it silent for minutes, it would be
    finally:
        for worker in workers._workers:
            worker.process.kill()
            worker.process.join()
