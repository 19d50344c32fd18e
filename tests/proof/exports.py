"""Exports made by hand of events made up: as the service would write them, and then tampered with."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof.leaf import event_line
from proof.verify import FORMAT, Checkpoint, PublicKey, Tree, leaf_hash, signature_line

START: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BLOCK: Final = 8


@dataclass
class Signer:
    """A key that signs notes."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    name: str = "redress/tests"

    @property
    def public(self) -> PublicKey:
        return PublicKey.of(self.name, self.private.public_key().public_bytes_raw())

    def note(self, text: str) -> str:
        return f"{text}\n{self.line(text)}"

    def line(self, text: str) -> str:
        return signature_line(self.public, self.private.sign(text.encode()))

    def checkpoint(self, leaves: list[bytes]) -> str:
        tree = Tree()
        for leaf in leaves:
            tree.append(leaf)
        return self.note(str(Checkpoint(self.name, len(leaves), tree.root(), "2026-03-02T01:00:00Z")))


def stream(number: int) -> UUID:
    return UUID(int=number + 1)


def event(position: int, of: int, version: int, *, minute: int | None = None, text: str = "sealed") -> bytes:
    """One event's line: of a stream by its number."""
    at = START + timedelta(minutes=position if minute is None else minute)
    state = b'{"text":"%s"}' % text.encode()
    return event_line(position, at, stream(of), version, "complaint.NoteAdded", "li-min", state)


def history(count: int, streams: int = 3) -> list[bytes]:
    """The lines of a log: its streams take turns."""
    return [event(at + 1, at % streams, at // streams + 1, text=f"note {at}") for at in range(count)]


def said(**values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def sealed(first: int, leaves: list[bytes]) -> bytes:
    encoded = b64encode(b"".join(leaves)).decode()
    return said(sealed={"first": first, "last": first + len(leaves) - 1, "leaves": encoded})


def exported(
    signer: Signer, lines: list[bytes], was: list[bytes] | None = None, signed_at: tuple[int, ...] = ()
) -> list[bytes]:
    """The export of a log that holds `lines` and was sealed when it held `was`, with checkpoints at these sizes."""
    sealed_as = [leaf_hash(line) for line in (lines if was is None else was)]
    last = len(sealed_as)
    made = [said(format=FORMAT, after=0, until=last, selection="all", key=str(signer.public))]
    rows = {int(line.partition(b",")[0].removeprefix(b'{"position":')): line for line in lines}
    beyond = [line for position, line in rows.items() if position > last]
    first = 1
    for end in sorted({*range(BLOCK, last, BLOCK), *signed_at, last}):
        made += [rows[at] for at in range(first, end + 1) if at in rows]
        made += beyond if end == last else []
        made.append(sealed(first, sealed_as[first - 1 : end]))
        if end in signed_at or end == last:
            made.append(said(checkpoint=signer.checkpoint(sealed_as[:end])))
        first = end + 1
    return made
