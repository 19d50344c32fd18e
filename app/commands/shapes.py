"""The shapes of commands as they are written: what a body may hold, whichever door it came in by."""

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import CoreSchema, SchemaValidator

from app.commands.written import strictly_written

T = TypeVar("T")


def adapter_of(shape: type[T]) -> TypeAdapter[T]:
    """A validator for a command's dataclass that takes no unknown fields; made once in a process."""
    of_any: Any = shape
    return _adapter(of_any)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    if not hasattr(shape, "__pydantic_config__"):
        shape.__pydantic_config__ = ConfigDict(extra="forbid", alias_generator=as_written)
    adapter: TypeAdapter[Any] = TypeAdapter(shape)
    adapter.validator = SchemaValidator(cast(CoreSchema, strictly_written(adapter.core_schema)))
    return adapter


def as_written(name: str) -> str:
    """How a field is written in a body: `from`, which no field of a dataclass can be called."""
    return name.rstrip("_")
