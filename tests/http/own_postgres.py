"""A PostgreSQL of a test's own, which is stopped, killed and frozen, and comes back at the same address."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from app.embedded.account import account_for
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.process import ChildrenStillRun, ServerProcess
from drill.processes import children, send, sessions
from migrations import upgrade
from tests.cluster import SETTINGS, temporary_folder

FAST, AT_ONCE, KILLED = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL


class OwnPostgres:
    """Use as an async context manager; `dsn` leads to a migrated database."""

    async def __aenter__(self) -> Self:
        self._folder = temporary_folder()
        data = self._folder.__enter__() / "data"
        first = await asyncio.to_thread(EmbeddedPostgres.start, data)
        assert first.binaries is not None
        await asyncio.to_thread(upgrade, first.dsn)
        self.dsn, self._cluster, self._binaries = first.dsn, first.where, first.binaries
        await asyncio.to_thread(first.stop)
        with (self._cluster / "postgresql.conf").open("a") as settings:
            settings.write("\n".join(("", *SETTINGS, "")))
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.thaw()
        await asyncio.to_thread(self._server.stop)
        self._folder.__exit__(None, None, None)

    async def start(self) -> None:
        """Where the children of one that was killed have not noticed it yet, as soon as they have."""
        port = urlsplit(self.dsn).port
        assert port is not None
        while True:
            try:
                self._server = await asyncio.to_thread(
                    ServerProcess.start, self._binaries, self._cluster, port, self._log, account_for(self._cluster)
                )
                return
            except ChildrenStillRun:
                await asyncio.sleep(0.05)

    @property
    def _log(self) -> Path:
        return self._cluster.parent / "own.log"

    async def end(self, how: signal.Signals) -> None:
        """Returns when its first process has ended."""
        os.kill(self._server.pid, how)
        await asyncio.to_thread(self._server.stop)

    def kill_sessions(self, how_many: int) -> None:
        """As by the kernel when memory is short: all other sessions end with them, and it recovers."""
        send(sessions(self._server.pid)[:how_many], signal.SIGKILL)

    def freeze(self) -> None:
        """Nothing of it does anything any more; connections stay, and new ones are still taken by the kernel."""
        send([self._server.pid, *children(self._server.pid)], signal.SIGSTOP)

    def thaw(self) -> None:
        send([self._server.pid, *children(self._server.pid)], signal.SIGCONT)
