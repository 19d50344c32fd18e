"""What every door in answers with: an aggregate as it stands, and what became of a command."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from eventlog.streams import AnyEvent

A = TypeVar("A")


@dataclass(frozen=True)
class Loaded(Generic[A]):
    """An aggregate as it stands, and the position of its last event in the log."""

    aggregate: A
    position: int


@dataclass(frozen=True)
class CommandResult(Generic[A]):
    """The answer to a command. `replayed`: it had been done before, and this is what was answered then.

    `unchanged`: there was nothing to do, then or now. `confidential`: it is none of the caller's business any more.
    """

    aggregate: A
    position: int
    replayed: bool = False
    unchanged: bool = False
    confidential: bool = False
    appended: tuple[AnyEvent, ...] = ()
