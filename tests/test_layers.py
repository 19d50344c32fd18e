"""Who may import whom, room by room, and that the rules read no clock; each finder is shown offenders of each kind."""

import pytest

from tests.imports import ROOT, circles, graph, modules_of
from tests.rooms import (
    PRODUCT,
    SPEAKS_HTTP,
    STANDS_ON,
    below,
    clock_readings,
    modules,
    queries_in,
    room_of,
    status_numbers,
    strangers,
    strays,
    trespasses,
    within,
)


def test_every_module_is_in_a_room_and_every_room_has_modules() -> None:
    found = {module: room_of(module) for module in modules()}
    assert [module for module, room in found.items() if room is None and module not in {"app", "domain"}] == []
    assert set(found.values()) - {None} == {room for room in STANDS_ON if (ROOT / room.split(".")[0]).is_dir()}


def test_no_room_stands_on_itself_by_way_of_others() -> None:
    assert [room for room in STANDS_ON if room in below(room)] == []


@pytest.mark.parametrize("layer", PRODUCT)
def test_a_module_imports_only_from_the_rooms_below_its_own(layer: str) -> None:
    texts = {module: file.read_text("utf-8") for module, file in modules_of(layer).items()}
    assert [found for module, text in texts.items() for found in strays(module, text)] == []


@pytest.mark.parametrize("layer", PRODUCT)
def test_a_layer_uses_the_libraries_it_is_given_and_nothing_below_a_door_is_about_the_web(layer: str) -> None:
    texts = {module: file.read_text("utf-8") for module, file in modules_of(layer).items()}
    assert [found for module, text in texts.items() for found in strangers(module, text)] == []


def test_doors_are_apart_and_read_models_are_read_on_the_one_way_out() -> None:
    texts = {module: file.read_text("utf-8") for module, file in modules().items()}
    assert [found for module, text in texts.items() for found in trespasses(module, text)] == []


def test_nothing_below_a_door_knows_a_number_of_http() -> None:
    silent = {module: file for module, file in modules().items() if room_of(module) not in SPEAKS_HTTP}
    texts = {module: file.read_text("utf-8") for module, file in silent.items()}
    assert [f"{module}:{line}" for module, text in texts.items() for line in status_numbers(text)] == []


def test_the_rest_api_and_the_rules_hold_no_sql() -> None:
    texts = {
        module: file.read_text("utf-8")
        for module, file in modules().items()
        if within(module, "app.http") or within(module, "domain")
    }
    assert [f"{module}:{line}" for module, text in texts.items() for line in queries_in(text)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    files = modules()
    packages = frozenset(module for module, file in files.items() if file.name == "__init__.py")
    assert circles(graph({module: file.read_text("utf-8") for module, file in files.items()}, packages)) == []


def test_the_rules_read_no_clock() -> None:
    texts = {module: file.read_text("utf-8") for module, file in modules_of("domain").items()}
    assert [f"{module}:{line}" for module, text in texts.items() for line in clock_readings(text)] == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("domain.values", "from app.settings import Settings"),
        ("domain.limits.calendar", "from domain.values import Actor"),
        ("domain.procedure.forms", "from domain.clocks.clock import Clock"),
        ("domain.complaint.opinion", "from domain.incident.incident import Incident"),
        ("domain.incident.incident", "import domain.complaint.complaint as complaint"),
        ("domain.reporting.periods", "from domain import notices"),
        ("procedures.reader", "from projections import case"),
        ("procedures.reader", "def late():\n    from eventlog.log import EventLog"),
        ("eventlog.codec", "if TYPE_CHECKING:\n    from procedures.rules import Rules"),
        ("projections.case", "import app.readmodels.fold"),
        ("app.access.keys", "from app.commands.complaints import Complaints"),
        ("app.commands.complaints", "from app import queries"),
        ("app.readmodels.fold", "from app.clocks.clock_runner import ClockRunner"),
        ("app.recurrence.policy", "from app.surges.call_surges import CallSurges"),
        ("app.clocks.due_clocks", "from app.readmodels.fold import Folding"),
        ("app.queries.masking", "from app.http.protocol.problems import Problem"),
        ("app.service", "from app.main import build"),
        ("app.http.lists", "from app.main import build"),
        ("app.main", "from app.http.openapi import generated"),
        ("proof.verify", "from domain.values import Actor"),
        ("app.http.lists", "from app.cli.database import with_pool"),
        ("app.service", "from tests.facts import AGENT"),
        ("migrations.env", "from eventlog.tables import metadata"),
    ],
)
def test_an_import_that_points_upwards_is_found_wherever_it_hides(module: str, text: str) -> None:
    assert len(strays(module, text)) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("domain.complaint.opinion", "import sqlalchemy"),
        ("domain.complaint.opinion", "def late():\n    import time"),
        ("procedures.reader", "import msgspec"),
        ("wording.steps", "import babel"),
        ("proof.tree", "import cryptography"),
        ("eventlog.log", "from fastapi import Request"),
        ("app.access.keys", "from starlette.requests import Request"),
        ("app.service", "import fastapi"),
    ],
)
def test_a_library_that_a_room_does_without_is_found(module: str, text: str) -> None:
    assert len(strangers(module, text)) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("app.cli.keys", "from app.http.protocol.body import adapter_of"),
        ("app.http.lists", "from projections.scope import Scope"),
        ("app.http.lists", "from app.service import Service"),
        ("app.queries.tracking_pages", "from app.service import Service"),
        ("app.http.lists", "from projections.tracking_query import page"),
        ("app.reports.period_runner", "from projections.indicators_query import IndicatorFilter"),
    ],
)
def test_a_door_that_reaches_past_the_way_out_is_found(module: str, text: str) -> None:
    assert len(trespasses(module, text)) == 1


@pytest.mark.parametrize(
    "text",
    ["raise HTTPException(404)", "raise Problem('gone', 410)", "answer(status=503)", "Problem(status_code=422)"],
)
def test_every_way_to_raise_a_number_of_http_is_found(text: str) -> None:
    assert list(status_numbers(text)) == [1]
    assert list(status_numbers("wait(seconds=404); answer.status >= 500; raise TooOld(1949)")) == []


@pytest.mark.parametrize(
    "text", ["'SELECT id FROM keys'", 'f"""\nSELECT *\nFROM {table} """', "f('DELETE FROM x')", "'UPDATE x SET y = 1'"]
)
def test_sql_is_found_in_any_text(text: str) -> None:
    assert len(list(queries_in(text))) == 1
    assert list(queries_in("'Select one from the list, or update it'")) == []


def test_a_circle_is_found_however_many_it_goes_through() -> None:
    texts = {
        "a": "import b",
        "b": "def late():\n    from c import name",
        "c": "from d.inner import name",
        "d": "",
        "d.inner": "from a import name",
        "e": "from d import inner",
        "f": "from f import itself",
    }
    assert circles(graph(texts)) == [["a", "b", "c", "d.inner"], ["f"]]
    within_a_package = {"p": "from . import inner", "p.inner": "from p import name"}
    assert circles(graph(within_a_package, frozenset({"p"}))) == [["p", "p.inner"]]


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
    assert list(clock_readings(text)) == [1]
    assert list(clock_readings("now.time(); command.now; at.date()")) == []
