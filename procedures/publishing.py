"""A text that somebody wants to publish: read, checked, and made ready to be kept, or every mistake in it."""

from collections.abc import Iterable
from time import sleep
from typing import Final, Literal

from domain.errors import Invalid
from domain.procedure.procedure import Procedure
from procedures.calendar_reader import read_calendar
from procedures.library import Published, calendar_meaning, standing_alone
from procedures.reader import ProcedureErrors, read_procedure
from procedures.rules import Rules
from procedures.walk.check import report_to_publish
from procedures.walk.findings import found_in
from procedures.yaml_entry import Mistake, compose

Kind = Literal["calendar", "procedure"]
LONGEST_VERSION: Final = 100
BREATH: Final = 0.0005  # seconds: a walk of seconds leaves the interpreter to the requests of others


class FileWrong(Invalid):
    """The text cannot be published; `mistakes` says why, each with its line and field."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        super().__init__("/content")
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))


def to_publish(kind: Kind, text: str, rules: Rules, *, by: str, code: str | None = None) -> Published:
    """The text as it is to be kept. With `code` it must be about the calendar or procedure of that code.

    What a calendar takes from another (`days:`) is taken from the other's current version. Raises FileWrong.
    """
    try:
        read = _calendar if kind == "calendar" else _procedure
        published = read(text, rules, by)
        _check(text, code)
    except ProcedureErrors as wrong:
        raise FileWrong(wrong.mistakes) from None
    except Mistake as mistake:
        raise FileWrong([mistake]) from None
    return published


def says_the_same(kind: Kind, one: str, other: str, rules: Rules) -> bool:
    """Whether two texts of one version mean the same: comments, spacing and the order of fields mean nothing."""
    if one == other:
        return True
    try:
        if kind == "calendar":
            return calendar_meaning(read_calendar(one)) == calendar_meaning(read_calendar(other))
        known = rules.calendars
        first, second = (read_procedure(text, calendars=known, kept=True) for text in (one, other))
        return first == second
    except (Mistake, ProcedureErrors):
        return False


def _calendar(text: str, rules: Rules, by: str) -> Published:
    calendar = read_calendar(text, resolve=rules.calendar)
    return Published(calendar.code, calendar.version, standing_alone(text, calendar), by)


def _procedure(text: str, rules: Rules, by: str) -> Published:
    procedure = read_procedure(text, calendars=rules.calendars)
    if not _is_published(procedure, rules):
        _must_lead_to_an_end(text, procedure, rules)
    return Published(procedure.code, procedure.version, text, by)


def _is_published(procedure: Procedure, rules: Rules) -> bool:
    """Whether it was, just so: then it is not walked again."""
    try:
        return rules.procedure_at(procedure.code, procedure.version) == procedure
    except KeyError:
        return False


def _must_lead_to_an_end(text: str, procedure: Procedure, rules: Rules) -> None:
    """What is found on a walk through it and is more than a warning. The walk gives way to others after every state."""
    report = report_to_publish(procedure, rules.calendar(procedure.calendar), seen=lambda _: sleep(BREATH))
    if report.errors:
        raise FileWrong(found_in(text, finding) for finding in report.errors)


def _check(text: str, code: str | None) -> None:
    fields = compose(text, Mistake).fields()
    if code is not None and fields["code"].text() != code:
        raise fields["code"].error("another-code", code=code)
    if len(fields["version"].text()) > LONGEST_VERSION:
        raise fields["version"].error("version-too-long", most=LONGEST_VERSION)
