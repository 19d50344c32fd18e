"""Answers as JSON: plain dataclasses, encoded by msgspec."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, make_dataclass, replace
from typing import Any, Final, Literal

import msgspec
from fastapi import Response

from app.http.protocol.chosen import with_fields
from app.queries.complaint_view import ComplaintView
from app.queries.complaints import Shown
from app.queries.incident_view import IncidentView
from app.queries.step_forms import StepForm, StepForms

Expansion = Literal["steps"]
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


def with_steps(view: type[Any]) -> type[Any]:
    """What a view is called in the description that has the forms of its steps."""
    name = f"{view.__name__.removesuffix('View')}WithSteps"
    return make_dataclass(name, [("steps", list[StepForm])], bases=(view,), namespace={"__doc__": view.__doc__})


def one_response(
    shown: Shown, headers: Mapping[str, str], *, chosen: Sequence[str] = (), forms: StepForms | None = None
) -> Response:
    """As `shown_response`, with these fields alone, and with the forms of the steps that may be taken.

    A receipt has no steps.
    """
    content = shown.content
    facts = with_fields(content, chosen or [one.name for one in fields(content)])
    if forms is not None and isinstance(content, ComplaintView | IncidentView):
        facts["steps"] = forms.of(content.id, content.allowed, shown.procedure)
    return shown_response(replace(shown, content=facts), headers=headers)


def shown_response(
    shown: Shown, status: int = 200, headers: Mapping[str, str] | None = None, *, replayed: bool = False
) -> Response:
    """One complaint or incident, with its version as `ETag`."""
    own = {"ETag": f'"{shown.version}"', "Redress-Position": str(shown.position), **(headers or {})}
    return json_response(shown.content, status, own, replayed=replayed)
