#!/usr/bin/env python3
"""Checks an export of the log: was anything changed, taken out or put in since it was sealed?

    python3 verify.py EXPORT.ndjson --key PUBLIC-KEY [--checkpoint HELD.txt ...]

Exit 0 and the figures, or exit 1 and the first event that does not fit, by its position and the kind of tampering, or
exit 2 where the file cannot be read. One file, nothing but Python's standard library, no trust in those who run the
service: the public key and the checkpoints that you hold are yours.

How it is proven (RFC 6962, the tree of Certificate Transparency; C2SP signed notes; RFC 8032, Ed25519):

1. Each event is one line of the export, byte for byte what is stored, personal data sealed. Its *leaf* is the SHA-256
   of a zero byte and the line without its end. The line begins with the position, so no event can take another's place.
2. All leaves are the leaves of one tree; two neighbours are hashed together with a byte 1 in front, and so on up to a
   single *root*. Whoever changes one byte anywhere gets another root.
3. Every minute the service signs a *checkpoint*: how many events there are, and their root. `--key` says whose
   signature counts. A checkpoint that you were sent cannot be taken back: hold it, and give it with `--checkpoint`.

The lines of an export: first what it is; then events; after at most 256 of them their leaves as they were kept when the
events were sealed (`sealed`), which name the one event that was changed since; whole trees in place of events that were
not asked for (`unseen`); and every checkpoint behind the last event that it covers.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import locale
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

FORMAT: Final = "redress-export/1"
HASH: Final = 32  # bytes
MOST_UNSEALED: Final = 256  # events in a row without a word of how they were sealed
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
EVENT: Final = re.compile(
    rb'\{"position":(\d+),"recorded_at":"([0-9TZ:.\-]{27})","stream":"([0-9a-f-]{36})","version":(\d+),'
)


# The tree


def leaf_hash(line: bytes) -> bytes:
    """Of one event: its line without the end of line."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that only grows, and keeps no more than the roots of its whole parts, the greatest first."""

    def __init__(self, size: int = 0, parts: Iterable[bytes] = ()) -> None:
        self.size, self._parts = size, list(parts)

    def append(self, hash: bytes, level: int = 0) -> None:
        """A leaf, or the root of a whole tree of 2 ** `level` leaves. Raises ValueError where it cannot stand there."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"a tree of {1 << level} leaves cannot stand after {self.size}")
        before = self.size >> level
        while before & 1:
            hash = node_hash(self._parts.pop(), hash)
            before >>= 1
        self._parts.append(hash)
        self.size += 1 << level

    def root(self) -> bytes:
        if not self._parts:
            return EMPTY_ROOT
        root = self._parts[-1]
        for part in reversed(self._parts[:-1]):
            root = node_hash(part, root)
        return root


def whole_trees(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The greatest whole trees from leaf `first` (counted from 0) up to `last` (not included), as (level, index)."""
    while first < last:
        level = (first & -first).bit_length() - 1 if first else last.bit_length() - 1
        while first + (1 << level) > last:
            level -= 1
        yield level, first >> level
        first += 1 << level


# Signed notes


class NotGenuine(Exception):
    """A note that is none, or that none of the keys has signed."""


@dataclass(frozen=True)
class PublicKey:
    """`name+hash+key`, as C2SP writes the key of a signed note."""

    name: str
    id: bytes
    key: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Raises ValueError."""
        name, _, key = text.strip().split("+", 2)
        found = cls.of(name, base64.b64decode(key, validate=True)[1:])
        if str(found) != text.strip():
            raise ValueError("this is no key of a signed note: " + text)
        return found

    @classmethod
    def of(cls, name: str, key: bytes) -> PublicKey:
        """Of an Ed25519 key's 32 bytes. Raises ValueError."""
        if len(key) != HASH or not name or re.search(r"[\s+]", name):
            raise ValueError("this is no key of a signed note: " + name)
        return cls(name, hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4], key)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(b'%c' % 1 + self.key).decode()}"


def signature_line(key: PublicKey, signature: bytes) -> str:
    return f"\u2014 {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def opened_note(note: str, keys: Iterable[PublicKey]) -> str:
    """What a note says, up to the empty line before its signatures. Raises `NotGenuine` unless one of `keys` signed."""
    text, empty, signatures = note.rpartition("\n\n")
    known = {(key.name, key.id): key for key in keys}
    for line in signatures.splitlines() if empty else ():
        try:
            dash, name, encoded = line.split(" ")
            signed = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise NotGenuine from None
        signer = known.get((name, signed[:4]))
        if dash == "\u2014" and signer is not None and is_signed(text.encode() + b"\n", signed[4:], signer.key):
            return text + "\n"
    raise NotGenuine


@dataclass(frozen=True)
class Checkpoint:
    """How many events there were, and the root over them; `at`: when it was signed."""

    origin: str
    size: int
    root: bytes
    at: str = ""

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """What a note says. Raises `NotGenuine`."""
        try:
            origin, size, root, *more = text.splitlines()
            at = next((line[5:] for line in more if line.startswith("time ")), "")
            found = cls(origin, int(size), base64.b64decode(root, validate=True), at)
        except ValueError:
            raise NotGenuine from None
        if len(found.root) != HASH or str(found.size) != size:
            raise NotGenuine
        return found

    def __str__(self) -> str:
        time = f"time {self.at}\n" if self.at else ""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{time}"


# A new key is introduced by the one before it: a note that both have signed.
INTRODUCES: Final = "redress/new-key"


def introduction(key: PublicKey) -> str:
    return f"{INTRODUCES}\n{key}\n"


def introduced(note: str, keys: Iterable[PublicKey]) -> PublicKey:
    """The key that one of `keys` vouches for. Raises `NotGenuine`."""
    title, _, key = opened_note(note, keys).partition("\n")
    try:
        found = PublicKey.parse(key)
    except ValueError:
        raise NotGenuine from None
    opened_note(note, [found])
    if title != INTRODUCES:
        raise NotGenuine
    return found


# Ed25519: is this signature genuine? (RFC 8032, 5.1; the points as there, (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z)

P: Final = 2**255 - 19
Q: Final = 2**252 + 27742317777372353535851937790883648493
D: Final = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    left, right, low, high = f - e, h - g, h + g, f + e
    return left * right % P, low * high % P, right * low % P, left * high % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _x_of(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


_BASE_Y: Final = 4 * pow(5, P - 2, P) % P
_BASE_X: Final = _x_of(_BASE_Y, 0) or 0
BASE: Final[Point] = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Whether `key` has signed this message."""
    if len(signature) != 64 or len(key) != HASH:
        return False
    signer, commitment = _point(key), _point(signature[:HASH])
    scalar = int.from_bytes(signature[HASH:], "little")
    if signer is None or commitment is None or scalar >= Q:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:HASH] + key + message).digest(), "little") % Q
    a, b = _times(scalar, BASE), _add(commitment, _times(challenge, signer))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


# The export


class NotAnExport(Exception):
    """The file is no export, or one of a later format."""


class Tampered(Exception):
    """The first thing that does not fit: at which position, and what was done there (one of `KINDS`)."""

    def __init__(self, kind: str, position: int, line: bytes = b"") -> None:
        super().__init__(kind, position)
        self.kind, self.position, self.line = kind, position, line
        head = EVENT.match(line)
        self.event = head.group(0).decode() + "\u2026" if head else ""


KINDS: Final = {
    "changed": ("an event was changed", "事件内容被改动"),
    "deleted": ("an event was taken out", "事件被删除"),
    "inserted": ("an event was put in", "插入了事件"),
    "swapped": ("two events changed places", "两个事件被对调"),
    "back-dated": ("an event was given an earlier time", "事件时间被倒签"),
    "moved": ("an event was moved to another stream", "事件被移到另一事件流"),
    "cut": ("the end of the log was cut off", "日志末尾被截断"),
    "forged": ("a checkpoint was not signed by the key", "检查点签名不是该密钥所签"),
    "rewritten": ("from here on, the log is not the one that was signed", "自此位置起，日志与签名的检查点不符"),
}


@dataclass
class Report:
    """What was found in order. `last`: the last checkpoint, as it stands in the export."""

    events: int = 0
    unseen: int = 0
    checkpoints: int = 0
    streams: int = 0
    size: int = 0
    first_at: str = ""
    last_at: str = ""
    last: str = ""
    uncovered: int = 0


@dataclass
class _Row:
    line: bytes
    leaf: bytes
    at: bytes
    stream: bytes
    version: int


@dataclass
class _Export:
    """One export, line by line."""

    keys: list[PublicKey]
    held: dict[int, bytes]
    report: Report = field(default_factory=Report)
    tree: Tree = field(default_factory=Tree)
    rows: dict[int, _Row] = field(default_factory=dict)
    versions: dict[bytes, int] = field(default_factory=dict)
    latest: bytes = b""
    signed: int = 0
    all_shown: bool = True
    ends_at: int = 0
    shown_from: int = 1

    def begin(self, line: bytes) -> None:
        try:
            header = json.loads(line)
            known = header["format"] == FORMAT
            self.shown_from, self.ends_at = int(header["after"]) + 1, int(header["until"])
            self.all_shown = header["selection"] == "all"
        except (ValueError, KeyError, TypeError):
            raise NotAnExport from None
        if not known:
            raise NotAnExport

    def event(self, line: bytes, head: re.Match[bytes]) -> None:
        position = int(head.group(1))
        if position <= self.tree.size or position in self.rows:
            raise Tampered("inserted", position, line)
        if len(self.rows) == MOST_UNSEALED:
            raise Tampered("inserted", position, line)
        self.rows[position] = _Row(line, leaf_hash(line), head.group(2), head.group(3), int(head.group(4)))

    def other(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            ((kind, value),) = said.items()
            if kind == "sealed":
                self.sealed(int(value["first"]), _hashes(value["leaves"]))
            elif kind == "unseen":
                self.unseen(int(value["first"]), int(value["last"]), _hashes(value["trees"]))
            elif kind == "checkpoint":
                self.checkpoint(str(value))
            elif kind == "key":
                self.keys.append(introduced(str(value), self.keys))
            else:
                raise NotAnExport
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Tampered("changed", self.tree.size + 1, line) from None
        except NotGenuine:
            raise Tampered("forged", self.tree.size, line) from None

    def sealed(self, first: int, leaves: Sequence[bytes]) -> None:
        """The leaves of the events before it, as they were kept when these were sealed."""
        if first != self.tree.size + 1 or not leaves:
            raise Tampered("rewritten", self.tree.size + 1)
        for position, leaf in enumerate(leaves, first):
            row = self.rows.get(position)
            if row is None:
                if self.all_shown and position >= self.shown_from:
                    raise Tampered("deleted", position)
                self.report.unseen += 1
            elif row.leaf == leaf:
                self._fits(position, row)
            else:
                raise self._what_was_done(position, first, leaves)
            self.tree.append(leaf)
            if position in self.held:
                self.compare_held()
        self.report.events += len(self.rows)
        if max(self.rows, default=0) > self.tree.size:
            raise Tampered("inserted", max(self.rows))
        self.rows.clear()

    def _fits(self, position: int, row: _Row) -> None:
        """An event as it was sealed."""
        if self.is_whole:
            if self.versions.get(row.stream, 0) + 1 != row.version:
                raise Tampered("moved", position, row.line)
            self.versions[row.stream] = row.version
        if not self.report.first_at:
            self.report.first_at = row.at.decode()
        self.latest = row.at

    @property
    def is_whole(self) -> bool:
        return self.all_shown and self.shown_from == 1

    def _what_was_done(self, position: int, first: int, leaves: Sequence[bytes]) -> Tampered:
        """To an event that is not the one which was sealed at its position."""
        row, following = self.rows[position], self.rows.get(position + 1)
        around = dict(enumerate(leaves, first))
        if following is not None and leaf_hash(_placed(following.line, position)) == around[position]:
            kind = "swapped" if leaf_hash(_placed(row.line, position + 1)) == around.get(position + 1) else "inserted"
        elif leaf_hash(_placed(row.line, position + 1)) == around.get(position + 1):
            kind = "deleted"
        elif any(leaf_hash(_placed(row.line, place)) == leaf for place, leaf in around.items()):
            kind = "swapped"
        elif self._came_from(row, around[position]):
            kind = "moved"
        elif row.at < self.latest:
            kind = "back-dated"
        else:
            kind = "changed"
        return Tampered(kind, position, row.line)

    def _came_from(self, row: _Row, leaf: bytes) -> bool:
        """Whether all that was changed is the stream it belongs to."""
        before, _, after = row.line.partition(row.stream)
        rest = after.partition(b",")[2].partition(b",")[2]
        others = ((stream, version) for stream, version in self.versions.items() if stream != row.stream)
        return any(
            leaf_hash(b'%s%s","version":%d,%s' % (before, stream, version + 1, rest)) == leaf
            for stream, version in others
        )  # fmt: skip

    def unseen(self, first: int, last: int, trees: Sequence[bytes]) -> None:
        """Whole trees in place of events that were not asked for."""
        parts = list(whole_trees(first - 1, last))
        if self.rows or first != self.tree.size + 1 or len(parts) != len(trees):
            raise Tampered("rewritten", self.tree.size + 1)
        if self.all_shown and last >= self.shown_from:
            raise Tampered("deleted", max(first, self.shown_from))
        for (level, _), root in zip(parts, trees):  # noqa: B905 (for older versions of Python; as many of both)
            self.tree.append(root, level)
            self.compare_held()
        if any(size <= self.tree.size for size in self.held):
            raise Tampered("rewritten", first)
        self.report.unseen += last - first + 1

    def checkpoint(self, note: str) -> None:
        checkpoint = Checkpoint.parse(opened_note(note, self.keys))
        if self.rows or checkpoint.size != self.tree.size or checkpoint.root != self.tree.root():
            raise Tampered("rewritten", self.signed + 1)
        self.report.checkpoints += 1
        self.report.last = note
        self.signed = checkpoint.size

    def compare_held(self) -> None:
        """With the checkpoint that somebody outside holds of this size."""
        root = self.held.pop(self.tree.size, None)
        if root is not None and root != self.tree.root():
            raise Tampered("rewritten", 1)

    def end(self) -> Report:
        if self.rows:
            raise Tampered("inserted", min(self.rows))
        if self.tree.size < self.ends_at or self.held:
            raise Tampered("cut", self.tree.size + 1)
        self.report.size, self.report.streams = self.tree.size, len(self.versions)
        self.report.last_at, self.report.uncovered = self.latest.decode(), self.tree.size - self.signed
        return self.report


def _placed(line: bytes, position: int) -> bytes:
    """The same event at another position."""
    return b'{"position":%d,%s' % (position, line.partition(b",")[2])


def _hashes(encoded: str) -> list[bytes]:
    decoded = base64.b64decode(encoded, validate=True)
    if len(decoded) % HASH:
        raise ValueError("no hashes")
    return [decoded[at : at + HASH] for at in range(0, len(decoded), HASH)]


def verify(
    lines: Iterable[bytes],
    keys: Sequence[PublicKey],
    held: Sequence[str] = (),
    show: Callable[[int], Any] = lambda position: None,
) -> Report:
    """Checks an export with the keys that are believed, and the checkpoints (whole notes) that are held outside.

    `show` is told now and then up to which position it has come. Raises `Tampered`, `NotAnExport`, and `NotGenuine` for
    a held checkpoint that the keys did not sign.
    """
    kept = [Checkpoint.parse(opened_note(note, keys)) for note in held]
    export = _Export(list(keys), {checkpoint.size: checkpoint.root for checkpoint in kept})
    numbered = iter(lines)
    export.begin(next(numbered, b""))
    try:
        export.compare_held()  # perhaps one over nothing
        for line in numbered:
            line = line.rstrip(b"\n")
            head = EVENT.match(line)
            if head:
                export.event(line, head)
            else:
                export.other(line)
                export.compare_held()
                show(export.tree.size)
    except Tampered as found:
        raise _at_its_place(found, numbered) or found from None
    return export.end()


def _at_its_place(found: Tampered, lines: Iterable[bytes]) -> Tampered | None:
    """Whether what stands at a place that is not its own was sealed further on: two events changed places."""
    for line in lines if found.kind in ("changed", "moved", "back-dated") and found.line else ():
        if line.startswith(b'{"sealed":'):
            said = json.loads(line)["sealed"]
            for place, leaf in enumerate(_hashes(said["leaves"]), int(said["first"])):
                if leaf_hash(_placed(found.line, place)) == leaf:
                    return Tampered("swapped", found.position, found.line)
    return None


# The command line

SAID: Final = {
    "fits": ("Everything fits.", "全部相符。"),
    "events": ("events checked", "已核对事件"),
    "unseen": ("events not shown, present by their hashes", "未列出、以哈希在场的事件"),
    "streams": ("streams without a gap", "连续无缺的事件流"),
    "checkpoints": ("checkpoints signed by the key", "由该密钥签名的检查点"),
    "uncovered": ("events after the last checkpoint, which nothing covers yet", "最后检查点之后、尚无签名覆盖的事件"),
    "times": ("recorded from {0} to {1}", "记录时间 {0} 至 {1}"),
    "hold": ("Hold this checkpoint, and give it with --checkpoint next time:", "请保存此检查点，下次用 --checkpoint："),
    "tampered": ("Position {0}: {1}.", "位置 {0}：{1}。"),
    "not-export": ("This is no export, or one of a later version.", "这不是导出文件，或版本更新。"),
    "held-forged": ("A checkpoint that you hold is not signed by the key.", "所持检查点不是该密钥所签。"),
    "no-key": ("The key, or a checkpoint that you hold, cannot be read.", "无法读取公钥或所持检查点。"),
}


def _said(language: int, word: str, *values: Any) -> str:
    return SAID[word][language].format(*values)


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("file", help="an export (NDJSON); - for standard input")
    parser.add_argument("--key", required=True, help="the public key, name+hash+key, or a file with it")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file with a checkpoint that you hold")
    parser.add_argument("--language", choices=("en", "zh"), default=None)
    given = parser.parse_args(arguments)
    chosen = given.language or ("zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en")
    language = 1 if chosen == "zh" else 0
    out = out or sys.stdout

    def say(word: str, *values: Any) -> None:
        print(_said(language, word, *values), file=out)

    try:
        key = _key(given.key)
        held = [_text_of(name) for name in given.checkpoint]
    except (ValueError, OSError):
        say("no-key")
        return 2
    try:
        with sys.stdin.buffer if given.file == "-" else open(given.file, "rb") as lines:
            report = verify(lines, [key], held)
    except Tampered as found:
        say("tampered", found.position, KINDS[found.kind][language])
        if found.event:
            print(found.event, file=out)
        return 1
    except NotGenuine:
        say("held-forged")
        return 2
    except NotAnExport:
        say("not-export")
        return 2
    except OSError as error:
        print(error, file=out)
        return 2
    say("fits")
    for name in ("events", "unseen", "streams", "checkpoints", "uncovered"):
        figure = getattr(report, name)
        if figure or name in ("events", "checkpoints"):
            print(f"{figure:>12,}  {_said(language, name)}", file=out)
    if report.first_at:
        say("times", report.first_at, report.last_at)
    if report.last:
        say("hold")
        print(report.last, file=out)
    return 0


def _key(given: str) -> PublicKey:
    try:
        return PublicKey.parse(given)
    except ValueError:
        return PublicKey.parse(_text_of(given))


def _text_of(file: str) -> str:
    with open(file, encoding="utf-8") as opened:
        return opened.read()


if __name__ == "__main__":
    sys.exit(main())
