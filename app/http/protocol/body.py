"""Request bodies: read within a limit, parsed strictly, validated into a command.

What JSON allows and this service does not: duplicate names in an object, NaN, U+0000 (PostgreSQL text cannot hold it),
lone surrogates (not encodable), numbers that 64 bits cannot hold (they would come back as others), and more than 100
levels.
"""

import asyncio
import json
import math
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from app.commands.shapes import adapter_of as adapter_of
from app.commands.shapes import as_written
from app.http.protocol.amounts import misspelt_amounts
from app.http.protocol.problems import Problem, Wrong, what_is_wrong

BODY_LIMIT: Final = 1_000_000
BODY_SECONDS: Final = 30.0
DEPTH_LIMIT: Final = 100
T = TypeVar("T")
# What may be wrong with a value shows in the text: an escape of U+0000 or of a surrogate, a long or a huge number.
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})|[0-9]{19}|[eE]\+?[0-9]{3}")


async def read_body(request: Request, within: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises as `read_raw_body`, and 415 for anything that is not plain JSON."""
    body = await read_raw_body(request, within)
    if body:
        _check_media_type(request)
    return body


async def read_raw_body(request: Request, within: float = BODY_SECONDS) -> bytes:
    """The whole body of whatever kind, which has so many seconds to arrive.

    Raises 413 beyond the limit, 408 when it takes too long, 400 when it breaks off.
    """
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdecimal() and (len(declared) > 12 or int(declared) > BODY_LIMIT):
        raise _too_large()
    try:
        async with asyncio.timeout(within):
            return await _whole_body(request)
    except ClientDisconnect:
        raise Problem(400, "incomplete-body") from None
    except TimeoutError:
        raise Problem(408, "body-too-slow", {"seconds": f"{within:g}"}, headers={"Connection": "close"}) from None


async def _whole_body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise _too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type != "application/json" or encoding != "identity":
        raise Problem(415, "not-json")


def parse(body: bytes, adapter: TypeAdapter[T]) -> T:
    """A body as a command. Raises 400 where it is not JSON, 422 where it is not valid, each mistake with its place."""
    text, value = checked_json(body or b"{}")
    misspelt = misspelt_amounts(text, adapter)
    try:
        command = adapter.validate_json(text, strict=True)
    except ValidationError as error:
        misspelt = [*misspelt, *error.errors(include_url=False, include_input=False)]
    if misspelt:
        raise Problem(422, "invalid-body", wrong=_wrong(misspelt, value))
    return command


def given(body: bytes, command: Any) -> dict[str, Any]:
    """The fields of a parsed body that were given: null is another thing than what was left out."""
    names = json.loads(body or b"{}")
    return {one.name: getattr(command, one.name) for one in fields(command) if as_written(one.name) in names}


def checked_json(body: bytes) -> tuple[str, Any]:
    """Refuses what JSON parsers pass over in silence; the text itself is parsed once more by the validator."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _malformed(encoding=True) from None
    except RecursionError:
        raise _malformed(depth=True) from None
    except json.JSONDecodeError as error:
        raise _malformed(line=error.lineno, column=error.colno) from None
    except ValueError:  # a number of thousands of digits
        raise _malformed(digits=True) from None
    if text.count("[") + text.count("{") > DEPTH_LIMIT:
        _check_depth(value, DEPTH_LIMIT)
    if _SUSPICIOUS.search(text):
        _check_values(value, "")
    return text, value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed(twice=True)
    return found


def _no_constant(name: str) -> Any:
    raise _malformed(constant=name)


def _check_depth(value: Any, left: int) -> None:
    if left == 0:
        raise _malformed(depth=True)
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _check_depth(child, left - 1)


def _check_values(value: Any, pointer: str) -> None:
    if isinstance(value, dict):
        for name, child in value.items():
            _check_values(name, pointer)
            _check_values(child, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _check_values(child, f"{pointer}/{index}")
    elif isinstance(value, str) and ("\0" in value or not _is_encodable(value)):
        raise _cannot_be_kept(pointer, "not-storable")
    elif isinstance(value, int | float) and not -(2**63) <= value < 2**63 and not _is_exact(value):
        raise _cannot_be_kept(pointer, "too-large")


def _is_exact(value: float) -> bool:
    """A whole number keeps its digits up to 64 bits only; one with an exponent is approximate from the start."""
    return isinstance(value, float) and math.isfinite(value)


def _cannot_be_kept(pointer: str, kind: str) -> Problem:
    return Problem(422, "invalid-body", wrong=[Wrong(pointer, kind)])


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _wrong(mistakes: Iterable[Any], value: Any) -> list[Wrong]:
    """Pointer and kind of each mistake."""
    wrong: dict[str, Wrong] = {}
    for found in mistakes:
        place = _place(found["loc"], value, missing=found["type"] == "missing")
        pointer = "".join(f"/{_escaped(part)}" for part in place)
        if found["type"] == "too_short" and any(inner.startswith(f"{pointer}/") for inner in wrong):
            continue  # too short only without its invalid items
        several = len(place) < len(found["loc"]) and found["loc"][-1] != "[key]"
        wrong.setdefault(pointer, Wrong(pointer, *(("several-kinds", {}) if several else what_is_wrong(found))))
    return list(wrong.values())[:20]


def _place(found: tuple[int | str, ...], value: Any, *, missing: bool) -> tuple[int | str, ...]:
    """The part of the validator's location that is in the body; what follows names a branch of a union, or a key."""
    for index, part in enumerate(found):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return found if missing and index == len(found) - 1 else found[:index]
    return found


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")[:100]


def _malformed(**facts: object) -> Problem:
    return Problem(400, "malformed-json", facts)


def _too_large() -> Problem:
    return Problem(413, "too-large", {"bytes": BODY_LIMIT})
