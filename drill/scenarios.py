"""What deployments go through: each scenario brings one up, loads it, hurts it, and has the history judged."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, time
from typing import Any, Final

from app.embedded.postgres import EmbeddedPostgres
from drill.checker import Finding, judge
from drill.clients import Crew
from drill.deployment import NotReady, Service, make_key, running, whole_log
from drill.history import Entry, History
from drill.processes import send, sessions, workers
from migrations import upgrade

CALM: Final = (0.4, 1.2)  # seconds of ordinary work between two faults
FROZEN_SECONDS: Final = 6.0
FULL_SECONDS: Final = 4.0
WRONG_SECONDS: Final = 8.0
DISK_MIB: Final = 320
LONGEST_ANSWER: Final = 5.0  # seconds; what is given up is given up earlier

Progress = Callable[[], None]
Fault = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario. `acknowledged` and `unknown` count commands, `faults` what was done to it."""

    name: str
    faults: int
    seconds: float
    history: History
    acknowledged: int
    unknown: int
    findings: list[Finding]


class Skipped(Exception):
    """A scenario needs what this machine does not have; the message says what."""


async def kills(count: int, seed: int, done: Progress) -> Outcome:
    """One process and its own database, 8 clients: the service, the database and its sessions are killed."""
    victims = random.Random(seed)
    with _folder() as folder:
        service = Service(folder)
        async with running(service):
            return await _drilled("kills 1 process 8 clients", [service], 8, _any(
                seed, lambda: _killed(service), lambda: _database_killed(service, signal.SIGKILL),
                lambda: _database_killed(service, signal.SIGQUIT), lambda: _session_killed(service, victims),
            ), count, done)  # fmt: skip


async def workers_killed(count: int, seed: int, done: Progress) -> Outcome:
    """Two workers, 32 clients: workers are killed too, and the database is stopped as well as killed."""
    victims = random.Random(seed)
    with _folder() as folder:
        service = Service(folder, workers=2)
        async with running(service):
            return await _drilled("kills 2 workers 32 clients", [service], 32, _any(
                seed, lambda: _killed(service), lambda: _database_killed(service, signal.SIGKILL),
                lambda: _database_killed(service, signal.SIGINT), lambda: _session_killed(service, victims),
                lambda: _worker_killed(service, victims),
            ), count, done)  # fmt: skip


async def two_processes(count: int, seed: int, done: Progress) -> Outcome:
    """Two services on one database that is not theirs, 16 clients: one or the other is killed, or a session."""
    victims = random.Random(seed)
    async with _two_services({}) as (services, postmaster):

        async def session_killed() -> None:
            send(_one_of(sessions(postmaster), victims), signal.SIGKILL)
            await asyncio.gather(*(service.ready() for service in services))

        return await _drilled("kills 2 processes 16 clients", services, 16, _any(
            seed, *(lambda service=service: _killed(service) for service in services), session_killed,
        ), count, done)  # fmt: skip


async def frozen(count: int, _seed: int, done: Progress) -> Outcome:
    """The database stands still for some seconds, and goes on."""
    with _folder() as folder:
        service = Service(folder)
        async with running(service):

            async def freeze() -> None:
                stopped = [service.postmaster, *sessions(service.postmaster)]
                send(stopped, signal.SIGSTOP)
                await asyncio.sleep(FROZEN_SECONDS)
                send(stopped, signal.SIGCONT)
                await service.ready()

            return await _drilled("frozen storage 16 clients", [service], 16, freeze, count, done)


async def frozen_disk(count: int, _seed: int, done: Progress) -> Outcome:
    """The file system under the database takes no writes for some seconds: whoever writes waits in the kernel."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("mkfs.ext4", "fsfreeze"))):
        raise Skipped("freezing a disk needs root, mkfs.ext4 and fsfreeze")
    with _folder() as folder, _disk_of_its_own(folder) as disk:
        service = Service(folder)
        async with running(service):

            async def freeze() -> None:
                await _run("fsfreeze", "--freeze", str(disk))
                try:
                    await asyncio.sleep(FROZEN_SECONDS)
                finally:
                    await _run("fsfreeze", "--unfreeze", str(disk))
                await service.ready()

            return await _drilled("frozen disk 8 clients", [service], 8, freeze, count, done)


async def full_disk(count: int, _seed: int, done: Progress) -> Outcome:
    """The disk of the data folder is full for some seconds. A service that gave up is started again."""
    if os.geteuid() != 0:
        raise Skipped("making a small disk needs root")
    with _folder() as folder, _small_disk(folder / "data") as disk:
        service = Service(folder)
        async with running(service):

            async def fill() -> None:
                _fill(disk / "filler")
                await asyncio.sleep(FULL_SECONDS)
                (disk / "filler").unlink()
                if service.has_ended:
                    service.start()
                await service.ready()

            return await _drilled("full disk 8 clients", [service], 8, fill, count, done)


async def wrong_clocks(count: int, _seed: int, done: Progress) -> Outcome:
    """The clock of the machine jumps eight hours ahead, back, and eight hours behind, for the service and its database.

    Nothing is due within the drill, so nothing may be warned of or missed.
    """
    with _folder() as folder:
        clock = WrongClock(folder)
        service = Service(folder, environment=clock.environment)
        async with running(service):
            return await _drilled(
                "clock ± 8 h all", [service], 8, lambda: _jump(clock, [service], of_database=True), count, done
            )


async def wrong_clock_of_one(count: int, _seed: int, done: Progress) -> Outcome:
    """As `wrong_clocks`, for one of two services on one database."""
    with _folder() as folder:
        clock = WrongClock(folder)
        async with _two_services(clock.environment) as (services, _):
            return await _drilled(
                "clock ± 8 h one of two", services, 8, lambda: _jump(clock, services, of_database=False), count, done
            )


# How many faults of each, of 200 kills all in all.
SCENARIOS: Final[dict[str, tuple[Callable[[int, int, Progress], Coroutine[Any, Any, Outcome]], int]]] = {
    "kills": (kills, 80),
    "workers": (workers_killed, 80),
    "two-processes": (two_processes, 40),
    "frozen": (frozen, 4),
    "frozen-disk": (frozen_disk, 4),
    "disk": (full_disk, 3),
    "clock": (wrong_clocks, 2),
    "clock-of-one": (wrong_clock_of_one, 2),
}


async def _drilled(
    name: str, services: list[Service], clients: int, fault: Fault, count: int, done: Progress
) -> Outcome:
    """Works, hurts it `count` times, lets it recover, and judges what the clients and the log say."""
    begun = monotonic()
    keys = {f"client-{number}": await make_key(services[0], f"client-{number}", "agent") for number in range(clients)}
    auditor = await make_key(services[0], "auditor", "auditor")
    crew = Crew([service.address for service in services], keys, auditor)
    work = asyncio.create_task(crew.work())
    faults = await _hurt(crew.history, fault, count, done)
    crew.stopped.set()
    await work
    history = crew.history
    if history.longest > LONGEST_ANSWER:
        history.wrong.append(f"an answer took {history.longest:.1f} s")
    log = await _log_after_all(services[0])
    acknowledged = sum(1 for _ in history.acknowledged())
    unknown = len(history.commands) - acknowledged
    return Outcome(name, faults, monotonic() - begun, history, acknowledged, unknown, judge(history, log))


async def _hurt(history: History, fault: Fault, count: int, done: Progress) -> int:
    """Returns how many faults it got over; one after which it does not recover is the last."""
    calm = random.Random(count)
    for number in range(count):
        await asyncio.sleep(calm.uniform(*CALM))
        try:
            await fault()
        except NotReady as error:
            history.wrong.append(f"after fault {number + 1}: {error}")
            return number
        done()
    return count


async def _log_after_all(service: Service) -> list[Entry]:
    """What is in the log must be found also where the service had to be started by hand."""
    try:
        await service.ready()
    except NotReady:
        service.kill()
        service.start()
        await service.ready()
    return await whole_log(service)


def _any(seed: int, *faults: Fault) -> Fault:
    """One of these, by chance."""
    choice = random.Random(seed)
    return lambda: choice.choice(faults)()


async def _killed(service: Service) -> None:
    """As by the kernel when memory is short; started again at once, as a supervisor does."""
    service.kill()
    service.start()
    await service.ready()


def _one_of(processes: list[int], victims: random.Random) -> list[int]:
    """One of them by chance; none where there is none."""
    return victims.sample(processes, min(1, len(processes)))


async def _worker_killed(service: Service, victims: random.Random) -> None:
    send(_one_of(workers(service.pid), victims), signal.SIGKILL)
    await service.ready()


async def _database_killed(service: Service, how: signal.Signals) -> None:
    before = service.postmaster
    send([before], how)
    limit = monotonic() + 10
    while monotonic() < limit:  # until another has taken its place
        try:
            if service.postmaster != before:
                break
        except NotReady:
            pass
        await asyncio.sleep(0.05)
    await service.ready()


async def _session_killed(service: Service, victims: random.Random) -> None:
    send(_one_of(sessions(service.postmaster), victims), signal.SIGKILL)
    await service.ready()


async def _jump(clock: "WrongClock", services: list[Service], *, of_database: bool) -> None:
    """`of_database`: whether its clock is among the wrong ones, which the services then have to notice."""
    for hours in (8, 0, -8, 0):
        clock.set(hours)
        await asyncio.sleep(WRONG_SECONDS)
        for service in services if of_database else ():
            if round(await service.metric("redress_clock_leapt_seconds") / 3600) != hours:
                raise NotReady(f"{service.address} does not say that its database's clock is {hours:+d} h wrong")
    await asyncio.gather(*(service.ready() for service in services))


async def _run(*command: str) -> None:
    """Raises `CalledProcessError`. The clients go on meanwhile."""
    code = await (await asyncio.create_subprocess_exec(*command)).wait()
    if code:
        raise subprocess.CalledProcessError(code, command)


def _fill(file: Path) -> None:
    with file.open("wb") as filler:
        try:
            while True:
                filler.write(bytes(1 << 20))
                filler.flush()
        except OSError:
            pass


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="redress-drill-"))
    folder.chmod(0o755)  # PostgreSQL may have to run as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=755", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def _disk_of_its_own(folder: Path) -> Iterator[Path]:
    """A file system in a file, mounted as the data folder."""
    image, disk = folder / "disk.img", folder / "data"
    with image.open("wb") as file:
        file.truncate(DISK_MIB << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    disk.mkdir()
    try:
        subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    except subprocess.CalledProcessError:
        raise Skipped("this machine does not mount a file as a disk") from None
    disk.chmod(0o755)
    (disk / "lost+found").rmdir()  # the folder of a new database is empty
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@asynccontextmanager
async def _two_services(second: dict[str, str]) -> AsyncIterator[tuple[list[Service], int]]:
    """Two services on one database, and its first process; `second` is added to the environment of the second."""
    with _folder() as folder:
        with EmbeddedPostgres.start(folder / "database") as server:
            upgrade(server.dsn)
            services = []
            for name, environment in (("one", {}), ("two", second)):
                (folder / name).mkdir()
                services.append(
                    Service(folder / name, environment={"REDRESS_DATABASE_URL": server.dsn, **environment})
                )
            async with running(*services):
                yield services, server.pid or 0


class WrongClock:
    """The wall clock of processes started with `environment`: it goes as many hours wrong as a file says."""

    def __init__(self, folder: Path) -> None:
        found = find_spec("libfaketime")
        if found is None or found.origin is None:
            raise Skipped("libfaketime is not installed: make .venv/ready-to-test")
        library = folder / "libfaketime.so.1"
        # Beside the data, where the database's unprivileged user can read it.
        shutil.copy(Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1", library)
        library.chmod(0o755)
        self._file = folder / "hours"
        self._file.write_text("+0h\n")
        self._file.chmod(0o644)
        self.environment = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip

    def set(self, hours: int) -> None:
        """Raises Skipped where the machine does not let a process be lied to."""
        self._file.write_text(f"{hours:+d}h\n")
        said = subprocess.run(["date", "+%s"], env={**os.environ, **self.environment}, capture_output=True, check=True)
        if round((int(said.stdout) - time()) / 3600) != hours:
            raise Skipped("libfaketime does not work here")
