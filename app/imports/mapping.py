"""The mapping file: which column is which field, what its values mean, and which step was taken when.

Small and readable: see docs/examples/imports. Every mistake in it names its line, and what may have been meant.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache, cached_property
from typing import Final, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.complaint.steps import STEP_NAMED
from domain.procedure.procedure import Procedure
from domain.values import Channel, Means
from procedures.rules import Rules
from procedures.yaml_entry import Entry, Mistake, closest, compose
from wording.imports import TIME_FORMATS

PERSON: Final = ("name", "phone", "email", "address", "customer_no")
COMPLAINT: Final = (
    "old_number", "received_at", "occurred_at", "subject", "content", "wants", "kind", "channel", "issue_point",
    "accused", "handler", "unit", "anonymous", *PERSON,
)  # fmt: skip
TOP: Final = ("procedure", "version", "system", "sheet", "times", "complaint", "status", "steps", "facts")
# A step that only an administrator of ours decides on is none that another system took.
STEP_NAMES: Final = tuple(name for name in STEP_NAMED if name != "override")
STATUSES: Final = ("open", "closed", "rejected", "withdrawn")
OF_A_STEP: Final = ("step", "at", "by", "when")
REST: Final = "rest"


class MappingMistake(Mistake):
    """A mapping is wrong at a line, in a field."""


@dataclass(frozen=True)
class Source:
    """Where a value comes from: the first of `columns` that is filled, or `constant`.

    `values` are what the column's values mean; what it does not name, and an empty place, is `otherwise`,
    where that is given.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None


@dataclass(frozen=True)
class When:
    """Only in the rows in which the column has one of these values, or has none of them (`but`)."""

    column: str
    values: frozenset[str]
    but: bool = False


@dataclass(frozen=True)
class PastStepRule:
    """One step: taken in every row in which `at` is filled and `when` holds."""

    name: str
    at: Source
    by: Source | None
    when: When | None
    fields: Mapping[str, Source]


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping. `facts`: by the name of the fact the column; `rest`: every column that is used for nothing else.

    `steps_in` is the column of an NDJSON file that holds the steps themselves: objects with `step`, `at`, `by` and the
    step's own fields.
    """

    procedure: str
    version: str | None
    system: str
    formats: tuple[str, ...]
    zone: ZoneInfo
    complaint: Mapping[str, Source]
    status: Source | None
    steps: tuple[PastStepRule, ...]
    steps_in: str | None
    facts: Mapping[str, str]
    rest: bool

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that it reads."""
        found = {column for source in self._sources() for column in source.columns} | set(self.facts.values())
        found |= {step.when.column for step in self.steps if step.when is not None}
        return frozenset(found if self.steps_in is None else {*found, self.steps_in})

    def _sources(self) -> list[Source]:
        of_steps = [source for step in self.steps for source in (step.at, step.by, *step.fields.values())]
        return [one for one in (*self.complaint.values(), self.status, *of_steps) if one is not None]


CHANNELS: Final = get_args(Channel)
MEANS: Final = get_args(Means)


def codes_of(name: str, procedure: Procedure) -> Collection[str] | None:
    """The codes that a field takes; None for one that takes any text."""
    match name:
        case "kind":
            return procedure.kinds
        case "severity":
            return procedure.severities
        case "category":
            return procedure.categories
        case "channel":
            return CHANNELS
        case "means":
            return MEANS
    return None


def codes_of_step(step: str, name: str, procedure: Procedure) -> Collection[str] | None:
    """As `codes_of`, for a field of a step: an attachment has kinds of its own."""
    named = literals_of(step, name)
    if named:
        return named
    return None if name == "kind" and step != "classify" else codes_of(name, procedure)


@cache
def literals_of(step: str, name: str) -> tuple[str, ...]:
    """The only values that a field takes, where its command says so."""
    hint = next(hint for field, hint in get_type_hints(STEP_NAMED[step].command).items() if field.rstrip("_") == name)
    kinds = [hint, *get_args(hint)]
    return next((get_args(one) for one in kinds if get_origin(one) is Literal), ())


def norm(text: str) -> str:
    """A value as it is compared: without blanks around it, capitals and empty places within aside."""
    return " ".join(text.split()).casefold()


@cache
def step_fields(step: str) -> tuple[str, ...]:
    """What may be said of a step: the fields of its command."""
    return tuple(one.name.rstrip("_") for one in fields(STEP_NAMED[step].command))


@cache
def needed_fields(step: str) -> tuple[str, ...]:
    """What must be said of a step."""
    return tuple(
        one.name.rstrip("_") for one in fields(STEP_NAMED[step].command)
        if one.default is MISSING and one.default_factory is MISSING
    )  # fmt: skip


def read_mapping(text: str, rules: Rules, columns: Collection[str] | None = None) -> ImportMapping:
    """A mapping from its text, held against the rules and, where they are known, the columns of the file.

    Raises `MappingMistake` for the first mistake.
    """
    top = compose(text, MappingMistake)
    found = top.fields(TOP)
    procedure = _procedure(top.require(found, "procedure"), found.get("version"), rules)
    formats, zone = _times(found.get("times"), procedure, rules)
    described = top.require(found, "complaint")
    complaint = {name: _source(entry, columns) for name, entry in described.fields(COMPLAINT).items()}
    if "received_at" not in complaint:
        raise described.missing("received_at")
    _check_codes(described, complaint, procedure, lambda name: codes_of(name, procedure))
    steps, steps_in = _steps(found.get("steps"), procedure, columns)
    facts, rest = _facts(found.get("facts"), columns)
    status = None if "status" not in found else _status(found["status"], columns)
    version = None if "version" not in found else found["version"].text()
    system = found["system"].text() if "system" in found else ""
    return ImportMapping(
        procedure.code, version, system, formats, zone, complaint, status, steps, steps_in, facts, rest
    )  # fmt: skip


def sheet_in(text: str) -> str | None:
    """The sheet of a workbook that a mapping is about; None for the first one. Raises `MappingMistake`."""
    found = compose(text, MappingMistake).fields(TOP)
    return found["sheet"].text().strip() if "sheet" in found else None


def must_name_a_sheet(text: str, sheets: Collection[str]) -> None:
    """Of a workbook with these sheets. Raises `MappingMistake`, also where several are there and none is named."""
    top = compose(text, MappingMistake)
    named = top.fields(TOP).get("sheet")
    if named is None and len(sheets) > 1:
        raise top.error("import-sheets", known=tuple(sheets))
    if named is not None and named.text().strip() not in (one.strip() for one in sheets):
        raise _unknown(named, named.text(), sheets)


def _procedure(code: Entry, version: Entry | None, rules: Rules) -> Procedure:
    known = {code: one for code, one in rules.procedures.items() if one.incidents is None}
    if code.text() not in known:
        raise _unknown(code, code.text(), known)
    if version is None:
        return known[code.text()]
    try:
        return rules.procedure_at(code.text(), version.text())
    except KeyError:
        versions = [one.version for one in rules.published_procedures if one.code == code.text()]
        raise _unknown(version, version.text(), versions) from None


def _unknown(entry: Entry, said: str, known: Collection[str]) -> Mistake:
    return entry.error("import-unknown", said=said, known=tuple(known), close=closest(said, known))


def _times(entry: Entry | None, procedure: Procedure, rules: Rules) -> tuple[tuple[str, ...], ZoneInfo]:
    zone = ZoneInfo(rules.calendar(procedure.calendar).zone)
    formats: tuple[str, ...] = TIME_FORMATS
    found = {} if entry is None else entry.fields(("formats", "zone"))
    if "formats" in found:
        formats = tuple(one.text() for one in found["formats"].items())
    if "zone" in found:
        try:
            zone = ZoneInfo(found["zone"].text())
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise found["zone"].error("import-zone", said=found["zone"].text()) from None
    return formats, zone


def _column(entry: Entry, columns: Collection[str] | None) -> str:
    name = entry.text().strip()
    if columns is not None and name not in columns:
        raise entry.error("import-column", said=name, known=tuple(columns), close=closest(name, columns))
    return name


def _source(entry: Entry, columns: Collection[str] | None) -> Source:
    """A column, a list of them the first that is filled counts; or `{column, values, otherwise}`, `{value}`."""
    if _is_text(entry):
        return Source((_column(entry, columns),))
    if _is_list(entry):
        return Source(tuple(_column(one, columns) for one in entry.items()))
    found = entry.fields(("column", "values", "otherwise", "value"))
    if "value" in found:
        return Source(constant=found["value"].text())
    named = entry.require(found, "column")
    of = tuple(_column(one, columns) for one in named.items()) if _is_list(named) else (_column(named, columns),)
    values = found["values"].fields() if "values" in found else {}
    meant = {norm(said): _meant(value) for said, value in values.items()}
    return Source(of, None, meant, _meant(found["otherwise"]) if "otherwise" in found else None)


def _meant(entry: Entry) -> str:
    """What a value stands for; null and an empty text for nothing."""
    is_nothing = entry.is_null or (_is_text(entry) and not entry.node.value.strip())
    return "" if is_nothing else entry.text()


def _is_text(entry: Entry) -> bool:
    return type(entry.node).__name__ == "ScalarNode"


def _is_list(entry: Entry) -> bool:
    return type(entry.node).__name__ == "SequenceNode"


def _status(entry: Entry, columns: Collection[str] | None) -> Source:
    source = _source(entry, columns)
    for said in (*source.values.values(), source.constant, source.otherwise):
        if said not in (None, "", *STATUSES):
            raise _unknown(entry, str(said), STATUSES)
    return source


def _steps(
    entry: Entry | None, procedure: Procedure, columns: Collection[str] | None
) -> tuple[tuple[PastStepRule, ...], str | None]:
    if entry is None:
        return (), None
    if _is_text(entry):
        return (), _column(entry, columns)
    return tuple(_step(one, procedure, columns) for one in entry.items()), None


def _step(entry: Entry, procedure: Procedure, columns: Collection[str] | None) -> PastStepRule:
    everything = entry.fields()
    named = entry.require(everything, "step")
    if named.text() not in STEP_NAMES:
        raise _unknown(named, named.text(), STEP_NAMES)
    name = named.text()
    found = entry.fields((*OF_A_STEP, *step_fields(name)))
    for needed in needed_fields(name):
        if needed not in found:
            raise entry.missing(needed)
    at = _source(entry.require(found, "at"), columns)
    by = _source(found["by"], columns) if "by" in found else None
    when = _when(found["when"], columns) if "when" in found else None
    said = {one: _source(value, columns) for one, value in found.items() if one not in ("step", "at", "by", "when")}
    _check_codes(entry, said, procedure, lambda one: codes_of_step(name, one, procedure))
    return PastStepRule(name, at, by, when, said)


def _when(entry: Entry, columns: Collection[str] | None) -> When:
    found = entry.fields(("column", "is", "not"))
    values = found.get("is") or found.get("not")
    if values is None:
        raise entry.missing("is")
    said = [one.text() for one in values.items()] if _is_list(values) else [values.text()]
    return When(_column(entry.require(found, "column"), columns), frozenset(map(norm, said)), "is" not in found)


def _facts(entry: Entry | None, columns: Collection[str] | None) -> tuple[dict[str, str], bool]:
    if entry is None:
        return {}, True
    if _is_text(entry):
        if entry.text() != REST:
            raise _unknown(entry, entry.text(), (REST,))
        return {}, True
    if _is_list(entry):
        return {(name := _column(one, columns)): name for one in entry.items()}, False
    return {name: _column(one, columns) for name, one in entry.fields().items()}, False


def _check_codes(
    entry: Entry,
    sources: Mapping[str, Source],
    procedure: Procedure,
    codes: Callable[[str], Collection[str] | None],
) -> None:
    """Raises where a value is made into a code that does not exist."""
    for name, source in sources.items():
        known = codes(name)
        for said in (*source.values.values(), source.constant, source.otherwise):
            if known is not None and said not in (None, "") and not _knows(name, str(said), known, procedure):
                raise _unknown(entry.within(entry.node, f".{name}"), str(said), tuple(known))


def _knows(name: str, said: str, known: Collection[str], procedure: Procedure) -> bool:
    return procedure.knows_category(said) if name == "category" else said in known
