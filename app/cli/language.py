"""The language of the command line: that of REDRESS_LANGUAGE, else of the locale, else Chinese."""

import os
from collections.abc import Mapping
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
    """A sentence of wording/command_line.py with its facts."""
    return sentence(template, spoken_language(), **facts)


def heading(column: str) -> str:
    return said(HEADINGS[column])
