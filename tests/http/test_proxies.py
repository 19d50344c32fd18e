"""Who a request comes from: the word of configured proxies counts, and nobody else's."""

from __future__ import annotations

from ipaddress import ip_network

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.http.protocol.proxies import BehindProxies, counted_as

TRUSTED = [ip_network(network) for network in ("10.0.0.0/8", "2001:db8:1::/48")]


async def said_to_come_from(peer: str, *forwarded: str, trusted: bool = True) -> str:
    """Whom the application takes for the caller of a request with these headers."""

    async def tells(scope: Scope, receive: Receive, send: Send) -> None:
        client = Request(scope).client
        await PlainTextResponse("" if client is None else client.host)(scope, receive, send)

    app = BehindProxies(tells, TRUSTED if trusted else [])
    transport = httpx.ASGITransport(app, client=(peer, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://redress.test") as http:
        return (await http.get("/", headers=[("X-Forwarded-For", line) for line in forwarded])).text


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.7"),  # no proxy of ours: nobody's word counts
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),  # the left one is what the caller wrote
        ("10.0.0.1", ("198.51.100.1", "203.0.113.9, 10.2.3.4"), "203.0.113.9"),
        ("10.0.0.1", ("10.9.9.9, 10.2.3.4",), "10.9.9.9"),
        ("10.0.0.1", ("203.0.113.9, unknown",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9:5123",), "203.0.113.9"),
        ("2001:db8:1::2", ("[2001:db8:2::9]:443",), "2001:db8:2::9"),
        ("::ffff:10.0.0.1", ("::ffff:203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("",), "10.0.0.1"),
    ],
)
async def test_the_caller_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    peer: str, forwarded: tuple[str, ...], caller: str
) -> None:
    assert await said_to_come_from(peer, *forwarded) == caller


async def test_without_configured_proxies_nobody_is_believed() -> None:
    assert await said_to_come_from("127.0.0.1", "203.0.113.9", trusted=False) == "127.0.0.1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True), ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False), ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False), (None, "", True), ("\udcff", "unix", False),
    ],
)  # fmt: skip
def test_a_caller_is_counted_as_an_ipv4_address_or_an_ipv6_network(
    one: str | None, other: str | None, same: bool
) -> None:
    assert (counted_as(one) == counted_as(other)) is same
