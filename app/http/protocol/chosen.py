"""`fields`: of an answer, of the rows of a list, and of the columns of a file those that the caller asks for."""

from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Final

from app.http.protocol.problems import Problem, Wrong

MOST_NEAR: Final = 3


def chosen_fields(asked: str | None, shape: type[Any]) -> tuple[str, ...]:
    """The names in `?fields=a,b`, each once; none where all are asked for. Raises 422 for one that does not exist."""
    names = tuple(dict.fromkeys(asked.split(","))) if asked else ()
    known = [field.name for field in fields(shape)]
    wrong = [_unknown(name, known) for name in names if name not in known]
    if wrong:
        raise Problem(422, "invalid-parameters", wrong=wrong)
    return names


def with_fields(content: Any, chosen: Sequence[str]) -> Any:
    """The same with these fields alone, in the order they were asked for."""
    return {name: getattr(content, name) for name in chosen if hasattr(content, name)} if chosen else content


def columns_of(file: type[Any], chosen: Sequence[str], shape: type[Any]) -> tuple[str, ...]:
    """The columns of a file of such rows: where a field became several, all of them stand for it."""
    own = {field.name for field in fields(shape)}
    spread = own.difference(field.name for field in fields(file))
    names = tuple(
        field.name for field in fields(file)
        if field.name in chosen or (field.name not in own and not spread.isdisjoint(chosen))
    )  # fmt: skip
    return names if chosen else ()


def _unknown(name: str, known: Sequence[str]) -> Wrong:
    near = get_close_matches(name, known, MOST_NEAR)
    return Wrong("?fields", "no-such-code-near" if near else "no-such-code", {"code": name, "near": near})
