"""What was heard and not posted yet, on the bridge's own disk: SQLite, flushed before anything is posted.

Each event has a number that never comes again, which is its `sequence`, and an id of the spool and the number, which is
its `id` for ever. So a service that is told twice tells them apart from two.

Numbers of people and forms lie in it until they are posted: the file is for its owner alone, and overwritten where
something was deleted.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from softphone.said import OpenCall, Said

KNOWN_DAYS: Final = 8  # for which it is known what was said before; exchanges post again for some hours
RESERVED_BYTES: Final = 4 * 1024 * 1024  # taken from the disk at first, so that a full one still takes calls
BUSY_SECONDS: Final = 30
SCHEMA: Final = """
CREATE TABLE spool (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, body TEXT NOT NULL, problem TEXT
);
CREATE TABLE known (key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX known_since ON known (at);
CREATE TABLE calls (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it is posted: a CloudEvent."""

    number: int
    cloud_event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the service will not take as it is, and why in its words."""

    number: int
    cloud_event: Mapping[str, Any]
    problem: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filling:
    """How full it is. `oldest`: since when the next one waits."""

    waiting: int
    refused: int
    oldest: datetime | None


class InUse(Exception):
    """Another bridge posts from this spool."""


class Spool:
    """`SQLITE_FULL` and its kin come out as `sqlite3.Error`, and nothing of what was to be kept is there then."""

    def __init__(self, file: Path, reserved: int = RESERVED_BYTES) -> None:
        is_new = not file.exists() or file.stat().st_size == 0
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._file = file
        self._db = sqlite3.connect(file, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
        # Room that was there once is there again: the journal keeps its size, and so does the file.
        for pragma in ("journal_mode = PERSIST", "synchronous = FULL", "secure_delete = ON"):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if is_new:
            self._begin(reserved)
        [self.id] = self._db.execute("SELECT value FROM spool WHERE name = 'id'").fetchone()

    def _begin(self, reserved: int) -> None:
        with self._at_once() as db:
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute("INSERT INTO spool VALUES ('id', ?)", (token_hex(6),))
        with self._at_once() as db:
            db.execute("INSERT INTO spool VALUES ('reserved', zeroblob(?))", (reserved,))
        with self._at_once() as db:
            db.execute("DELETE FROM spool WHERE name = 'reserved'")

    def id_of(self, number: int) -> str:
        return f"{self.id}-{number}"

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else posts from it meanwhile. Raises `InUse`. Others may still put something in."""
        lock = os.open(self._file.with_name(f"{self._file.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse from None
            yield
        finally:
            os.close(lock)

    def keep(
        self, said: Sequence[Said], source: str, now: datetime, calls: Iterable[OpenCall] | None = None
    ) -> list[int]:
        """The numbers of those that were news. They are on the disk when this returns, with the calls open by now.

        Raises `sqlite3.Error`.
        """
        kept = list[int]()
        with self._at_once() as db:
            for one in said:
                if one.key is not None:
                    known = (f"{source} {one.key}", now.isoformat())
                    if not db.execute("INSERT OR IGNORE INTO known VALUES (?, ?)", known).rowcount:
                        continue
                body = json.dumps(_body(one, now), ensure_ascii=False)
                number = db.execute("INSERT INTO events (source, body) VALUES (?, ?)", (source, body)).lastrowid
                assert number is not None
                kept.append(number)
            if calls is not None:
                self._remember(db, {call.id: json.dumps(asdict(call)) for call in calls})
            db.execute("DELETE FROM known WHERE at < ?", ((now - timedelta(days=KNOWN_DAYS)).isoformat(),))
        return kept

    def _remember(self, db: sqlite3.Connection, calls: Mapping[str, str]) -> None:
        before = dict(db.execute("SELECT id, state FROM calls").fetchall())
        db.executemany("DELETE FROM calls WHERE id = ?", [(id,) for id in before.keys() - calls.keys()])
        changed = [(id, state) for id, state in calls.items() if before.get(id) != state]
        db.executemany("INSERT OR REPLACE INTO calls VALUES (?, ?)", changed)

    def open_calls(self) -> list[OpenCall]:
        """The calls that had not ended when somebody last heard."""
        return [OpenCall(**json.loads(state)) for [state] in self._db.execute("SELECT state FROM calls").fetchall()]

    def next(self, most: int) -> list[Event]:
        """What is to be posted next, in order."""
        rows = self._db.execute(
            "SELECT number, source, body FROM events WHERE problem IS NULL ORDER BY number LIMIT ?", (most,)
        ).fetchall()
        return [Event(number, self._cloud_event(number, source, body)) for number, source, body in rows]

    def settle(self, taken: Sequence[int], refused: Mapping[int, Mapping[str, Any]]) -> None:
        """The service has taken these for good; those it will never take so. Raises `sqlite3.Error`."""
        with self._at_once() as db:
            db.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in taken])
            problems = [(json.dumps(problem, ensure_ascii=False), number) for number, problem in refused.items()]
            db.executemany("UPDATE events SET problem = ? WHERE number = ?", problems)

    def refused(self) -> list[Refusal]:
        rows = self._db.execute(
            "SELECT number, source, body, problem FROM events WHERE problem IS NOT NULL ORDER BY number"
        ).fetchall()
        return [
            Refusal(number, self._cloud_event(number, source, body), json.loads(problem))
            for number, source, body, problem in rows
        ]

    def try_refused_again(self) -> int:
        """How many. What was put right meanwhile (a source, a field that a newer service knows) goes through now."""
        with self._at_once() as db:
            return db.execute("UPDATE events SET problem = NULL WHERE problem IS NOT NULL").rowcount

    def filling(self) -> Filling:
        [waiting, refused] = self._db.execute(
            "SELECT count(*) - count(problem), count(problem) FROM events"
        ).fetchone()
        first = self.next(1)
        return Filling(waiting, refused, datetime.fromisoformat(first[0].cloud_event["time"]) if first else None)

    def _cloud_event(self, number: int, source: str, body: str) -> dict[str, Any]:
        envelope = {"specversion": "1.0", "id": self.id_of(number), "source": source, "sequence": str(number)}
        return {**envelope, **json.loads(body)}

    @contextmanager
    def _at_once(self) -> Iterator[sqlite3.Connection]:
        """Everything or nothing, and flushed."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def _body(said: Said, now: datetime) -> dict[str, Any]:
    at = (said.at or now).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body: dict[str, Any] = {"type": said.type, "time": at, "data": dict(said.data)}
    if said.call is not None:
        body["subject"] = said.call
    return body
