"""An HTTP/1.1 load generator in a process of its own.

It shares neither interpreter lock nor event loop with the service it measures, and costs so little per request that
on two cores the service stays the bottleneck: requests are built before the clock starts, and of an answer only the
status and the length are read.
"""

import asyncio
import gc
import math
import multiprocessing
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
SAMPLE_BYTES = 2000


class LoadFailed(Exception):
    """The load could not be played: no connection, an answer of unknown length, or the generator's process died."""


@dataclass(frozen=True, slots=True)
class LoadSpec:
    """What to send: `warm_up` unmeasured requests, then `total` measured ones, over kept-alive `connections`.

    `request(i)` gives the whole bytes of request number i, counted from 0 with the warm-up first. It travels to the
    other process by pickle, so it is a module-level function, a `functools.partial` of one, or an instance of a
    module-level class. All requests are built before the first is sent, so they must fit in memory.

    `rate` is in requests per second: request i is meant to leave i / rate seconds after the start and its latency
    counts from that moment, whether or not a connection was free (open loop). Without it every connection sends its
    next request when the answer to the last one has come (closed loop). `time_limit`, in seconds, bounds warm-up and
    measurement each.
    """

    host: str
    port: int
    request: Callable[[int], bytes]
    connections: int = 32
    total: int = 10_000
    rate: float | None = None
    warm_up: int = 0
    time_limit: float = 120.0


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back; warm-up excluded. Latencies in milliseconds, the rest in seconds unless named.

    `statuses` counts answers per HTTP status. `unanswered` counts requests whose connection was lost or which the time
    limit cut off; they are missing from the latencies, which flatters those. `samples` keeps of each status what came
    first of the first answer (2 000 bytes at most), to see why something was refused. `late_p99_ms` says how much
    later than intended requests left; `cpu_seconds` is the generator's own use of a core: near `seconds`, the
    generator was the bottleneck and the figures say little about the service.
    """

    statuses: dict[int, int]
    unanswered: int
    seconds: float
    throughput: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    late_p99_ms: float
    cpu_seconds: float
    samples: dict[int, bytes]


def run_load(spec: LoadSpec) -> LoadResult:
    """Play `spec` in a fresh process and wait for its result; raises LoadFailed. Blocks: use a thread under asyncio."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_play_and_report, args=(spec, there), name="load")
    process.start()
    there.close()
    try:
        outcome: LoadResult | LoadFailed = here.recv()
    except EOFError:
        process.join()
        raise LoadFailed(f"the load generator died with exit code {process.exitcode}") from None
    finally:
        here.close()
        process.join()
    if isinstance(outcome, LoadFailed):
        raise outcome
    return outcome


def _play_and_report(spec: LoadSpec, answer: "Pipe[LoadResult | LoadFailed, None]") -> None:
    # A collection in the middle of a run would be measured as the service's latency; nothing here makes cycles.
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            answer.send(runner.run(_play(spec)))
    except LoadFailed as error:
        answer.send(error)
    except OSError as error:
        answer.send(LoadFailed(f"no connection to {spec.host}:{spec.port}: {error}"))


async def _play(spec: LoadSpec) -> LoadResult:
    requests = [spec.request(i) for i in range(spec.warm_up + spec.total)]
    crew = _Crew(spec)
    await crew.connect()
    try:
        if spec.warm_up:
            await crew.play(requests[: spec.warm_up])
        cpu = time.process_time()
        round_ = await crew.play(requests[spec.warm_up :])
        return round_.result(time.process_time() - cpu)
    finally:
        crew.close()


@dataclass(slots=True)
class _Round:
    """One series of requests, with what is known of it so far."""

    requests: Sequence[bytes]
    finished: asyncio.Future[None]
    started: float = field(default_factory=time.perf_counter)
    next: int = 0
    unanswered: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    samples: dict[int, bytes] = field(default_factory=dict)
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    delays: "array[float]" = field(default_factory=lambda: array("d"))

    def answered(self, status: int, latency: float, head: bytes) -> None:
        self.latencies.append(latency)
        if status in self.statuses:
            self.statuses[status] += 1
        else:
            self.statuses[status] = 1
            self.samples[status] = bytes(head[:SAMPLE_BYTES])
        self.end_if_complete()

    def end_if_complete(self) -> None:
        if len(self.latencies) + self.unanswered >= len(self.requests) and not self.finished.done():
            self.finished.set_result(None)

    def result(self, cpu_seconds: float) -> LoadResult:
        seconds = time.perf_counter() - self.started
        ordered = sorted(self.latencies)
        return LoadResult(
            statuses=dict(sorted(self.statuses.items())),
            unanswered=len(self.requests) - len(ordered),
            seconds=seconds,
            throughput=len(ordered) / seconds,
            p50_ms=_percentile(ordered, 50),
            p95_ms=_percentile(ordered, 95),
            p99_ms=_percentile(ordered, 99),
            max_ms=_percentile(ordered, 100),
            late_p99_ms=_percentile(sorted(self.delays), 99),
            cpu_seconds=cpu_seconds,
            samples=self.samples,
        )


class _Crew:
    """The connections of one load, and who sends next."""

    def __init__(self, spec: LoadSpec) -> None:
        self._spec = spec
        self._loop = asyncio.get_running_loop()
        self._connections: set[_Connection] = set()
        self._idle: deque[_Connection] = deque()
        self._reconnecting: set[asyncio.Task[None]] = set()
        self._round: _Round | None = None

    async def connect(self) -> None:
        for _ in range(self._spec.connections):
            await self._connect_one()

    async def _connect_one(self) -> None:
        _, connection = await self._loop.create_connection(lambda: _Connection(self), self._spec.host, self._spec.port)
        self._connections.add(connection)
        self.free(connection)

    def close(self) -> None:
        self._round = None
        for task in self._reconnecting:
            task.cancel()
        for connection in self._connections:
            connection.close()

    async def play(self, requests: Sequence[bytes]) -> _Round:
        round_ = self._round = _Round(requests, self._loop.create_future())
        if self._spec.rate is None:
            while self._idle and round_.next < len(requests):
                self._send_next(self._idle.popleft(), round_, time.perf_counter())
        else:
            self._send_due()
        try:
            async with asyncio.timeout(self._spec.time_limit):
                await round_.finished
        except TimeoutError:
            pass  # the result counts what is missing as unanswered
        self._round = None
        return round_

    def _send_due(self) -> None:
        """Send every request whose moment has come, as far as connections are free, and set the next alarm."""
        round_, rate = self._round, self._spec.rate
        if round_ is None or rate is None:
            return
        now = time.perf_counter()
        while self._idle and round_.next < len(round_.requests):
            due = round_.started + round_.next / rate
            if due > now:
                self._loop.call_later(due - now, self._send_due)
                return
            self._send_next(self._idle.popleft(), round_, due)

    def _send_next(self, connection: "_Connection", round_: _Round, due: float) -> None:
        request = round_.requests[round_.next]
        round_.next += 1
        connection.send(request, round_, due)

    def free(self, connection: "_Connection") -> None:
        """Give a connection without a request in flight its next one, or let it wait for one."""
        round_ = self._round
        if round_ is None or round_.next >= len(round_.requests):
            self._idle.append(connection)
        elif self._spec.rate is None:
            self._send_next(connection, round_, time.perf_counter())
        else:
            self._idle.append(connection)
            # With others idle already, an alarm is set; with none, requests may be overdue and nobody watches.
            if len(self._idle) == 1:
                self._send_due()

    def lost(self, connection: "_Connection", in_flight: _Round | None) -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if in_flight is not None:
            in_flight.unanswered += 1
            in_flight.end_if_complete()
        if self._round is not None:
            task = self._loop.create_task(self._reconnect())
            self._reconnecting.add(task)
            task.add_done_callback(self._reconnecting.discard)

    def cannot_read(self, problem: LoadFailed) -> None:
        """End the round with `problem`: raised inside a protocol's callback it would only be logged."""
        if self._round is not None and not self._round.finished.done():
            self._round.finished.set_exception(problem)

    async def _reconnect(self) -> None:
        try:
            await self._connect_one()
        except OSError:
            # Nobody is left to send the rest: end the round now, what was not sent counts as unanswered.
            if not self._connections and self._round is not None and not self._round.finished.done():
                self._round.finished.set_result(None)


class _Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request in flight."""

    def __init__(self, crew: _Crew) -> None:
        self._crew = crew
        self._transport: asyncio.Transport | None = None
        self._round: _Round | None = None
        self._due = 0.0
        self._partial_head = b""
        self._missing = 0
        self._status = 0
        self._head = b""
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # By cast: uvloop's transport has the methods of asyncio.Transport but is none of its instances.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crew.lost(self, self._round)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def send(self, request: bytes, round_: _Round, due: float) -> None:
        assert self._transport is not None
        self._round, self._due = round_, due
        round_.delays.append(time.perf_counter() - due)
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            data = self._partial_head + data
            end = data.find(HEAD_END)
            if end < 0:
                self._partial_head = data
                return
            self._partial_head = b""
            self._head = data
            self._status = int(data[9:12])
            head = data[: end + 2].lower()
            self._closing = b"\r\nconnection: close\r\n" in head
            try:
                self._missing = end + 4 + _body_length(head, self._status) - len(data)
            except LoadFailed as problem:
                self._crew.cannot_read(problem)
                return
        if self._missing <= 0:
            self._complete()

    def _complete(self) -> None:
        self._missing = 0
        round_, self._round = self._round, None
        if round_ is not None:
            round_.answered(self._status, time.perf_counter() - self._due, self._head)
        if self._closing:
            self.close()
        else:
            self._crew.free(self)


def _body_length(head: bytes, status: int) -> int:
    """Bytes that follow `head`, which is in lower case. Raises LoadFailed for an answer without a length (chunked)."""
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        return int(head[at + 17 : head.index(b"\r\n", at + 17)])
    if status in (204, 304):
        return 0
    raise LoadFailed(f"an answer with status {status} names no content-length")


def _percentile(ordered: Sequence[float], percent: float) -> float:
    """Nearest rank, in milliseconds; 0 for an empty series."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] * 1000
