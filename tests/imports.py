"""What the modules of the product import, read from their text: nothing is run, and nothing hides in a function."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent


@cache
def modules_of(layer: str) -> Mapping[str, Path]:
    """Every module of a top-level package with its file, by dotted name; a package is called as its folder is."""
    found = {}
    for file in sorted((ROOT / layer).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(text: str, module: str, *, package: bool = False) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that is imported, at the top, in functions, and for types alone.

    `from a.b import c` is `a.b.c`, whether `c` is a module or a name in one. `package`: the text is an `__init__.py`.
    """
    home = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom():
                above = home[: len(home) - node.level + 1] if node.level else []
                source = ".".join([*above, *([node.module] if node.module else [])])
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def graph(texts: Mapping[str, str], packages: frozenset[str] = frozenset()) -> dict[str, set[str]]:
    """Who imports whom among these modules. `packages` names those whose text is an `__init__.py`."""
    found: dict[str, set[str]] = {}
    for module, text in texts.items():
        names = {name for _, name in imported(text, module, package=module in packages)}
        found[module] = {name if name in texts else name.rpartition(".")[0] for name in names} & texts.keys()
    return found


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Every group of modules that import each other, directly or by others; each sorted by name (Tarjan, 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        waiting.append(module)
        for other in sorted(graph[module]):
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in waiting:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            group = waiting[waiting.index(module) :]
            del waiting[waiting.index(module) :]
            if len(group) > 1 or module in graph[module]:
                found.append(sorted(group))

    for module in sorted(graph):
        if module not in number:
            visit(module)
    return found
