"""Every version of every procedure and calendar that complaints may be pinned to.

A deployment keeps the text of each version it ever used, in the order of publication, so that a complaint pinned to an
older one still finds it after an upgrade. Current is what was published last: by somebody, or by the first start with a
packaged file. A packaged file of another release is there for those pinned to it alone. The kept text of a calendar
stands alone: what it takes from another (`days: cn`) is written out, with the version that names both.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from domain.titles import Language
from procedures.calendar_reader import CalendarError, read_calendar, ready_calendar
from procedures.calendar_writer import write_calendar
from procedures.reader import read_procedure
from procedures.yaml_entry import compose
from wording.command_line import VERSION_CHANGED
from wording.sentences import sentence

Versioned = TypeVar("Versioned", Procedure, Calendar)


class VersionChanged(ValueError):
    """A published version has other content than before; `reason` and its facts are in wording/command_line.py."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason, facts)
        self.reason, self.facts = reason, facts

    def __str__(self) -> str:
        return self.in_words("en")

    def in_words(self, language: Language) -> str:
        return sentence(VERSION_CHANGED[self.reason], language, **self.facts)


@dataclass(frozen=True)
class Published:
    """The text of one version, as a deployment keeps it; a calendar's needs no other calendar.

    `by` is who published it, None for a file that came with some release of the product.
    """

    code: str
    version: str
    text: str
    by: str | None = None


@dataclass(frozen=True)
class _Shelf(Generic[Versioned]):
    """All versions of one kind of file, by code and version, each with its text; and the current one by code."""

    versions: Mapping[tuple[str, str], tuple[Published, Versioned]]
    current: Mapping[str, Versioned]

    def at(self, code: str, version: str) -> Versioned:
        return self.versions[code, version][1]

    def published(self) -> tuple[Published, ...]:
        return tuple(published for published, _ in self.versions.values())

    def with_published(
        self, kept: Iterable[Published], read: Callable[[str], Versioned], meaning: Callable[[Versioned], object]
    ) -> "_Shelf[Versioned]":
        versions = dict(self.versions)
        mine = {(item.code, item.version) for item in self.current.values()}
        latest: dict[str, Versioned] = {}
        for published in kept:
            key = (published.code, published.version)
            before = versions.get(key)
            # Reading takes a while, and a start finds mostly what it brought.
            item = before[1] if before and before[0].text == published.text else read(published.text)
            if (item.code, item.version) != key:
                raise VersionChanged(
                    "another-name", published=" ".join(key), code=item.code, version=item.version
                )
            if key in versions and meaning(versions[key][1]) != meaning(item):
                raise VersionChanged("another-meaning", published=" ".join(key))
            _, known = versions.setdefault(key, (published, item))
            if published.by is not None or key in mine:
                latest[published.code] = known
        return _Shelf(versions, MappingProxyType({**self.current, **latest}))


@dataclass(frozen=True)
class Library:
    """Immutable; `with_published` gives a larger one."""

    _procedures: _Shelf[Procedure]
    _calendars: _Shelf[Calendar]

    @classmethod
    def ready(cls) -> "Library":
        """The packaged files, read once. Raises CalendarError, ProcedureErrors."""
        return _ready()

    def with_published(self, procedures: Iterable[Published], calendars: Iterable[Published]) -> "Library":
        """This library and the versions that a deployment has kept, in the order of publication.

        Raises VersionChanged where a kept version means something else than the one here. Comments, spacing and the
        order of fields mean nothing. Raises CalendarError, ProcedureErrors where a kept text cannot be read.
        """
        shelf = self._calendars.with_published(calendars, read_calendar, calendar_meaning)
        known = {code for code, _ in shelf.versions}
        return Library(
            self._procedures.with_published(
                procedures, lambda text: read_procedure(text, calendars=known, kept=True), lambda it: it
            ),
            shelf,
        )

    async def learn(self) -> None:
        """Nothing: what is published later is in another library."""

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        """The current version of each procedure, by code."""
        return self._procedures.current

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The current version of each calendar, by code."""
        return self._calendars.current

    def procedure(self, code: str) -> Procedure:
        """The current version. Raises KeyError."""
        return self._procedures.current[code]

    def procedure_at(self, code: str, version: str) -> Procedure:
        """Raises KeyError."""
        return self._procedures.at(code, version)

    def calendar(self, code: str) -> Calendar:
        """The current version. Raises KeyError."""
        return self._calendars.current[code]

    def calendar_at(self, code: str, version: str) -> Calendar:
        """Raises KeyError."""
        return self._calendars.at(code, version)

    @property
    def published_procedures(self) -> tuple[Published, ...]:
        """Every version, to be kept."""
        return self._procedures.published()

    @property
    def published_calendars(self) -> tuple[Published, ...]:
        """Every version, to be kept."""
        return self._calendars.published()


@cache
def _ready() -> Library:
    calendars = {file: ready_calendar(_code(file)) for file in _files("calendars")}
    codes = {calendar.code for calendar in calendars.values()}
    procedures = {file: read_procedure(file.read_text("utf-8"), calendars=codes) for file in _files()}
    return Library(
        _shelf({file: (file.read_text("utf-8"), procedure) for file, procedure in procedures.items()}),
        _shelf({file: (_standing_alone(file, calendar), calendar) for file, calendar in calendars.items()}),
    )


def _files(*folder: str) -> list[Traversable]:
    place = files("procedures").joinpath(*folder)
    return sorted((file for file in place.iterdir() if file.name.endswith(".yaml")), key=_code)


def _code(file: Traversable) -> str:
    return file.name.removesuffix(".yaml")


def _shelf(found: Mapping[Traversable, tuple[str, Versioned]]) -> _Shelf[Versioned]:
    for file, (_, item) in found.items():
        if item.code != _code(file):
            raise ValueError(f"{file.name} says that its code is {item.code}: name the file after its code.")
    return _Shelf(
        {(item.code, item.version): (Published(item.code, item.version, text), item) for text, item in found.values()},
        MappingProxyType({item.code: item for _, item in found.values()}),
    )


def _standing_alone(file: Traversable, calendar: Calendar) -> str:
    return standing_alone(file.read_text("utf-8"), calendar)


def standing_alone(text: str, calendar: Calendar) -> str:
    """The text of a calendar, with the days of another written out."""
    return write_calendar(calendar) if "days" in compose(text, CalendarError).fields() else text


def calendar_meaning(calendar: Calendar) -> tuple[Any, ...]:
    """All that a calendar says, beside its name and version."""
    # Calendars are equal by code and version alone, which is just what must not be believed here.
    days = (calendar.zone, calendar.weekly, dict(calendar.holidays), dict(calendar.make_ups), calendar.known_years)
    return (*days, dict(calendar.hours), calendar.make_up_hours)
