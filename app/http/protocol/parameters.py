"""Query parameters: times as RFC 3339 has them, days, and nothing that the address does not take."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from app.http.protocol.problems import Mistake, Problem
from domain.errors import NotFound

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LOST_PLUS: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?) (\d\d:\d\d)", re.ASCII)
_NO_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _as_time(text: Any) -> Any:
    """Refuses what the validator would take for a time although nobody can know which: numbers, times of no zone."""
    if not isinstance(text, str) or _TIME.fullmatch(text):
        return text
    if _LOST_PLUS.fullmatch(text):
        raise ValueError("The + of the offset has arrived as a blank: write it as %2B, as in 09:00:00%2B08:00.")
    if _NO_OFFSET.fullmatch(text):
        raise ValueError("Give the time with its offset from UTC: Z, or for example %2B08:00 for +08:00.")
    raise ValueError("Give a time with its offset, as in 2026-03-02T09:00:00Z or 2026-03-02T09:00:00%2B08:00.")


def _as_day(text: Any) -> Any:
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise ValueError("Give a day, as in 2026-03-02.")
    return text


def _utc(at: datetime) -> datetime:
    if not 1900 <= at.year <= 9000:
        raise ValueError("Give a time between the years 1900 and 9000.")
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_as_time), AfterValidator(_utc)]
Day = Annotated[date, BeforeValidator(_as_day)]


def only_parameters(request: Request, *names: str) -> None:
    """Raises 422 for a query parameter that does not exist: a filter with a slip in it must not answer everything."""
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        detail = f"There is no such parameter; there are {', '.join(names) or 'none'}."
        mistakes = [Mistake(f"?{name[:40]}", detail) for name in unknown[:20]]
        raise Problem(422, "unknown-parameter", "Not valid", detail, errors=mistakes)


def id_or(missing: type[NotFound], text: str) -> UUID:
    """Raises `missing`: something that is no id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise missing from None
