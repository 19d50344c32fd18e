"""The language of the command line: that of REDRESS_LANGUAGE, else of the locale, else Chinese."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from domain.titles import LANGUAGES, Language, Title
from wording.command_line import HEADINGS
from wording.sentences import sentence

# The first that is set counts, as for every program.
LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def spoken_language(environment: Mapping[str, str] = os.environ) -> Language:
    """A locale of neither language, such as C, says nothing."""
    locale = next((environment[name] for name in LOCALES if environment.get(name)), "")
    for asked in (environment.get("REDRESS_LANGUAGE", ""), locale.partition("_")[0].partition(".")[0]):
        for language in LANGUAGES:
            if asked == language:
                return language
    return "zh"


def said(template: Title, /, **facts: object) -> str:
    """A sentence of wording/command_line.py with its facts; a command that it names is written as it can be typed."""
    return sentence(template, spoken_language(), **facts).replace("`redress ", f"`{program()} ")


@cache
def program() -> str:
    """How this program is called from here: `redress` where that is on the path, else by its place or interpreter."""
    if shutil.which("redress") is not None:
        return "redress"
    interpreter = Path(sys.executable)
    script = interpreter.with_name("redress")
    # A script of an environment whose path has blanks in it does not start.
    works = script.exists() and " " not in str(script)
    return _from_here(script) if works else f"{_from_here(interpreter)} -m app"


def _from_here(path: Path) -> str:
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))


def heading(column: str) -> str:
    return said(HEADINGS[column])
