"""How times, days and money are written: the one spelling that everybody reads alike.

The validator's library takes more: digits for a time since 1970, underscores and full-width digits for money.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, LiteralString

from pydantic_core import PydanticCustomError

TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WHOLE: Final = re.compile(r"0|-?[1-9]\d*", re.ASCII)
MONEY: Final = re.compile(r"(?!-0(\.0+)?$)-?(0|[1-9]\d*)(\.\d{1,2})?", re.ASCII)
_LOST_PLUS: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?) (\d\d:\d\d)", re.ASCII)
_NO_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?", re.ASCII)


def misspelt(kind: LiteralString, **facts: str) -> PydanticCustomError:
    """What a validator raises of a value; its words, which name the facts, are in wording/mistakes.py."""
    return PydanticCustomError(kind, kind, facts or None)


def as_time(text: Any) -> datetime:
    """An RFC 3339 time with its offset; nothing else is one."""
    if not isinstance(text, str):
        raise misspelt("datetime_type")
    if TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise misspelt("time-misspelt") from None
    if _LOST_PLUS.fullmatch(text):
        raise misspelt("time-lost-plus")
    if _NO_OFFSET.fullmatch(text):
        raise misspelt("time-without-offset")
    raise misspelt("time-misspelt")


def as_day(text: Any) -> date:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise misspelt("day-misspelt")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise misspelt("day-misspelt") from None


def as_whole(given: Any) -> Any:
    """A whole number in digits alone."""
    if isinstance(given, str) and not WHOLE.fullmatch(given):
        raise misspelt("int_parsing")
    return given


def as_money(given: Any) -> Decimal:
    """A text of digits with a point, or a JSON number, whose spelling amounts.py looks at."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise misspelt("decimal_type")
    if isinstance(given, str) and not MONEY.fullmatch(given):
        raise misspelt("money-misspelt")
    return Decimal(str(given))


WRITTEN: Final[dict[str, Callable[[Any], Any]]] = {"datetime": as_time, "date": as_day, "decimal": as_money}


def strictly_written(schema: Any) -> Any:
    """A validator's schema in which every time, day and amount is written as above, wherever it stands."""
    if isinstance(schema, list):
        return [strictly_written(part) for part in schema]
    if isinstance(schema, tuple):
        return tuple(strictly_written(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    inner = {name: part if name in {"metadata", "serialization"} else strictly_written(part)
             for name, part in schema.items()}  # fmt: skip
    check = WRITTEN.get(inner.get("type", "")) if isinstance(inner.get("type"), str) else None
    if check is None:
        return inner
    return {"type": "function-before", "function": {"type": "no-info", "function": check}, "schema": inner}
