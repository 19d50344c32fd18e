"""Which version runs is said by the command line and by the description of the API, and it is one."""

import tomllib

import yaml
from typer.testing import CliRunner

from app.cli.commands import app
from tests.imports import ROOT


def test_the_command_line_and_the_description_say_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert CliRunner().invoke(app, ["--version"]).output == f"redress {version}\n"
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["info"]["version"] == version
