"""Sealing personal data: AES-256-GCM, a data key per complainant, wrapped by the deployment's master key.

Every value is bound to its stream, event type and field, so a ciphertext moved elsewhere does not open. Telephone
numbers, people who are named and pairs of characters are looked up by keyed hashes. See docs/decisions/0002.
"""

import base64
import hashlib
import hmac
import os
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from sys import byteorder
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.identity import levelled

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SEALED_ACTOR: Final = "sealed:"


class MasterKeyInvalid(ValueError):
    """REDRESS_MASTER_KEY must be 32 bytes in base64; make one with `openssl rand -base64 32`."""


class CannotUnseal(Exception):
    """A sealed value does not open: it was moved, changed, or sealed under another master key."""


class DataKey:
    """One complainant's key. Seals and opens values of that person; never leaves the process unwrapped."""

    __slots__ = ("_cipher", "_secret", "id")

    def __init__(self, id: UUID, secret: bytes) -> None:
        self.id = id
        self._secret = secret
        self._cipher = AESGCM(secret)

    def seal(self, plaintext: bytes, bound_to: bytes) -> str:
        """Nonce and ciphertext in base64; opens only with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plaintext, bound_to)).decode("ascii")

    def unseal(self, sealed: str, bound_to: bytes) -> bytes:
        """Raises `CannotUnseal`."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except ValueError as error:
            raise CannotUnseal from error
        return self.unseal_column(raw, bound_to)

    def seal_column(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """As `seal`, for a column of a read model: the same again for the same, so that a rebuilt row can be compared.

        The nonce is made of all that is sealed (as in RFC 5297), so none is used for two different values.
        """
        nonce = hmac.digest(self._secret, b"redress nonce of a column\0" + bound_to + b"\0" + plaintext, "sha256")
        return nonce[:NONCE_BYTES] + self._cipher.encrypt(nonce[:NONCE_BYTES], plaintext, bound_to)

    def unseal_column(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises `CannotUnseal`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal from error


@dataclass(frozen=True)
class NewKey:
    """A fresh data key and the wrapped form that is stored."""

    key: DataKey
    wrapped: bytes


class MasterKey:
    """The deployment's key: wraps data keys, and keys the hashes for look-up."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is kept to be handed to processes that work for this one."""
        if len(secret) != KEY_BYTES:
            raise MasterKeyInvalid(MasterKeyInvalid.__doc__)
        self.secret = secret
        self._wrapping = AESGCM(_derived(secret, b"redress data key wrapping"))
        self._lookup = _derived(secret, b"redress look-up hashes")
        self._secrets = _derived(secret, b"redress repeated key requests")
        self._cursors = _derived(secret, b"redress list cursors")
        self._settings = AESGCM(_derived(secret, b"redress sealed settings"))
        self._names = AESGCM(_derived(secret, b"redress names of people accused"))
        self._tags = _derived(secret, b"redress tags of people accused")
        self._grams = Cipher(AES(_derived(secret, b"redress searched pairs of characters")), ECB())
        self.fingerprint = hashlib.sha256(_derived(secret, b"redress fingerprint")).hexdigest()[:16]

    @classmethod
    def from_base64(cls, text: str) -> "MasterKey":
        """Raises `MasterKeyInvalid`."""
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except ValueError as error:
            raise MasterKeyInvalid(MasterKeyInvalid.__doc__) from error

    def new_data_key(self, id: UUID) -> NewKey:
        secret = os.urandom(KEY_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        return NewKey(DataKey(id, secret), nonce + self._wrapping.encrypt(nonce, secret, id.bytes))

    def unwrap(self, id: UUID, wrapped: bytes) -> DataKey:
        """Raises `CannotUnseal` when it was wrapped under another master key, or for another complainant."""
        try:
            return DataKey(id, self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], id.bytes))
        except InvalidTag as error:
            raise CannotUnseal from error

    def lookup_hash(self, kind: str, value: str) -> bytes:
        """The same value of the same kind gives the same 32 bytes; without the master key nobody can try values."""
        return hmac.digest(self._lookup, f"{kind}\0{value}".encode(), "sha256")

    def secret_for(self, command_id: UUID) -> str:
        """The API key that a repeated request for one is answered with again; nobody else can compute it."""
        return base64.urlsafe_b64encode(hmac.digest(self._secrets, command_id.bytes, "sha256")).decode().rstrip("=")

    def seal_setting(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """A secret of a third party that the service keeps, such as what it signs webhooks with."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._settings.encrypt(nonce, plaintext, bound_to)

    def unseal_setting(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises `CannotUnseal` when it was sealed for something else, or under another master key."""
        try:
            return self._settings.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal from error

    def seal_name(self, plaintext: bytes, bound_to: bytes) -> str:
        """Who of the staff is accused, or how they were judged; outlives the complainant's data key."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._names.encrypt(nonce, plaintext, bound_to)).decode("ascii")

    def unseal_name(self, sealed: str, bound_to: bytes) -> bytes:
        """Raises `CannotUnseal`."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._names.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal from error

    def sealed_actor(self, id: str) -> str:
        """Who of the staff is told of something, perhaps of what is said against them: the same again for the same."""
        return SEALED_ACTOR + self._sealed_alike(levelled(id), "actor")

    def opened_actor(self, stored: str) -> str:
        """What `sealed_actor` sealed; what older rows hold in clear as it is. Raises `CannotUnseal`."""
        if not stored.startswith(SEALED_ACTOR):
            return stored
        return self.unseal_name(stored.removeprefix(SEALED_ACTOR), b"actor").decode()

    def sealed_place(self, name: str) -> str:
        """Where something happened, by which read models count: the same again for the same."""
        return self._sealed_alike(name, "place")

    def opened_place(self, stored: str) -> str:
        """What `sealed_place` sealed. Raises `CannotUnseal`."""
        return self.unseal_name(stored, b"place").decode()

    def _sealed_alike(self, text: str, what: str) -> str:
        nonce = hmac.digest(self._tags, f"redress nonce of an {what}\0{text}".encode(), "sha256")[:NONCE_BYTES]
        return base64.b64encode(nonce + self._names.encrypt(nonce, text.encode(), what.encode())).decode("ascii")

    def tag_of(self, person: str) -> str:
        """What a person is found by where they are accused: 16 characters, equal for every spelling of one name."""
        tag = hmac.digest(self._tags, levelled(person).encode(), "sha256")[:12]
        return base64.urlsafe_b64encode(tag).decode("ascii")

    def gram_hashes(self, grams: Iterable[str]) -> list[int]:
        """A keyed hash, 32 bits signed, of each text of one to four characters, in their order.

        AES of a block is a pseudo-random function of it; all blocks of a complaint take as long as one HMAC. Nothing is
        encrypted here: of each block a quarter is kept, from which nobody gets back.
        """
        blocks = "".join([gram.ljust(4, "\0") for gram in grams]).encode("utf-32-le", "surrogatepass")
        hashed = self._grams.encryptor().update(blocks)
        words = array("i", hashed)
        if byteorder == "big":
            words.byteswap()
        return words[::4].tolist()

    def cursor_tag(self, content: bytes) -> bytes:
        """Proves that a list cursor was made here."""
        return hmac.digest(self._cursors, content, "sha256")[:8]


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)
