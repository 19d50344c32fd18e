"""Query parameters: times as RFC 3339 has them, days, and nothing that the address does not take."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, LiteralString
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from app.http.protocol.problems import Problem, Wrong
from domain.errors import NotFound

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LOST_PLUS: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?) (\d\d:\d\d)", re.ASCII)
_NO_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def misspelt(kind: LiteralString) -> PydanticCustomError:
    """What a validator raises of a parameter; its words are in wording/mistakes.py."""
    return PydanticCustomError(kind, kind)


def _as_time(text: Any) -> Any:
    """Refuses what the validator would take for a time although nobody can know which: numbers, times of no zone."""
    if not isinstance(text, str) or _TIME.fullmatch(text):
        return text
    if _LOST_PLUS.fullmatch(text):
        raise misspelt("time-lost-plus")
    if _NO_OFFSET.fullmatch(text):
        raise misspelt("time-without-offset")
    raise misspelt("time-misspelt")


def _as_day(text: Any) -> Any:
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise misspelt("day-misspelt")
    return text


def _utc(at: datetime) -> datetime:
    if not 1900 <= at.year <= 9000:
        raise misspelt("time-out-of-range")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_as_time), AfterValidator(_utc)]
Day = Annotated[date, BeforeValidator(_as_day)]


def only_parameters(request: Request, *names: str) -> None:
    """Raises 422 for a query parameter that does not exist: a filter with a slip in it must not answer everything."""
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        wrong = [Wrong(f"?{name[:40]}") for name in unknown[:20]]
        raise Problem(422, "unknown-parameter", {"known": names or None, "none": not names}, wrong=wrong)


def id_or(missing: type[NotFound], text: str) -> UUID:
    """Raises `missing`: something that is no id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise missing from None
