"""Who a request comes from where proxies stand before the service: their word counts, and nobody else's."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class BehindProxies:
    """ASGI middleware: sets `client` to the caller, for everything within to agree on.

    `X-Forwarded-For` is believed only from the `trusted` networks: of its addresses, read from the right, the first
    that is none of theirs is the caller. What stands further left anybody may have written.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app, self._trusted = app, tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._trusted and scope["type"] == "http" and scope.get("client") is not None:
            scope = {**scope, "client": (self._caller(scope), 0)}
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope) -> str:
        caller: str = scope["client"][0]
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = [hop.strip() for line in lines for hop in line.split(",")]
        while hops and self._trusts(caller):
            hop = _address(hops.pop())
            if hop is None:
                break  # the proxy did not know; it is counted itself
            caller = str(hop)
        return caller

    def _trusts(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._trusted)


@lru_cache(maxsize=4096)  # asked with every request
def counted_as(host: str | None) -> str:
    """Whom to count an address as: whoever has one IPv6 address has the 2^64 of its network."""
    address = _address(host or "")
    if address is None:
        return host or ""
    return str(address) if isinstance(address, IPv4Address) else str(IPv6Address(int(address) >> 64 << 64))


def _address(text: str) -> Address | None:
    """`192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`; None for anything else."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
