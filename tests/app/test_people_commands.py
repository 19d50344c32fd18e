"""`redress people`, `units` and `keys`, as they are typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import app

MASTER_KEY = "YSBtYXN0ZXIga2V5IGZvciB0aGUgdGVzdHMgb25seSE="
Typed = Callable[..., Result]


@pytest.fixture
def typed(database: str) -> Typed:
    """Runs the command line on the database of the test."""
    environment = {
        "REDRESS_DATABASE_URL": database, "REDRESS_MASTER_KEY": MASTER_KEY, "COLUMNS": "200", "REDRESS_LANGUAGE": "en",
    }  # fmt: skip
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env=environment)


def test_somebody_is_added_changed_and_leaves(typed: Typed) -> None:
    added = typed("people", "add", "mei", "--name", "梅兰", "--role", "agent", "--key")
    assert (added.exit_code, "Added mei." in added.output, "rk_" in added.output) == (0, True, True)
    changed = typed("people", "change", "mei", "--role", "unit", "--unit", "settlement", "--reason", "调岗")
    assert (changed.exit_code, "version 3" in changed.output) == (0, True)
    assert "settlement" in typed("people", "list").output
    assert typed("people", "leave", "mei").exit_code == 0
    assert "梅兰" not in typed("people", "list").output
    assert "梅兰" in typed("people", "list", "--all").output


def test_a_slip_in_a_role_a_unit_or_a_person_is_told(typed: Typed) -> None:
    role = typed("people", "add", "mei", "--name", "梅兰", "--role", "agnet")
    unit = typed("keys", "create", "--name", "Mei", "--role", "unit", "--unit", "setlement")
    typed("people", "add", "mei", "--name", "梅兰", "--role", "agent")
    person = typed("people", "change", "mee", "--name", "x")
    time = typed("people", "leave", "mei", "--on", "soon")
    for refused, meant in ((role, "agent"), (unit, "settlement"), (person, "mei"), (time, "2026-06-30")):
        assert refused.exit_code == 1
        assert meant in refused.output


def test_a_unit_that_was_made_takes_members(typed: Typed) -> None:
    assert "Made the unit legal." in typed("units", "add", "legal", "--zh", "法务部", "--en", "Legal").output
    assert "Legal" in typed("units", "list").output
    created = typed("keys", "create", "--name", "Lawyer", "--role", "unit", "--unit", "legal")
    assert (created.exit_code, "lawyer  (unit, legal)" in created.output) == (0, True)
