"""The body of `override`: one step of the API for both that can be passed over, a need or whose step something is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter

from app.http.protocol.body import parse
from app.http.protocol.problems import Problem
from domain.complaint.commands import Command, OverrideNeed, TakeInEmergency
from domain.errors import NeedOrStep, UnknownStep
from domain.values import Slug, Text


@dataclass(frozen=True)
class Override:
    """`need`: what the procedure lets be set aside; it may be left out where one alone is missing.

    Or, for an administrator in an emergency (紧急代办): `step`, taken in the place of those whose step it is, with
    its own `body`. Its state, its needs, recusal and money are not passed over. It is told to the auditor, and to those
    in whose place it was taken.
    """

    reason: Text
    need: Slug | None = None
    step: Slug | None = None
    body: dict[str, Any] | None = None


def as_command(override: Override, bodies: Mapping[str, TypeAdapter[Any]]) -> Command:
    """What is asked of the complaint. Raises 422, each mistake of the step's body with its place."""
    if override.step is None:
        if override.body is not None:
            raise NeedOrStep("/body")
        return OverrideNeed(override.reason, override.need)
    if override.need is not None:
        raise NeedOrStep("/need")
    body = bodies.get(override.step)
    if body is None:
        raise UnknownStep("/step", near=tuple(get_close_matches(override.step, bodies)) or None)
    if override.step == "override":
        raise NeedOrStep("/step")
    try:
        return TakeInEmergency(override.reason, parse(json.dumps(override.body or {}).encode(), body))
    except Problem as refused:
        raise refused.within("/body") from None
