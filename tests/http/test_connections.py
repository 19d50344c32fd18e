"""What a client without a key can make the server hold or wait for has bounds; others do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import Request
from starlette.types import Message, Receive, Scope, Send

from app.http.protocol.body import read_body
from app.http.protocol.guarded_protocol import FRAMING_LIMIT, GuardedProtocol
from app.http.protocol.problems import Problem

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was sent: how many headers, and the body."""
    request = Request(scope, receive)
    body = await request.body()
    answer = b"%d %s" % (len(request.headers), body)
    length = (b"content-length", b"%d" % len(answer))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": answer})


class Impatient(GuardedProtocol):
    head_seconds = 0.2


@asynccontextmanager
async def listening(protocol: type[GuardedProtocol] = GuardedProtocol) -> AsyncIterator[int]:
    """The port of a server that works through this protocol."""
    config = uvicorn.Config(echo, http=protocol, ws="none", lifespan="off", log_config=None, port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def flood(writer: asyncio.StreamWriter, piece: bytes, most: int) -> int:
    """Sends the piece until the other side hangs up; returns the bytes that were sent, `most` if it never did."""
    sent = 0
    try:
        while sent < most:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    except ConnectionError:
        pass
    return sent


@pytest.mark.parametrize("piece", [b"x" * 10_000, b"a: b\r\n" * 2000], ids=["one header", "many headers"])
async def test_a_head_without_end_is_cut_off(piece: bytes) -> None:
    async with listening() as port, connected(port) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\nx: ")
        assert await flood(writer, piece, 100_000_000) < 20_000_000


async def test_a_head_that_is_too_large_is_told_so() -> None:
    async with listening() as port, connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n")
        await writer.drain()
        for _ in range(50):
            writer.write(b"x: " + b"y" * 9_000 + b"\r\n")
            await writer.drain()
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert b"/problems/head-too-large" in answer


async def test_a_path_without_end_is_cut_off() -> None:
    async with listening() as port, connected(port) as (_, writer):
        writer.write(b"GET /")
        assert await flood(writer, b"x" * 10_000, 100_000_000) < 10_000_000


async def test_framing_and_trailers_without_end_are_cut_off() -> None:
    async with listening() as port:
        for begin, piece in ((b"0\r\nx: ", b"y" * 10_000), (b"0\r\n", b"x: y\r\n" * 2000), (b"1;", b"x" * 10_000)):
            async with connected(port) as (_, writer):
                writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + begin)
                assert await flood(writer, piece, 20 * FRAMING_LIMIT) < 4 * FRAMING_LIMIT


async def test_a_body_byte_by_byte_with_trailers_is_taken_and_the_trailers_are_not() -> None:
    async with listening() as port, connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
            writer.write(b"1\r\na\r\n" * 200_000 + b"0\r\nx-trailer: 1\r\n\r\n")
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(200_002) == b"2 " + b"a" * 200_000


async def test_a_head_and_a_body_in_pieces_are_taken() -> None:
    async with listening() as port, connected(port) as (reader, writer):
        for byte in b"POST / HTTP/1.1\r\nhost: a\r\nx: y\r\ncontent-length: 3\r\n\r\nabc":
            writer.write(bytes([byte]))
            await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(5) == b"3 abc"


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\n"])
async def test_who_says_nothing_or_does_not_finish_is_hung_up_on(begun: bytes) -> None:
    async with listening(Impatient) as port, connected(port) as (reader, writer):
        writer.write(begun)
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_who_does_not_finish_a_second_request_is_hung_up_on_too() -> None:
    async with listening(Impatient) as port, connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"1 "
        writer.write(b"GET / HTTP/1.1\r\n")
        assert await asyncio.wait_for(reader.read(), 4) == b""


async def test_a_body_that_does_not_arrive_in_time_is_given_up() -> None:
    arrived = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Message:
        return arrived.pop() if arrived else await asyncio.get_running_loop().create_future()

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(Problem) as refusal:
        await read_body(request, within=0.05)
    assert (refusal.value.status, refusal.value.slug) == (408, "body-too-slow")
