"""From a row to what it says happened: an intake and the steps after it, with what had to be guessed.

A row is refused only where nobody could say when the matter came in. What a field cannot hold goes into the facts as it
was written: `facts` keep the column's name.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any, Final, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from app.imports.mapping import (
    PERSON,
    STEP_NAMES,
    ImportMapping,
    PastStepRule,
    Source,
    When,
    codes_of,
    codes_of_step,
    needed_fields,
    norm,
    step_fields,
)
from app.imports.tables import Row, SheetRow
from domain.complaint import commands
from domain.complaint.commands import Command
from domain.complaint.steps import STEP_NAMED, STEP_OF
from domain.emails import as_email
from domain.errors import Invalid
from domain.phone_numbers import as_phone_number
from domain.procedure.procedure import Procedure
from domain.values import (
    Complainant,
    Line,
    LongText,
    Text,
    as_one_line,
    is_code,
    is_file_name,
    is_one_line,
    is_plain_text,
)
from wording.imports import NO, YES

AHEAD: Final = timedelta(minutes=5)  # of a clock that goes fast
LONGEST_LINE: Final = 200
LONGEST: Final = {"name": 100, "phone": 32, "email": 254, "address": 300, "customer_no": 64}
PARTED: Final = re.compile(r"\s*[;；、|\n]\s*")
# What a spreadsheet makes of a long number, and of one that is longer than the 15 digits it keeps.
ROUNDED: Final = re.compile(r"[-+]?\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
MAY_BE_CUT: Final = re.compile(r"\d{15}0{2,}")
EXACT: Final = 1e15
EITHER_FIRST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}\b")
SERIAL: Final = re.compile(r"[2-6]\d{4}(?:\.\d+)?")  # days from 1954 to 2091
SERIAL_BEGINS: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (the zone is the file's)
MIDNIGHT: Final = time(0)
NOT_PLAIN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
SEVERAL_LINES: Final = re.compile(r"\s*[\r\n]+\s*")


@dataclass(frozen=True)
class Remark:
    """Something about a row that its report says: a code of wording/imports.py, and what it is about.

    `refused`: the row is not taken because of it; otherwise it was taken, with this guess or without this part.
    """

    code: str
    about: str = ""
    value: str = ""
    refused: bool = False


@dataclass(frozen=True)
class PastStep:
    """A step as a row tells it; `by` is who took it, as it is written there."""

    command: Command
    at: datetime
    by: str


@dataclass
class PastComplaint:
    """What a row tells. `ended_as`: where the status says that it ended, and no step does."""

    old_number: str
    received_at: datetime
    handler: str
    unit: str | None
    intake: commands.ReceiveComplaint
    steps: list[PastStep]
    remarks: list[Remark] = field(default_factory=list)


class RowRefused(Exception):
    """`remarks` say why."""

    def __init__(self, *remarks: Remark) -> None:
        super().__init__()
        self.remarks = list(remarks)


def canonical(row: Row) -> bytes:
    """All that a row says, the same again for the same."""
    said = {name: str(value) for name, value in row.items() if value not in ("", None)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def known_by(mapping: ImportMapping, row: Row) -> str:
    """By what the complaint of a row is known: its number, or all that the row says."""
    source = mapping.complaint.get("old_number")
    number = "" if source is None else as_one_line(_said(source, row))
    return f"{mapping.system}\0{number}" if number else f"\0\0{canonical(row).decode()}"


class RowReader:
    """Reads the rows of one import. Not to be used by two threads at a time."""

    def __init__(self, mapping: ImportMapping, procedure: Procedure, now: datetime) -> None:
        self._mapping, self._procedure, self._now = mapping, procedure, now

    def read(self, row: Row) -> PastComplaint:
        """What the row tells. Raises `RowRefused`."""
        return _Reading(self._mapping, self._procedure, self._now, row).complaint()


class _Reading:
    def __init__(self, mapping: ImportMapping, procedure: Procedure, now: datetime, row: Row) -> None:
        self._mapping, self._procedure, self._now, self._row = mapping, procedure, now, row
        self._remarks: list[Remark] = []
        self._facts: dict[str, Any] = {}

    def complaint(self) -> PastComplaint:
        if not any(_text(value) for value in self._row.values()):
            raise RowRefused(Remark("import-row-empty", refused=True))
        self._check_shape()
        old_number = self._old_number()
        received_at = self._received_at()
        occurred_at = self._time("occurred_at", self._mapping.complaint.get("occurred_at")) or received_at
        self._own_facts()
        person = self._complainant()
        subject, content = self._subject(), self._plain("content")
        intake = commands.ReceiveComplaint(
            procedure=self._procedure.code,
            channel=self._code("channel", "partner"),  # type: ignore[arg-type]
            subject=subject or content[:40].strip() or self._text("old_number") or "—",
            content=content or subject or "—",
            complainant=person,
            kind=self._code("kind", self._usual_kind()),
            occurred_at=min(occurred_at, received_at),
            wants=self._plain("wants") or None,
            issue_point=self._slug("issue_point"),
            accused=tuple(as_one_line(one)[:64] for one in PARTED.split(self._text("accused")) if one),
        )  # fmt: skip
        past = PastComplaint(
            old_number, received_at, self._text("handler"), self._slug("unit"),
            intake, self._steps(received_at), self._remarks,
        )  # fmt: skip
        self._end(past)
        past.intake = replace(intake, facts=self._facts)
        return past

    def _check_shape(self) -> None:
        """A row that has more or fewer cells than the heading may be one that was cut in two, or moved aside."""
        row = self._row
        if isinstance(row, SheetRow) and row.written != row.headed:
            code = "import-row-long" if row.written > row.headed else "import-row-short"
            self._remark(code, value=f"{row.written}/{row.headed}")

    def _old_number(self) -> str:
        """Rows are known by it, so one that a spreadsheet has rounded is refused: many have the same then."""
        source = self._mapping.complaint.get("old_number")
        number = "" if source is None else as_one_line(_said(source, self._row))
        values = () if source is None else (self._row.get(column) for column in source.columns)
        if ROUNDED.fullmatch(number) or any(isinstance(one, float) and abs(one) >= EXACT for one in values):
            raise RowRefused(Remark("import-number-rounded", "old_number", number, refused=True))
        if MAY_BE_CUT.fullmatch(number):
            self._remark("import-number-may-be-cut", "old_number", number)
        return number

    # Fields

    def _text(self, name: str) -> str:
        source = self._mapping.complaint.get(name)
        return "" if source is None else self._said(source)

    def _said(self, source: Source) -> str:
        return _said(source, self._row)

    def _plain(self, name: str) -> str:
        text = self._text(name)
        if is_plain_text(text) and "\0" not in text:
            return text.strip()
        self._remark("import-control-characters", name)
        return NOT_PLAIN.sub("", text).strip()

    def _subject(self) -> str:
        text = self._plain("subject")
        if not is_one_line(text):
            text = as_one_line(text)
        if len(text) <= LONGEST_LINE:
            return text
        self._remark("import-subject-shortened", "subject")
        self._facts["subject"] = text
        return text[: LONGEST_LINE - 1] + "…"

    def _code(self, name: str, usual: str) -> str:
        source = self._mapping.complaint.get(name)
        if source is None:
            return usual
        said, known = self._said(source), codes_of(name, self._procedure) or ()
        if said in known:
            return said
        self._remark("import-value-unknown", name, said)
        if said:
            self._facts[name] = said
        return usual

    def _usual_kind(self) -> str:
        return "complaint" if "complaint" in self._procedure.kinds else next(iter(self._procedure.kinds))

    def _slug(self, name: str) -> str | None:
        said = self._text(name).strip()
        if not said or is_code(said):
            return said or None
        self._remark("import-value-unknown", name, said)
        self._facts[name] = said
        return None

    def _complainant(self) -> Complainant:
        given = {name: as_one_line(SEVERAL_LINES.sub(" ", self._text(name))) for name in PERSON}
        given["phone"] = self._valid("phone", given["phone"], as_phone_number)
        given["email"] = self._valid("email", given["email"], as_email)
        for name, most in LONGEST.items():
            if len(given[name]) > most:
                self._remark("import-kept-as-fact", name)
                self._facts[name], given[name] = given[name], ""
        if norm(self._text("anonymous")) in YES and not any(given[name] for name in PERSON if name != "name"):
            return Complainant(anonymous=True)
        known: dict[str, Any] = {name: value for name, value in given.items() if value}
        return Complainant(**known) if known else Complainant(anonymous=True)

    def _valid(self, name: str, said: str, kept: Callable[[str, str], str]) -> str:
        """A number or address as it is kept; one that is none stands among the facts."""
        if not said:
            return ""
        try:
            return kept(said, f"/{name}")
        except Invalid:
            if ROUNDED.fullmatch(said):
                self._remark("import-number-rounded", name, said)
            else:
                self._remark(f"import-{name}-as-fact", name)
            self._facts[name] = said
            return ""

    def _own_facts(self) -> None:
        mapping = self._mapping
        names = dict(mapping.facts)
        if mapping.rest:
            used = mapping.columns
            names |= {column: column for column in self._row if column not in used}
        for name, column in names.items():
            value = self._row.get(column)
            if value in ("", None):
                continue
            as_it_is = value if isinstance(value, bool | int | float) else NOT_PLAIN.sub("", _text(value))
            self._facts[as_one_line(name)[:LONGEST_LINE]] = as_it_is

    # Times

    def _received_at(self) -> datetime:
        source = self._mapping.complaint["received_at"]
        at = self._time("received_at", source)
        if at is None:
            said = _found(source, self._row)[0]
            code = _why_unreadable(said) if said else "import-no-time"
            raise RowRefused(Remark(code, "received_at", said, refused=True))
        if at > self._now + AHEAD:
            raise RowRefused(Remark("import-time-ahead", "received_at", at.isoformat(), refused=True))
        return min(at, self._now)

    def _time(self, name: str, source: Source | None) -> datetime | None:
        """The time that a source says; None for an empty place, and for one that is no time, which is remarked."""
        if source is None:
            return None
        for column in source.columns:
            value = self._row.get(column)
            if isinstance(value, datetime | date):
                if not isinstance(value, datetime) or value.time() == MIDNIGHT:
                    self._remark("import-time-of-day-unknown", name)
                return _instant(value, self._mapping.zone)
        said = _found(source, self._row)[0]
        if not said:
            return None
        found = read_time(said, self._mapping.formats, self._mapping.zone)
        if found is None and (serial := _serial(said)) is not None:
            at = _instant(serial, self._mapping.zone)
            self._remark("import-time-serial", name, f"{said} → {serial:%Y-%m-%d %H:%M}")
            return at
        if found is None:
            if name != "received_at":
                self._remark(_why_unreadable(said), name, said)
                self._facts[name] = said
            return None
        at, has_time = found
        if not has_time:
            self._remark("import-time-of-day-unknown", name)
        return at

    # Steps

    def _steps(self, received_at: datetime) -> list[PastStep]:
        found = [
            *(step for rule in self._mapping.steps if (step := self._step(rule)) is not None), *self._steps_in_row()
        ]  # fmt: skip
        steps = []
        for one in found:
            name = _name_of(one.command)
            if one.at > self._now + AHEAD:
                self._remark("import-step-ahead", name, one.at.isoformat())
                self._facts[f"{name}.at"] = one.at.isoformat()
                continue
            if one.at < received_at:
                self._remark("import-step-before-receipt", name)
                self._facts[f"{name}.at"] = one.at.isoformat()
                one = replace(one, at=received_at)
            steps.append(one)
        return sorted(steps, key=lambda one: one.at)

    def _step(self, rule: PastStepRule) -> PastStep | None:
        if rule.when is not None and not self._is(rule.when):
            return None
        at = self._time(f"{rule.name}.at", rule.at)
        if at is None:
            return None
        said = {name: self._said(source) for name, source in rule.fields.items()}
        command = self._command(rule.name, said)
        by = "" if rule.by is None else self._said(rule.by)
        return None if command is None else PastStep(command, at, by or self._text("handler"))

    def _is(self, when: When) -> bool:
        return (norm(_text(self._row.get(when.column))) in when.values) is not when.but

    def _steps_in_row(self) -> Iterator[PastStep]:
        column = self._mapping.steps_in
        listed = self._row.get(column) if column is not None else None
        for one in listed if isinstance(listed, list) else ():
            if not isinstance(one, dict) or one.get("step") not in STEP_NAMES:
                self._remark("import-step-unknown", "steps", str(one.get("step") if isinstance(one, dict) else one))
                continue
            name = str(one["step"])
            found = read_time(_text(one.get("at")), self._mapping.formats, self._mapping.zone)
            if found is None:
                self._remark("import-time-unreadable", f"{name}.at", _text(one.get("at")))
                continue
            said = {key: value for key, value in one.items() if key in step_fields(name)}
            command = self._command(name, said)
            if command is not None:
                yield PastStep(command, found[0], _text(one.get("by")) or self._text("handler"))

    def _command(self, step: str, said: Mapping[str, Any]) -> Command | None:
        """The command of a step; None where what it cannot be without is not said."""
        values: dict[str, Any] = {}
        for name in step_fields(step):
            value = _as(step, name, said.get(name, ""))
            if value is None and said.get(name, "") != "":
                self._remark("import-value-unknown", f"{step}.{name}", _text(said[name]))
                self._facts[f"{step}.{name}"] = _text(said[name])
            known = codes_of_step(step, name, self._procedure)
            if isinstance(value, str) and known is not None and not self._knows(name, value, known):
                self._remark("import-value-unknown", f"{step}.{name}", value)
                self._facts[f"{step}.{name}"] = value
                value = None
            if value is None and name in needed_fields(step):
                if not _is_text_field(step, name):
                    self._remark("import-step-without", step, name)
                    return None
                value = ""
            if value is not None:
                values[name] = value
        command: Command = STEP_NAMED[step].command(**{_attribute(step, name): value for name, value in values.items()})
        return command

    def _knows(self, name: str, code: str, known: Collection[str]) -> bool:
        return self._procedure.knows_category(code) if name == "category" else code in known

    def _end(self, past: PastComplaint) -> None:
        """What the status says of the end, held against the steps."""
        status = self._mapping.status
        said = "" if status is None else self._said(status)
        ends = {"close": "closed", "settle": "closed", "reject": "rejected", "withdraw": "withdrawn"}
        ending = [one for one in past.steps if _name_of(one.command) in ends]
        if said == "open" and ending:
            self._remark("import-open-though-ended", "status")
            past.steps = [one for one in past.steps if one not in ending]
            self._facts["closed_at"] = ending[-1].at.isoformat()
        elif said in ends.values() and not ending:
            at = max([past.received_at, *(one.at for one in past.steps)])
            self._remark("import-end-guessed", "status")
            written = _found(replace(status, values={}), self._row)[0] if status is not None else said
            past.steps.append(PastStep(_ended(said, written), at, past.handler))
        elif status is not None and said and said != "open" and said not in ends.values():
            self._remark("import-value-unknown", "status", said)
            self._facts["status"] = said

    def _remark(self, code: str, about: str = "", value: str = "") -> None:
        remark = Remark(code, about, value[:80])
        if remark not in self._remarks:
            self._remarks.append(remark)


def _said(source: Source, row: Row) -> str:
    """What a source says of the row: a value that the mapping names as it is meant, all else as it is written or as
    the mapping has it, an empty place too.
    """
    said, found = _found(source, row)
    return said if found or source.otherwise is None else source.otherwise


def _found(source: Source, row: Row) -> tuple[str, bool]:
    """What stands there, and whether it is what the mapping makes of it."""
    if source.constant is not None:
        return source.constant, True
    said = next((text for column in source.columns if (text := _text(row.get(column)))), "")
    meant = source.values.get(norm(said)) if source.values else None
    return (said, False) if meant is None else (meant, True)


def _ended(status: str, written: str) -> Command:
    if status == "closed":
        return commands.CloseComplaint(outcome=written, summary="")
    kind = commands.RejectComplaint if status == "rejected" else commands.WithdrawComplaint
    return kind(reason=written)


@lru_cache(maxsize=4096)
def read_time(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> tuple[datetime, bool] | None:
    """A time as it is written, in UTC, and whether it says more than the day; None where it is none.

    What none of the formats reads may be ISO 8601 with its offset. A time that the zone shows twice is the first.
    """
    text = text.strip()
    for one in formats:
        try:
            found = datetime.strptime(text, one)  # noqa: DTZ007 (the zone is the file's)
        except ValueError:
            continue
        return _instant(found, zone), "%H" in one or "%I" in one or "%X" in one or "%c" in one
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _instant(found, zone), len(text) > len("2026-03-02")


def _why_unreadable(text: str) -> str:
    """5-6-2023 is the fifth of June, or the sixth of May."""
    found = EITHER_FIRST.match(text.strip())
    either = found is not None and int(found[1]) <= 12 and int(found[2]) <= 12
    return "import-time-ambiguous" if either else "import-time-unreadable"


def _serial(text: str) -> datetime | None:
    """A day as a spreadsheet counts it, where the number was never shown as one."""
    if not SERIAL.fullmatch(text):
        return None
    at = SERIAL_BEGINS + timedelta(days=float(text))
    return at.replace(second=0, microsecond=0) + timedelta(minutes=at.second >= 30)


def _instant(value: datetime | date, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 (the zone is the file's)
    return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a workbook knows no whole numbers
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def _name_of(command: Command) -> str:
    return STEP_OF[type(command)].name


@cache
def _hints(step: str) -> dict[str, Any]:
    return {name.rstrip("_"): hint for name, hint in get_type_hints(STEP_NAMED[step].command).items()}


@cache
def _attribute(step: str, name: str) -> str:
    return next(one for one in get_type_hints(STEP_NAMED[step].command) if one.rstrip("_") == name)


@cache
def _kinds(step: str, name: str) -> frozenset[Any]:
    """The plain types that a field of a step takes."""
    return frozenset(_plain_types(_hints(step)[name]))


def _plain_types(hint: Any) -> Iterator[Any]:
    origin = get_origin(hint)
    if origin is tuple:
        yield tuple
    elif is_union(hint):
        for one in get_args(hint):
            yield from _plain_types(one)
    elif type(hint).__name__ == "_LiteralGenericAlias":
        yield str
    else:
        yield origin or hint


@cache
def _is_text_field(step: str, name: str) -> bool:
    """Whether any words will do, and no words where none were written."""
    return _whole_hint(step, name) in (Line, Text)


@cache
def _is_words(step: str, name: str) -> bool:
    """Whether any words will do, however long they are."""
    hint = _whole_hint(step, name)
    return any(one in (Line, Text, LongText) for one in (hint, *(get_args(hint) if is_union(hint) else ())))


@cache
def _whole_hint(step: str, name: str) -> Any:
    return get_type_hints(STEP_NAMED[step].command, include_extras=True)[_attribute(step, name)]


@cache
def _checked(step: str, name: str) -> TypeAdapter[Any]:
    """What looks at a value as the API looks at it: an address, a share, a score."""
    return TypeAdapter(_whole_hint(step, name))


def is_union(hint: Any) -> bool:
    return type(hint).__name__ in ("UnionType", "_UnionGenericAlias")


def _as(step: str, name: str, value: Any) -> Any:
    """A value as the field takes it; None where it cannot."""
    found = _as_its_kind(step, name, value)
    if found is None:
        return None
    if _is_words(step, name):
        return as_one_line(found) if Line in (hint := _whole_hint(step, name), *get_args(hint)) else found
    if (step, name) == ("attach", "name") and not is_file_name(found):
        found = as_file_name(found)
    try:
        _checked(step, name).validate_python(found)
    except ValidationError:
        return None
    return found


def as_file_name(text: str) -> str:
    """The name of a file, of a path that leads to it."""
    return as_one_line(text).replace("\\", "/").rpartition("/")[2].strip(". ") or "_"


def _as_its_kind(step: str, name: str, value: Any) -> Any:
    kinds = _kinds(step, name)
    if isinstance(value, list):
        return tuple(value) if tuple in kinds and all(isinstance(one, str) for one in value) else None
    text = _text(value)
    if not text:
        return None
    if tuple in kinds:
        return tuple(dict.fromkeys(one for one in PARTED.split(text) if one))
    if bool in kinds:
        return True if norm(text) in YES else False if norm(text) in NO else None
    try:
        return _number(text, kinds)
    except (ValueError, InvalidOperation):
        return None


def _number(text: str, kinds: frozenset[Any]) -> Any:
    if int in kinds:
        return int(text)
    if Decimal in kinds:
        return Decimal(text.replace(",", ""))
    if datetime in kinds:
        return datetime.fromisoformat(text)
    if date in kinds:
        return date.fromisoformat(text)
    return NOT_PLAIN.sub("", text) if str in kinds else None
