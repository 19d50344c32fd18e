"""`redress calendars …` and `redress procedures publish`, as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.commands import app
from tests.notices import ANNOUNCED_TEXT

MASTER_KEY = "YSBtYXN0ZXIga2V5IGZvciB0aGUgdGVzdHMgb25seSE="
KF0001 = (files("procedures") / "kf0001.yaml").read_text("utf-8")
Typed = Callable[..., Result]


@pytest.fixture
def typed(database: str) -> Typed:
    """Runs the command line on the database of the test."""
    environment = {"REDRESS_DATABASE_URL": database, "REDRESS_MASTER_KEY": MASTER_KEY, "COLUMNS": "200"}
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_calendars_are_listed_with_the_years_they_know() -> None:
    listed = CliRunner().invoke(app, ["calendars", "list"], env={"COLUMNS": "200"}).output
    assert "2026.1" in listed
    assert "2018-2026" in listed
    assert "cn-office" in listed


def test_a_right_calendar_is_told_so_and_a_wrong_one_with_line_and_field(file: Callable[[str], Path]) -> None:
    right = CliRunner().invoke(app, ["calendars", "check", str(file(ANNOUNCED_TEXT))])
    assert (right.exit_code, "cn 2020.1 is right." in right.output) == (0, True)
    wrong = CliRunner().invoke(app, ["calendars", "check", str(file(ANNOUNCED_TEXT.replace("fri", "fry")))])
    assert wrong.exit_code == 1
    assert ":6: workdays[4]: 'fry' is no weekday" in wrong.output


def test_a_published_calendar_is_the_current_one_of_the_database(typed: Typed, file: Callable[[str], Path]) -> None:
    published = typed("calendars", "publish", file(ANNOUNCED_TEXT))
    assert (published.exit_code, "cn 2020.1 is published." in published.output) == (0, True)
    assert "2020.1" in typed("calendars", "list").stdout
    assert "2020.1" in typed("calendars", "list", "--published").stdout
    assert "2020.1" not in typed("calendars", "list", "--packaged").stdout


def test_a_published_procedure_is_kept_once_and_another_content_is_refused(
    typed: Typed, file: Callable[[str], Path]
) -> None:
    text = KF0001.replace("version: A/1.3", "version: B/2.0")
    for _ in range(2):
        published = typed("procedures", "publish", file(text))
        assert (published.exit_code, "kf0001 B/2.0 is published." in published.output) == (0, True)
    refused = typed("procedures", "publish", file(text.replace("limit: 5 WD", "limit: 7 WD")))
    assert (refused.exit_code, "version of its own" in refused.output) == (1, True)


def test_a_file_that_is_wrong_is_not_published(typed: Typed, file: Callable[[str], Path]) -> None:
    wrong = typed("procedures", "publish", file(KF0001.replace("limit: 5 WD", "limit: 5 weeks")))
    assert wrong.exit_code == 1
    assert "limit: '5 weeks' is no limit" in wrong.output
    assert typed("calendars", "publish", file("code: cn\n")).exit_code == 1
    for kind in ("calendars", "procedures"):
        latin = file("")
        latin.write_bytes(b"\xff\xfe")
        assert "not valid UTF-8" in typed(kind, "publish", latin).output


def test_a_database_without_its_schema_is_told_in_a_sentence(empty_database: str, file: Callable[[str], Path]) -> None:
    environment = {"REDRESS_DATABASE_URL": empty_database, "REDRESS_MASTER_KEY": MASTER_KEY}
    told = CliRunner().invoke(app, ["calendars", "publish", str(file(ANNOUNCED_TEXT))], env=environment)
    assert told.exit_code == 1
    assert "redress migrate" in told.output
