"""Where requests may go whose address people set: out of the house, never into it.

What counts is the address that is connected to. A name is resolved once, and that answer is checked and used, so that a
name which stands for another address a moment later (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import socket
from typing import Final

import httpx

from app.notifications.delivery import NeverDelivered, NotDelivered

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address in the last 32 bits
LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")


def is_public(address: Address) -> bool:
    """Whether it lies in no private, local, reserved or multicast network, also by way of another notation."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in TRANSLATED:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if any(one is not None and not is_public(one) for one in inner):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def leads_into_the_house(url: str) -> bool:
    """Whether the address itself says so, without asking for names: 127.0.0.1, 0x7f000001, [::1], localhost."""
    try:
        host = httpx.URL(url).host.rstrip(".").lower()
    except httpx.InvalidURL:
        return True  # nobody can know
    if host == LOCAL_NAMES[0] or host.endswith(LOCAL_NAMES[1:]):
        return True
    try:
        return not is_public(ipaddress.ip_address(socket.inet_aton(host)))  # decimal, octal and short forms too
    except (OSError, ValueError):
        pass
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False


async def outside_of(url: httpx.URL) -> str:
    """The one address that a request to this is sent to. Raises `NeverDelivered` where any leads into the house."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise NotDelivered("no such host") from None
    addresses = [str(place[4][0]) for place in found]
    if not addresses or not all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise NeverDelivered("private network")
    return addresses[0]
