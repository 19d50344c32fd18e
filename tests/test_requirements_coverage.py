"""What the sources demand is held somewhere, and a test plays it: the page that says so is true."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "requirements-coverage.md"
TEST: Final = re.compile(r"`(test_\w+)`")
PART: Final = re.compile(r"^## (\S+)$\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@cache
def known_tests() -> frozenset[str]:
    trees = (ast.parse(file.read_text("utf-8")) for file in (ROOT / "tests").rglob("test_*.py"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, kinds))


@cache
def parts() -> dict[str, str]:
    return dict(PART.findall(PAGE.read_text("utf-8")))


def rows(part: str) -> list[list[str]]:
    """Sentence, place and tests of each row of its table."""
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_every_ready_procedure_has_its_part() -> None:
    assert sorted(parts()) == sorted(file.stem for file in (ROOT / "procedures").glob("*.yaml"))


@pytest.mark.parametrize("code", sorted(parts()))
def test_every_sentence_is_held_somewhere_and_played_by_a_test_that_exists(code: str) -> None:
    table = rows(parts()[code])
    assert table
    for row in table:
        assert len(row) == 3, row
        named = TEST.findall(row[2])
        assert named, row
        assert [name for name in named if name not in known_tests()] == []
