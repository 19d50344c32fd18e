"""What every command about a complaint is."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from annotated_types import Len, Predicate

from domain.identity import each_once, levelled
from domain.values import PERSON, ActorId, has_no_repeats

People = Annotated[tuple[ActorId, ...], Len(1, 50), Predicate(has_no_repeats)]


@dataclass(frozen=True)
class Command:
    """Anything that can be asked of a complaint. Whom it names it names by their levelled ids, each once."""

    def __post_init__(self) -> None:
        of_any: Any = type(self)
        for name in people_fields(of_any):
            named = vars(self)[name]
            if named is not None:
                object.__setattr__(self, name, levelled(named) if isinstance(named, str) else each_once(named))


@cache
def people_fields(command: Any) -> tuple[str, ...]:
    """The fields of a command's class that name people."""
    hints = get_type_hints(command, include_extras=True)
    return tuple(name for name, hint in hints.items() if _names_people(hint))


def _names_people(hint: Any) -> bool:
    return PERSON in getattr(hint, "__metadata__", ()) or any(map(_names_people, get_args(hint)))
