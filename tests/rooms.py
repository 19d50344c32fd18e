"""The drawing of the house: its rooms bottom up, what each stands on, and how to find what does not keep to it."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.imports import imported, modules_of

PRODUCT: Final = (
    "app", "domain", "eventlog", "migrations", "procedures", "projections", "proof", "softphone", "wording",
)  # fmt: skip

# Bottom up. Each room names the rooms that it stands on; what these stand on may be imported too. A name without a room
# of its own (`domain`) is every room below it.
STANDS_ON: Final[dict[str, str]] = {
    "migrations": "",
    "proof": "",
    "softphone": "",  # runs where the telephones are
    # The rules.
    "domain.titles": "",
    "domain.identity": "",
    "domain.scripts": "",
    "domain.people": "domain.identity domain.scripts",
    "domain.values": "domain.identity",
    "domain.cause": "",
    "domain.near": "",
    "domain.errors": "domain.titles",
    "domain.phone_numbers": "domain.errors domain.identity",
    "domain.emails": "domain.errors domain.identity",
    "domain.request": "domain.values domain.people",
    "domain.indicators": "",
    "domain.limits": "",
    "domain.procedure": "domain.errors domain.limits domain.people domain.values",
    "domain.clocks": "domain.procedure",
    "domain.reporting": "domain.procedure domain.indicators",
    "domain.obligation": "domain.clocks",
    "domain.complaint": "domain.obligation domain.indicators domain.request domain.cause domain.near "
    "domain.phone_numbers domain.emails",
    "domain.incident": "domain.obligation domain.request",
    "domain.call": "domain.identity domain.request",
    "domain.notices": "domain.complaint domain.incident domain.reporting",
    # What surrounds them.
    "wording": "domain",
    "procedures": "wording",
    "eventlog": "domain migrations",
    "projections": "domain migrations",
    # The service.
    "app.settings": "",
    "app.logs": "",
    "app.spared": "",
    "app.embedded": "",
    "app.backups": "app.embedded eventlog",
    "app.sealing": "eventlog proof",
    "app.time": "eventlog",
    "app.deployment_clock": "eventlog",
    "app.access": "app.time procedures domain.people",
    "app.rules": "eventlog procedures",
    "app.commands": "app.settings eventlog procedures",
    "app.readmodels": "app.commands projections",
    # What happens by itself: each knows the way in, and none of the others.
    "app.clocks": "app.commands",
    "app.recurrence": "app.commands",
    "app.links": "app.commands",
    "app.surges": "app.commands",
    "app.calls": "app.commands app.access",
    "app.reports": "app.commands",
    "app.notifications": "app.commands",
    "app.imports": "app.commands app.rules app.logs app.spared",
    "app.sandbox": "app.calls app.clocks app.surges app.reports app.time",
    "app.queries": "app.access app.rules app.readmodels app.clocks app.reports app.notifications app.imports "
    "app.sealing",
    "app.service": "app.queries app.recurrence app.links app.sandbox app.deployment_clock",
    "app.http": "app.queries app.sandbox",
    "app.main": "app.http app.service app.logs app.spared",
    "app.http.openapi": "app.main",  # writes down what the whole service answers
    "app.cli": "app.main app.embedded app.backups softphone",
    "app.__main__": "app.cli",
}
DOORS: Final = ("app.http", "app.cli")
SPEAKS_HTTP: Final = (*DOORS, "softphone")  # the bridge calls the service from outside, as any other program
COMPOSITION: Final = ("app.main", "app.service", "app.http.openapi")

# What a layer may import from elsewhere besides the standard library; the service may import what is installed.
LIBRARIES: Final[dict[str, set[str]]] = {
    "domain": {"eventsourcing", "annotated_types", "typing_extensions", "opencc", "phonenumbers", "email_validator"},
    "procedures": {"yaml"},
    "eventlog": {"asyncpg", "cryptography", "eventsourcing", "msgspec", "sqlalchemy", "structlog"},
    "projections": {"sqlalchemy", "asyncpg", "msgspec"},
    "wording": set(),
    "proof": set(),  # whoever checks a history has Python and nothing else
    "migrations": {"alembic", "sqlalchemy", "asyncpg"},
    "softphone": {"httpx", "starlette"},
}
WEB: Final = {"fastapi", "starlette", "uvicorn"}

SQL: Final = re.compile(r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM) ", re.DOTALL)

# Parts of the standard library that do I/O, wait or read a clock have no business among the rules.
NOT_IN_THE_RULES: Final = {
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
CLOCKS: Final = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
CLOCK_OWNERS: Final = {"datetime", "date", "time"}


def modules() -> dict[str, Path]:
    return {module: file for layer in PRODUCT for module, file in modules_of(layer).items()}


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


@cache
def room_of(name: str) -> str | None:
    """The room that a module, or a name in it, is in; None for what stands outside of all, as `app` itself does."""
    return max((room for room in STANDS_ON if within(name, room)), key=len, default=None)


@cache
def below(room: str) -> frozenset[str]:
    """Every room that this one may import from besides itself."""
    named = {
        other
        for name in STANDS_ON[room].split()
        for other in ((name,) if name in STANDS_ON else (it for it in STANDS_ON if within(it, name)))
    }
    return frozenset(named.union(*(below(other) for other in named)))


def strays(module: str, text: str) -> list[str]:
    """What a module of ours imports from rooms that its own does not stand on, tests and benchmarks included."""
    room = room_of(module)
    return [
        f"{module}:{line} imports {name}"
        for line, name in imported(text, module)
        if name.split(".")[0] in {*PRODUCT, "tests", "bench"}
        and (found := room_of(name)) != room
        and (room is None or found not in below(room))
    ]


def strangers(module: str, text: str) -> list[str]:
    """What a module imports from outside the repository though its layer does without."""
    layer = module.split(".")[0]
    known = sys.stdlib_module_names - (NOT_IN_THE_RULES if layer == "domain" else set())
    tops = [(line, name.split(".")[0]) for line, name in imported(text, module)]
    allowed = known | {*PRODUCT, "tests", "bench"} | LIBRARIES.get(layer, set())
    if layer == "app":
        allowed |= {top for _, top in tops} - WEB
        allowed |= WEB if room_of(module) in {*DOORS, "app.main"} else set()
    return [f"{module}:{line} imports {top}" for line, top in tops if top not in allowed]


def trespasses(module: str, text: str) -> list[str]:
    """Doors that know another door or a read model, read models read elsewhere, and the whole service handed on.

    Of a read model a door may know with what it is asked (`TrackingFilter`), never what reads it (`page`).
    """
    room = room_of(module)
    found = []
    for line, name in imported(text, module):
        to, last = room_of(name), name.rpartition(".")[2]
        asks = within(name, "projections") and "_query." in name
        if (
            (room in DOORS and to in DOORS and to != room)
            or (asks and room not in {"app.queries", "projections"} and not (room in DOORS and last[0].isupper()))
            or (room in DOORS and to == "projections" and not asks)
            or (to == "app.service" and room not in COMPOSITION)
        ):
            found.append(f"{module}:{line} imports {name}")
    return found


def status_numbers(text: str) -> Iterator[int]:
    """Lines that raise or make something with a number of HTTP in it, 400 to 599."""
    for node in ast.walk(ast.parse(text)):
        made = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(made, ast.Call):
            continue
        values = [*(made.args if isinstance(node, ast.Raise) else ()), *(
            word.value for word in made.keywords if word.arg in {"status", "status_code"})]  # fmt: skip
        if any(isinstance(it, ast.Constant) and type(it.value) is int and 400 <= it.value < 600 for it in values):
            yield made.lineno


def queries_in(text: str) -> Iterator[int]:
    """Lines with a text that is SQL."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            yield node.lineno


def clock_readings(text: str) -> Iterator[int]:
    """Lines that use `datetime.now`, `date.today`, `time.time` and their like, called or handed on."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in CLOCK_OWNERS or name.endswith("datetime"):
                yield node.lineno
