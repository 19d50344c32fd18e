"""Query parameters: times as RFC 3339 has them, days, numbers in digits, and nothing that the address does not take."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from app.commands.written import as_day, as_time, as_whole, misspelt
from app.http.protocol.problems import Problem, Wrong
from domain.errors import NotFound


def _utc(at: datetime) -> datetime:
    if not 1900 <= at.year <= 9000:
        raise misspelt("time-out-of-range")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(as_time), AfterValidator(_utc)]
Day = Annotated[date, BeforeValidator(as_day)]
InDigits = BeforeValidator(as_whole)  # behind the bounds of a number, or its schema does not tell them
Version = Annotated[int, Field(ge=1, le=2**31), InDigits]
Round = Annotated[int, Field(ge=1, le=10_000), InDigits]


def only_parameters(request: Request, *names: str, of_several: Collection[str] = ()) -> None:
    """Raises 422 for a query parameter that does not exist: a filter with a slip in it must not answer everything.

    One of `of_several` may be given more than once, and means any of its values; of the others that is refused too.
    """
    names = (*names, *of_several)
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        wrong = [Wrong(f"?{name[:40]}") for name in unknown[:20]]
        raise Problem(422, "unknown-parameter", {"known": names or None, "none": not names}, wrong=wrong)
    given_once(request, [name for name in names if name not in of_several])


def given_once(request: Request, names: Collection[str]) -> None:
    """Raises 422 where one of these parameters, which mean one thing, is given twice."""
    given = [name for name, _ in request.query_params.multi_items()]
    twice = [name for name in dict.fromkeys(given) if name in names and given.count(name) > 1]
    if twice:
        raise Problem(422, "invalid-parameters", wrong=[Wrong(f"?{name}", "given-twice") for name in twice])


def required(**given: int | None) -> list[int]:
    """The values of parameters that have to be there, asked only once it is known who asks. Raises 422."""
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise Problem(422, "invalid-parameters", wrong=[Wrong(f"?{name}", "missing") for name in missing])
    return [value for value in given.values() if value is not None]


def id_or(missing: type[NotFound], text: str) -> UUID:
    """Raises `missing`: something that is no id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise missing from None
