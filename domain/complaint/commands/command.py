"""What every command about a complaint is."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len, Predicate

from domain.values import ActorId, has_no_repeats

People = Annotated[tuple[ActorId, ...], Len(1, 50), Predicate(has_no_repeats)]


@dataclass(frozen=True)
class Command:
    """Anything that can be asked of a complaint."""
