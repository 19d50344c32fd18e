"""Webhooks leave the house: no address that people set leads into it, in whatever notation."""

import ipaddress
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from app.notifications.delivery import NeverDelivered
from app.notifications.networks import is_public, leads_into_the_house, outside_of
from app.notifications.webhooks import client, send_webhook
from tests.app.receiving import web_server

INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[fec0::1]", "１２７.0.0.1", "127。0。0。1", "localhost",
    "LOCALHOST.", "a.localhost", "printer.local", "metadata.google.internal",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_an_address_into_the_house_is_known_for_one(host: str) -> None:
    assert leads_into_the_house(f"http://{host}/hook")


@pytest.mark.parametrize("host", ["hooks.example.com", "93.184.215.14", "[2606:2800:21f:cb07::1]", "10.example.com"])
def test_an_address_outside_is_not(host: str) -> None:
    assert not leads_into_the_house(f"https://{host}:8443/hook")


def test_documentation_and_benchmark_networks_are_not_public() -> None:
    assert not any(is_public(ipaddress.ip_address(one)) for one in ("192.0.2.1", "198.18.0.1", "2001:db8::1"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "[::1]"])
async def test_what_is_connected_to_is_asked_of_the_resolved_address(host: str) -> None:
    with pytest.raises(NeverDelivered):
        await outside_of(httpx.URL(f"http://{host}/"))


async def test_a_webhook_into_the_house_is_not_sent_where_that_is_not_allowed() -> None:
    async with web_server() as web, client(5) as http:
        asked = (http, web.url(), "whsec_" + "A" * 32, {"a": 1}, UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC))
        with pytest.raises(NeverDelivered):
            await send_webhook(*asked, private_networks=False)
        assert web.posted == []
        await send_webhook(*asked, private_networks=True)
        assert len(web.posted) == 1
