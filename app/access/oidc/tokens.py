"""What a token says, once its issuer's signature, its times and whom it is for have been checked."""

import base64
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from app.access.oidc.issuer import Issuer
from app.access.refusals import NotAuthenticated

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
LEEWAY: Final = 60  # seconds by which our clock and the issuer's may differ
LONGEST: Final = 16 * 1024
LONGEST_HEADER: Final = 4 * 1024
LONGEST_KID: Final = 200
MOST_KNOWN: Final = 10_000


class TokenRefused(NotAuthenticated):
    """A token that is not good here; the fact says what is wrong with it."""

    def __init__(self, why: str) -> None:
        super().__init__(**{why: True})
        self.why = why

    @property
    def is_a_guess(self) -> bool:
        """Whether nobody but its sender has made it; one that was good once is none."""
        return self.why in ("malformed", "signature", "algorithm", "unknown_key")


@dataclass(frozen=True, slots=True)
class Token:
    """One that is good until `expires`, in seconds since 1970. `digest` names it in place of itself."""

    digest: str
    claims: Mapping[str, Any]
    expires: float
    signed_with: str


class Tokens:
    """Tokens of one issuer for one audience. Each is checked once, and then known until it expires."""

    def __init__(self, issuer: Issuer, audience: str, now: Callable[[], datetime]) -> None:
        self.issuer, self._audience, self._now = issuer, audience, now
        self._known: OrderedDict[bytes, Token] = OrderedDict()
        self._registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        self._registry.max_header_length = LONGEST_HEADER

    def known(self, text: str) -> Token | None:
        """One that was checked before, while it is good and its key is still the issuer's. Raises `IssuerAway`."""
        token = self._known.get(_digest(text))
        if token is None:
            return None
        if token.expires + LEEWAY <= self._now().timestamp() or not self.issuer.has(token.signed_with):
            del self._known[_digest(text)]
            return None
        self.issuer.must_be_usable()
        return token

    async def checked(self, text: str) -> Token:
        """Raises `TokenRefused`, `IssuerAway`."""
        if (known := self.known(text)) is not None:
            return known
        if len(text) > LONGEST or not text.isascii():
            raise TokenRefused("malformed")
        key = await self._key_of(text)
        claims = self._verified(text, key)
        token = Token(hashlib.sha256(text.encode()).hexdigest()[:16], claims, self._expiry(claims), key.thumbprint())
        self._known[_digest(text)] = token
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return token

    def _verified(self, text: str, key: Key) -> dict[str, Any]:
        try:
            with catch_warnings():
                simplefilter("ignore", SecurityWarning)  # of the name EdDSA, which issuers still use for Ed25519
                return jwt.decode(text, key, algorithms=list(ALGORITHMS), registry=self._registry).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            raise TokenRefused("signature") from None

    async def _key_of(self, text: str) -> Key:
        """The issuer's key that it says it was signed with. Nothing of the header but its name is believed."""
        header = header_of(text)
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefused("algorithm")
        kid = header.get("kid")
        if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID):
            raise TokenRefused("unknown_key")
        key = await self.issuer.key(kid)
        if key is None:
            raise TokenRefused("unknown_key")
        return key

    def _expiry(self, claims: Mapping[str, Any]) -> float:
        now = self._now().timestamp()
        if claims.get("iss") != self.issuer.address:
            raise TokenRefused("issuer")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenRefused("audience")
        times = {name: _seconds(claims, name) for name in ("exp", "nbf", "iat")}
        if times["exp"] is None:
            raise TokenRefused("no_expiry")
        if times["exp"] + LEEWAY <= now:
            raise TokenRefused("expired")
        if any(at is not None and at - LEEWAY > now for at in (times["nbf"], times["iat"])):
            raise TokenRefused("not_yet")
        return times["exp"]


def header_of(text: str) -> dict[str, Any]:
    """What a token says of itself, unchecked. Raises `TokenRefused`."""
    try:
        found = _part(text, 0)
    except (ValueError, RecursionError):
        raise TokenRefused("malformed") from None
    if not isinstance(found, dict):
        raise TokenRefused("malformed")
    return found


def claims_of(text: str) -> dict[str, Any]:
    """What a token claims, unchecked: for who tries out rules. Raises `TokenRefused`."""
    try:
        found = _part(text, 1)
    except (ValueError, RecursionError):
        raise TokenRefused("malformed") from None
    if not isinstance(found, dict):
        raise TokenRefused("malformed")
    return found


def _part(text: str, number: int) -> Any:
    parts = text.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    part = parts[number]
    return json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise TokenRefused("malformed")
    return float(value)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def is_token(text: str) -> bool:
    """Whether it looks like a token, and not like a key of ours."""
    return text.count(".") == 2
