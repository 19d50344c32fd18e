"""Every code has what it is called in Chinese and in English, with the same facts, and each in its own language."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import pytest
import yaml

import app
import domain
import eventlog
import wording
from app.commands import customer_system
from app.queries.cells import CellWords
from domain.cause import CauseCode
from domain.complaint.events import ComplaintEvent
from domain.complaint.requirements import CHECKS
from domain.complaint.steps import STEPS
from domain.errors import Declined, Forbidden, Incomplete, Invalid, Refused, TurnedAway
from domain.errors.families import Busy, Unavailable, slug_of
from domain.incident.events import IncidentEvent
from domain.incident.steps import INCIDENT_STEP_NAMES
from domain.indicators import INDICATORS
from domain.limits.explanation import NoteCode
from domain.notices import incidents, notices
from domain.procedure.moments import INCIDENT_MOMENTS, MOMENTS
from domain.procedure.procedure import REQUIREMENTS
from domain.reporting.reports import ReportEvent
from domain.titles import Title
from domain.values import CustomerAnswerCode
from procedures.description import line
from procedures.library import Library
from wording import indicators as figures
from wording.causes import CAUSES
from wording.events import EVENTS
from wording.explanations import NOTES
from wording.files import FILE_MISTAKES, NOUNS
from wording.notices import complaints as of_complaints
from wording.notices import incidents as of_incidents
from wording.procedures import own_words
from wording.records import COMPARED, CUSTOMER_ANSWERS
from wording.refusals import REFUSALS
from wording.requirements import MISSING
from wording.rules import RULES
from wording.subjects import SUBJECTS

ROOT: Final = Path(__file__).parent.parent.parent
CJK: Final = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
FAMILIES: Final = {Refused, Forbidden, Incomplete, Invalid, TurnedAway, Busy, Unavailable}
# Kept by nobody but machines: what a rebuild is at, how a mail server is spoken to, and the like.
OF_MACHINES: Final = ("app.readmodels", "app.notifications", "app.http", "app.cli", "app.settings", "app.embedded")


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


PRODUCT: Final = [module for package in (app, domain, eventlog) for module in modules_of(package)]
WORDS: Final = list(modules_of(wording))


def every(kind: type[Any]) -> Iterator[type[Any]]:
    for below in kind.__subclasses__():
        yield below
        yield from every(below)


def titles_in(thing: object, place: str) -> Iterator[tuple[str, Title]]:
    match thing:
        case Title():
            yield place, thing
        case Mapping():
            for name, inner in thing.items():
                yield from titles_in(inner, f"{place}[{name}]")
        case _ if is_dataclass(thing) and not isinstance(thing, type):
            for field in fields(thing):
                yield from titles_in(getattr(thing, field.name), f"{place}.{field.name}")


ALL: Final = dict(
    found
    for module in WORDS
    for name, thing in vars(module).items()
    if name.isupper()
    for found in titles_in(thing, f"{module.__name__}.{name}")
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_words_to_look_at() -> None:
    assert len(ALL) > 600


# Frames without a word of their own: a sign between two names, a name with its code.
FRAMES: Final = re.compile(r"[^A-Za-z\u4e00-\u9fff]*(SMS|CAPA|API|id|key)?")
# Said of the code in one language and of the title in the other; or by a validator in English alone.
ONE_SIDED: Final = {"title", "code", "message"}


def test_a_word_is_there_in_both_languages_and_neither_mixes_them() -> None:
    assert [place for place, title in ALL.items() if not title.zh and not place.endswith("SPACE")] == []
    assert [place for place, title in ALL.items() if not title.en or CJK.search(title.en)] == []
    chinese = {place: re.sub(r"\{[^}]*\}", "", title.zh) for place, title in ALL.items()}
    assert [place for place, said in chinese.items() if not CJK.search(said) and not FRAMES.fullmatch(said)] == []


def test_a_sentence_names_the_same_facts_in_both_languages() -> None:
    facts = {place: (placeholders(title.zh), placeholders(title.en)) for place, title in ALL.items()}
    assert [place for place, (zh, en) in facts.items() if zh ^ en and not ONE_SIDED & (zh | en)] == []


def subject(*codes: str, of: str) -> None:
    assert set(codes) - SUBJECTS[of].keys() == set()


def test_every_step_event_moment_and_requirement_has_its_words() -> None:
    subject("receive", *(step.name for step in STEPS), *INCIDENT_STEP_NAMES, of="steps")
    recorded = [*every(ComplaintEvent), *every(IncidentEvent), *every(ReportEvent)]
    assert len(recorded) > 60
    subject(*(event.__name__ for event in recorded), of="events")
    subject(*MOMENTS, *INCIDENT_MOMENTS, of="moments")
    subject(*REQUIREMENTS, of="requirements")
    assert set(CHECKS) - MISSING.keys() == set()
    for table in (figures.INDICATORS, figures.DEFINITIONS, figures.NUMERATORS, figures.COUNTED_BY, figures.SOURCES):
        assert set(INDICATORS) == set(table)
    assert {name for name, shape in INDICATORS.items() if shape in {"rate", "duration"}} == set(figures.DENOMINATORS)


def test_every_event_that_somebody_is_told_of_every_note_and_every_cause_has_its_words() -> None:
    assert {event.__name__ for event in notices.NOTIFYING} - of_complaints.HEADS.keys() - EVENTS.keys() == set()
    assert {event.__name__ for event in incidents.NOTIFYING} - of_incidents.HEADS.keys() == set()
    assert set(get_args(NoteCode)) == set(NOTES)
    assert set(get_args(CauseCode)) == set(CAUSES)


def test_every_refusal_has_its_words_and_none_has_words_for_nothing() -> None:
    raised = [kind for kind in every(Declined) if kind not in FAMILIES and not kind.__module__.startswith("tests")]
    names = [kind.__name__ for kind in raised]
    assert len(set(names)) == len(names)
    assert set(names) == REFUSALS.keys()
    assert len({slug_of(kind) for kind in raised}) >= len(raised) - 1  # a role that is needed is a role that forbids


def test_every_rule_that_a_procedure_tells_has_its_words() -> None:
    told: set[str] = set()
    for file in Path(line.__file__).parent.glob("*.py"):
        text = file.read_text("utf-8")
        told |= set(re.findall(r'rule\(\s*"([a-z-]+)"', text)) | set(re.findall(r'"([a-z-]+)"', text)) & RULES.keys()
    assert told == RULES.keys()


LISTED: Final = {
    "TrackingRow", "ClockRow", "IncidentRow", "LateIntake", "IndicatorRow", "DrilledEvent", "RegisterRow", "AuditEvent",
    "ObligationRow", "AccessRow",
}  # fmt: skip


def test_every_column_of_a_list_has_a_heading() -> None:
    rows = [
        kind
        for module in PRODUCT
        if module.__name__.startswith("app.queries")
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
        and kind.__name__ in LISTED
    ]  # fmt: skip
    assert {row.__name__ for row in rows} == LISTED
    headings = [heading for row in rows for heading in CellWords(Library.ready(), "zh").headings(row)]
    assert [heading for heading in headings if not CJK.search(heading)] == []


# Columns that a list is sorted by, what an answer is expanded with, methods of HTTP, and which units a step counts.
SPOKEN_BY_MACHINES: Final = {"having", "at", "received_at", "due_at", "opened_at", "closed_at", "steps", "POST", "1.0"}


def literals(hint: Any) -> Iterator[tuple[str, ...]]:
    if get_origin(hint) is Literal:
        yield tuple(value for value in get_args(hint) if isinstance(value, str))
    for inner in get_args(hint):
        yield from literals(inner)


def test_every_value_of_a_literal_has_its_words() -> None:
    found: dict[tuple[str, ...], str] = {}
    for module in PRODUCT:
        if module.__name__.startswith(OF_MACHINES):
            continue
        for name, thing in vars(module).items():
            hints = get_type_hints(thing) if is_dataclass(thing) and isinstance(thing, type) else {name: thing}
            for hint in hints.values():
                for values in literals(hint):
                    found.setdefault(values, f"{module.__name__}.{name}")
    assert len(found) > 20
    tables = [*SUBJECTS.values(), NOTES, CAUSES, CUSTOMER_ANSWERS]
    named = {values for values in found if any(set(values) <= table.keys() for table in tables)}
    assert {
        where: values
        for values, where in found.items()
        if values not in named and values and values[0].lstrip("-") not in SPOKEN_BY_MACHINES
    } == {}


def enums(schema: Any) -> Iterator[tuple[str, ...]]:
    """Every closed set of texts in the description, wherever it stands."""
    match schema:
        case dict():
            if isinstance(values := schema.get("enum", [schema["const"]] if "const" in schema else None), list):
                yield tuple(value for value in values if isinstance(value, str))
            for inner in schema.values():
                yield from enums(inner)
        case list():
            for inner in schema:
                yield from enums(inner)


def test_every_code_that_the_description_of_the_api_lists_has_its_words() -> None:
    found = set(enums(yaml.load((ROOT / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)))
    assert len(found) > 20
    unnamed = [
        values for values in found
        if values and values[0].lstrip("-") not in SPOKEN_BY_MACHINES
        and not any(set(values) <= table.keys() for table in SUBJECTS.values())
    ]  # fmt: skip
    assert unnamed == []


@pytest.mark.parametrize("code", Library.ready().procedures)
def test_every_code_of_a_ready_procedure_is_called_something_in_each_language(code: str) -> None:
    procedure = Library.ready().procedure(code)
    words = own_words(procedure)
    told = {role for rule in procedure.clocks for role in (*rule.tell_at_warning, *rule.tell_at_miss, *rule.to_roles)}
    roles = {*procedure.sees, *(role for allowed in procedure.steps.values() for role in allowed), *told}
    assert (roles | set(procedure.ladder)) - {*words["roles"], "unit"} == set()
    assert set(procedure.routes.values()) - words["units"].keys() == set()
    assert set(procedure.routes) - words["categories"].keys() == set()
    assert set(procedure.steps) - SUBJECTS["steps"].keys() == set()
    titles = [title for subject in words.values() for title in subject.values()]
    titles += [rule.title for rule in procedure.clocks]
    assert [title for title in titles if not title.zh or not title.en or CJK.search(title.en)] == []


def test_every_mistake_of_a_file_has_its_words_and_none_has_words_for_nothing() -> None:
    made: set[str] = set()
    read = ((ROOT / "procedures").rglob("*.py"), (ROOT / "domain" / "limits").glob("*.py"))
    for file in (*(one for some in read for one in some), ROOT / "app" / "imports" / "mapping.py"):
        text = file.read_text("utf-8")
        made |= set(re.findall(r'(?:\.error|WrongRule)\(\s*"([a-z-]+)"', text))
        made |= set(re.findall(r'raise kind\([^\n]*, "", "([a-z-]+)"', text))
        made |= set(re.findall(r'return "([a-z-]+)", \{', text))
    assert made == FILE_MISTAKES.keys()
    asked = {
        noun for file in (ROOT / "procedures").rglob("*.py")
        for noun in re.findall(r', "([a-z_ ]+)"(?:, least=\d)?\)', file.read_text("utf-8"))
    }  # fmt: skip
    assert NOUNS.keys() - {"name"} <= asked


def test_whatever_a_customer_system_says_has_its_words() -> None:
    assert set(get_args(CustomerAnswerCode)) == set(CUSTOMER_ANSWERS)
    assert set(customer_system.COMPARED) == set(COMPARED)


def test_no_chinese_prose_stands_in_the_code_outside_the_words() -> None:
    """Docstrings and comments may name a Chinese term; what the product says may not stand beside the words."""
    culprits = [
        f"{file.relative_to(ROOT)}:{line} {text[:40]}"
        for layer in ("app", "domain", "eventlog", "migrations", "procedures", "projections")
        for file in sorted((ROOT / layer).rglob("*.py"))
        for line, text in strings_in(ast.parse(file.read_text("utf-8")))
        if CHINESE.search(text) and file.name not in STORIES
    ]
    assert culprits == []


# The demo is a story among Chinese people, told as they would; and numbers are read as people write them.
STORIES: Final = {"demo_story.py", "phone_numbers.py", "softphone_demo.py"}
CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def strings_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_a_clock_whose_name_several_rules_share_is_called_by_all_their_titles() -> None:
    called = own_words(Library.ready().procedure("kf0001"))["clocks"]["whole-case"]
    assert called.zh == "一般投诉全程处理／重大/严重投诉全程处理"
    assert called.en == "Whole case, general / Whole case, major or severe"
