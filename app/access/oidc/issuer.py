"""The issuer's public keys: discovered, kept, fetched anew as they rotate, and never more than we bear.

While the issuer is away its keys are good for a while, and nobody is told that their token is bad.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from domain.errors import Unavailable

log = structlog.get_logger()

DISCOVERY: Final = "/.well-known/openid-configuration"
FRESH: Final = 300.0  # seconds after which the keys are fetched anew
SPARING: Final = 10.0  # seconds between two attempts, whatever keys are asked for
USABLE: Final = 3600.0  # seconds for which keys are good while the issuer is away
FETCHING: Final = 5.0  # seconds
MOST_BYTES: Final = 256 * 1024
MOST_KEYS: Final = 100
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
KINDS: Final = ("RSA", "EC", "OKP")  # what only the issuer can sign with; a shared secret is nobody's public key


class IssuerAway(Unavailable):
    """Its keys cannot be fetched, and those that were are too old."""

    retry_after = 5


class IssuerAnswersWrong(Exception):
    """What came is not what an issuer says; the message names the kind of mistake alone."""


def is_safe(address: str) -> bool:
    """Whether keys from there come from whom it says: by TLS, or from this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


class Issuer:
    """One issuer. `aclose` ends it."""

    def __init__(
        self,
        address: str,
        *,
        clock: Callable[[], float] = monotonic,
        fresh: float = FRESH,
        sparing: float = SPARING,
        usable: float = USABLE,
    ) -> None:
        """`address` is the `iss` of its tokens; the rest is in seconds, as said above."""
        self.address = address
        self._keys: Mapping[str, Key] = {}
        self._thumbprints: frozenset[str] = frozenset()
        self._clock, self._fresh, self._sparing, self._usable = clock, fresh, sparing, usable
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        # Nothing of the environment decides where keys come from, and nobody sends us on elsewhere.
        self._http = httpx.AsyncClient(timeout=FETCHING, follow_redirects=False, trust_env=False)

    async def aclose(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        await self._http.aclose()

    def must_be_usable(self) -> None:
        """Raises `IssuerAway`. Keys that are not fresh any more are fetched anew in passing."""
        age = self._clock() - self._fetched
        if age > self._fresh and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._fetch_if_due(), name="issuer's keys")
        if age > self._usable:
            raise IssuerAway

    async def key(self, kid: str | None) -> Key | None:
        """The key of this name; without a name the only one there is. None: there is none. Raises `IssuerAway`."""
        if self._found(kid) is None or self._clock() - self._fetched > self._usable:
            await self._fetch_if_due()
        self.must_be_usable()
        return self._found(kid)

    def has(self, thumbprint: str) -> bool:
        """Whether it still says that this is a key of its own."""
        return thumbprint in self._thumbprints

    def _found(self, kid: str | None) -> Key | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _fetch_if_due(self) -> None:
        async with self._fetching:
            if self._clock() - self._tried < self._sparing:
                return
            self._tried = self._clock()
            try:
                async with asyncio.timeout(FETCHING):
                    self._keys = await self._fetched_keys()
                self._thumbprints = frozenset(key.thumbprint() for key in self._keys.values())
                self._fetched = self._clock()
            except (httpx.HTTPError, httpx.InvalidURL, IssuerAnswersWrong, TimeoutError, OSError) as error:
                log.warning("issuer_keys_not_fetched", error=type(error).__name__, why=str(error)[:60] or None)

    async def _fetched_keys(self) -> dict[str, Key]:
        found = await self._json(self.address.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self.address:
            raise IssuerAnswersWrong("another issuer")
        where = found.get("jwks_uri")
        if not isinstance(where, str) or not is_safe(where):
            raise IssuerAnswersWrong("jwks_uri")
        keys = (await self._json(where)).get("keys")
        if not isinstance(keys, list) or len(keys) > MOST_KEYS:
            raise IssuerAnswersWrong("keys")
        read = [key for one in keys if (key := _read(one)) is not None]
        return {key.kid if key.kid is not None else f"#{number}": key for number, key in enumerate(read)}

    async def _json(self, address: str) -> dict[str, Any]:
        content = b""
        async with self._http.stream("GET", address, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != 200:
                raise IssuerAnswersWrong(f"status {answer.status_code}")
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise IssuerAnswersWrong("too large")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            raise IssuerAnswersWrong("no JSON") from None
        if not isinstance(found, dict):
            raise IssuerAnswersWrong("no object")
        return found


def _read(described: Any) -> Key | None:
    """A key that signatures are checked with; None for what is none, is for something else, or we do not know."""
    if not isinstance(described, dict) or described.get("kty") not in KINDS or described.get("use", "sig") != "sig":
        return None
    try:
        key: Key = JWKRegistry.import_key(described)
        return key
    except (JoseError, ValueError, TypeError, KeyError):
        return None
