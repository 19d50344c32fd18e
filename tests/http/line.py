"""The line to PostgreSQL, which can be pulled and plugged in again: everybody on it loses their connection."""

from __future__ import annotations

import asyncio
from typing import Self
from urllib.parse import urlsplit


class Line:
    """Use as an async context manager; `url` leads through it."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self.pulled = asyncio.Event()
        self._marker: bytes | None = None
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
        await asyncio.gather(*self._copying)

    def pull(self) -> None:
        """Nobody is connected any more, and nobody gets a connection."""
        self.pulled.set()
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def pull_when_sent(self, marker: bytes) -> None:
        """Pulls the line when a request with these bytes in it has been passed on, before it is answered."""
        self._marker = marker

    def plug_in(self) -> None:
        self.pulled.clear()

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self.pulled.is_set():
            to_client.close()
            return
        server, to_server = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers |= {to_client, to_server}
        for source, sink, watched in ((client, to_server, True), (server, to_client, False)):
            task = asyncio.create_task(self._copy(source, sink, watched=watched))
            self._copying.add(task)
            task.add_done_callback(self._copying.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, watched: bool) -> None:
        try:
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
                if watched and self._marker is not None and self._marker in data:
                    self._marker = None
                    self.pull()
        except OSError:
            pass  # pulled, or hung up on the other side
        finally:
            sink.close()
