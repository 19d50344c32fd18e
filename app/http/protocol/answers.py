"""Answers as JSON: plain dataclasses, encoded by msgspec."""

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Response

_encoder = msgspec.json.Encoder()


def json_response(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`content` may hold dataclasses, datetimes (UTC becomes `Z`), UUIDs and plain JSON values."""
    return Response(_encoder.encode(content), status, dict(headers) if headers else None, media_type="application/json")
