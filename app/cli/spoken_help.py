"""`--help` in the language of the command line, with examples that can be typed as they stand."""

import re
from typing import Any, Final

import click
import typer.rich_utils
from typer.core import TyperGroup

from app.cli.language import program, spoken_language
from wording.command_help import COMMANDS, EXAMPLE, EXAMPLES, PANELS, PARAMETERS

PARAGRAPH: Final = "\n\n"


class SpokenProgram(TyperGroup):
    """The whole command line. What it says of itself is put into words when it is called."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        language = spoken_language()
        for panel, title in PANELS.items():
            setattr(typer.rich_utils, panel, title.in_(language))
        speak(self)
        return super().main(*arguments, **options)


def speak(command: Any, called: str = "") -> None:
    """A command, its parameters and its own commands in the language; `called` is what is typed for it."""
    language = spoken_language()
    if called in COMMANDS:
        command.help = COMMANDS[called].in_(language)
        command.short_help = _foldable(command.help)
    if called in EXAMPLES:
        typed = PARAGRAPH.join(f"{program()} {example}" for example in EXAMPLES[called])
        command.epilog = f"{EXAMPLE.in_(language)}{PARAGRAPH}{typed}"
    asks_for_help = command.get_help_option(click.Context(command))
    for parameter in (*command.params, asks_for_help):
        title = PARAMETERS.get(f"{called} {parameter.name}") or PARAMETERS.get(parameter.name)
        if title is not None:
            parameter.help = _foldable(title.in_(language))
    for name, inner in getattr(command, "commands", {}).items():
        speak(inner, f"{called} {name}".strip())


def _foldable(text: str) -> str:
    """Chinese with a blank after each stop: tables fold at blanks alone, and cut off what does not fit."""
    return re.sub(r"(?<=[，。；：、）])(?=[^\s，。；：、）])", " ", text)
