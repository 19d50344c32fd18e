"""Amounts written as JSON numbers, held to the spelling of those in quotes.

A parser of numbers keeps no spelling: 1e2, 100.000 and 100 are one to it. So where a body has a number that is spelled
so, it is read once more with these numbers in quotes, and each that stands for an amount is refused there.
"""

import json
import re
from functools import partial
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

# An exponent, a zero below zero, a third place.
_ODD: Final = re.compile(r"[0-9][eE]|-0(?![0-9]*\.[0-9]*[1-9])|\.[0-9]{3}")


def misspelt_amounts(text: str, adapter: TypeAdapter[Any]) -> list[Any]:
    """The validator's mistakes of amounts in a body that is JSON; none where every number is spelled as it should."""
    if not _ODD.search(text):
        return []
    quoted = json.dumps(json.loads(text, parse_int=partial(_quoted, int), parse_float=partial(_quoted, float)))
    try:
        adapter.validate_json(quoted, strict=True)
    except ValidationError as error:
        return [one for one in error.errors(include_url=False, include_input=False) if one["type"] == "money-misspelt"]
    return []


def _quoted(number: type[int] | type[float], text: str) -> Any:
    return text if _ODD.search(text) else number(text)
