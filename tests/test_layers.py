"""Who may import whom, and that the rules read no clock: the drawing in the documentation, kept true."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"app", "bench", "domain", "eventlog", "migrations", "procedures", "projections", "tests", "wording"}

# What a layer may import besides itself and the standard library.
ALLOWED = {
    "domain": {"eventsourcing", "annotated_types", "typing_extensions"},
    "wording": {"domain"},
    "procedures": {"domain", "wording", "yaml"},
    "eventlog": {
        "domain", "migrations", "asyncpg", "cryptography", "eventsourcing", "msgspec", "sqlalchemy", "structlog",
    },
    "projections": {"domain", "migrations", "sqlalchemy", "asyncpg", "msgspec"},
}
MAY_IMPORT_APP = {"app", "tests", "bench", "migrations"}

# Parts of the standard library that do I/O, wait or read a clock have no business among the rules.
NOT_IN_THE_RULES = {
    "asyncio",
    "http",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}


def files_of(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


def imports_of(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and top-level name of everything that is imported, also inside functions."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from ((node.lineno, name.name.split(".")[0]) for name in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module.split(".")[0]
            case ast.ImportFrom():
                yield node.lineno, package


def clock_readings(tree: ast.AST) -> Iterator[int]:
    """Lines that use `datetime.now`, `date.today`, `time.time` and their like, called or handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in CLOCK_OWNERS or name.endswith("datetime"):
                yield node.lineno


def strangers(layer: str, text: str, name: str) -> list[str]:
    allowed = ALLOWED[layer] | {layer} | (sys.stdlib_module_names - (NOT_IN_THE_RULES if layer == "domain" else set()))
    return [
        f"{name}:{line} imports {found}" for line, found in imports_of(ast.parse(text), layer) if found not in allowed
    ]


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_a_layer_imports_only_what_it_may(layer: str) -> None:
    files = files_of(layer)
    assert files
    assert [found for file in files for found in strangers(layer, file.read_text("utf-8"), str(file))] == []


def test_only_the_edges_import_the_service() -> None:
    culprits = [
        f"{file}:{line}"
        for layer in sorted(OURS - MAY_IMPORT_APP)
        for file in files_of(layer)
        for line, name in imports_of(ast.parse(file.read_text("utf-8")), layer)
        if name == "app"
    ]
    assert culprits == []


def test_nothing_of_the_product_imports_its_tests_or_benchmarks() -> None:
    culprits = [
        f"{file}:{line} imports {name}"
        for layer in sorted(OURS - {"tests", "bench"})
        for file in files_of(layer)
        for line, name in imports_of(ast.parse(file.read_text("utf-8")), layer)
        if name in {"tests", "bench"}
    ]
    assert culprits == []


def test_the_rules_read_no_clock() -> None:
    culprits = [
        f"{file}:{line}" for file in files_of("domain") for line in clock_readings(ast.parse(file.read_text("utf-8")))
    ]
    assert culprits == []


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        ("domain", "import sqlalchemy"),
        ("domain", "from app.settings import Settings"),
        ("domain", "def late():\n    import time"),
        ("procedures", "from projections import tracking"),
        ("projections", "import app.event_log as log"),
    ],
)
def test_a_forbidden_import_is_found_wherever_it_hides(layer: str, text: str) -> None:
    assert len(strangers(layer, text, "x.py")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "field(default_factory=datetime.now)",
    ],
)
def test_every_way_to_read_the_clock_is_found(text: str) -> None:
    assert list(clock_readings(ast.parse(text))) == [1]
    assert list(clock_readings(ast.parse("now.time(); command.now; at.date()"))) == []
