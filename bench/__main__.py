"""`python -m bench [NAME…]` runs the named measurements (default: all) and prints one table.

Ends with 1 when a target was missed.
"""

from __future__ import annotations

import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

from bench.rows import Row

MODULES = {  # name: module with `run() -> list[Row]`
    "append": "bench.append",
    "calls": "bench.calls",
    "clocks": "bench.clocks",
    "customers": "bench.customers",
    "duplicates": "bench.duplicates",
    "rebuild": "bench.rebuild",
    "folding": "bench.folding",
    "obligations": "bench.obligations",
    "proof": "bench.proof",
    "imports": "bench.imports",
    "requests": "bench.requests",
    "search": "bench.search",
}
VERDICTS = {True: "met", False: "MISSED", None: ""}


def show(rows: list[Row]) -> None:
    """Prints the rows as a table on standard output."""
    table = Table("what", "value", "unit", "target", "verdict")
    for row in rows:
        digits = 1 if row.value < 100 else 0
        table.add_row(row.name, f"{row.value:,.{digits}f}", row.unit, row.target, VERDICTS[row.met])
    Console(width=110).print(table)


def main(names: list[str]) -> int:
    """Runs the measurements; 0 when every target was met, 1 when not, 2 for an unknown name."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there is: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or MODULES:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += import_module(MODULES[name]).run()
    show(rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
