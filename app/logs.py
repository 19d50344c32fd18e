"""Structured logs: one JSON object a line on standard error, with time, level and the request's id."""

import logging
import sys
from typing import Any, Final

import asyncpg
import msgspec
import structlog

OWN: Final = frozenset({"app", "domain", "procedures", "migrations"})
LOST: Final = (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, OSError)


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
    logging.getLogger("asyncio").addFilter(is_of_interest)


def is_of_interest(record: logging.LogRecord) -> bool:
    """False for a connection that was lost after whoever opened it had given it up.

    asyncpg leaves the future of such an attempt behind, and asyncio speaks of it as of an error of the program; that
    the storage is away is told by those who need it.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, LOST) and "never retrieved" in record.getMessage())


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
