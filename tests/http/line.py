"""The line to PostgreSQL, which can be pulled and plugged in again: everybody on it loses their connection.

It can also be frozen: nothing arrives any more, and nobody is told.
"""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import urlsplit


class Line:
    """Use as an async context manager; `url` leads through it. `most` were connected at once since it was frozen."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self.pulled = asyncio.Event()
        self.frozen = asyncio.Event()
        self.most = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._connected = 0
        self._marker: bytes | None = None
        self._and_then = self.pull
        self._writers: set[asyncio.StreamWriter] = set()
        self._copying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        self.url = self._target._replace(netloc=f"{self._target.netloc.rpartition(':')[0]}:{port}").geturl()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.pull()
        self._flows.set()
        await asyncio.gather(*self._copying)

    def pull(self) -> None:
        """Nobody is connected any more, and nobody gets a connection."""
        self.pulled.set()
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def is_pulled(self) -> None:
        """Waits until it is pulled. Raises `TimeoutError` where nobody pulls it within twenty seconds."""
        async with asyncio.timeout(20):
            await self.pulled.wait()

    def pull_when_sent(self, marker: bytes) -> None:
        """Pulls the line when a request with these bytes in it has been passed on, before it is answered."""
        self._marker, self._and_then = marker, self.pull

    def freeze(self) -> None:
        """Nothing is passed on any more, not even that somebody hung up; connections are taken as before."""
        self._flows.clear()
        self.frozen.set()
        self.most = self._connected

    def freeze_when_sent(self, marker: bytes) -> None:
        """Freezes when a request with these bytes in it has been passed on, before it is answered."""
        self._marker, self._and_then = marker, self.freeze

    def thaw(self) -> None:
        """What was held up arrives."""
        self.frozen.clear()
        self._flows.set()

    def plug_in(self) -> None:
        self.pulled.clear()

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self.pulled.is_set():
            to_client.close()
            return
        server, to_server = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers |= {to_client, to_server}
        self._connected += 1
        self.most = max(self.most, self._connected)
        for source, sink, watched in ((client, to_server, True), (server, to_client, False)):
            task = asyncio.create_task(self._copy(source, sink, watched=watched))
            self._copying.add(task)
            task.add_done_callback(self._copying.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, watched: bool) -> None:
        try:
            while data := await source.read(1 << 16):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
                if watched and self._marker is not None and self._marker in data:
                    self._marker = None
                    self._and_then()
        except OSError:
            pass  # pulled, or hung up on the other side
        finally:
            self._connected -= watched
            await self._flows.wait()
            sink.close()
