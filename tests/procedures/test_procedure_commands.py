"""`redress procedures draw` and `show`: what they write and print, and how they say what is wrong."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.procedures import app
from procedures.drawing import flow_of, svg
from procedures.library import Library
from tests.spec import kf0001


def test_draw_writes_what_the_file_is_called(tmp_path: Path) -> None:
    for name, begins in (("a.svg", "<svg "), ("a.mmd", "%% ")):
        result = CliRunner().invoke(app, ["draw", "kf0001", "--to", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_draw_prints_exactly_the_drawing_so_that_it_can_be_piped() -> None:
    result = CliRunner().invoke(app, ["draw", "kf0001", "--format", "svg", "--language", "en"])
    assert result.stdout == svg(flow_of(kf0001()), "en")


@pytest.mark.parametrize("command", [["list"], *(["show", code, "--sources"] for code in Library.ready().procedures)])
def test_nothing_that_is_shown_is_cut_off_on_a_narrow_terminal(command: list[str]) -> None:
    result = CliRunner().invoke(app, command, env={"COLUMNS": "80"})
    assert result.exit_code == 0
    assert "…" not in result.output


def test_the_sources_say_which_matters_a_clock_is_for() -> None:
    output = CliRunner().invoke(app, ["show", "hotline-12345", "--sources"], env={"COLUMNS": "200"}).output
    [line] = [line for line in output.splitlines() if "举报30个工作日内办结" in line]
    assert "Report of an offence" in line


def test_a_file_of_ones_own_is_drawn_as_well_as_a_ready_procedure(tmp_path: Path) -> None:
    text = files("procedures").joinpath("kf0001.yaml").read_text("utf-8").replace("code: kf0001", "code: mine")
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    result = CliRunner().invoke(app, ["draw", str(tmp_path / "mine.yaml"), "--language", "zh"])
    assert result.stdout.startswith("%% 客户投诉管理办法及处理流程 (mine A/1.3)")


def test_a_wrong_file_is_not_drawn_but_its_mistakes_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("code: Mine\n", "utf-8")
    result = CliRunner().invoke(app, ["draw", str(tmp_path / "mine.yaml")])
    assert result.exit_code == 1
    assert "mine.yaml:1: code: A code has at most" in result.output


def test_neither_a_code_nor_a_file_is_one_sentence_and_no_stack_trace() -> None:
    result = CliRunner().invoke(app, ["draw", "kf0002"])
    assert result.exit_code == 1
    assert "There is no procedure and no file kf0002" in result.output


def test_show_prints_the_rules_and_with_sources_every_sentence_whole() -> None:
    shown = CliRunner().invoke(app, ["show", "kf0001", "--language", "zh"], env={"COLUMNS": "200"}).output
    flat = re.sub(r"[\s│]", "", shown)
    for rule in ("异议轮次：最多5轮", "第5次一般投诉升为严重", "回复客户：短信、电话", "或试过3次"):
        assert rule in flat
    assert "当天受理当天解决" not in flat
    command = ["show", "kf0001", "--sources", "--language", "zh"]
    with_sources = CliRunner().invoke(app, command, env={"COLUMNS": "200"}).output
    flat = re.sub(r"[\s│]", "", with_sources)
    assert "…" not in with_sources
    assert "当天受理当天解决" in flat
    assert "处理记录表》整理完毕并提交至董事办及责任单位" in flat


@pytest.mark.parametrize("command", [["list"], *(["show", code] for code in Library.ready().procedures)])
def test_what_is_shown_of_a_procedure_is_in_one_language(command: list[str]) -> None:
    english = CliRunner().invoke(app, command, env={"COLUMNS": "200", "REDRESS_LANGUAGE": "en"}).output
    chinese = CliRunner().invoke(app, command, env={"COLUMNS": "200", "REDRESS_LANGUAGE": "zh"}).output
    assert re.findall("[一-鿿]+", english) == []
    assert re.findall("[A-Za-z][a-z]+(?: [a-z]+){2,}", chinese) == []
    assert re.search("[一-鿿]", chinese)


def test_the_mistakes_of_a_file_are_told_in_the_language_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("code: Mine\n", "utf-8")
    for language, said in (("en", "code: A code has at most"), ("zh", "code：代码最多 40 个字符")):
        result = CliRunner().invoke(app, ["check", str(tmp_path / "mine.yaml")], env={"REDRESS_LANGUAGE": language})
        assert said in result.output
