"""A TCP proxy in front of PostgreSQL that cuts a connection at a chosen moment, and can be pointed elsewhere."""

from __future__ import annotations

import asyncio
from typing import Literal, Self
from urllib.parse import urlsplit

Cut = Literal["before it arrives", "before it is answered"]


class Proxy:
    """Use as an async context manager. `cuts` counts what was cut."""

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url)
        self.cuts = 0
        self._marker: bytes | None = None
        self._cut: Cut = "before it arrives"
        self._writers: set[asyncio.StreamWriter] = set()
        self._served: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        self.url = self.target._replace(netloc=f"{self.target.netloc.rpartition(':')[0]}:{port}").geturl()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._served)

    def cut(self, marker: bytes, when: Cut) -> None:
        """Cuts, once, the connection on which a request with `marker` in it is sent."""
        self._marker, self._cut = marker, when

    def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._served.add(asyncio.create_task(self._serve(client, to_client)))

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(self.target.hostname, self.target.port)
        except OSError:
            to_client.close()
            return
        self._writers |= {to_client, to_server}
        doomed = asyncio.Event()
        await asyncio.gather(self._requests(client, to_server, doomed), self._answers(server, to_client, doomed))
        for writer in (to_client, to_server):
            writer.close()

    async def _requests(
        self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while data := await _read(client):
            if self._marker is not None and self._marker in data:
                self._marker = None
                self.cuts += 1
                doomed.set()
                if self._cut == "before it arrives":
                    break
            to_server.write(data)
        to_server.close()

    async def _answers(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while (data := await _read(server)) and not doomed.is_set():
            to_client.write(data)
        to_client.close()


async def _read(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.read(1 << 16)
    except OSError:
        return b""
