"""周报、月报: whom the report of a period tells."""

from collections.abc import Iterable
from typing import Final

from domain.notices.notices import Addressee, Notice
from domain.reporting.reports import PeriodReported

NOTIFYING: Final = (PeriodReported,)


def notices_of(event: PeriodReported) -> tuple[Notice, ...]:
    """Who is to be told, each once: those who hear of a rise first, then those who get every report."""
    roles: Iterable[str] = dict.fromkeys((*event.rise_told, *event.told))
    return tuple(Notice(Addressee("role", role)) for role in roles)


def number_of(event: PeriodReported) -> str:
    """What the report is called: the procedure and its period, as in `COURIER-2026-03`."""
    return f"{event.procedure.upper()}-{event.period}"
