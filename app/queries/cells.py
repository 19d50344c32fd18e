"""The cells of lists as files, in the reader's words: headings for fields, titles for codes, yes and no for truth."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

import msgspec

from app.queries.calls import CallRow
from app.queries.customers import CustomerRow
from app.queries.imports import RowLine
from app.queries.notifications import NotificationLine
from app.queries.obligation_pages import Ower
from app.queries.owner_view import OwnerShown
from app.queries.people import PersonRow
from domain.complaint.state import Owner, UnitState
from domain.procedure.procedure import Procedure
from domain.titles import Language, Title
from domain.values import ActedBy
from procedures.rules import Rules
from wording import states
from wording.columns import CALLS, COLUMNS, CUSTOMERS, IMPORTED_ROWS, NOTIFICATIONS, PEOPLE
from wording.procedures import own_words, titled
from wording.sentences import SEMICOLON, sentence
from wording.subjects import text

TIME_IN_ZONE: Final = Title("{column}（{zone}）", "{column} ({zone})")
UNIT_AND_STATE: Final = Title("{unit}（{state}）", "{unit} ({state})")
# The codes of the product and of its procedures, by the column that they stand in.
SUBJECT_OF: Final = {
    "status": "states", "channel": "channels", "last_event": "events", "type": "events", "actor_source": "sources",
    "counts": "columns", "indicator": "indicators", "direction": "directions",
}  # fmt: skip
OWN_SUBJECT_OF: Final = {
    "kind": "kinds", "severity": "severities", "category": "categories", "unit": "units", "owner_unit": "units",
    "actor_unit": "units", "clock": "clocks", "actor_role": "roles", "procedure": "procedures",
    "owed_by_unit": "units", "owed_by_role": "roles", "owner_role": "roles",
    "issue_point": "issue-points",
}  # fmt: skip
# Columns of which a row brings the titles itself.
TITLED: Final = {
    "name": "titles", "step": "step_titles", "state": "state_titles", "kind": "kind_titles",
    "outcome": "outcome_titles",
}  # fmt: skip
PERSON_WORDS: Final = {"state": "people-states", "kind": "kinds-of-people"}
GROUPED_BY: Final = ("procedures", "units", "categories", "issue-points", "kinds")
# Of rows whose columns are called as those of others and hold something else: what is in them, and how they are headed.
OWN_WORDS: Final[Mapping[type[Any], Mapping[str, str]]] = {
    CallRow: {"state": "call-states"}, PersonRow: PERSON_WORDS, RowLine: {"outcome": "imported"},
    NotificationLine: {"state": "notification-states"},
}  # fmt: skip
OWN_TITLES: Final[Mapping[type[Any], Mapping[str, Title]]] = {
    CallRow: CALLS, CustomerRow: CUSTOMERS, PersonRow: PEOPLE, RowLine: IMPORTED_ROWS,
    NotificationLine: NOTIFICATIONS,
}  # fmt: skip
# A clock's and an incident's; no code is in both.
STATES: Final = {**states.CLOCK, **states.INCIDENT}


@dataclasses.dataclass(frozen=True)
class CellWords:
    """`rules`: whose titles are used; of a row that names no procedure, what all procedures agree on.

    `only`: the fields of the rows that become columns, where not all do.
    """

    rules: Rules
    language: Language
    procedure: Procedure | None = None
    only: Sequence[str] = ()

    def headings(self, shape: type[Any]) -> list[str]:
        """Of the columns of such rows."""
        own = OWN_TITLES.get(shape, {})
        return [
            self._heading(own.get(name) or titled(COLUMNS, name), field)
            for field in self._shown(shape) for name in _columns(field)
        ]  # fmt: skip

    def cells(self, item: Any) -> Iterator[Any]:
        """The values of a row: texts, numbers and times."""
        procedure = self.rules.procedures.get(getattr(item, "procedure", ""))
        words = self._agreed if procedure is None else own_words(procedure)
        for field in self._shown(type(item)):
            value = getattr(item, field.name)
            for column in _columns(field):
                if title := getattr(item, f"{column}_title", None):
                    yield title
                    continue
                if isinstance(titles := getattr(item, TITLED.get(column, ""), None), Title):
                    yield titles.in_(self.language)
                    continue
                part = value if column == field.name else getattr(value, column.removeprefix(f"{field.name}_"), None)
                subject = OWN_WORDS.get(type(item), {}).get(column)
                yield self._cell(column, part, words) if subject is None else text(subject, str(part), self.language)

    def _shown(self, shape: type[Any]) -> "list[dataclasses.Field[Any]]":
        found = {field.name: field for field in _with_column(shape)}
        return [found[name] for name in self.only if name in found] if self.only else list(found.values())

    def _heading(self, usual: Title, field: "dataclasses.Field[Any]") -> str:
        title: Title = field.metadata.get("heading") or usual
        if datetime in (field.type, *get_args(field.type)):
            return sentence(TIME_IN_ZONE, self.language, column=title, zone=self._zone)
        return title.in_(self.language)

    def _cell(self, column: str, value: Any, words: Mapping[str, Mapping[str, Title]]) -> Any:
        match value:
            case datetime():
                return value.astimezone(ZoneInfo(self._zone))
            case bool():
                return text("truth", "true" if value else "false", self.language)
            case str() if column in SUBJECT_OF:
                return text(SUBJECT_OF[column], value, self.language)
            case str() if column == "state":
                return titled(STATES, value).in_(self.language)
            case str() if column in OWN_SUBJECT_OF:
                return titled(words[OWN_SUBJECT_OF[column]], value).in_(self.language)
            case str() if column == "key":
                return self._group(value).in_(self.language)
            case [UnitState(), *_]:
                return SEMICOLON.in_(self.language).join(self._unit(one, words["units"]) for one in value)
            case [str(), *_] if column == "owed_by":
                titles = (titled(words["units"], one).in_(self.language) for one in value)
                return SEMICOLON.in_(self.language).join(titles)
            case dict() | list() | tuple():
                return msgspec.json.encode(value).decode() if value else None
        return value

    def _unit(self, one: UnitState, units: Mapping[str, Title]) -> str:
        state = text("unit-states", one.state, self.language)
        return sentence(UNIT_AND_STATE, self.language, unit=titled(units, one.unit), state=state)

    def _group(self, code: str) -> Title:
        """What figures are grouped by, where it is a code at all."""
        return next(
            (self._agreed[subject][code] for subject in GROUPED_BY if code in self._agreed[subject]), Title(code, code)
        )

    @cached_property
    def _zone(self) -> str:
        """In which the times are told: that of the calendar, where all have one; else UTC."""
        chosen = self.rules.procedures.values() if self.procedure is None else (self.procedure,)
        calendars = self.rules.calendars
        zones = {calendars[one.calendar].zone for one in chosen if one.calendar in calendars}
        return zones.pop() if len(zones) == 1 else "UTC"

    @cached_property
    def _agreed(self) -> Mapping[str, Mapping[str, Title]]:
        """What a code is called by every procedure that has it, or by the one that the list is of."""
        if self.procedure is not None:
            return own_words(self.procedure)
        found: dict[str, dict[str, Title]] = {}
        unclear: set[tuple[str, str]] = set()
        for procedure in self.rules.procedures.values():
            for subject, titles in own_words(procedure).items():
                for code, title in titles.items():
                    if found.setdefault(subject, {}).setdefault(code, title) != title:
                        unclear.add((subject, code))
        for subject, code in unclear:
            del found[subject][code]
        return found


def _with_column(shape: type[Any]) -> list["dataclasses.Field[Any]"]:
    """The fields that become columns: a title is left out, for it is what the code beside it becomes."""
    found = dataclasses.fields(shape)
    titles = {f"{field.name}_title" for field in found}
    return [field for field in found if field.type is not Title and field.name not in titles]


def _columns(field: "dataclasses.Field[Any]") -> list[str]:
    """Owner and actor have a column for each of their parts."""
    kind: Any = field.type
    if kind == OwnerShown:
        kind = Owner
    if kind not in (Owner, ActedBy, Ower):
        return [field.name]
    return [f"{field.name}_{part.name}" for part in dataclasses.fields(kind)]
