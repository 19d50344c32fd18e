"""Structured logs: one JSON object a line on standard error, with time, level and the request's id."""

import logging
import sys
from typing import Any, Final

import msgspec
import structlog

OWN: Final = frozenset({"app", "domain", "procedures", "migrations"})


def configure(level: str) -> None:
    """Set up structlog and route the few lines that libraries log through the standard library to warnings only."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_encoded),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_NamesOnly())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _NamesOnly(logging.Formatter):
    """A library's line without its message, which may quote data; only our own errors speak for themselves."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"level": record.levelname.lower(), "event": "library", "logger": record.name}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            facts["error"] = type(error).__name__
            if type(error).__module__.partition(".")[0] in OWN:
                facts["message"] = str(error)
        return msgspec.json.encode(facts).decode()


def _encoded(event: dict[str, Any], **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
