"""The families of refusals, and of what is turned away though no rule refuses it."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from domain.titles import Title

# What is missing, by code; with the title that the procedure gives it, where it is the procedure's own.
Missing = Mapping[str, Title | None]
NOTHING: Missing = MappingProxyType({})


class Declined(Exception):
    """Anything that is answered by a sentence of wording/refusals, which may name `facts`. No fact is personal."""

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts


class Refused(Declined):
    """The rules do not allow it now."""

    missing: Missing = NOTHING


class Incomplete(Refused):
    """Something has to happen first: `missing`."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing=tuple(missing))
        self.missing = missing


class Forbidden(Refused):
    """This person may not."""


class Invalid(Refused):
    """A value of the request is wrong; `pointer` says which, as a JSON pointer into the body."""

    def __init__(self, pointer: str, **facts: object) -> None:
        super().__init__(**facts)
        self.pointer = pointer


class NotFound(Refused): ...


class NoSuchVersion(NotFound): ...


class TurnedAway(Declined):
    """It cannot be answered as it was asked, though no rule forbids it."""

    retry_after: int | None = None  # seconds


class Busy(TurnedAway):
    """Somebody else is just at it."""

    retry_after = 1


class Unavailable(TurnedAway):
    """Something that it needs is away or too far behind."""

    retry_after = 1


def slug_of(error: type[Exception]) -> str:
    """`NotYetClassified` -> `not-yet-classified`, `NotAPhoneNumber` -> `not-a-phone-number`; or its own `slug`."""
    own: str | None = getattr(error, "slug", None)
    return own or _with_hyphens(error.__name__)


@cache
def _with_hyphens(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])", "-", name).lower()
