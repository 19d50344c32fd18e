"""The command line tells the truth: which database it uses, what is published there, and what each command is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.commands import app
from app.cli.language import program
from tests.http.process import MASTER
from wording.command_help import COMMANDS, EXAMPLES, PARAMETERS

Typed = Callable[..., Result]
AN_ID = "6f9619ff-8b86-4d01-8b2d-00c04fc964ff"
OF_A_DEPLOYMENT = [
    ["keys", "list"], ["keys", "create", "--name", "x", "--role", "agent"], ["keys", "revoke", "x"], ["demo-people"],
    ["notifications", "list"], ["notifications", "retry", AN_ID], ["clock", "show"], ["clock", "accept"], ["rebuild"],
    ["procedures", "list", "--published"], ["calendars", "list", "--published"],
]  # fmt: skip


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is stood in, with nothing set."""
    for name in ("REDRESS_DATABASE_URL", "REDRESS_DATA", "REDRESS_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(database: str) -> Typed:
    """Runs the command line on the database of the test."""
    environment = {"REDRESS_DATABASE_URL": database, "REDRESS_MASTER_KEY": MASTER, "COLUMNS": "200"}
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env=environment)


@pytest.mark.parametrize("command", OF_A_DEPLOYMENT, ids=" ".join)
@pytest.mark.parametrize("named", [[], ["--data", "elsewhere"]])
def test_where_there_is_no_deployment_a_command_says_so_and_makes_none(
    nowhere: Path, command: list[str], named: list[str]
) -> None:
    result = CliRunner().invoke(app, [*command, *named], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    folder = nowhere / (named[1] if named else ".redress")
    assert f"There is no database of Redress in {folder}, and none was made." in result.stderr.replace("\n", " ")
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize("command", [["procedures", "list"], ["procedures", "show", "kf0001"], ["calendars", "list"]])
def test_without_a_deployment_the_files_of_the_release_are_shown_and_called_so(
    nowhere: Path, command: list[str]
) -> None:
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, "no deployment" in result.stderr) == (0, True)
    assert CliRunner().invoke(app, [*command, "--data", "elsewhere"]).exit_code == 1
    assert list(nowhere.iterdir()) == []


def test_every_command_says_which_database_it_uses_without_its_password(typed: Typed) -> None:
    result = typed("keys", "list")
    assert result.exit_code == 0
    assert result.stderr.startswith("Database: 127.0.0.1:")
    assert "@" not in result.stderr
    assert "Database" not in result.stdout


def test_a_demo_person_of_each_role_gets_a_key_once(typed: Typed) -> None:
    first, again = typed("demo-people"), typed("demo-people")
    assert first.exit_code == again.exit_code == 0
    roles = ("agent", "manager", "board-office", "general-manager", "auditor", "quality", "partner", "integration")
    for id in (*(f"demo-{role}" for role in roles), "demo-settlement", "demo-trading"):
        [line] = [line for line in first.stdout.splitlines() if f" {id} " in line]
        assert len(line.split("rk_")[1].split()[0]) == 43  # whole, in one line
    assert "admin" not in first.stdout.split("Send")[0]
    assert "rk_" not in again.stdout


def test_demo_people_are_not_made_beside_real_ones_without_being_asked_twice(typed: Typed) -> None:
    assert typed("keys", "create", "--name", "李敏", "--id", "li-min", "--role", "agent").exit_code == 0
    refused = typed("demo-people")
    assert (refused.exit_code, "people who are real" in refused.stderr) == (1, True)
    assert typed("demo-people", "--yes").exit_code == 0
    unknown = typed("demo-people", "--yes", "--procedure", "kf9999")
    assert (unknown.exit_code, "no procedure kf9999" in unknown.stderr) == (1, True)


def commands(command: Any, called: str = "") -> Iterator[tuple[str, Any]]:
    yield called, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{called} {name}".strip())


EVERY = dict(commands(typer.main.get_command(app)))


def test_every_command_and_parameter_has_its_words_and_none_has_words_for_nothing() -> None:
    assert set(COMMANDS) == set(EVERY)
    assert set(EXAMPLES) - {""} <= {called for called, one in EVERY.items() if not hasattr(one, "commands")}
    own = {f"{called} {one.name}": one.name for called, command in EVERY.items() for one in command.params}
    missing = [whole for whole, name in own.items() if whole.strip() not in PARAMETERS and name not in PARAMETERS]
    assert missing == []
    assert {name for name in PARAMETERS if " " in name} <= set(own)


@pytest.mark.parametrize("called", EVERY)
def test_help_is_in_one_language_and_cuts_nothing_off(called: str) -> None:
    for language, title in (("zh", COMMANDS[called].zh), ("en", COMMANDS[called].en)):
        environment = {"COLUMNS": "100", "REDRESS_LANGUAGE": language}
        result = CliRunner().invoke(app, [*called.split(), "--help"], env=environment)
        assert result.exit_code == 0
        flat = "".join(result.output.split())
        assert "".join(title.split())[:40] in flat
        assert "…" not in result.output
        for example in EXAMPLES.get(called, ()):
            assert "".join(f"{program()} {example}".split()) in flat


@pytest.mark.parametrize("called", [called for called, examples in EXAMPLES.items() if called])
def test_examples_can_be_typed(called: str) -> None:
    for example in EXAMPLES[called]:
        words = example.split()[len(called.split()) :]
        command = EVERY[called]
        known = {option for one in command.params for option in one.opts + one.secondary_opts}
        assert {word for word in words if word.startswith("--")} <= known
