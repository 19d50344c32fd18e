"""Proofs about the tree of all events (RFC 6962, 2.1): that an event is in it, and that it only grew since.

A proof is made from the roots of whole trees: those of 2 ** level leaves, the index-th of their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from proof.verify import EMPTY_ROOT, Tree, node_hash, whole_trees

Place = tuple[int, int]  # level and index of a whole tree
Range = tuple[int, int]  # leaves, counted from 0; the last is not included


def places_of(ranges: Iterable[Range]) -> set[Place]:
    """The whole trees whose roots are needed to tell the roots of these ranges."""
    return {place for first, last in ranges for place in whole_trees(first, last)}


def root_of(range: Range, roots: Mapping[Place, bytes]) -> bytes:
    """The root over a range of leaves that is itself a part of the tree."""
    parts = [roots[place] for place in whole_trees(*range)]
    return Tree(0, parts).root() if parts else EMPTY_ROOT


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges whose roots, in this order, prove that a leaf is in the tree of this size. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return list(_inclusion(index, 0, size))


def _inclusion(index: int, first: int, last: int) -> Iterator[Range]:
    if last - first == 1:
        return
    middle = first + _split(last - first)
    if index < middle:
        yield from _inclusion(index, first, middle)
        yield middle, last
    else:
        yield from _inclusion(index, middle, last)
        yield first, middle


def consistency(earlier: int, size: int) -> list[Range]:
    """The ranges whose roots, in this order, prove that the tree of `earlier` leaves is the beginning of this one.

    Raises ValueError.
    """
    if not 0 <= earlier <= size:
        raise ValueError(f"a tree of {earlier} is no beginning of one of {size}")
    return list(_consistency(earlier, 0, size, is_known=True)) if earlier else []


def _consistency(earlier: int, first: int, last: int, *, is_known: bool) -> Iterator[Range]:
    if earlier == last - first:
        if not is_known:
            yield first, last
        return
    half = _split(last - first)
    if earlier <= half:
        yield from _consistency(earlier, first, first + half, is_known=is_known)
        yield first + half, last
    else:
        yield from _consistency(earlier - half, first + half, last, is_known=False)
        yield first, first + half


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof holds (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for hash in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(hash, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hash)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(earlier: int, size: int, before: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the proof holds (RFC 9162, 2.1.4.2): `before` is the root of the first `earlier` leaves."""
    if earlier == size:
        return not path and before == root
    if not 0 < earlier < size:
        return earlier == 0 and not path and before == EMPTY_ROOT
    hashes = [before, *path] if earlier & (earlier - 1) == 0 else list(path)
    if not hashes:
        return False
    place, last = earlier - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for hash in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(hash, old), node_hash(hash, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, hash)
        place, last = place >> 1, last >> 1
    return last == 0 and old == before and new == root


def _split(size: int) -> int:
    """The greatest power of two below it."""
    return 1 << (size - 1).bit_length() - 1
