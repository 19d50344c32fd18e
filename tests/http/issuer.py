"""An OpenID Connect issuer on this machine: a real HTTP server with keys that rotate, and tokens signed with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from time import time
from typing import Any, Final, Self
from warnings import catch_warnings, simplefilter

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

AUDIENCE: Final = "redress"
DISCOVERY: Final = "/.well-known/openid-configuration"
KEYS: Final = "/keys"
KINDS: Final[dict[str, Any]] = {
    "RS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}),
    "PS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid}),
    "ES256": lambda kid: ECKey.generate_key("P-256", {"kid": kid}),
    "EdDSA": lambda kid: OKPKey.generate_key("Ed25519", {"kid": kid}),
    "Ed25519": lambda kid: OKPKey.generate_key("Ed25519", {"kid": kid}),
}


class Issuer:
    """Use as an async context manager. `asked` are the paths of the requests; `answers` replace what it says at one."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[str, Key]] = {}
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.rotate("first")

    async def __aenter__(self) -> Self:
        await self._listen(0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.goes_away()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def goes_away(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def comes_back(self) -> None:
        await self._listen(self.port)

    def rotate(self, kid: str, algorithm: str = "ES256") -> None:
        """One more key, with which it signs from now on."""
        self.keys[kid] = (algorithm, KINDS[algorithm](kid))

    def token(self, claims: Mapping[str, Any], kid: str | None = None, **header: Any) -> str:
        """A good one for an hour; claims that are None are left out."""
        kid = kid or list(self.keys)[-1]
        algorithm, key = self.keys[kid]
        now = int(time())
        whole = {"iss": self.address, "aud": AUDIENCE, "iat": now, "exp": now + 3600, **claims}
        said = {name: value for name, value in whole.items() if value is not None}
        with catch_warnings():
            simplefilter("ignore", SecurityWarning)  # of the name EdDSA
            return jwt.encode({"alg": algorithm, "kid": kid, **header}, said, key, algorithms=[algorithm])

    @property
    def published(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for _, key in self.keys.values()]}

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", port)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        self.asked.append(path)
        said = {DISCOVERY: {"issuer": self.address, "jwks_uri": self.address + KEYS}, KEYS: self.published}
        status, body = self.answers.get(path) or (200, json.dumps(said.get(path)).encode())
        length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{length}".encode() + body)
        try:
            await writer.drain()
        except OSError:
            pass  # whoever asked had enough
        writer.close()
