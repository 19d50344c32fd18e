"""What a reader may do next, ready to be shown as a form: each step with its titles, its fields and its address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import TypeAdapter

from domain.procedure.procedure import Procedure
from domain.titles import Title
from wording.fields import FIELDS
from wording.subjects import title


@dataclass(frozen=True)
class StepLink:
    """Where the step is taken."""

    href: str
    method: Literal["POST"] = "POST"


@dataclass(frozen=True)
class Choice:
    """One of the values that a procedure lists for a field."""

    code: str
    titles: Title


@dataclass(frozen=True)
class StepForm:
    """One allowed step. `fields` is the JSON Schema of its body, whole; each field in it has `titles` in zh and en.

    What the procedure itself lists for a field stands there as `choices`, each with its code and titles: with `enum`
    where no others are taken, with `examples` where they are only offered.
    """

    code: str
    titles: Title
    fields: dict[str, Any]
    link: StepLink


@dataclass(frozen=True)
class StepForms:
    """The forms of an aggregate's steps. `bodies`: what reads the body of each step."""

    path: str
    bodies: Mapping[str, TypeAdapter[Any]]

    def of(self, id: object, steps: Iterable[str], procedure: Procedure | None) -> list[StepForm]:
        """In the order of the steps."""
        return [
            StepForm(
                step, title("steps", step), _with_choices(_fields(self.bodies[step]), procedure),
                StepLink(f"{self.path}/{id}/{step}"),
            )
            for step in steps
        ]  # fmt: skip


@lru_cache(maxsize=256)
def _fields(body: TypeAdapter[Any]) -> dict[str, Any]:
    schema = body.json_schema()
    whole: dict[str, Any] = _whole(schema, schema.pop("$defs", {}))
    return whole


def _with_choices(schema: dict[str, Any], procedure: Procedure | None) -> dict[str, Any]:
    """A schema with the procedure's issue points where one is asked for."""
    if procedure is None or not procedure.issue_points or "issue_point" not in schema.get("properties", {}):
        return schema
    codes = list(procedure.issue_points)
    listed = {"examples": codes} if procedure.unlisted_issue_points_allowed else {"enum": [*codes, None]}
    choices = [Choice(code, point.title) for code, point in procedure.issue_points.items()]
    asked = {**schema["properties"]["issue_point"], **listed, "choices": choices}
    return {**schema, "properties": {**schema["properties"], "issue_point": asked}}


def _whole(part: Any, shared: Mapping[str, Any]) -> Any:
    """A schema with what it refers to in its place, and titles in place of those that are made of the names."""
    if isinstance(part, list):
        return [_whole(one, shared) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _whole(shared[part["$ref"].rpartition("/")[2]], shared)
    found = {key: _whole(value, shared) for key, value in part.items() if key not in ("title", "properties")}
    if "properties" in part:
        found["properties"] = {
            name: {"titles": FIELDS.get(name) or Title(name, name), **_whole(value, shared)}
            for name, value in part["properties"].items()
        }
    return found
