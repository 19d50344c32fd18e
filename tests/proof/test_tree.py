"""The tree of RFC 6962: roots and proofs, against the definition itself and against an implementation of others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pytest
from pymerkle import InmemoryTree

from proof.tree import (
    Place,
    consistency,
    inclusion,
    is_consistent,
    is_included,
    places_of,
    root_of,
)
from proof.verify import EMPTY_ROOT, Tree, leaf_hash, node_hash, whole_trees

LINES = [b"event %d" % number for number in range(40)]
LEAVES = [leaf_hash(line) for line in LINES]
SIZES = range(len(LEAVES) + 1)


def defined(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(defined(leaves[:half]), defined(leaves[half:]))


def whole_roots(places: Iterable[Place]) -> dict[Place, bytes]:
    return {(level, index): defined(LEAVES[index << level : (index + 1) << level]) for level, index in places}


def grown(size: int) -> Tree:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


def included(index: int, size: int) -> list[bytes]:
    ranges = inclusion(index, size)
    roots = whole_roots(places_of(ranges))
    return [root_of(one, roots) for one in ranges]


def consistent(before: int, size: int) -> list[bytes]:
    ranges = consistency(before, size)
    roots = whole_roots(places_of(ranges))
    return [root_of(one, roots) for one in ranges]


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_the_definition_and_of_another_implementation(size: int) -> None:
    other = InmemoryTree(algorithm="sha256")
    for line in LINES[:size]:
        other.append_entry(line)
    assert grown(size).root() == defined(LEAVES[:size]) == other.get_root(size)


def test_the_root_over_nothing_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, len(LEAVES)))
def test_every_leaf_has_a_proof_and_no_other_leaf_place_or_root_has_it(size: int) -> None:
    root = defined(LEAVES[:size])
    for index in range(size):
        path = included(index, size)
        assert is_included(LEAVES[index], index, size, path, root)
        assert not is_included(LEAVES[index + 1], index, size, path, root)
        assert not is_included(LEAVES[index], index, size, [*path, root], root)
        assert not is_included(LEAVES[index], index, size, path, LEAVES[index - 1]) or size == 1
        if size > 1:
            assert not is_included(LEAVES[index], (index + 1) % size, size, path, root)
            assert not is_included(LEAVES[index], index, size, path[:-1], root)


@pytest.mark.parametrize("size", range(1, len(LEAVES)))
def test_that_it_only_grew_is_proven_from_each_smaller_size_and_not_for_another_past(size: int) -> None:
    root = defined(LEAVES[:size])
    for before in range(size + 1):
        path = consistent(before, size)
        assert is_consistent(before, size, defined(LEAVES[:before]), root, path)
        if 0 < before:
            rewritten = [LEAVES[-1], *LEAVES[1:before]]
            assert not is_consistent(before, size, defined(rewritten), root, path)
            assert not is_consistent(before, size, defined(LEAVES[:before]), LEAVES[-1], path)


def test_what_is_not_there_has_no_proof() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="is not in a tree"):
            inclusion(index, size)
        assert not is_included(LEAVES[0], index, size, [], LEAVES[0])
    with pytest.raises(ValueError, match="no beginning"):
        consistency(4, 3)


def test_whole_trees_stand_where_their_leaves_would_and_nowhere_else() -> None:
    for first in SIZES:
        for last in range(first, len(LEAVES) + 1):
            tree = grown(first)
            for level, index in whole_trees(first, last):
                tree.append(defined(LEAVES[index << level : (index + 1) << level]), level)
            assert (tree.size, tree.root()) == (last, grown(last).root())
    with pytest.raises(ValueError, match="cannot stand after 1"):
        grown(1).append(LEAVES[0], 1)
