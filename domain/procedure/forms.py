"""The procedure's form (投诉单): which answers fit it, and which are still missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from domain import errors
from domain.identity import is_filled_in
from domain.procedure.procedure import FormField, Procedure
from domain.values import Complainant

DISTRICT: Final = "district"  # the question of a form by whose answers reports count
LONGEST_DISTRICT: Final = 30
# Where the boxes that fill by themselves are filled from.
HELD: Final[dict[str, Callable[[Complainant], str | None]]] = {
    "complainant-name": lambda person: person.name,
    "complainant-contact": lambda person: person.phone or person.email or person.address,
}


def check_answers(facts: Mapping[str, Any], procedure: Procedure) -> None:
    """Raises `FactNotInForm` for a question that is not asked, `FactOfWrongKind` for an answer that does not fit."""
    fields = {form_field.name: form_field for form_field in procedure.form}
    for name, value in facts.items():
        known = fields.get(name)
        if known is None and not procedure.form_is_open:
            raise errors.FactNotInForm(f"/facts/{name}", known={code: field.title for code, field in fields.items()})
        if known is not None and value is not None and not _fits(known, value):
            raise errors.FactOfWrongKind(f"/facts/{name}", kind=known.kind)


def check_required(facts: Mapping[str, Any], procedure: Procedure) -> None:
    """Raises `FactMissing` for an answer that the intake cannot do without."""
    for form_field in procedure.form:
        if form_field.required and not _is_answer(facts.get(form_field.name)):
            raise errors.FactMissing(f"/facts/{form_field.name}")


def unanswered(
    facts: Mapping[str, Any], procedure: Procedure, complainant: Complainant, severity: str | None
) -> tuple[FormField, ...]:
    """The questions that still have to be answered before the form of such a complaint is complete."""
    return tuple(
        form_field for form_field in procedure.form
        if is_asked(form_field, severity) and not _is_answer(facts.get(form_field.name))
        and not _is_filled(form_field, complainant)
    )  # fmt: skip


def is_asked(form_field: FormField, severity: str | None) -> bool:
    """Whether a form without this answer is not complete."""
    of_it = not form_field.severities or severity in form_field.severities
    return form_field.required or (form_field.to_close and of_it)


def searchable_questions(procedure: Procedure) -> tuple[str, ...]:
    """The names of the questions by whose answers complaints are found."""
    return tuple(form_field.name for form_field in procedure.form if form_field.searchable)


def written_answers(facts: Mapping[str, Any], questions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of these questions those with an answer that can be looked for, and it as it is written."""
    for name in questions:
        if isinstance(answer := facts.get(name), str | int | float) and not isinstance(answer, bool):
            yield name, str(answer)


def district_in(facts: Mapping[str, Any], procedure: Procedure) -> str | None:
    """The district that is answered where the form asks for one: a name, by which reports count.

    An answer with digits is an address or a number, which is somebody's, and is not counted.
    """
    answer = facts.get(DISTRICT) if any(one.name == DISTRICT for one in procedure.form) else None
    if not isinstance(answer, str) or not is_filled_in(answer):
        return None
    name = " ".join(answer.split())
    return name if len(name) <= LONGEST_DISTRICT and not any(letter.isdigit() for letter in name) else None


def _is_answer(value: Any) -> bool:
    return is_filled_in(value) if isinstance(value, str) else value is not None


def _is_filled(form_field: FormField, complainant: Complainant) -> bool:
    """Whether the complaint itself holds the answer; nobody can know one about an anonymous complainant."""
    held = HELD.get(form_field.filled_from or "")
    return held is not None and (complainant.anonymous or bool(held(complainant)))


def _fits(form_field: FormField, value: Any) -> bool:
    match form_field.kind:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            try:
                return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
            except ValueError:
                return False
