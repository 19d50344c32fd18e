"""What those who run complaints ask of the rules: the current versions, and every version anybody is pinned to."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from procedures.library import Published


class Rules(Protocol):
    """A `procedures.library.Library`, or one that grows while the service runs."""

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        """The current version of each procedure, by code."""
        ...

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The current version of each calendar, by code."""
        ...

    @property
    def published_procedures(self) -> tuple[Published, ...]:
        """Every version."""
        ...

    @property
    def published_calendars(self) -> tuple[Published, ...]:
        """Every version."""
        ...

    def procedure(self, code: str) -> Procedure:
        """The current version. Raises KeyError."""
        ...

    def procedure_at(self, code: str, version: str) -> Procedure:
        """Raises KeyError."""
        ...

    def calendar(self, code: str) -> Calendar:
        """The current version. Raises KeyError."""
        ...

    def calendar_at(self, code: str, version: str) -> Calendar:
        """Raises KeyError."""
        ...

    async def learn(self) -> None:
        """Take in what was published elsewhere since; to be called where a version is not known."""
        ...


def every_procedure(rules: Rules) -> Iterator[Procedure]:
    """Every version of every procedure that is known."""
    for published in rules.published_procedures:
        yield rules.procedure_at(published.code, published.version)
