"""Answers as JSON: plain dataclasses, encoded by msgspec."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import Response

from app.queries.complaints import Shown

REPLAYED: Final = {"Idempotency-Replayed": "true"}
_encoder = msgspec.json.Encoder()


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, replayed: bool = False
) -> Response:
    """`content` may hold dataclasses, datetimes (UTC becomes `Z`), UUIDs and plain JSON values."""
    sent = dict(headers) if headers else {}
    if replayed:
        sent |= REPLAYED
    return Response(_encoder.encode(content), status, sent, media_type="application/json")


def shown_response(
    shown: Shown, status: int = 200, headers: Mapping[str, str] | None = None, *, replayed: bool = False
) -> Response:
    """One complaint or incident, with its version as `ETag`."""
    own = {"ETag": f'"{shown.version}"', "Redress-Position": str(shown.position), **(headers or {})}
    return json_response(shown.content, status, own, replayed=replayed)
